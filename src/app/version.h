#pragma once

namespace myelin::app {
inline constexpr const char* kVersion = "0.1.0";
}  // namespace myelin::app
