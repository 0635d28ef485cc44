#include "kafka/reader.h"

#include <gtest/gtest.h>

#include "base/hex_testing.h"
#include "kafka/messages.h"
#include "kafka/writer.h"

namespace myelin::kafka {
namespace {

Reader reader_of(std::string_view hex) { return Reader(SharedBytes(from_hex(hex))); }
constexpr Reader::Element kBigElement{.wire_bytes_min = 1, .memory_bytes = 1024};

TEST(Reader, ReadsIntegersBigEndian) {
  auto reader = reader_of("01 ff 0102 fffe 01020304 0102030405060708 3ff8000000000000");
  EXPECT_TRUE(reader.boolean("f"));
  EXPECT_EQ(reader.int8("f"), -1);
  EXPECT_EQ(reader.int16("f"), 0x0102);
  EXPECT_EQ(reader.uint16("f"), 0xfffe);
  EXPECT_EQ(reader.int32("f"), 0x01020304);
  EXPECT_EQ(reader.int64("f"), 0x0102030405060708);
  EXPECT_EQ(reader.float64("f"), 1.5);
  EXPECT_EQ(reader.left(), 0U);
  EXPECT_FALSE(reader.failed());
}

TEST(Reader, SticksToItsFirstProblem) {
  auto reader = reader_of("0102");
  EXPECT_EQ(reader.int32("first"), 0);
  EXPECT_EQ(reader.int16("second"), 0);
  EXPECT_EQ(reader.failure().error().message, "first: ends inside a number at byte 0 of 2");
}

TEST(Reader, ReplacesWhatIsNoUtf8) {
  EXPECT_EQ(reader_of("0006 61 c3a9 ff c3 62").string(false, "name"), "a\u00e9\ufffd\ufffdb");
  std::string longest(2 + 32'767, '\xff');
  longest[0] = '\x7f';
  Reader reader(SharedBytes::copy_of(as_bytes(longest)));
  EXPECT_EQ(reader.string(false, "name").size(), 32'766U) << "whole replacements of three bytes";
  EXPECT_EQ(reader.left(), 0U);
}

TEST(Reader, ChecksAStringsLengthBeforeReadingIt) {
  auto reader = reader_of("7fff 61");
  EXPECT_EQ(reader.string(false, "name"), "");
  EXPECT_EQ(reader.failure().error().message, "name: a length is larger than what is left at byte 2 of 3");
  reader = reader_of("fffe");
  EXPECT_FALSE(reader.nullable_string(false, "name").has_value());
  EXPECT_TRUE(reader.failed());
  reader = reader_of("ffffffff0f");
  EXPECT_EQ(reader.string(true, "name"), "");
  EXPECT_TRUE(reader.failed());
}

TEST(Reader, SharesTheFrameForBytes) {
  const SharedBytes frame(from_hex("03 cafe"));
  Reader reader(frame);
  const auto bytes = reader.bytes(true, "auth");
  EXPECT_EQ(bytes.view().data(), frame.view().data() + 1);
}

TEST(Reader, RefusesACountThatTheBytesLeftCannotHold) {
  auto reader = reader_of("00000003 0000");
  EXPECT_EQ(reader.array(false, {1, 1}, "list"), 0U);
  EXPECT_EQ(reader.failure().error().message, "list: more elements than the bytes left can hold at byte 4 of 6");
  reader = reader_of("7fffffff");
  EXPECT_EQ(reader.array(false, {4, 4}, "list"), 0U);
  EXPECT_TRUE(reader.failed());
}

TEST(Reader, BoundsTheMemoryOfOneMessage) {
  ByteBuffer bytes(4 + 100'000);
  store_big_endian<std::int32_t>(bytes.data(), 100'000);
  Reader reader{SharedBytes(std::move(bytes))};
  EXPECT_EQ(reader.array(false, kBigElement, "list"), 0U);
  EXPECT_EQ(reader.failure().error().message,
            "list: the message would take more than 64 MiB once decoded at byte 4 of 100004");
}

TEST(Reader, CountsUnknownTagsAgainstTheSameBound) {
  // Two million empty tags are 4 MB on the wire, but would be far more in memory.
  Writer writer;
  writer.unsigned_varint(2'000'000);
  for (int index = 0; index < 2'000'000; ++index) writer.uint16(0x7700);
  Reader reader{SharedBytes(writer.finish_flat())};
  std::vector<UnknownTag> tags;
  reader.unknown_tags(tags, "tags");
  EXPECT_TRUE(reader.failed());
  EXPECT_LE(tags.size() * sizeof(UnknownTag), Reader::kDecodedBytesMax);
}

TEST(Reader, RefusesAKnownTagOfTheWrongLength) {
  auto reader = reader_of("00 05 00000001 00");
  const auto tag = reader.tag("tag");
  EXPECT_EQ(reader.int32("leader"), 1);
  reader.end_known(tag, "leader");
  EXPECT_TRUE(reader.failed());
}

TEST(Writer, CutsAnOverlongStringRatherThanLyingAboutItsLength) {
  Writer writer;
  writer.string(std::string(40'000, 'x'), false);
  const auto bytes = writer.finish_flat();
  EXPECT_EQ(bytes.size(), 2U + 32'767U);
  EXPECT_EQ(to_hex(ByteSpan(bytes).first(2)), "7fff");
}

TEST(Writer, PutsALongTaggedValueBehindItsTwoByteLength) {
  Writer writer(0);
  const auto begun = writer.begin_tag(3);
  writer.string(std::string(200, 'y'), true);
  writer.end_tag(begun);
  const auto bytes = writer.finish_flat();
  EXPECT_EQ(to_hex(ByteSpan(bytes).first(6)), "03ca01c90179");
  EXPECT_EQ(bytes.size(), 1U + 2U + 202U);
}

TEST(Writer, IsEmptyOnceFinished) {
  Writer writer;
  writer.int32(1);
  (void)writer.finish();
  EXPECT_EQ(writer.size(), 0U);
  writer.int8(2);
  EXPECT_EQ(to_hex(writer.finish_flat()), "02");
  EXPECT_TRUE(writer.finish().empty());
}

}  // namespace
}  // namespace myelin::kafka
