#include "app/cli/server.h"

#include <fmt/core.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "app/cli/event_reader.h"
#include "base/base64.h"
#include "base/bytes.h"
#include "document/parse.h"

namespace myelin::app::cli {
namespace {

// Of a server that is trusted with a password.
constexpr document::Limits kAnswerLimits{.bytes_max = 256U << 20, .nodes_max = 10'000'000};

// A change is not given up while the server is at it: thousands of topics may have to be made.
constexpr std::chrono::minutes kChangeTimeout{10};

constexpr std::string_view kDefaultServer = "http://127.0.0.1:8080";
constexpr std::size_t kSecretMax = 4096;

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

// Turns the terminal's echo off while a password is typed.
class QuietTerminal {
 public:
  QuietTerminal() {
    quiet_ = ::isatty(STDIN_FILENO) == 1 && ::tcgetattr(STDIN_FILENO, &before_) == 0;
    if (!quiet_) return;
    termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
    std::fputs("password: ", stderr);
  }
  ~QuietTerminal() {
    if (!quiet_) return;
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
    std::fputc('\n', stderr);
  }
  QuietTerminal(const QuietTerminal&) = delete;
  QuietTerminal& operator=(const QuietTerminal&) = delete;

 private:
  termios before_{};
  bool quiet_ = false;
};

Result<std::string> first_line(std::FILE* file, const std::string& name) {
  std::string line;
  for (int letter = std::fgetc(file); letter != EOF && letter != '\n'; letter = std::fgetc(file)) {
    line += static_cast<char>(letter);
    if (line.size() > kSecretMax)
      return fail(Code::TooLarge, "{}: the first line is longer than {} bytes", name, kSecretMax);
  }
  if (line.ends_with('\r')) line.pop_back();
  if (line.empty()) return fail(Code::Invalid, "{}: the first line is empty; expected a password", name);
  return line;
}

std::string text_of(const document::Node& node, std::string_view key) {
  const auto* found = node.find(key);
  return found != nullptr ? found->text : std::string();
}

}  // namespace

Result<std::string> read_secret(const std::string& path) {
  if (path == "-") {
    const QuietTerminal quiet;
    return first_line(stdin, "standard input");
  }
  std::FILE* file = std::fopen(path.c_str(), "re");
  if (file == nullptr) return fail_errno("open", path, errno);
  auto secret = first_line(file, path);
  std::fclose(file);
  return secret;
}

std::string encoded(std::string_view text) {
  std::string result;
  for (const char letter : text) {
    const auto code = static_cast<unsigned char>(letter);
    const bool plain = (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
                       (letter >= '0' && letter <= '9') || letter == '-' || letter == '_' || letter == '.' ||
                       letter == '~';
    result += plain ? std::string(1, letter) : fmt::format("%{:02X}", code);
  }
  return result;
}

Result<Server> Server::connect(const ServerOptions& options) {
  std::string url = options.url.empty() ? environment("MYELIN_SERVER") : options.url;
  if (url.empty()) url = kDefaultServer;
  net::HttpClientOptions client_options;
  client_options.ca = options.ca.empty() ? environment("MYELIN_CA") : options.ca;
  auto client = net::HttpClient::create(url, client_options);
  if (!client) return pass(client);
  net::HttpHeaders headers;
  const auto user = environment("MYELIN_USER");
  if (!user.empty()) {
    const auto file = environment("MYELIN_PASSWORD_FILE");
    if (file.empty())
      return fail(Code::Invalid,
                  "MYELIN_USER is set and MYELIN_PASSWORD_FILE is not; name a file that holds the password");
    auto password = read_secret(file);
    if (!password) return pass(password);
    headers.add("Authorization", "Basic " + base64_encode(user + ":" + *password));
  }
  headers.add("Accept", "application/json");
  return Server(std::move(*client), std::move(headers));
}

Result<document::Node> Server::get(std::string_view target) const {
  auto body = get_text(target);
  if (!body) return pass(body);
  return document::parse_json(*body, kAnswerLimits);
}

Result<std::string> Server::get_text(std::string_view target) const { return body_of(client_.get(target, headers_)); }

Result<document::Node> Server::send(std::string_view method, std::string_view target,
                                    std::string_view json_body) const {
  auto body =
      body_of(client_.with_timeout(kChangeTimeout).request(method, target, "application/json", json_body, headers_));
  if (!body) return pass(body);
  if (body->empty()) return document::Node::null();
  return document::parse_json(*body, kAnswerLimits);
}

Result<void> Server::events(std::string_view target, std::string_view json_body, const EventSink& sink) const {
  Result<void> outcome;
  EventReader reader([&](std::string_view event, std::string_view data) {
    auto tree = document::parse_json(data);
    if (tree) {
      sink(event, *tree);
    } else if (outcome) {
      outcome = pass(tree);
    }
  });
  auto body = body_of(client_.stream("POST", target, "application/json", json_body, headers_,
                                     [&](std::string_view part) { reader.add(part); }));
  return body ? outcome : pass(body);
}

Result<std::string> Server::body_of(Result<net::HttpAnswer> answer) const {
  if (!answer) return pass(answer);
  if (answer->status >= 200 && answer->status < 300) return std::move(answer->body);
  const Code code = answer->status == 401   ? Code::Unauthenticated
                    : answer->status == 403 ? Code::Denied
                    : answer->status == 404 ? Code::NotFound
                    : answer->status == 409 ? Code::Exists
                    : answer->status >= 500 ? Code::Unavailable
                                            : Code::Invalid;
  const auto problem = document::parse_json(answer->body);
  if (!problem)
    return fail(code, "{} answered {} {}", client_.server(), answer->status, net::http_reason(answer->status));
  auto message = text_of(*problem, "detail");
  if (message.empty()) message = text_of(*problem, "title");
  const auto next = text_of(*problem, "next");
  return fail(code, "{}{}{}", message, next.empty() ? "" : "\n  next: ", next);
}

}  // namespace myelin::app::cli
