#pragma once
// Where blocking file work runs: syncs, renames, unlinks, cold reads, recovery. Never the thread that asked for it.
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <string_view>
#include <thread>
#include <vector>

namespace myelin::storage {

class Executor {
 public:
  using Job = std::move_only_function<void()>;
  virtual ~Executor() = default;
  // Never runs the job inside the call. Jobs may run in any order, several at a time.
  virtual void submit(Job job) = 0;
  // The same, as the last thing that a job does: its own thread is free to go on with it.
  virtual void submit_last(Job job) { submit(std::move(job)); }
  // Runs queued jobs, or waits for others to, until `done()` holds. `done` is called without locks held. May be called
  // from a job.
  virtual void wait_until(const std::function<bool()>& done) = 0;
  // How many jobs can run at a time.
  [[nodiscard]] virtual std::size_t width() const = 0;
};

// A fixed number of threads over one queue, called NAME-0 and so on. While a job waits for other jobs another thread
// takes its place, with its name. The destructor runs what is queued, then joins. Work below the others gets the
// processor's time that they leave it, as far as there is too little of it.
class StoragePool final : public Executor {
 public:
  enum class Rank : std::uint8_t { Equal, Below };

  // `name` is at most 12 bytes.
  explicit StoragePool(std::size_t threads = 4, std::string_view name = "storage", Rank rank = Rank::Equal);
  ~StoragePool() override;
  void submit(Job job) override;
  void submit_last(Job job) override;
  void wait_until(const std::function<bool()>& done) override;
  [[nodiscard]] std::size_t width() const override { return threads_.size(); }

 private:
  enum class Worker : std::uint8_t { Permanent, Substitute };
  void run(Worker kind);

  Rank rank_;
  std::mutex mutex_;
  std::condition_variable work_;
  std::condition_variable finished_;
  std::deque<Job> jobs_;
  bool stopping_ = false;
  std::size_t waiting_ = 0;           // threads in wait_until()
  std::uint64_t finished_count_ = 0;  // jobs run so far
  std::size_t substitutes_ = 0;       // that have not ended yet
  std::size_t dismissed_ = 0;         // substitutes that shall end
  std::vector<std::thread> threads_;
};

// Keeps jobs until a test runs them, on the test's own thread.
class QueuedExecutor final : public Executor {
 public:
  void submit(Job job) override { jobs_.push_back(std::move(job)); }
  void wait_until(const std::function<bool()>& done) override;
  [[nodiscard]] std::size_t width() const override { return 1; }
  // Runs jobs, also those that jobs submit, until none is left.
  void run_all();
  bool run_one();

 private:
  std::deque<Job> jobs_;
};

}  // namespace myelin::storage
