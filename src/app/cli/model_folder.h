#pragma once
// A model's folder as the server takes it.
#include <string>

#include "base/result.h"
#include "document/node.h"
#include "model/model.h"

namespace myelin::app::cli {

// What the folder holds by now; an empty model when it is not there, Invalid when it has problems.
[[nodiscard]] Result<model::Model> model_in(const std::string& folder);
// A list of {file, text}.
[[nodiscard]] Result<document::Node> files_of(const std::string& folder);
// The body of a request; Invalid when it would be more than the server takes at once.
[[nodiscard]] Result<std::string> body_text(const document::Node& body);
// As report(), but documents that are no model are the caller's to correct: exit code 2.
[[nodiscard]] int report_plan(const Error& error);

}  // namespace myelin::app::cli
