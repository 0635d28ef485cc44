#include "cel/evaluator.h"

#include <optional>

namespace myelin::cel {
namespace {

class Evaluator {
 public:
  explicit Evaluator(const Attributes& attributes) : attributes_(attributes), steps_{kStepsMax} {}

  Result<Value> run(const Node& root) {
    auto value = evaluate(root);
    // Nothing that was left out may look like an answer.
    if (steps_.left <= 0) return too_much();
    return value;
  }

 private:
  static std::unexpected<Error> too_much() {
    return fail(Code::TooLarge, "more than {} steps of work; ask for less at once", kStepsMax);
  }

  // 64 bytes of text count as a step, so that short expressions can't make long texts.
  static std::size_t weight(const Value& value) {
    constexpr std::size_t kBytesPerStep = 64;
    const auto* text = value.as<std::string>();
    return 1 + (text == nullptr ? 0 : text->size() / kBytesPerStep);
  }

  Result<Value> evaluate(const Node& node) {
    if (steps_.left <= 0) return too_much();
    auto value = value_of(node);
    if (!steps_.take(value ? weight(*value) : 1)) return too_much();
    return value;
  }

  Result<Value> value_of(const Node& node) {
    switch (node.kind) {
      case NodeKind::Constant:
        return node.constant;
      case NodeKind::Attribute:
        return attribute(node);
      case NodeKind::Local:
        return locals_[node.slot];
      case NodeKind::Select:
      case NodeKind::Has:
        return selected(node);
      case NodeKind::List:
        return list(node);
      case NodeKind::Map:
        return map(node);
      case NodeKind::Call:
        return called(node);
      case NodeKind::And:
        return decided(node, false);
      case NodeKind::Or:
        return decided(node, true);
      case NodeKind::Conditional:
        return conditional(node);
      default:
        return over_range(node);
    }
  }

  Result<Value> attribute(const Node& node) const {
    const auto found = attributes_.find(node.name);
    if (found == attributes_.end()) return fail(Code::Invalid, "no value for {}", node.name);
    return found->second;
  }

  Result<Value> selected(const Node& node) {
    auto what = evaluate(node.children[0]);
    if (!what) return what;
    const auto* entries = what->entries();
    if (entries == nullptr) return fail(Code::Invalid, "{} has no member {}", type_name(*what), node.name);
    const auto* value = find(*entries, Value::string(node.name), steps_);
    if (node.kind == NodeKind::Has) return Value::boolean(value != nullptr);
    if (value == nullptr) return fail(Code::Invalid, "no such key: {}", node.name);
    return *value;
  }

  Result<Value> list(const Node& node) {
    List items;
    for (const Node& child : node.children) {
      auto item = evaluate(child);
      if (!item) return item;
      items.push_back(std::move(*item));
    }
    return Value::list(std::move(items));
  }

  static bool may_be_key(const Value& value) {
    return value.as<bool>() != nullptr || value.as<std::int64_t>() != nullptr || value.as<std::uint64_t>() != nullptr ||
           value.as<std::string>() != nullptr;
  }

  Result<Value> map(const Node& node) {
    Map entries;
    for (std::size_t i = 0; i < node.children.size(); i += 2) {
      auto key = evaluate(node.children[i]);
      if (!key) return key;
      auto value = evaluate(node.children[i + 1]);
      if (!value) return value;
      if (!may_be_key(*key)) return fail(Code::Invalid, "{} can't be a key", type_name(*key));
      if (find(entries, *key, steps_) != nullptr) return fail(Code::Invalid, "a key is there twice");
      entries.emplace_back(std::move(*key), std::move(*value));
    }
    return Value::map(std::move(entries));
  }

  Result<Value> called(const Node& node) {
    std::vector<Value> arguments;
    for (const Node& child : node.children) {
      auto argument = evaluate(child);
      if (!argument) return argument;
      arguments.push_back(std::move(*argument));
    }
    if (node.function != Function::Matches) return call(node.function, arguments, steps_);
    const auto* text = arguments.front().as<std::string>();
    if (text == nullptr) return fail(Code::Invalid, "matches is not for {}", type_name(arguments.front()));
    return Value::boolean(re2::RE2::PartialMatch(*text, *node.pattern));
  }

  // Logical and, or: an operand that decides does so though the other one has no value.
  Result<Value> decided(const Node& node, bool deciding) {
    std::optional<Error> why;
    for (const Node& child : node.children) {
      auto value = evaluate(child);
      const auto* boolean = value ? value->as<bool>() : nullptr;
      if (boolean != nullptr && *boolean == deciding) return value;
      if (boolean != nullptr || why) continue;
      why = value ? fail(Code::Invalid, "a condition is {}, not bool", type_name(*value)).error() : value.error();
    }
    if (why) return std::unexpected(*why);
    return Value::boolean(!deciding);
  }

  Result<Value> conditional(const Node& node) {
    auto condition = evaluate(node.children[0]);
    if (!condition) return condition;
    const auto* boolean = condition->as<bool>();
    if (boolean == nullptr) return fail(Code::Invalid, "a condition is {}, not bool", type_name(*condition));
    return evaluate(node.children[*boolean ? 1 : 2]);
  }

  // The items of a list, the keys of a map.
  Result<List> range_of(const Node& node) {
    const auto range = evaluate(node);
    if (!range) return std::unexpected(range.error());
    if (const auto* items = range->items()) return *items;
    const auto* entries = range->entries();
    if (entries == nullptr) return fail(Code::Invalid, "{} is no list and no map", type_name(*range));
    List keys;
    for (const auto& [key, value] : *entries) keys.push_back(key);
    return keys;
  }

  Result<Value> over_range(const Node& node) {
    const auto range = range_of(node.children[0]);
    if (!range) return std::unexpected(range.error());
    if (!steps_.take(range->size())) return too_much();
    locals_.emplace_back();
    auto value = node.kind == NodeKind::All      ? decided_of_each(node, *range, false)
                 : node.kind == NodeKind::Exists ? decided_of_each(node, *range, true)
                                                 : collected(node, *range);
    locals_.pop_back();
    return value;
  }

  Result<bool> told(const Node& condition) {
    auto value = evaluate(condition);
    if (!value) return std::unexpected(std::move(value).error());
    if (const auto* boolean = value->as<bool>()) return *boolean;
    return fail(Code::Invalid, "a condition is {}, not bool", type_name(*value));
  }

  Result<Value> decided_of_each(const Node& node, const List& range, bool deciding) {
    std::optional<Error> why;
    for (const Value& item : range) {
      locals_[node.slot] = item;
      auto is = told(node.children[1]);
      if (is && *is == deciding) return Value::boolean(deciding);
      if (!is && !why) why = std::move(is).error();
      if (steps_.left <= 0) return too_much();
    }
    if (why) return std::unexpected(*why);
    return Value::boolean(!deciding);
  }

  // ExistsOne, Filter and both forms of map: each item is asked, and the first error is the answer.
  Result<Value> collected(const Node& node, const List& range) {
    List kept;
    for (const Value& item : range) {
      locals_[node.slot] = item;
      if (node.kind != NodeKind::Transform) {
        auto is = told(node.children[1]);
        if (!is) return std::unexpected(std::move(is).error());
        if (!*is) continue;
      }
      if (node.kind == NodeKind::Filter || node.kind == NodeKind::ExistsOne) {
        kept.push_back(item);
        continue;
      }
      auto result = evaluate(node.children.back());
      if (!result) return result;
      kept.push_back(std::move(*result));
    }
    if (node.kind == NodeKind::ExistsOne) return Value::boolean(kept.size() == 1);
    return Value::list(std::move(kept));
  }

  const Attributes& attributes_;
  Steps steps_;
  std::vector<Value> locals_;  // of the macros that are under way, outermost first
};

}  // namespace

Result<Value> evaluated(const Node& root, const Attributes& attributes) { return Evaluator(attributes).run(root); }

}  // namespace myelin::cel
