#include "api/plan_request.h"

#include "api/plan_json.h"
#include "api/problem.h"
#include "document/json_writer.h"
#include "governance/plan_signatures.h"
#include "signature/ssh_signature.h"

namespace myelin::api {
namespace {

using document::Node;
using document::NodeKind;

constexpr std::size_t kFileNameBytesMax = 1024;

Result<document::Source> file_in(const Node& item) {
  const auto* name = item.find("file");
  const auto* text = item.find("text");
  const bool is_file = name != nullptr && name->is(NodeKind::String) && text != nullptr && text->is(NodeKind::String);
  if (!is_file) return fail(Code::Invalid, "an item of the body's member 'files' has no strings 'file' and 'text'");
  if (name->text.empty() || name->text.size() > kFileNameBytesMax || name->text.contains("..")) {
    return fail(Code::Invalid, "the file '{}' is not named relative to the model's folder", name->text);
  }
  return document::Source{name->text, text->text};
}

Result<std::vector<signature::SshSignature>> signatures_in(const Node& body) {
  std::vector<signature::SshSignature> signatures;
  const auto* list = body.find("signatures");
  if (list == nullptr) return signatures;
  if (!list->is(NodeKind::List)) return fail(Code::Invalid, "the body's member 'signatures' is not a list of texts");
  if (list->items.size() > governance::kSignaturesMax) {
    return fail(Code::TooLarge, "the body's member 'signatures' has {} items; at most {} are taken", list->items.size(),
                governance::kSignaturesMax);
  }
  for (std::size_t at = 0; at < list->items.size(); ++at) {
    if (!list->items[at].is(NodeKind::String)) return fail(Code::Invalid, "signature {} is not a string", at + 1);
    auto signature = signature::parse_signature(list->items[at].text);
    if (!signature) return fail(signature.error().code, "signature {} {}", at + 1, signature.error().message);
    signatures.push_back(*std::move(signature));
  }
  return signatures;
}

}  // namespace

Result<bool> flag_in(const Node& body, std::string_view member) {
  const auto* node = body.find(member);
  if (node == nullptr) return false;
  const auto value = document::as_boolean(*node);
  if (!value) return fail(Code::Invalid, "the body's member '{}' is neither true nor false", member);
  return *value;
}

Result<std::string> optional_text(const Node& body, std::string_view member, std::size_t bytes_max) {
  const auto* node = body.find(member);
  if (node == nullptr) return std::string();
  if (!node->is(NodeKind::String)) return fail(Code::Invalid, "the body's member '{}' is not a string", member);
  if (node->text.size() > bytes_max) {
    return fail(Code::TooLarge, "the body's member '{}' is longer than {} bytes", member, bytes_max);
  }
  return node->text;
}

Result<governance::Proposal> proposal_in(const Node& body) {
  governance::Proposal proposal;
  const auto* files = body.find("files");
  if (files == nullptr || !files->is(NodeKind::List) || files->items.empty()) {
    return fail(Code::Invalid, "the body's member 'files' is not a list of the folder's files");
  }
  for (const auto& item : files->items) {
    auto file = file_in(item);
    if (!file) return pass(file);
    proposal.files.push_back(*std::move(file));
  }
  auto allow_delete = flag_in(body, "allow_delete");
  if (!allow_delete) return pass(allow_delete);
  proposal.allow_delete = *allow_delete;
  auto signatures = signatures_in(body);
  if (!signatures) return pass(signatures);
  proposal.signatures = *std::move(signatures);
  return proposal;
}

net::HttpResponse json_answer(const Node& tree) {
  return net::http_response(200, "application/json", document::json(tree) + "\n");
}

// What it is refused for says more than the code alone.
net::HttpResponse plan_refused(const Error& error, const Query& query) {
  if (error.code == Code::Invalid) return problem(kWrongDocuments, error.message, query.request.path);
  if (error.code == Code::Exists) return problem(kStalePlan, error.message, query.request.path);
  if (error.code == Code::NotFound) return problem(kNoRevision, error.message, query.request.path);
  if (error.code == Code::Denied) return problem(kRefusedPlan, error.message, query.request.path);
  return problem(error, query.request.path);
}

net::HttpResponse proposal_answer(const Result<governance::ProposalAnswer>& answer, const Query& query) {
  return answer ? json_answer(proposal_json(*answer)) : proposal_refused(answer.error(), query);
}

net::HttpResponse proposal_refused(const Error& error, const Query& query) {
  if (error.code == Code::NotFound) return problem(kNoProposal, error.message, query.request.path);
  if (error.code == Code::Exists) return problem(kEndedProposal, error.message, query.request.path);
  if (error.code == Code::Denied) return problem(kOthersProposal, error.message, query.request.path);
  return plan_refused(error, query);
}

}  // namespace myelin::api
