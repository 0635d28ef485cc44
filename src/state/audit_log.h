#pragma once
// Who did what to the control plane, kept for ever in the append-only internal topic __myelin_audit: an administrative
// change writes its intent before and its outcome after; a denial and a sign-in are one record each. Format:
// docs/formats/state.md.
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <tuple>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "engine/internal_log.h"
#include "state/audit_budget.h"

namespace myelin::state {

enum class AuditKind : std::uint8_t { Intent, Outcome, Denial, SignIn, WouldDeny, RefusedSignIn };
[[nodiscard]] std::string_view to_text(AuditKind kind);

// Somebody acted for a product: what the record says beside its words, so that mode drift can be counted.
struct AuditedAct {
  std::string product;
  std::string mode;   // that was in force; empty: none was declared
  std::string duty;   // "build", "run", "approve"
  std::string squad;  // that acted; empty: somebody of no squad
  std::string due;    // whose duty it was by that mode; empty: nobody's
  auto operator<=>(const AuditedAct&) const = default;
};

struct AuditRecord {
  std::uint64_t id = 0;  // ever growing; an outcome repeats the id of its intent
  WallTime time = {};
  AuditKind kind = AuditKind::Intent;
  std::string principal = {};         // who asked
  std::string operation = {};         // "create topic", "read", "sign in", ...
  std::string resource = {};          // "topic stores.sales", "principal till-app", ...
  std::string result = {};            // Outcome: "done" or why not; Intent: empty; else the reason
  std::string peer = {};              // the address it came from
  std::vector<AuditedAct> acts = {};  // of a change; kept with its outcome
};

// Threads: every function may be called from any thread.
class AuditLog {
 public:
  // Opens and replays; an intent without an outcome gets one that says the process ended in between.
  [[nodiscard]] static Result<std::unique_ptr<AuditLog>> open(engine::InternalLog& log, const Clock& clock);

  using Durable = engine::InternalLog::Durable;
  // Records an intent; `durable` gets the id once it is on disk, and only then the change may begin.
  void intend(AuditRecord intent, std::move_only_function<void(Result<std::uint64_t>)> durable);
  void conclude(std::uint64_t id, const AuditRecord& intent, std::string result);
  // Denials and sign-ins: written, not waited for. What is refused is written within an AuditBudget: of the principal
  // that was denied, of the address that a refused sign-in came from. Texts of more than 512 bytes are cut.
  void note(AuditRecord record);

  // The newest `most` records, newest first, without their acts.
  [[nodiscard]] std::vector<AuditRecord> newest(std::size_t most) const;
  // Denials ever recorded, as principal, operation, resource, without repetition, sorted.
  struct Denied {
    std::string principal, operation, resource;
    std::int64_t count = 0;  // recorded ones; repeats within a minute are recorded once
    WallTime last_seen;
    bool was_let_through = false;
  };
  [[nodiscard]] std::vector<Denied> denied() const;
  // What was done for products ever since the audit began: acts of outcomes that are "done".
  struct CountedAct {
    AuditedAct act;
    std::string operation;
    std::int64_t count = 0;
    WallTime last_seen;
  };
  struct Acts {
    std::vector<CountedAct> counted;  // by act and operation
    std::int64_t left_out = 0;        // acts that there was no room to tell apart
  };
  [[nodiscard]] Acts acts() const;

 private:
  AuditLog(engine::InternalLog& log, const Clock& clock) : log_(log), clock_(clock) {}
  void write(AuditRecord record, Durable durable);
  void remember(const AuditRecord& record);
  void count(const AuditRecord& outcome);
  [[nodiscard]] bool is_repeated_denial(const AuditRecord& record) const;

  engine::InternalLog& log_;
  const Clock& clock_;
  mutable std::mutex mutex_;
  std::uint64_t next_id_ = 1;
  AuditBudget refused_sign_ins_;                                                           // by address
  AuditBudget denials_;                                                                    // by principal
  std::deque<AuditRecord> newest_;                                                         // at most kRemembered
  std::map<std::tuple<AuditKind, std::string, std::string, std::string>, Denied> denied_;  // at most kRemembered
  std::map<std::pair<AuditedAct, std::string>, CountedAct> acts_;  // by act and operation; at most kRemembered
  std::int64_t acts_left_out_ = 0;
};

}  // namespace myelin::state
