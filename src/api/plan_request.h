#pragma once
// What requests about the model have in common: their bodies, and what they are refused for.
#include <string>
#include <string_view>

#include "api/router.h"
#include "document/node.h"
#include "governance/model_changes.h"
#include "governance/proposal_desk.h"
#include "net/http_message.h"

namespace myelin::api {

inline constexpr std::size_t kModelNodes = 5'000 * 5 + 96;  // of a body with 5,000 files

// The members `files`, `allow_delete` and, where the body may have it, `signatures`.
[[nodiscard]] Result<governance::Proposal> proposal_in(const document::Node& body);
// False when it is not there.
[[nodiscard]] Result<bool> flag_in(const document::Node& body, std::string_view member);
// Empty when it is not there.
[[nodiscard]] Result<std::string> optional_text(const document::Node& body, std::string_view member,
                                                std::size_t bytes_max);

[[nodiscard]] net::HttpResponse json_answer(const document::Node& tree);
[[nodiscard]] net::HttpResponse plan_refused(const Error& error, const Query& query);
[[nodiscard]] net::HttpResponse proposal_answer(const Result<governance::ProposalAnswer>& answer, const Query& query);
[[nodiscard]] net::HttpResponse proposal_refused(const Error& error, const Query& query);

}  // namespace myelin::api
