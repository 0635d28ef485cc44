#pragma once
// One connection's socket on its loop: handshake, turns of reading and writing, back-pressure, closing. What the bytes
// mean is the business of the two kinds of stream: frames and HTTP. Private to this module; loop thread only.
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "net/fd_watch.h"
#include "net/frame_connection.h"
#include "net/send_queue.h"
#include "net/transport.h"

namespace myelin::net {

// Written by one loop, read by whoever asks.
struct ByteCounters {
  std::atomic<std::uint64_t> received = 0;
  std::atomic<std::uint64_t> sent = 0;
};

using DiskPool = std::function<void(Task)>;

class Stream : public FdEvents, public std::enable_shared_from_this<Stream> {
 public:
  struct Shared {
    ByteCounters& bytes;
    const DiskPool* disk_pool = nullptr;  // null: file ranges are sent even when that waits for the disk
    std::chrono::milliseconds stall_limit;
  };
  Stream(Loop& loop, std::unique_ptr<Transport> transport, Shared shared);
  ~Stream() override = default;
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  void start();
  // Ends the connection now. The first call decides the reason.
  void shut(CloseReason reason, std::string_view detail);
  // Sends what is queued, then ends.
  void shut_after_sending(CloseReason reason, std::string_view detail);
  // Called a few times per shortest deadline.
  void sweep(MonotonicTime now);

  void on_readable() final;
  void on_writable() final;

 protected:
  enum class State : std::uint8_t { Opening, Open, Finishing, Lingering, Closed };

  // The handshake is done.
  virtual void opened() = 0;
  // Input: where to put it, and that it came. Asked only while wants_input().
  [[nodiscard]] virtual bool wants_input() const = 0;
  [[nodiscard]] virtual std::span<std::byte> room() = 0;
  virtual void received(std::size_t size) = 0;
  // Some of the queue has been written; called before anything follows from it, so it must not send or close.
  virtual void wrote() {}
  // The same, after what follows from it.
  virtual void sent() = 0;
  // The reason to end the connection now, if any. May act on its own instead.
  [[nodiscard]] virtual std::optional<CloseReason> overdue(MonotonicTime now) = 0;
  // The last call; the socket is closed. May happen inside any function of this class.
  virtual void closed(CloseReason reason, std::string_view detail) = 0;

  void queue(Payload payload) { queue_.push(std::move(payload)); }
  void queue_frame(PayloadChain body) { queue_.push_frame(std::move(body)); }
  void flush();
  // After what else the loop has to do now, so that answers which come together go in one packet.
  void flush_soon();
  // Reads if input is wanted and nobody is reading already.
  void resume_input();

  [[nodiscard]] State state() const { return state_; }
  [[nodiscard]] bool is_open() const { return state_ == State::Open; }
  [[nodiscard]] Loop& own_loop() const { return loop_; }
  [[nodiscard]] const Transport& transport() const { return *transport_; }
  [[nodiscard]] std::size_t queued_memory() const { return queue_.memory_bytes(); }
  [[nodiscard]] bool queue_empty() const { return queue_.empty(); }
  [[nodiscard]] std::uint64_t frames_written() const { return queue_.frames_written(); }
  [[nodiscard]] MonotonicTime started_at() const { return started_at_; }
  [[nodiscard]] MonotonicTime last_input() const { return last_input_; }
  [[nodiscard]] MonotonicTime last_output() const { return last_output_; }

 private:
  void continue_handshake();
  void read_turn();
  void read_until_end();
  void wait_for(IoResult::Status status);
  void warm_and_continue();
  void linger();
  void lost();

  Loop& loop_;
  std::unique_ptr<Transport> transport_;
  std::unique_ptr<FdWatch> watch_;
  Shared shared_;
  SendQueue queue_;
  State state_ = State::Opening;

  bool reading_ = false;      // inside read_turn
  bool read_posted_ = false;  // read_turn is queued behind other work
  bool flush_posted_ = false;
  bool warming_ = false;   // the front file range is being read by the disk pool
  bool moved_in_ = false;  // since the last sweep
  bool moved_out_ = false;
  bool moved_before_ = false;  // between the two sweeps before
  CloseReason finish_reason_ = CloseReason::ByHandler;
  std::string finish_detail_;
  MonotonicTime started_at_;
  MonotonicTime last_input_;
  MonotonicTime last_output_;
  MonotonicTime owed_since_;  // the peer has been owed something and taken none of it
  MonotonicTime lingers_since_;
};

}  // namespace myelin::net
