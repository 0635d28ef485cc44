#include "organisation/organisation_text.h"

#include <fmt/core.h>

#include "base/one_line.h"
#include "model/timestamp.h"

namespace myelin::organisation {
namespace {

// Sections of no entry say so: an empty list is an answer.
class Sections {
 public:
  void begin(const std::string& title) {
    end();
    text_ += (text_.empty() ? "" : "\n") + title + "\n";
    is_empty_ = true;
    is_open_ = true;
  }
  void add(const std::string& line) {
    text_ += "  " + in_one_line(line) + "\n";
    is_empty_ = false;
  }
  std::string take() {
    end();
    return std::move(text_);
  }

 private:
  void end() {
    if (is_open_ && is_empty_) text_ += "  none\n";
  }
  std::string text_;
  bool is_empty_ = false;
  bool is_open_ = false;
};

std::string amounts_of(const Edge& edge) {
  std::string text;
  if (edge.written) text += fmt::format(", wrote {} records ({} bytes)", edge.written->count, edge.written->bytes);
  if (edge.served) text += fmt::format(", was served {} offsets ({} bytes)", edge.served->count, edge.served->bytes);
  return text;
}

void add_edges(Sections& sections, const Organisation& organisation) {
  sections.begin(congruence_text(organisation));
  for (const Edge& edge : organisation.edges) {
    const auto mark = edge.declared ? fmt::format("{} ({})", model::name_of(edge.declared->interaction.mode),
                                                  edge.declared->interaction.place.text())
                                    : std::string("undeclared");
    sections.add(fmt::format("{}: {}{}, last seen {}", path_of(edge), mark, amounts_of(edge),
                             model::short_timestamp(edge.last_seen)));
  }
}

std::string described(const Load& load) {
  std::string text = load.squad.text();
  if (load.type) text += fmt::format(", {}", model::name_of(*load.type));
  if (load.headcount) text += fmt::format(", {} members", *load.headcount);
  text += ":";
  std::string separator = " ";
  for (const Figure& figure : figures()) {
    text += fmt::format("{}{} {}", separator, figure.name, figure_text(load, figure));
    separator = ", ";
  }
  separator = "; called for ";
  for (const auto failure : load.failures) {
    text += fmt::format("{}{}", separator, model::name_of(failure));
    separator = ", ";
  }
  return text;
}

}  // namespace

std::string path_of(const Edge& edge) {
  return fmt::format("{} > {} > {}", edge.producer.text(), edge.topic.text(), edge.consumer.text());
}

std::string described(const DeclaredInteraction& declared) {
  const auto& one = declared.interaction;
  const auto until = one.until ? " until " + model::short_timestamp(*one.until) : std::string();
  return fmt::format("{} with {}: {}{}, {} ({})", declared.squad.text(), one.with.text(), model::name_of(one.mode),
                     until, one.purpose, one.place.text());
}

std::string figure_text(const Load& load, const Figure& figure) {
  const auto value = load.*figure.value;
  const auto hundredths = hundredths_per_member(load, value);
  if (!hundredths) return fmt::format("{}", value);
  return fmt::format("{} ({}.{:02} per member)", value, *hundredths / 100, *hundredths % 100);
}

std::string congruence_text(const Organisation& organisation) {
  if (organisation.edges.empty()) return "nothing to compare: no records move between squads";
  return fmt::format("{} of {} edges between squads {} declared", organisation.declared_edges(),
                     organisation.edges.size(), organisation.declared_edges() == 1 ? "is" : "are");
}

std::string rendered(const Organisation& organisation) {
  Sections sections;
  add_edges(sections, organisation);
  sections.begin("overdue");
  for (const Overdue& one : organisation.overdue) {
    const auto last = one.last_seen ? ", last seen " + model::short_timestamp(*one.last_seen) : std::string();
    sections.add(fmt::format("{}: {}{}", described(one.declared), name_of(one.traffic), last));
  }
  sections.begin("declared, and nothing moves");
  for (const auto& one : organisation.unused) sections.add(described(one) + (one.has_ended ? ": ended" : ""));
  sections.begin("load");
  for (const Load& load : organisation.loads) sections.add(described(load));
  if (organisation.unattributed > 0) {
    sections.begin("in no edge");
    sections.add(fmt::format("principals that moved records and belong to no squad: {}", organisation.unattributed));
  }
  return sections.take();
}

}  // namespace myelin::organisation
