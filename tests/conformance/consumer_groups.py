"""Groups of the newer protocol (KIP-848) on the wire: the server shares out, and hands over what was given up. Expected codes are those of Apache
Kafka 4.3.1."""
import struct

from errors import (FENCED_INSTANCE_ID, FENCED_MEMBER_EPOCH, GROUP_ID_NOT_FOUND, GROUP_SUBSCRIBED_TO_TOPIC, INVALID_REGULAR_EXPRESSION,
                    INVALID_REQUEST, NON_EMPTY_GROUP, NONE, REBALANCE_IN_PROGRESS, STALE_MEMBER_EPOCH, UNKNOWN_MEMBER_ID, UNRELEASED_INSTANCE_ID,
                    UNSUPPORTED_ASSIGNOR, UNSUPPORTED_VERSION)
from group_removal import delete, delete_offset
from kafka import create_topic, metadata
from server import Server
from suite import Suite, check, check_code, check_equal
from upstream import front

suite = Suite()
TOPIC = "orders"


def open_server(bench):
    def start():
        server = Server(bench.binary, bench.fresh(), dev=True).start()
        with server.connect() as connection:
            check_code(create_topic(connection, TOPIC, 4), NONE, "create")
        return server
    return bench.keep("consumer groups", start)


class Member:
    """Calls as a consumer does, and gives up and takes at once."""

    def __init__(self, connection, group, member_id, names=None, pattern=None, instance=None):
        self.connection, self.who = connection, {"group_id": group, "member_id": member_id, "instance_id": instance}
        self.names, self.pattern, self.epoch, self.owned = names, pattern, 0, {}

    def call(self, version=1, **more):
        body = dict(self.who, member_epoch=self.epoch) | more
        answer = self.connection.request("ConsumerGroupHeartbeat", version, body)
        if answer["error_code"] == NONE:
            self.epoch = answer["member_epoch"]
        if answer["assignment"] is not None:
            self.owned = {topic["topic_id"]: topic["partitions"] for topic in answer["assignment"]["topic_partitions"]}
        return answer

    def join(self, **more):
        self.epoch, self.owned = 0, {}
        return self.call(**{"rebalance_timeout_ms": 10000, "topic_partitions": [], "subscribed_topic_names": self.names,
                            "subscribed_topic_regex": self.pattern} | more)

    def beat(self):
        return self.call(topic_partitions=[{"topic_id": topic, "partitions": partitions} for topic, partitions in self.owned.items()])

    def partitions(self):
        return sorted(partition for partitions in self.owned.values() for partition in partitions)


def describe(connection, group):
    return connection.request("ConsumerGroupDescribe", 1, {"group_ids": [group]})["groups"][0]


def settle(connection, group, *members):
    for _ in range(20):
        for member in members:
            check_code(member.beat()["error_code"], NONE, "beat")
        if describe(connection, group)["group_state"] == "Stable":
            return
    raise AssertionError(f"{group} does not settle: {describe(connection, group)}")


@suite.test
def members_share_a_topic_and_a_partition_moves_when_it_was_given_up(bench):
    with open_server(bench).connect() as connection:
        first, second = (Member(connection, "sharing", name, [TOPIC]) for name in ("a", "b"))
        check_code(first.join()["error_code"], NONE, "join")
        check_equal(first.partitions(), [0, 1, 2, 3], "partitions of the only member")
        check_code(second.join()["error_code"], NONE, "join")
        check_equal(second.partitions(), [], "partitions before the first has given any up")
        settle(connection, "sharing", first, second)
        check_equal((len(first.partitions()), sorted(first.partitions() + second.partitions())), (2, [0, 1, 2, 3]), "shares")
        check_equal(second.call(member_epoch=-1)["error_code"], NONE, "leave")
        settle(connection, "sharing", first)
        check_equal(first.partitions(), [0, 1, 2, 3], "partitions of who stays")


@suite.test
def a_group_is_what_it_was_after_a_kill(bench):
    directory = bench.fresh()
    server = bench.enter(Server(bench.binary, directory, dev=True))
    with server.connect() as connection:
        check_code(create_topic(connection, TOPIC, 4), NONE, "create")
        members = [Member(connection, "killed", name, [TOPIC], instance=f"till-{name}") for name in ("a", "b")]
        for member in members:
            member.join()
        settle(connection, "killed", *members)
        before = describe(connection, "killed")
    server.kill()
    again = bench.enter(Server(bench.binary, directory, dev=True))
    with again.connect() as connection:
        check_equal(describe(connection, "killed"), before, "description")
        for member in members:
            member.connection = connection
        settle(connection, "killed", *members)
        check_equal(sorted(members[0].partitions() + members[1].partitions()), [0, 1, 2, 3], "shares")


@suite.test
def a_new_topic_and_new_partitions_reach_whoever_named_them(bench):
    with open_server(bench).connect() as connection:
        named, matched = Member(connection, "growing-named", "a", ["grown"]), Member(connection, "growing-matched", "a", pattern="gro.*")
        for member in (named, matched):
            check_code(member.join()["error_code"], NONE, "join")
            check_equal(member.partitions(), [], "before the topic exists")
        check_code(create_topic(connection, "grown", 1), NONE, "create")
        for member in (named, matched):
            member.beat()
            check_equal(member.partitions(), [0], "once it exists")
        connection.request("CreatePartitions", 3, {"topics": [{"name": "grown", "count": 3, "assignments": None}], "timeout_ms": 5000})
        for member in (named, matched):
            member.beat()
            check_equal(member.partitions(), [0, 1, 2], "once it has grown")


@suite.test
def what_is_wrong_is_refused_as_kafka_refuses_it(bench):
    with open_server(bench).connect() as connection:
        member = Member(connection, "refusing", "a", [TOPIC])
        for expected, change in (
                (INVALID_REQUEST, {"group_id": ""}), (INVALID_REQUEST, {"member_id": ""}), (INVALID_REQUEST, {"instance_id": ""}),
                (INVALID_REQUEST, {"rack_id": ""}), (INVALID_REQUEST, {"rebalance_timeout_ms": -1}), (INVALID_REQUEST, {"topic_partitions": None}),
                (INVALID_REQUEST, {"subscribed_topic_names": None}), (INVALID_REQUEST, {"member_epoch": -3}), (INVALID_REQUEST, {"member_epoch": -2}),
                (UNSUPPORTED_ASSIGNOR, {"server_assignor": "x"}), (INVALID_REGULAR_EXPRESSION, {"subscribed_topic_regex": "a("}),
                (INVALID_REGULAR_EXPRESSION, {"subscribed_topic_regex": "(a)\\1"}), (GROUP_ID_NOT_FOUND, {"member_epoch": 5}),
                (GROUP_ID_NOT_FOUND, {"member_epoch": -1})):
            answer = member.join(**change)
            check_code(answer["error_code"], expected, f"{change}")
            check(answer["error_message"], f"{change} is refused without a word")
        check_code(describe(connection, "refusing")["error_code"], GROUP_ID_NOT_FOUND, "the group")
        check_code(member.join()["error_code"], NONE, "join")
        check_code(member.call(member_epoch=9)["error_code"], FENCED_MEMBER_EPOCH, "another epoch")
        check_code(member.call(member_id="b")["error_code"], UNKNOWN_MEMBER_ID, "another member")


@suite.test
def an_instance_id_has_one_member(bench):
    with open_server(bench).connect() as connection:
        first, second = (Member(connection, "static", name, [TOPIC], instance="till") for name in ("a", "b"))
        first.join()
        epoch = first.epoch
        check_code(second.join()["error_code"], UNRELEASED_INSTANCE_ID, "while the first is there")
        check_code(second.call(member_epoch=epoch)["error_code"], FENCED_INSTANCE_ID, "in its epoch")
        check_equal(first.call(member_epoch=-2)["member_epoch"], -2, "goes away")
        check_code(second.join()["error_code"], NONE, "takes over")
        check_equal((second.epoch, second.partitions()), (epoch, [0, 1, 2, 3]), "what was the first one's")
        check_code(first.call(member_epoch=epoch)["error_code"], FENCED_INSTANCE_ID, "the first")


def commit(connection, version, member_id, epoch, group="committing"):
    answer = connection.request("OffsetCommit", version, {"group_id": group, "member_id": member_id, "generation_id_or_member_epoch": epoch, "topics": [
        {"name": TOPIC, "partitions": [{"partition_index": 0, "committed_offset": 3, "committed_metadata": ""}]}]})
    return answer["topics"][0]["partitions"][0]["error_code"]


def fetched(connection, member_id, epoch):
    return connection.request("OffsetFetch", 9, {"groups": [{"group_id": "committing", "member_id": member_id, "member_epoch": epoch, "topics": [
        {"name": TOPIC, "partition_indexes": [0]}]}]})["groups"][0]


@suite.test
def offsets_are_committed_and_fetched_in_the_members_epoch(bench):
    with open_server(bench).connect() as connection:
        member = Member(connection, "committing", "a", [TOPIC])
        member.join()
        found = [commit(connection, 9, "a", member.epoch), commit(connection, 9, "a", member.epoch + 1), commit(connection, 9, "b", member.epoch),
                 commit(connection, 9, "", -1), commit(connection, 8, "a", member.epoch), commit(connection, 9, "a", 1, "committing-not-there")]
        check_equal(found, [NONE, STALE_MEMBER_EPOCH, UNKNOWN_MEMBER_ID, UNKNOWN_MEMBER_ID, UNSUPPORTED_VERSION, GROUP_ID_NOT_FOUND], "commits")
        check_equal(fetched(connection, "a", member.epoch)["topics"][0]["partitions"][0]["committed_offset"], 3, "offset")
        check_equal([fetched(connection, *who)["error_code"] for who in (("a", 0), ("b", 1), (None, -1))],
                    [STALE_MEMBER_EPOCH, UNKNOWN_MEMBER_ID, NONE], "fetches")
        check_equal(delete_offset(connection, "committing", TOPIC), (NONE, GROUP_SUBSCRIBED_TO_TOPIC), "an offset of what is read")
        check_equal(delete(connection, "committing"), {"committing": NON_EMPTY_GROUP}, "deletion")


@suite.test
def what_a_pattern_brought_is_asked_for_by_id_with_an_empty_name(bench):
    """As Kafka's Java consumer does."""
    with open_server(bench).connect() as connection:
        identity = metadata(connection, [TOPIC], version=12)[TOPIC]["topic_id"]
        answer = connection.request("Metadata", 12, {"topics": [{"topic_id": identity, "name": ""}], "allow_auto_topic_creation": True})
        check_equal([(topic["error_code"], topic["name"]) for topic in answer["topics"]], [(NONE, TOPIC)], "topics")


@suite.test
def before_a_cluster_members_share_by_name_and_patterns_are_refused(bench):
    with front(bench).connect() as connection:
        check_code(create_topic(connection, TOPIC, 2), NONE, "create")
        member = Member(connection, "passed-on", "a", [TOPIC], pattern="")
        check_code(member.join()["error_code"], NONE, "join")
        check_equal(member.partitions(), [0, 1], "partitions")
        check_code(commit(connection, 9, "a", member.epoch, "passed-on"), NONE, "commit")
        check_equal(describe(connection, "passed-on")["members"][0]["subscribed_topic_names"], [TOPIC], "what the cluster knows")
        check_code(Member(connection, "passed-on", "b", pattern="o.*").join()["error_code"], INVALID_REGULAR_EXPRESSION, "a pattern")


@suite.test
def groups_are_listed_with_their_type(bench):
    with open_server(bench).connect() as connection:
        Member(connection, "listed", "a", [TOPIC]).join()

        def listed(**filters):
            answer = connection.request("ListGroups", 5, {"states_filter": [], "types_filter": []} | filters)
            return [(group["group_state"], group["group_type"], group["protocol_type"]) for group in answer["groups"] if group["group_id"] == "listed"]
        check_equal(listed(), [("Stable", "consumer", "consumer")], "group")
        check_equal(listed(types_filter=["Consumer"], states_filter=["stable"]), listed(), "by type and state")
        check_equal((listed(types_filter=["classic"]), listed(states_filter=["Empty"])), ([], []), "by another")
        check_equal(connection.request("DescribeGroups", 5, {"groups": ["listed"]})["groups"][0]["group_state"], "Dead", "as of a classic group")


def embedded(*owned):
    """What a classic consumer says of itself, in version 1: it wants the topic and holds these partitions of it."""
    name = struct.pack(">h", len(TOPIC)) + TOPIC.encode()
    held = struct.pack(">i", 1) + name + struct.pack(f">i{len(owned)}i", len(owned), *owned) if owned else struct.pack(">i", 0)
    return struct.pack(">hi", 1, 1) + name + struct.pack(">i", -1) + held


def partitions_in(assignment):
    count, at = struct.unpack_from(">i", assignment, 2)[0], 6
    if count == 0:
        return []
    at += 2 + struct.unpack_from(">h", assignment, at)[0]
    return list(struct.unpack_from(f">{struct.unpack_from('>i', assignment, at)[0]}i", assignment, at + 4))


class Classic:
    def __init__(self, connection, group):
        self.connection, self.group, self.id, self.generation = connection, group, "", -1

    def join(self, *owned):
        while True:
            answer = self.connection.request("JoinGroup", 5, {"group_id": self.group, "session_timeout_ms": 10000, "rebalance_timeout_ms": 10000, "member_id": self.id,
                                                              "protocol_type": "consumer", "protocols": [{"name": "range", "metadata": embedded(*owned)}]})
            self.id, self.generation = answer["member_id"], answer["generation_id"]
            if answer["error_code"] == NONE:
                return answer

    def sync(self, assignments=()):
        answer = self.connection.request("SyncGroup", 5, {"group_id": self.group, "generation_id": self.generation, "member_id": self.id, "protocol_type": "consumer",
                                                          "protocol_name": "range", "assignments": assignments})
        check_code(answer["error_code"], NONE, "sync")
        return partitions_in(answer["assignment"])

    def beat(self):
        return self.connection.request("Heartbeat", 4, {"group_id": self.group, "member_id": self.id, "generation_id": self.generation})["error_code"]


@suite.test
def a_classic_group_changes_its_protocol_with_its_members_and_back(bench):
    server = open_server(bench)
    with server.connect() as connection, server.connect() as other:
        classic, newer = Classic(other, "changing"), Member(connection, "changing", "n", [TOPIC])
        classic.join()
        everything = struct.pack(">hih", 1, 1, len(TOPIC)) + TOPIC.encode() + struct.pack(">5ii", 4, 0, 1, 2, 3, -1)
        check_equal(classic.sync([{"member_id": classic.id, "assignment": everything}]), [0, 1, 2, 3], "alone")
        check_code(newer.join()["error_code"], NONE, "join")
        check_equal(newer.partitions(), [], "before anything was given up")
        check_code(classic.beat(), REBALANCE_IN_PROGRESS, "the classic member is called back")
        classic.join(0, 1, 2, 3)
        kept = classic.sync()
        check_equal(len(kept), 2, "what it keeps")
        check_code(classic.beat(), REBALANCE_IN_PROGRESS, "it is to say that it gave up the rest")
        classic.join(*kept)
        check_equal(classic.sync(), kept, "what it keeps")
        check_code(classic.beat(), NONE, "it is settled")
        newer.beat()
        check_equal(sorted(kept + newer.partitions()), [0, 1, 2, 3], "shares")
        check_equal(sorted(member["member_type"] for member in describe(connection, "changing")["members"]), [0, 1], "types")
        check_code(newer.call(member_epoch=-1)["error_code"], NONE, "leave")
        check_code(describe(connection, "changing")["error_code"], GROUP_ID_NOT_FOUND, "the group as one of the newer protocol")
        check_code(classic.beat(), REBALANCE_IN_PROGRESS, "the classic member assigns again")
        check_equal(classic.join(*kept)["leader"], classic.id, "leader")


@suite.test
def a_group_of_another_kind_keeps_its_protocol(bench):
    server = open_server(bench)
    with server.connect() as connection, server.connect() as other:
        answer = other.request("JoinGroup", 2, {"group_id": "connected", "session_timeout_ms": 10000, "rebalance_timeout_ms": 10000, "member_id": "",
                                                "protocol_type": "connect", "protocols": [{"name": "default", "metadata": b"x"}]})
        check_code(answer["error_code"], NONE, "join")
        check_code(Member(connection, "connected", "n", [TOPIC]).join()["error_code"], GROUP_ID_NOT_FOUND, "a consumer among workers")
