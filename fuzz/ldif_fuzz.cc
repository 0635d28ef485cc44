// Exports of a directory: whatever the bytes are, reading ends, and what is wrong stands in the file.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/check.h"
#include "directory/export.h"
#include "directory/ldif.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace myelin;
  const document::Source file{"a.ldif", {reinterpret_cast<const char*>(data), size}};
  const auto lines = static_cast<std::uint32_t>(std::ranges::count(file.text, '\n')) + 1;
  const auto parsed = directory::parse_ldif(file);
  for (const auto& problem : parsed.problems) CHECK(problem.place.position.line <= lines);
  for (const auto& entry : parsed.entries) CHECK(entry.place.position.line <= lines);
  static_cast<void>(directory::read_export({file}, directory::Format::Ldif));
  return 0;
}
