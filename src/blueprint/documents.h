#pragma once
// The text of each new document, without "---". Internal to the module.
#include <string>
#include <string_view>
#include <vector>

#include "blueprint/blueprint.h"

namespace myelin::blueprint {

[[nodiscard]] std::string domain_document(std::string_view name, std::string_view owner);
// `members` are Users whom other files declare.
[[nodiscard]] std::string group_document(std::string_view name, std::string_view domain,
                                         const std::vector<std::string>& members);
[[nodiscard]] std::string user_document(std::string_view name, std::string_view squad);
[[nodiscard]] std::string profile_document(const NewSquad& squad);
[[nodiscard]] std::string application_document(std::string_view name, std::string_view squad);

// Its record is the one that the sample clients write.
[[nodiscard]] std::string contract_document(const NewProduct& product, std::string_view topic);
[[nodiscard]] std::string product_document(const NewProduct& product);

}  // namespace myelin::blueprint
