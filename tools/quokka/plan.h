#pragma once
// One application's part of the plan (examples/quokka/traffic.json): who it is and what it does. An application here is
// one process with one principal; the documents' larger applications may have several.
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "quokka/records.h"

namespace quokka {

// Everything that the application writes goes out in transactions.
struct TransactionPlan {
  std::string id;       // the transactional id; empty: without
  int records = 0;      // of one transaction
  int abort_every = 0;  // each n-th is given up; 0: none
  std::string answers;  // one record for each record of this topic, whose offsets the transaction commits; empty: none
};

// A topic that keeps the latest record of each key.
struct CompactionPlan {
  bool is_on = false;
  int tombstone_every = 0;  // each n-th record removes its key; 0: none
};

struct WritePlan {
  std::string topic;
  RecordForm form;
  double per_second = 1;
  int create_with_partitions = 0;                            // this application creates the topic; 0: another one does
  std::vector<std::pair<std::string, std::string>> configs;  // to create it with
  CompactionPlan compaction;
};

struct ReadPlan {
  std::string topic;
  std::string group;
  bool is_in_transactions = false;  // then it matters which of its records come
};

struct ApplicationPlan {
  std::string principal;
  std::string client_id;
  std::vector<WritePlan> writes;
  TransactionPlan transactions;
  std::vector<ReadPlan> reads;  // those that the model allows, and the attempts that it does not
  bool stalls = false;          // reads for a while, then stays in its group without reading
};

// Throws std::runtime_error that says which part of the file is wrong: an application cannot start without its plan.
ApplicationPlan load_plan(const std::string& path, const std::string& principal);

}  // namespace quokka
