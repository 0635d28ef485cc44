#pragma once
// What the tests of this module share: a blocking socket to speak from the other side, handlers that record,
// certificates.
#include <chrono>
#include <condition_variable>
#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/frame_connection.h"
#include "net/frame_server.h"
#include "net/socket.h"
#include "net/tls.h"

#include <gtest/gtest.h>

namespace myelin::net::testing {

// How long a test waits for what must happen. Far beyond what it takes, even under a sanitizer on a busy machine.
inline constexpr std::chrono::seconds kPatience{20};

// A plain, blocking client socket.
class Peer {
 public:
  explicit Peer(const Endpoint& server);
  void send(std::string_view bytes);
  // False when the connection broke before all was taken.
  bool try_send(std::string_view bytes);
  // Exactly `size` bytes, or fewer when the stream ends.
  [[nodiscard]] std::string receive(std::size_t size);
  [[nodiscard]] std::string receive_frame();
  [[nodiscard]] std::string receive_until_end();
  // The peer at the other end has closed, orderly or not; waits for it.
  [[nodiscard]] bool ended() { return receive(1).empty(); }
  void close() { socket_.reset(); }
  [[nodiscard]] int descriptor() const { return socket_.get(); }

 private:
  Descriptor socket_;
};

[[nodiscard]] std::string framed(std::string_view body);
[[nodiscard]] SharedBytes bytes(std::string text);

// A value set on one thread and awaited on another.
template <typename T>
class Awaited {
 public:
  void set(T value) {
    const std::lock_guard lock(mutex_);
    values_.push_back(std::move(value));
    changed_.notify_all();
  }
  // The next value; nullopt when none came in time.
  [[nodiscard]] std::optional<T> next(std::chrono::milliseconds patience = kPatience) {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, patience, [&] { return !values_.empty(); })) return std::nullopt;
    T value = std::move(values_.front());
    values_.pop_front();
    return value;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<T> values_;
};

// A handler made of functions; what is not set does nothing.
class ScriptedHandler final : public FrameHandler {
 public:
  explicit ScriptedHandler(std::shared_ptr<FrameConnection> own) : connection(std::move(own)) {}
  void on_open() override {
    if (opened) opened(*connection);
  }
  void on_frame(SharedBytes frame) override {
    if (received) received(*connection, std::move(frame));
  }
  void on_sent(std::uint64_t frames) override {
    if (sent) sent(frames);
  }
  void on_drain() override {
    if (draining) draining(*connection);
  }
  void on_close(CloseReason reason) override {
    if (closed) closed(reason);
    connection.reset();
  }

  std::shared_ptr<FrameConnection> connection;
  std::function<void(FrameConnection&)> opened;
  std::function<void(FrameConnection&, SharedBytes)> received;
  std::function<void(std::uint64_t)> sent;
  std::function<void(FrameConnection&)> draining;
  std::function<void(CloseReason)> closed;
};

// A server whose connections run a script, on two loops.
class FrameServerFixture : public ::testing::Test {
 protected:
  using Script = std::function<void(ScriptedHandler&)>;

  Endpoint serve(Script script, FrameLimits limits = {}, std::shared_ptr<TlsContext> tls = nullptr,
                 FrameServer::DiskPool disk_pool = {});
  // Every frame comes back.
  static void echo(ScriptedHandler& handler);
  static void authenticated_echo(ScriptedHandler& handler);

  Reactor reactor_{2};
  Awaited<CloseReason> closed_;
  std::unique_ptr<FrameServer> server_;
};

// Certificates made for a test run, in a directory that goes away with the object.
class CertificateWorkshop {
 public:
  CertificateWorkshop();
  ~CertificateWorkshop();
  struct Pair {
    std::filesystem::path certificate;
    std::filesystem::path key;
  };
  struct Wish {
    std::string subject = "/O=Quokka/CN=localhost";  // openssl's form
    int days_from_now = -1;                          // validity begins
    int days = 365;                                  // and lasts
  };
  // Signed by the workshop's authority, valid for localhost and 127.0.0.1.
  [[nodiscard]] Pair make(const std::string& name) { return make(name, Wish{}); }
  [[nodiscard]] Pair make(const std::string& name, const Wish& wish);
  [[nodiscard]] const std::filesystem::path& authority() const { return authority_; }
  [[nodiscard]] std::filesystem::path write(const std::string& name, std::string_view content);
  [[nodiscard]] const std::filesystem::path& directory() const { return directory_; }

 private:
  struct Keys;
  std::filesystem::path directory_;
  std::filesystem::path authority_;
  std::unique_ptr<Keys> keys_;
};

}  // namespace myelin::net::testing
