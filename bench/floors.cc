// What this machine can do at best, measured without Myelin: one JSON object on standard output.
//   bench_floors DIRECTORY MEGABYTES SECONDS [ping]
// MEGABYTES is the size of the file appended to and sent, SECONDS the length of each ping-pong. "ping": only latencies.
#include <fcntl.h>
#include <isa-l/crc.h>
#include <openssl/evp.h>
#include <sys/sendfile.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "bench/measure.h"
#include "bench/sockets.h"

namespace myelin::bench {
namespace {

constexpr std::size_t kChunk = 128 << 10;  // what one append writes
constexpr std::size_t kPiece = 64 << 10;   // what one send or read moves
constexpr std::size_t kAnswer = 3 << 20;   // one fetch of 3 partitions of 1 MiB
constexpr std::size_t kPingBytes = 200;
constexpr int kSyncs = 400;
constexpr std::size_t kSyncBytes = 4096;

using Buffer = std::vector<std::byte>;

class Floors {
 public:
  void add(const std::string& name, const std::string& json) {
    fields_ += fmt::format("{}\"{}\":{}", fields_.empty() ? "" : ",", name, json);
  }
  void add(const std::string& name, double value) { add(name, fmt::format("{:.4f}", value)); }
  void print() const { fmt::print("{{{}}}\n", fields_); }

 private:
  std::string fields_;
};

// The file that is appended to, synced and sent; gone at the end.
class ScratchFile {
 public:
  explicit ScratchFile(const std::string& directory) : path_(directory + "/floors.scratch") {
    descriptor_ = open(path_.c_str(), O_CREAT | O_TRUNC | O_RDWR | O_CLOEXEC, 0600);
    if (descriptor_ < 0) die("{}: {}", path_, std::strerror(errno));
  }
  ~ScratchFile() {
    close(descriptor_);
    unlink(path_.c_str());
  }
  ScratchFile(const ScratchFile&) = delete;
  ScratchFile& operator=(const ScratchFile&) = delete;

  [[nodiscard]] int descriptor() const { return descriptor_; }
  void write_at(std::size_t offset, std::span<const std::byte> bytes) const {
    const auto written = pwrite(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (written != static_cast<ssize_t>(bytes.size())) die("write to {}: {}", path_, std::strerror(errno));
  }

 private:
  std::string path_;
  int descriptor_;
};

double gigabytes(std::size_t bytes) { return static_cast<double>(bytes) / 1e9; }

// Per second of CPU, so that other work on the machine does not count; best of three, since the first touch of the
// pages is not what is asked for.
double best_rate_gbs(std::size_t bytes, const std::function<void()>& work) {
  double best = 0;
  for (int run = 0; run < 3; ++run) {
    const double before = own_cpu_s();
    work();
    best = std::max(best, gigabytes(bytes) / (own_cpu_s() - before));
  }
  return best;
}

void measure_memory(Floors& floors) {
  constexpr std::size_t kBytes = 128 << 20;
  const Buffer from(kBytes, std::byte{1});
  Buffer to(kBytes, std::byte{2});
  floors.add("memcpy_gbs", best_rate_gbs(kBytes, [&] { std::memcpy(to.data(), from.data(), kBytes); }));
  auto* data = reinterpret_cast<unsigned char*>(to.data());
  volatile unsigned crc = 0;
  floors.add("crc32c_memory_gbs", best_rate_gbs(kBytes, [&] { crc = crc32_iscsi(data, kBytes, crc); }));
  floors.add("crc32c_cache_gbs", best_rate_gbs(kBytes, [&] {
               for (std::size_t done = 0; done < kBytes; done += kPiece) crc = crc32_iscsi(data, kPiece, crc);
             }));
}

// The cipher that both ends of a TLS 1.3 connection take by default, on records as TLS makes them.
void measure_cipher(Floors& floors) {
  constexpr std::size_t kBytes = 128 << 20;
  constexpr std::size_t kRecord = 16 << 10;
  const std::array<unsigned char, 32> key{1};
  const std::array<unsigned char, 12> nonce{2};
  Buffer from(kRecord, std::byte{3});
  Buffer to(kRecord);
  EVP_CIPHER_CTX* cipher = EVP_CIPHER_CTX_new();
  floors.add("aes_256_gcm_gbs", best_rate_gbs(kBytes, [&] {
               for (std::size_t done = 0; done < kBytes; done += kRecord) {
                 int size = 0;
                 EVP_EncryptInit_ex(cipher, EVP_aes_256_gcm(), nullptr, key.data(), nonce.data());
                 EVP_EncryptUpdate(cipher, reinterpret_cast<unsigned char*>(to.data()), &size,
                                   reinterpret_cast<const unsigned char*>(from.data()), kRecord);
                 EVP_EncryptFinal_ex(cipher, reinterpret_cast<unsigned char*>(to.data()) + size, &size);
               }
             }));
  EVP_CIPHER_CTX_free(cipher);
}

// Sends with `send_all` to a process of its own that only receives, or asks for each `answer_bytes` by one byte. CPU
// seconds per GB of both.
struct TransferCost {
  double send;
  double receive;
};
TransferCost measure_transfer(std::size_t bytes, Sending sending, const std::function<void(const Socket&)>& send_all,
                              std::size_t answer_bytes = 0) {
  const double children_before = ended_children_cpu_s();
  auto [near, far] = connected_pair(sending);
  const pid_t receiver = fork();
  if (receiver < 0) die("fork: {}", std::strerror(errno));
  if (receiver == 0) {
    near.close_now();
    Buffer into(256 << 10);
    std::size_t received = 0;
    for (ssize_t got = 0; (got = read(far.descriptor(), into.data(), into.size())) > 0;) {
      received += static_cast<std::size_t>(got);
      if (answer_bytes == 0 || received < answer_bytes) continue;
      received -= answer_bytes;
      far.write_all(std::span(into).first(1));
    }
    _exit(0);
  }
  far.close_now();
  const double before = own_cpu_s();
  send_all(near);
  const double spent = own_cpu_s() - before;
  near.close_now();
  waitpid(receiver, nullptr, 0);
  return {spent / gigabytes(bytes), (ended_children_cpu_s() - children_before) / gigabytes(bytes)};
}

void measure_loopback(Floors& floors, std::size_t bytes) {
  const Buffer piece(kPiece, std::byte{3});
  const auto cost = measure_transfer(bytes, Sending::WithoutPacing, [&](const Socket& socket) {
    for (std::size_t sent = 0; sent < bytes; sent += kPiece) socket.write_all(piece);
  });
  floors.add("tcp_send_s_gb", cost.send);
  floors.add("tcp_receive_s_gb", cost.receive);
}

void measure_page_cache(Floors& floors, const std::string& directory, std::size_t bytes) {
  const ScratchFile file(directory);
  const Buffer chunk(kChunk, std::byte{4});
  for (const char* name : {"append_s_gb", "overwrite_s_gb"}) {
    const double before = own_cpu_s();
    for (std::size_t at = 0; at < bytes; at += kChunk) file.write_at(at, chunk);
    floors.add(name, (own_cpu_s() - before) / gigabytes(bytes));
  }
  const auto by_sendfile = measure_transfer(bytes, Sending::AsTheMachine, [&](const Socket& socket) {
    off_t at = 0;
    while (at < static_cast<off_t>(bytes)) {
      if (sendfile(socket.descriptor(), file.descriptor(), &at, 1 << 20) <= 0)
        die("sendfile: {}", std::strerror(errno));
    }
  });
  floors.add("sendfile_s_gb", by_sendfile.send);
  // As a fetch asks: the peer never falls behind, so the kernel does its part of the sending on the sender's account.
  const auto in_answers = measure_transfer(
      bytes / kAnswer * kAnswer, Sending::AsTheMachine,
      [&](const Socket& socket) {
        Buffer request(1);
        for (off_t at = 0; at < static_cast<off_t>(bytes / kAnswer * kAnswer);) {
          for (const off_t end = at + static_cast<off_t>(kAnswer); at < end;) {
            if (sendfile(socket.descriptor(), file.descriptor(), &at, static_cast<std::size_t>(end - at)) <= 0)
              die("sendfile: {}", std::strerror(errno));
          }
          if (!socket.read_exactly(request)) die("the receiving process ended");
        }
      },
      kAnswer);
  floors.add("sendfile_answers_s_gb", in_answers.send);
  const auto by_copy = measure_transfer(bytes, Sending::AsTheMachine, [&](const Socket& socket) {
    Buffer piece(kPiece);
    for (std::size_t at = 0; at < bytes; at += kPiece) {
      if (pread(file.descriptor(), piece.data(), kPiece, static_cast<off_t>(at)) <= 0)
        die("read: {}", std::strerror(errno));
      socket.write_all(piece);
    }
  });
  floors.add("pread_write_s_gb", by_copy.send);
}

// Round trips of a small message, at `rate` a second or (0) one after the other.
void measure_ping_pong(Floors& floors, const std::string& name, int rate, int rounds) {
  auto [near, far] = connected_pair(Sending::WithoutPacing);
  const pid_t echo = fork();
  if (echo < 0) die("fork: {}", std::strerror(errno));
  Buffer message(kPingBytes);
  if (echo == 0) {
    near.close_now();
    while (far.read_exactly(message)) far.write_all(message);
    _exit(0);
  }
  far.close_now();
  std::vector<double> samples;
  const double begun = now_s() + 0.01;
  for (int round = 0; round < rounds; ++round) {
    if (rate > 0) sleep_until(begun + static_cast<double>(round) / rate);
    const double sent = now_s();
    near.write_all(message);
    if (!near.read_exactly(message)) die("the echo process ended");
    samples.push_back((now_s() - sent) * 1e6);
  }
  near.close_now();
  waitpid(echo, nullptr, 0);
  floors.add(name, quantiles_json(std::move(samples)));
}

// Appends that are synced, at `rate` a second or (0) one after the other: a disk that idles in between takes longer.
void measure_sync(Floors& floors, const std::string& name, const std::string& directory, int rate) {
  const ScratchFile file(directory);
  const Buffer block(kSyncBytes, std::byte{5});
  std::vector<double> samples;
  const double begun = now_s() + 0.01;
  for (std::size_t sync = 0; sync < kSyncs; ++sync) {
    if (rate > 0) sleep_until(begun + static_cast<double>(sync) / rate);
    const double written = now_s();
    file.write_at(sync * kSyncBytes, block);
    if (fdatasync(file.descriptor()) != 0) die("fdatasync: {}", std::strerror(errno));
    samples.push_back((now_s() - written) * 1e6);
  }
  floors.add(name, quantiles_json(std::move(samples)));
}

}  // namespace
}  // namespace myelin::bench

int main(int count, char** arguments) {
  using namespace myelin::bench;
  if (count < 4) die("usage: bench_floors DIRECTORY MEGABYTES SECONDS [ping]");
  const std::string directory = arguments[1];
  const auto bytes = std::stoul(arguments[2]) * 1'000'000 / kChunk * kChunk;
  const int seconds = std::stoi(arguments[3]);
  sleep_exactly();
  Floors floors;
  if (count == 4) {
    measure_memory(floors);
    measure_cipher(floors);
    measure_loopback(floors, bytes);
    measure_page_cache(floors, directory, bytes);
    measure_ping_pong(floors, "ping_busy_us", 0, 5000 * seconds);
  }
  measure_ping_pong(floors, "ping_us", 1000, 1000 * seconds);
  measure_sync(floors, "fdatasync_busy_us", directory, 0);
  measure_sync(floors, "fdatasync_us", directory, 200);
  floors.print();
}
