#include "engine/broker/broker_config.h"

#include <algorithm>

namespace myelin::engine::broker {

std::vector<BrokerSetting> describe_broker_configs(const BrokerOptions& options) {
  using enum ConfigSource;
  const auto& groups = options.groups;
  const auto& transactions = options.transactions;
  std::vector<BrokerSetting> settings = {
      {"auto.create.topics.enable", options.auto_create_topics ? "true" : "false", ConfigType::Boolean, Broker,
       "Whether topics are made when a client first asks for them."},
      {"broker.id", std::to_string(options.broker_id), ConfigType::Int, Broker, "The id of this broker."},
      {"default.replication.factor", "1", ConfigType::Int, Default,
       "Replicas of a new topic: one broker, one replica."},
      {"delete.topic.enable", "true", ConfigType::Boolean, Default, "Whether topics can be deleted."},
      {"group.consumer.assignors", "uniform,range", ConfigType::List, Default,
       "How members of the newer protocol may have partitions shared out; the first where none wishes."},
      {"group.consumer.heartbeat.interval.ms", std::to_string(groups.consumer_heartbeat_interval.count()),
       ConfigType::Int, Broker, "How often a member of the newer protocol calls."},
      {"group.consumer.max.size", std::to_string(groups.group_size_max), ConfigType::Int, Default,
       "Members of a group of the newer protocol."},
      {"group.consumer.migration.policy", "bidirectional", ConfigType::String, Default,
       "Groups change their protocol with their members, both ways."},
      {"group.consumer.session.timeout.ms", std::to_string(groups.consumer_session_timeout.count()), ConfigType::Int,
       Broker, "How long a member of the newer protocol may be silent."},
      {"group.initial.rebalance.delay.ms", std::to_string(groups.initial_rebalance_delay.count()), ConfigType::Int,
       Broker, "How long the first member of an empty group waits for others."},
      {"group.max.size", std::to_string(groups.group_size_max), ConfigType::Int, Default, "Members of a group."},
      {"group.max.session.timeout.ms", std::to_string(groups.session_timeout_max.count()), ConfigType::Int, Broker,
       "The longest session that a group member may ask for."},
      {"group.min.session.timeout.ms", std::to_string(groups.session_timeout_min.count()), ConfigType::Int, Broker,
       "The shortest session that a group member may ask for."},
      {"log.dirs", options.data_directory, ConfigType::String, Broker, "Where the log is kept."},
      {"node.id", std::to_string(options.broker_id), ConfigType::Int, Broker, "The id of this broker."},
      {"num.partitions", std::to_string(options.default_partitions), ConfigType::Int, Broker,
       "Partitions of a new topic that does not say how many."},
      {"offsets.retention.minutes",
       std::to_string(std::chrono::duration_cast<std::chrono::minutes>(groups.offsets_retention).count()),
       ConfigType::Int, Broker, "How long the offsets of a group without members are remembered."},
      {"offsets.topic.num.partitions", "1", ConfigType::Int, Default, "Partitions of __consumer_offsets."},
      {"offsets.topic.replication.factor", "1", ConfigType::Int, Default, "Replicas of __consumer_offsets."},
      {"producer.id.expiration.ms", std::to_string(options.storage.producer_expiry.count()), ConfigType::Int, Default,
       "How long a partition remembers a producer that is silent."},
      {"transaction.max.timeout.ms", std::to_string(transactions.timeout_max.count()), ConfigType::Int, Broker,
       "The longest time that a producer may ask for its transactions."},
      {"transaction.remove.expired.transaction.cleanup.interval.ms",
       std::to_string(transactions.expiration_check_interval.count()), ConfigType::Int, Default,
       "How often transactional ids that nobody used are looked for."},
      {"transaction.state.log.min.isr", "1", ConfigType::Int, Default,
       "Replicas of __transaction_state that must have a write."},
      {"transaction.state.log.num.partitions", "1", ConfigType::Int, Default, "Partitions of __transaction_state."},
      {"transaction.state.log.replication.factor", "1", ConfigType::Int, Default, "Replicas of __transaction_state."},
      {"transactional.id.expiration.ms", std::to_string(transactions.expiration.count()), ConfigType::Int, Broker,
       "How long a transactional id is remembered that nobody uses."},
  };
  for (const auto& definition : topic_config_definitions()) {
    if (definition.broker_name.empty()) continue;
    settings.push_back({definition.broker_name, std::string(definition.default_value), definition.type, Default,
                        definition.documentation});
  }
  std::ranges::sort(settings, {}, &BrokerSetting::name);
  return settings;
}

}  // namespace myelin::engine::broker
