#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "bench/commands.h"
#include "bench/connection.h"
#include "kafka/message/metadata.h"

namespace myelin::bench {
namespace {

constexpr std::int16_t kMetadataVersion = 5;
constexpr std::string_view kListener = "plaintext://";

// HOST:PORT of the line in which the server says that it is ready.
std::string ready_address(int output) {
  std::string text;
  char byte = 0;
  while (read(output, &byte, 1) == 1) {
    text += byte;
    if (byte != '\n') continue;
    const auto found = text.find(kListener);
    if (text.find(" ready: ") != std::string::npos && found != std::string::npos) {
      const auto begin = found + kListener.size();
      return text.substr(begin, text.find(' ', begin) - begin);
    }
    text.clear();
  }
  die("the server ended before it was ready");
}

}  // namespace

void measure_start(const Options&, char** command) {
  if (*command == nullptr) die("start: expected -- COMMAND ARGUMENTS");
  int output[2];
  if (pipe(output) != 0) die("pipe: {}", std::strerror(errno));
  const double begun = now_s();
  const pid_t server = fork();
  if (server < 0) die("fork: {}", std::strerror(errno));
  if (server == 0) {
    dup2(output[1], STDOUT_FILENO);
    close(output[0]);
    close(output[1]);
    execv(command[0], command);
    _exit(127);
  }
  close(output[1]);
  Connection connection(ready_address(output[0]));
  kafka::MetadataRequest request;
  request.topics.reset();
  const auto response = ask<kafka::MetadataResponse>(connection, kafka::ApiKey::Metadata, kMetadataVersion, request);
  const double elapsed = now_s() - begun;
  if (response.brokers.empty()) die("the first Metadata answer names no broker");
  kill(server, SIGTERM);
  waitpid(server, nullptr, 0);
  fmt::print(R"({{"start_ms":{:.2f}}})"
             "\n",
             elapsed * 1e3);
}

}  // namespace myelin::bench
