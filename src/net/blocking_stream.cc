#include "net/blocking_stream.h"

#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "net/socket.h"
#include "net/tls_internal.h"

namespace myelin::net {
namespace {

using Status = IoResult::Status;

// Waits until the socket is ready; false when the deadline passed first.
bool wait_for(int descriptor, Status status, BlockingDeadline deadline) {
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now()).count();
    if (left <= 0) return false;
    pollfd wanted{descriptor, static_cast<short>(status == Status::WantRead ? POLLIN : POLLOUT), 0};
    const int ready = ::poll(&wanted, 1, static_cast<int>(std::min<std::int64_t>(left, 3'600'000)));
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return false;
  }
}

bool must_wait(const IoResult& result) {
  return result.status == Status::WantRead || result.status == Status::WantWrite;
}

std::unexpected<Error> too_slow() { return fail(Code::Timeout, "no answer in time"); }

}  // namespace

Result<BlockingStream> BlockingStream::connect(const Target& target) {
  ignore_broken_pipes();
  auto socket = connect_to(target.server);
  if (!socket) return pass(socket);
  if (!wait_for(socket->get(), Status::WantWrite, target.connected_by)) return too_slow();
  if (const int error = connect_error(socket->get()); error != 0) {
    return fail(Code::Unavailable, "{}", std::strerror(error));
  }
  if (!target.tls) return BlockingStream(plain_transport(std::move(*socket)));
  auto context = client_tls_context(*target.tls);
  if (!context) return pass(context);
  BlockingStream stream(tls_client_transport(std::move(*socket), *context, target.server.host));
  if (auto shaken = stream.shake_hands(target.ready_by); !shaken) return pass(shaken);
  return stream;
}

Result<void> BlockingStream::shake_hands(BlockingDeadline deadline) {
  for (;;) {
    const auto result = transport_->handshake();
    if (result.status == Status::Done) return {};
    if (result.status == Status::Ended) return fail(Code::Unavailable, "the server ended the TLS handshake");
    if (result.status == Status::Failed) return fail(Code::Unavailable, "{}{}", kTlsFault, transport_->failure());
    if (!wait_for(transport_->descriptor(), result.status, deadline)) return too_slow();
  }
}

Result<void> BlockingStream::send(ByteSpan bytes, BlockingDeadline deadline) {
  while (!bytes.empty()) {
    const iovec part{const_cast<std::byte*>(bytes.data()), bytes.size()};
    const auto result = transport_->write({&part, 1}, false);
    if (result.status == Status::Done) {
      bytes = bytes.subspan(result.bytes);
    } else if (!must_wait(result)) {
      return fail(Code::Unavailable, "the server closed the connection");
    } else if (!wait_for(transport_->descriptor(), result.status, deadline)) {
      return too_slow();
    }
  }
  return {};
}

Result<std::size_t> BlockingStream::receive(std::span<std::byte> into, BlockingDeadline deadline) {
  for (;;) {
    const auto result = transport_->read(into);
    if (result.status == Status::Done) return result.bytes;
    if (!must_wait(result)) return 0;
    if (!wait_for(transport_->descriptor(), result.status, deadline)) return too_slow();
  }
}

}  // namespace myelin::net
