#include "api/console_files.h"

#include <zlib.h>

#include <algorithm>
#include <string>

#include "api/problem.h"
#include "api/request_guard.h"
#include "base/bytes.h"
#include "base/check.h"

namespace myelin::api {
namespace {

constexpr std::string_view kBase = "/console/";

// A browser that can't take gzip is rare; it gets the file unpacked.
std::string unpacked(const ConsoleFile& file) {
  std::string text(file.size, '\0');
  z_stream stream{};
  CHECK(inflateInit2(&stream, 16 + MAX_WBITS) == Z_OK);
  stream.next_in = const_cast<unsigned char*>(file.gzip.data());
  stream.avail_in = static_cast<unsigned>(file.gzip.size());
  stream.next_out = reinterpret_cast<unsigned char*>(text.data());
  stream.avail_out = static_cast<unsigned>(text.size());
  const int result = inflate(&stream, Z_FINISH);
  inflateEnd(&stream);
  CHECK(result == Z_STREAM_END);
  return text;
}

const ConsoleFile* find(std::span<const ConsoleFile> files, std::string_view path) {
  const auto found =
      std::lower_bound(files.begin(), files.end(), path,
                       [](const ConsoleFile& file, std::string_view wanted) { return file.path < wanted; });
  return found != files.end() && found->path == path ? &*found : nullptr;
}

net::HttpResponse serve(const net::HttpRequest& request, const ConsoleFile& file) {
  net::HttpResponse response;
  response.headers.add("ETag", std::string(file.etag));
  response.headers.add("Cache-Control", file.is_immutable ? "public, max-age=31536000, immutable" : "no-cache");
  response.headers.add("Vary", "Accept-Encoding");
  if (request.headers.get("if-none-match").find(file.etag) != std::string_view::npos) {
    response.status = 304;
    return response;
  }
  response.content_type = file.content_type;
  if (request.headers.get("accept-encoding").find("gzip") != std::string_view::npos) {
    response.headers.add("Content-Encoding", "gzip");
    // The table lives as long as the process, so nothing needs to own it.
    response.body = SharedBytes(nullptr, std::as_bytes(file.gzip));
  } else {
    response.body = net::http_body(unpacked(file));
  }
  return response;
}

net::HttpResponse redirect(std::string_view to) {
  net::HttpResponse response = net::http_response(302, "text/plain; charset=utf-8", "");
  response.headers.add("Location", std::string(to));
  return response;
}

net::HttpResponse plain_page() {
  return net::http_response(
      200, "text/html; charset=utf-8",
      "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Myelin</title></head><body>"
      "<h1>Myelin</h1><p>This build carries no console. The same answers are here:</p><ul>"
      "<li><a href=\"/api/v1/map\">/api/v1/map</a>: who writes and reads what, laid out</li>"
      "<li><a href=\"/api/v1/lineage\">/api/v1/lineage</a>: the same as lists</li>"
      "<li><a href=\"/api/v1/usage\">/api/v1/usage</a>: measured traffic</li>"
      "<li><a href=\"/api/v1/topics\">/api/v1/topics</a>, <a href=\"/api/v1/groups\">/api/v1/groups</a></li>"
      "<li><a href=\"/metrics\">/metrics</a>: for Prometheus</li></ul>"
      "<p>All of the interface is described in docs/reference/openapi.json; on a terminal use "
      "<code>myelin who</code>, <code>myelin usage</code>, <code>myelin lineage</code>.</p></body></html>\n");
}

}  // namespace

net::HttpResponse console_answer(const net::HttpRequest& request, std::span<const ConsoleFile> files) {
  const std::string_view path = request.path;
  const bool wants_page = accepts_html(request);
  const bool below = path.starts_with(kBase);
  if (path == "/" && wants_page) return files.empty() ? plain_page() : redirect(kBase);
  if (path == "/console") return redirect(kBase);
  if (below && !files.empty()) {
    const auto name = path.substr(kBase.size());
    if (const auto* file = find(files, name.empty() ? "index.html" : name)) return serve(request, *file);
    // A page of the application that has its own address; missing pictures and scripts stay missing.
    if (wants_page) return serve(request, *find(files, "index.html"));
  }
  if (below && files.empty() && wants_page) return plain_page();
  return problem(kind_of(Code::NotFound), "there is nothing at this address", path);
}

}  // namespace myelin::api
