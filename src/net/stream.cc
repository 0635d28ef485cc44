#include "net/stream.h"

#include <algorithm>
#include <array>

namespace myelin::net {
namespace {

using Status = IoResult::Status;

// How long a peer that was told goodbye may take to say it too. Closing earlier could destroy the last answer in
// flight.
constexpr std::chrono::seconds kLinger{1};

void add(std::atomic<std::uint64_t>& counter, std::size_t amount) {
  // Only one thread writes, so the addition needs no lock prefix.
  counter.store(counter.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
}

}  // namespace

Stream::Stream(Loop& loop, std::unique_ptr<Transport> transport, Shared shared)
    : loop_(loop),
      transport_(std::move(transport)),
      shared_(shared),
      started_at_(std::chrono::steady_clock::now()),
      last_input_(started_at_),
      last_output_(started_at_),
      owed_since_(started_at_) {}

void Stream::start() {
  watch_ = std::make_unique<FdWatch>(loop_, transport_->descriptor());
  continue_handshake();
}

void Stream::continue_handshake() {
  const auto result = transport_->handshake();
  if (result.status == Status::Done) {
    state_ = State::Open;
    opened();
    if (!queue_.empty()) flush();
    if (state_ == State::Open) resume_input();
    return;
  }
  if (result.status == Status::WantRead || result.status == Status::WantWrite) {
    wait_for(result.status);
    return;
  }
  if (result.status == Status::Ended) {
    shut(CloseReason::PeerClosed, "the peer left during the handshake");
  } else if (transport_->is_tls()) {
    lost();
  } else {
    shut(CloseReason::ConnectFailed, transport_->failure());
  }
}

void Stream::on_readable() {
  if (state_ == State::Opening) {
    continue_handshake();
    return;
  }
  if (state_ == State::Lingering) {
    read_until_end();
    return;
  }
  read_turn();
  if (state_ == State::Open || state_ == State::Finishing) {
    if (!queue_.empty()) flush();
  }
}

void Stream::on_writable() {
  if (state_ == State::Opening) {
    continue_handshake();
    return;
  }
  flush();
  if (state_ == State::Open) resume_input();
}

void Stream::resume_input() {
  if (state_ != State::Open || reading_ || read_posted_ || watch_->waiting_readable() || !wants_input()) return;
  // A socket with something to read reports it.
  if (transport_->holds_input()) {
    read_turn();
  } else {
    wait_for(Status::WantRead);
  }
}

void Stream::read_turn() {
  if (reading_ || read_posted_) return;
  reading_ = true;
  std::size_t moved = 0;
  auto wait = Status::Done;
  while (state_ == State::Open && wants_input() && wait == Status::Done) {
    if (moved >= kTurnBytes) {
      read_posted_ = true;
      loop_.post([self = shared_from_this()] {
        self->read_posted_ = false;
        if (self->state_ == State::Open) self->read_turn();
      });
      break;
    }
    const auto space = room();
    const auto result = transport_->read(space);
    if (result.status == Status::Done) {
      const bool drained =
          result.bytes < std::min(space.size(), transport_->read_bytes_max()) && !transport_->holds_input();
      moved += result.bytes;
      moved_in_ = true;
      add(shared_.bytes.received, result.bytes);
      received(result.bytes);
      if (drained) wait = Status::WantRead;
    } else if (result.status == Status::Ended) {
      shut(CloseReason::PeerClosed, "");
    } else if (result.status == Status::Failed) {
      lost();
    } else {
      wait = result.status;
    }
  }
  reading_ = false;
  if (wait != Status::Done && state_ == State::Open && wants_input()) wait_for(wait);
}

void Stream::wait_for(Status status) {
  if (status == Status::WantRead && !watch_->waiting_readable()) watch_->wait_readable(shared_from_this());
  if (status == Status::WantWrite && !watch_->waiting_writable()) watch_->wait_writable(shared_from_this());
}

void Stream::flush() {
  if (state_ != State::Open && state_ != State::Finishing) return;
  if (warming_ || flush_posted_ || watch_->waiting_writable()) return;
  const auto written = queue_.write(*transport_, shared_.disk_pool == nullptr);
  if (written.bytes > 0) {
    moved_out_ = true;
    add(shared_.bytes.sent, written.bytes);
    wrote();
  }
  switch (written.stop) {
    case SendQueue::Stop::Drained:
      if (state_ == State::Finishing) {
        linger();
        return;
      }
      break;
    case SendQueue::Stop::TurnOver:
      flush_soon();
      break;
    case SendQueue::Stop::WantRead:
      wait_for(Status::WantRead);
      break;
    case SendQueue::Stop::WantWrite:
      wait_for(Status::WantWrite);
      break;
    case SendQueue::Stop::ColdFile:
      warm_and_continue();
      break;
    case SendQueue::Stop::Failed:
      lost();
      return;
  }
  if (written.bytes > 0) sent();
}

void Stream::flush_soon() {
  if (std::exchange(flush_posted_, true)) return;
  loop_.post([self = shared_from_this()] {
    self->flush_posted_ = false;
    self->flush();
  });
}

void Stream::warm_and_continue() {
  warming_ = true;
  (*shared_.disk_pool)([self = shared_from_this(), range = queue_.cold_range()] {
    warm_page_cache(range);
    self->loop_.post([self, range] {
      self->warming_ = false;
      self->queue_.warmed(range);
      self->moved_out_ = true;  // the peer is not to blame for a slow disk
      self->flush();
    });
  });
}

void Stream::shut_after_sending(CloseReason reason, std::string_view detail) {
  if (state_ == State::Opening) {
    shut(reason, detail);
    return;
  }
  if (state_ != State::Open) return;
  state_ = State::Finishing;
  finish_reason_ = reason;
  finish_detail_ = detail;
  flush();
}

void Stream::linger() {
  state_ = State::Lingering;
  lingers_since_ = std::chrono::steady_clock::now();
  transport_->end_writing();
  if (!watch_->waiting_readable()) read_until_end();
}

void Stream::read_until_end() {
  std::array<std::byte, 4096> ignored;  // NOLINT: written by read, never read
  for (std::size_t moved = 0; moved < kTurnBytes;) {
    const auto result = transport_->read(ignored);
    if (result.status == Status::Done) {
      moved += result.bytes;
      continue;
    }
    if (result.status == Status::WantRead) {
      wait_for(Status::WantRead);
      return;
    }
    break;
  }
  shut(finish_reason_, finish_detail_);
}

void Stream::lost() {
  if (!queue_.file_failure().empty()) {
    shut(CloseReason::FileFailed, queue_.file_failure());
    return;
  }
  const auto fault = transport_->fault();
  shut(fault == Transport::Fault::Tls    ? CloseReason::TlsFailed
       : fault == Transport::Fault::File ? CloseReason::FileFailed
                                         : CloseReason::PeerReset,
       transport_->failure());
}

void Stream::shut(CloseReason reason, std::string_view detail) {
  if (state_ == State::Closed) return;
  const std::string kept(detail);  // it may lie in what is destroyed below
  state_ = State::Closed;
  watch_.reset();
  transport_.reset();
  queue_.clear();
  closed(reason, kept);
}

void Stream::sweep(MonotonicTime now) {
  const bool moved = moved_in_ || moved_out_;
  if (state_ == State::Open) transport_->keep_buffers(moved && moved_before_);
  moved_before_ = moved;
  if (std::exchange(moved_in_, false)) last_input_ = now;
  const bool moved_out = std::exchange(moved_out_, false);
  if (moved_out) last_output_ = now;
  if (moved_out || queue_.empty()) owed_since_ = now;
  if (state_ == State::Closed) return;
  if (state_ == State::Lingering) {
    if (now - lingers_since_ > kLinger) shut(finish_reason_, finish_detail_);
    return;
  }
  if (!warming_ && state_ != State::Opening && now - owed_since_ > shared_.stall_limit) {
    shut(CloseReason::SendStalled, "the peer does not read what it asked for");
    return;
  }
  if (const auto reason = overdue(now)) shut(*reason, "");
}

}  // namespace myelin::net
