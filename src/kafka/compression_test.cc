#include "kafka/compression.h"

#include <gtest/gtest.h>

#include "base/hex_testing.h"

namespace myelin::kafka {
namespace {

constexpr Compression kCodecs[] = {Compression::Gzip, Compression::Snappy, Compression::Lz4, Compression::Zstd};

std::string plain(Compression codec, std::string_view hex) {
  const auto bytes = decompress(codec, from_hex(hex));
  EXPECT_TRUE(bytes.has_value()) << bytes.error().message;
  return bytes ? std::string(as_text(*bytes)) : std::string();
}

Code code_of_failure(Compression codec, ByteSpan compressed, std::size_t output_max = kDecompressedMax) {
  const auto bytes = decompress(codec, compressed, output_max);
  EXPECT_FALSE(bytes.has_value());
  return bytes ? Code::Invalid : bytes.error().code;
}

TEST(Gzip, ReadsSeveralMembers) {
  // gzip.compress(a, mtime=0) + gzip.compress(b, mtime=0) in Python
  EXPECT_EQ(plain(Compression::Gzip,
                  "1f8b08000000000002034bcb2c2a2e51c84dcd4d4a2dd25148c3c303008f381c632a000000"
                  "1f8b08000000000002032b4e4dcecf4b51c84dcd4d4a2d02002474fa9f0d000000"),
            "first member, first member, first member, second member");
}

TEST(Snappy, ReadsTheRawFormat) { EXPECT_EQ(plain(Compression::Snappy, "05 10 68656c6c6f"), "hello"); }

TEST(Snappy, ReadsXerialBlocks) {
  // magic, versions 1 and 1, a block of "hello", a block of "!"
  EXPECT_EQ(
      plain(Compression::Snappy, "82534e4150505900 00000001 00000001 00000007 05 10 68656c6c6f 00000003 01 00 21"),
      "hello!");
}

TEST(Snappy, RefusesALengthThatItsInputCannotGive) {
  EXPECT_EQ(code_of_failure(Compression::Snappy, from_hex("80808001 00 61")), Code::Corrupt);
  EXPECT_EQ(code_of_failure(Compression::Snappy, from_hex("ffffffff0f 00 61")), Code::TooLarge);
  EXPECT_EQ(code_of_failure(Compression::Snappy, from_hex("82534e4150505900 00000001 00000001 7fffffff 05")),
            Code::Corrupt);
}

TEST(Lz4, ReadsFramesOfTheCommandLineTool) {
  constexpr std::string_view kText = "stock 1, stock 2, stock 3, stock 4, stock 5";
  // lz4 -BD; lz4 --content-size -BX
  EXPECT_EQ(
      plain(Compression::Lz4,
            "04224d186440a71f0000009273746f636b20312c2009001432090014330900a0342c2073746f636b203500000000e8d16cd3"),
      kText);
  EXPECT_EQ(plain(Compression::Lz4,
                  "04224d187c402b00000000000000a91f0000009273746f636b20312c2009001432090014330900a0342c2073746f636b2035"
                  "0db2becb00000000e8d16cd3"),
            kText);
}

TEST(Zstd, ReadsFramesOfTheCommandLineTool) {
  // without content size; two frames
  EXPECT_EQ(plain(Compression::Zstd, "28b52ffd0458c500006873746f636b20312c203233343504008008200708e350e4613c7738"),
            "stock 1, stock 2, stock 3, stock 4, stock 5");
  EXPECT_EQ(plain(Compression::Zstd, "28b52ffd04582100006f6e652029923fd728b52ffd045819000074776f8b44f4ec"), "one two");
}

TEST(EveryCodec, GivesBackWhatItCompressed) {
  std::string text;
  for (int index = 0; index < 50'000; ++index) text += fmt::format("record {}\n", index * 7919 % 50'000);
  for (const auto codec : kCodecs) {
    for (const auto size : {std::size_t{0}, std::size_t{1}, std::size_t{65'536}, text.size()}) {
      const auto compressed = compress(codec, as_bytes(text).first(size));
      ASSERT_TRUE(compressed.has_value());
      const auto again = decompress(codec, *compressed);
      ASSERT_TRUE(again.has_value()) << name_of(codec) << " " << size << ": " << again.error().message;
      EXPECT_EQ(as_text(*again), std::string_view(text).substr(0, size)) << name_of(codec);
    }
  }
}

TEST(EveryCodec, StopsABombAtTheCap) {
  const ByteBuffer zeros(8 << 20);
  for (const auto codec : kCodecs) {
    const auto compressed = compress(codec, zeros);
    ASSERT_TRUE(compressed.has_value());
    EXPECT_EQ(code_of_failure(codec, *compressed, zeros.size() - 1), Code::TooLarge) << name_of(codec);
    EXPECT_TRUE(decompress(codec, *compressed, zeros.size()).has_value()) << name_of(codec);
  }
}

TEST(EveryCodec, RefusesWhatEndsEarly) {
  const auto text = as_bytes("some text that is long enough to be compressed, compressed, compressed");
  for (const auto codec : kCodecs) {
    const auto compressed = compress(codec, text);
    for (std::size_t size = 0; size < compressed->size(); ++size) {
      // The xerial header alone is a whole, empty stream.
      if (codec == Compression::Snappy && size == 16) continue;
      EXPECT_EQ(code_of_failure(codec, ByteSpan(*compressed).first(size)), Code::Corrupt) << name_of(codec) << size;
    }
  }
}

TEST(EveryCodec, SurvivesDamage) {
  const auto text = as_bytes("some text that is long enough to be compressed, compressed, compressed");
  for (const auto codec : kCodecs) {
    const auto compressed = compress(codec, text);
    for (std::size_t at = 0; at < compressed->size(); ++at) {
      auto damaged = *compressed;
      damaged[at] ^= std::byte{0x41};
      (void)decompress(codec, damaged, 1 << 20).has_value();
    }
  }
}

TEST(AnUnknownCodec, IsUnsupported) { EXPECT_EQ(code_of_failure(static_cast<Compression>(5), {}), Code::Unsupported); }

}  // namespace
}  // namespace myelin::kafka
