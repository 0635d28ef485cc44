#pragma once
// Proposals as people read them, and how the command line sends for one.
#include <string>
#include <utility>
#include <vector>

#include "app/cli/ask.h"
#include "base/result.h"
#include "document/node.h"

namespace myelin::app::cli {

// "squad orders, the platform group": who has not agreed yet; "nobody".
[[nodiscard]] std::string waits_for(const document::Node& proposal);
// A proposal that the server answered, as the output wants it: what became of it. Says the exit code.
[[nodiscard]] int show_proposal(const Asking& options, const Result<document::Node>& answer);

// An object of texts; empty ones are left out.
[[nodiscard]] document::Node body_of(std::vector<std::pair<std::string, std::string>> texts);
// Posts the body and shows the proposal that is answered.
[[nodiscard]] int send_proposal(const Asking& options, const std::string& target, const document::Node& body);

}  // namespace myelin::app::cli
