#include "cel/parser.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "cel/lexer.h"
#include "cel/literal.h"

namespace myelin::cel {
namespace {

using Parsed = std::expected<Node, Fault>;

struct Operator {
  std::string_view text;
  Function function;
};
// From the loosest to the tightest.
constexpr std::array<Operator, 7> kRelations{{{"==", Function::Equal},
                                              {"!=", Function::NotEqual},
                                              {"<", Function::Less},
                                              {"<=", Function::LessOrEqual},
                                              {">", Function::Greater},
                                              {">=", Function::GreaterOrEqual},
                                              {"in", Function::In}}};
constexpr std::array<Operator, 2> kAdditions{{{"+", Function::Add}, {"-", Function::Subtract}}};
constexpr std::array<Operator, 3> kMultiplications{
    {{"*", Function::Multiply}, {"/", Function::Divide}, {"%", Function::Modulo}}};
constexpr std::array<std::span<const Operator>, 3> kLevels{kRelations, kAdditions, kMultiplications};

constexpr std::array<std::string_view, 18> kReserved{"as",        "break",   "const",  "continue", "else", "for",
                                                     "function",  "if",      "import", "in",       "let",  "loop",
                                                     "namespace", "package", "return", "var",      "void", "while"};
constexpr std::array<std::string_view, 10> kTypes{"bool", "bytes",     "double", "int",  "list",
                                                  "map",  "null_type", "string", "type", "uint"};

struct Macro {
  std::string_view name;
  NodeKind kind;
  std::size_t arguments;  // the variable included
};
constexpr std::array<Macro, 6> kMacros{{{"all", NodeKind::All, 2},
                                        {"exists", NodeKind::Exists, 2},
                                        {"exists_one", NodeKind::ExistsOne, 2},
                                        {"filter", NodeKind::Filter, 2},
                                        {"map", NodeKind::Transform, 2},
                                        {"map", NodeKind::TransformSome, 3}}};

bool is_among(const auto& all, std::string_view one) { return std::ranges::find(all, one) != all.end(); }

std::vector<std::string> function_names(bool methods) {
  std::vector<std::string> names;
  for (const auto& known : kFunctions) {
    if (methods ? known.may_be_method : known.may_be_global) names.emplace_back(known.name);
  }
  for (const auto& macro : kMacros) {
    if (methods && !is_among(names, macro.name)) names.emplace_back(macro.name);
  }
  if (!methods) names.emplace_back("has");
  return names;
}

class Parser {
 public:
  Parser(std::vector<Token> tokens, std::span<const Name> names) : tokens_(std::move(tokens)), names_(names) {}

  Parsed run() {
    auto root = expression();
    if (root && peek().kind != TokenKind::End) return unexpected_token("an operator or the end");
    return root;
  }

 private:
  // Counts how deep the text nests while it is read.
  class Level {
   public:
    explicit Level(std::size_t& depth) : depth_(depth) { ++depth_; }
    ~Level() { --depth_; }
    Level(const Level&) = delete;
    Level& operator=(const Level&) = delete;

   private:
    std::size_t& depth_;
  };

  const Token& peek(std::size_t ahead = 0) const { return tokens_[std::min(at_ + ahead, tokens_.size() - 1)]; }
  bool is_symbol(std::string_view text) const { return peek().kind == TokenKind::Symbol && peek().text == text; }
  bool take(std::string_view symbol) {
    if (!is_symbol(symbol)) return false;
    ++at_;
    return true;
  }
  static std::unexpected<Fault> fault(std::size_t offset, std::string message) {
    return std::unexpected(Fault{offset, std::move(message)});
  }
  std::unexpected<Fault> unexpected_token(std::string_view expected) const {
    const auto& token = peek();
    if (token.kind == TokenKind::End) return fault(token.offset, fmt::format("it ends where {} is expected", expected));
    return fault(token.offset, fmt::format("\"{}\" stands where {} is expected", token.text, expected));
  }
  std::optional<Fault> expect(std::string_view symbol) {
    if (take(symbol)) return std::nullopt;
    return unexpected_token(fmt::format("\"{}\"", symbol)).error();
  }

  // A node over its children, unless the tree gets too deep.
  Parsed over(Node node, std::vector<Node> children, std::size_t offset) const {
    for (const Node& child : children) node.depth = std::max(node.depth, child.depth + 1);
    if (node.depth > kDepthMax) return fault(offset, fmt::format("nested deeper than {} levels", kDepthMax));
    node.children = std::move(children);
    return node;
  }
  Parsed call_of(Function function, std::vector<Node> arguments, std::size_t offset) const {
    return over({.kind = NodeKind::Call, .function = function}, std::move(arguments), offset);
  }
  static std::vector<Node> nodes(Node first, Node second) {
    std::vector<Node> both;
    both.push_back(std::move(first));
    both.push_back(std::move(second));
    return both;
  }

  Parsed expression() {
    const Level level(depth_);
    const auto start = peek().offset;
    if (depth_ > kDepthMax) return fault(start, fmt::format("nested deeper than {} levels", kDepthMax));
    auto condition = logical("||", NodeKind::Or);
    if (!condition || !take("?")) return condition;
    auto yes = logical("||", NodeKind::Or);
    if (!yes) return yes;
    if (auto missing = expect(":")) return std::unexpected(std::move(*missing));
    auto no = expression();
    if (!no) return no;
    auto children = nodes(std::move(*condition), std::move(*yes));
    children.push_back(std::move(*no));
    return over({.kind = NodeKind::Conditional}, std::move(children), start);
  }

  Parsed logical(std::string_view symbol, NodeKind kind) {
    const auto start = peek().offset;
    const auto operand = [&] { return kind == NodeKind::Or ? logical("&&", NodeKind::And) : binary(0); };
    auto first = operand();
    if (!first || !is_symbol(symbol)) return first;
    std::vector<Node> operands;
    operands.push_back(std::move(*first));
    while (take(symbol)) {
      auto next = operand();
      if (!next) return next;
      operands.push_back(std::move(*next));
    }
    return over({.kind = kind}, std::move(operands), start);
  }

  const Operator* operator_at(std::span<const Operator> level) const {
    const auto& token = peek();
    if (token.kind != TokenKind::Symbol && token.kind != TokenKind::Identifier) return nullptr;
    const auto found = std::ranges::find(level, token.text, &Operator::text);
    return found == level.end() ? nullptr : &*found;
  }

  Parsed binary(std::size_t level) {
    if (level == kLevels.size()) return unary();
    auto left = binary(level + 1);
    while (left) {
      const auto* found = operator_at(kLevels[level]);
      if (found == nullptr) break;
      const auto offset = peek().offset;
      ++at_;
      auto right = binary(level + 1);
      if (!right) return right;
      left = call_of(found->function, nodes(std::move(*left), std::move(*right)), offset);
    }
    return left;
  }

  Parsed unary() {
    const auto offset = peek().offset;
    const bool is_not = is_symbol("!");
    if (!is_not && !is_symbol("-")) return member();
    const Level level(depth_);
    if (depth_ > kDepthMax) return fault(offset, fmt::format("nested deeper than {} levels", kDepthMax));
    const auto after = peek(1).kind;
    // The sign belongs to the number: the least int has no positive counterpart.
    if (!is_not && (after == TokenKind::Integer || after == TokenKind::Real)) return member();
    ++at_;
    auto operand = unary();
    if (!operand) return operand;
    std::vector<Node> operands;
    operands.push_back(std::move(*operand));
    return call_of(is_not ? Function::Not : Function::Negate, std::move(operands), offset);
  }

  Parsed member() {
    auto node = primary();
    while (node) {
      const auto offset = peek().offset;
      if (take(".")) {
        node = after_dot(std::move(*node), offset);
      } else if (take("[")) {
        auto index = expression();
        if (!index) return index;
        if (auto missing = expect("]")) return std::unexpected(std::move(*missing));
        node = call_of(Function::Index, nodes(std::move(*node), std::move(*index)), offset);
      } else if (is_symbol("{")) {
        return fault(offset, "messages are no part of these expressions");
      } else {
        break;
      }
    }
    return node;
  }

  Parsed after_dot(Node what, std::size_t offset) {
    const Token token = peek();
    if (token.kind != TokenKind::Identifier && token.kind != TokenKind::QuotedIdentifier) {
      return unexpected_token("a name");
    }
    ++at_;
    if (token.kind == TokenKind::Identifier && take("(")) return method(std::move(what), token);
    if (what.kind == NodeKind::Attribute) {
      const auto known = std::ranges::find(names_, what.name, &Name::name);
      if (!known->fields.empty() && !is_among(known->fields, token.text)) {
        return std::unexpected(
            Fault{token.offset, fmt::format("{} has no \"{}\"", what.name, token.text), token.text, known->fields});
      }
    }
    std::vector<Node> children;
    children.push_back(std::move(what));
    return over({.kind = NodeKind::Select, .name = token.text}, std::move(children), offset);
  }

  // The arguments of a call, its closing parenthesis included.
  std::expected<std::vector<Node>, Fault> arguments(std::string_view closing) {
    std::vector<Node> found;
    while (!take(closing)) {
      if (!found.empty()) {
        if (auto missing = expect(",")) return std::unexpected(std::move(*missing));
        if (closing == "]" && take(closing)) break;
      }
      auto argument = expression();
      if (!argument) return std::unexpected(std::move(argument).error());
      found.push_back(std::move(*argument));
    }
    return found;
  }

  Parsed method(Node what, const Token& name) {
    const auto is_macro = [&](const Macro& macro) { return macro.name == name.text; };
    if (std::ranges::any_of(kMacros, is_macro)) return macro_call(std::move(what), name);
    auto found = arguments(")");
    if (!found) return std::unexpected(std::move(found).error());
    found->insert(found->begin(), std::move(what));
    return function_call(name, std::move(*found), true);
  }

  Parsed function_call(const Token& name, std::vector<Node> arguments, bool is_method) {
    const auto known = std::ranges::find_if(kFunctions, [&](const NamedFunction& function) {
      return function.name == name.text && (is_method ? function.may_be_method : function.may_be_global);
    });
    if (known == kFunctions.end()) {
      return std::unexpected(Fault{name.offset, fmt::format("function \"{}\" is unknown", name.text), name.text,
                                   function_names(is_method)});
    }
    if (arguments.size() != known->arguments) {
      const auto before_dot = is_method ? 1U : 0U;
      return fault(name.offset, fmt::format("{} takes {} arguments, not {}", name.text, known->arguments - before_dot,
                                            arguments.size() - before_dot));
    }
    if (known->function == Function::Matches) return matches(std::move(arguments), name.offset);
    return call_of(known->function, std::move(arguments), name.offset);
  }

  Parsed matches(std::vector<Node> arguments, std::size_t offset) const {
    constexpr std::int64_t kPatternMemory = 1 << 20;
    const auto* pattern = arguments[1].kind == NodeKind::Constant ? arguments[1].constant.as<std::string>() : nullptr;
    if (pattern == nullptr) return fault(offset, "matches takes a pattern that is written out, such as \"^a.*\"");
    re2::RE2::Options options;
    options.set_log_errors(false);
    options.set_max_mem(kPatternMemory);
    Node node{.kind = NodeKind::Call, .function = Function::Matches};
    node.pattern = std::make_shared<const re2::RE2>(*pattern, options);
    if (!node.pattern->ok()) return fault(offset, fmt::format("the pattern: {}", node.pattern->error()));
    return over(std::move(node), std::move(arguments), offset);
  }

  Parsed macro_call(Node range, const Token& name) {
    const Token variable = peek();
    const bool is_name = variable.kind == TokenKind::Identifier && !is_among(kReserved, variable.text);
    if (!is_name || peek(1).text != ",") {
      return fault(name.offset,
                   fmt::format("{} takes a name and what is told of it: {}(x, ...)", name.text, name.text));
    }
    at_ += 2;
    locals_.push_back(variable.text);
    auto told = arguments(")");
    locals_.pop_back();
    if (!told) return std::unexpected(std::move(told).error());
    const auto known = std::ranges::find_if(
        kMacros, [&](const Macro& macro) { return macro.name == name.text && macro.arguments == told->size() + 1; });
    if (known == kMacros.end()) return fault(name.offset, fmt::format("{} takes a name and one expression", name.text));
    Node node{.kind = known->kind, .slot = locals_.size()};
    told->insert(told->begin(), std::move(range));
    return over(std::move(node), std::move(*told), name.offset);
  }

  Parsed has(std::size_t offset) {
    auto what = expression();
    if (!what) return what;
    if (auto missing = expect(")")) return std::unexpected(std::move(*missing));
    if (what->kind != NodeKind::Select) return fault(offset, "has takes a member: has(thing.member)");
    what->kind = NodeKind::Has;
    return what;
  }

  Parsed primary() {
    const Token token = peek();
    switch (token.kind) {
      case TokenKind::Identifier:
        ++at_;
        return identifier(token, false);
      case TokenKind::Symbol:
        return after_symbol();
      case TokenKind::End:
      case TokenKind::QuotedIdentifier:
        return unexpected_token("a value");
      default:
        ++at_;
        return literal(token);
    }
  }

  Parsed after_symbol() {
    const auto offset = peek().offset;
    if (take("(")) {
      auto inside = expression();
      if (!inside) return inside;
      if (auto missing = expect(")")) return std::unexpected(std::move(*missing));
      return inside;
    }
    if (take("[")) {
      auto items = arguments("]");
      if (!items) return std::unexpected(std::move(items).error());
      return over({.kind = NodeKind::List}, std::move(*items), offset);
    }
    if (take("{")) return map(offset);
    if (take(".") && peek().kind == TokenKind::Identifier) {
      const Token token = peek();
      ++at_;
      return identifier(token, true);
    }
    if (take("-")) {
      Token number = peek();
      ++at_;
      number.text.insert(0, "-");
      return literal(number);
    }
    return unexpected_token("a value");
  }

  Parsed map(std::size_t offset) {
    std::vector<Node> entries;
    while (!take("}")) {
      if (!entries.empty()) {
        if (auto missing = expect(",")) return std::unexpected(std::move(*missing));
        if (take("}")) break;
      }
      auto key = expression();
      if (!key) return key;
      if (auto missing = expect(":")) return std::unexpected(std::move(*missing));
      auto value = expression();
      if (!value) return value;
      entries.push_back(std::move(*key));
      entries.push_back(std::move(*value));
    }
    return over({.kind = NodeKind::Map}, std::move(entries), offset);
  }

  static Node constant(Value value) { return {.kind = NodeKind::Constant, .constant = std::move(value)}; }

  static Parsed literal(const Token& token) {
    if (token.kind == TokenKind::String) return constant(Value::string(token.text));
    if (token.kind == TokenKind::Bytes) return constant(Value::bytes(token.text));
    if (token.kind == TokenKind::Integer) {
      if (const auto value = integer_of(token.text)) return constant(Value::integer(*value));
    } else if (token.kind == TokenKind::UnsignedInteger) {
      if (const auto value = unsigned_integer_of(token.text)) return constant(Value::unsigned_integer(*value));
    } else if (const auto value = real_of(token.text)) {
      return constant(Value::real(*value));
    }
    return fault(token.offset, fmt::format("{} is beyond the range of numbers", token.text));
  }

  Parsed identifier(const Token& token, bool is_absolute) {
    if (token.text == "true" || token.text == "false") return constant(Value::boolean(token.text == "true"));
    if (token.text == "null") return constant(Value::null());
    if (is_among(kReserved, token.text))
      return fault(token.offset, fmt::format("\"{}\" is a reserved word", token.text));
    if (take("(")) {
      if (token.text == "has") return has(token.offset);
      auto found = arguments(")");
      if (!found) return std::unexpected(std::move(found).error());
      return function_call(token, std::move(*found), false);
    }
    const auto local = std::ranges::find(locals_.rbegin(), locals_.rend(), token.text);
    if (local != locals_.rend() && !is_absolute) {
      return Node{.kind = NodeKind::Local, .slot = static_cast<std::size_t>(locals_.rend() - local) - 1};
    }
    if (std::ranges::find(names_, token.text, &Name::name) != names_.end()) {
      return Node{.kind = NodeKind::Attribute, .name = token.text};
    }
    const auto* const type = std::ranges::find(kTypes, token.text);
    if (type != kTypes.end()) return constant(Value::type(*type));
    return unknown_name(token);
  }

  Parsed unknown_name(const Token& token) const {
    Fault unknown{token.offset, fmt::format("\"{}\" is unknown", token.text), token.text, locals_};
    for (const Name& name : names_) unknown.known.push_back(name.name);
    return std::unexpected(std::move(unknown));
  }

  std::vector<Token> tokens_;
  std::span<const Name> names_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
  std::vector<std::string> locals_;  // the variables of the macros around, outermost first
};

}  // namespace

Parsed parsed(std::string_view text, std::span<const Name> names) {
  auto tokens = tokens_of(text);
  if (!tokens) return std::unexpected(std::move(tokens).error());
  return Parser(std::move(*tokens), names).run();
}

}  // namespace myelin::cel
