#include "net/http_parser.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <charconv>
#include <optional>
#include <utility>

#include "base/check.h"
#include "net/ascii.h"
#include "net/http_body.h"

namespace myelin::net {

namespace http = boost::beast::http;
using boost::system::error_code;

namespace {

std::string_view view(boost::beast::string_view text) { return {text.data(), text.size()}; }

template <typename Fields>
HttpHeaders copy_headers(const Fields& fields) {
  HttpHeaders headers;
  for (const auto& field : fields)
    headers.add(std::string(view(field.name_string())), std::string(view(field.value())));
  return headers;
}

// The decoded segments of "/a/b%2Fc"; nullopt when one can't be decoded or climbs out of its folder.
std::optional<std::vector<std::string>> path_segments(std::string_view path) {
  std::vector<std::string> segments;
  while (!path.empty()) {
    path.remove_prefix(1);
    const auto raw = path.substr(0, path.find('/'));
    std::string segment;
    if (!percent_decode(raw, false, segment) || segment == "." || segment == "..") return std::nullopt;
    segments.push_back(std::move(segment));
    path.remove_prefix(raw.size());
  }
  return segments;
}

bool parse_query(std::string_view query, std::map<std::string, std::string, std::less<>>& into) {
  while (!query.empty()) {
    const auto pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(pair.size() + 1, query.size()));
    if (pair.empty()) continue;
    const auto equals = pair.find('=');
    std::string name;
    std::string value;
    if (!percent_decode(pair.substr(0, equals), true, name)) return false;
    if (equals != std::string_view::npos && !percent_decode(pair.substr(equals + 1), true, value)) return false;
    into.insert_or_assign(std::move(name), std::move(value));
  }
  return true;
}

// Parses the head of a message; false while it is incomplete (no error) or wrong.
template <typename Parser>
bool put_header(Parser& parser, std::string& input, error_code& error) {
  while (!parser.is_header_done() && !input.empty()) {
    const auto used = parser.put(boost::asio::buffer(input), error);
    if (error == http::error::need_more) error = {};
    if (error) return false;
    input.erase(0, used);
    if (used == 0) break;
  }
  return parser.is_header_done();
}

// False when it is beyond all bounds. The caller has seen that there are only digits.
bool parse_length(std::string_view digits, std::uint64_t& length) {
  return std::from_chars(digits.data(), digits.data() + digits.size(), length).ec == std::errc();
}

int hex_digit(char letter) {
  if (letter >= '0' && letter <= '9') return letter - '0';
  const char lower = ascii_lower(letter);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

}  // namespace

bool percent_decode(std::string_view text, bool plus_is_space, std::string& decoded) {
  decoded.clear();
  decoded.reserve(text.size());
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '+' && plus_is_space) {
      decoded += ' ';
    } else if (text[at] != '%') {
      decoded += text[at];
    } else {
      if (text.size() - at < 3) return false;
      const int high = hex_digit(text[at + 1]);
      const int low = hex_digit(text[at + 2]);
      if (high < 0 || low < 0 || high + low == 0) return false;
      decoded += static_cast<char>(high * 16 + low);
      at += 2;
    }
  }
  return true;
}

// Beast parses the headers only: its chunk parser asserts on some malformed chunks (1.81), which a peer could use to
// stop the process.
struct HttpRequestParser::Impl {
  http::request_parser<http::empty_body> parser;
  std::optional<HttpBodyReader> body;  // once the headers are accepted
  bool expects_continue = false;
};

HttpRequestParser::HttpRequestParser(Limits limits) : limits_(limits) {}
HttpRequestParser::~HttpRequestParser() = default;

void HttpRequestParser::add(std::string_view received) { input_ += received; }

HttpRequestParser::State HttpRequestParser::fail(int status, std::string text) {
  problem_ = HttpProblem{status, std::move(text)};
  bad_ = true;
  return State::Bad;
}

bool HttpRequestParser::refuse(int status, std::string text) {
  fail(status, std::move(text));
  return false;
}

HttpRequestParser::State HttpRequestParser::fail_header(int error_value, std::string text) {
  switch (static_cast<http::error>(error_value)) {
    case http::error::header_limit:
      if (input_.find('\n') >= limits_.header_bytes) return fail(414, "the request line is too long");
      return fail(431, fmt::format("the headers are larger than {} bytes", limits_.header_bytes));
    case http::error::bad_version:
      return fail(505, "only HTTP/1.1 and HTTP/1.0 are spoken here");
    default:
      return fail(400, std::move(text));
  }
}

HttpRequestParser::State HttpRequestParser::parse() {
  if (bad_) return State::Bad;
  if (!impl_) {
    // An empty line before a request is allowed (RFC 9112, 2.2).
    while (input_.starts_with("\r\n")) input_.erase(0, 2);
    if (input_.empty() || input_ == "\r") return State::Idle;
    impl_ = std::make_unique<Impl>();
    impl_->parser.header_limit(limits_.header_bytes);
    impl_->parser.body_limit(boost::none);
  }
  if (!impl_->body) {
    error_code error;
    if (!put_header(impl_->parser, input_, error)) {
      return error ? fail_header(error.value(), error.message()) : State::InHeader;
    }
    if (!accept_headers()) return State::Bad;
  }
  switch (impl_->body->read(input_)) {
    case HttpBodyReader::State::Incomplete:
      return State::InBody;
    case HttpBodyReader::State::Complete:
      return State::Complete;
    case HttpBodyReader::State::TooLarge:
      return fail(413, fmt::format("the body is larger than {} bytes", limits_.body_bytes));
    case HttpBodyReader::State::Malformed:
      break;
  }
  return fail(400, "malformed chunk");
}

// Everything that two parsers could read differently is refused: that is how requests are smuggled.
bool HttpRequestParser::accept_headers() {
  const auto& message = impl_->parser.get();
  request_ = HttpRequest{};
  request_.method = view(message.method_string());
  request_.target = view(message.target());
  // Copied now: fields that come behind a chunked body must not pass for headers.
  request_.headers = copy_headers(message);
  const auto& headers = request_.headers;
  const bool old = message.version() < 11;
  if (headers.count("host") > 1 || (headers.count("host") == 0 && !old))
    return refuse(400, "expected exactly one Host header");
  const auto length = headers.get("content-length");
  if (length.find_first_not_of("0123456789") != std::string_view::npos)
    return refuse(400, "Content-Length is not a number");
  if (headers.count("content-length") > 1) return refuse(400, "more than one Content-Length");
  if (headers.has("transfer-encoding")) {
    if (headers.has("content-length")) return refuse(400, "Content-Length together with Transfer-Encoding");
    if (headers.count("transfer-encoding") > 1 || !ascii_equal(headers.get("transfer-encoding"), "chunked")) {
      return refuse(501, "the only transfer coding spoken here is chunked");
    }
    if (old) return refuse(400, "HTTP/1.0 has no transfer codings");
  }
  if (headers.has("expect")) {
    if (!ascii_equal(headers.get("expect"), "100-continue"))
      return refuse(417, "the only expectation met here is 100-continue");
    impl_->expects_continue = !old;
  }
  if (!accept_target()) return false;
  return accept_body(length);
}

bool HttpRequestParser::accept_target() {
  std::string_view target = request_.target;
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!target.starts_with(scheme)) continue;
    target.remove_prefix(scheme.size());
    const auto authority = target.substr(0, target.find_first_of("/?"));
    if (!ascii_equal(authority, request_.host()))
      return refuse(400, "the target and the Host header name different servers");
    target.remove_prefix(authority.size());
    if (target.empty()) target = "/";
    break;
  }
  if (target == "*" && request_.method == "OPTIONS") {
    request_.path = "*";
    return true;
  }
  const auto question = target.find('?');
  const auto path = target.substr(0, question);
  if (!path.starts_with('/') || target.find('#') != std::string_view::npos)
    return refuse(400, "the target is not a path");
  auto segments = path_segments(path);
  if (!segments || !percent_decode(path, false, request_.path)) return refuse(400, "the path is not a valid one");
  request_.segments = std::move(*segments);
  if (question != std::string_view::npos && !parse_query(target.substr(question + 1), request_.query)) {
    return refuse(400, "the query is not validly percent-encoded");
  }
  return true;
}

bool HttpRequestParser::accept_body(std::string_view length) {
  HttpBodyReader::Options body;
  body.limit = limits_.body_bytes;
  if (request_.headers.has("transfer-encoding")) {
    body.framing = HttpBodyReader::Framing::Chunks;
  } else if (!length.empty()) {
    body.framing = HttpBodyReader::Framing::Length;
    if (!parse_length(length, body.length))
      return refuse(413, fmt::format("the body is larger than {} bytes", limits_.body_bytes));
    if (body.length > body.limit && limits_.large_body) {
      if (auto problem = limits_.large_body(request_, body.length)) {
        return refuse(problem->status, std::move(problem->text));
      }
      body.limit = body.length;
    }
  }
  impl_->body.emplace(body);
  return true;
}

bool HttpRequestParser::expects_continue() const { return impl_ && impl_->expects_continue; }
bool HttpRequestParser::keep_alive() const { return impl_ && impl_->parser.keep_alive(); }
bool HttpRequestParser::is_http_1_0() const { return impl_ && impl_->parser.get().version() < 11; }

HttpRequest HttpRequestParser::take() {
  CHECK(impl_ && impl_->body);
  request_.body = impl_->body->take();
  impl_.reset();
  if (input_.empty()) input_ = std::string();
  return std::exchange(request_, HttpRequest{});
}

struct HttpResponseParser::Impl {
  http::response_parser<http::empty_body> parser;
  std::optional<HttpBodyReader> body;
};

HttpResponseParser::HttpResponseParser(std::uint64_t body_bytes, bool head) : body_bytes_(body_bytes), head_(head) {
  restart();
}
HttpResponseParser::~HttpResponseParser() = default;

void HttpResponseParser::restart() {
  impl_ = std::make_unique<Impl>();
  impl_->parser.body_limit(boost::none);
}

HttpResponseParser::State HttpResponseParser::bad(std::string problem) {
  problem_ = std::move(problem);
  return State::Bad;
}

HttpResponseParser::State HttpResponseParser::add(std::string_view received) {
  input_ += received;
  while (!impl_->body) {
    error_code error;
    if (!put_header(impl_->parser, input_, error)) return error ? bad(error.message()) : State::Incomplete;
    if (status() >= 100 && status() < 200) {
      restart();  // "100 Continue" and its like come before the answer
    } else {
      begin_body();
    }
  }
  return judge(impl_->body->read(input_));
}

void HttpResponseParser::begin_body() {
  HttpBodyReader::Options body;
  body.limit = body_bytes_;
  const auto fields = headers();
  const auto length = fields.get("content-length");
  if (head_ || status() == 204 || status() == 304) {
    body.framing = HttpBodyReader::Framing::None;
  } else if (ascii_equal(fields.get("transfer-encoding"), "chunked")) {
    body.framing = HttpBodyReader::Framing::Chunks;
  } else if (parse_length(length, body.length)) {
    body.framing = HttpBodyReader::Framing::Length;
  } else {
    body.framing = HttpBodyReader::Framing::ToEnd;
  }
  impl_->body.emplace(body);
}

HttpResponseParser::State HttpResponseParser::judge(HttpBodyReader::State state) {
  switch (state) {
    case HttpBodyReader::State::Incomplete:
      return State::Incomplete;
    case HttpBodyReader::State::Complete:
      return State::Complete;
    case HttpBodyReader::State::TooLarge:
      return bad(fmt::format("the body is larger than {} bytes", body_bytes_));
    case HttpBodyReader::State::Malformed:
      break;
  }
  return bad("malformed or unfinished body");
}

HttpResponseParser::State HttpResponseParser::end() {
  if (!impl_->body) return bad("the answer ends in its headers");
  return judge(impl_->body->end());
}

bool HttpResponseParser::has_headers() const { return impl_->body.has_value(); }
int HttpResponseParser::status() const { return static_cast<int>(impl_->parser.get().result_int()); }
HttpHeaders HttpResponseParser::headers() const { return copy_headers(impl_->parser.get()); }
std::string HttpResponseParser::take_body() { return impl_->body->take(); }

std::string_view http_reason(int status) {
  const auto known = http::int_to_status(static_cast<unsigned>(status));
  if (known == http::status::unknown) return "Unknown";
  return view(http::obsolete_reason(known));
}

}  // namespace myelin::net
