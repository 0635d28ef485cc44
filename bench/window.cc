#include "bench/window.h"

#include "bench/measure.h"

namespace myelin::bench {

Window::Window(const Options& options)
    : broker_(options.number("broker-pid", 0)),
      began_(now_s()),
      own_before_(own_cpu_s()),
      broker_before_(process_cpu_s(broker_)) {}

std::string Window::json() const {
  const double broker = process_cpu_s(broker_) - broker_before_;
  return fmt::format(R"("wall_s":{:.4f},"client_cpu_s":{:.4f},"cpu_s":{:.6f})", now_s() - began_,
                     own_cpu_s() - own_before_, broker);
}

}  // namespace myelin::bench
