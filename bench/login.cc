#include "bench/commands.h"
#include "bench/connection.h"
#include "bench/window.h"

namespace myelin::bench {

// One sign-in after the other, each on a connection of its own.
void log_in(const Options& options) {
  const long logins = options.number("logins", 100);
  const Window window(options);
  for (long login = 0; login < logins; ++login) const Connection connection(options.text("address"));
  fmt::print("{{\"logins\":{},{}}}\n", logins, window.json());
}

}  // namespace myelin::bench
