// Documents of a model: whatever the bytes are, parsing ends within its limits, and what was parsed can be loaded.
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/check.h"
#include "document/json_writer.h"
#include "document/parse.h"
#include "model/load.h"

// libfyaml 0.7.12 loses a buffer of at most the scalar's size when a single-quoted one has many doubled quotes. Models
// are read at start, so the loss is bounded by their size.
extern "C" const char* __lsan_default_suppressions() { return "leak:libfyaml"; }

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace myelin;
  if (size == 0) return 0;
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  // The first byte chooses the reader.
  static const char* const kFiles[] = {"org/a.yaml",    "contracts/a.odcs.yaml", "products/a.odps.yaml",
                                       "grants/a.yaml", "myelin/a.yaml",         "json"};
  const char* file = kFiles[data[0] % std::size(kFiles)];
  if (std::string_view(file) != "json") {
    static_cast<void>(model::load({{file, text}}));
    return 0;
  }
  const auto node = document::parse_json(text);
  if (!node) return 0;
  const std::string canonical = document::json(*node);
  const auto again = document::parse_json(canonical);
  CHECK(again.has_value() && document::json(*again) == canonical);
  return 0;
}
