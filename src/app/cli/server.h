#pragma once
// The command line's way to a running server: where it is, who asks, and answers as trees. --server or MYELIN_SERVER
// (http://127.0.0.1:8080), MYELIN_USER with MYELIN_PASSWORD_FILE, --ca or MYELIN_CA for a certificate authority of
// one's own.
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "document/node.h"
#include "net/http_client.h"

namespace myelin::app::cli {

struct ServerOptions {
  std::string url;  // empty: MYELIN_SERVER, else the default
  std::string ca;
};

class Server {
 public:
  [[nodiscard]] static Result<Server> connect(const ServerOptions& options);

  // The JSON body of a 2xx answer. Other statuses are errors whose message is the problem's detail and next step.
  [[nodiscard]] Result<document::Node> get(std::string_view target) const;
  [[nodiscard]] Result<document::Node> send(std::string_view method, std::string_view target,
                                            std::string_view json_body) const;
  // Posts, and passes on the events of the answer as they come. Fails when the answer is not 2xx or breaks off.
  using EventSink = std::function<void(std::string_view event, const document::Node& data)>;
  [[nodiscard]] Result<void> events(std::string_view target, std::string_view json_body, const EventSink& sink) const;
  // The body of a 2xx answer as it came.
  [[nodiscard]] Result<std::string> get_text(std::string_view target) const;

 private:
  Server(net::HttpClient client, net::HttpHeaders headers) : client_(std::move(client)), headers_(std::move(headers)) {}
  [[nodiscard]] Result<std::string> body_of(Result<net::HttpAnswer> answer) const;

  net::HttpClient client_;
  net::HttpHeaders headers_;
};

// Percent-encodes one segment of a path or one value of a query.
[[nodiscard]] std::string encoded(std::string_view text);
// A password from a file (its first line) or, for "-", from standard input. Never from an argument.
[[nodiscard]] Result<std::string> read_secret(const std::string& path);

}  // namespace myelin::app::cli
