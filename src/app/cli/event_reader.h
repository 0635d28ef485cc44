#pragma once
// Server-sent events out of a body that arrives in pieces.
#include <functional>
#include <string>
#include <string_view>

namespace myelin::app::cli {

class EventReader {
 public:
  using Sink = std::function<void(std::string_view event, std::string_view data)>;
  explicit EventReader(Sink sink) : sink_(std::move(sink)) {}

  // Calls the sink for each event that is whole now. Comments and unknown fields are passed over.
  void add(std::string_view part);

 private:
  void take(std::string_view line);

  Sink sink_;
  std::string input_;
  std::string event_;
  std::string data_;
};

}  // namespace myelin::app::cli
