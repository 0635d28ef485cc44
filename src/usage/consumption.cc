#include "usage/consumption.h"

#include <tuple>

namespace myelin::usage {

void Consumption::commit(const Consumed& consumed) {
  rows_[Key(consumed.group, consumed.topic, consumed.partition)] = consumed;
}

void Consumption::forget_topic(const TopicName& topic) {
  std::erase_if(rows_, [&](const auto& row) { return row.second.topic == topic; });
}

std::vector<Consumed> Consumption::rows() const {
  std::vector<Consumed> rows;
  rows.reserve(rows_.size());
  for (const auto& [key, row] : rows_) rows.push_back(row);
  return rows;
}

}  // namespace myelin::usage
