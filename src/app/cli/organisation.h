#pragma once
// `myelin organisation`: how squads say they work together, beside what moves between them.
#include "app/cli/table.h"
#include "document/node.h"

namespace myelin::app::cli {

[[nodiscard]] Table organisation_table(const document::Node& answer);

}  // namespace myelin::app::cli
