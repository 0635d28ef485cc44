#pragma once
// HTTP/1.1 messages out of bytes; Beast parses the headers. No I/O. Private to this module.
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "net/http_body.h"
#include "net/http_message.h"

namespace myelin::net {

// What is wrong with a message, and the status to answer with (for requests).
struct HttpProblem {
  int status = 400;
  std::string text;
};

// Parses one request after another from the same connection.
class HttpRequestParser {
 public:
  // Asked for a body of a stated length above `body_bytes`, once the headers are there; nothing lets it come.
  using LargeBody = std::function<std::optional<HttpProblem>(const HttpRequest& headers, std::uint64_t length)>;
  struct Limits {
    std::uint32_t header_bytes;
    std::uint64_t body_bytes;  // of every other body, and of every body in chunks
    LargeBody large_body{};    // none: no body is larger
  };
  explicit HttpRequestParser(Limits limits);
  ~HttpRequestParser();
  HttpRequestParser(const HttpRequestParser&) = delete;
  HttpRequestParser& operator=(const HttpRequestParser&) = delete;

  // Adds what was received. The caller bounds what it adds while a request is being answered.
  void add(std::string_view received);

  enum class State : std::uint8_t {
    Idle,  // nothing of a request has come yet
    InHeader,
    InBody,    // headers are complete and acceptable
    Complete,  // take() it
    Bad,       // problem(); the connection is of no use any more
  };
  // As far as the bytes go.
  State parse();
  [[nodiscard]] const HttpProblem& problem() const { return problem_; }
  // From InBody on: the peer waits for "100 Continue" before it sends the body.
  [[nodiscard]] bool expects_continue() const;
  [[nodiscard]] bool keep_alive() const;
  [[nodiscard]] bool is_http_1_0() const;
  // The request without the fields about the connection; makes ready for the next one.
  [[nodiscard]] HttpRequest take();

 private:
  struct Impl;
  State fail(int status, std::string text);
  State fail_header(int error_value, std::string text);
  bool refuse(int status, std::string text);
  bool accept_headers();
  bool accept_target();
  bool accept_body(std::string_view length);

  const Limits limits_;
  std::string input_;
  std::unique_ptr<Impl> impl_;  // while a request is being parsed
  HttpRequest request_;
  HttpProblem problem_;
  bool bad_ = false;
};

// Parses one response.
class HttpResponseParser {
 public:
  // `head`: the answer to a HEAD request has no body, whatever its headers say.
  HttpResponseParser(std::uint64_t body_bytes, bool head);
  ~HttpResponseParser();
  HttpResponseParser(const HttpResponseParser&) = delete;
  HttpResponseParser& operator=(const HttpResponseParser&) = delete;

  enum class State : std::uint8_t { Incomplete, Complete, Bad };
  State add(std::string_view received);
  // The peer has closed: for bodies that have no other end.
  State end();
  [[nodiscard]] const std::string& problem() const { return problem_; }

  // Whether the next three may be called.
  [[nodiscard]] bool has_headers() const;
  [[nodiscard]] int status() const;
  [[nodiscard]] HttpHeaders headers() const;
  // What has come of the body and was not taken yet.
  [[nodiscard]] std::string take_body();

 private:
  struct Impl;
  void restart();
  void begin_body();
  State judge(HttpBodyReader::State state);
  State bad(std::string problem);

  const std::uint64_t body_bytes_;
  const bool head_;
  std::string input_;
  std::unique_ptr<Impl> impl_;
  std::string problem_;
};

// "%41+" to "A+", or "A " with `plus_is_space`. False when an escape is incomplete or not hexadecimal, or makes a NUL.
[[nodiscard]] bool percent_decode(std::string_view text, bool plus_is_space, std::string& decoded);

}  // namespace myelin::net
