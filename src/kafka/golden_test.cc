// Every described message in every version against bytes that Kafka's own classes wrote: see tools/golden.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "base/hex_testing.h"
#include "kafka/messages.h"

namespace myelin::kafka {
namespace {

struct Vector {
  ApiKey key{};
  bool is_request = false;
  std::int16_t version = 0;
  std::string kind;
  ByteBuffer bytes;

  [[nodiscard]] std::string text() const {
    return fmt::format("{} {} {} {}", api_name(key), is_request ? "request" : "response", version, kind);
  }
};

std::vector<Vector> load_vectors() {
  std::vector<Vector> vectors;
  const std::filesystem::path folder(MYELIN_SOURCE_DIR "/src/kafka/testdata/golden");
  for (const auto key : described_apis()) {
    std::string snake;
    for (const char letter : api_name(key)) {
      if (std::isupper(letter) != 0 && !snake.empty()) snake += '_';
      snake += static_cast<char>(std::tolower(letter));
    }
    std::ifstream file(folder / (snake + ".txt"));
    EXPECT_TRUE(file.is_open()) << "no golden vectors for " << snake;
    std::string line;
    while (std::getline(file, line)) {
      std::istringstream words(line);
      std::string side;
      Vector vector;
      vector.key = key;
      std::string hex;
      words >> side >> vector.version >> vector.kind >> hex;
      if (vector.kind == "fields") continue;
      vector.is_request = side == "request";
      vector.bytes = from_hex(hex);
      vectors.push_back(std::move(vector));
    }
  }
  return vectors;
}

const std::vector<Vector>& vectors() {
  static const auto loaded = load_vectors();
  return loaded;
}

// What encoding the decoded message gives, or why it could not be decoded.
Result<ByteBuffer> again(const Vector& vector, ByteSpan bytes) {
  Reader reader(SharedBytes::copy_of(bytes));
  Writer writer;
  if (vector.is_request) {
    const auto request = decode_request(vector.key, vector.version, reader);
    if (!request) return std::unexpected<Error>(request.error());
    EXPECT_EQ(key_of(*request), vector.key);
    encode_request(*request, vector.version, writer);
  } else {
    const auto response = decode_response(vector.key, vector.version, reader);
    if (!response) return std::unexpected<Error>(response.error());
    EXPECT_EQ(key_of(*response), vector.key);
    encode_response(*response, vector.version, writer);
  }
  EXPECT_EQ(reader.left(), 0U) << vector.text();
  return writer.finish_flat();
}

TEST(GoldenMessages, AreReadAndWrittenByteForByte) {
  for (const auto& vector : vectors()) {
    const auto bytes = again(vector, vector.bytes);
    ASSERT_TRUE(bytes.has_value()) << vector.text() << ": " << bytes.error().message;
    EXPECT_EQ(to_hex(*bytes), to_hex(vector.bytes)) << vector.text();
  }
}

TEST(GoldenMessages, CoverEveryDescribedVersionOnBothSides) {
  for (const auto key : described_apis()) {
    const auto range = described_range(key);
    ASSERT_TRUE(range.has_value());
    for (auto version = range->lowest; version <= range->highest; ++version) {
      for (const bool is_request : {true, false}) {
        EXPECT_TRUE(std::ranges::any_of(vectors(),
                                        [&](const Vector& vector) {
                                          return vector.key == key && vector.version == version &&
                                                 vector.is_request == is_request && vector.kind == "full";
                                        }))
            << api_name(key) << " " << version;
      }
    }
  }
}

TEST(GoldenMessages, AreRefusedWhenCutAnywhere) {
  for (const auto& vector : vectors()) {
    if (vector.kind != "full" && vector.kind != "tags") continue;
    for (std::size_t size = 0; size < vector.bytes.size(); ++size) {
      const auto bytes = again(vector, ByteSpan(vector.bytes).first(size));
      ASSERT_FALSE(bytes.has_value()) << vector.text() << " cut to " << size;
      ASSERT_EQ(bytes.error().code, Code::Corrupt);
    }
  }
}

TEST(GoldenMessages, AreReadOrRefusedWithAnyByteChanged) {
  for (const auto& vector : vectors()) {
    if (vector.kind != "full") continue;
    auto bytes = vector.bytes;
    for (auto& byte : bytes) {
      const auto right = byte;
      for (const auto wrong : {std::byte{0}, std::byte{0x7f}, std::byte{0xff}}) {
        byte = wrong;
        Reader reader{SharedBytes(ByteBuffer(bytes))};
        if (vector.is_request) {
          (void)decode_request(vector.key, vector.version, reader).has_value();
        } else {
          (void)decode_response(vector.key, vector.version, reader).has_value();
        }
      }
      byte = right;
    }
  }
}

TEST(GoldenMessages, RequestsOfDefaultsAreKafkasDefaults) {
  for (const auto& vector : vectors()) {
    if (!vector.is_request || vector.kind != "default") continue;
    Writer writer;
    switch (vector.key) {
      case ApiKey::Metadata:
        MetadataRequest().encode(writer, vector.version);
        break;
      case ApiKey::Fetch:
        FetchRequest().encode(writer, vector.version);
        break;
      case ApiKey::Produce:
        ProduceRequest().encode(writer, vector.version);
        break;
      case ApiKey::JoinGroup:
        JoinGroupRequest().encode(writer, vector.version);
        break;
      case ApiKey::OffsetFetch:
        OffsetFetchRequest().encode(writer, vector.version);
        break;
      case ApiKey::CreateTopics:
        CreateTopicsRequest().encode(writer, vector.version);
        break;
      case ApiKey::InitProducerId:
        InitProducerIdRequest().encode(writer, vector.version);
        break;
      default:
        continue;
    }
    EXPECT_EQ(to_hex(writer.finish_flat()), to_hex(vector.bytes)) << vector.text();
  }
}

}  // namespace
}  // namespace myelin::kafka
