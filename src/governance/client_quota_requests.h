#pragma once
// Kafka's requests about client quotas, answered from and applied to ClientQuotas, with Kafka's checks and words.
#include <string>

#include "governance/client_quotas.h"
#include "kafka/messages.h"

namespace myelin::governance {

[[nodiscard]] kafka::DescribeClientQuotasResponse described(const policy::ClientQuotaTable& table,
                                                            const kafka::DescribeClientQuotasRequest& request);
// Each entry is applied or refused by itself, all that are applied at once. Waits until they are durable.
[[nodiscard]] kafka::AlterClientQuotasResponse altered(ClientQuotas& quotas,
                                                       const kafka::AlterClientQuotasRequest& request);
// For the audit record: "quota of user ana: producer_byte_rate 1024, consumer_byte_rate removed". Empty when the
// request only asks whether it would be valid.
[[nodiscard]] std::string changes_of(const kafka::AlterClientQuotasRequest& request);

// "user ana, client-id default"
[[nodiscard]] std::string to_text(const policy::QuotaEntity& entity);

}  // namespace myelin::governance
