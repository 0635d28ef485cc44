"""Access to records, and to transactions."""
import uuid

import quokka
from access_row import GROUP_REFUSED, ID_REFUSED, LEFT_OUT, LISTED, Rows, TOPIC_REFUSED
from batch import batch
from errors import INVALID_PRODUCER_ID_MAPPING, INVALID_TXN_STATE, NONE, TRANSACTIONAL_ID_NOT_FOUND, UNKNOWN_TOPIC_ID
from kafka import fetch, list_offset, produce, producer_id
from quokka import GROUP, TOPIC, TRANSACTIONAL_ID
from suite import check, check_equal

suite = Rows()
row = suite.row


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
