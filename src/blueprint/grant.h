#pragma once
// The grant by which one application reads an output port.
#include <string>
#include <string_view>

#include "base/result.h"
#include "model/model.h"

namespace myelin::blueprint {

// The product's port of that name; its only one for an empty name. Invalid when there are several, or none; NotFound,
// with the nearest name, when it is not among them.
[[nodiscard]] Result<const model::OutputPort*> port_of(const model::Product& product, const std::string& wanted);

struct NewGrant {
  const model::Product& product;
  const model::OutputPort& port;
  SquadName squad;  // of the application
  ApplicationName application;
  std::string purpose;
  std::string until = {};  // a day or a time; empty: no end
};
// "orders-for-invoicing", with the port between them where the product has several.
[[nodiscard]] std::string grant_id(const NewGrant& grant);
// The document, without "---".
[[nodiscard]] std::string grant_document(std::string_view id, const NewGrant& grant);

}  // namespace myelin::blueprint
