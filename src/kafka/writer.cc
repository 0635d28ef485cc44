#include "kafka/writer.h"

#include <algorithm>
#include <bit>

#include "base/check.h"

namespace myelin::kafka {
namespace {
// Below this, copying record bytes is cheaper than one more piece in the chain.
constexpr std::size_t kCopyMax = 512;
}  // namespace

Writer::Writer(std::size_t expected_bytes)
    : buffer_(std::make_unique_for_overwrite<std::byte[]>(expected_bytes)), capacity_(expected_bytes) {}

void Writer::grow(std::size_t bytes) {
  const auto capacity = std::max({capacity_ * 2, used_ + bytes, std::size_t{256}});
  auto larger = std::make_unique_for_overwrite<std::byte[]>(capacity);
  if (used_ > 0) std::memcpy(larger.get(), buffer_.get(), used_);
  buffer_ = std::move(larger);
  capacity_ = capacity;
}

void Writer::float64(double value) { integer(std::bit_cast<std::uint64_t>(value)); }

void Writer::length(std::size_t size, bool flexible) {
  CHECK(size <= INT32_MAX);
  if (flexible) {
    unsigned_varint(static_cast<std::uint32_t>(size) + 1);
  } else {
    int32(static_cast<std::int32_t>(size));
  }
}

void Writer::string(std::string_view value, bool flexible) {
  value = value.substr(0, Reader::kStringBytesMax);
  if (flexible) {
    unsigned_varint(static_cast<std::uint32_t>(value.size()) + 1);
  } else {
    int16(static_cast<std::int16_t>(value.size()));
  }
  raw(as_bytes(value));
}

void Writer::nullable_string(const std::optional<std::string>& value, bool flexible) {
  if (value) {
    string(*value, flexible);
  } else if (flexible) {
    unsigned_varint(0);
  } else {
    int16(-1);
  }
}

void Writer::bytes(const SharedBytes& value, bool flexible) {
  length(value.size(), flexible);
  raw(value.view());
}

void Writer::nullable_bytes(const std::optional<SharedBytes>& value, bool flexible) {
  if (value) {
    bytes(*value, flexible);
  } else {
    null_array(flexible);
  }
}

void Writer::records(const std::optional<Payload>& value, bool flexible) {
  if (!value) {
    null_array(flexible);
    return;
  }
  const auto size = payload_size(*value);
  length(size, flexible);
  const auto* shared = std::get_if<SharedBytes>(&*value);
  if (shared != nullptr && size <= kCopyMax) {
    raw(shared->view());
  } else if (size > 0) {
    splices_.push_back({used_, *value});
    spliced_bytes_ += size;
  }
}

void Writer::array(std::size_t count, bool flexible) { length(count, flexible); }

void Writer::null_array(bool flexible) {
  if (flexible) {
    unsigned_varint(0);
  } else {
    int32(-1);
  }
}

std::size_t Writer::begin_tag(std::uint32_t tag) {
  unsigned_varint(tag);
  return used_;
}

void Writer::end_tag(std::size_t begun) {
  CHECK(splices_.empty() || splices_.back().at <= begun);
  std::byte encoded[kVarint32SizeMax];
  const auto value_bytes = used_ - begun;
  const auto length_bytes = encode_unsigned_varint(encoded, static_cast<std::uint32_t>(value_bytes));
  room(length_bytes);
  std::memmove(buffer_.get() + begun + length_bytes, buffer_.get() + begun, value_bytes);
  std::memcpy(buffer_.get() + begun, encoded, length_bytes);
  used_ += length_bytes;
}

std::size_t Writer::unknown_tags_below(const std::vector<UnknownTag>& tags, std::size_t next, std::uint64_t limit) {
  for (; next < tags.size() && tags[next].tag < limit; ++next) {
    unsigned_varint(tags[next].tag);
    unsigned_varint(static_cast<std::uint32_t>(tags[next].value.size()));
    raw(tags[next].value.view());
  }
  return next;
}

void Writer::unknown_tags(const std::vector<UnknownTag>& tags) {
  unsigned_varint(static_cast<std::uint32_t>(tags.size()));
  for (const auto& tag : tags) {
    unsigned_varint(tag.tag);
    unsigned_varint(static_cast<std::uint32_t>(tag.value.size()));
    raw(tag.value.view());
  }
}

PayloadChain Writer::finish() {
  const auto size = used_;
  const auto* start = buffer_.get();
  const SharedBytes written(std::shared_ptr<const void>(std::shared_ptr<std::byte[]>(std::move(buffer_))),
                            ByteSpan(start, size));
  PayloadChain chain;
  chain.reserve(splices_.size() * 2 + 1);
  std::size_t from = 0;
  for (auto& splice : splices_) {
    if (splice.at > from) chain.emplace_back(written.slice(from, splice.at - from));
    from = splice.at;
    chain.push_back(std::move(splice.payload));
  }
  if (size > from) chain.emplace_back(written.slice(from, size - from));
  *this = Writer(0);
  return chain;
}

ByteBuffer Writer::finish_flat() {
  ByteBuffer flat;
  flat.reserve(size());
  for (const auto& piece : finish()) {
    const auto view = std::get<SharedBytes>(piece).view();
    flat.insert(flat.end(), view.begin(), view.end());
  }
  return flat;
}

}  // namespace myelin::kafka
