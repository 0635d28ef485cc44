#pragma once
// The client's side of SCRAM (RFC 5802) for the sign-in fuzz target, written apart from the server's so that neither
// repeats the other's mistake. It knows right answers only; the target spoils them.
#include <map>
#include <string>
#include <string_view>
#include <tuple>

namespace myelin::fuzz {

class ScramClient {
 public:
  // What the client sent and the server answered in the first round.
  struct FirstRound {
    std::string client_first;  // with its GS2 header
    std::string server_first;
  };

  // "n,,n=USER,r=NONCE", the name escaped.
  [[nodiscard]] static std::string client_first(std::string_view user, std::string_view nonce);

  // The right final message for `password`. `is_512` chooses the hash. `repeats_nonce`: as librdkafka before 2.6.1
  // sends it, its own nonce before the full one. The derived key is kept, as deriving takes milliseconds.
  [[nodiscard]] std::string client_final(const FirstRound& round, std::string_view password, bool is_512,
                                         bool repeats_nonce);

 private:
  [[nodiscard]] const std::string& salted(std::string_view password, const std::string& salt, int iterations,
                                          bool is_512);
  std::map<std::tuple<std::string, std::string, int, bool>, std::string> salted_;
};

// The value of attribute `name` of "a=1,b=2"; empty when there is none.
[[nodiscard]] std::string scram_attribute(std::string_view message, char name);

}  // namespace myelin::fuzz
