"""Every row of the access table, asked by each kind of principal on the wire. The expected codes are written by hand from the
rules: write, create, delete by the owner; read by the owner or under a live grant; groups and transactional ids by the
owner of their prefix; describe also by the platform role; anything else by the platform role."""
import subprocess
import uuid

import quokka
from acls import acl, create_acls, delete_acls, describe_acls
from batch import batch
from errors import (CLUSTER_AUTHORIZATION_FAILED, GROUP_AUTHORIZATION_FAILED, GROUP_ID_NOT_FOUND, INVALID_PRODUCER_ID_MAPPING, INVALID_REQUEST,
                    INVALID_TXN_STATE, NONE, POLICY_VIOLATION, RESOURCE_NOT_FOUND, TOPIC_AUTHORIZATION_FAILED, TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
                    TRANSACTIONAL_ID_NOT_FOUND, UNKNOWN_MEMBER_ID, UNKNOWN_TOPIC_ID, name_of)
from kafka import commit, create_topic, delete_topic, delete_topic_by_id, fetch, list_offset, metadata, produce, producer_id
from quokka import GROUP, KINDS, TOPIC, TRANSACTIONAL_ID
from suite import Suite, check, check_equal
from topic_changes import SET, alter, delete_records, grow, replace

suite = Suite()

TOPIC_REFUSED, GROUP_REFUSED, ID_REFUSED = TOPIC_AUTHORIZATION_FAILED, GROUP_AUTHORIZATION_FAILED, TRANSACTIONAL_ID_AUTHORIZATION_FAILED
CLUSTER_REFUSED = CLUSTER_AUTHORIZATION_FAILED
BROKER_CONFIG, BROKER_LOGGER_CONFIG = 4, 8  # Kafka's ConfigResource.Type; 2 is a topic
LEFT_OUT, LISTED, ANSWERED = "left out", "listed", "answered"
COVERED = set()


def row(name, owner, granted, ungranted, unknown, platform, covers):
    """A test that asks as each kind of principal; `covers` is the row of the access table."""
    expected = dict(zip(KINDS, (owner, granted, ungranted, unknown, platform)))
    COVERED.add(covers)

    def wrap(ask):
        def run(bench):
            server, wrong = quokka.closed(bench), []
            # The owner comes last: what it does may change what is there.
            for kind in (*KINDS[1:], KINDS[0]):
                with server.connect(kind) as connection:
                    connection.server = server
                    found = ask(connection, kind)
                if found != expected[kind]:
                    text = [name_of(code) if isinstance(code, int) else code for code in (found, expected[kind])]
                    wrong.append(f"{kind} got {text[0]}, expected {text[1]}")
            check(not wrong, "; ".join(wrong))
        suite.tests.append((name, run))
        return ask
    return wrap


# ---- before and around sign-in ----

@row("access: ApiVersions", ANSWERED, ANSWERED, ANSWERED, ANSWERED, ANSWERED, "18 ApiVersions | –")
def _(connection, _):
    return ANSWERED if connection.request("ApiVersions", 2)["error_code"] == NONE else "refused"


# ---- records ----

@row("access: Produce", NONE, TOPIC_REFUSED, TOPIC_REFUSED, TOPIC_REFUSED, TOPIC_REFUSED, "0 Produce | topic, each")
def _(connection, kind):
    return produce(connection, TOPIC, batch([kind.encode()]))["error_code"]


# The owner gets past the decision: to a batch without a transaction the id does not matter.
@row("access: Produce with a transactional id", NONE, ID_REFUSED, ID_REFUSED, ID_REFUSED, ID_REFUSED, "0 Produce | transactional id, if given")
def _(connection, kind):
    return produce(connection, TOPIC, batch([kind.encode()]), transactional_id=TRANSACTIONAL_ID)["error_code"]


@row("access: Fetch", NONE, NONE, TOPIC_REFUSED, TOPIC_REFUSED, TOPIC_REFUSED, "1 Fetch | topic, each by name")
def _(connection, _):
    return code_of_fetch(fetch(connection, TOPIC, 0))


# The platform role may describe every topic, and read none.
@row("access: Fetch by id", NONE, NONE, UNKNOWN_TOPIC_ID, UNKNOWN_TOPIC_ID, TOPIC_REFUSED, "1 Fetch | topic, each by id")
def _(connection, _):
    return code_of_fetch(fetch(connection, connection.server.topic_id, 0, version=13))


@row("access: Fetch by an id that no topic has", UNKNOWN_TOPIC_ID, UNKNOWN_TOPIC_ID, UNKNOWN_TOPIC_ID, UNKNOWN_TOPIC_ID, UNKNOWN_TOPIC_ID,
     "1 Fetch | topic, each by id")
def _(connection, _):
    return code_of_fetch(fetch(connection, uuid.UUID(int=5), 0, version=13))


def code_of_fetch(answer):
    if answer["error_code"] != NONE:
        check(not answer["records"], "a refused fetch carries records")
        check_equal(answer["high_watermark"], -1, "high watermark of a refused fetch")
    return answer["error_code"]


@row("access: ListOffsets", NONE, NONE, TOPIC_REFUSED, TOPIC_REFUSED, NONE, "2 ListOffsets | topic, each")
def _(connection, _):
    return list_offset(connection, TOPIC, -1)["error_code"]


@row("access: OffsetForLeaderEpoch", NONE, NONE, TOPIC_REFUSED, TOPIC_REFUSED, NONE, "23 OffsetForLeaderEpoch | topic, each")
def _(connection, _):
    answer = connection.request("OffsetForLeaderEpoch", 3, {"replica_id": -1, "topics": [
        {"topic": TOPIC, "partitions": [{"partition": 0, "current_leader_epoch": -1, "leader_epoch": 0}]}]})
    return answer["topics"][0]["partitions"][0]["error_code"]


@row("access: InitProducerId", NONE, NONE, NONE, NONE, NONE, "22 InitProducerId | without one")
def _(connection, _):
    return producer_id(connection)["error_code"]


@row("access: InitProducerId with a transactional id", NONE, ID_REFUSED, ID_REFUSED, ID_REFUSED, ID_REFUSED,
     "22 InitProducerId | transactional id, if given")
def _(connection, _):
    return producer_id(connection, TRANSACTIONAL_ID)["error_code"]


# ---- transactions ----

# The owner gets past the decision: nobody has begun with this id.
STRANGER = {"transactional_id": TRANSACTIONAL_ID + "-of-nobody", "producer_id": 7, "producer_epoch": 0}


def add_to_transaction(connection, topic):
    answer = connection.request("AddPartitionsToTxn", 3, {
        **{"v3_and_below_" + name: value for name, value in STRANGER.items()}, "v3_and_below_topics": [{"name": topic, "partitions": [0]}]})
    return answer["results_by_topic_v3_and_below"][0]["results_by_partition"][0]["partition_error_code"]


def commit_in_transaction(connection, group, topic):
    answer = connection.request("TxnOffsetCommit", 3, {**STRANGER, "group_id": group, "topics": [
        {"name": topic, "partitions": [{"partition_index": 0, "committed_offset": 1, "committed_metadata": None}]}]})
    return answer["topics"][0]["partitions"][0]["error_code"]


@row("access: AddPartitionsToTxn", INVALID_PRODUCER_ID_MAPPING, ID_REFUSED, ID_REFUSED, ID_REFUSED, ID_REFUSED, "24 AddPartitionsToTxn | transactional id")
def _(connection, _):
    return add_to_transaction(connection, TOPIC)


@row("access: AddPartitionsToTxn of another's topic", TOPIC_REFUSED, ID_REFUSED, ID_REFUSED, ID_REFUSED, ID_REFUSED, "24 AddPartitionsToTxn | topic, each")
def _(connection, _):
    return add_to_transaction(connection, quokka.UNSEEN)


@row("access: AddOffsetsToTxn", INVALID_PRODUCER_ID_MAPPING, ID_REFUSED, ID_REFUSED, ID_REFUSED, ID_REFUSED, "25 AddOffsetsToTxn | transactional id")
def _(connection, _):
    return connection.request("AddOffsetsToTxn", 3, {**STRANGER, "group_id": GROUP})["error_code"]


@row("access: AddOffsetsToTxn of another's group", GROUP_REFUSED, ID_REFUSED, ID_REFUSED, ID_REFUSED, ID_REFUSED, "25 AddOffsetsToTxn | group")
def _(connection, _):
    return connection.request("AddOffsetsToTxn", 3, {**STRANGER, "group_id": quokka.GRANTED})["error_code"]


@row("access: EndTxn", INVALID_PRODUCER_ID_MAPPING, ID_REFUSED, ID_REFUSED, ID_REFUSED, ID_REFUSED, "26 EndTxn | transactional id")
def _(connection, _):
    return connection.request("EndTxn", 3, {**STRANGER, "committed": True})["error_code"]


@row("access: TxnOffsetCommit", INVALID_TXN_STATE, ID_REFUSED, ID_REFUSED, ID_REFUSED, ID_REFUSED, "28 TxnOffsetCommit | transactional id")
def _(connection, _):
    return commit_in_transaction(connection, GROUP, TOPIC)


@row("access: TxnOffsetCommit of another's group", GROUP_REFUSED, ID_REFUSED, ID_REFUSED, ID_REFUSED, ID_REFUSED, "28 TxnOffsetCommit | group")
def _(connection, _):
    return commit_in_transaction(connection, quokka.GRANTED, TOPIC)


@row("access: TxnOffsetCommit of another's topic", TOPIC_REFUSED, ID_REFUSED, ID_REFUSED, ID_REFUSED, ID_REFUSED, "28 TxnOffsetCommit | topic, each")
def _(connection, _):
    return commit_in_transaction(connection, GROUP, quokka.UNSEEN)


@row("access: DescribeTransactions", TRANSACTIONAL_ID_NOT_FOUND, ID_REFUSED, ID_REFUSED, ID_REFUSED, TRANSACTIONAL_ID_NOT_FOUND,
     "65 DescribeTransactions | transactional id, each")
def _(connection, _):
    return connection.request("DescribeTransactions", 0, {"transactional_ids": [STRANGER["transactional_id"]]})["transaction_states"][0]["error_code"]


def begin_transaction(server):
    """The owner's, with one topic; it stays open."""
    if getattr(server, "has_open_transaction", False):
        return
    server.has_open_transaction = True
    with server.connect(quokka.OWNER) as connection:
        begun = producer_id(connection, TRANSACTIONAL_ID)
        connection.request("AddPartitionsToTxn", 3, {
            "v3_and_below_transactional_id": TRANSACTIONAL_ID, "v3_and_below_producer_id": begun["producer_id"],
            "v3_and_below_producer_epoch": begun["producer_epoch"], "v3_and_below_topics": [{"name": TOPIC, "partitions": [0]}]})


@row("access: DescribeTransactions with what they touch", [TOPIC], [], [], [], [TOPIC], "65 DescribeTransactions | topics that a transaction touches")
def _(connection, _):
    begin_transaction(connection.server)
    state = connection.request("DescribeTransactions", 0, {"transactional_ids": [TRANSACTIONAL_ID]})["transaction_states"][0]
    return [entry["topic"] for entry in state["topics"]]


@row("access: ListTransactions", LISTED, LEFT_OUT, LEFT_OUT, LEFT_OUT, LISTED, "66 ListTransactions | transactional ids")
def _(connection, _):
    begin_transaction(connection.server)
    answer = connection.request("ListTransactions", 1, {"state_filters": [], "producer_id_filters": [], "duration_filter": -1})
    return LISTED if TRANSACTIONAL_ID in [entry["transactional_id"] for entry in answer["transaction_states"]] else LEFT_OUT


@row("access: DescribeProducers", NONE, NONE, TOPIC_REFUSED, TOPIC_REFUSED, TOPIC_REFUSED, "61 DescribeProducers | topic, each")
def _(connection, _):
    answer = connection.request("DescribeProducers", 0, {"topics": [{"name": TOPIC, "partition_indexes": [0]}]})
    return answer["topics"][0]["partitions"][0]["error_code"]


# ---- topics ----

@row("access: Metadata of a named topic", NONE, NONE, TOPIC_REFUSED, TOPIC_REFUSED, NONE, "3 Metadata | topic, each that is named")
def _(connection, _):
    entry = metadata(connection, [TOPIC])[TOPIC]
    if entry["error_code"] != NONE:
        check_equal(entry["partitions"], [], "partitions of a refused topic")
    return entry["error_code"]


@row("access: Metadata of all topics", LISTED, LISTED, LEFT_OUT, LEFT_OUT, LISTED, "3 Metadata | topics, when all are asked for")
def _(connection, _):
    return LISTED if TOPIC in metadata(connection) else LEFT_OUT


# Version 0 knows no null: an empty list asks for all.
@row("access: Metadata of all topics in version 0", LISTED, LISTED, LEFT_OUT, LEFT_OUT, LISTED, "3 Metadata | topics, when all are asked for")
def _(connection, _):
    return LISTED if TOPIC in metadata(connection, [], version=0) else LEFT_OUT


@row("access: CreateTopics", NONE, TOPIC_REFUSED, TOPIC_REFUSED, TOPIC_REFUSED, TOPIC_REFUSED, "19 CreateTopics | topic, each")
def _(connection, _):
    return create_topic(connection, "online.stock-level", quokka.AS_DECLARED)


@row("access: CreateTopics under a prefix", NONE, TOPIC_REFUSED, TOPIC_REFUSED, TOPIC_REFUSED, TOPIC_REFUSED, "19 CreateTopics | topic, each")
def _(connection, _):
    return create_topic(connection, "storefront.sessions")


# What nobody owns is the platform's.
@row("access: CreateTopics of what nobody owns", TOPIC_REFUSED, TOPIC_REFUSED, TOPIC_REFUSED, TOPIC_REFUSED, NONE, "19 CreateTopics | topic, each")
def _(connection, _):
    return create_topic(connection, "of.nobody")


@row("access: DeleteTopics by name", NONE, TOPIC_REFUSED, TOPIC_REFUSED, TOPIC_REFUSED, TOPIC_REFUSED, "20 DeleteTopics | topic, each by name or id")
def _(connection, _):
    return delete_topic(connection, quokka.BY_NAME)


# To whoever may not see the topic, its id is one that no topic has.
@row("access: DeleteTopics by id", NONE, UNKNOWN_TOPIC_ID, UNKNOWN_TOPIC_ID, UNKNOWN_TOPIC_ID, TOPIC_REFUSED, "20 DeleteTopics | topic, each by name or id")
def _(connection, _):
    return delete_topic_by_id(connection, connection.server.deletable_id)


@row("access: DeleteTopics by an id that no topic has", UNKNOWN_TOPIC_ID, UNKNOWN_TOPIC_ID, UNKNOWN_TOPIC_ID, UNKNOWN_TOPIC_ID, UNKNOWN_TOPIC_ID,
     "20 DeleteTopics | topic, each by name or id")
def _(connection, _):
    return delete_topic_by_id(connection, uuid.UUID(int=5))


# ---- changes of a topic that exists ----

# What the owner asks for changes nothing: the decision was passed, and 37 = INVALID_PARTITIONS, 1 = OFFSET_OUT_OF_RANGE.
@row("access: CreatePartitions", 37, TOPIC_REFUSED, TOPIC_REFUSED, TOPIC_REFUSED, TOPIC_REFUSED, "37 CreatePartitions | topic, each")
def _(connection, _):
    return grow(connection, TOPIC, len(metadata(connection, [TOPIC])[TOPIC]["partitions"]))[0]


@row("access: DeleteRecords", 1, TOPIC_REFUSED, TOPIC_REFUSED, TOPIC_REFUSED, TOPIC_REFUSED, "21 DeleteRecords | topic, each")
def _(connection, _):
    return delete_records(connection, TOPIC, 1 << 40)["error_code"]


@row("access: AlterConfigs of a topic", NONE, TOPIC_REFUSED, TOPIC_REFUSED, TOPIC_REFUSED, TOPIC_REFUSED, "33 AlterConfigs | topic, each")
def _(connection, _):
    return replace(connection, quokka.SETTINGS, {})[0]


@row("access: AlterConfigs of the broker", CLUSTER_REFUSED, CLUSTER_REFUSED, CLUSTER_REFUSED, CLUSTER_REFUSED, INVALID_REQUEST,
     "33 AlterConfigs | broker and anything else, each")
def _(connection, _):
    return replace(connection, "1", {"num.partitions": "2"}, kind=BROKER_CONFIG)[0]


@row("access: IncrementalAlterConfigs of a topic", NONE, TOPIC_REFUSED, TOPIC_REFUSED, TOPIC_REFUSED, TOPIC_REFUSED,
     "44 IncrementalAlterConfigs | topic, each")
def _(connection, _):
    return alter(connection, quokka.SETTINGS, [])[0]


@row("access: IncrementalAlterConfigs of the broker", CLUSTER_REFUSED, CLUSTER_REFUSED, CLUSTER_REFUSED, CLUSTER_REFUSED, INVALID_REQUEST,
     "44 IncrementalAlterConfigs | broker and anything else, each")
def _(connection, _):
    return alter(connection, "1", [("num.partitions", SET, "2")], kind=BROKER_CONFIG)[0]


def describe_config(connection, kind, name):
    answer = connection.request("DescribeConfigs", 4, {"resources": [{"resource_type": kind, "resource_name": name, "configuration_keys": None}]})
    if answer["results"][0]["error_code"] != NONE:
        check_equal(answer["results"][0]["configs"], [], "settings of what was refused")
    return answer["results"][0]["error_code"]


@row("access: DescribeConfigs of a topic", NONE, NONE, TOPIC_REFUSED, TOPIC_REFUSED, NONE, "32 DescribeConfigs | topic, each")
def _(connection, _):
    return describe_config(connection, 2, TOPIC)


@row("access: DescribeConfigs of the broker", CLUSTER_REFUSED, CLUSTER_REFUSED, CLUSTER_REFUSED, CLUSTER_REFUSED, NONE,
     "32 DescribeConfigs | broker and anything else, each")
def _(connection, _):
    return describe_config(connection, BROKER_CONFIG, str(connection.request("Metadata", 8, {"topics": []})["brokers"][0]["node_id"]))


@row("access: DescribeConfigs of all brokers", CLUSTER_REFUSED, CLUSTER_REFUSED, CLUSTER_REFUSED, CLUSTER_REFUSED, NONE,
     "32 DescribeConfigs | broker and anything else, each")
def _(connection, _):
    return describe_config(connection, BROKER_CONFIG, "")


# 42 = INVALID_REQUEST: the decision was passed, and there are no such settings.
@row("access: DescribeConfigs of a kind that is not served", CLUSTER_REFUSED, CLUSTER_REFUSED, CLUSTER_REFUSED, CLUSTER_REFUSED, INVALID_REQUEST,
     "32 DescribeConfigs | broker and anything else, each")
def _(connection, _):
    return describe_config(connection, BROKER_LOGGER_CONFIG, "0")


@row("access: DescribeCluster", NONE, NONE, NONE, NONE, NONE, "60 DescribeCluster | –")
def _(connection, _):
    return connection.request("DescribeCluster", 1)["error_code"]


def placements(connection):
    return connection.request("AlterPartitionReassignments", 0, {"timeout_ms": 1000, "topics": [
        {"name": TOPIC, "partitions": [{"partition_index": 0, "replicas": None}]}]})


@row("access: DescribeLogDirs", CLUSTER_REFUSED, CLUSTER_REFUSED, CLUSTER_REFUSED, CLUSTER_REFUSED, NONE, "35 DescribeLogDirs | cluster")
def _(connection, _):
    answer = connection.request("DescribeLogDirs", 4, {"topics": None})
    if answer["error_code"] != NONE:
        check_equal(answer["results"], [], "directories of a refused answer")
    return answer["error_code"]


# 84 = ELECTION_NOT_NEEDED: the decision was passed, and the partition has its leader.
@row("access: ElectLeaders", CLUSTER_REFUSED, CLUSTER_REFUSED, CLUSTER_REFUSED, CLUSTER_REFUSED, 84, "43 ElectLeaders | cluster")
def _(connection, _):
    asked = {"election_type": 0, "topic_partitions": [{"topic": TOPIC, "partitions": [0]}], "timeout_ms": 1000}
    codes = [connection.request("ElectLeaders", version, asked)["replica_election_results"][0]["partition_result"][0]["error_code"] for version in (0, 2)]
    check_equal(codes[0], codes[1], "version 0 beside version 2")
    return codes[0]


@row("access: AlterPartitionReassignments", CLUSTER_REFUSED, CLUSTER_REFUSED, CLUSTER_REFUSED, CLUSTER_REFUSED, NONE,
     "45 AlterPartitionReassignments | cluster")
def _(connection, _):
    return placements(connection)["error_code"]


@row("access: ListPartitionReassignments", CLUSTER_REFUSED, CLUSTER_REFUSED, CLUSTER_REFUSED, CLUSTER_REFUSED, NONE,
     "46 ListPartitionReassignments | cluster")
def _(connection, _):
    return connection.request("ListPartitionReassignments", 0, {"timeout_ms": 1000, "topics": None})["error_code"]


@row("access: DescribeUserScramCredentials", CLUSTER_REFUSED, CLUSTER_REFUSED, CLUSTER_REFUSED, CLUSTER_REFUSED, NONE,
     "50 DescribeUserScramCredentials | cluster")
def _(connection, _):
    answer = connection.request("DescribeUserScramCredentials", 0, {"users": None})
    if answer["error_code"] != NONE:
        check_equal(answer["results"], [], "users of a refused answer")
    return answer["error_code"]


# The platform role gets past the decision, to a user that does not exist.
@row("access: AlterUserScramCredentials", CLUSTER_REFUSED, CLUSTER_REFUSED, CLUSTER_REFUSED, CLUSTER_REFUSED, RESOURCE_NOT_FOUND,
     "51 AlterUserScramCredentials | cluster")
def _(connection, _):
    return connection.request("AlterUserScramCredentials", 0, {"deletions": [{"name": "nobody", "mechanism": 1}]})["results"][0]["error_code"]


@row("access: DescribeClientQuotas", CLUSTER_REFUSED, CLUSTER_REFUSED, CLUSTER_REFUSED, CLUSTER_REFUSED, NONE, "48 DescribeClientQuotas | cluster")
def _(connection, _):
    answer = connection.request("DescribeClientQuotas", 1, {"components": [], "strict": False})
    if answer["error_code"] != NONE:
        check_equal(answer["entries"], None, "quotas of a refused answer")
    return answer["error_code"]


@row("access: AlterClientQuotas", CLUSTER_REFUSED, CLUSTER_REFUSED, CLUSTER_REFUSED, CLUSTER_REFUSED, NONE, "49 AlterClientQuotas | cluster")
def _(connection, kind):
    entity, remove = [{"entity_type": "user", "entity_name": kind}], [{"key": "producer_byte_rate", "value": 0.0, "remove": True}]
    answer = connection.request("AlterClientQuotas", 1, {"entries": [{"entity": entity, "ops": remove}], "validate_only": False})
    check_equal(answer["entries"][0]["entity"], entity, "the entity")
    return answer["entries"][0]["error_code"]


# ---- ACLs ----

@row("access: DescribeAcls", CLUSTER_REFUSED, CLUSTER_REFUSED, CLUSTER_REFUSED, CLUSTER_REFUSED, NONE, "29 DescribeAcls | cluster")
def _(connection, _):
    answers = [describe_acls(connection, version=version) for version in (0, 1, 2, 3)]
    check_equal({bool(answer["resources"]) for answer in answers}, {answers[0]["error_code"] == NONE}, "whether ACLs are told")
    check_equal({answer["error_code"] for answer in answers}, {answers[0]["error_code"]}, "codes of all versions")
    return answers[0]["error_code"]


# Whoever may alter the cluster gets past the decision: access is declared in the model.
@row("access: CreateAcls", CLUSTER_REFUSED, CLUSTER_REFUSED, CLUSTER_REFUSED, CLUSTER_REFUSED, POLICY_VIOLATION, "30 CreateAcls | cluster")
def _(connection, _):
    codes = {create_acls(connection, acl(), version=version)[0]["error_code"] for version in (0, 1, 2, 3)}
    check_equal(len(codes), 1, "codes of all versions")
    return codes.pop()


@row("access: DeleteAcls", CLUSTER_REFUSED, CLUSTER_REFUSED, CLUSTER_REFUSED, CLUSTER_REFUSED, POLICY_VIOLATION, "31 DeleteAcls | cluster")
def _(connection, _):
    results = [delete_acls(connection, version=version)[0] for version in (0, 1, 2, 3)]
    check_equal([result["matching_acls"] for result in results], [[]] * 4, "ACLs that are gone")
    check_equal(len({result["error_code"] for result in results}), 1, "codes of all versions")
    return results[0]["error_code"]


# ---- groups ----

@row("access: FindCoordinator of a group", NONE, GROUP_REFUSED, GROUP_REFUSED, GROUP_REFUSED, NONE, "10 FindCoordinator | group, each")
def _(connection, _):
    answer = connection.request("FindCoordinator", 2, {"key": GROUP, "key_type": 0})
    if answer["error_code"] != NONE:
        check_equal(answer["node_id"], -1, "node of a refused group")
    return answer["error_code"]


@row("access: FindCoordinator of groups in a list", NONE, GROUP_REFUSED, GROUP_REFUSED, GROUP_REFUSED, NONE, "10 FindCoordinator | group, each")
def _(connection, _):
    answer = connection.request("FindCoordinator", 4, {"coordinator_keys": [GROUP], "key_type": 0})
    return answer["coordinators"][0]["error_code"]


@row("access: FindCoordinator of a transactional id", NONE, ID_REFUSED, ID_REFUSED, ID_REFUSED, NONE, "10 FindCoordinator | transactional id, each")
def _(connection, _):
    return connection.request("FindCoordinator", 2, {"key": TRANSACTIONAL_ID, "key_type": 1})["error_code"]


def join(connection, group):
    protocols = [{"name": "range", "metadata": b"\0"}]
    return connection.request("JoinGroup", 2, {"group_id": group, "session_timeout_ms": 10000, "rebalance_timeout_ms": 10000, "member_id": "",
                                               "protocol_type": "consumer", "protocols": protocols})


@row("access: JoinGroup", NONE, GROUP_REFUSED, GROUP_REFUSED, GROUP_REFUSED, GROUP_REFUSED, "11 JoinGroup | group")
def _(connection, _):
    answer = join(connection, "storefront-joining")
    if answer["error_code"] == NONE:
        connection.request("LeaveGroup", 1, {"group_id": "storefront-joining", "member_id": answer["member_id"]})
    return answer["error_code"]


MEMBER = {"group_id": GROUP, "generation_id": 1, "member_id": "nobody"}


# The owner gets past the decision, to a member that does not exist.
@row("access: SyncGroup", UNKNOWN_MEMBER_ID, GROUP_REFUSED, GROUP_REFUSED, GROUP_REFUSED, GROUP_REFUSED, "14 SyncGroup | group")
def _(connection, _):
    return connection.request("SyncGroup", 2, MEMBER)["error_code"]


@row("access: Heartbeat", UNKNOWN_MEMBER_ID, GROUP_REFUSED, GROUP_REFUSED, GROUP_REFUSED, GROUP_REFUSED, "12 Heartbeat | group")
def _(connection, _):
    return connection.request("Heartbeat", 2, MEMBER)["error_code"]


@row("access: LeaveGroup", UNKNOWN_MEMBER_ID, GROUP_REFUSED, GROUP_REFUSED, GROUP_REFUSED, GROUP_REFUSED, "13 LeaveGroup | group")
def _(connection, _):
    return connection.request("LeaveGroup", 1, {"group_id": GROUP, "member_id": "nobody"})["error_code"]


@row("access: OffsetCommit to a group", NONE, GROUP_REFUSED, GROUP_REFUSED, GROUP_REFUSED, GROUP_REFUSED, "8 OffsetCommit | group")
def _(connection, _):
    return commit(connection, GROUP, TOPIC)


OWN_GROUPS = dict(zip(KINDS, (GROUP, "sales-unifier", "marketing-insights", "storefront", "storefront")))


# Each within a group of its own where it has one; the unknown principal and the platform person have none.
@row("access: OffsetCommit of a topic", NONE, NONE, TOPIC_REFUSED, GROUP_REFUSED, GROUP_REFUSED, "8 OffsetCommit | topic, each")
def _(connection, kind):
    return commit(connection, OWN_GROUPS[kind], TOPIC)


def fetch_offsets(connection, group, topics, version=7):
    if version >= 8:
        return connection.request("OffsetFetch", version, {"groups": [{"group_id": group, "topics": topics}]})["groups"][0]
    return connection.request("OffsetFetch", version, {"group_id": group, "topics": topics})


NAMED = [{"name": TOPIC, "partition_indexes": [0]}]


@row("access: OffsetFetch of a group", NONE, GROUP_REFUSED, GROUP_REFUSED, GROUP_REFUSED, NONE, "9 OffsetFetch | group, each")
def _(connection, _):
    return fetch_offsets(connection, GROUP, NAMED)["error_code"]


@row("access: OffsetFetch of groups in a list", NONE, GROUP_REFUSED, GROUP_REFUSED, GROUP_REFUSED, NONE, "9 OffsetFetch | group, each")
def _(connection, _):
    return fetch_offsets(connection, GROUP, NAMED, 8)["error_code"]


@row("access: OffsetFetch of a named topic", NONE, NONE, TOPIC_REFUSED, GROUP_REFUSED, NONE, "9 OffsetFetch | topic, each that is named")
def _(connection, kind):
    answer = fetch_offsets(connection, OWN_GROUPS[kind], NAMED, 8)
    return answer["error_code"] or answer["topics"][0]["partitions"][0]["error_code"]


@row("access: OffsetFetch of all topics", LISTED, LISTED, LEFT_OUT, GROUP_REFUSED, LISTED, "9 OffsetFetch | topics, when all are asked for")
def _(connection, kind):
    answer = fetch_offsets(connection, OWN_GROUPS[kind], None)
    if answer["error_code"] != NONE:
        return answer["error_code"]
    return LISTED if TOPIC in [entry["name"] for entry in answer["topics"]] else LEFT_OUT


@row("access: DescribeGroups", NONE, GROUP_REFUSED, GROUP_REFUSED, GROUP_REFUSED, NONE, "15 DescribeGroups | group, each")
def _(connection, _):
    return connection.request("DescribeGroups", 4, {"groups": [GROUP]})["groups"][0]["error_code"]


@row("access: ListGroups", LISTED, LEFT_OUT, LEFT_OUT, LEFT_OUT, LISTED, "16 ListGroups | groups")
def _(connection, _):
    return LISTED if GROUP in [entry["group_id"] for entry in connection.request("ListGroups", 3)["groups"]] else LEFT_OUT


def join_newer(connection, group, names=None, pattern=None):
    """A member of the newer protocol, under an id that all share: it joins and leaves."""
    answer = connection.request("ConsumerGroupHeartbeat", 1, {
        "group_id": group, "member_id": "member", "member_epoch": 0, "rebalance_timeout_ms": 10000, "topic_partitions": [],
        "subscribed_topic_names": names, "subscribed_topic_regex": pattern})
    if answer["error_code"] == NONE:
        connection.request("ConsumerGroupHeartbeat", 1, {"group_id": group, "member_id": "member", "member_epoch": -1})
    return answer


@row("access: ConsumerGroupHeartbeat", NONE, GROUP_REFUSED, GROUP_REFUSED, GROUP_REFUSED, GROUP_REFUSED, "68 ConsumerGroupHeartbeat | group")
def _(connection, _):
    return join_newer(connection, "storefront-newer", [TOPIC])["error_code"]


NEWER_GROUPS = {kind: group + "-newer" for kind, group in OWN_GROUPS.items()}


# Each within a group of its own where it has one.
@row("access: ConsumerGroupHeartbeat with a topic", NONE, NONE, TOPIC_REFUSED, GROUP_REFUSED, GROUP_REFUSED,
     "68 ConsumerGroupHeartbeat | topic, each that is named")
def _(connection, kind):
    return join_newer(connection, NEWER_GROUPS[kind], [TOPIC])["error_code"]


@row("access: ConsumerGroupHeartbeat with a pattern", 1, 1, 0, GROUP_REFUSED, GROUP_REFUSED, "68 ConsumerGroupHeartbeat | topics that a pattern names")
def _(connection, kind):
    answer = join_newer(connection, NEWER_GROUPS[kind] + "-by-pattern", pattern="online[.]order|payments.*")
    return answer["error_code"] or len(answer["assignment"]["topic_partitions"])


def stay_newer(server):
    """A member of the owner's that stays; its group."""
    group = "storefront-staying"
    with server.connect(quokka.OWNER) as connection:
        connection.request("ConsumerGroupHeartbeat", 1, {"group_id": group, "member_id": "member", "member_epoch": 0, "rebalance_timeout_ms": 10000,
                                                         "topic_partitions": [], "subscribed_topic_names": [TOPIC], "subscribed_topic_regex": None})
    return group


@row("access: ConsumerGroupDescribe", NONE, GROUP_REFUSED, GROUP_REFUSED, GROUP_REFUSED, NONE, "69 ConsumerGroupDescribe | group, each")
def _(connection, _):
    return connection.request("ConsumerGroupDescribe", 1, {"group_ids": [stay_newer(connection.server)]})["groups"][0]["error_code"]


# Whoever may describe the group may describe what its members read: the owner, because it reads it, and the platform.
@row("access: ConsumerGroupDescribe of what is read", [TOPIC], [], [], [], [TOPIC], "69 ConsumerGroupDescribe | topics of its members")
def _(connection, _):
    group = connection.request("ConsumerGroupDescribe", 1, {"group_ids": [stay_newer(connection.server)]})["groups"][0]
    return [name for member in group["members"] for name in member["subscribed_topic_names"]]


# The owner gets past the decision, to a group that does not exist.
@row("access: DeleteGroups", GROUP_ID_NOT_FOUND, GROUP_REFUSED, GROUP_REFUSED, GROUP_REFUSED, GROUP_REFUSED, "42 DeleteGroups | group, each")
def _(connection, _):
    return connection.request("DeleteGroups", 1, {"groups_names": ["storefront-gone"]})["results"][0]["error_code"]


def delete_offset(connection, group, partition):
    return connection.request("OffsetDelete", 0, {"group_id": group, "topics": [{"name": TOPIC, "partitions": [{"partition_index": partition}]}]})


@row("access: OffsetDelete of a group", NONE, GROUP_REFUSED, GROUP_REFUSED, GROUP_REFUSED, GROUP_REFUSED, "47 OffsetDelete | group")
def _(connection, _):
    return delete_offset(connection, GROUP, 0)["error_code"]


# Each within a group of its own where it has one, like the commits above.
@row("access: OffsetDelete of a topic", NONE, NONE, TOPIC_REFUSED, GROUP_REFUSED, GROUP_REFUSED, "47 OffsetDelete | topic, each")
def _(connection, kind):
    commit(connection, OWN_GROUPS[kind], TOPIC)
    answer = delete_offset(connection, OWN_GROUPS[kind], 0)
    return answer["error_code"] or answer["topics"][0]["partitions"][0]["error_code"]


# Tested elsewhere: sign-in by bad_input, creation on first use by access.
COVERED |= {"17 SaslHandshake | –", "36 SaslAuthenticate | –", "3 Metadata | topic, when it would be created"}


@suite.test
def every_row_of_the_access_table_has_a_test(bench):
    page = subprocess.run([bench.binary, "access-table"], capture_output=True, text=True, check=True).stdout
    rows = {" | ".join(cell.strip() for cell in line.strip("|").split("|")[:2]) for line in page.splitlines() if line.startswith("| ") and line[2].isdigit()}
    check_equal(sorted(rows - COVERED), [], "rows without a test")
    check_equal(sorted(COVERED - rows), [], "tests of rows that are gone")


@suite.test
def what_is_advertised_is_in_the_access_table(bench):
    page = subprocess.run([bench.binary, "access-table"], capture_output=True, text=True, check=True).stdout
    in_table = {int(line[2:].split(" ")[0]) for line in page.splitlines() if line.startswith("| ") and line[2].isdigit()}
    with quokka.closed(bench).connect(quokka.OWNER) as connection:
        advertised = {entry["api_key"] for entry in connection.request("ApiVersions", 0)["api_keys"]}
    check_equal(sorted(advertised), sorted(in_table), "advertised APIs")
