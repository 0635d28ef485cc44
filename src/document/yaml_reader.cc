#include "document/yaml_reader.h"

#include <fmt/core.h>
#include <libfyaml.h>

#include <map>
#include <optional>
#include <set>

#include "document/scalar.h"

namespace myelin::document {
namespace {

struct FreeDiagnostics {
  void operator()(fy_diag* diagnostics) const { fy_diag_destroy(diagnostics); }
};
struct FreeParser {
  void operator()(fy_parser* parser) const { fy_parser_destroy(parser); }
};
struct FreeEvent {
  fy_parser* parser = nullptr;
  void operator()(fy_event* event) const { fy_parser_event_free(parser, event); }
};
using Event = std::unique_ptr<fy_event, FreeEvent>;

Position position_of(const fy_mark* mark) {
  if (mark == nullptr) return {};
  return {static_cast<std::uint32_t>(mark->line) + 1, static_cast<std::uint32_t>(mark->column) + 1};
}

// Where the event starts. libfyaml marks quoted scalars and aliases behind their first character.
Position start_of(fy_event& event) {
  Position position = position_of(fy_event_start_mark(&event));
  const fy_scalar_style style = event.type == FYET_SCALAR ? fy_token_scalar_style(event.scalar.value) : FYSS_PLAIN;
  const bool quoted = style == FYSS_SINGLE_QUOTED || style == FYSS_DOUBLE_QUOTED;
  if ((quoted || event.type == FYET_ALIAS) && position.column > 1) --position.column;
  return position;
}

std::string text_of(fy_token* token) {
  std::size_t length = 0;
  const char* text = fy_token_get_text(token, &length);
  return text == nullptr ? std::string() : std::string(text, length);
}

// What an anchor stands for, and how many nodes that is.
struct Anchored {
  Node node;
  std::size_t nodes = 0;
};

// Builds the trees of one file. A soft problem (duplicate key, tag) is noted and reading goes on, so that all are
// reported at once; a hard one (syntax, limit) ends the file.
class YamlReader {
 public:
  YamlReader(std::shared_ptr<const Source> source, const Limits& limits) : limits_(limits), source_(std::move(source)) {
    fy_diag_cfg diagnostics;
    fy_diag_cfg_default(&diagnostics);
    diagnostics.fp = nullptr;
    diagnostics_.reset(fy_diag_create(&diagnostics));
    fy_diag_set_collect_errors(diagnostics_.get(), true);
    fy_parse_cfg config{};
    config.flags =
        static_cast<fy_parse_cfg_flags>(FYPCF_QUIET | FYPCF_COLLECT_DIAG | FYPCF_DEFAULT_VERSION_1_2 | FYPCF_JSON_NONE);
    config.diag = diagnostics_.get();
    parser_.reset(fy_parser_create(&config));
  }

  Parsed read() {
    if (parser_ == nullptr || fy_parser_set_string(parser_.get(), source_->text.data(), source_->text.size()) != 0) {
      note({}, "the YAML parser could not be started: out of memory");
      return std::move(parsed_);
    }
    while (!stopped_) {
      const Event event = next();
      if (event == nullptr || event->type == FYET_STREAM_END) break;
      if (event->type == FYET_DOCUMENT_START) read_document();
    }
    note_syntax_error();
    return std::move(parsed_);
  }

 private:
  Event next() { return Event(fy_parser_parse(parser_.get()), FreeEvent{parser_.get()}); }

  void note(Position position, std::string message) {
    parsed_.problems.push_back(Problem{{source_->file, position}, std::move(message)});
  }
  void stop(Position position, std::string message) {
    if (!stopped_) note(position, std::move(message));
    stopped_ = true;
  }

  // The first thing that libfyaml complained about, unless reading was stopped for a reason of ours.
  void note_syntax_error() {
    if (stopped_ || !fy_parser_get_stream_error(parser_.get())) return;
    void* iterator = nullptr;
    const fy_diag_error* error = fy_diag_errors_iterate(diagnostics_.get(), &iterator);
    if (error == nullptr || error->msg == nullptr) return stop({}, "not YAML");
    std::string message = error->msg;
    while (message.ends_with('\n')) message.pop_back();
    stop({static_cast<std::uint32_t>(error->line), static_cast<std::uint32_t>(error->column)}, "not YAML: " + message);
  }

  void read_document() {
    anchors_.clear();
    const Event event = next();
    if (event == nullptr) return;
    auto root = node(*event, 0);
    if (!root) return;
    const bool empty = root->kind == NodeKind::Null;
    if (parsed_.problems.empty() && !empty)
      parsed_.documents.push_back(Document{source_, std::make_shared<const Node>(*std::move(root))});
  }

  // The node that starts with `event`; nullopt when reading has stopped.
  std::optional<Node> node(fy_event& event, std::size_t depth) {
    const Position position = start_of(event);
    if (++nodes_ > limits_.nodes_max) {
      stop(position, fmt::format("more than {} values in one file; split it", limits_.nodes_max));
      return std::nullopt;
    }
    if (event.type == FYET_ALIAS) return aliased(event, position);
    const std::size_t nodes_before = nodes_ - 1;
    refuse_tag(event, position);
    std::optional<Node> node;
    switch (event.type) {
      case FYET_SCALAR:
        node = scalar(event);
        break;
      case FYET_SEQUENCE_START:
        node = list(position, depth);
        break;
      case FYET_MAPPING_START:
        node = map(position, depth);
        break;
      default:
        break;
    }
    if (!node) return std::nullopt;
    node->position = position;
    if (fy_token* anchor = fy_event_get_anchor_token(&event); anchor != nullptr) {
      anchors_[text_of(anchor)] = Anchored{*node, nodes_ - nodes_before};
    }
    return node;
  }

  void refuse_tag(fy_event& event, Position position) {
    fy_token* tag = fy_event_get_tag_token(&event);
    if (tag != nullptr) note(position, "tags are not read; write the value without \"" + text_of(tag) + "\"");
  }

  static Node scalar(const fy_event& event) {
    Node node;
    node.text = text_of(event.scalar.value);
    const bool plain = fy_token_scalar_style(event.scalar.value) == FYSS_PLAIN;
    node.kind = plain ? kind_of_plain_scalar(node.text) : NodeKind::String;
    if (node.kind == NodeKind::Null) node.text.clear();
    return node;
  }

  std::optional<Node> aliased(const fy_event& event, Position position) {
    const std::string name = text_of(event.alias.anchor);
    const auto found = anchors_.find(name);
    if (found == anchors_.end()) {
      stop(position, fmt::format("alias \"*{}\" has no anchor \"&{}\" that ends before it", name, name));
      return std::nullopt;
    }
    nodes_ += found->second.nodes;
    alias_nodes_ += found->second.nodes;
    if (alias_nodes_ > limits_.alias_nodes_max || nodes_ > limits_.nodes_max) {
      stop(position, fmt::format("aliases expand to more than {} values", limits_.alias_nodes_max));
      return std::nullopt;
    }
    return found->second.node;
  }

  bool too_deep(Position position, std::size_t depth) {
    if (depth < limits_.depth_max) return false;
    stop(position, fmt::format("nested deeper than {} levels", limits_.depth_max));
    return true;
  }

  std::optional<Node> list(Position position, std::size_t depth) {
    if (too_deep(position, depth)) return std::nullopt;
    Node list = Node::list({});
    while (true) {
      const Event event = next();
      if (event == nullptr) return std::nullopt;
      if (event->type == FYET_SEQUENCE_END) return list;
      auto item = node(*event, depth + 1);
      if (!item) return std::nullopt;
      list.items.push_back(std::move(*item));
    }
  }

  std::optional<Node> map(Position position, std::size_t depth) {
    if (too_deep(position, depth)) return std::nullopt;
    Node map = Node::map({});
    std::map<std::string, Position> keys;
    while (true) {
      const Event key_event = next();
      if (key_event == nullptr) return std::nullopt;
      if (key_event->type == FYET_MAPPING_END) return map;
      auto key = node(*key_event, depth + 1);
      if (!key) return std::nullopt;
      const Event value_event = next();
      if (value_event == nullptr) return std::nullopt;
      auto value = node(*value_event, depth + 1);
      if (!value) return std::nullopt;
      if (!accept_key(*key, keys)) continue;
      map.members.push_back(Member{std::move(key->text), key->position, std::move(*value)});
    }
  }

  bool accept_key(const Node& key, std::map<std::string, Position>& keys) {
    if (key.is(NodeKind::List) || key.is(NodeKind::Map)) {
      note(key.position, "a key must be a word, not " + std::string(described(key.kind)));
      return false;
    }
    if (key.text == "<<") {
      note(key.position, "merge keys (<<) are not part of YAML 1.2; write the members out");
      return false;
    }
    const auto [first, fresh] = keys.emplace(key.text, key.position);
    if (fresh) return true;
    note(key.position, fmt::format("key \"{}\" is there twice; the first stands in line {}, column {}", key.text,
                                   first->second.line, first->second.column));
    return false;
  }

  const Limits& limits_;
  std::shared_ptr<const Source> source_;
  std::unique_ptr<fy_diag, FreeDiagnostics> diagnostics_;
  std::unique_ptr<fy_parser, FreeParser> parser_;
  std::map<std::string, Anchored> anchors_;
  std::size_t nodes_ = 0;
  std::size_t alias_nodes_ = 0;
  bool stopped_ = false;
  Parsed parsed_;
};

}  // namespace

Parsed read_yaml(std::shared_ptr<const Source> source, const Limits& limits) {
  return YamlReader(std::move(source), limits).read();
}

}  // namespace myelin::document
