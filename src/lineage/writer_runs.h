#pragma once
// Who wrote which offsets of one partition, kept as few sorted runs: neighbours of the same writer are one run.
// The bound is kRunsPerPartition. At the bound the older half is merged in pairs into runs that name several writers;
// such runs are "mixed" and what rests on them alone is not certain. Nothing is ever forgotten.
#include <cstddef>
#include <cstdint>
#include <vector>

namespace myelin::lineage {

// Writers are small numbers given out by the owner of the runs, below 2^31.
using WriterNumber = std::uint32_t;

class WriterRuns {
 public:
  static constexpr std::size_t kRunsPerPartition = 16384;

  explicit WriterRuns(std::size_t runs_limit = kRunsPerPartition) : runs_limit_(runs_limit) {}

  // Offsets [first, next) were written by `writer`. What was known of them before is replaced: the last append wins.
  void add(std::int64_t first, std::int64_t next, WriterNumber writer);

  struct Hit {
    WriterNumber writer;
    bool certain;
    bool operator==(const Hit&) const = default;
  };
  // The distinct writers of the offsets [first, next), in order of number.
  [[nodiscard]] std::vector<Hit> writers_of(std::int64_t first, std::int64_t next) const;

  // The first offset in [first, next) that no run covers; `next` when all are covered.
  [[nodiscard]] std::int64_t covered_until(std::int64_t first, std::int64_t next) const;

  [[nodiscard]] std::size_t size() const { return runs_.size(); }

 private:
  struct Run {
    std::int64_t first;
    std::int64_t next;
    std::uint32_t writer;  // a WriterNumber, or kMixed + an index into mixed_
  };
  static constexpr std::uint32_t kMixed = 0x8000'0000;

  [[nodiscard]] std::size_t lower_bound(std::int64_t offset) const;  // first run that ends after `offset`
  void insert_splitting(Run run);
  void merge_older_half();
  void append_writers(std::uint32_t writer, std::vector<WriterNumber>& to) const;

  std::size_t runs_limit_;
  std::vector<Run> runs_;
  std::vector<std::vector<WriterNumber>> mixed_;  // the distinct sets that mixed runs name
};

}  // namespace myelin::lineage
