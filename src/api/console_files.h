#pragma once
// The web console, embedded in the binary at build time, compressed. Without it (built with MYELIN_CONSOLE=OFF) the
// same addresses answer a plain page that lists the interface.
#include <cstddef>
#include <span>
#include <string_view>

#include "net/http_message.h"

namespace myelin::api {

struct ConsoleFile {
  std::string_view path;  // below /console/: "index.html", "assets/index-a1b2.js"
  std::string_view content_type;
  std::string_view etag;      // with quotes
  bool is_immutable = false;  // its name carries a hash of its content
  std::span<const unsigned char> gzip;
  std::size_t size = 0;  // of the file itself
};

// Sorted by path; empty without a console. Generated.
[[nodiscard]] std::span<const ConsoleFile> embedded_console();

// Answers GET of "/" and of what lies below /console/; other requests are not ours: status 404.
[[nodiscard]] net::HttpResponse console_answer(const net::HttpRequest& request, std::span<const ConsoleFile> files);

}  // namespace myelin::api
