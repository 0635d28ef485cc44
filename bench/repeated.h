#pragma once
// A small request that a client sends again and again: made once, its answer checked each time.
#include <optional>
#include <string>

#include "bench/connection.h"
#include "bench/member.h"

namespace myelin::bench {

struct Repeated {
  kafka::ApiKey key;
  std::int16_t version;
  ByteBuffer frame;
  void (*check)(SharedBytes body, std::int16_t version);
  std::optional<Member> member = {};  // who sends it, where that must be one

  void send(Connection& connection) { connection.send(frame); }
  void receive(Connection& connection) const { check(connection.receive(key, version), version); }
  // So that its session does not end within another measurement. No answer is owed.
  void leave(Connection& connection) const {
    if (member) leave_group(connection, *member);
  }
};

struct Wanted {
  std::string kind;  // metadata, poll, commit or heartbeat
  std::string topic;
  std::int32_t partition = 0;
  long wait_ms = 10;  // of a poll
  long client = 0;    // commit and heartbeat: a group of its own for each
};

// Joins a group first where the request comes from a member. A poll waits at the partition's end.
[[nodiscard]] Repeated repeated(Connection& connection, const Wanted& wanted);

}  // namespace myelin::bench
