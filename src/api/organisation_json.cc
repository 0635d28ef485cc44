#include "api/organisation_json.h"

#include "api/answers.h"
#include "api/json_object.h"

namespace myelin::api {
namespace {

using document::Node;

Node count_json(std::size_t count) { return Node::number(static_cast<std::int64_t>(count)); }

JsonObject interaction_object(const organisation::DeclaredInteraction& declared) {
  const auto& one = declared.interaction;
  JsonObject object;
  object.text("squad", declared.squad.text())
      .text("with", one.with.text())
      .text("mode", model::name_of(one.mode))
      .text("purpose", one.purpose)
      .time("until", one.until)
      .add("declared_at", place_json(one.place));
  return object;
}

Node edge_json(const organisation::Edge& edge) {
  const auto add = [](JsonObject& object, std::string_view count, std::string_view bytes, const auto& amount) {
    object.add(count, amount ? Node::number(amount->count) : Node::null());
    object.add(bytes, amount ? Node::number(amount->bytes) : Node::null());
  };
  JsonObject object;
  object.text("producer", edge.producer.text()).text("topic", edge.topic.text()).text("consumer", edge.consumer.text());
  add(object, "written_records", "written_bytes", edge.written);
  add(object, "served_offsets", "served_bytes", edge.served);
  object.time("last_seen", edge.last_seen)
      .add("interaction", edge.declared ? interaction_object(*edge.declared).node() : Node::null())
      .text("mark", edge.declared ? "both" : "observed");
  return object.node();
}

Node overdue_json(const organisation::Overdue& overdue) {
  return interaction_object(overdue.declared)
      .text("traffic", organisation::name_of(overdue.traffic))
      .time("last_seen", overdue.last_seen)
      .text("mark", overdue.last_seen ? "both" : "declared")
      .node();
}

Node unused_json(const organisation::DeclaredInteraction& declared) {
  return interaction_object(declared).boolean("ended", declared.has_ended).text("mark", "declared").node();
}

Node figure_json(const organisation::Load& load, const organisation::Figure& figure) {
  const auto value = load.*figure.value;
  const auto hundredths = organisation::hundredths_per_member(load, value);
  JsonObject object;
  object.text("name", figure.name).add("value", count_json(value));
  if (hundredths) {
    object.real("per_member", static_cast<double>(*hundredths) / 100);
  } else {
    object.add("per_member", Node::null());
  }
  return object.text("mark", figure.is_measured ? "observed" : "declared").node();
}

Node load_json(const organisation::Load& load) {
  return JsonObject()
      .text("squad", load.squad.text())
      .text("type", load.type ? model::name_of(*load.type) : "")
      .add("headcount", load.headcount ? Node::number(*load.headcount) : Node::null())
      .add("figures", json_list(organisation::figures(), [&](const auto& figure) { return figure_json(load, figure); }))
      .add("failures",
           json_list(load.failures, [](const auto failure) { return Node::string(model::name_of(failure)); }))
      .text("mark", "declared")
      .node();
}

Node congruence_json(const organisation::Organisation& organisation) {
  return JsonObject()
      .add("declared", count_json(organisation.declared_edges()))
      .add("edges", count_json(organisation.edges.size()))
      .text("text", organisation::congruence_text(organisation))
      .node();
}

void add_core(JsonObject& object, const organisation::Organisation& organisation) {
  object.add("congruence", congruence_json(organisation))
      .add("edges", json_list(organisation.edges, edge_json))
      .add("overdue", json_list(organisation.overdue, overdue_json))
      .add("unused", json_list(organisation.unused, unused_json))
      .add("load", json_list(organisation.loads, load_json))
      .add("unattributed_principals", count_json(organisation.unattributed));
}

Node core_json(const organisation::Organisation& organisation) {
  JsonObject object;
  add_core(object, organisation);
  return object.node();
}

Node action_json(const organisation::Action& action) {
  return JsonObject()
      .text("duty", action.duty)
      .text("operation", action.operation)
      .text("squad", action.squad.text())
      .text("due", action.due.text())
      .text("mode", action.mode)
      .add("times", Node::number(action.times))
      .time("last_seen", action.last_seen)
      .text("text", organisation::described(action))
      .node();
}

Node drift_json(const organisation::ModeDrift& drift) {
  return JsonObject()
      .text("product", drift.product.text())
      .text("squad", drift.owner.text())
      .text("mode", drift.mode)
      .add("actions", Node::number(drift.actions))
      .add("by_others", Node::number(drift.by_others))
      .text("text", organisation::drift_text(drift))
      .add("others", json_list(drift.others, action_json))
      .text("mark", "observed")
      .node();
}

Node edge_change_json(const organisation::EdgeChange& change) {
  return JsonObject().text("fate", organisation::name_of(change.fate)).add("edge", edge_json(change.edge)).node();
}

Node load_change_json(const organisation::LoadChange& change) {
  return JsonObject().add("before", load_json(change.before)).add("after", load_json(change.after)).node();
}

Node handover_json(const plan::Handover& handover) {
  return JsonObject()
      .text("kind", plan::name_of(handover.entity.kind))
      .text("name", handover.entity.name)
      .text("before", handover.before.text())
      .text("after", handover.after.text())
      .node();
}

}  // namespace

Node organisation_json(const organisation::Organisation& organisation, const governance::Questions::ModeDrifts& drifts,
                       AttachMode mode, WallTime now) {
  JsonObject object;
  object.text("attach_mode", to_text(mode)).time("at", now);
  add_core(object, organisation);
  object.add("mode_drift", json_list(drifts.products, drift_json))
      .add("mode_drift_left_out", Node::number(drifts.left_out));
  return object.node();
}

Node what_if_json(const governance::WhatIf& what_if) {
  const auto& comparison = what_if.comparison;
  return JsonObject()
      .add("edges", json_list(comparison.edges, edge_change_json))
      .add("load", json_list(comparison.loads, load_change_json))
      .add("consents", json_list(what_if.handovers, handover_json))
      .add("before", core_json(comparison.before))
      .add("after", core_json(comparison.after))
      .node();
}

}  // namespace myelin::api
