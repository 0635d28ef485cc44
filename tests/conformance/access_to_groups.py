"""Access to consumer groups and what they committed."""
import quokka
from access_row import GROUP_REFUSED, ID_REFUSED, LEFT_OUT, LISTED, Rows, TOPIC_REFUSED
from errors import GROUP_ID_NOT_FOUND, NONE, UNKNOWN_MEMBER_ID
from kafka import commit
from quokka import GROUP, KINDS, TOPIC, TRANSACTIONAL_ID
from suite import check_equal

suite = Rows()
row = suite.row


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
