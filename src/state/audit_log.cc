#include "state/audit_log.h"

#include <fmt/core.h>

#include "base/log.h"
#include "state/fields.h"

namespace myelin::state {
namespace {

const TopicName kTopic{"__myelin_audit"};
constexpr std::size_t kRemembered = 10'000;
constexpr auto kRepeatWindow = std::chrono::minutes(1);
constexpr std::size_t kNotedTextMax = 512;
constexpr std::uint8_t kVersion = 1;
constexpr std::uint8_t kVersionWithActs = 2;
const std::string kDone = "done";

bool is_denial(AuditKind kind) { return kind == AuditKind::Denial || kind == AuditKind::WouldDeny; }

// A text of strangers' making, cut between two characters.
void cut(std::string& text) {
  if (text.size() <= kNotedTextMax) return;
  std::size_t kept = kNotedTextMax;
  while (kept > 0 && (static_cast<unsigned char>(text[kept]) & 0xc0) == 0x80) --kept;
  const auto left_out = text.size() - kept;
  text.resize(kept);
  text += fmt::format(" ({} more bytes)", left_out);
}

std::string missing(const AuditBudget::LeftOut& left_out) {
  std::string text;
  if (left_out.of_party > 0) text += fmt::format(" ({} more before it were not recorded)", left_out.of_party);
  if (left_out.of_others > 0) {
    text += fmt::format(" ({} more of others before it were not recorded)", left_out.of_others);
  }
  return text;
}

std::string encode(const AuditRecord& record) {
  FieldWriter writer(record.acts.empty() ? kVersion : kVersionWithActs);
  writer.number(static_cast<std::int64_t>(record.id));
  writer.number(unix_milliseconds(record.time));
  writer.number(static_cast<std::int64_t>(record.kind));
  for (const auto* text : {&record.principal, &record.operation, &record.resource, &record.result, &record.peer}) {
    writer.text(*text);
  }
  if (record.acts.empty()) return writer.finish();
  writer.number(static_cast<std::int64_t>(record.acts.size()));
  for (const auto& act : record.acts) {
    for (const auto* text : {&act.product, &act.mode, &act.duty, &act.squad, &act.due}) writer.text(*text);
  }
  return writer.finish();
}

Result<AuditRecord> decode(std::string_view stored) {
  const bool has_acts = !stored.empty() && static_cast<std::uint8_t>(stored.front()) == kVersionWithActs;
  FieldReader reader(stored, has_acts ? kVersionWithActs : kVersion);
  AuditRecord record;
  record.id = static_cast<std::uint64_t>(reader.number());
  record.time = from_unix_milliseconds(reader.number());
  record.kind = static_cast<AuditKind>(reader.number());
  for (auto* text : {&record.principal, &record.operation, &record.resource, &record.result, &record.peer}) {
    *text = reader.text();
  }
  for (auto left = has_acts ? reader.number() : 0; left > 0 && reader.problem_free(); --left) {
    auto& act = record.acts.emplace_back();
    for (auto* text : {&act.product, &act.mode, &act.duty, &act.squad, &act.due}) *text = reader.text();
  }
  if (!reader.complete()) return fail(Code::Corrupt, "audit record can't be read: {}", reader.problem());
  return record;
}

}  // namespace

std::string_view to_text(AuditKind kind) {
  switch (kind) {
    case AuditKind::Intent:
      return "intent";
    case AuditKind::Outcome:
      return "outcome";
    case AuditKind::Denial:
      return "denial";
    case AuditKind::SignIn:
      return "sign-in";
    case AuditKind::WouldDeny:
      return "would deny";
    case AuditKind::RefusedSignIn:
      return "refused sign-in";
  }
  return "?";
}

Result<std::unique_ptr<AuditLog>> AuditLog::open(engine::InternalLog& log, const Clock& clock) {
  auto opened = log.open(kTopic, engine::InternalCleanup::KeepAll);
  if (!opened) return pass(opened);
  std::unique_ptr<AuditLog> audit(new AuditLog(log, clock));
  std::map<std::uint64_t, AuditRecord> open_intents;
  Result<void> damage;
  auto replayed = log.replay(kTopic, [&](engine::InternalRecord stored) {
    auto record = decode(stored.value.value_or(""));
    if (!record) {
      if (damage) damage = pass(record);
      return;
    }
    if (record->kind == AuditKind::Intent) open_intents[record->id] = *record;
    if (record->kind == AuditKind::Outcome) open_intents.erase(record->id);
    audit->next_id_ = std::max(audit->next_id_, record->id + 1);
    audit->remember(*record);
  });
  if (!replayed) return pass(replayed);
  if (!damage) return pass(damage);
  for (const auto& [id, intent] : open_intents) audit->conclude(id, intent, "unknown: the process ended in between");
  return audit;
}

void AuditLog::intend(AuditRecord intent, std::move_only_function<void(Result<std::uint64_t>)> durable) {
  const std::lock_guard lock(mutex_);
  const auto id = next_id_++;
  intent.id = id;
  intent.kind = AuditKind::Intent;
  intent.acts.clear();  // nothing is done yet
  write(std::move(intent), [id, done = std::move(durable)](Result<void> written) mutable {
    if (written) {
      done(id);
    } else {
      done(pass(written));
    }
  });
}

void AuditLog::conclude(std::uint64_t id, const AuditRecord& intent, std::string result) {
  const std::lock_guard lock(mutex_);
  auto outcome = intent;
  outcome.id = id;
  outcome.kind = AuditKind::Outcome;
  outcome.result = std::move(result);
  write(std::move(outcome), [](Result<void> written) {
    if (!written) log::error("audit outcome was not written", {{"reason", written.error().message}});
  });
}

void AuditLog::note(AuditRecord record) {
  for (auto* text : {&record.principal, &record.operation, &record.resource, &record.result, &record.peer}) cut(*text);
  const std::lock_guard lock(mutex_);
  if (is_repeated_denial(record)) return;
  if (is_denial(record.kind) || record.kind == AuditKind::RefusedSignIn) {
    const auto now = clock_.monotonic();
    const auto left_out =
        is_denial(record.kind) ? denials_.take(record.principal, now) : refused_sign_ins_.take(record.peer, now);
    if (!left_out) return;
    record.result += missing(*left_out);
  }
  record.id = next_id_++;
  write(std::move(record), [](Result<void> written) {
    if (!written) log::error("audit record was not written", {{"reason", written.error().message}});
  });
}

bool AuditLog::is_repeated_denial(const AuditRecord& record) const {
  if (!is_denial(record.kind)) return false;
  const auto found = denied_.find({record.kind, record.principal, record.operation, record.resource});
  return found != denied_.end() && clock_.wall() - found->second.last_seen < kRepeatWindow;
}

std::vector<AuditRecord> AuditLog::newest(std::size_t most) const {
  const std::lock_guard lock(mutex_);
  std::vector<AuditRecord> records;
  for (auto at = newest_.rbegin(); at != newest_.rend() && records.size() < most; ++at) records.push_back(*at);
  return records;
}

std::vector<AuditLog::Denied> AuditLog::denied() const {
  const std::lock_guard lock(mutex_);
  std::vector<Denied> denied;
  denied.reserve(denied_.size());
  for (const auto& [key, entry] : denied_) denied.push_back(entry);
  return denied;
}

AuditLog::Acts AuditLog::acts() const {
  const std::lock_guard lock(mutex_);
  Acts all;
  all.left_out = acts_left_out_;
  all.counted.reserve(acts_.size());
  for (const auto& [key, counted] : acts_) all.counted.push_back(counted);
  return all;
}

void AuditLog::write(AuditRecord record, Durable durable) {
  record.time = clock_.wall();
  remember(record);
  std::vector<engine::InternalRecord> records;
  records.push_back({std::to_string(record.id), encode(record), record.time});
  log_.append(kTopic, std::move(records), std::move(durable));
}

void AuditLog::remember(const AuditRecord& record) {
  newest_.push_back(record);
  newest_.back().acts.clear();  // they are counted, and told as counts
  if (newest_.size() > kRemembered) newest_.pop_front();
  if (record.kind == AuditKind::Outcome && record.result == kDone) count(record);
  if (!is_denial(record.kind)) return;
  auto key = std::tuple(record.kind, record.principal, record.operation, record.resource);
  if (denied_.size() >= kRemembered && !denied_.contains(key)) return;
  auto& entry = denied_[std::move(key)];
  entry.was_let_through = record.kind == AuditKind::WouldDeny;
  entry.principal = record.principal;
  entry.operation = record.operation;
  entry.resource = record.resource;
  ++entry.count;
  entry.last_seen = record.time;
}

void AuditLog::count(const AuditRecord& outcome) {
  for (const auto& act : outcome.acts) {
    auto key = std::pair(act, outcome.operation);
    if (acts_.size() >= kRemembered && !acts_.contains(key)) {
      ++acts_left_out_;
      continue;
    }
    auto& counted = acts_[std::move(key)];
    counted.act = act;
    counted.operation = outcome.operation;
    ++counted.count;
    counted.last_seen = outcome.time;
  }
}

}  // namespace myelin::state
