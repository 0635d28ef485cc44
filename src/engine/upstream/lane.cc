#include "engine/upstream/lane.h"

#include <algorithm>
#include <utility>

#include "kafka/header.h"

namespace myelin::engine::upstream {

Result<std::shared_ptr<Lane>> Lane::open(net::Loop& loop, const net::FrameClientOptions& options, OnFault on_fault) {
  auto lane = std::make_shared<Lane>(std::move(on_fault));
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
  std::unique_lock lock(mutex_);
  const auto connection = connection_;
  if (!connection) {
    lock.unlock();
    answer(fail(Code::Unavailable, "the connection to the cluster has ended"));
    return;
  }
  header.correlation_id = next_correlation_++;
  const auto due = std::chrono::steady_clock::now() + about.patience;
  pending_.emplace(header.correlation_id, Pending{about.key, about.version, due, std::move(answer)});
  lock.unlock();
  kafka::Writer out;
  header.encode(out);
  kafka::encode_request(request, about.version, out);
  connection->send(out.finish());
}

void Lane::close(std::string_view why) {
  if (const auto connection = end(why)) connection->close(why);
}

void Lane::sweep(MonotonicTime now) {
  {
    const std::scoped_lock lock(mutex_);
    if (!std::ranges::any_of(pending_, [now](const auto& one) { return one.second.due < now; })) return;
  }
  close("the cluster did not answer in time");
}

bool Lane::is_closed() const {
  const std::scoped_lock lock(mutex_);
  return closed_;
}

// An answer that nobody asked for or that can't be read leaves nothing to trust in the rest of the stream.
void Lane::on_frame(SharedBytes frame) {
  constexpr std::size_t kCorrelationSize = 4;
  std::unordered_map<std::int32_t, Pending>::node_type found;
  {
    const std::scoped_lock lock(mutex_);
    if (closed_) return;  // whoever asked for it has been answered
    if (frame.size() >= kCorrelationSize) {
      found = pending_.extract(load_big_endian<std::int32_t>(frame.view().data()));
    }
  }
  if (found.empty()) {
    on_fault_("an answer to no request");
    close("an answer to no request");
    return;
  }
  Pending& pending = found.mapped();
  kafka::Reader in(std::move(frame));
  const auto header = kafka::ResponseHeader::decode(in, pending.key, pending.version);
  auto response = header ? kafka::decode_response(pending.key, pending.version, in)
                         : Result<kafka::Response>(std::unexpected(header.error()));
  if (!response) {
    on_fault_(response.error().message);
    // First, so that what the client asks next goes over another lane.
    close("an answer that can't be read");
  }
  pending.answer(std::move(response));
}

void Lane::on_close(net::CloseReason reason) {
  if (reason == net::CloseReason::BadFrame) on_fault_("an answer whose length is negative or over the limit");
  static_cast<void>(end(net::close_reason_name(reason)));
}

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
