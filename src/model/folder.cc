#include <algorithm>
#include <array>
#include <fstream>
#include <string_view>
#include <system_error>

#include "model/load.h"

namespace myelin::model {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 5> kFolders{"org", "contracts", "products", "grants", "myelin"};
constexpr std::size_t kFilesMax = 5'000;
constexpr std::uintmax_t kBytesMax = 64U << 20;

bool has_name_of_document(const fs::path& path) {
  const fs::path extension = path.extension();
  return !path.filename().string().starts_with('.') && (extension == ".yaml" || extension == ".yml");
}

Result<document::Source> read_file(const fs::path& root, const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  if (!stream.is_open()) return fail(Code::Io, "{}: can't be opened; check its permissions", path.string());
  std::string text((std::istreambuf_iterator<char>(stream)), std::istreambuf_iterator<char>());
  if (stream.bad()) return fail(Code::Io, "{}: can't be read", path.string());
  return document::Source{path.lexically_relative(root).generic_string(), std::move(text)};
}

// The files below one folder, as far as the limits allow. What a link leads to counts as part of the model only when it
// lies in the model's folder: whoever may write a document is not to have the server's machine read its other files.
class FolderReading {
 public:
  explicit FolderReading(fs::path root) : root_(std::move(root)) {}

  Result<void> read(const fs::path& folder) {
    if (auto own = check_link(folder); !own) return own;
    std::error_code error;
    fs::recursive_directory_iterator entries(folder, error);
    if (error) return fail(Code::Io, "{}: {}", folder.string(), error.message());
    for (; entries != fs::recursive_directory_iterator(); entries.increment(error)) {
      if (error) return fail(Code::Io, "{}: {}", folder.string(), error.message());
      if (auto added = add(*entries); !added) return added;
    }
    return {};
  }

  std::vector<document::Source> sources;

 private:
  [[nodiscard]] std::string name_of(const fs::path& path) const {
    return path.lexically_relative(root_).generic_string();
  }

  Result<void> check_link(const fs::path& path) const {
    std::error_code error;
    if (!fs::is_symlink(path, error)) return {};
    const auto target = fs::canonical(path, error);
    if (error)
      return fail(Code::Invalid, "{}: a link that leads nowhere; remove it, or put the file there", name_of(path));
    const auto within = target.lexically_relative(fs::canonical(root_, error));
    if (!error && !within.empty() && *within.begin() != "..") return {};
    return fail(Code::Invalid, "{}: a link out of the folder, to {}; put the file itself there", name_of(path),
                target.string());
  }

  Result<void> add(const fs::directory_entry& entry) {
    std::error_code error;
    if (entry.is_symlink(error) && entry.is_directory(error)) {
      return fail(Code::Invalid, "{}: a link to a folder, which is not followed; put the folder itself there",
                  name_of(entry.path()));
    }
    if (entry.is_directory(error) || !has_name_of_document(entry.path())) return {};
    if (auto own = check_link(entry.path()); !own) return own;
    if (!entry.is_regular_file(error)) return fail(Code::Invalid, "{}: no file", name_of(entry.path()));
    const auto size = entry.file_size(error);
    if (!error && size > kBytesMax) {  // smaller ones are parse()'s to refuse, among all other problems
      return fail(Code::TooLarge, "{}: {} bytes; a file has at most {}: split it", name_of(entry.path()), size,
                  document::Limits().bytes_max);
    }
    bytes_ += size;
    if (error || bytes_ > kBytesMax || sources.size() == kFilesMax) {
      return fail(Code::TooLarge, "{}: a model holds at most {} files and {} bytes", root_.string(), kFilesMax,
                  kBytesMax);
    }
    auto source = read_file(root_, entry.path());
    if (!source) return pass(source);
    sources.push_back(std::move(*source));
    return {};
  }

  fs::path root_;
  std::uintmax_t bytes_ = 0;
};

}  // namespace

Result<std::vector<document::Source>> read_folder(const fs::path& folder) {
  std::error_code error;
  if (!fs::is_directory(folder, error)) return fail(Code::NotFound, "{}: no such folder", folder.string());
  FolderReading reading(folder);
  bool any = false;
  for (const std::string_view name : kFolders) {
    const fs::path part = folder / name;
    if (!fs::is_directory(part, error)) continue;
    any = true;
    if (auto read = reading.read(part); !read) return pass(read);
  }
  if (!any) {
    return fail(Code::NotFound, "{}: not a model; expected one of the folders org, contracts, products, grants, myelin",
                folder.string());
  }
  std::ranges::sort(reading.sources, {}, &document::Source::file);
  return std::move(reading.sources);
}

}  // namespace myelin::model
