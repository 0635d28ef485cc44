"""Topics that exist are changed: more partitions, other settings, records deleted from the front; durable, and under their contracts."""
import quokka
from batch import batch
from contracts import COMPACTED, COMPACTED_OWNER, CONTRACT, DECLARED, HOURS_72, company, configs
from errors import (INVALID_REQUEST, MESSAGE_TOO_LARGE, NONE, OFFSET_OUT_OF_RANGE, POLICY_VIOLATION,
                    TOPIC_AUTHORIZATION_FAILED, UNKNOWN_TOPIC_OR_PARTITION)
from kafka import create_topic, fetch, list_offset, metadata, produce, read_all
from quokka import OWNER
from server import Server
from suite import Suite, check_code, check_equal, check_in

suite = Suite()
INVALID_PARTITIONS, INVALID_REPLICA_ASSIGNMENT, INVALID_CONFIG = 37, 39, 40
TOPIC_RESOURCE, BROKER_RESOURCE = 2, 4
SET, DELETE, APPEND, SUBTRACT = 0, 1, 2, 3
EARLIEST, LATEST = -2, -1


def open_server(bench):
    return bench.keep("dev", lambda: Server(bench.binary, bench.fresh(), dev=True).start())


def grow(connection, topic, count, assignments=None, validate_only=False):
    """The code and the text."""
    lists = None if assignments is None else [{"broker_ids": brokers} for brokers in assignments]
    answer = connection.request("CreatePartitions", 1, {"topics": [{"name": topic, "count": count, "assignments": lists}], "timeout_ms": 5000,
                                                        "validate_only": validate_only})["results"][0]
    return answer["error_code"], answer["error_message"] or ""


def alter(connection, topic, changes, validate_only=False, kind=TOPIC_RESOURCE):
    """`changes` are (name, operation, value). The code and the text."""
    answer = connection.request("IncrementalAlterConfigs", 1, {"validate_only": validate_only, "resources": [{
        "resource_type": kind, "resource_name": topic,
        "configs": [{"name": name, "config_operation": operation, "value": value} for name, operation, value in changes]}]})["responses"][0]
    return answer["error_code"], answer["error_message"] or ""


def replace(connection, topic, settings, validate_only=False, kind=TOPIC_RESOURCE):
    answer = connection.request("AlterConfigs", 1, {"validate_only": validate_only, "resources": [{
        "resource_type": kind, "resource_name": topic,
        "configs": [{"name": name, "value": value} for name, value in settings.items()]}]})["responses"][0]
    return answer["error_code"], answer["error_message"] or ""


def delete_records(connection, topic, offset, partition=0):
    """The answer for the one partition."""
    answer = connection.request("DeleteRecords", 1, {"timeout_ms": 5000, "topics": [{
        "name": topic, "partitions": [{"partition_index": partition, "offset": offset}]}]})
    return answer["topics"][0]["partitions"][0]


def partitions(connection, topic):
    return len(metadata(connection, [topic])[topic]["partitions"])


@suite.test
def partitions_are_added_and_written_to_and_outlive_a_kill(bench):
    directory = bench.fresh()
    server = bench.enter(Server(bench.binary, directory, dev=True))
    with server.connect() as connection:
        check_code(create_topic(connection, "growing", 2), NONE, "create")
        produce(connection, "growing", batch([b"before"]), partition=1)
        check_code(grow(connection, "growing", 5, validate_only=True)[0], NONE, "asked whether")
        check_equal(partitions(connection, "growing"), 2, "partitions after the question")
        check_code(grow(connection, "growing", 5)[0], NONE, "grow")
        check_equal(partitions(connection, "growing"), 5, "partitions")
        check_code(produce(connection, "growing", batch([b"after"]), partition=4)["error_code"], NONE, "produce to a new partition")
    server.kill()
    with Server(bench.binary, directory, dev=True, log_name="second.log") as again, again.connect() as connection:
        check_equal(partitions(connection, "growing"), 5, "partitions after the kill")
        check_equal([read_all(connection, "growing", partition) for partition in (1, 4)], [[(0, b"before")], [(0, b"after")]], "records")


@suite.test
def growing_is_refused_with_kafkas_codes(bench):
    with open_server(bench).connect() as connection:
        check_code(create_topic(connection, "grown", 3), NONE, "create")
        for topic, count, assignments, code, part in (
                ("grown", 3, None, INVALID_PARTITIONS, "already has 3 partition(s)"),
                ("grown", 2, None, INVALID_PARTITIONS, "2 would not be an increase"),
                ("grown", -1, None, INVALID_PARTITIONS, "would not be an increase"),
                ("grown", 10_001, None, INVALID_PARTITIONS, "at most 10000"),
                ("grown", 5, [[1]], INVALID_REPLICA_ASSIGNMENT, "only 1 assignment(s)"),
                ("grown", 4, [[7]], INVALID_REPLICA_ASSIGNMENT, "broker 1 alone"),
                ("not.there", 4, None, UNKNOWN_TOPIC_OR_PARTITION, "does not exist"),
                ("__consumer_offsets", 4, None, TOPIC_AUTHORIZATION_FAILED, "")):
            found, text = grow(connection, topic, count, assignments)
            check_code(found, code, f"{topic} to {count}, {assignments}")
            check_in(part, text)
        twice = connection.request("CreatePartitions", 1, {"timeout_ms": 5000, "validate_only": False, "topics": [
            {"name": "grown", "count": count, "assignments": None} for count in (4, 5)]})["results"]
        check_equal([answer["error_code"] for answer in twice], [INVALID_REQUEST] * 2, "one topic named twice")
        check_equal(partitions(connection, "grown"), 3, "partitions")
        check_code(grow(connection, "grown", 4, [[1]])[0], NONE, "with an assignment")


@suite.test
def a_changed_setting_takes_effect_at_once_and_outlives_a_kill(bench):
    directory = bench.fresh()
    server = bench.enter(Server(bench.binary, directory, dev=True))
    with server.connect() as connection:
        check_code(create_topic(connection, "t", 1, {"retention.ms": "1000000"}), NONE, "create")
        check_code(alter(connection, "t", [("max.message.bytes", SET, "500")], validate_only=True)[0], NONE, "asked whether")
        check_code(produce(connection, "t", batch([b"x" * 1000]))["error_code"], NONE, "a large batch before the change")
        check_code(alter(connection, "t", [("max.message.bytes", SET, "500")])[0], NONE, "alter")
        check_code(produce(connection, "t", batch([b"x" * 1000]))["error_code"], MESSAGE_TOO_LARGE, "a large batch after it")
    server.kill()
    with Server(bench.binary, directory, dev=True, log_name="second.log") as again, again.connect() as connection:
        check_code(produce(connection, "t", batch([b"x" * 1000]))["error_code"], MESSAGE_TOO_LARGE, "a large batch after the kill")
        check_equal(configs(connection, "t")["retention.ms"], "1000000", "what was not named")
        check_code(alter(connection, "t", [("max.message.bytes", DELETE, None)])[0], NONE, "back to the default")
        check_code(produce(connection, "t", batch([b"x" * 1000]))["error_code"], NONE, "a large batch by the default")


@suite.test
def lists_are_added_to_and_taken_from(bench):
    with open_server(bench).connect() as connection:
        check_code(create_topic(connection, "lists"), NONE, "create")
        for operation, value, expected in ((APPEND, "compact", "delete,compact"), (APPEND, "compact", "delete,compact"),
                                           (SUBTRACT, "delete", "compact"), (SET, "delete", "delete")):
            check_code(alter(connection, "lists", [("cleanup.policy", operation, value)])[0], NONE, f"operation {operation}")
            check_equal(configs(connection, "lists")["cleanup.policy"], expected, "cleanup.policy")


@suite.test
def replacing_settings_forgets_those_that_are_left_out(bench):
    with open_server(bench).connect() as connection:
        check_code(create_topic(connection, "replaced", 1, {"retention.ms": "5000", "segment.bytes": "2097152"}), NONE, "create")
        check_code(replace(connection, "replaced", {"retention.ms": "6000"})[0], NONE, "replace")
        found = configs(connection, "replaced")
        check_equal((found["retention.ms"], found["segment.bytes"]), ("6000", "1073741824"), "settings")


@suite.test
def settings_are_refused_whole_with_kafkas_codes(bench):
    with open_server(bench).connect() as connection:
        check_code(create_topic(connection, "kept", 1, {"retention.ms": "5000"}), NONE, "create")
        good = ("segment.ms", SET, "60000")
        for topic, kind, changes, code in (
                ("kept", TOPIC_RESOURCE, [good, ("retention.ms", SET, "soon")], INVALID_CONFIG),
                ("kept", TOPIC_RESOURCE, [good, ("retention.msec", SET, "1")], INVALID_CONFIG),
                ("kept", TOPIC_RESOURCE, [good, ("retention.msec", DELETE, None)], INVALID_CONFIG),
                ("kept", TOPIC_RESOURCE, [good, ("retention.ms", APPEND, "1")], INVALID_CONFIG),
                ("kept", TOPIC_RESOURCE, [good, ("retention.ms", SET, None)], INVALID_REQUEST),
                ("kept", TOPIC_RESOURCE, [good, ("retention.ms", 9, "1")], INVALID_REQUEST),
                ("kept", TOPIC_RESOURCE, [good, good], INVALID_REQUEST),
                ("not.there", TOPIC_RESOURCE, [good], UNKNOWN_TOPIC_OR_PARTITION),
                ("__consumer_offsets", TOPIC_RESOURCE, [good], TOPIC_AUTHORIZATION_FAILED),
                ("1", BROKER_RESOURCE, [("num.partitions", SET, "2")], INVALID_REQUEST),
                ("2", BROKER_RESOURCE, [("num.partitions", DELETE, None)], INVALID_REQUEST),
                ("1", BROKER_RESOURCE, [("leader.replication.throttled.rate", DELETE, None)], NONE),  # there is none: nothing to do
                ("kept", 77, [good], INVALID_REQUEST)):
            check_code(alter(connection, topic, changes, kind=kind)[0], code, f"{topic} of kind {kind}: {changes}")
        check_code(replace(connection, "kept", {"retention.ms": None})[0], INVALID_REQUEST, "a null in place of a value")
        found = configs(connection, "kept")
        check_equal((found["retention.ms"], found["segment.ms"]), ("5000", "604800000"), "settings after the refusals")


@suite.test
def deleted_records_are_gone_for_every_reader_and_stay_gone_after_a_kill(bench):
    directory = bench.fresh()
    server = bench.enter(Server(bench.binary, directory, dev=True))
    with server.connect() as connection:
        check_code(create_topic(connection, "cut"), NONE, "create")
        for number in range(10):
            produce(connection, "cut", batch([b"%d" % number]))
        answer = delete_records(connection, "cut", 4)
        check_equal((answer["error_code"], answer["low_watermark"]), (NONE, 4), "DeleteRecords")
        check_equal(delete_records(connection, "cut", 2)["low_watermark"], 4, "a start that is there already")
        check_code(fetch(connection, "cut", 3)["error_code"], OFFSET_OUT_OF_RANGE, "a fetch before the start")
    server.kill()
    with Server(bench.binary, directory, dev=True, log_name="second.log") as again, again.connect() as connection:
        check_equal(list_offset(connection, "cut", EARLIEST)["offset"], 4, "the first offset after the kill")
        check_equal(read_all(connection, "cut"), [(number, b"%d" % number) for number in range(4, 10)], "records")
        check_equal(delete_records(connection, "cut", -1)["low_watermark"], 10, "all of them")
        check_equal([list_offset(connection, "cut", where)["offset"] for where in (EARLIEST, LATEST)], [10, 10], "an empty log")


@suite.test
def deleting_records_is_refused_with_kafkas_codes(bench):
    with open_server(bench).connect() as connection:
        check_code(create_topic(connection, "whole"), NONE, "create")
        check_code(create_topic(connection, "keyed", 1, {"cleanup.policy": "compact"}), NONE, "create")
        for _ in range(3):
            produce(connection, "whole", batch([b"x"]))
        for topic, partition, offset, code in (("whole", 0, 4, OFFSET_OUT_OF_RANGE), ("whole", 0, -2, OFFSET_OUT_OF_RANGE),
                                               ("whole", 1, 0, UNKNOWN_TOPIC_OR_PARTITION), ("not.there", 0, 0, UNKNOWN_TOPIC_OR_PARTITION),
                                               ("keyed", 0, 0, POLICY_VIOLATION), ("__consumer_offsets", 0, 0, TOPIC_AUTHORIZATION_FAILED)):
            answer = delete_records(connection, topic, offset, partition)
            check_code(answer["error_code"], code, f"{topic}-{partition} before {offset}")
            check_equal(answer["low_watermark"], -1, "low watermark")
        check_equal(len(read_all(connection, "whole")), 3, "records after the refusals")


@suite.test
def a_change_that_contradicts_the_contract_is_refused_and_told_where_it_stands(bench):
    with company(bench) as server:
        server.enrol("jun.park", [OWNER, COMPACTED_OWNER])
        with server.connect(OWNER) as connection:
            check_code(create_topic(connection, DECLARED, partitions=-1), NONE, "create")
            for code, text in (grow(connection, DECLARED, 9), alter(connection, DECLARED, [("retention.ms", SET, "1")]),
                               alter(connection, DECLARED, [("myelin.durability", DELETE, None)]), replace(connection, DECLARED, {})):
                check_code(code, POLICY_VIOLATION, "a change against the contract")
                check_in(CONTRACT, text)
            check_code(alter(connection, DECLARED, [("retention.ms", SET, HOURS_72), ("segment.ms", SET, "60000")])[0], NONE, "what it leaves open")
            check_equal((configs(connection, DECLARED)["segment.ms"], partitions(connection, DECLARED)), ("60000", 8), "after the changes")
        with server.connect(COMPACTED_OWNER) as connection:
            check_code(create_topic(connection, COMPACTED, partitions=-1), NONE, "create")
            check_code(alter(connection, COMPACTED, [("cleanup.policy", APPEND, "delete")])[0], POLICY_VIOLATION, "a list that the contract fixes")


@suite.test
def changes_stand_in_the_audit_with_their_outcome(bench):
    server = quokka.closed(bench)
    with server.connect(OWNER) as connection:
        check_code(create_topic(connection, "storefront.audited"), NONE, "create")
        check_code(grow(connection, "storefront.audited", 3)[0], NONE, "grow")
        check_code(alter(connection, "storefront.audited", [("retention.ms", SET, "soon")])[0], INVALID_CONFIG, "a wrong value")
        check_code(delete_records(connection, "storefront.audited", 0)["error_code"], NONE, "delete records")
    _, _, answer = server.http("/api/v1/audit?limit=20", user=server.administrator)
    found = [(record["action"], record["resource"], record["outcome"], record["detail"]) for record in reversed(answer["items"])
             if record["resource"].endswith(" of topic storefront.audited")]
    check_equal(found, [("CreatePartitions", "partitions of topic storefront.audited", "intent", ""),
                        ("CreatePartitions", "partitions of topic storefront.audited", "done", ""),
                        ("IncrementalAlterConfigs", "settings of topic storefront.audited", "intent", ""),
                        ("IncrementalAlterConfigs", "settings of topic storefront.audited", "failed", "INVALID_CONFIG"),
                        ("DeleteRecords", "records of topic storefront.audited", "intent", ""),
                        ("DeleteRecords", "records of topic storefront.audited", "done", "")], "audit")
