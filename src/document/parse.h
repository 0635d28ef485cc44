#pragma once
// Text in, trees out. YAML 1.2 core schema: plain null, booleans and numbers are typed, everything else, dates
// included, is a string. Refused, so that a document reads the same to every reader and none can exhaust memory:
// duplicate keys, keys that are not scalars, tags, recursive aliases, more nodes, depth or bytes than the limits.
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "document/node.h"
#include "document/problem.h"

namespace myelin::document {

struct Limits {
  std::size_t bytes_max = 1U << 20;      // of one file
  std::size_t depth_max = 64;            // lists and maps inside each other
  std::size_t nodes_max = 100'000;       // in one file, aliases expanded
  std::size_t alias_nodes_max = 10'000;  // nodes of one file that stem from aliases
};

// A file's name and its bytes as they were read: documents are kept verbatim, never converted.
struct Source {
  std::string file;
  std::string text;
};

// One of the documents (separated by ---) of a file.
struct Document {
  std::shared_ptr<const Source> source;
  std::shared_ptr<const Node> root;  // never null; copies share it
};

struct Parsed {
  std::vector<Document> documents;  // empty documents are left out
  Problems problems;                // when not empty, `documents` holds those that came before the first problem
};

// Parses YAML, and JSON when the file's name ends with .json.
[[nodiscard]] Parsed parse(Source source, const Limits& limits = {});
// One JSON value, for bodies and records. The message of an error holds line and column.
[[nodiscard]] Result<Node> parse_json(std::string_view text, const Limits& limits = {});

}  // namespace myelin::document
