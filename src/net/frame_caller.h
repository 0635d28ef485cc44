#pragma once
// Kafka frames for a program that asks and waits: one connection, one question at a time, plain or TLS. For the command
// line; servers use frame_client.h.
#include <chrono>
#include <memory>
#include <optional>

#include "base/bytes.h"
#include "base/result.h"
#include "net/endpoint.h"
#include "net/tls.h"

namespace myelin::net {

struct FrameCallerOptions {
  Endpoint server;
  std::optional<TlsClientFiles> tls;
  std::uint32_t frame_bytes = 256U << 20;
  std::chrono::milliseconds connect_timeout{10'000};
  std::chrono::milliseconds timeout{60'000};  // of one question
};

class FrameCaller {
 public:
  // Errors name the server and say what to check.
  [[nodiscard]] static Result<FrameCaller> connect(FrameCallerOptions options);
  ~FrameCaller();
  FrameCaller(FrameCaller&&) noexcept;
  FrameCaller& operator=(FrameCaller&&) noexcept;

  // Sends one frame, whose length it puts in front, and returns the next that comes. After an error it is of no use.
  [[nodiscard]] Result<SharedBytes> ask(const PayloadChain& frame);

 private:
  struct Impl;
  explicit FrameCaller(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace myelin::net
