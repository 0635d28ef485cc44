#include "engine/upstream/lane.h"

#include <utility>

#include "kafka/header.h"

namespace myelin::engine::upstream {

Result<std::shared_ptr<Lane>> Lane::open(net::Loop& loop, const net::FrameClientOptions& options) {
  const auto lane = std::make_shared<Lane>();
  auto connection =
      net::connect_frames(loop, options, [lane](const std::shared_ptr<net::FrameConnection>&) { return lane; });
  if (!connection) return pass(connection);
  const std::scoped_lock lock(lane->mutex_);
  // It may have failed already.
  if (!lane->closed_) lane->connection_ = *std::move(connection);
  return lane;
}

void Lane::send(const LaneRequest& about, const kafka::Request& request, Answer answer) {
  kafka::RequestHeader header;
  header.api_key = std::to_underlying(about.key);
  header.api_version = about.version;
  header.client_id = about.client_id;
  std::shared_ptr<net::FrameConnection> connection;
  {
    const std::scoped_lock lock(mutex_);
    connection = connection_;
    header.correlation_id = next_correlation_++;
    if (connection && about.is_answered) {
      pending_.emplace(header.correlation_id, Pending{about.key, about.version, std::move(answer)});
    }
  }
  if (!connection) {
    if (about.is_answered) answer(fail(Code::Unavailable, "the connection to the cluster has ended"));
    return;
  }
  kafka::Writer out;
  header.encode(out);
  kafka::encode_request(request, about.version, out);
  connection->send(out.finish());
}

void Lane::close() {
  if (const auto connection = end("the client has gone")) connection->close("the client has gone");
}

bool Lane::is_closed() const {
  const std::scoped_lock lock(mutex_);
  return closed_;
}

void Lane::on_frame(SharedBytes frame) {
  constexpr std::size_t kCorrelationSize = 4;
  std::unordered_map<std::int32_t, Pending>::node_type found;
  if (frame.size() >= kCorrelationSize) {
    const std::scoped_lock lock(mutex_);
    found = pending_.extract(load_big_endian<std::int32_t>(frame.view().data()));
  }
  if (found.empty()) {
    close();
    return;
  }
  Pending& pending = found.mapped();
  kafka::Reader in(std::move(frame));
  const auto header = kafka::ResponseHeader::decode(in, pending.key, pending.version);
  if (!header) {
    pending.answer(std::unexpected(header.error()));
    return;
  }
  pending.answer(kafka::decode_response(pending.key, pending.version, in));
}

void Lane::on_close(net::CloseReason reason) { static_cast<void>(end(net::close_reason_name(reason))); }

// Lets go of the connection, which holds the lane, and answers what is under way.
std::shared_ptr<net::FrameConnection> Lane::end(std::string_view reason) {
  std::shared_ptr<net::FrameConnection> connection;
  std::unordered_map<std::int32_t, Pending> lost;
  {
    const std::scoped_lock lock(mutex_);
    closed_ = true;
    connection = std::move(connection_);
    connection_.reset();
    lost.swap(pending_);
  }
  for (auto& [correlation, pending] : lost) {
    pending.answer(fail(Code::Unavailable, "the connection to the cluster ended: {}", reason));
  }
  return connection;
}

}  // namespace myelin::engine::upstream
