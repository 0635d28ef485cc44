#include "review/edit.h"

#include <gtest/gtest.h>

namespace myelin::review {
namespace {

using document::Document;

std::vector<Document> parsed(const std::string& text) { return document::parse({"a.yaml", text}).documents; }

std::string grant(const std::string& end) { return "# für die Saison\nid: season\n" + end + "\nteam: x\n"; }

// The file with the end of its grant written anew.
Result<document::Source> with_end(const std::string& end, const std::string& value) {
  const auto documents = parsed(grant(end) + "---\nid: other\nend: 2026-01-01\n");
  return rewritten(documents.at(0), {"end"}, value);
}

TEST(Edit, ChangesOneScalarHoweverItIsQuoted) {
  for (const std::string end : {"2026-12-31", "\"2026-12-31\"", "'2026-12-31'"}) {
    const auto source = with_end("end: " + end + "  # ß, then\nnote: kept", "2027-12-31");
    ASSERT_TRUE(source) << source.error().message;
    EXPECT_EQ(source->text, grant("end: 2027-12-31  # ß, then\nnote: kept") + "---\nid: other\nend: 2026-01-01\n")
        << end;
    EXPECT_EQ(source->file, "a.yaml");
  }
}

TEST(Edit, ChangesAValueWithinBraces) {
  const auto documents = parsed("spec: {ä: ö, operations: [read, \"write\"], name: x}\nend: 2026-01-01\r\n");
  EXPECT_EQ(rewritten(documents.at(0), {"spec", "operations"}, "[read]")->text,
            "spec: {ä: ö, operations: [read], name: x}\nend: 2026-01-01\r\n");
  EXPECT_EQ(rewritten(documents.at(0), {"spec", "name"}, "long name")->text,
            "spec: {ä: ö, operations: [read, \"write\"], name: long name}\nend: 2026-01-01\r\n");
  EXPECT_EQ(rewritten(documents.at(0), {"end"}, "2027-01-01")->text,
            "spec: {ä: ö, operations: [read, \"write\"], name: x}\nend: 2027-01-01\r\n");
}

TEST(Edit, SaysWhereAPersonMustChangeIt) {
  for (const auto* end :
       {"end: >-\n  2026-12-31", "end:\n  - 2026-12-31\n  - 2027-06-30", "end: &day 2026-12-31\nnote: *day"}) {
    const auto source = with_end(end, "2027-12-31");
    ASSERT_FALSE(source) << source->text;
    EXPECT_EQ(source.error().code, Code::Invalid);
    EXPECT_TRUE(source.error().message.starts_with("a.yaml:")) << source.error().message;
  }
}

TEST(Edit, FindsNoValueThatIsNotThere) {
  EXPECT_EQ(with_end("note: no end", "2027-12-31").error().code, Code::NotFound);
}

// The file without one of its documents, nullopt when nothing is left of it.
std::optional<std::string> without(const std::string& text, std::size_t document) {
  const auto documents = parsed(text);
  const auto changes = edited(documents, {{"a.yaml", documents.at(document).root->position, {}, {}}});
  EXPECT_EQ(changes->at(0).before, text);
  return changes->at(0).after;
}

TEST(Edit, TakesADocumentOutOfItsFileWithWhatIsSaidOfIt) {
  const std::string text = "# one\na: 1\n---\n# two\nb: 2\n---\n# three\nc: 3\n";
  EXPECT_EQ(without(text, 0), "# two\nb: 2\n---\n# three\nc: 3\n");
  EXPECT_EQ(without(text, 1), "# one\na: 1\n---\n# three\nc: 3\n");
  EXPECT_EQ(without(text, 2), "# one\na: 1\n---\n# two\nb: 2\n");
}

TEST(Edit, TakesAFileAwayThatHasNoDocumentLeft) {
  EXPECT_EQ(without("---\na: 1\n", 0), std::nullopt);
  EXPECT_EQ(without("# one\na: 1\n---\n# nothing\n", 0), std::nullopt);
}

TEST(Edit, MakesSeveralInOneFileFromTheLastToTheFirst) {
  const auto documents = parsed("a: 1\n---\nb: 2\n---\nc: 3\n");
  const auto changes = edited(documents, {{"a.yaml", documents[0].root->position, {"a"}, "10"},
                                          {"a.yaml", documents[1].root->position, {}, {}},
                                          {"a.yaml", documents[2].root->position, {"c"}, "30"},
                                          {"new.yaml", std::nullopt, {}, "d: 4\n"}});
  ASSERT_TRUE(changes) << changes.error().message;
  EXPECT_EQ(changes->at(0).after, "a: 10\n---\nc: 30\n");
  EXPECT_EQ(changes->at(1).before, std::nullopt);
  EXPECT_EQ(changes->at(1).after, "d: 4\n");
}

TEST(Edit, NeverOverwritesAFileThatIsThere) {
  EXPECT_EQ(edited(parsed("a: 1\n"), {{"a.yaml", std::nullopt, {}, "d: 4\n"}}).error().code, Code::Exists);
}

TEST(Edit, FindsTheDocumentThatHoldsAPlace) {
  const auto documents = parsed("a: 1\n---\nb: {c: 2}\n");
  EXPECT_EQ(document_of(documents, {"a.yaml", {3, 8}}), &documents[1]);
  EXPECT_EQ(document_of(documents, {"a.yaml", {1, 4}}), &documents[0]);
  EXPECT_EQ(document_of(documents, {"b.yaml", {1, 4}}), nullptr);
}

}  // namespace
}  // namespace myelin::review
