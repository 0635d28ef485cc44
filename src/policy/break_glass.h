#pragma once
// Whether somebody may take access in an emergency, without its owner. Pure.
#include "base/ids.h"
#include "base/result.h"
#include "model/model.h"

namespace myelin::policy {

// Denied, in words for whoever asks, where the Policy allows it to nobody, and to who is no member of the application's
// squad; NotFound for an unknown application; Invalid for hours that are none, or too many.
[[nodiscard]] Result<void> may_break_glass(const model::Model& model, const PrincipalName& person,
                                           const ApplicationName& application, int hours);

}  // namespace myelin::policy
