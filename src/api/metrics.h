#pragma once
// A page of Prometheus text exposition 0.0.4. Names are myelin_<module>_<thing>_<unit>[_total]; labels come from small
// closed sets.
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "governance/path.h"
#include "net/http_server.h"
#include "usage/report.h"

namespace myelin::api {

class MetricsPage {
 public:
  using Labels = std::initializer_list<std::pair<std::string_view, std::string_view>>;

  // Grows for ever; the name ends in _total.
  void counter(std::string_view name, std::string_view help, double value, Labels labels = {});
  void gauge(std::string_view name, std::string_view help, double value, Labels labels = {});

  // Families in the order of their names.
  [[nodiscard]] std::string text() const;

 private:
  struct Family {
    std::string_view type;
    std::string help;
    std::vector<std::string> samples;
  };
  void add(std::string_view type, std::string_view name, std::string_view help, double value, Labels labels);
  std::map<std::string, Family, std::less<>> families_;
};

void add_metrics(MetricsPage& page, const governance::PathCounters& counters);
void add_metrics(MetricsPage& page, const net::HttpServerCounters& counters);
// Each measure of usage, summed over all principals and topics.
void add_metrics(MetricsPage& page, const usage::Rows& rows);
// Memory, CPU time, threads, open files and start time of this process, from /proc.
void add_process_metrics(MetricsPage& page);

}  // namespace myelin::api
