#include "state/state_store.h"

#include <future>

namespace myelin::state {
namespace {

const TopicName kTopic{"__myelin_state"};

std::string stored_key(Table table, std::string_view key) {
  std::string stored(to_text(table));
  stored += '/';
  stored += key;
  return stored;
}

}  // namespace

std::string_view to_text(Table table) {
  switch (table) {
    case Table::Credentials:
      return "credentials";
    case Table::ServedHours:
      return "served";
    case Table::AskedHours:
      return "asked";
    case Table::WrittenHours:
      return "written";
    case Table::ConsumedHours:
      return "consumed";
    case Table::Beginnings:
      return "began";
    case Table::Clients:
      return "clients";
    case Table::Commits:
      return "commits";
    case Table::Triples:
      return "triples";
    case Table::MadeGrants:
      return "grants";
    case Table::ClientQuotas:
      return "quotas";
    case Table::Revisions:
      return "revisions";
    case Table::Proposals:
      return "proposals";
    case Table::Documents:
      return "documents";
    case Table::Recertified:
      return "recertified";
    case Table::RuleCounts:
      return "rules";
    case Table::Secrets:
      return "secrets";
  }
  return "?";
}

Result<std::unique_ptr<StateStore>> StateStore::open(engine::InternalLog& log) {
  auto opened = log.open(kTopic, engine::InternalCleanup::KeepLatestPerKey);
  if (!opened) return pass(opened);
  std::unique_ptr<StateStore> store(new StateStore(log));
  auto replayed = log.replay(kTopic, [&store](engine::InternalRecord record) {
    if (record.value) {
      store->values_[std::move(record.key)] = std::move(*record.value);
    } else {
      store->values_.erase(record.key);
    }
  });
  if (!replayed) return pass(replayed);
  return store;
}

void StateStore::put(std::vector<Change> changes, Durable durable) {
  std::vector<engine::InternalRecord> records;
  records.reserve(changes.size());
  // The lock spans the append so that what the log holds last is what the map holds last.
  const std::lock_guard lock(mutex_);
  for (auto& change : changes) {
    auto key = stored_key(change.table, change.key);
    if (change.value) {
      values_[key] = *change.value;
    } else {
      values_.erase(key);
    }
    records.push_back({std::move(key), std::move(change.value), {}});
  }
  log_.append(kTopic, std::move(records), std::move(durable));
}

Result<void> StateStore::put_and_wait(std::vector<Change> changes) {
  auto done = std::make_shared<std::promise<Result<void>>>();
  auto waited = done->get_future();
  put(std::move(changes), [done](Result<void> result) { done->set_value(std::move(result)); });
  return waited.get();
}

std::optional<std::string> StateStore::get(Table table, std::string_view key) const {
  const std::lock_guard lock(mutex_);
  const auto found = values_.find(stored_key(table, key));
  if (found == values_.end()) return std::nullopt;
  return found->second;
}

void StateStore::each(Table table,
                      const std::function<void(const std::string& key, const std::string& value)>& sink) const {
  const auto prefix = stored_key(table, "");
  const std::lock_guard lock(mutex_);
  for (auto at = values_.lower_bound(prefix); at != values_.end() && at->first.starts_with(prefix); ++at) {
    sink(at->first.substr(prefix.size()), at->second);
  }
}

}  // namespace myelin::state
