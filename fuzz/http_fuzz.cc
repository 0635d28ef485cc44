// HTTP requests and responses: no input harms the parsers, and a request that arrives in pieces is the same request.
// The first byte of the input chooses the pieces.
#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "net/http_parser.h"

namespace {

using myelin::net::HttpRequestParser;
using myelin::net::HttpResponseParser;
using State = HttpRequestParser::State;

const HttpRequestParser::Limits kLimits{2048, 4096};

// The requests that the parser finds in `text`, one a line. How early it sees that the rest is bad is its own business.
std::string outcome(std::string_view text, std::size_t piece) {
  HttpRequestParser parser(kLimits);
  std::string result;
  while (!text.empty()) {
    const auto part = std::min(piece, text.size());
    parser.add(text.substr(0, part));
    text.remove_prefix(part);
    State state = parser.parse();
    while (state == State::Complete) {
      const auto request = parser.take();
      CHECK(request.path.starts_with('/') || request.path == "*");
      CHECK(request.body.size() <= kLimits.body_bytes);
      result += request.method + ' ' + request.target + ' ' + request.path + ' ' + request.body + '\n';
      state = parser.parse();
    }
    if (state == State::Bad) {
      CHECK(parser.problem().status >= 400 && parser.problem().status < 600);
      return result;
    }
  }
  return result;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t piece = 1 + data[0];
  const std::string_view text(reinterpret_cast<const char*>(data + 1), size - 1);
  // A request of exactly the limit may be refused whole and accepted in pieces, so long inputs are only run.
  const auto in_pieces = outcome(text, piece);
  const auto whole = outcome(text, text.size());
  if (text.size() < kLimits.header_bytes) CHECK(in_pieces == whole);

  HttpResponseParser response(kLimits.body_bytes, false);
  auto state = HttpResponseParser::State::Incomplete;
  for (auto rest = text; !rest.empty() && state == HttpResponseParser::State::Incomplete;) {
    const auto part = std::min(piece, rest.size());
    state = response.add(rest.substr(0, part));
    rest.remove_prefix(part);
  }
  if (state == HttpResponseParser::State::Incomplete) state = response.end();
  if (state == HttpResponseParser::State::Complete) CHECK(response.take_body().size() <= kLimits.body_bytes);
  return 0;
}
