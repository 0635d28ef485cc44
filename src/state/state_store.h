#pragma once
// Durable control-plane facts: named tables of key and value, latest per key, kept in one compacted internal topic of
// the engine. Values are opaque here; each owner encodes its own, with a version byte first. Format:
// docs/formats/state.md.
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "engine/internal_log.h"

namespace myelin::state {

// The tables there are. The text is part of the stored key, so it never changes.
enum class Table {
  Credentials,    // "credentials": principal → verifiers
  ServedHours,    // "served": reading flow and hour → amount
  AskedHours,     // "asked": caller and hour → requests, time, connections, refused bytes
  WrittenHours,   // "written": writing flow and hour → amount, of an engine without a journal
  ConsumedHours,  // "consumed": consumer and hour → offsets, of an engine without a journal
  Beginnings,     // "began": reading client and partition → the offset where it began
  Clients,        // "clients": principal and client id → library and version
  Commits,        // "commits": group, topic, principal → first and last seen
  Triples,        // "triples": producer, topic, consumer → first and last seen
  MadeGrants,     // "grants": what was granted over Kafka's API → by whom, when
  ClientQuotas,   // "quotas": user, client id, address → what it is limited to
  Revisions,      // "revisions": number → who applied what, and the digests of its documents
  Proposals,      // "proposals": id → documents that wait for consent, and who agreed
  Documents,      // "documents": digest → text of a document's file
  Recertified,    // "recertified": grant → who confirmed it last, when, and by what evidence
  RuleCounts,     // "rules": rule of the Policy → how often it was not obeyed, by whom, since when
  Secrets,        // "secrets": what only this instance knows → bytes
};
[[nodiscard]] std::string_view to_text(Table table);

struct Change {
  Table table;
  std::string key;
  std::optional<std::string> value;  // nullopt removes the key
};

// Threads: every function may be called from any thread. Reads see a write as soon as put() was called; whoever
// promises something on the strength of a write waits for its `durable`.
class StateStore {
 public:
  // Opens the topic and replays it. Corrupt state is an error, never an empty store.
  [[nodiscard]] static Result<std::unique_ptr<StateStore>> open(engine::InternalLog& log);

  using Durable = engine::InternalLog::Durable;
  void put(std::vector<Change> changes, Durable durable);
  // As put(), and waits until it is durable. Never call it on a connection's thread.
  [[nodiscard]] Result<void> put_and_wait(std::vector<Change> changes);

  [[nodiscard]] std::optional<std::string> get(Table table, std::string_view key) const;
  void each(Table table, const std::function<void(const std::string& key, const std::string& value)>& sink) const;

 private:
  explicit StateStore(engine::InternalLog& log) : log_(log) {}

  engine::InternalLog& log_;
  mutable std::mutex mutex_;
  std::map<std::string, std::string, std::less<>> values_;  // by "<table>/<key>"
};

}  // namespace myelin::state
