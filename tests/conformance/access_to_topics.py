"""Access to topics, to what changes them, and to the node itself."""
import uuid

import quokka
from access_row import CLUSTER_REFUSED, LEFT_OUT, LISTED, Rows, TOPIC_REFUSED
from errors import INVALID_REQUEST, NONE, RESOURCE_NOT_FOUND, UNKNOWN_TOPIC_ID
from kafka import create_topic, delete_topic, delete_topic_by_id, metadata
from quokka import TOPIC
from suite import check_equal
from topic_changes import SET, alter, delete_records, grow, replace

suite = Rows()
row = suite.row
BROKER_CONFIG, BROKER_LOGGER_CONFIG = 4, 8  # Kafka's ConfigResource.Type; 2 is a topic


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
