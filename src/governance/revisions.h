#pragma once
// What was applied: each apply is a revision, which names the files of the whole model by their digests, with who, when
// and why. Files are kept byte for byte, each text once. A revision is never changed or deleted.
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/result.h"
#include "document/parse.h"
#include "state/state_store.h"

namespace myelin::governance {

// Who agreed to a change by signature, and by which key.
struct Signer {
  PrincipalName principal;
  std::string key;                // fingerprint, "SHA256:..."
  std::vector<SquadName> squads;  // for whom they spoke; an empty one is the platform group
};

struct Revision {
  std::uint64_t number = 0;  // from 1
  WallTime time = {};
  PrincipalName author;
  std::string message;         // why, in the author's words; may be empty
  std::string commit;          // of the documents' own repository; may be empty
  std::string plan;            // id of the plan that it carried out
  std::uint64_t restores = 0;  // the revision whose documents it took back; 0: none
  struct File {
    std::string name;
    std::string digest;  // SHA-256
  };
  std::vector<File> files;  // by name
  std::vector<Signer> signers{};
};

// Threads: every function may be called from any thread that may block.
class Revisions {
 public:
  static constexpr std::size_t kMessageBytesMax = 4096;

  // Corrupt when a revision can't be read, or a file that it names is missing.
  [[nodiscard]] static Result<std::unique_ptr<Revisions>> open(state::StateStore& store);

  // 0: nothing was ever applied.
  [[nodiscard]] std::uint64_t head() const;
  [[nodiscard]] std::vector<Revision> newest_first() const;
  // NotFound when there is no such revision.
  [[nodiscard]] Result<Revision> at(std::uint64_t number) const;
  // Corrupt when a file is not what its digest says.
  [[nodiscard]] Result<std::vector<document::Source>> documents_of(std::uint64_t number) const;

  // One file of a revision; Corrupt as documents_of().
  [[nodiscard]] Result<document::Source> document(const Revision::File& file) const;

  // Keeps the files, then the revision: a crash in between leaves texts that no revision names. `revision` comes
  // without number and files. Returns its number when it is durable.
  [[nodiscard]] Result<std::uint64_t> add(Revision revision, const std::vector<document::Source>& files);

 private:
  explicit Revisions(state::StateStore& store) : store_(store) {}

  state::StateStore& store_;
  mutable std::mutex mutex_;
  std::vector<Revision> revisions_;  // by number
};

}  // namespace myelin::governance
