#pragma once
// Answers of governance as JSON trees, member for member as docs/reference/openapi.json describes them.
#include <string_view>
#include <vector>

#include "api/attach_mode.h"
#include "document/node.h"
#include "governance/questions.h"

namespace myelin::api {

[[nodiscard]] document::Node place_json(const model::Place& place);
[[nodiscard]] document::Node me_json(const governance::Me& me, AttachMode mode, std::string_view version);
[[nodiscard]] document::Node who_json(const std::vector<governance::WhoAnswer>& answers, AttachMode mode);
[[nodiscard]] document::Node usage_json(const std::vector<usage::Line>& lines, AttachMode mode, WallTime now);
[[nodiscard]] document::Node recomputed_json(const governance::RecomputedUsage& usage, AttachMode mode, WallTime now);
[[nodiscard]] document::Node lineage_json(const governance::LineageAnswer& answer, AttachMode mode, WallTime now);
[[nodiscard]] document::Node acl_json(const governance::AclAnswer& answer);
[[nodiscard]] document::Node adoption_json(const adopt::MadeGrants& adoption);
[[nodiscard]] document::Node adoption_folder_json(const adopt::Folder& folder);
[[nodiscard]] document::Node topic_json(const governance::TopicAnswer& topic);
[[nodiscard]] document::Node group_json(const governance::GroupAnswer& group);
[[nodiscard]] document::Node held_back_json(const governance::HeldBack& one);
[[nodiscard]] document::Node quota_json(const governance::QuotaAnswer& quota);
[[nodiscard]] document::Node client_json(const governance::ClientSeen& client, const SquadName& squad);
[[nodiscard]] document::Node denial_json(const state::AuditLog::Denied& denied);
[[nodiscard]] document::Node audit_json(const state::AuditRecord& record);

}  // namespace myelin::api
