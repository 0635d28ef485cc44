// Routes that change the operating model: plan, apply, revisions, roll back.
#include <fmt/core.h>

#include <charconv>

#include "api/json_object.h"
#include "api/plan_json.h"
#include "api/problem.h"
#include "api/request.h"
#include "api/server.h"

namespace myelin::api {
namespace {

using document::Node;
using document::NodeKind;

constexpr std::size_t kFileNameBytesMax = 1024;
constexpr std::size_t kNodesMax = 5'000 * 5 + 16;  // of a body with 5,000 files

net::HttpResponse answer(const Node& tree) {
  return net::http_response(200, "application/json", document::json(tree) + "\n");
}
net::HttpResponse refused(const Error& error, const Query& query) { return problem(error, query.request.path); }

// What a plan or an apply is refused for says more than the code alone.
net::HttpResponse plan_refused(const Error& error, const Query& query) {
  if (error.code == Code::Invalid) return problem(kWrongDocuments, error.message, query.request.path);
  if (error.code == Code::Exists) return problem(kStalePlan, error.message, query.request.path);
  if (error.code == Code::NotFound) return problem(kNoRevision, error.message, query.request.path);
  if (error.code == Code::Denied) return problem(kRefusedPlan, error.message, query.request.path);
  return refused(error, query);
}

template <typename Value>
net::HttpResponse answer_or_refused(const Result<Value>& value, Node (*json)(const Value&), const Query& query) {
  return value ? answer(json(*value)) : plan_refused(value.error(), query);
}

Result<bool> flag_in(const Node& body, std::string_view member) {
  const auto* node = body.find(member);
  if (node == nullptr) return false;
  const auto value = document::as_boolean(*node);
  if (!value) return fail(Code::Invalid, "the body's member '{}' is neither true nor false", member);
  return *value;
}

// A member that may be left out.
Result<std::string> text_in(const Node& body, std::string_view member, std::size_t bytes_max) {
  const auto* node = body.find(member);
  if (node == nullptr) return std::string();
  if (!node->is(NodeKind::String)) return fail(Code::Invalid, "the body's member '{}' is not a string", member);
  if (node->text.size() > bytes_max) {
    return fail(Code::TooLarge, "the body's member '{}' is longer than {} bytes", member, bytes_max);
  }
  return node->text;
}

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
  return proposal;
}

Result<governance::ApplyOrder> order_in(const Node& body) {
  auto plan = required_text(body, "plan");
  if (!plan) return pass(plan);
  auto message = text_in(body, "message", governance::Revisions::kMessageBytesMax);
  if (!message) return pass(message);
  auto commit = text_in(body, "commit", governance::Revisions::kMessageBytesMax);
  if (!commit) return pass(commit);
  return governance::ApplyOrder{*std::move(plan), *std::move(message), *std::move(commit)};
}

Result<std::uint64_t> number_named(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc() && end == text.data() + text.size() && number > 0) return number;
  return fail(Code::Invalid, "'{}' is no number of a revision", text);
}

}  // namespace

net::HttpResponse Server::make_plan(const Query& query) {
  const auto body = body_object(query.request, {kModelBytes, kNodesMax}, {"files", "allow_delete"});
  if (!body) return refused(body.error(), query);
  auto proposal = proposal_in(*body);
  if (!proposal) return refused(proposal.error(), query);
  return answer_or_refused(services_.model_changes.plan(asker_of(query), *std::move(proposal)), plan_json, query);
}

net::HttpResponse Server::apply_plan(const Query& query) {
  const auto body =
      body_object(query.request, {kModelBytes, kNodesMax}, {"files", "allow_delete", "plan", "message", "commit"});
  if (!body) return refused(body.error(), query);
  auto proposal = proposal_in(*body);
  if (!proposal) return refused(proposal.error(), query);
  auto order = order_in(*body);
  if (!order) return refused(order.error(), query);
  return answer_or_refused(services_.model_changes.apply(asker_of(query), *std::move(proposal), *std::move(order)),
                           applied_json, query);
}

net::HttpResponse Server::revisions(const Query& query) const {
  const auto revisions = services_.model_changes.revisions(asker_of(query));
  if (!revisions) return refused(revisions.error(), query);
  const auto limit = query_number(query.request, "limit", {1, 5000, 500});
  if (!limit) return refused(limit.error(), query);
  const auto before = query_number(query.request, "before", {0, INT64_MAX, INT64_MAX});
  if (!before) return refused(before.error(), query);
  std::vector<Node> page;
  std::string next;
  for (const auto& revision : *revisions) {
    if (std::cmp_greater_equal(revision.number, *before)) continue;
    if (std::cmp_equal(page.size(), *limit)) {
      next = page.back().find("revision")->text;
      break;
    }
    page.push_back(revision_json(revision));
  }
  return answer(JsonObject().add("items", Node::list(std::move(page))).text("next", next).node());
}

net::HttpResponse Server::revision(const Query& query) const {
  const auto number = number_named(query.parameter("number"));
  if (!number) return refused(number.error(), query);
  const auto files = services_.model_changes.documents_of(asker_of(query), *number);
  if (!files) return plan_refused(files.error(), query);
  const auto revisions = services_.model_changes.revisions(asker_of(query));
  if (!revisions) return refused(revisions.error(), query);
  for (const auto& revision : *revisions) {
    if (revision.number == *number) return answer(revision_json(revision, *files));
  }
  return refused({Code::NotFound, fmt::format("there is no revision {}", *number)}, query);
}

net::HttpResponse Server::revision_difference(const Query& query) const {
  const auto from = number_named(query.parameter("number"));
  if (!from) return refused(from.error(), query);
  const auto to = number_named(query.parameter("other"));
  if (!to) return refused(to.error(), query);
  return answer_or_refused(services_.model_changes.compare(asker_of(query), *from, *to), plan_json, query);
}

net::HttpResponse Server::plan_rollback(const Query& query) {
  const auto number = number_named(query.parameter("number"));
  if (!number) return refused(number.error(), query);
  const auto body = body_object(query.request, kBodyBytes, {"allow_delete"});
  if (!body) return refused(body.error(), query);
  const auto allow_delete = flag_in(*body, "allow_delete");
  if (!allow_delete) return refused(allow_delete.error(), query);
  return answer_or_refused(services_.model_changes.plan_rollback(asker_of(query), *number, *allow_delete), plan_json,
                           query);
}

net::HttpResponse Server::roll_back(const Query& query) {
  const auto number = number_named(query.parameter("number"));
  if (!number) return refused(number.error(), query);
  const auto body = body_object(query.request, kBodyBytes, {"allow_delete", "plan", "message", "commit"});
  if (!body) return refused(body.error(), query);
  const auto allow_delete = flag_in(*body, "allow_delete");
  if (!allow_delete) return refused(allow_delete.error(), query);
  auto order = order_in(*body);
  if (!order) return refused(order.error(), query);
  return answer_or_refused(
      services_.model_changes.roll_back(asker_of(query), *number, *allow_delete, *std::move(order)), applied_json,
      query);
}

}  // namespace myelin::api
