#pragma once
// DescribeUserScramCredentials and AlterUserScramCredentials (KIP-554), answered from the credentials. Who may ask was
// decided before. No answer carries a salt or a key.
//
// Threads: any; what alters blocks until the change is durable.
#include <cstdint>
#include <string>

#include "governance/credentials.h"
#include "kafka/messages.h"

namespace myelin::governance {

inline constexpr std::size_t kScramSaltSizeMax = 256;

// For people: "SCRAM-SHA-256", or "mechanism 9" of a number that is none.
[[nodiscard]] std::string scram_mechanism_text(std::int8_t mechanism);

// Users by name. Whom no one knows is RESOURCE_NOT_FOUND, whoever is asked for twice DUPLICATE_RESOURCE.
[[nodiscard]] kafka::DescribeUserScramCredentialsResponse describe_scram(
    const Credentials& credentials, const kafka::DescribeUserScramCredentialsRequest& request);

// One result per user, by name. What can't be done for a user leaves everything of that user as it was:
// RESOURCE_NOT_FOUND for a deletion of what isn't there, DUPLICATE_RESOURCE for a mechanism that is altered twice,
// UNSUPPORTED_SASL_MECHANISM, UNACCEPTABLE_CREDENTIAL for a name that no principal can have and for keys, salts and
// iterations out of bounds, KAFKA_STORAGE_ERROR when the change may not last.
[[nodiscard]] kafka::AlterUserScramCredentialsResponse alter_scram(
    Credentials& credentials, const kafka::AlterUserScramCredentialsRequest& request);

}  // namespace myelin::governance
