#include "model/model.h"

namespace myelin::model {

std::string_view name_of(Durability durability) {
  switch (durability) {
    case Durability::Synced:
      return "synced";
    case Durability::Interval:
      return "interval";
    case Durability::Os:
      return "os";
  }
  return "";
}

std::string_view name_of(GrantStatus status) {
  switch (status) {
    case GrantStatus::Requested:
      return "requested";
    case GrantStatus::Approved:
      return "approved";
    case GrantStatus::Rejected:
      return "rejected";
  }
  return "";
}

std::string_view name_of(UndeclaredTopics rule) {
  switch (rule) {
    case UndeclaredTopics::Closed:
      return "closed";
    case UndeclaredTopics::Report:
      return "report";
  }
  return "";
}

const Grant* Model::grant(std::string_view id) const {
  const auto found = grant_numbers.find(id);
  return found == grant_numbers.end() ? nullptr : &grants[found->second];
}

bool Grant::live_at(Moment now) const {
  return status == GrantStatus::Approved && (!start || *start <= now.reached) && (!end || now.latest < *end);
}

}  // namespace myelin::model
