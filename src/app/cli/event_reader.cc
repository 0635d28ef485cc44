#include "app/cli/event_reader.h"

namespace myelin::app::cli {

void EventReader::add(std::string_view part) {
  input_ += part;
  std::size_t begin = 0;
  for (auto end = input_.find('\n'); end != std::string::npos; end = input_.find('\n', begin)) {
    take(std::string_view(input_).substr(begin, end - begin));
    begin = end + 1;
  }
  input_.erase(0, begin);
}

void EventReader::take(std::string_view line) {
  constexpr std::string_view kEvent = "event: ";
  constexpr std::string_view kData = "data: ";
  if (line.starts_with(kEvent)) {
    event_ = line.substr(kEvent.size());
  } else if (line.starts_with(kData)) {
    if (!data_.empty()) data_ += '\n';
    data_ += line.substr(kData.size());
  } else if (line.empty()) {
    if (!event_.empty()) sink_(event_, data_);
    event_.clear();
    data_.clear();
  }
}

}  // namespace myelin::app::cli
