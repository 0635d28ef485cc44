#include "api/console_files.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <vector>

namespace myelin::api {
namespace {

std::vector<unsigned char> packed(std::string text) {
  std::vector<unsigned char> bytes(text.size() + 64);
  z_stream stream{};
  deflateInit2(&stream, 9, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
  stream.next_in = reinterpret_cast<unsigned char*>(text.data());
  stream.avail_in = static_cast<unsigned>(text.size());
  stream.next_out = bytes.data();
  stream.avail_out = static_cast<unsigned>(bytes.size());
  deflate(&stream, Z_FINISH);
  bytes.resize(stream.total_out);
  deflateEnd(&stream);
  return bytes;
}

struct Console {
  std::vector<unsigned char> script = packed("run()");
  std::vector<unsigned char> page = packed("<!doctype html>");
  std::vector<ConsoleFile> files{{"assets/app-1a2b.js", "text/javascript", "\"abc\"", true, script, 5},
                                 {"index.html", "text/html", "\"def\"", false, page, 15}};

  [[nodiscard]] net::HttpResponse get(std::string path, net::HttpHeaders headers) const {
    net::HttpRequest request;
    request.method = "GET";
    request.path = std::move(path);
    request.headers = std::move(headers);
    return console_answer(request, files);
  }
};

const net::HttpHeaders kPage{{"Accept", "text/html,application/xhtml+xml"}, {"Accept-Encoding", "gzip, br"}};
const net::HttpHeaders kData{{"Accept", "*/*"}, {"Accept-Encoding", "gzip"}};

TEST(ConsoleFiles, SendsAHashedFilePackedAndForEver) {
  const Console console;
  const auto response = console.get("/console/assets/app-1a2b.js", kData);
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.content_type, "text/javascript");
  EXPECT_EQ(response.headers.get("content-encoding"), "gzip");
  EXPECT_EQ(response.headers.get("cache-control"), "public, max-age=31536000, immutable");
  EXPECT_EQ(response.body.size(), console.script.size());
}

TEST(ConsoleFiles, UnpacksForWhoCannotTakeGzip) {
  const Console console;
  const auto response = console.get("/console/assets/app-1a2b.js", {{"Accept", "*/*"}});
  EXPECT_FALSE(response.headers.has("content-encoding"));
  EXPECT_EQ(as_text(response.body.view()), "run()");
}

TEST(ConsoleFiles, AsksForThePageEachTime) {
  const Console console;
  for (const char* path : {"/console/", "/console/map", "/console/map/topic"}) {
    const auto response = console.get(path, kPage);
    EXPECT_EQ(response.status, 200) << path;
    EXPECT_EQ(response.content_type, "text/html") << path;
    EXPECT_EQ(response.headers.get("cache-control"), "no-cache") << path;
  }
}

TEST(ConsoleFiles, AnswersThatNothingChanged) {
  const Console console;
  auto headers = kPage;
  headers.add("If-None-Match", "\"def\"");
  const auto response = console.get("/console/", headers);
  EXPECT_EQ(response.status, 304);
  EXPECT_EQ(response.body.size(), 0U);
}

TEST(ConsoleFiles, DoesNotAnswerAMissingScriptWithThePage) {
  const Console console;
  EXPECT_EQ(console.get("/console/assets/gone.js", kData).status, 404);
}

TEST(ConsoleFiles, SendsPeopleFromTheRootToTheConsoleAndLeavesProgramsAlone) {
  const Console console;
  EXPECT_EQ(console.get("/", kPage).status, 302);
  EXPECT_EQ(console.get("/", kPage).headers.get("location"), "/console/");
  EXPECT_EQ(console.get("/", kData).status, 404);
}

TEST(ConsoleFiles, WithoutAConsoleAPlainPageListsTheInterface) {
  net::HttpRequest request;
  request.path = "/";
  request.headers = kPage;
  const auto response = console_answer(request, {});
  EXPECT_EQ(response.status, 200);
  EXPECT_NE(as_text(response.body.view()).find("/api/v1/lineage"), std::string_view::npos);
}

}  // namespace
}  // namespace myelin::api
