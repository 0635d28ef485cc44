#pragma once
// The document that grants what somebody asks for, and what becomes of it later. Pure.
#include <string>

#include "base/clock.h"
#include "base/ids.h"
#include "base/result.h"
#include "document/parse.h"
#include "model/model.h"

namespace myelin::governance {

// What is asked for when somebody wants to read a product.
struct AccessRequest {
  ProductName product;
  std::string port;  // empty: the product's only one
  ApplicationName application;
  std::string purpose;
  std::string until;  // as in a grant: a date or a time; empty: open-ended
};

// NotFound, with the nearest name, for a product, port or application that is not declared; Exists when there is a
// grant by that name already; Invalid for texts that a document can't hold, and for what the application's squad owns.
[[nodiscard]] Result<document::Source> grant_for(const AccessRequest& request, const model::Model& model);
// The same, by a name of its own that holds the time.
[[nodiscard]] Result<document::Source> emergency_grant_for(const AccessRequest& request, const model::Model& model,
                                                           WallTime now);

// The file of a grant in force with another end, and nothing else of it touched. NotFound for an unknown grant; Invalid
// when it has no end, or is written in a way that an edit of one line can't change.
[[nodiscard]] Result<document::Source> prolonged(const model::Model& model, const std::string& grant,
                                                 const std::string& until);
// The same for its status, which becomes "rejected".
[[nodiscard]] Result<document::Source> withdrawn(const model::Model& model, const std::string& grant);

}  // namespace myelin::governance
