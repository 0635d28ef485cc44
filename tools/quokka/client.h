#pragma once
// How an application reaches the platform: address, TLS, its principal. Shared by its producer and its consumers.
#include <librdkafka/rdkafka.h>

#include <string>

namespace quokka {

struct Connection {
  std::string bootstrap;
  std::string authority;  // file with the certificate to trust; empty: no TLS
  std::string principal;  // empty: does not sign in
  std::string password;
  std::string mechanism = "SCRAM-SHA-256";
  std::string client_id;
};

// Throws std::runtime_error with librdkafka's text.
void set(rd_kafka_conf_t* conf, const char* name, const std::string& value);
rd_kafka_conf_t* client_conf(const Connection& connection);

// What an application tells about its client library in ApiVersions.
std::string library_name();
std::string library_version();

}  // namespace quokka
