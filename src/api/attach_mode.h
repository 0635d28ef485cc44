#pragma once
// How Myelin sees the traffic; every report states it.
#include <string_view>

namespace myelin::api {

enum class AttachMode {
  Observe,   // out of the path, by the admin API only
  Gateway,   // in front of an existing cluster
  Embedded,  // with the embedded broker
};
[[nodiscard]] std::string_view to_text(AttachMode mode);

// How exact counts of appends are: only the embedded broker journals them before the log.
[[nodiscard]] std::string_view class_of_writes(AttachMode mode);  // "exact", "journalled"

}  // namespace myelin::api
