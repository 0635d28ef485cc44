#include "plan/saved_state.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace myelin::plan {
namespace {

using document::Node;
using document::NodeKind;

constexpr std::int64_t kVersion = 1;
constexpr document::Limits kLimits{.bytes_max = 256U << 20, .depth_max = 8, .nodes_max = 10'000'000};

Node text(std::string_view value) { return Node::string(value); }
Node number(std::int64_t value) { return Node::number(value); }

template <typename Values, typename Make>
Node list(const Values& values, Make make) {
  std::vector<Node> items;
  for (const auto& value : values) items.push_back(make(value));
  return Node::list(std::move(items));
}

Node document_node(const document::Source& source) {
  return Node::map({{"file", {}, text(source.file)}, {"text", {}, text(source.text)}});
}

Node topic_node(const std::pair<const TopicName, LiveTopic>& topic) {
  std::vector<document::Member> settings;
  for (const auto& [name, value] : topic.second.settings) settings.push_back({name, {}, text(value)});
  return Node::map({{"topic", {}, text(topic.first.text())},
                    {"partitions", {}, number(topic.second.partitions)},
                    {"settings", {}, Node::map(std::move(settings))}});
}

Node use_node(const Use& use) {
  return Node::map({{"principal", {}, text(use.principal.text())},
                    {"topic", {}, text(use.topic.text())},
                    {"operation", {}, text(policy::name_of(use.operation))},
                    {"last_seen", {}, number(unix_milliseconds(use.last_seen))},
                    {"bytes_per_second", {}, number(static_cast<std::int64_t>(use.bytes_per_second))}});
}

Node right_node(const model::DirectGrant& grant) {
  const auto& right = grant.right;
  return Node::map({{"principal", {}, text(right.principal.text())},
                    {"resource", {}, text(model::name_of(right.resource))},
                    {"name", {}, text(right.name)},
                    {"prefixed", {}, Node::boolean(right.is_prefix)},
                    {"operation", {}, text(model::name_of(right.operation))},
                    {"made_by", {}, text(grant.made_by.text())}});
}

Node settings_node(const policy::Settings& settings) {
  std::vector<document::Member> members;
  members.push_back({"authorise", {}, text(settings.authorise == policy::Authorise::Report ? "report" : "enforce")});
  if (settings.undeclared_topics) {
    members.push_back({"undeclared_topics", {}, text(model::name_of(*settings.undeclared_topics))});
  }
  members.push_back({"dev_mode", {}, Node::boolean(settings.dev_mode)});
  members.push_back({"platform_principals", {}, list(settings.platform_principals, [](const auto& name) {
                       return text(name.text());
                     })});
  const policy::DirectGrants none;
  members.push_back({"made_grants", {}, list(settings.made_grants ? *settings.made_grants : none, right_node)});
  return Node::map(std::move(members));
}

Node tally_node(const Tallies::value_type& tally) {
  return Node::map({{"rule", {}, text(tally.first)},
                    {"times", {}, number(static_cast<std::int64_t>(tally.second.times))},
                    {"squads", {}, number(static_cast<std::int64_t>(tally.second.squads))},
                    {"since", {}, number(unix_milliseconds(tally.second.since))}});
}

// Reads members, and notes the first that is missing or of the wrong kind.
class Reading {
 public:
  const Node& member(const Node& node, std::string_view key, NodeKind kind) {
    const auto* found = node.find(key);
    if (found != nullptr && found->is(kind)) return *found;
    if (wrong_.empty()) wrong_ = key;
    return nothing_;
  }
  std::string texts(const Node& node, std::string_view key) { return member(node, key, NodeKind::String).text; }
  bool flag(const Node& node, std::string_view key) {
    return document::as_boolean(member(node, key, NodeKind::Boolean)).value_or(false);
  }
  std::int64_t numbers(const Node& node, std::string_view key) {
    const auto& found = member(node, key, NodeKind::Number);
    const auto value = document::as_integer(found);
    if (!value && wrong_.empty()) wrong_ = key;
    return value.value_or(0);
  }
  const std::vector<Node>& items(const Node& node, std::string_view key) {
    return member(node, key, NodeKind::List).items;
  }
  template <typename Named, std::size_t kCount>
  Named named(const Node& node, std::string_view key, const std::array<Named, kCount>& all) {
    const auto word = texts(node, key);
    const auto found = std::ranges::find(all, word, [](Named one) { return name_of(one); });
    if (found != all.end()) return *found;
    if (wrong_.empty()) wrong_ = key;
    return all.front();
  }
  [[nodiscard]] const std::string& wrong() const { return wrong_; }

 private:
  Node nothing_;
  std::string wrong_;
};

LiveTopic read_topic(Reading& reading, const Node& node) {
  LiveTopic topic;
  topic.partitions = static_cast<std::int32_t>(reading.numbers(node, "partitions"));
  for (const auto& member : reading.member(node, "settings", NodeKind::Map).members) {
    topic.settings[member.key] = member.value.text;
  }
  return topic;
}

Use read_use(Reading& reading, const Node& node) {
  static constexpr std::array kOperations{policy::Operation::Read, policy::Operation::Write};
  return {PrincipalName(reading.texts(node, "principal")), TopicName(reading.texts(node, "topic")),
          reading.named(node, "operation", kOperations), from_unix_milliseconds(reading.numbers(node, "last_seen")),
          static_cast<double>(reading.numbers(node, "bytes_per_second"))};
}

WouldHaveDenied read_tally(Reading& reading, const Node& node) {
  return {static_cast<std::uint64_t>(reading.numbers(node, "times")),
          static_cast<std::size_t>(reading.numbers(node, "squads")),
          from_unix_milliseconds(reading.numbers(node, "since"))};
}

model::DirectGrant read_right(Reading& reading, const Node& node) {
  model::DirectGrant grant;
  grant.right = {PrincipalName(reading.texts(node, "principal")),
                 reading.named(node, "resource", model::kRightResources), reading.texts(node, "name"),
                 reading.flag(node, "prefixed"), reading.named(node, "operation", model::kRightOperations)};
  grant.made_by = PrincipalName(reading.texts(node, "made_by"));
  return grant;
}

policy::Settings read_settings(Reading& reading, const Node& node) {
  static constexpr std::array kRules{model::UndeclaredTopics::Closed, model::UndeclaredTopics::Report};
  policy::Settings settings;
  if (reading.texts(node, "authorise") == "report") settings.authorise = policy::Authorise::Report;
  if (node.find("undeclared_topics") != nullptr) {
    settings.undeclared_topics = reading.named(node, "undeclared_topics", kRules);
  }
  settings.dev_mode = reading.flag(node, "dev_mode");
  for (const auto& name : reading.items(node, "platform_principals"))
    settings.platform_principals.emplace_back(name.text);
  policy::DirectGrants grants;
  for (const auto& right : reading.items(node, "made_grants")) grants.push_back(read_right(reading, right));
  settings.made_grants = std::make_shared<const policy::DirectGrants>(std::move(grants));
  return settings;
}

}  // namespace

Node to_node(const SavedState& state) {
  return Node::map({{"myelin_state", {}, number(kVersion)},
                    {"revision", {}, number(static_cast<std::int64_t>(state.revision))},
                    {"saved_at", {}, number(unix_milliseconds(state.live.now))},
                    {"settings", {}, settings_node(state.settings)},
                    {"topics", {}, list(state.live.topics, topic_node)},
                    {"uses", {}, list(state.live.uses, use_node)},
                    {"rule_counts", {}, list(state.live.tallies, tally_node)},
                    {"documents", {}, list(state.documents, document_node)}});
}

Result<SavedState> read_saved_state(std::string_view json) {
  const auto root = document::parse_json(json, kLimits);
  if (!root) return std::unexpected(root.error());
  Reading reading;
  const auto version = reading.numbers(*root, "myelin_state");
  if (!reading.wrong().empty()) return fail(Code::Invalid, "this is no saved state: it has no number myelin_state");
  if (version != kVersion) {
    return fail(Code::Invalid, "the saved state is of version {}; this program reads {}: save it with the same version",
                version, kVersion);
  }
  SavedState state;
  state.revision = static_cast<std::uint64_t>(reading.numbers(*root, "revision"));
  state.live.now = from_unix_milliseconds(reading.numbers(*root, "saved_at"));
  state.settings = read_settings(reading, reading.member(*root, "settings", NodeKind::Map));
  for (const auto& node : reading.items(*root, "topics")) {
    state.live.topics[TopicName(reading.texts(node, "topic"))] = read_topic(reading, node);
  }
  for (const auto& node : reading.items(*root, "uses")) state.live.uses.push_back(read_use(reading, node));
  if (root->find("rule_counts") != nullptr) {
    for (const auto& node : reading.items(*root, "rule_counts")) {
      state.live.tallies[reading.texts(node, "rule")] = read_tally(reading, node);
    }
  }
  for (const auto& node : reading.items(*root, "documents")) {
    state.documents.push_back({reading.texts(node, "file"), reading.texts(node, "text")});
  }
  if (!reading.wrong().empty()) {
    return fail(Code::Invalid, "the saved state can't be read: {} is missing or not what it should be",
                reading.wrong());
  }
  return state;
}

}  // namespace myelin::plan
