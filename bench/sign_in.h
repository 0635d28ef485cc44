#pragma once
// A client's side of SCRAM-SHA-256 (RFC 5802).
#include <string>

#include "bench/connection.h"

namespace myelin::bench {

struct Credentials {
  std::string user;
  std::string password;
};

// Ends the program when the server refuses.
void sign_in(Connection& connection, const Credentials& credentials);

}  // namespace myelin::bench
