#pragma once
// The stretch of time that is measured: wall time, the CPU of this process and, with --broker-pid, of the broker.
#include <string>

#include "bench/options.h"

namespace myelin::bench {

class Window {
 public:
  // Begins now.
  explicit Window(const Options& options);
  // What passed until now, as the fields of a JSON object: "wall_s":…,"client_cpu_s":…,"cpu_s":…
  [[nodiscard]] std::string json() const;

 private:
  long broker_;  // its process id; 0: unknown
  double began_;
  double own_before_;
  double broker_before_;
};

}  // namespace myelin::bench
