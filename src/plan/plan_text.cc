// A plan in words. One walk over it, two ways to write it down.
#include <fmt/core.h>

#include <algorithm>
#include <map>

#include "base/one_line.h"
#include "model/timestamp.h"
#include "plan/hits.h"
#include "plan/plan.h"

namespace myelin::plan {
namespace {

constexpr std::size_t kValueLength = 60;
constexpr std::size_t kUndeclaredNamed = 10;

char sign_of(Action action) { return action == Action::Create ? '+' : action == Action::Change ? '~' : '-'; }

// Names and values must not look like the plan's markup.
std::string replaced(const std::string& text, char letter, std::string_view with) {
  std::string safe;
  for (const char each : text) {
    if (each == letter) {
      safe += with;
    } else {
      safe += each;
    }
  }
  return safe;
}
std::string as_code(const std::string& text) { return '`' + replaced(in_one_line(text), '`', "'") + '`'; }
std::string as_prose(const std::string& text) { return replaced(replaced(in_one_line(text), '`', "'"), '<', "&lt;"); }

std::string shortened(const std::string& value) {
  if (value.empty()) return "\"\"";
  if (value.size() <= kValueLength) return value;
  auto end = kValueLength;
  while (end > 0 && (static_cast<unsigned char>(value[end]) & 0xC0U) == 0x80U) --end;  // never inside a character
  return value.substr(0, end) + "...";
}

std::string text_of(const FieldChange& field) {
  if (!field.before) return fmt::format("{}: {}", field.path, shortened(*field.after));
  if (!field.after) return fmt::format("{}: {} goes", field.path, shortened(*field.before));
  return fmt::format("{}: {} > {}", field.path, shortened(*field.before), shortened(*field.after));
}

struct Line {
  char sign;
  std::string what;   // "contract stores-sale"
  std::string place;  // file:line:column
  std::vector<std::string> details;
};

Line line_of(const EntityChange& change) {
  Line line{sign_of(change.action), change.entity.text(), change.place.text(), {}};
  for (const auto& field : change.fields) line.details.push_back(text_of(field));
  return line;
}

Line line_of(const TopicChange& change) {
  Line line{sign_of(change.action), "topic " + change.topic.text(), change.place.text(), {}};
  if (change.is_drift) line.what += " (changed by hand)";
  for (const auto& setting : change.settings) line.details.push_back(text_of(setting));
  return line;
}

std::map<SquadName, std::vector<Line>> by_squad(const Plan& plan) {
  std::map<SquadName, std::vector<Line>> squads;
  for (const auto& change : plan.entities) squads[change.squad].push_back(line_of(change));
  for (const auto& change : plan.topics) squads[change.squad].push_back(line_of(change));
  return squads;
}

std::string title_of(const SquadName& squad) { return squad.empty() ? "platform group" : "squad " + squad.text(); }

std::string counted(std::size_t count, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", count, count == 1 ? one : many);
}

// "2 to create, 1 to change, 0 to delete; topics: 1 to create, 0 to change", or "no changes"
std::string summary(const Plan& plan) {
  const auto count = [](const auto& changes, Action action) {
    return std::ranges::count_if(changes, [&](const auto& change) { return change.action == action; });
  };
  if (plan.is_empty()) return "no changes";
  const auto reworded = counted(plan.reworded, "file", "files") + " only reworded or moved";
  if (plan.entities.empty() && plan.topics.empty()) return "no changes; " + reworded;
  auto text = fmt::format("{} to create, {} to change, {} to delete; topics: {} to create, {} to change",
                          count(plan.entities, Action::Create), count(plan.entities, Action::Change),
                          count(plan.entities, Action::Delete), count(plan.topics, Action::Create),
                          count(plan.topics, Action::Change));
  if (plan.reworded > 0) text += "; " + reworded;
  return text;
}

// What somebody should look at before they say yes.
std::vector<std::string> attention(const Plan& plan, WallTime now) {
  std::vector<std::string> notes;
  for (const auto& change : plan.entities) {
    if (change.action == Action::Delete) notes.push_back(fmt::format("deletes {}", change.entity.text()));
  }
  for (const auto& hit : plan.hits) {
    notes.push_back(fmt::format("hits {}: {}", described(hit.use, hit.squad, now), hit.why));
  }
  for (const auto& change : plan.topics) {
    if (change.is_drift) {
      notes.push_back(fmt::format("topic {} was changed by hand: its contract says otherwise", change.topic.text()));
    }
  }
  for (const auto& finding : plan.rules.findings) {
    if (finding.rung == model::Rung::Report) continue;
    // A new one that is blocked stands among the refusals.
    if (!finding.is_new) notes.push_back("still against " + described(finding));
    if (finding.is_new && finding.rung == model::Rung::Warn) notes.push_back("against " + described(finding));
  }
  for (const auto& refusal : plan.refusals) notes.push_back("refused: " + refusal);
  return notes;
}

std::string left_out_text(const Plan& plan) {
  return plan.left_out == 1 ? "1 file that this folder leaves out stays as it is"
                            : fmt::format("{} files that this folder leaves out stay as they are", plan.left_out);
}

std::string undeclared_text(const Plan& plan) {
  auto text =
      fmt::format("{} that no document declares, not touched: ", counted(plan.undeclared.size(), "topic", "topics"));
  for (std::size_t i = 0; i < std::min(plan.undeclared.size(), kUndeclaredNamed); ++i) {
    text += (i == 0 ? "" : ", ") + plan.undeclared[i].text();
  }
  if (plan.undeclared.size() > kUndeclaredNamed) {
    text += fmt::format(" and {} more", plan.undeclared.size() - kUndeclaredNamed);
  }
  return text;
}

// "would have denied 14, from 2 squads, since 2026-11-16 08:30 UTC"
std::string would_have_denied(const RuleCount& count) {
  if (!count.would_have_denied) return "asked of requests from the apply on";
  const auto& [times, squads, since] = *count.would_have_denied;
  const auto when = model::short_timestamp(since);
  if (times == 0) return fmt::format("would have denied none since {}", when);
  return fmt::format("would have denied {}, from {}, since {}", times, counted(squads, "squad", "squads"), when);
}

// "rule topic-names (warn): 3 do not obey it, 1 by this change"; nothing of a rule that is obeyed and as it
// was.
std::vector<std::string> rule_lines(const Plan& plan) {
  std::vector<std::string> lines;
  for (const auto& count : plan.rules.counts) {
    const bool is_as_it_was = count.before == count.rung;
    if (is_as_it_was && count.disobeying == 0) continue;  // of rules about requests, always
    const auto rung = is_as_it_was || !count.before
                          ? std::string(model::name_of(count.rung))
                          : fmt::format("{} > {}", model::name_of(*count.before), model::name_of(count.rung));
    auto line = fmt::format("rule {} ({}{}): ", count.rule, count.before ? "" : "new, ", rung);
    if (count.is_about_requests) {
      lines.push_back(line + would_have_denied(count));
      continue;
    }
    line += count.disobeying == 0 ? "all obey it" : counted(count.disobeying, "does not obey it", "do not obey it");
    if (count.disobeying_newly > 0) line += fmt::format(", {} by this change", count.disobeying_newly);
    lines.push_back(std::move(line));
  }
  return lines;
}

// Who agrees without being asked by the server signs the tree.
constexpr std::string_view kHowToSign =
    "to agree by signature: myelin plan DIR --to-sign FILE, ssh-keygen -Y sign -f KEY -n myelin-plan FILE";

bool is_to_be_signed(const Plan& plan) { return !plan.tree.empty() && !plan.entities.empty(); }

}  // namespace

std::string rendered(const Plan& plan, WallTime now) {
  const auto against = plan.base == 0 ? std::string("an empty model") : fmt::format("revision {}", plan.base);
  std::string text = fmt::format("plan {} against {}\n", plan.id, against);
  for (const auto& [squad, lines] : by_squad(plan)) {
    text += fmt::format("\n{}\n", title_of(squad));
    for (const auto& line : lines) {
      text += in_one_line(fmt::format("  {} {}  ({})", line.sign, line.what, line.place)) + '\n';
      for (const auto& detail : line.details) text += in_one_line("      " + detail) + '\n';
    }
  }
  text += fmt::format("\n{}\n", summary(plan));
  if (plan.left_out > 0) text += fmt::format("\n{}\n", left_out_text(plan));
  if (!plan.undeclared.empty()) text += fmt::format("\n{}\n", undeclared_text(plan));
  const auto rules = rule_lines(plan);
  if (!rules.empty()) text += "\nRules\n";
  for (const auto& line : rules) text += fmt::format("  {}\n", in_one_line(line));
  const auto notes = attention(plan, now);
  if (!notes.empty()) text += "\nAttention\n";
  for (const auto& note : notes) text += fmt::format("  ! {}\n", in_one_line(note));
  if (is_to_be_signed(plan)) text += fmt::format("\ntree {}\n", plan.tree);
  if (is_to_be_signed(plan) && !plan.missing.empty()) text += fmt::format("  {}\n", kHowToSign);
  return text;
}

std::string as_markdown(const Plan& plan, WallTime now) {
  std::string text = fmt::format("### Plan `{}`\n\n", plan.id);
  text += summary(plan) + ".\n";
  for (const auto& [squad, lines] : by_squad(plan)) {
    text += fmt::format("\n**{}**\n\n", title_of(squad));
    for (const auto& line : lines) {
      text += fmt::format("- `{}` {} ({})\n", line.sign, as_prose(line.what), as_code(line.place));
      for (const auto& detail : line.details) text += fmt::format("  - {}\n", as_code(detail));
    }
  }
  if (plan.left_out > 0) text += fmt::format("\n{}.\n", left_out_text(plan));
  if (!plan.undeclared.empty()) text += fmt::format("\n{}.\n", undeclared_text(plan));
  const auto rules = rule_lines(plan);
  if (!rules.empty()) text += "\n**Rules**\n\n";
  for (const auto& line : rules) text += fmt::format("- {}\n", as_prose(line));
  const auto notes = attention(plan, now);
  if (!notes.empty()) text += "\n**Attention**\n\n";
  for (const auto& note : notes) text += fmt::format("- {}\n", as_prose(note));
  if (is_to_be_signed(plan)) text += fmt::format("\nTree `{}`\n", plan.tree);
  if (is_to_be_signed(plan) && !plan.missing.empty()) text += fmt::format("({})\n", kHowToSign);
  return text;
}

}  // namespace myelin::plan
