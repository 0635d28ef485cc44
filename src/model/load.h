#pragma once
// From documents to a Model, or to everything that is wrong with them in one go.
#include <filesystem>
#include <vector>

#include "base/result.h"
#include "document/parse.h"
#include "document/problem.h"
#include "model/model.h"

namespace myelin::model {

struct Loaded {
  Model model;                  // complete only when there are no problems
  document::Problems problems;  // sorted by file, line and column

  [[nodiscard]] bool ok() const { return problems.empty(); }
};

// Pure: the same sources always give the same answer. Files' names are relative to the model's folder and decide what a
// file may hold: org/*.yaml, contracts/*.odcs.yaml, products/*.odps.yaml, grants/*.yaml, myelin/*.yaml.
[[nodiscard]] Loaded load(std::vector<document::Source> sources);
// The same answer, sooner: files that `known`, a model without problems, holds byte for byte are not parsed again, and
// both models share their trees.
[[nodiscard]] Loaded load(std::vector<document::Source> sources, const Model& known);

// Reads the folder's files (only those that `load` understands; README, schemas and pictures may lie beside them).
// An error only when the folder itself cannot be read or exceeds 5,000 files or 64 MiB.
[[nodiscard]] Result<std::vector<document::Source>> read_folder(const std::filesystem::path& folder);
[[nodiscard]] Result<Loaded> load_folder(const std::filesystem::path& folder);

}  // namespace myelin::model
