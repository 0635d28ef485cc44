#pragma once
// DIR/state/import: that a data directory is being imported into, or was and has not been served since. Two lines:
// "cluster <id of the source>" and "state partial" or "state complete".
#include <optional>
#include <string>

#include "base/result.h"
#include "storage/file_system.h"

namespace myelin::transfer {

struct ImportMark {
  std::string cluster;
  bool is_complete = false;
  bool operator==(const ImportMark&) const = default;
};

[[nodiscard]] std::string mark_text(const ImportMark& mark);
[[nodiscard]] std::optional<ImportMark> parse_mark(std::string_view text);

// Nothing when the directory is not, or no longer, one of an import.
[[nodiscard]] Result<std::optional<ImportMark>> read_mark(storage::FileSystem& files,
                                                          const std::string& data_directory);
// Durable on return.
[[nodiscard]] Result<void> write_mark(storage::FileSystem& files, const std::string& data_directory,
                                      const ImportMark& mark);
// From here on the directory has a life of its own.
[[nodiscard]] Result<void> remove_mark(storage::FileSystem& files, const std::string& data_directory);

}  // namespace myelin::transfer
