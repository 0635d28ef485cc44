#include "storage/file_system.h"

#include <array>

namespace myelin::storage {
namespace {

Result<void> write_whole(FileSystem& files, const std::string& path, ByteSpan content, bool sync) {
  auto file = files.open(path, OpenMode::Create);
  if (!file) return pass(file);
  if (auto cut = (*file)->truncate(0); !cut) return cut;
  const std::array parts{content};
  if (auto written = (*file)->write_at(0, parts); !written) return written;
  if (sync) return (*file)->sync_data();
  return {};
}

std::string parent_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? "." : path.substr(0, slash);
}

}  // namespace

Result<ByteBuffer> read_file(FileSystem& files, const std::string& path, std::uint64_t size_max) {
  auto file = files.open(path, OpenMode::Read);
  if (!file) return pass(file);
  auto size = (*file)->size();
  if (!size) return pass(size);
  if (*size > size_max) return fail(Code::TooLarge, "{}: {} bytes, expected at most {}", path, *size, size_max);
  ByteBuffer content(*size);
  auto got = (*file)->read_at(0, content);
  if (!got) return pass(got);
  content.resize(*got);
  return content;
}

Result<void> replace_file(FileSystem& files, const std::string& path, ByteSpan content) {
  const auto temporary = path + ".tmp";
  if (auto written = write_whole(files, temporary, content, true); !written) return written;
  if (auto renamed = files.rename(temporary, path); !renamed) return renamed;
  return files.sync_directory(parent_of(path));
}

Result<void> replace_file_unsynced(FileSystem& files, const std::string& path, ByteSpan content) {
  return write_whole(files, path, content, false);
}

std::string join_path(std::string_view directory, std::string_view name) {
  std::string path;
  path.reserve(directory.size() + 1 + name.size());
  path.append(directory);
  if (!path.empty() && path.back() != '/') path.push_back('/');
  path.append(name);
  return path;
}

}  // namespace myelin::storage
