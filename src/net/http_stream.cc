#include "net/http_stream.h"

#include <ctime>
#include <utility>

#include "base/log.h"
#include "net/http_header.h"

namespace myelin::net {
namespace {

std::string http_date() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  ::gmtime_r(&now, &parts);
  char text[64];
  const auto size = std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts);
  return {text, size};
}

bool has_no_body(int status) { return status == 204 || status == 304 || status < 200; }

}  // namespace

HttpStream::HttpStream(std::shared_ptr<HttpHost> host, std::unique_ptr<Transport> transport, Endpoint peer)
    : Stream(host->loop, std::move(transport), {host->bytes, nullptr, host->limits.stall_limit}),
      host_(std::move(host)),
      parser_({host_->limits.header_bytes, host_->limits.body_bytes,
               [this](const HttpRequest& headers, std::uint64_t length) { return hold_place(headers, length); }}),
      peer_(std::move(peer)),
      is_tls_(this->transport().is_tls()),
      phase_since_(started_at()) {}

void HttpStream::received(std::size_t size) {
  const auto input = host_->read_ahead.take(size);
  if (phase_ == Phase::Events) return;  // there is nothing to say on an event stream
  parser_.add(as_text(input.view()));
  advance();
}

// Takes requests out of what was received, for as long as they are answered at once.
void HttpStream::advance() {
  if (advancing_) return;
  advancing_ = true;
  while (is_open() && phase_ == Phase::Receiving) {
    const auto before = std::exchange(progress_, parser_.parse());
    if (progress_ != before) phase_since_ = std::chrono::steady_clock::now();
    if (progress_ == HttpRequestParser::State::Bad) {
      reject(parser_.problem());
      break;
    }
    if (progress_ == HttpRequestParser::State::Complete) {
      handle_request();
      continue;
    }
    if (progress_ == HttpRequestParser::State::InBody && parser_.expects_continue() &&
        !std::exchange(told_to_continue_, true)) {
      queue(http_body("HTTP/1.1 100 Continue\r\n\r\n"));
      flush();
    }
    break;
  }
  advancing_ = false;
}

std::optional<HttpProblem> HttpStream::hold_place(const HttpRequest& headers, std::uint64_t length) {
  auto place = host_->place_for(headers, length);
  if (!place) return std::move(place.error());
  large_body_ = *std::move(place);
  return std::nullopt;
}

void HttpStream::handle_request() {
  keep_alive_ = parser_.keep_alive();
  http_1_0_ = parser_.is_http_1_0();
  auto request = parser_.take();
  progress_ = HttpRequestParser::State::Idle;
  head_only_ = request.method == "HEAD";
  request.peer = peer_;
  request.is_loopback = is_loopback(peer_.host);
  request.is_tls = is_tls_;
  phase_ = Phase::Handling;
  host_->handle(std::move(request), reply_to(self(), own_loop(), host_->limits.event_queue_bytes));
}

std::string HttpStream::head(int status, std::string_view content_type, const HttpHeaders& headers) const {
  auto text = fmt::format("HTTP/1.1 {} {}\r\n", status, http_reason(status));
  append_header(text, "Date", http_date());
  if (!content_type.empty()) append_header(text, "Content-Type", content_type);
  for (const auto& [name, value] : headers) append_header(text, name, value);
  return text;
}

void HttpStream::respond(const HttpResponse& response) {
  if (!is_open() || phase_ != Phase::Handling) return;
  const bool stays = keep_alive_ && !draining_;
  auto text = head(response.status, response.content_type, response.headers);
  if (!has_no_body(response.status)) append_header(text, "Content-Length", std::to_string(response.body.size()));
  if (!stays) {
    append_header(text, "Connection", "close");
  } else if (http_1_0_) {
    append_header(text, "Connection", "keep-alive");
  }
  text += "\r\n";
  queue(http_body(std::move(text)));
  if (!head_only_ && !has_no_body(response.status)) queue(response.body);
  large_body_.reset();
  phase_ = Phase::Receiving;
  phase_since_ = std::chrono::steady_clock::now();
  served_one_ = true;
  told_to_continue_ = false;
  if (!stays) {
    shut_after_sending(draining_ ? CloseReason::ServerStopping : CloseReason::ByHandler, "");
    return;
  }
  flush();
  if (!advancing_ && is_open()) {
    advance();
    resume_input();
  }
}

void HttpStream::reject(const HttpProblem& problem) {
  host_->rejected();
  phase_ = Phase::Handling;
  keep_alive_ = false;
  head_only_ = false;
  respond(http_response(problem.status, "text/plain; charset=utf-8", problem.text + "\n"));
}

void HttpStream::begin_events(const std::shared_ptr<EventBacklog>& backlog, const HttpHeaders& headers) {
  if (!is_open() || phase_ != Phase::Handling || draining_) {
    backlog->closed = true;
    shut(CloseReason::ServerStopping, "");
    return;
  }
  auto text = head(200, "text/event-stream", headers);
  append_header(text, "Cache-Control", "no-store");
  append_header(text, "Connection", "close");
  text += "\r\n";
  queue(http_body(std::move(text)));
  if (head_only_) {
    backlog->closed = true;
    shut_after_sending(CloseReason::ByHandler, "");
    return;
  }
  phase_ = Phase::Events;
  events_ = backlog;
  host_->event_streams(1);
  flush();
  if (!advancing_) resume_input();
}

void HttpStream::push_events(std::string text) {
  if (!is_open() || phase_ != Phase::Events) return;
  queue(http_body(std::move(text)));
  events_->queued = queued_memory();
  flush();
}

void HttpStream::sent() {
  if (events_) events_->queued = queued_memory();
}

void HttpStream::drain() {
  draining_ = true;
  if (state() == State::Opening) {
    shut(CloseReason::ServerStopping, "");
  } else if (phase_ != Phase::Handling) {
    shut_after_sending(CloseReason::ServerStopping, "");
  }
}

std::optional<CloseReason> HttpStream::overdue(MonotonicTime now) {
  const auto& limits = host_->limits;
  if (state() == State::Opening) {
    if (now - started_at() > limits.header_deadline) return CloseReason::TlsFailed;
    return std::nullopt;
  }
  if (!is_open() || phase_ == Phase::Handling) return std::nullopt;
  if (phase_ == Phase::Events) {
    if (queue_empty() && now - last_output() > limits.heartbeat) push_events(":\n\n");
    return std::nullopt;
  }
  const auto waited = now - phase_since_;
  switch (progress_) {
    case HttpRequestParser::State::Idle:
      if (waited > (served_one_ ? limits.keep_alive_limit : limits.header_deadline)) return CloseReason::Idle;
      break;
    case HttpRequestParser::State::InHeader:
      if (waited > limits.header_deadline) reject({408, "the headers did not come in time"});
      break;
    case HttpRequestParser::State::InBody:
      if (waited > limits.body_deadline) reject({408, "the body did not come in time"});
      break;
    default:
      break;
  }
  return std::nullopt;
}

void HttpStream::closed(CloseReason reason, std::string_view detail) {
  if (events_) {
    events_->closed = true;
    events_.reset();
    host_->event_streams(-1);
  }
  Task tell = [self = self(), reason, detail = std::string(detail)] { self->host_->closed(*self, reason, detail); };
  if (is_running(own_loop())) {
    own_loop().post(std::move(tell));
  } else {
    tell();
  }
}

namespace {

class EventSender final : public EventStream {
 public:
  EventSender(std::shared_ptr<HttpStream> stream, Loop& loop, std::shared_ptr<EventBacklog> backlog, std::size_t limit)
      : stream_(std::move(stream)), loop_(loop), backlog_(std::move(backlog)), limit_(limit) {}
  ~EventSender() override { close(); }
  EventSender(const EventSender&) = delete;
  EventSender& operator=(const EventSender&) = delete;

  bool send(std::string_view event, std::string_view data) override {
    if (backlog_->closed) return false;
    auto text = format(event, data);
    const auto size = text.size();
    if (backlog_->posted.fetch_add(size) + backlog_->queued + size > limit_) {
      backlog_->closed = true;
      loop_.dispatch([stream = stream_] {
        stream->shut(CloseReason::SendQueueFull, "the reader of an event stream is too far behind");
      });
      return false;
    }
    loop_.dispatch([stream = stream_, backlog = backlog_, text = std::move(text)]() mutable {
      const auto moved = text.size();
      stream->push_events(std::move(text));
      backlog->posted -= moved;
    });
    return true;
  }
  bool closed() const override { return backlog_->closed; }
  void close() override {
    if (backlog_->closed.exchange(true)) return;
    loop_.dispatch([stream = stream_] { stream->shut_after_sending(CloseReason::ByHandler, "event stream ended"); });
  }

 private:
  static std::string format(std::string_view event, std::string_view data) {
    std::string text = "event: ";
    for (const char letter : event) text += letter == '\n' || letter == '\r' ? ' ' : letter;
    while (true) {
      const auto line = data.substr(0, data.find('\n'));
      text += "\ndata: ";
      for (const char letter : line) {
        if (letter != '\r') text += letter;
      }
      if (line.size() == data.size()) break;
      data.remove_prefix(line.size() + 1);
    }
    return text += "\n\n";
  }

  const std::shared_ptr<HttpStream> stream_;
  Loop& loop_;
  const std::shared_ptr<EventBacklog> backlog_;
  const std::size_t limit_;
};

class StreamSink final : public HttpReply::Sink {
 public:
  StreamSink(std::shared_ptr<HttpStream> stream, Loop& loop, std::size_t event_queue_bytes)
      : stream_(std::move(stream)), loop_(loop), event_queue_bytes_(event_queue_bytes) {}

  void send(HttpResponse response) override {
    loop_.dispatch([stream = stream_, response = std::move(response)] { stream->respond(response); });
  }
  std::shared_ptr<EventStream> start_events(HttpHeaders headers) override {
    auto backlog = std::make_shared<EventBacklog>();
    loop_.dispatch(
        [stream = stream_, backlog, headers = std::move(headers)] { stream->begin_events(backlog, headers); });
    return std::make_shared<EventSender>(stream_, loop_, std::move(backlog), event_queue_bytes_);
  }

 private:
  const std::shared_ptr<HttpStream> stream_;
  Loop& loop_;
  const std::size_t event_queue_bytes_;
};

}  // namespace

HttpReply reply_to(std::shared_ptr<HttpStream> stream, Loop& loop, std::size_t event_queue_bytes) {
  return HttpReply(std::make_shared<StreamSink>(std::move(stream), loop, event_queue_bytes));
}

HttpReply::~HttpReply() {
  if (!sink_) return;
  log::error("an HTTP request was not answered by its handler");
  sink_->send(http_response(500, "text/plain; charset=utf-8", "the server failed to answer\n"));
}

void HttpReply::send(HttpResponse response) { std::exchange(sink_, nullptr)->send(std::move(response)); }

std::shared_ptr<EventStream> HttpReply::start_events(HttpHeaders headers) {
  return std::exchange(sink_, nullptr)->start_events(std::move(headers));
}

}  // namespace myelin::net
