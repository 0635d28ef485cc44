#include "api/answers.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "api/json_object.h"

namespace myelin::api {

using document::Node;

Node place_json(const model::Place& place) {
  return JsonObject()
      .text("file", place.file)
      .number("line", std::max(1U, place.position.line))
      .number("column", std::max(1U, place.position.column))
      .node();
}

namespace {

std::string_view mark(bool declared, bool observed) {
  return declared && observed ? "both" : declared ? "declared" : "observed";
}

template <typename Value>
std::string text_or_empty(const std::optional<Value>& value) {
  if (!value) return {};
  if constexpr (requires { value->text(); }) {
    return value->text();
  } else {
    return *value;
  }
}

// "a, b" → ["a", "b"]
Node split_json(std::string_view joined) {
  std::vector<Node> items;
  while (!joined.empty()) {
    const auto end = joined.find(',');
    auto item = joined.substr(0, end);
    joined.remove_prefix(end == std::string_view::npos ? joined.size() : end + 1);
    while (item.starts_with(' ')) item.remove_prefix(1);
    if (!item.empty()) items.push_back(Node::string(item));
  }
  return Node::list(std::move(items));
}

Node access_json(const model::Access& access) {
  return JsonObject()
      .text("application", access.application.text())
      .add("principals", split_json(access.principals))
      .text("squad", access.squad.text())
      .text("domain", access.domain.text())
      .text("through", access.through)
      .add("declared_at", place_json(access.place))
      .node();
}

Node channel_json(const model::Channel& channel) {
  return JsonObject().text("name", channel.name).text("url", channel.url).text("tool", channel.tool).node();
}

JsonObject write_json(const lineage::WriteEdge& edge, AttachMode mode) {
  return JsonObject()
      .text("principal", edge.principal.text())
      .text("topic", edge.topic.text())
      .number("records", edge.records)
      .number("bytes", edge.bytes)
      .time("first_seen", edge.first_seen)
      .time("last_seen", edge.last_seen)
      .text("library", edge.library)
      .text("library_version", edge.library_version)
      .text("class", class_of_writes(mode));
}

JsonObject read_json(const lineage::ReadEdge& edge) {
  return JsonObject()
      .text("topic", edge.topic.text())
      .text("principal", edge.principal.text())
      .text("client_id", edge.client_id)
      .add("groups", json_texts(edge.groups))
      .number("offsets", edge.offsets)
      .number("bytes", edge.bytes)
      .time("first_seen", edge.first_seen)
      .time("last_seen", edge.last_seen)
      .text("library", edge.library)
      .text("library_version", edge.library_version)
      .text("class", "journalled");
}

Node triple_json(const lineage::Triple& triple) {
  return JsonObject()
      .text("producer", triple.producer.text())
      .text("topic", triple.topic.text())
      .text("consumer", triple.consumer.text())
      .time("first_seen", triple.first_seen)
      .time("last_seen", triple.last_seen)
      .boolean("certain", triple.certain)
      .node();
}

Node call_json(const governance::WhoAnswer::Call& call) {
  const auto& accountable = call.accountable;
  JsonObject object;
  object.text("failure", model::name_of(accountable.failure))
      .text("squad", accountable.squad.text())
      .add("channels", json_list(call.channels, channel_json))
      .text("on_call", call.on_call)
      .add("escalation", json_texts(accountable.escalation))
      .text("accountability", accountable.accountability)
      .text("stream", model::name_of(accountable.stream))
      .text("why", accountable.why);
  if (!accountable.place.file.empty()) object.add("declared_at", place_json(accountable.place));
  return object.node();
}

Node who_answer_json(const governance::WhoAnswer& answer, AttachMode mode) {
  const model::Who& who = answer.declared;
  JsonObject object;
  object.text("kind", model::name_of(who.kind))
      .text("name", who.name)
      .text("title", who.title)
      .text("description", who.description)
      .text("mark", mark(answer.is_declared, answer.is_observed))
      .text("application", text_or_empty(who.application))
      .text("squad", text_or_empty(who.squad))
      .text("domain", text_or_empty(who.domain))
      .text("owned_through", who.owned_through)
      .text("product", text_or_empty(who.product))
      .text("mode", text_or_empty(who.mode))
      .text("squad_type", who.squad_type ? model::name_of(*who.squad_type) : "")
      .text("on_call", who.on_call)
      .text("contract", text_or_empty(who.contract))
      .add("squads", json_texts(who.squads))
      .add("principals", json_texts(who.principals))
      .add("topics", json_texts(who.topics))
      .add("may_read", json_list(who.readers, access_json))
      .add("may_write", json_list(who.writers, access_json))
      .add("grants", json_texts(who.grants))
      .add("channels", json_list(who.channels, channel_json))
      .add("writes",
           json_list(answer.writes,
                     [mode](const auto& edge) { return write_json(edge, mode).text("mark", "observed").node(); }))
      .add("reads",
           json_list(answer.reads, [](const auto& edge) { return read_json(edge).text("mark", "observed").node(); }))
      .add("calls", json_list(answer.calls, call_json));
  if (answer.is_declared) object.add("declared_at", place_json(who.place));
  return object.node();
}

Node usage_line_json(const usage::Line& line) {
  const auto& traits = usage::traits_of(line.measure);
  JsonObject object;
  object.text("principal", line.principal)
      .text("squad", line.squad)
      .text("topic", line.topic)
      .text("direction", line.direction ? usage::to_text(*line.direction) : "")
      .time("hour", line.hour ? std::optional<WallTime>(*line.hour) : std::nullopt)
      .text("group", line.group)
      .add("partition", line.partition ? Node::number(*line.partition) : Node::null())
      .text("client", line.client)
      .text("measure", traits.name)
      .number("amount", line.amount)
      .text("unit", traits.unit)
      .time("first_seen", line.first_seen)
      .time("last_seen", line.last_seen)
      .text("class", usage::to_text(line.exactness))
      .text("mark", "observed");
  return object.node();
}

Node unused_grant_json(const governance::UnusedGrant& grant) {
  return JsonObject()
      .text("grant", grant.grant)
      .text("consumer", grant.consumer.text())
      .text("topic", grant.topic.text())
      .text("mark", "declared")
      .add("declared_at", place_json(grant.place))
      .node();
}

Node unknown_principal_json(const governance::UnknownPrincipal& unknown) {
  return JsonObject()
      .text("principal", unknown.principal.text())
      .add("writes", json_texts(unknown.writes))
      .add("reads", json_texts(unknown.reads))
      .time("last_seen", unknown.last_seen)
      .text("mark", "observed")
      .node();
}

Node group_partition_json(const governance::GroupPartition& partition) {
  const std::int64_t end = std::max<std::int64_t>(0, partition.end);
  return JsonObject()
      .text("topic", partition.topic.text())
      .number("partition", partition.partition)
      .number("committed", partition.committed)
      .number("end", end)
      .number("lag", std::max<std::int64_t>(0, end - partition.committed))
      .node();
}

}  // namespace

Node acl_json(const governance::AclAnswer& answer) {
  const auto& [acl, source, key] = answer;
  const auto* direct = acl.allowance.decision.direct_grant;
  const bool is_made = direct != nullptr && direct->is_made();
  JsonObject object;
  object.text("principal", acl.principal)
      .text("resource_type", acl.resource_type.name)
      .text("name", acl.name)
      .text("pattern_type", acl.pattern_type.name)
      .text("permission", acl.permission.name)
      .add("operations", json_list(acl.operations, [](const auto& operation) { return Node::string(operation.name); }))
      .text("reason", source.reason)
      .text("mark", is_made ? "observed" : "declared");
  if (is_made) object.text("made_by", direct->made_by.text()).time("made_at", direct->made_at);
  if (source.place && !source.place->file.empty()) object.add("declared_at", place_json(*source.place));
  return object.node();
}

Node adoption_json(const adopt::MadeGrants& adoption) {
  return JsonObject()
      .number("documents", static_cast<std::int64_t>(adoption.documents))
      .number("grants", static_cast<std::int64_t>(adoption.grants))
      .text("yaml", adoption.yaml)
      .add("unknown_principals",
           json_list(adoption.unknown, [](const auto& name) { return Node::string(name.text()); }))
      .node();
}

Node adoption_folder_json(const adopt::Folder& folder) {
  const auto file = [](const document::Source& source) {
    return JsonObject().text("path", source.file).text("text", source.text).node();
  };
  const auto guess = [](const adopt::Guess& one) {
    return JsonObject()
        .text("path", one.file)
        .number("line", static_cast<std::int64_t>(one.line))
        .text("evidence", one.evidence)
        .node();
  };
  return JsonObject()
      .number("topics", static_cast<std::int64_t>(folder.topics))
      .number("squads", static_cast<std::int64_t>(folder.squads))
      .number("applications", static_cast<std::int64_t>(folder.applications))
      .number("grants", static_cast<std::int64_t>(folder.grants))
      .number("direct_grants", static_cast<std::int64_t>(folder.direct_grants))
      .add("guesses", json_list(folder.guesses, guess))
      .add("left_out", json_list(folder.left_out, [](const auto& text) { return Node::string(text); }))
      .add("files", json_list(folder.files, file))
      .node();
}

namespace {

// What became of it, in one word, and the rest as detail.
std::pair<std::string_view, std::string> outcome_of(const state::AuditRecord& record) {
  switch (record.kind) {
    case state::AuditKind::Intent:
      return {"intent", ""};
    case state::AuditKind::Outcome:
      if (record.result == "done") return {"done", ""};
      return {"failed", record.result};
    case state::AuditKind::Denial:
      return {"denied", record.result};
    case state::AuditKind::WouldDeny:
      return {"would_deny", record.result};
    case state::AuditKind::SignIn:
      return {"signed_in", record.result};
    case state::AuditKind::RefusedSignIn:
      return {"refused", record.result};
  }
  return {"done", record.result};
}

}  // namespace

document::Node me_json(const governance::Me& me, AttachMode mode, std::string_view version) {
  static const std::vector<std::string> kPlatform{"principals.read", "principals.write", "audit.read",
                                                  "doctor.read",     "usage.read_all",   "lineage.read_all"};
  const std::vector<std::string> nothing;
  return JsonObject()
      .text("principal", me.principal.text())
      .text("role", governance::to_text(me.role))
      .add("squads", json_texts(me.squads))
      .text("domain", me.domain.text())
      .add("capabilities", json_texts(me.role == governance::Role::Platform ? kPlatform : nothing))
      .boolean("dev_mode", me.dev_mode)
      .text("attach_mode", to_text(mode))
      .text("version", version)
      .node();
}

document::Node who_json(const std::vector<governance::WhoAnswer>& answers, AttachMode mode) {
  return JsonObject()
      .add("answers", json_list(answers, [mode](const auto& answer) { return who_answer_json(answer, mode); }))
      .node();
}

document::Node usage_json(const std::vector<usage::Line>& lines, AttachMode mode, WallTime now) {
  return JsonObject()
      .text("attach_mode", to_text(mode))
      .add("lines", json_list(lines, usage_line_json))
      .time("at", now)
      .node();
}

document::Node recomputed_json(const governance::RecomputedUsage& usage, AttachMode mode, WallTime now) {
  return JsonObject()
      .text("attach_mode", to_text(mode))
      .add("lines", json_list(usage.lines, usage_line_json))
      .add("differences", json_list(usage.differences,
                                    [](const auto& difference) {
                                      return JsonObject()
                                          .add("line", usage_line_json(difference.line))
                                          .number("reported", difference.reported)
                                          .node();
                                    }))
      .time("at", now)
      .node();
}

document::Node lineage_json(const governance::LineageAnswer& answer, AttachMode mode, WallTime now) {
  std::int64_t undeclared = 0;
  const auto edge_mark = [&](bool declared) {
    if (!declared) ++undeclared;
    return mark(declared, true);
  };
  auto writes = json_list(answer.writes, [&](const auto& write) {
    return write_json(write.edge, mode)
        .text("squad", write.squad.text())
        .text("mark", edge_mark(write.declared))
        .node();
  });
  auto reads = json_list(answer.reads, [&](const auto& read) {
    return read_json(read.edge).text("squad", read.squad.text()).text("mark", edge_mark(read.declared)).node();
  });
  return JsonObject()
      .text("attach_mode", to_text(mode))
      .time("at", now)
      .add("writes", std::move(writes))
      .add("reads", std::move(reads))
      .add("triples", json_list(answer.triples, triple_json))
      .add("unused_grants", json_list(answer.unused_grants, unused_grant_json))
      .add("unknown_principals", json_list(answer.unknown_principals, unknown_principal_json))
      .number("undeclared_edges", undeclared)
      .node();
}

document::Node topic_json(const governance::TopicAnswer& topic) {
  return JsonObject()
      .text("name", topic.name.text())
      .text("id", topic.id.is_zero() ? "" : topic.id.text())
      .boolean("exists", topic.exists)
      .text("mark", mark(topic.declared, topic.exists))
      .number("partitions", topic.partitions)
      .text("squad", topic.squad.text())
      .text("domain", topic.domain.text())
      .text("product", topic.product.text())
      .text("owned_through", topic.owned_through)
      .text("durability", topic.durability)
      .number("written_records", topic.written_records)
      .number("written_bytes", topic.written_bytes)
      .number("read_bytes", topic.read_bytes)
      .number("writers", topic.writers)
      .number("readers", topic.readers)
      .time("last_written", topic.last_written)
      .time("last_read", topic.last_read)
      .node();
}

document::Node group_json(const governance::GroupAnswer& group) {
  return JsonObject()
      .text("name", group.name.text())
      .text("state", group.state)
      .number("members", group.members)
      .add("principals", json_texts(group.principals))
      .text("squad", group.squad.text())
      .add("partitions", json_list(group.partitions, group_partition_json))
      .number("lag", group.lag)
      .text("mark", mark(group.declared, true))
      .text("class", "exact")
      .time("last_seen", group.last_seen)
      .node();
}

document::Node quota_json(const governance::QuotaAnswer& quota) {
  const auto part_json = [](const governance::QuotaAnswer::Part& part) {
    return JsonObject().text("type", part.type).add("name", part.name ? Node::string(*part.name) : Node::null()).node();
  };
  JsonObject object;
  object.text("limits", quota.limits)
      .add("entity", json_list(quota.entity, part_json))
      .text("quota", quota.quota)
      .real("value", quota.value)
      .text("unit", quota.unit)
      .text("set_by", quota.place ? "document" : "api");
  if (quota.place) object.add("declared_at", place_json(*quota.place));
  return object.node();
}

document::Node held_back_json(const governance::HeldBack& one) {
  return JsonObject()
      .text("squad", one.squad.text())
      .text("quota", one.quota)
      .time("began", one.began)
      .time("until", one.until)
      .number("answers", static_cast<std::int64_t>(one.answers))
      .number("longest_ms", one.longest.count())
      .text("mark", "observed")
      .node();
}

document::Node client_json(const governance::ClientSeen& client, const SquadName& squad) {
  return JsonObject()
      .text("principal", client.principal.text())
      .text("squad", squad.text())
      .text("client_id", client.client_id)
      .text("library", client.library)
      .text("library_version", client.library_version)
      .time("last_seen", client.last_seen)
      .text("mark", "observed")
      .node();
}

document::Node denial_json(const state::AuditLog::Denied& denied) {
  return JsonObject()
      .text("principal", denied.principal)
      .text("operation", denied.operation)
      .text("resource", denied.resource)
      .number("count", denied.count)
      .time("last_seen", denied.last_seen)
      .text("mark", "observed")
      .node();
}

document::Node audit_json(const state::AuditRecord& record) {
  const auto [outcome, detail] = outcome_of(record);
  return JsonObject()
      .number("sequence", static_cast<std::int64_t>(record.id))
      .time("at", record.time)
      .text("principal", record.principal)
      .text("action", record.operation)
      .text("resource", record.resource)
      .text("outcome", outcome)
      .text("detail", detail)
      .text("client", record.peer)
      .node();
}

}  // namespace myelin::api
