#pragma once
// What is measured, as entries of the state store's tables and back. Format: docs/formats/state.md.
#include <cstdint>
#include <functional>

#include "base/result.h"
#include "governance/client_seen.h"
#include "governance/read_streaks.h"
#include "lineage/edges.h"
#include "state/state_store.h"
#include "usage/rollup.h"

namespace myelin::governance {

[[nodiscard]] state::Change change_of(const usage::FlowRow& row);  // the table is that of its direction
[[nodiscard]] state::Change change_of(const usage::ConsumerRow& row);
[[nodiscard]] state::Change change_of(const usage::CallerRow& row);
[[nodiscard]] state::Change change_of(const ReadStreaks::Beginning& beginning);
[[nodiscard]] state::Change change_of(const ClientSeen& client);
[[nodiscard]] state::Change change_of(const lineage::CommitEdge& edge);
[[nodiscard]] state::Change change_of(const lineage::Triple& triple);

// Each reads a whole table. Corrupt, after the entries that can be read, when one can't.
template <typename Row>
using RowSink = std::function<void(const Row&)>;
[[nodiscard]] Result<void> each_flow(const state::StateStore& store, usage::Direction direction,
                                     const RowSink<usage::FlowRow>& sink);
[[nodiscard]] Result<void> each_consumer(const state::StateStore& store, const RowSink<usage::ConsumerRow>& sink);
[[nodiscard]] Result<void> each_caller(const state::StateStore& store, const RowSink<usage::CallerRow>& sink);
[[nodiscard]] Result<void> each_beginning(const state::StateStore& store, const RowSink<ReadStreaks::Beginning>& sink);
[[nodiscard]] Result<void> each_client(const state::StateStore& store, const RowSink<ClientSeen>& sink);
[[nodiscard]] Result<void> each_commit(const state::StateStore& store, const RowSink<lineage::CommitEdge>& sink);
[[nodiscard]] Result<void> each_triple(const state::StateStore& store, const RowSink<lineage::Triple>& sink);

}  // namespace myelin::governance
