#include "net/frame_caller.h"

#include <algorithm>
#include <array>

#include "base/check.h"
#include "net/blocking_stream.h"

namespace myelin::net {

struct FrameCaller::Impl {
  FrameCallerOptions options;
  BlockingStream stream;

  [[nodiscard]] std::unexpected<Error> explain(const Error& error) const {
    return fail(error.code, "{}: {}", options.server.text(), error.message);
  }

  Result<void> fill(std::span<std::byte> into, BlockingDeadline deadline) {
    while (!into.empty()) {
      const auto received = stream.receive(into, deadline);
      if (!received) return explain(received.error());
      if (*received == 0) return fail(Code::Unavailable, "{}: the server closed the connection", options.server.text());
      into = into.subspan(*received);
    }
    return {};
  }
};

Result<FrameCaller> FrameCaller::connect(FrameCallerOptions options) {
  const auto now = std::chrono::steady_clock::now();
  auto stream = BlockingStream::connect(
      {options.server, options.tls, now + options.connect_timeout, now + options.connect_timeout + options.timeout});
  if (!stream) {
    const auto& error = stream.error();
    const bool is_about_tls = error.message.starts_with(BlockingStream::kTlsFault);
    const std::string_view advice =
        is_about_tls ? "is it a TLS listener, its name in its certificate, and the authority that signed it trusted?"
                     : "is the address right, and a server there?";
    return fail(error.code, "cannot reach {}: {}; {}", options.server.text(), error.message, advice);
  }
  return FrameCaller(std::make_unique<Impl>(Impl{std::move(options), *std::move(stream)}));
}

FrameCaller::FrameCaller(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
FrameCaller::~FrameCaller() = default;
FrameCaller::FrameCaller(FrameCaller&&) noexcept = default;
FrameCaller& FrameCaller::operator=(FrameCaller&&) noexcept = default;

Result<SharedBytes> FrameCaller::ask(const PayloadChain& frame) {
  const auto deadline = std::chrono::steady_clock::now() + impl_->options.timeout;
  ByteBuffer bytes(sizeof(std::int32_t));
  for (const auto& part : frame) {
    const auto* memory = std::get_if<SharedBytes>(&part);
    CHECK(memory != nullptr);
    bytes.insert(bytes.end(), memory->view().begin(), memory->view().end());
  }
  store_big_endian(bytes.data(), static_cast<std::int32_t>(bytes.size() - sizeof(std::int32_t)));
  if (auto sent = impl_->stream.send(bytes, deadline); !sent) return impl_->explain(sent.error());
  std::array<std::byte, sizeof(std::int32_t)> prefix;
  if (auto filled = impl_->fill(prefix, deadline); !filled) return pass(filled);
  const auto size = load_big_endian<std::int32_t>(prefix.data());
  if (size <= 0 || static_cast<std::uint32_t>(size) > impl_->options.frame_bytes) {
    return fail(Code::Corrupt, "{}: an answer of {} bytes, expected 1 to {}; does Kafka listen there, and without TLS?",
                impl_->options.server.text(), size, impl_->options.frame_bytes);
  }
  ByteBuffer answer(static_cast<std::size_t>(size));
  if (auto filled = impl_->fill(answer, deadline); !filled) return pass(filled);
  return SharedBytes(std::move(answer));
}

}  // namespace myelin::net
