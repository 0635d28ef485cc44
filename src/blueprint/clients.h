#pragma once
// Sample clients of an application, in Python, Java and Go. Internal to the module.
#include <string>
#include <vector>

#include "document/parse.h"
#include "model/model.h"

namespace myelin::blueprint {

enum class ClientKind { Producer, Consumer };

struct Client {
  ClientKind kind = ClientKind::Producer;
  ApplicationName application;
  PrincipalName principal;
  std::vector<TopicName> topics;  // a producer writes the first
};

// Files below clients/APPLICATION/, which no loader of a model reads.
[[nodiscard]] std::vector<document::Source> client_files(const Client& client);

}  // namespace myelin::blueprint
