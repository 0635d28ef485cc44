#include "storage/file_system.h"

#include <array>
#include <tuple>
#include <utility>

namespace myelin::storage {
namespace {

std::string temporary_of(const std::string& path) { return path + ".tmp"; }

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
  if (auto written = write_whole(files, temporary_of(path), content, true); !written) return written;
  return put_replacement(files, path);
}

Result<void> write_replacement(FileSystem& files, const std::string& path,
                               const std::function<Result<void>(const WritePart&)>& fill) {
  auto file = files.open(temporary_of(path), OpenMode::Create);
  if (!file) return pass(file);
  if (auto cut = (*file)->truncate(0); !cut) return cut;
  std::uint64_t position = 0;
  auto filled = fill([&](ByteSpan part) {
    const std::array parts{part};
    return (*file)->write_at(std::exchange(position, position + part.size()), parts);
  });
  if (!filled) return filled;
  return (*file)->sync_data();
}

Result<void> put_replacement(FileSystem& files, const std::string& path) {
  if (auto renamed = files.rename(temporary_of(path), path); !renamed) return renamed;
  return files.sync_directory(parent_of(path));
}

void drop_replacement(FileSystem& files, const std::string& path) {
  std::ignore = files.remove_file(temporary_of(path));
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
