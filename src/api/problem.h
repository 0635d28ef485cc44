#pragma once
// Failures as HTTP answers: RFC 9457 problems that say what is wrong, why, where, and what to do next.
#include <string>
#include <string_view>

#include "base/result.h"
#include "net/http_message.h"

namespace myelin::api {

// The one table from our codes to HTTP statuses.
[[nodiscard]] int status_of(Code code);

// What a problem says besides its detail.
struct ProblemKind {
  int status = 500;
  std::string_view name;   // last part of the type: "not_found"
  std::string_view title;  // the same for every occurrence
  std::string_view next;   // what to do
};
[[nodiscard]] ProblemKind kind_of(Code code);

inline constexpr ProblemKind kWrongHost{421, "wrong_host", "This server does not go by that name",
                                        "use a configured name, or add it with --set http.host_names=NAME"};
inline constexpr ProblemKind kWrongOrigin{403, "wrong_origin", "The request comes from another site",
                                          "use the console of this server, or a program without Origin"};
inline constexpr ProblemKind kWrongContentType{415, "wrong_content_type", "The body is not JSON",
                                               "send Content-Type: application/json"};
inline constexpr ProblemKind kWrongMethod{405, "wrong_method", "The path does not know this method",
                                          "see Allow, and docs/reference/openapi.json"};
inline constexpr ProblemKind kWrongDocuments{400, "wrong_documents", "The documents are no model",
                                             "correct what is listed; nothing was changed"};
inline constexpr ProblemKind kNoRevision{404, "no_revision", "There is no such revision", "myelin revisions"};
inline constexpr ProblemKind kStalePlan{409, "stale_plan", "An apply would do something else by now", "plan again"};
inline constexpr ProblemKind kRefusedPlan{403, "refused_plan", "The plan can't be applied as it is",
                                          "nothing was changed; see Attention in the plan, and whom each line names"};
inline constexpr ProblemKind kNoProposal{404, "no_proposal", "There is no such thing to decide about",
                                         "myelin inbox, myelin who NAME"};
inline constexpr ProblemKind kEndedProposal{409, "ended_proposal", "It is there or decided already",
                                            "myelin proposal ID, myelin who NAME"};
inline constexpr ProblemKind kOthersProposal{403, "others_proposal", "Others decide about this", "myelin proposal ID"};
inline constexpr ProblemKind kNotEnrolled{
    403, "not_enrolled", "Nobody is enrolled yet",
    "myelin principal enrol NAME, with the token file that the server named at its start"};

[[nodiscard]] net::HttpResponse problem(const ProblemKind& kind, std::string_view detail, std::string_view instance);
[[nodiscard]] net::HttpResponse problem(const Error& error, std::string_view instance);

}  // namespace myelin::api
