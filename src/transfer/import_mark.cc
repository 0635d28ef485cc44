#include "transfer/import_mark.h"

namespace myelin::transfer {
namespace {

constexpr std::string_view kCluster = "cluster ";
constexpr std::string_view kPartial = "state partial";
constexpr std::string_view kComplete = "state complete";
constexpr std::uint64_t kMarkBytesMax = 4096;

std::string path_of(const std::string& data_directory) {
  return storage::join_path(storage::join_path(data_directory, "state"), "import");
}

}  // namespace

std::string mark_text(const ImportMark& mark) {
  return fmt::format("{}{}\n{}\n", kCluster, mark.cluster, mark.is_complete ? kComplete : kPartial);
}

std::optional<ImportMark> parse_mark(std::string_view text) {
  const auto end = text.find('\n');
  if (!text.starts_with(kCluster) || end == std::string_view::npos) return std::nullopt;
  ImportMark mark{std::string(text.substr(kCluster.size(), end - kCluster.size())), false};
  const auto state = text.substr(end + 1);
  if (state != std::string(kPartial) + "\n" && state != std::string(kComplete) + "\n") return std::nullopt;
  mark.is_complete = state.starts_with(kComplete);
  return mark;
}

Result<std::optional<ImportMark>> read_mark(storage::FileSystem& files, const std::string& data_directory) {
  const auto path = path_of(data_directory);
  auto content = storage::read_file(files, path, kMarkBytesMax);
  if (!content && content.error().code == Code::NotFound) return std::nullopt;
  if (!content) return pass(content);
  auto mark = parse_mark(as_text(*content));
  if (!mark) return fail(Code::Corrupt, "{}: can't be read; import into a new directory", path);
  return mark;
}

Result<void> write_mark(storage::FileSystem& files, const std::string& data_directory, const ImportMark& mark) {
  return storage::replace_file(files, path_of(data_directory), as_bytes(mark_text(mark)));
}

Result<void> remove_mark(storage::FileSystem& files, const std::string& data_directory) {
  auto removed = files.remove_file(path_of(data_directory));
  if (!removed && removed.error().code != Code::NotFound) return removed;
  return {};
}

}  // namespace myelin::transfer
