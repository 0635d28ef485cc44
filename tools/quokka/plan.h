#pragma once
// One application's part of the plan (examples/quokka/traffic.json): who it is and what it does. An application here is
// one process with one principal; the documents' larger applications may have several.
#include <cstdint>
#include <string>
#include <vector>

#include "quokka/records.h"

namespace quokka {

struct WritePlan {
  std::string topic;
  RecordForm form;
  double per_second = 1;
  int create_with_partitions = 0;  // this application creates the topic; 0: another one does
};

struct ReadPlan {
  std::string topic;
  std::string group;
};

struct ApplicationPlan {
  std::string principal;
  std::string client_id;
  std::vector<WritePlan> writes;
  std::vector<ReadPlan> reads;  // those that the model allows, and the attempts that it does not
  bool stalls = false;          // reads for a while, then stays in its group without reading
};

// Throws std::runtime_error that says which part of the file is wrong: an application cannot start without its plan.
ApplicationPlan load_plan(const std::string& path, const std::string& principal);

}  // namespace quokka
