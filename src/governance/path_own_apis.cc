// APIs that are the same before every engine, because what they are about is Myelin's own: who may sign in, what is
// granted, what limits clients.
#include <algorithm>
#include <array>
#include <utility>

#include "governance/client_quota_requests.h"
#include "governance/path.h"
#include "governance/scram_requests.h"

namespace myelin::governance {

namespace {

using enum kafka::ApiKey;
constexpr std::array<engine::ApiRange, 10> kOwn{{{ApiVersions, 0, 4},
                                                 {SaslHandshake, 0, 1},
                                                 {SaslAuthenticate, 0, 2},
                                                 {DescribeAcls, 0, 3},
                                                 {CreateAcls, 0, 3},
                                                 {DeleteAcls, 0, 3},
                                                 {DescribeClientQuotas, 0, 1},
                                                 {AlterClientQuotas, 0, 1},
                                                 {DescribeUserScramCredentials, 0, 0},
                                                 {AlterUserScramCredentials, 0, 0}}};

}  // namespace

std::span<const engine::ApiRange> Path::own_apis() { return kOwn; }

bool Path::is_own(kafka::ApiKey key) {
  return std::ranges::any_of(kOwn, [key](const auto& range) { return range.key == key; });
}

void Path::answer_own(ExchangePtr exchange) {
  run_slow([this, exchange = std::move(exchange)] {
    engine::Outcome outcome;
    const auto& request = exchange->incoming.request;
    if (const auto* alteration = std::get_if<kafka::AlterUserScramCredentialsRequest>(&request)) {
      outcome.response = alter_scram(credentials_, *alteration);
    } else if (const auto* description = std::get_if<kafka::DescribeUserScramCredentialsRequest>(&request)) {
      outcome.response = describe_scram(credentials_, *description);
    } else if (const auto* quotas = std::get_if<kafka::AlterClientQuotasRequest>(&request)) {
      outcome.response = altered(quotas_, *quotas);
    } else if (const auto* creation = std::get_if<kafka::CreateAclsRequest>(&request)) {
      outcome.response = acl_changes_.create(*exchange->access, *creation);
    } else if (const auto* deletion = std::get_if<kafka::DeleteAclsRequest>(&request)) {
      outcome.response = acl_changes_.remove(*exchange->access, *deletion);
    } else {
      outcome.response = described(*quotas_.table(), std::get<kafka::DescribeClientQuotasRequest>(request));
    }
    finish(*exchange, std::move(outcome));
  });
}

void Path::run_slow(std::move_only_function<void()> work) {
  if (options_.slow) {
    options_.slow(std::move(work));
  } else {
    work();
  }
}

}  // namespace myelin::governance
