#pragma once
// LDIF (RFC 2849): entries as they stand in a file, lines unfolded and base64 decoded. Pure.
#include <string>
#include <string_view>
#include <vector>

#include "document/parse.h"
#include "document/problem.h"

namespace myelin::directory {

struct LdifValue {
  std::string attribute;  // in small letters, without options
  std::string value;      // any bytes
  document::Place place;  // of the line
};

struct LdifEntry {
  std::string dn;
  std::vector<LdifValue> values;
  document::Place place;

  // Of the first value of the attribute; nullptr when there is none.
  [[nodiscard]] const LdifValue* find(std::string_view attribute) const;
};

struct Ldif {
  std::vector<LdifEntry> entries;
  document::Problems problems;  // each with the line and column where it stands
};

// Change records, values in other files (":<") and lines that are no attribute are noted; reading goes on behind them.
[[nodiscard]] Ldif parse_ldif(const document::Source& file);

}  // namespace myelin::directory
