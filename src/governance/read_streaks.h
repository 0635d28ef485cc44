#pragma once
// Where each client began to read a partition: the first offset of the stretch that its reads follow without a jump. A
// group's first commit needs it, because a commit says where a consumer is and not where it came from. Not thread-safe:
// the owner serialises, and stores beginnings so that a client that reads on after a restart is not taken for new.
// One entry per client and partition that it reads.
#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/ids.h"

namespace myelin::governance {

class ReadStreaks {
 public:
  struct Reader {
    PrincipalName principal;
    std::string client_id;
    TopicName topic;
    std::int32_t partition = 0;
    auto operator<=>(const Reader&) const = default;
  };

  // Offsets [first, next) were served. A repeated read goes on with the streak, a jump begins a new one.
  void served(const Reader& reader, std::int64_t first, std::int64_t next);
  [[nodiscard]] std::optional<std::int64_t> began(const Reader& reader) const;
  // Of the one client, whatever its id, as which the principal reads the partition; nothing when there are several.
  [[nodiscard]] std::optional<std::int64_t> began_by_only_reader(const Reader& reader) const;

  struct Beginning {
    Reader reader;
    std::int64_t first = 0;
  };
  // Streaks that began since the last call.
  [[nodiscard]] std::vector<Beginning> take_new();
  // As it was stored. Where it had come to is not, so the next read goes on with it unless it lies before it.
  void restore(const Beginning& beginning);

 private:
  struct Streak {
    std::int64_t first = 0;
    std::optional<std::int64_t> next;
  };
  std::map<Reader, Streak> streaks_;
  std::set<Reader> new_;
};

}  // namespace myelin::governance
