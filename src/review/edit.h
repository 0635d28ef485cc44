#pragma once
// Edits of documents in force, made where they stand: the rest of a file keeps every byte. Pure.
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "document/parse.h"

namespace myelin::review {

using Path = std::vector<std::string>;  // keys of maps from a document's root

// One change of a file: a value written anew, a document gone, or a new file.
struct Edit {
  std::string file;
  std::optional<document::Position> document{};  // of its root; nullopt: a new file
  Path path{};                                   // of the value; empty: the document goes
  std::string value{};                           // YAML; of a new file its text
};

struct FileChange {
  std::string file;
  std::optional<std::string> before;  // nullopt: it is new
  std::optional<std::string> after;   // nullopt: it goes, since no document is left in it
};

// The document that holds a place; null when there is none.
[[nodiscard]] const document::Document* document_of(const std::vector<document::Document>& documents,
                                                    const document::Place& place);

// Made one after the other, at most one of each document. NotFound when there is no such document or value; Exists for
// a new file that is there; Invalid, with its place, for a value that is not written as a scalar or a list in brackets
// on one line.
[[nodiscard]] Result<std::vector<FileChange>> edited(const std::vector<document::Document>& documents,
                                                     std::vector<Edit> edits);

// The file of a document with one value written anew. Errors as above.
[[nodiscard]] Result<document::Source> rewritten(const document::Document& document, const Path& path,
                                                 const std::string& value);

}  // namespace myelin::review
