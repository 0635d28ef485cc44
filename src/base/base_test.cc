#include <gtest/gtest.h>

#include <map>
#include <string>

#include "base/base64.h"
#include "base/bytes.h"
#include "base/crc32c.h"
#include "base/uuid.h"
#include "base/varint.h"

namespace myelin {
namespace {

TEST(Crc32c, MatchesTheCheckValueOfTheCatalogue) {
  // "123456789" is the check string of every CRC catalogue; CRC-32C (iSCSI) answers 0xe3069283.
  EXPECT_EQ(crc32c(as_bytes("123456789")), 0xe3069283u);
}

TEST(Crc32c, ContinuesFromASeed) { EXPECT_EQ(crc32c(as_bytes("6789"), crc32c(as_bytes("12345"))), 0xe3069283u); }

// Values of RFC 4648, section 10.
TEST(Base64, KnowsTheExamplesOfItsRfc) {
  const std::map<std::string, std::string> examples{{"", ""},
                                                    {"f", "Zg=="},
                                                    {"fo", "Zm8="},
                                                    {"foo", "Zm9v"},
                                                    {"foob", "Zm9vYg=="},
                                                    {"fooba", "Zm9vYmE="},
                                                    {"foobar", "Zm9vYmFy"},
                                                    {"\xfb\xff\xfe", "+//+"}};
  for (const auto& [bytes, text] : examples) {
    EXPECT_EQ(base64_encode(bytes), text);
    EXPECT_EQ(base64_decode(text), bytes);
  }
}

TEST(Base64, HasOneSpellingPerValue) {
  for (const char* spelling :
       {"Zh==", "Zm9=", " Zg==   ", "Zg==\n\n\n\n", "Zg=", "Zg", "Z===", "====", "Zg==Zg==", "Zm-v", "Zm\xc3v"}) {
    EXPECT_EQ(base64_decode(spelling), std::nullopt) << spelling;
  }
}

TEST(Varint, KnowsTheExamplesOfTheProtobufGuide) {
  const ByteBuffer encoded{std::byte{0xac}, std::byte{0x02}};
  const auto decoded = decode_unsigned_varint<std::uint32_t>(encoded);
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->value, 300u);
  EXPECT_EQ(decoded->size, 2u);
}

TEST(Varint, RefusesNumbersThatDoNotFit) {
  const ByteBuffer five_full(5, std::byte{0xff});
  EXPECT_FALSE(decode_unsigned_varint<std::uint32_t>(five_full));
  const ByteBuffer too_high{std::byte{0xff}, std::byte{0xff}, std::byte{0xff}, std::byte{0xff}, std::byte{0x1f}};
  EXPECT_FALSE(decode_unsigned_varint<std::uint32_t>(too_high));
}

TEST(Varint, RefusesTruncatedNumbers) {
  const ByteBuffer cut{std::byte{0x80}};
  EXPECT_FALSE(decode_unsigned_varint<std::uint64_t>(cut));
  EXPECT_FALSE(decode_unsigned_varint<std::uint64_t>(ByteSpan{}));
}

TEST(Varint, ZigzagKeepsSmallNegativesSmall) {
  EXPECT_EQ(zigzag(std::int32_t{-1}), 1u);
  EXPECT_EQ(zigzag(std::int32_t{1}), 2u);
  EXPECT_EQ(unzigzag(zigzag(std::int64_t{INT64_MIN})), INT64_MIN);
  EXPECT_EQ(unzigzag(zigzag(std::int32_t{INT32_MAX})), INT32_MAX);
}

TEST(Varint, RoundTripsTheLargest) {
  std::byte buffer[kVarint64SizeMax];
  const auto size = encode_unsigned_varint(buffer, UINT64_MAX);
  EXPECT_EQ(size, kVarint64SizeMax);
  const auto decoded = decode_unsigned_varint<std::uint64_t>(ByteSpan(buffer, size));
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->value, UINT64_MAX);
}

TEST(UuidText, IsKafkasForm) {
  // 16 bytes 0x00..0x0f in unpadded URL-safe base64.
  Uuid id;
  for (std::size_t index = 0; index < 16; ++index) id.bytes[index] = static_cast<std::byte>(index);
  EXPECT_EQ(id.text(), "AAECAwQFBgcICQoLDA0ODw");
  const auto parsed = Uuid::parse("AAECAwQFBgcICQoLDA0ODw");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(*parsed, id);
}

TEST(UuidText, RefusesWhatIsNotAnId) {
  EXPECT_FALSE(Uuid::parse("short"));
  EXPECT_FALSE(Uuid::parse("AAECAwQFBgcICQoLDA0OD!"));
}

TEST(BigEndian, IsNetworkOrder) {
  std::byte buffer[4];
  store_big_endian(buffer, std::int32_t{0x01020304});
  EXPECT_EQ(std::to_integer<int>(buffer[0]), 1);
  EXPECT_EQ(load_big_endian<std::int32_t>(buffer), 0x01020304);
}

}  // namespace
}  // namespace myelin
