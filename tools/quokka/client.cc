#include "quokka/client.h"

#include <array>
#include <stdexcept>

namespace quokka {

// The company wraps librdkafka in a library of its own and says so, as language bindings do.
std::string library_name() { return "quokka-client"; }

std::string library_version() { return std::string("3.2.0-librdkafka-") + rd_kafka_version_str(); }

void set(rd_kafka_conf_t* conf, const char* name, const std::string& value) {
  std::array<char, 512> why{};
  if (rd_kafka_conf_set(conf, name, value.c_str(), why.data(), why.size()) != RD_KAFKA_CONF_OK) {
    throw std::runtime_error(why.data());
  }
}

rd_kafka_conf_t* client_conf(const Connection& connection) {
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  set(conf, "bootstrap.servers", connection.bootstrap);
  set(conf, "client.id", connection.client_id);
  set(conf, "client.software.name", library_name());
  set(conf, "client.software.version", library_version());
  set(conf, "socket.keepalive.enable", "true");
  set(conf, "reconnect.backoff.ms", "50");
  set(conf, "reconnect.backoff.max.ms", "1000");
  set(conf, "topic.metadata.refresh.interval.ms", "5000");
  set(conf, "log_level", "2");  // what matters reaches the truth log as an error event
  const bool signs_in = !connection.principal.empty();
  const bool tls = !connection.authority.empty();
  set(conf, "security.protocol", signs_in ? (tls ? "sasl_ssl" : "sasl_plaintext") : (tls ? "ssl" : "plaintext"));
  if (tls) set(conf, "ssl.ca.location", connection.authority);
  if (signs_in) {
    set(conf, "sasl.mechanism", connection.mechanism);
    set(conf, "sasl.username", connection.principal);
    set(conf, "sasl.password", connection.password);
  }
  return conf;
}

}  // namespace quokka
