#include "app/cli/write_new.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>

namespace myelin::app::cli {

Result<void> write_new(std::string_view option, const std::string& path, std::string_view text) {
  std::FILE* file = std::fopen(path.c_str(), "wxe");
  if (file == nullptr) {
    return fail(errno == EEXIST ? Code::Exists : Code::Io,
                "{} {}: {}; name a file that does not exist, in a folder that does", option, path,
                std::strerror(errno));
  }
  const bool is_whole = std::fwrite(text.data(), 1, text.size(), file) == text.size();
  if (std::fclose(file) != 0 || !is_whole) return fail(Code::Io, "{} {}: can't be written whole", option, path);
  return {};
}

Result<void> replace_file(const std::filesystem::path& path, const std::string& text) {
  const auto beside = path.string() + ".new";
  std::ofstream stream(beside, std::ios::binary | std::ios::trunc);
  stream << text;
  stream.close();
  std::error_code error;
  if (stream) std::filesystem::rename(beside, path, error);
  if (stream && !error) return {};
  std::filesystem::remove(beside, error);
  return fail(Code::Io, "{}: can't be written", path.string());
}

}  // namespace myelin::app::cli
