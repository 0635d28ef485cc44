#include <fmt/core.h>

#include "model/who.h"

namespace myelin::model {
namespace {

// One line per fact; facts that are not known leave none.
class Lines {
 public:
  void add(std::string_view label, std::string_view value) {
    if (!value.empty()) text_ += fmt::format("{:<12} {}\n", label, value);
  }
  template <typename Tag>
  void add_name(std::string_view label, const std::optional<StrongName<Tag>>& name) {
    if (name) add(label, name->text());
  }
  void add_all(std::string_view label, const std::vector<std::string>& values) {
    for (const std::string& value : values) {
      add(label, value);
      label = " ";
    }
  }
  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

std::string described(const Access& access) {
  const std::string& name = access.application.empty() ? access.squad.text() : access.application.text();
  std::string text = name.empty() ? access.principals : name;
  if (!name.empty() && !access.principals.empty() && access.principals != name) {
    text += fmt::format(" ({})", access.principals);
  }
  return fmt::format("{}: {}, {}", text, access.domain.text(), access.through);
}

std::string described(const Channel& channel) {
  std::string text = channel.name;
  if (!channel.tool.empty()) text += fmt::format(" [{}]", channel.tool);
  if (!channel.url.empty() && channel.url != channel.name) text += " " + channel.url;
  return text;
}

template <typename Item>
std::vector<std::string> described_all(const std::vector<Item>& items) {
  std::vector<std::string> lines;
  for (const Item& item : items) lines.push_back(described(item));
  return lines;
}

std::string rendered(const Who& who) {
  Lines lines;
  lines.add(name_of(who.kind),
            who.title.empty() || who.title == who.name ? who.name : fmt::format("{} ({})", who.name, who.title));
  lines.add("", who.description);
  lines.add_name("application", who.application);
  std::string through = who.owned_through.empty() ? "" : fmt::format(" (through {})", who.owned_through);
  if (who.squad) lines.add("squad", who.squad->text() + through);
  lines.add_name("domain", who.domain);
  lines.add_name("product", who.product);
  lines.add("mode", who.mode.value_or(""));
  if (who.squad_type) lines.add("type", name_of(*who.squad_type));
  lines.add("on call", who.on_call);
  lines.add("contract", who.contract.value_or(""));
  lines.add_all("squads", who.squads);
  lines.add_all("principals", who.principals);
  lines.add_all("topics", who.topics);
  lines.add_all("writers", described_all(who.writers));
  lines.add_all("readers", described_all(who.readers));
  lines.add_all("grants", who.grants);
  lines.add_all("call", described_all(who.channels));
  lines.add("declared at", who.place.text());
  return lines.take();
}

}  // namespace

std::string rendered(const std::vector<Who>& answers) {
  std::string text;
  for (const Who& who : answers) {
    if (!text.empty()) text += "\n";
    text += rendered(who);
  }
  return text;
}

std::string rendered(const std::vector<Accountable>& accountable) {
  std::string text;
  for (const auto& one : accountable) {
    std::string then;
    for (const auto& squad : one.escalation) then += ", then " + squad.text();
    const auto place = one.place.file.empty() ? std::string("by the default catalogue") : one.place.text();
    text += fmt::format("{:<12} call {} ({}){}; {} of {}, {}\n", name_of(one.failure), one.squad.text(), one.why, then,
                        one.accountability, name_of(one.stream), place);
  }
  return text;
}

}  // namespace myelin::model
