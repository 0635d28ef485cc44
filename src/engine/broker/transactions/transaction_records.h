#pragma once
// The records of __transaction_state, in Kafka's own key and value schemas, so that its tools read them. Values are
// written in version 0 and read in versions 0 and 1. docs/formats/transaction-state.md.
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "engine/broker/transactions/transaction.h"

namespace myelin::engine::transactions {

// A record without a value removes what stood under its key.
struct TransactionRecord {
  ByteBuffer key;
  std::optional<ByteBuffer> value;
};

[[nodiscard]] TransactionRecord transaction_record(const std::string& transactional_id, const Transaction& transaction);
[[nodiscard]] TransactionRecord transaction_tombstone(const std::string& transactional_id);

// The transactional id; nullopt for a kind of key that this version does not know.
[[nodiscard]] Result<std::optional<std::string>> read_transaction_key(ByteSpan bytes);
[[nodiscard]] Result<Transaction> read_transaction(ByteSpan bytes);

}  // namespace myelin::engine::transactions
