#pragma once
// Who looks again when credentials change: the sessions of a removed principal end although nothing is asked on them,
// and a fetch that waits is not answered any more. Threads: any.
#include <cstdint>
#include <functional>
#include <mutex>
#include <unordered_map>

#include "governance/session.h"

namespace myelin::governance {

class OpenSessions {
 public:
  // Called from any thread; the session itself belongs to its connection's loop.
  using LookAgain = std::function<void()>;

  void add(const Session& session, LookAgain look_again);
  void remove(const Session& session);

  // Calls everybody if the version of the credentials is another one than last time.
  void tell(std::uint64_t version);

 private:
  std::mutex mutex_;
  std::uint64_t told_ = 0;
  std::unordered_map<const Session*, LookAgain> sessions_;
};

}  // namespace myelin::governance
