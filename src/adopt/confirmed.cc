#include "adopt/confirmed.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "adopt/guess.h"

namespace myelin::adopt {

std::string claimed(const SquadName& squad, std::string_view evidence) {
  return fmt::format("claimed for squad {}{}{}", squad.text(), evidence.empty() ? "" : ": ", evidence);
}

Result<Folder> confirmed(const model::Model& model, const Claim& claim) {
  const auto& topic = model.topics.at(claim.topic);
  const auto& contract = model.contracts.at(topic.contract);
  const auto source = std::ranges::find(model.documents, contract.place.file,
                                        [](const document::Document& document) { return document.source->file; });
  auto text = source->source->text;
  for (const auto& guess : guesses_in({*source->source})) {
    if (!contract.team || guess.line != contract.team_place.position.line) continue;
    std::size_t begin = 0;
    for (std::size_t line = 1; line + 1 < guess.line; ++line) begin = text.find('\n', begin) + 1;
    const auto indent = text.find('#', begin) - begin;
    text.replace(begin, text.find('\n', begin) + 1 - begin, remark(indent, claimed(claim.squad, guess.evidence)));
    Folder folder;
    folder.files = {{contract.place.file, std::move(text)}};
    folder.topics = 1;
    folder.squads = 1;
    return folder;
  }
  return fail(Code::Exists, "topic {} is squad {}'s, at {}, and that is no guess", claim.topic.text(),
              topic.owner.text(), topic.place.text());
}

}  // namespace myelin::adopt
