"""One valid request of each API, the ground that is spoiled. Each call makes what its request needs, under names of its own."""
import uuid

import kafka
from batch import batch
from suite import eventually

TOPIC, SINK, IN_TRANSACTION, GROUP = "read", "written", "in-transaction", "standing"
NEVER_NAMED = ("beside-1", "beside-2", "beside-3")  # so that all topics are many, with or without internal ones
BASELINES = {}


def baseline(*names):
    def keep(function):
        for name in names:
            BASELINES[name] = function
        return function
    return keep


def request_name(case):
    """Several baselines of one API are called "API: what is special"."""
    return case.partition(":")[0]


class World:
    """What there is on a server before the first request, and names that nobody has used yet."""

    def __init__(self, connection):
        self.connection, self.count = connection, 0
        for topic in (TOPIC, SINK, IN_TRANSACTION, *NEVER_NAMED):
            kafka.create_topic(connection, topic, 2)
        self.ids = {topic: kafka.topic_id(connection, topic) for topic in (TOPIC, SINK, IN_TRANSACTION)}
        for _ in range(3):
            kafka.produce(connection, TOPIC, batch([b"a", b"b"]))

    def fresh(self, what):
        self.count += 1
        return f"{what}-{self.count}"

    def ask(self, name, version, body):
        return self.connection.request(name, version, body)

    def topic(self):
        """Made, and known: a node of Kafka hears of it a little later."""
        name = self.fresh("topic")
        kafka.create_topic(self.connection, name)
        eventually(lambda: kafka.metadata(self.connection, [name])[name]["error_code"] == 0, 30, name)
        return name

    def producer(self):
        """(transactional id, producer id, epoch)"""
        name = self.fresh("transaction")
        answer = self.ask("InitProducerId", 1, {"transactional_id": name, "transaction_timeout_ms": 60000})
        return name, answer["producer_id"], answer["producer_epoch"]

    def member(self, group=None):
        """(group, member id, generation) of the only member of a classic group."""
        group = group or self.fresh("group")
        body = {"group_id": group, "session_timeout_ms": 30000, "rebalance_timeout_ms": 30000, "protocol_type": "consumer",
                "protocols": [{"name": "range", "metadata": b""}], "member_id": ""}
        answer = self.ask("JoinGroup", 2, body)
        self.ask("SyncGroup", 1, {"group_id": group, "generation_id": answer["generation_id"], "member_id": answer["member_id"],
                                  "assignments": [{"member_id": answer["member_id"], "assignment": b""}]})
        return group, answer["member_id"], answer["generation_id"]

    def newer_member(self):
        """(group, member id, epoch) of the only member of a group of the newer protocol."""
        group, member = self.fresh("newer"), str(uuid.uuid4())
        answer = self.ask("ConsumerGroupHeartbeat", 0, joining(group, member))
        return group, member, answer["member_epoch"]


def joining(group, member):
    return {"group_id": group, "member_id": member, "member_epoch": 0, "rebalance_timeout_ms": 30000, "subscribed_topic_names": [TOPIC],
            "topic_partitions": []}


def by_name_or_id(world, version, first_of_ids, topic, field):
    return {"topic_id": world.ids[topic]} if version >= first_of_ids else {field: topic}


@baseline("Produce")
def produce(world, version):
    return {"acks": -1, "timeout_ms": 5000, "topic_data": [by_name_or_id(world, version, 13, SINK, "name") | {
        "partition_data": [{"index": 0, "records": batch([b"value"])}]}]}


@baseline("Fetch")
def fetch(world, version):
    return {"max_wait_ms": 0, "min_bytes": 0, "max_bytes": 1 << 20, "isolation_level": 0, "topics": [by_name_or_id(world, version, 13, TOPIC, "topic") | {
        "partitions": [{"partition": 0, "fetch_offset": 0, "current_leader_epoch": 0, "partition_max_bytes": 1 << 20}]}]}


@baseline("Fetch: of a new session")
def fetch_session(world, version):
    return fetch(world, version) | {"session_epoch": 0}


@baseline("ListOffsets")
def list_offsets(_, __):
    return {"replica_id": -1, "topics": [{"name": TOPIC, "partitions": [{"partition_index": 0, "current_leader_epoch": 0, "timestamp": -1}]}],
            "timeout_ms": 5000}


@baseline("Metadata")
def metadata(_, __):
    return {"topics": [{"name": TOPIC}], "allow_auto_topic_creation": False}


def offsets_of(name=TOPIC):
    return [{"name": name, "partitions": [{"partition_index": 0, "committed_offset": 1, "committed_metadata": "here"}]}]


@baseline("OffsetCommit")
def offset_commit(_, __):
    return {"group_id": GROUP, "topics": offsets_of()}


@baseline("OffsetCommit: of a member")
def offset_commit_of_a_member(world, _):
    group, member, generation = world.member()
    return {"group_id": group, "member_id": member, "generation_id_or_member_epoch": generation, "topics": offsets_of()}


@baseline("OffsetCommit: of a member of the newer protocol")
def offset_commit_of_a_newer_member(world, _):
    group, member, epoch = world.newer_member()
    return {"group_id": group, "member_id": member, "generation_id_or_member_epoch": epoch, "topics": offsets_of()}


@baseline("OffsetFetch")
def offset_fetch(_, __):
    topics = [{"name": TOPIC, "partition_indexes": [0]}]
    return {"group_id": GROUP, "topics": topics, "groups": [{"group_id": GROUP, "topics": topics}]}


@baseline("FindCoordinator")
def find_coordinator(_, __):
    return {"key": GROUP, "key_type": 0, "coordinator_keys": [GROUP]}


@baseline("JoinGroup")
def join_group(world, _):
    return {"group_id": world.fresh("group"), "session_timeout_ms": 30000, "rebalance_timeout_ms": 30000, "protocol_type": "consumer",
            "protocols": [{"name": "range", "metadata": b""}]}


@baseline("Heartbeat")
def heartbeat(world, _):
    group, member, generation = world.member()
    return {"group_id": group, "member_id": member, "generation_id": generation}


@baseline("LeaveGroup")
def leave_group(world, _):
    group, member, _ = world.member()
    return {"group_id": group, "member_id": member, "members": [{"member_id": member}]}


@baseline("SyncGroup")
def sync_group(world, _):
    group, member, generation = world.member()
    return {"group_id": group, "member_id": member, "generation_id": generation, "protocol_type": "consumer", "protocol_name": "range",
            "assignments": [{"member_id": member, "assignment": b""}]}


@baseline("DescribeGroups")
def describe_groups(_, __):
    return {"groups": [GROUP]}


@baseline("ListGroups")
def list_groups(_, __):
    return {"states_filter": ["Empty"], "types_filter": ["classic"]}


@baseline("SaslHandshake")
def sasl_handshake(_, __):
    return {"mechanism": "PLAIN"}


@baseline("SaslAuthenticate")
def sasl_authenticate(_, __):
    return {"auth_bytes": b"\0a\0b"}


@baseline("ApiVersions")
def api_versions(_, __):
    return {"client_software_name": "wire", "client_software_version": "1"}


@baseline("CreateTopics")
def create_topics(world, _):
    return {"topics": [{"name": world.fresh("new"), "num_partitions": 1, "replication_factor": 1, "configs": [{"name": "retention.ms", "value": "1000"}]}],
            "timeout_ms": 5000}


@baseline("CreateTopics: placed by hand")
def create_placed_topics(world, _):
    return {"topics": [{"name": world.fresh("placed"), "num_partitions": -1, "replication_factor": -1, "assignments": [
        {"partition_index": 0, "broker_ids": [1]}]}], "timeout_ms": 5000}


@baseline("DeleteTopics")
def delete_topics(world, _):
    name = world.topic()
    return {"topic_names": [name], "topics": [{"name": name}], "timeout_ms": 5000}


@baseline("DeleteTopics: by id")
def delete_topics_by_id(world, _):
    return {"topics": [{"name": None, "topic_id": kafka.topic_id(world.connection, world.topic())}], "timeout_ms": 5000}


@baseline("DeleteRecords")
def delete_records(_, __):
    return {"topics": [{"name": SINK, "partitions": [{"partition_index": 1, "offset": 0}]}], "timeout_ms": 5000}


@baseline("InitProducerId")
def init_producer_id(_, __):
    return {"transactional_id": None, "transaction_timeout_ms": 60000}


@baseline("InitProducerId: of a transaction")
def init_transactional_producer(world, _):
    name, identity, epoch = world.producer()
    return {"transactional_id": name, "transaction_timeout_ms": 60000, "producer_id": identity, "producer_epoch": epoch}


@baseline("OffsetForLeaderEpoch")
def offset_for_leader_epoch(_, __):
    return {"topics": [{"topic": TOPIC, "partitions": [{"partition": 0, "current_leader_epoch": 0, "leader_epoch": 0}]}]}


@baseline("AddPartitionsToTxn")
def add_partitions_to_txn(world, _):
    name, identity, epoch = world.producer()
    return {"v3_and_below_transactional_id": name, "v3_and_below_producer_id": identity, "v3_and_below_producer_epoch": epoch,
            "v3_and_below_topics": [{"name": IN_TRANSACTION, "partitions": [0]}]}


@baseline("AddOffsetsToTxn")
def add_offsets_to_txn(world, _):
    name, identity, epoch = world.producer()
    return {"transactional_id": name, "producer_id": identity, "producer_epoch": epoch, "group_id": world.fresh("group")}


def in_transaction(world):
    """(transactional id, producer id, epoch) with a partition in an open transaction."""
    name, identity, epoch = world.producer()
    world.ask("AddPartitionsToTxn", 0, {"v3_and_below_transactional_id": name, "v3_and_below_producer_id": identity,
                                        "v3_and_below_producer_epoch": epoch, "v3_and_below_topics": [{"name": IN_TRANSACTION, "partitions": [0]}]})
    return name, identity, epoch


@baseline("EndTxn")
def end_txn(world, _):
    name, identity, epoch = in_transaction(world)
    return {"transactional_id": name, "producer_id": identity, "producer_epoch": epoch, "committed": True}


@baseline("TxnOffsetCommit")
def txn_offset_commit(world, _):
    name, identity, epoch = world.producer()
    group = world.fresh("group")
    world.ask("AddOffsetsToTxn", 0, {"transactional_id": name, "producer_id": identity, "producer_epoch": epoch, "group_id": group})
    return {"transactional_id": name, "group_id": group, "producer_id": identity, "producer_epoch": epoch, "topics": offsets_of()}


@baseline("Produce: in a transaction")
def produce_in_a_transaction(world, version):
    name, identity, epoch = in_transaction(world)
    records = batch([b"value"], attributes=16, producer_id=identity, epoch=epoch, sequence=0)
    return {"transactional_id": name, "acks": -1, "timeout_ms": 5000, "topic_data": [by_name_or_id(world, version, 13, IN_TRANSACTION, "name") | {
        "partition_data": [{"index": 0, "records": records}]}]}


@baseline("DescribeAcls")
def describe_acls(_, __):
    return {"resource_type_filter": 2, "resource_name_filter": TOPIC, "pattern_type_filter": 3, "principal_filter": "User:a", "host_filter": "*",
            "operation": 3, "permission_type": 3}


@baseline("CreateAcls")
def create_acls(_, __):
    return {"creations": [{"resource_type": 2, "resource_name": TOPIC, "resource_pattern_type": 3, "principal": "User:a", "host": "*", "operation": 3,
                           "permission_type": 3}]}


@baseline("DeleteAcls")
def delete_acls(world, version):
    return {"filters": [describe_acls(world, version)]}


@baseline("DescribeConfigs")
def describe_configs(_, __):
    return {"resources": [{"resource_type": 2, "resource_name": TOPIC, "configuration_keys": ["retention.ms"]}]}


@baseline("AlterConfigs")
def alter_configs(_, __):
    return {"resources": [{"resource_type": 2, "resource_name": SINK, "configs": [{"name": "retention.ms", "value": "86400000"}]}], "validate_only": True}


@baseline("IncrementalAlterConfigs")
def incremental_alter_configs(_, __):
    return {"resources": [{"resource_type": 2, "resource_name": SINK, "configs": [{"name": "retention.ms", "config_operation": 0, "value": "86400000"}]}],
            "validate_only": True}


@baseline("IncrementalAlterConfigs: of a list")
def incremental_alter_lists(_, __):
    return {"resources": [{"resource_type": 2, "resource_name": SINK, "configs": [{"name": "cleanup.policy", "config_operation": 2, "value": "delete"}]}],
            "validate_only": True}


@baseline("DescribeLogDirs")
def describe_log_dirs(_, __):
    return {"topics": [{"topic": TOPIC, "partitions": [0]}]}


@baseline("CreatePartitions")
def create_partitions(world, _):
    return {"topics": [{"name": world.topic(), "count": 2, "assignments": None}], "timeout_ms": 5000, "validate_only": True}


@baseline("CreatePartitions: placed by hand")
def create_placed_partitions(world, _):
    return {"topics": [{"name": world.topic(), "count": 2, "assignments": [{"broker_ids": [1]}]}], "timeout_ms": 5000, "validate_only": True}


@baseline("DeleteGroups")
def delete_groups(world, _):
    group = world.fresh("group")
    world.ask("OffsetCommit", 2, {"group_id": group, "topics": offsets_of()})
    return {"groups_names": [group]}


@baseline("ElectLeaders")
def elect_leaders(_, __):
    return {"election_type": 0, "topic_partitions": [{"topic": TOPIC, "partitions": [0]}], "timeout_ms": 5000}


@baseline("AlterPartitionReassignments")
def alter_partition_reassignments(_, __):
    return {"timeout_ms": 5000, "topics": [{"name": TOPIC, "partitions": [{"partition_index": 0, "replicas": [1]}]}]}


@baseline("ListPartitionReassignments")
def list_partition_reassignments(_, __):
    return {"timeout_ms": 5000, "topics": [{"name": TOPIC, "partition_indexes": [0]}]}


@baseline("OffsetDelete")
def offset_delete(world, _):
    group = world.fresh("group")
    world.ask("OffsetCommit", 2, {"group_id": group, "topics": offsets_of()})
    return {"group_id": group, "topics": [{"name": TOPIC, "partitions": [{"partition_index": 0}]}]}


@baseline("DescribeClientQuotas")
def describe_client_quotas(_, __):
    return {"components": [{"entity_type": "user", "match_type": 0, "match": "a"}]}


@baseline("AlterClientQuotas")
def alter_client_quotas(_, __):
    return {"entries": [{"entity": [{"entity_type": "user", "entity_name": "a"}], "ops": [{"key": "producer_byte_rate", "value": 1e6, "remove": False}]}],
            "validate_only": True}


@baseline("DescribeUserScramCredentials")
def describe_user_scram_credentials(_, __):
    return {"users": [{"name": "a"}]}


@baseline("AlterUserScramCredentials")
def alter_user_scram_credentials(world, _):
    return {"upsertions": [{"name": world.fresh("user"), "mechanism": 1, "iterations": 4096, "salt": b"saltsaltsalt", "salted_password": bytes(32)}]}


@baseline("AlterUserScramCredentials: a deletion")
def delete_user_scram_credentials(world, version):
    added = alter_user_scram_credentials(world, version)
    world.ask("AlterUserScramCredentials", 0, added)
    return {"deletions": [{"name": added["upsertions"][0]["name"], "mechanism": 1}]}


@baseline("DescribeCluster")
def describe_cluster(_, __):
    return {}


@baseline("DescribeProducers")
def describe_producers(_, __):
    return {"topics": [{"name": TOPIC, "partition_indexes": [0]}]}


@baseline("DescribeTransactions")
def describe_transactions(world, _):
    return {"transactional_ids": [world.producer()[0]]}


@baseline("ListTransactions")
def list_transactions(_, __):
    return {"state_filters": ["Ongoing"], "producer_id_filters": [1]}


@baseline("ConsumerGroupHeartbeat")
def consumer_group_heartbeat(world, _):
    return joining(world.fresh("newer"), str(uuid.uuid4()))


@baseline("ConsumerGroupHeartbeat: of a member")
def consumer_group_heartbeat_of_a_member(world, _):
    group, member, epoch = world.newer_member()
    return {"group_id": group, "member_id": member, "member_epoch": epoch, "topic_partitions": [{"topic_id": world.ids[TOPIC], "partitions": [0]}]}


@baseline("ConsumerGroupDescribe")
def consumer_group_describe(world, _):
    return {"group_ids": [world.newer_member()[0]]}
