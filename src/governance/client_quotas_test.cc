#include "governance/client_quotas.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "engine/memory_internal_log.h"
#include "governance/client_buckets.h"
#include "governance/client_quota_requests.h"
#include "kafka/error_code.h"

namespace myelin::governance {
namespace {

using Alter = kafka::AlterClientQuotasRequest;
using Describe = kafka::DescribeClientQuotasRequest;
using Parts = std::vector<std::pair<std::string, std::optional<std::string>>>;
using Ops = std::vector<std::pair<std::string, std::optional<double>>>;  // nothing removes
using testing::ElementsAre;
using testing::IsEmpty;

constexpr auto kNone = kafka::code_of(kafka::ErrorCode::None);
constexpr auto kInvalid = kafka::code_of(kafka::ErrorCode::InvalidRequest);
const std::optional<std::string> kDefault;

Alter::EntryData entry_of(const Parts& parts, const Ops& ops) {
  Alter::EntryData entry;
  for (const auto& [type, name] : parts) {
    auto& part = entry.entity.emplace_back();
    part.entity_type = type;
    part.entity_name = name;
  }
  for (const auto& [key, value] : ops) {
    auto& op = entry.ops.emplace_back();
    op.key = key;
    op.value = value.value_or(0);
    op.remove = !value;
  }
  return entry;
}

Alter request_of(std::vector<Alter::EntryData> entries, bool validate_only = false) {
  Alter request;
  request.entries = std::move(entries);
  request.validate_only = validate_only;
  return request;
}

class ClientQuotasTest : public testing::Test {
 protected:
  ClientQuotasTest() { restart(); }
  void restart() {
    quotas_.reset();
    store_ = state::StateStore::open(log_).value();
    quotas_ = ClientQuotas::open(*store_).value();
  }
  // The error and its message of the one entry.
  std::pair<std::int16_t, std::string> alter(const Parts& parts, const Ops& ops, bool validate_only = false) {
    const auto answer = altered(*quotas_, request_of({entry_of(parts, ops)}, validate_only)).entries.at(0);
    return {answer.error_code, answer.error_message.value_or("")};
  }
  // One text for each entity: "user ana: producer_byte_rate=1024".
  std::vector<std::string> set_now() const {
    std::vector<std::string> texts;
    for (const auto& [entity, values] : *quotas_->table()) {
      std::string text = to_text(entity) + ":";
      for (const auto& [key, value] : values) text += fmt::format(" {}={}", name_of(key), value);
      texts.push_back(text);
    }
    return texts;
  }

  engine::MemoryInternalLog log_;
  std::unique_ptr<state::StateStore> store_;
  std::unique_ptr<ClientQuotas> quotas_;
};

TEST_F(ClientQuotasTest, WhatIsSetSurvivesARestartToTheBit) {
  EXPECT_EQ(quotas_->version(), 0u);
  EXPECT_EQ(alter({{"user", "ana"}}, {{"producer_byte_rate", 1024}, {"request_percentage", 0.1}}).first, kNone);
  EXPECT_EQ(alter({{"user", kDefault}, {"client-id", "a=b/ü"}}, {{"consumer_byte_rate", 7}}).first, kNone);
  EXPECT_EQ(alter({{"ip", "10.0.0.1"}}, {{"connection_creation_rate", 5}}).first, kNone);
  const auto before = *quotas_->table();
  restart();
  EXPECT_EQ(*quotas_->table(), before);
  EXPECT_GT(quotas_->version(), 0u);
  EXPECT_THAT(set_now(), ElementsAre("client-id a=b/ü, user default: consumer_byte_rate=7",
                                     "ip 10.0.0.1: connection_creation_rate=5",
                                     "user ana: producer_byte_rate=1024 request_percentage=0.1"));
}

TEST_F(ClientQuotasTest, WhatIsRemovedIsGoneAndNotStored) {
  EXPECT_EQ(alter({{"user", "ana"}}, {{"producer_byte_rate", 1}, {"consumer_byte_rate", 2}}).first, kNone);
  EXPECT_EQ(alter({{"user", "ana"}}, {{"producer_byte_rate", std::nullopt}}).first, kNone);
  EXPECT_THAT(set_now(), ElementsAre("user ana: consumer_byte_rate=2"));
  EXPECT_EQ(alter({{"user", "ana"}}, {{"consumer_byte_rate", std::nullopt}}).first, kNone);
  EXPECT_EQ(alter({{"user", "bo"}}, {{"consumer_byte_rate", std::nullopt}, {"no_such_key", std::nullopt}}).first,
            kNone);
  restart();
  EXPECT_THAT(set_now(), IsEmpty());
}

TEST_F(ClientQuotasTest, WhatIsOnlyValidatedChangesNothing) {
  EXPECT_EQ(alter({{"user", "ana"}}, {{"producer_byte_rate", 1}}, true).first, kNone);
  EXPECT_EQ(alter({{"user", "ana"}}, {{"producer_byte_rate", -1}}, true).first, kInvalid);
  EXPECT_THAT(set_now(), IsEmpty());
  EXPECT_THAT(changes_of(request_of({entry_of({{"user", "ana"}}, {})}, true)), IsEmpty());
}

TEST_F(ClientQuotasTest, WhatCannotBeAQuotaIsRefusedInKafkasWords) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  struct Case {
    Parts parts;
    Ops ops;
    std::string message;
  };
  const std::vector<Case> cases{
      {{}, {}, "Invalid empty client quota entity"},
      {{{"group", "g"}}, {}, "Unhandled client quota entity type: group"},
      {{{"user", ""}}, {}, "Empty user not supported"},
      {{{"user", std::string("a\0b", 3)}}, {}, "The user holds a NUL character"},
      {{{"user", "a"}, {"user", "b"}}, {}, "Invalid client quota entity, duplicate entity entry user"},
      {{{"user", "a"}, {"ip", "10.0.0.1"}},
       {},
       "Invalid quota entity combination, IP entity should not be combined with User or ClientId"},
      {{{"ip", "localhost"}}, {}, "localhost is not a valid IP; names of hosts are not looked up"},
      {{{"user", "a"}}, {{"no_such_key", 1}}, "Invalid configuration key no_such_key"},
      {{{"user", "a"}}, {{"connection_creation_rate", 1}}, "Invalid configuration key connection_creation_rate"},
      {{{"ip", "10.0.0.1"}}, {{"producer_byte_rate", 1}}, "Invalid configuration key producer_byte_rate"},
      {{{"user", "a"}},
       {{"controller_mutation_rate", 1}},
       "controller_mutation_rate is not enforced here, so it can't be set"},
      {{{"user", "a"}}, {{"producer_byte_rate", 0}}, "Quota producer_byte_rate must be greater than 0"},
      {{{"user", "a"}}, {{"producer_byte_rate", -1}}, "Quota producer_byte_rate must be greater than 0"},
      {{{"user", "a"}}, {{"producer_byte_rate", kNan}}, "Quota producer_byte_rate must be greater than 0"},
      {{{"user", "a"}},
       {{"producer_byte_rate", kInfinity}},
       "Proposed value for producer_byte_rate is too large for a LONG."},
      {{{"user", "a"}}, {{"producer_byte_rate", 1.5}}, "producer_byte_rate cannot be a fractional value."},
      {{{"user", "a"}}, {{"request_percentage", kInfinity}}, "Quota request_percentage must be finite"},
      {{{"ip", "10.0.0.1"}},
       {{"connection_creation_rate", 3e9}},
       "Proposed value for connection_creation_rate is too large for an INT."},
      {{{"user", "a"}},
       {{"producer_byte_rate", 1}, {"producer_byte_rate", 2}},
       "Duplicate quota key producer_byte_rate"},
  };
  for (const auto& [parts, ops, message] : cases) {
    EXPECT_EQ(alter(parts, ops), (std::pair{kInvalid, message}));
  }
  EXPECT_THAT(set_now(), IsEmpty());
}

TEST_F(ClientQuotasTest, EachEntryStandsForItself) {
  const auto answer = altered(*quotas_, request_of({entry_of({{"user", "ana"}}, {{"producer_byte_rate", 1}}),
                                                    entry_of({{"user", "bo"}}, {{"producer_byte_rate", -1}}),
                                                    entry_of({{"user", "ana"}}, {{"producer_byte_rate", 2}})}));
  ASSERT_EQ(answer.entries.size(), 3u);
  EXPECT_EQ(answer.entries[0].error_code, kNone);
  EXPECT_EQ(answer.entries[1].error_code, kInvalid);
  EXPECT_EQ(answer.entries[2].error_message, "Ignoring duplicate entity user ana");
  EXPECT_EQ(answer.entries[2].entity.at(0).entity_name, "ana");
  EXPECT_THAT(set_now(), ElementsAre("user ana: producer_byte_rate=1"));
}

TEST_F(ClientQuotasTest, WhatTheDiskRefusesDoesNotCount) {
  log_.fail_appends = true;
  EXPECT_EQ(alter({{"user", "ana"}}, {{"producer_byte_rate", 1}}).first,
            kafka::code_of(kafka::ErrorCode::KafkaStorageError));
  EXPECT_THAT(set_now(), IsEmpty());
}

TEST_F(ClientQuotasTest, ThereAreNoMoreThanTheLimit) {
  std::vector<QuotaChange> changes;
  for (std::size_t index = 0; index < ClientQuotas::kEntitiesMax; ++index) {
    changes.push_back(
        {{{policy::EntityType::User, fmt::format("u{}", index)}}, {{policy::QuotaKey::ProducerByteRate, 1}}});
  }
  EXPECT_TRUE(quotas_->change(changes));
  EXPECT_EQ(alter({{"user", "one more"}}, {{"producer_byte_rate", 1}}).first, kInvalid);
  EXPECT_EQ(alter({{"user", "u0"}}, {{"producer_byte_rate", 2}}).first, kNone);
}

TEST_F(ClientQuotasTest, WhatCannotBeReadStopsTheStart) {
  const std::string entity("user=ana\0", 9);
  const std::vector<std::pair<std::string, std::string>> cases{
      {"user=ana", "\1\0"},                                       // its part has no end
      {std::string("squad=ana\0", 10), std::string("\1\0", 2)},   // no such type
      {entity, "\2"},                                             // another version
      {entity, "\1\2"},                                           // cut
      {entity, std::string("\1\2\6abc\0", 7)},                    // no such quota
      {entity, std::string("\1\2\x24producer_byte_rate\0", 22)},  // not above zero
  };
  for (const auto& [key, value] : cases) {
    engine::MemoryInternalLog log;
    auto store = state::StateStore::open(log).value();
    ASSERT_TRUE(store->put_and_wait({{state::Table::ClientQuotas, key, value}}));
    const auto opened = ClientQuotas::open(*store);
    ASSERT_FALSE(opened) << testing::PrintToString(value);
    EXPECT_EQ(opened.error().code, Code::Corrupt);
  }
}

class DescribeTest : public ClientQuotasTest {
 protected:
  DescribeTest() {
    const std::vector<Parts> entities{{{"user", "ana"}},
                                      {{"user", "bo"}},
                                      {{"user", kDefault}},
                                      {{"user", "ana"}, {"client-id", "till"}},
                                      {{"user", "ana"}, {"client-id", kDefault}},
                                      {{"client-id", "till"}}};
    for (const auto& parts : entities) EXPECT_EQ(alter(parts, {{"producer_byte_rate", 1}}).first, kNone);
    EXPECT_EQ(alter({{"ip", "::1"}}, {{"connection_creation_rate", 1}}).first, kNone);
  }
  struct Component {
    std::string type;
    std::int8_t match_type;  // 0 exact, 1 default, 2 any
    std::optional<std::string> match;
  };
  kafka::DescribeClientQuotasResponse describe(const std::vector<Component>& components, bool strict = false) {
    Describe request;
    request.strict = strict;
    for (const auto& [type, match_type, match] : components) {
      auto& one = request.components.emplace_back();
      one.entity_type = type;
      one.match_type = match_type;
      one.match = match;
    }
    return described(*quotas_->table(), request);
  }
  std::vector<std::string> found(const std::vector<Component>& components, bool strict = false) {
    std::vector<std::string> texts;
    const auto response = describe(components, strict);
    for (const auto& entry : response.entries.value()) {
      std::string text;
      for (const auto& part : entry.entity) text += part.entity_type + "=" + part.entity_name.value_or("-") + " ";
      texts.push_back(text);
    }
    return texts;
  }
};

TEST_F(DescribeTest, FindsByNameByDefaultAndByType) {
  EXPECT_EQ(found({}).size(), 7u);
  EXPECT_THAT(found({}, true), IsEmpty());
  EXPECT_THAT(found({{"user", 0, "ana"}}),
              ElementsAre("client-id=- user=ana ", "client-id=till user=ana ", "user=ana "));
  EXPECT_THAT(found({{"user", 0, "ana"}}, true), ElementsAre("user=ana "));
  EXPECT_THAT(found({{"user", 1, kDefault}}), ElementsAre("user=- "));
  EXPECT_THAT(found({{"user", 2, kDefault}}, true), ElementsAre("user=- ", "user=ana ", "user=bo "));
  EXPECT_THAT(found({{"user", 0, "ana"}, {"client-id", 1, kDefault}}), ElementsAre("client-id=- user=ana "));
  EXPECT_THAT(found({{"client-id", 2, kDefault}}, true), ElementsAre("client-id=till "));
  EXPECT_THAT(found({{"ip", 0, "0:0:0:0:0:0:0:1"}}), ElementsAre("ip=::1 "));
  EXPECT_THAT(found({{"user", 0, "nobody"}}), IsEmpty());
}

TEST_F(DescribeTest, RefusesAFilterInKafkasWords) {
  const std::vector<std::pair<std::vector<Component>, std::string>> cases{
      {{{"", 2, kDefault}}, "Invalid empty entity type."},
      {{{"user", 2, kDefault}, {"user", 0, "a"}}, "Entity type user cannot appear more than once in the filter."},
      {{{"user", 0, kDefault}}, "Request specified MATCH_TYPE_EXACT, but set match string to null."},
      {{{"user", 1, "x"}}, "Request specified MATCH_TYPE_DEFAULT, but also specified a match string."},
      {{{"user", 2, "x"}}, "Request specified MATCH_TYPE_SPECIFIED, but also specified a match string."},
      {{{"user", 3, kDefault}}, "Unknown match type 3"},
      {{{"ip", 2, kDefault}, {"user", 2, kDefault}},
       "Invalid entity filter component combination. IP filter component should not be used with user or clientId "
       "filter component."},
  };
  for (const auto& [components, message] : cases) {
    const auto response = describe(components);
    EXPECT_EQ(response.error_code, kInvalid) << message;
    EXPECT_EQ(response.error_message, message);
    EXPECT_FALSE(response.entries);
  }
  EXPECT_EQ(describe({{"group", 2, kDefault}}).error_code, kafka::code_of(kafka::ErrorCode::UnsupportedVersion));
}

TEST(ChangesOf, NamesWhomAndWhat) {
  EXPECT_EQ(changes_of(request_of({entry_of({{"user", "ana"}, {"client-id", kDefault}},
                                            {{"producer_byte_rate", 1024}, {"consumer_byte_rate", std::nullopt}}),
                                   entry_of({{"ip", "::1"}}, {{"connection_creation_rate", 5}})})),
            "quota of user ana, client-id default: producer_byte_rate 1024, consumer_byte_rate removed; quota of ip "
            "::1: connection_creation_rate 5");
}

TEST(ClientBucketsTest, InventedClientIdsShareOneBucketWhenThereIsNoRoom) {
  ManualClock clock;
  ClientBuckets buckets;
  const auto of = [&](std::string client_id) -> policy::TokenBucket& {
    return buckets.of({.rate = 10, .user = "ana", .client_id = std::move(client_id)}, 10, clock.monotonic());
  };
  for (std::size_t index = 0; index < ClientBuckets::kMost; ++index)
    (void)of(fmt::format("c{}", index)).take(15, clock.monotonic());
  EXPECT_EQ(of("one more").take(15, clock.monotonic()).count(), 500);
  EXPECT_EQ(of("and another").take(0, clock.monotonic()).count(), 500);
  EXPECT_EQ(of("c0").take(0, clock.monotonic()).count(), 500);
  EXPECT_EQ(buckets.size(), ClientBuckets::kMost);
  clock.advance(std::chrono::seconds(2));
  EXPECT_EQ(of("and another").take(0, clock.monotonic()).count(), 0);
  EXPECT_EQ(buckets.size(), 1u);
}

}  // namespace
}  // namespace myelin::governance
