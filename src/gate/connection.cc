#include "gate/connection.h"

#include <utility>

#include "base/check.h"
#include "base/log.h"

namespace myelin::gate {

Connection::Connection(governance::Path& path, ConnectionOptions options, std::shared_ptr<net::FrameConnection> wire)
    : path_(path), options_(std::move(options)), wire_(std::move(wire)) {}

void Connection::on_open() {
  governance::Peer peer;
  peer.security = options_.security;
  peer.host = wire_->peer_address().host;
  peer.advertised_host = options_.advertised_host.empty() ? wire_->local_address().host : options_.advertised_host;
  peer.advertised_port = options_.advertised_port == 0 ? wire_->local_address().port : options_.advertised_port;
  if (const auto& certificate = wire_->peer_certificate()) {
    peer.certificate_name = certificate->common_name.empty() ? certificate->subject : certificate->common_name;
  }
  auto session = path_.open(std::move(peer), [weak = weak_from_this()] {
    const auto self = weak.lock();
    if (self) self->wire_->run_on_loop([self] { self->leave_if_revoked(); });
  });
  if (!session) {
    wire_->close(session.error().message);
    return;
  }
  session_ = std::move(*session);
  if (session_->authenticated()) {
    told_authenticated_ = true;
    wire_->authenticated();
  }
}

void Connection::on_frame(SharedBytes frame) {
  if (!session_) return;
  if (session_->takes_raw_tokens()) {
    take_token(std::move(frame));
    return;
  }
  const auto size = frame.size();
  kafka::Reader reader(std::move(frame));
  auto header = kafka::RequestHeader::decode(reader);
  if (!header) {
    wire_->close(header.error().message);
    return;
  }
  if (!path_.serves(header->api_key, header->api_version)) {
    if (header->api_key == static_cast<std::int16_t>(kafka::ApiKey::ApiVersions)) {
      refuse_api_versions(*header, size);
      return;
    }
    wire_->close("request of an API or version that is not served");
    return;
  }
  take(size, *header, reader);
}

void Connection::take(std::size_t frame_bytes, const kafka::RequestHeader& header, kafka::Reader& reader) {
  auto request = kafka::decode_request(static_cast<kafka::ApiKey>(header.api_key), header.api_version, reader);
  if (!request) {
    wire_->close(request.error().message);
    return;
  }
  hand_over(frame_bytes, {.key = header.api_key, .version = header.api_version, .correlation = header.correlation_id},
            header.client_id.value_or(std::string()), std::move(*request));
}

// After SaslHandshake v0 a frame is one message of the mechanism, without any header, until the sign-in is over.
void Connection::take_token(SharedBytes token) {
  const auto size = token.size();
  kafka::SaslAuthenticateRequest request;
  request.auth_bytes = std::move(token);
  hand_over(size, {.key = static_cast<std::int16_t>(kafka::ApiKey::SaslAuthenticate), .is_token = true}, {},
            std::move(request));
}

void Connection::hand_over(std::size_t frame_bytes, Answered to, std::string client_id, kafka::Request request) {
  to.sequence = next_sequence_++;
  slots_.push_back({.sequence = to.sequence, .frame_bytes = frame_bytes});
  in_flight_bytes_ += frame_bytes;
  update_reading();
  governance::Incoming incoming{static_cast<kafka::ApiKey>(to.key), to.version, std::move(client_id),
                                std::move(request)};
  // The clock of the connection's own loop: a poll that ends without records wakes no other thread.
  if (incoming.key == kafka::ApiKey::Fetch) {
    incoming.run_after = [weak = weak_from_this(), sequence = to.sequence](auto delay, auto task) {
      const auto self = weak.lock();
      if (!self) return;
      self->wire_->run_on_loop([self, sequence, delay, task = std::move(task)]() mutable {
        if (auto* slot = self->open_slot(sequence)) slot->run_after = self->wire_->loop().after(delay, std::move(task));
      });
    };
  }
  const auto next =
      path_.handle(session_, std::move(incoming), [self = shared_from_this(), to](governance::Answer answer) mutable {
        auto& wire = *self->wire_;
        wire.run_on_loop([self = std::move(self), to, answer = std::move(answer)]() mutable {
          self->answered(to, std::move(answer));
        });
      });
  const bool is_owed = !slots_.empty() && slots_.back().sequence == to.sequence;
  if (next == governance::Path::Next::AfterTheAnswer && is_owed) {
    holding_ = true;
    update_reading();
  }
}

// A client that speaks a newer ApiVersions than ours learns our versions from an answer in version 0.
void Connection::refuse_api_versions(const kafka::RequestHeader& header, std::size_t frame_bytes) {
  const auto sequence = next_sequence_++;
  slots_.push_back({.sequence = sequence, .frame_bytes = frame_bytes});
  in_flight_bytes_ += frame_bytes;
  answered({.sequence = sequence, .key = header.api_key, .correlation = header.correlation_id},
           path_.unsupported_api_versions());
}

PayloadChain Connection::encoded(const Answered& to, const kafka::Response& response) {
  kafka::Writer writer;
  kafka::ResponseHeader{to.correlation, {}}.encode(writer, static_cast<kafka::ApiKey>(to.key), to.version);
  kafka::encode_response(response, to.version, writer);
  return writer.finish();
}

// A refusal has no form here: the connection closes without a word.
PayloadChain Connection::token_of(const kafka::Response& response) {
  const auto& answer = std::get<kafka::SaslAuthenticateResponse>(response);
  if (answer.error_code != 0) return {};
  return {Payload(answer.auth_bytes)};
}

Connection::Slot* Connection::open_slot(std::uint64_t sequence) {
  if (closed_ || slots_.empty() || sequence < slots_.front().sequence) return nullptr;
  auto& slot = slots_[sequence - slots_.front().sequence];
  return slot.answered ? nullptr : &slot;
}

void Connection::answered(const Answered& to, governance::Answer answer) {
  if (closed_) return;
  auto* const owed = open_slot(to.sequence);
  CHECK(owed != nullptr);
  auto& slot = *owed;
  slot.answered = true;
  slot.run_after.cancel();
  slot.close_after = answer.close_after;
  slot.mute = answer.mute;
  slot.when_sent = std::move(answer.when_sent);
  if (answer.response) slot.answer = to.is_token ? token_of(*answer.response) : encoded(to, *answer.response);
  if (session_->authenticated() && !told_authenticated_) {
    told_authenticated_ = true;
    wire_->authenticated();
  }
  flush();
}

void Connection::flush() {
  while (!slots_.empty() && slots_.front().answered) {
    auto slot = std::move(slots_.front());
    slots_.pop_front();
    in_flight_bytes_ -= slot.frame_bytes;
    if (slots_.empty()) holding_ = false;
    if (slot.mute.count() > 0) mute(slot.mute);
    const bool is_last = slot.close_after;
    send(std::move(slot));
    if (is_last) {
      wire_->finish("closed by the governance path");
      return;
    }
  }
  if (draining_ && slots_.empty()) {
    wire_->finish("server stopping");
    return;
  }
  update_reading();
}

void Connection::send(Slot slot) {
  if (slot.answer.empty()) return;
  ++frames_given_;
  if (slot.when_sent) unsent_.push_back({frames_given_, std::move(slot.when_sent)});
  wire_->send(std::move(slot.answer));
}

void Connection::on_sent(std::uint64_t frames) {
  while (!unsent_.empty() && unsent_.front().frame <= frames) {
    unsent_.front().when_sent();
    unsent_.pop_front();
  }
}

void Connection::mute(std::chrono::milliseconds duration) {
  muted_ = true;
  std::weak_ptr<Connection> weak = weak_from_this();
  unmute_ = wire_->loop().after(duration, [weak] {
    const auto self = weak.lock();
    if (!self) return;
    self->muted_ = false;
    self->update_reading();
  });
}

// Before sign-in requests are taken one at a time: what follows may depend on who the peer turns out to be.
void Connection::update_reading() {
  const bool one_at_a_time = !session_->authenticated() && !slots_.empty();
  const bool full = slots_.size() >= options_.in_flight_max || in_flight_bytes_ >= options_.in_flight_bytes_max;
  const bool wanted = !muted_ && !holding_ && !one_at_a_time && !full;
  if (wanted == reading_) return;
  reading_ = wanted;
  if (wanted) {
    wire_->resume_reading();
  } else {
    wire_->pause_reading();
  }
}

// During a sign-in the session may be in use on another thread; whoever signs in is asked for afterwards.
void Connection::leave_if_revoked() {
  if (closed_ || !told_authenticated_ || !path_.is_revoked(*session_)) return;
  wire_->close("the password it signed in by is gone");
}

void Connection::on_drain() {
  draining_ = true;
  if (slots_.empty()) wire_->finish("server stopping");
}

void Connection::on_close(net::CloseReason reason) {
  closed_ = true;
  unmute_.cancel();
  for (auto& slot : slots_) slot.run_after.cancel();
  unsent_.clear();  // never sent, so never metered
  if (session_) path_.close(*session_);
  log::debug("connection closed", {{"reason", net::close_reason_name(reason)}});
}

}  // namespace myelin::gate
