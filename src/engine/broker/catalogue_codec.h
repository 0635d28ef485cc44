#pragma once
// Frames of the catalogue journal as bytes. Format: docs/formats/topic-catalogue.md.
#include <optional>

#include "base/bytes.h"
#include "engine/broker/catalogue_journal.h"

namespace myelin::engine::broker {

inline constexpr std::size_t kFrameHeaderSize = 8;  // length and CRC-32C of the body
inline constexpr std::size_t kFrameBodyMax = 64U << 20;

// Header and body.
[[nodiscard]] ByteBuffer encode_frame(const CatalogueFrame& frame);

struct DecodedFrame {
  CatalogueFrame frame;
  std::size_t size;  // header and body
};
// The frame at the start of `bytes`; nullopt when none with a valid checksum and known entries begins there.
[[nodiscard]] std::optional<DecodedFrame> decode_frame(ByteSpan bytes);

}  // namespace myelin::engine::broker
