#pragma once
// What one peer is owed, in order. Private to this module.
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "net/transport.h"

namespace myelin::net {

// Bytes one connection may move before others get their turn.
inline constexpr std::size_t kTurnBytes = std::size_t{256} * 1024;

class SendQueue {
 public:
  void push(Payload payload);
  // One Kafka frame: its length, then `body`.
  void push_frame(PayloadChain body);

  [[nodiscard]] bool empty() const { return next_ == entries_.size(); }
  // Owed from memory; file ranges count only for the part that was read to be gathered or encrypted.
  [[nodiscard]] std::size_t memory_bytes() const { return memory_bytes_; }
  // Frames of which every byte has been written.
  [[nodiscard]] std::uint64_t frames_written() const { return frames_written_; }

  enum class Stop : std::uint8_t {
    Drained,   // nothing is owed any more
    TurnOver,  // kTurnBytes have been moved; come back after others
    WantRead,  // as IoResult
    WantWrite,
    ColdFile,  // cold_range() would have to be waited for
    Failed,    // the connection is lost: transport.failure(), or file_failure()
  };
  struct Written {
    Stop stop = Stop::Drained;
    std::size_t bytes = 0;
  };
  // Writes until one of the above. `wait_for_disk`: file ranges that are not in the page cache are sent all the same.
  [[nodiscard]] Written write(Transport& transport, bool wait_for_disk);

  // After ColdFile: what to bring into the page cache, then to report by warmed().
  [[nodiscard]] FileRange cold_range() const;
  // `range` is in the page cache; it goes out without another probe, whatever the kernel dropped since.
  void warmed(const FileRange& range) { resident_ = range; }
  [[nodiscard]] const std::string& file_failure() const { return file_failure_; }
  void clear();

 private:
  struct Entry {
    std::array<std::byte, 4> prefix{};
    std::uint8_t prefix_size = 0;
    bool ends_frame = false;
    Payload payload;
    [[nodiscard]] std::size_t size() const { return prefix_size + payload_size(payload); }
    [[nodiscard]] std::size_t memory() const;
  };
  static constexpr std::size_t kVectors = 64;

  [[nodiscard]] bool front_is_file() const;
  // The unsent part of the file range in front.
  [[nodiscard]] FileRange front_range() const;
  [[nodiscard]] bool is_known_resident(const FileRange& range) const;
  bool is_resident(const FileRange& range);
  // Turns short file ranges that are next into memory, so that many go out together. True when the one in front would
  // have to be waited for.
  bool read_short_files(bool wait_for_disk);
  IoResult write_memory(Transport& transport);
  IoResult write_front_file(Transport& transport, std::size_t budget);
  bool read_front_file();
  void add(Entry entry);
  void advance(std::size_t bytes);
  void pop();

  std::vector<Entry> entries_;
  std::size_t next_ = 0;  // entries before it are done
  std::size_t sent_ = 0;  // bytes of entries_[next_] that are done, prefix included
  std::size_t memory_bytes_ = 0;
  std::uint64_t frames_written_ = 0;
  FileRange resident_;  // known to be in the page cache
  std::string file_failure_;
};

// True when reading the range needs no disk, as far as a few probes tell; also when the file system can't say.
[[nodiscard]] bool in_page_cache(const FileRange& range);
// Reads the range so that it is in the page cache. Waits for the disk.
void warm_page_cache(const FileRange& range);

}  // namespace myelin::net
