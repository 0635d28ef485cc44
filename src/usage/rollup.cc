#include "usage/rollup.h"

#include <initializer_list>

namespace myelin::usage {
namespace {

std::size_t mixed(std::initializer_list<std::string_view> texts) noexcept {
  std::size_t hash = 0;
  for (const auto text : texts) hash = hash * 31 + std::hash<std::string_view>()(text);
  return hash;
}

}  // namespace

std::string client_of(const Attribution& attribution) {
  if (attribution.library_version.empty()) return attribution.library;
  return attribution.library + ' ' + attribution.library_version;
}

std::size_t Flow::hash() const noexcept { return mixed({principal.text(), client_id, client, topic.text()}); }

std::size_t Consumer::hash() const noexcept {
  return mixed({principal.text(), group.text(), topic.text()}) * 31 + static_cast<std::size_t>(partition);
}

std::size_t Caller::hash() const noexcept { return mixed({principal.text(), client, topic.text()}); }

Moved& Moved::operator+=(const Moved& other) {
  offsets += other.offsets;
  bytes += other.bytes;
  return *this;
}

Consumed& Consumed::operator+=(const Consumed& other) {
  offsets += other.offsets;
  return *this;
}

Asked& Asked::operator+=(const Asked& other) {
  requests += other.requests;
  microseconds += other.microseconds;
  connections += other.connections;
  refused_bytes += other.refused_bytes;
  return *this;
}

Rows rows_of(const Rollup& rollup) {
  return {rollup.writes.rows(), rollup.reads.rows(), rollup.consumers.rows(), rollup.callers.rows(), rollup.at_best};
}

}  // namespace myelin::usage
