#include "net/transport.h"

#include <sys/sendfile.h>

#include <cerrno>
#include <cstring>

#include <poll.h>

namespace myelin::net {
namespace {

using Status = IoResult::Status;

class PlainTransport final : public Transport {
 public:
  PlainTransport(Descriptor descriptor, bool connecting) : Transport(std::move(descriptor)), connecting_(connecting) {}

  IoResult handshake() override {
    if (!connecting_) return {};
    pollfd established{descriptor(), POLLOUT, 0};
    if (::poll(&established, 1, 0) == 0) return {Status::WantWrite, 0};
    if (const int error = connect_error(descriptor()); error != 0) return failed(Fault::Network, std::strerror(error));
    connecting_ = false;
    return {};
  }

  IoResult read(std::span<std::byte> to) override {
    const auto size = ::recv(descriptor(), to.data(), to.size(), 0);
    if (size > 0) return {Status::Done, static_cast<std::size_t>(size)};
    if (size == 0) return {Status::Ended, 0};
    return refused("recv", Status::WantRead);
  }

  IoResult write(std::span<const iovec> from, bool more) override {
    msghdr message{};
    message.msg_iov = const_cast<iovec*>(from.data());  // sendmsg does not write to it; its type is older than const
    message.msg_iovlen = from.size();
    const auto size = ::sendmsg(descriptor(), &message, MSG_NOSIGNAL | (more ? MSG_MORE : 0));
    if (size >= 0) return {Status::Done, static_cast<std::size_t>(size)};
    return refused("send", Status::WantWrite);
  }

  IoResult write_file(int file, std::uint64_t offset, std::size_t size) override {
    auto position = static_cast<off_t>(offset);
    const auto sent = ::sendfile(descriptor(), file, &position, size);
    if (sent > 0) return {Status::Done, static_cast<std::size_t>(sent)};
    if (sent == 0) return failed(Fault::File, "the file ends before the range that was promised");
    return refused("sendfile", Status::WantWrite);
  }

  bool takes_files() const override { return true; }
  void end_writing() override { ::shutdown(descriptor(), SHUT_WR); }
  std::optional<PeerCertificate> peer_certificate() const override { return std::nullopt; }
  bool is_tls() const override { return false; }

 private:
  IoResult refused(const char* call, Status wait_for) {
    if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) return {wait_for, 0};
    return failed(errno == EIO ? Fault::File : Fault::Network, fmt::format("{}: {}", call, std::strerror(errno)));
  }

  bool connecting_;
};

}  // namespace

std::unique_ptr<Transport> plain_transport(Descriptor descriptor) {
  return std::make_unique<PlainTransport>(std::move(descriptor), false);
}

std::unique_ptr<Transport> connecting_transport(Descriptor descriptor) {
  return std::make_unique<PlainTransport>(std::move(descriptor), true);
}

}  // namespace myelin::net
