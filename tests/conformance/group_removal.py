"""Groups and their committed offsets are deleted: only when nobody needs them, at once, and for good."""
from errors import GROUP_ID_NOT_FOUND, NON_EMPTY_GROUP, NONE, UNKNOWN_TOPIC_OR_PARTITION
from kafka import commit, create_topic
from server import Server
from suite import Suite, check_code, check_equal

suite = Suite()
TOPIC = "orders"


def open_server(bench):
    def start():
        server = Server(bench.binary, bench.fresh(), dev=True).start()
        with server.connect() as connection:
            check_code(create_topic(connection, TOPIC), NONE, "create")
        return server
    return bench.keep("groups", start)


def delete(connection, *groups):
    """The code of each."""
    results = connection.request("DeleteGroups", 2, {"groups_names": list(groups)})["results"]
    return {result["group_id"]: result["error_code"] for result in results}


def delete_offset(connection, group, topic=TOPIC, partition=0):
    """The code of the whole and of the partition."""
    answer = connection.request("OffsetDelete", 0, {"group_id": group, "topics": [{"name": topic, "partitions": [{"partition_index": partition}]}]})
    return answer["error_code"], (answer["topics"][0]["partitions"][0]["error_code"] if answer["topics"] else None)


def committed(connection, group):
    answer = connection.request("OffsetFetch", 8, {"groups": [{"group_id": group, "topics": [{"name": TOPIC, "partition_indexes": [0]}]}]})
    return answer["groups"][0]["topics"][0]["partitions"][0]["committed_offset"]


def groups(connection):
    return [group["group_id"] for group in connection.request("ListGroups", 3)["groups"]]


def join(connection, group):
    """A member, alone and settled; its id."""
    joined = connection.request("JoinGroup", 2, {"group_id": group, "session_timeout_ms": 30000, "rebalance_timeout_ms": 30000, "member_id": "",
                                                 "protocol_type": "consumer", "protocols": [{"name": "range", "metadata": b"\0"}]})
    check_code(joined["error_code"], NONE, "join")
    synced = connection.request("SyncGroup", 2, {"group_id": group, "generation_id": joined["generation_id"], "member_id": joined["member_id"],
                                                 "assignments": [{"member_id": joined["member_id"], "assignment": b""}]})
    check_code(synced["error_code"], NONE, "sync")
    return joined["member_id"]


@suite.test
def a_group_without_members_is_deleted_with_its_offsets_and_stays_so_after_a_kill(bench):
    directory = bench.fresh()
    server = bench.enter(Server(bench.binary, directory, dev=True))
    with server.connect() as connection:
        check_code(create_topic(connection, TOPIC), NONE, "create")
        check_code(commit(connection, "done", TOPIC, 7), NONE, "commit")
        check_code(commit(connection, "kept", TOPIC, 8), NONE, "commit")
        check_equal(delete(connection, "done", "never"), {"done": NONE, "never": GROUP_ID_NOT_FOUND}, "codes")
        check_equal(committed(connection, "done"), -1, "offset of a deleted group")
    server.kill()
    again = bench.enter(Server(bench.binary, directory, dev=True))
    with again.connect() as connection:
        check_equal(groups(connection), ["kept"], "groups after the kill")
        check_equal([committed(connection, group) for group in ("done", "kept")], [-1, 8], "offsets after the kill")


@suite.test
def a_group_with_a_member_is_not_deleted(bench):
    with open_server(bench).connect() as connection:
        member = join(connection, "busy")
        check_equal(delete(connection, "busy"), {"busy": NON_EMPTY_GROUP}, "code")
        connection.request("LeaveGroup", 1, {"group_id": "busy", "member_id": member})
        check_equal(delete(connection, "busy"), {"busy": NONE}, "code once it is empty")


@suite.test
def an_offset_is_deleted_while_the_group_has_no_member(bench):
    with open_server(bench).connect() as connection:
        check_code(commit(connection, "readers", TOPIC, 3), NONE, "commit")
        member = join(connection, "readers")
        check_equal(delete_offset(connection, "readers"), (NON_EMPTY_GROUP, None), "while somebody reads")
        check_equal(committed(connection, "readers"), 3, "offset that stayed")
        connection.request("LeaveGroup", 1, {"group_id": "readers", "member_id": member})
        check_equal(delete_offset(connection, "readers"), (NONE, NONE), "when nobody reads")
        check_equal(committed(connection, "readers"), -1, "offset that went")


@suite.test
def offsets_of_what_is_not_there_are_told_apart(bench):
    with open_server(bench).connect() as connection:
        check_equal(delete_offset(connection, "never"), (GROUP_ID_NOT_FOUND, None), "a group that is not there")
        check_code(commit(connection, "some", TOPIC), NONE, "commit")
        check_equal(delete_offset(connection, "some", "absent"), (NONE, UNKNOWN_TOPIC_OR_PARTITION), "a topic that is not there")
