// An import, in words.
#include <fmt/core.h>

#include "base/one_line.h"
#include "directory/import.h"

namespace myelin::directory {
namespace {

constexpr int kIndent = 8;

std::string described(const Told& told) {
  auto text = fmt::format("{:<8}{}\n", told.what, in_one_line(told.text));
  if (!told.about.empty()) text += fmt::format("{:{}}{}\n", "", kIndent, in_one_line(told.about));
  for (const auto& owned : told.stranded) {
    text += fmt::format("{:{}}  {}  ({})\n", "", kIndent, in_one_line(owned.what), owned.place.text());
  }
  if (!told.next.empty()) text += fmt::format("{:{}}{}\n", "", kIndent, told.next);
  return text;
}

std::string counted(std::size_t number, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", number, number == 1 ? one : many);
}

std::string people_of(const Report& report) {
  std::string text;
  const auto add = [&](std::size_t number, std::string_view one, std::string_view many) {
    if (number > 0) text += (text.empty() ? "" : ", ") + counted(number, one, many);
  };
  add(report.came, "comes", "come");
  add(report.moved, "changes squads", "change squads");
  add(report.inactive, "is active no more and leaves its squads", "are active no more and leave their squads");
  return text.empty() ? text : fmt::format("{:<8}{}\n", "people", text);
}

}  // namespace

std::string rendered(const Imported& imported) {
  std::string text;
  for (const auto& told : imported.report.told) text += described(told);
  text += people_of(imported.report);
  for (const auto& change : imported.changes) {
    const auto* fate = !change.before ? "new" : change.after ? "changed" : "gone";
    text += fmt::format("{:<8}{} {}\n", "file", change.file, fate);
  }
  return imported.changes.empty() ? text + "the folder says what the export says: nothing to change\n" : text;
}

}  // namespace myelin::directory
