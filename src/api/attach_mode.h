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

}  // namespace myelin::api
