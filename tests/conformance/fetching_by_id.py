"""Fetch from version 13 on, where topics have ids instead of names."""
import time
import uuid

import quokka
from batch import batch, batches
from errors import (FENCED_LEADER_EPOCH, NONE, TOPIC_AUTHORIZATION_FAILED, UNKNOWN_TOPIC_ID, UNKNOWN_TOPIC_OR_PARTITION)
from fetching import filled, open_server
from kafka import create_topic, delete_topic, fetch, fetch_body, list_offset, metadata, produce, topic_id
from quokka import GRANTED, PLATFORM, TOPIC, UNGRANTED
from server import Server
from suite import Suite, check, check_code, check_equal, eventually

suite = Suite()
NO_TOPIC = uuid.UUID("0f0e0d0c-0b0a-4908-8706-050403020100")


def ask(connection, version, *bodies, **more):
    """(id, partition, error) of every part of the answer to one request for all of the bodies."""
    body = bodies[0] | {"topics": [topic for one in bodies for topic in one["topics"]]} | more
    answer = connection.request("Fetch", version, body)
    check_code(answer["error_code"], NONE, "the whole answer")
    return [(topic["topic_id"], part["partition_index"], part["error_code"]) for topic in answer["responses"] for part in topic["partitions"]]


@suite.test
def an_id_that_no_topic_has_is_unknown_beside_others_that_are_served(bench):
    with open_server(bench).connect() as connection:
        name = filled(connection, "by.id", [b"a"], partitions=2)
        known = topic_id(connection, name)
        for version in range(13, 17):
            found = ask(connection, version, fetch_body(NO_TOPIC, 0), fetch_body(known, 0), fetch_body(known, 0, partition=7), fetch_body(uuid.UUID(int=0), 0))
            check_equal(sorted(found, key=str), sorted([(known, 0, NONE), (known, 7, UNKNOWN_TOPIC_OR_PARTITION), (NO_TOPIC, 0, UNKNOWN_TOPIC_ID),
                                                        (uuid.UUID(int=0), 0, UNKNOWN_TOPIC_ID)], key=str), f"Fetch {version}")


@suite.test
def a_fetch_with_an_unknown_id_in_it_does_not_wait(bench):
    with open_server(bench).connect() as connection:
        known, started = topic_id(connection, filled(connection, "by.id.waiting")), time.monotonic()
        ask(connection, 13, fetch_body(known, 0, max_wait=10_000, min_bytes=1), fetch_body(NO_TOPIC, 0))
        check(time.monotonic() - started < 2, "the fetch waited although one of its ids is unknown")


@suite.test
def the_id_of_a_deleted_topic_never_reads_the_one_that_took_over_its_name(bench):
    with open_server(bench).connect() as connection:
        name = filled(connection, "taken.over", [b"of the first"])
        first = topic_id(connection, name)
        check_code(delete_topic(connection, name), NONE, "delete")
        check_code(fetch(connection, first, 0, version=13)["error_code"], UNKNOWN_TOPIC_ID, "while there is none")
        filled(connection, name, [b"of the second"])
        second = topic_id(connection, name)
        check(first != second, "both topics have one id")
        answer = fetch(connection, first, 0, version=13)
        check_equal((answer["error_code"], answer["records"] or b"", answer["high_watermark"]), (UNKNOWN_TOPIC_ID, b"", -1), "the first id")
        check_equal([one.count for one in batches(fetch(connection, second, 0, version=13)["records"])], [1], "the second id")


@suite.test
def what_is_read_by_id_is_counted_for_its_topic(bench):
    server = open_server(bench)
    with server.connect(client_id="by-id") as connection:
        name = filled(connection, "counted.by.id", [b"a", b"b"])
        size = len(fetch(connection, topic_id(connection, name), 0, version=16)["records"])
    def served():
        return [edge["bytes"] for edge in server.http(f"/api/v1/lineage?topic={name}")[2]["reads"] if edge["client_id"] == "by-id"]
    eventually(lambda: served() == [size], what=f"{size} bytes of {name}")


@suite.test
def who_follows_an_earlier_leader_is_told_the_present_one_from_version_16_on(bench):
    server = open_server(bench)
    with server.connect() as connection:
        known = topic_id(connection, filled(connection, "by.id.fenced", [b"a"]))
        for version in (15, 16):
            body = fetch_body(known, 0, leader_epoch=-2)  # the first leader's is 0
            answer = connection.request("Fetch", version, body)
            part = answer["responses"][0]["partitions"][0]
            check_code(part["error_code"], FENCED_LEADER_EPOCH, f"Fetch {version}")
            nodes = [(node["node_id"], node["host"], node["port"]) for node in answer.get("node_endpoints") or []]
            expected = ([(1, "127.0.0.1", server.ports["plaintext"])], {"leader_id": 1, "leader_epoch": 0}) if version == 16 else ([], {})
            check_equal((nodes, part["current_leader"]), expected, f"the leader in Fetch {version}")


@suite.test
def metadata_13_says_at_the_top_that_nothing_went_wrong(bench):
    with open_server(bench).connect() as connection:
        name = filled(connection, "metadata.13")
        answer = connection.request("Metadata", 13, {"topics": [{"name": name}, {"name": None, "topic_id": NO_TOPIC}], "allow_auto_topic_creation": False})
        check_code(answer["error_code"], NONE, "the whole answer")
        check_equal([(topic["name"], topic["error_code"]) for topic in answer["topics"]], [(name, NONE), (None, UNKNOWN_TOPIC_ID)], "topics")


@suite.test
def before_a_cluster_topics_are_read_by_name(bench):
    behind = bench.enter(Server(bench.binary, bench.fresh(), dev=True))
    front = bench.enter(Server(bench.binary, bench.fresh(), dev=True, extra=["--upstream", f"127.0.0.1:{behind.ports['plaintext']}"]))
    with front.connect() as connection:
        highest = {api["api_key"]: api["max_version"] for api in connection.request("ApiVersions", 2)["api_keys"]}
        check_equal((highest[1], highest[3]), (12, 13), "highest versions of Fetch and Metadata")


@suite.test
def an_id_that_may_not_be_described_answers_like_one_that_no_topic_has(bench):
    server = quokka.closed(bench)
    def answer(who, identity):
        with server.connect(who) as connection:
            [topic] = connection.request("Fetch", 16, fetch_body(identity, 0, max_wait=2_000, min_bytes=1))["responses"]
            return topic["partitions"]
    check_equal(answer(UNGRANTED, server.topic_id), answer(UNGRANTED, NO_TOPIC), "the answers")
    check_equal([part["error_code"] for part in answer(PLATFORM, server.topic_id)], [TOPIC_AUTHORIZATION_FAILED], "who may describe it")
    check_equal([part["error_code"] for part in answer(GRANTED, server.topic_id)], [NONE], "who may read it")
