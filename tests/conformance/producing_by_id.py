"""Produce 13, where topics have ids instead of names."""
import uuid

import quokka
from batch import batch
from errors import NONE, TOPIC_AUTHORIZATION_FAILED, UNKNOWN_TOPIC_ID, UNKNOWN_TOPIC_OR_PARTITION
from fetching import filled, open_server
from fetching_by_id import NO_TOPIC
from kafka import create_topic, delete_topic, list_offset, produce, produce_body, read_all, topic_id
from quokka import GRANTED, PLATFORM, UNGRANTED
from suite import Suite, check, check_code, check_equal, eventually

suite = Suite()
BY_ID = 13


@suite.test
def an_id_that_no_topic_has_is_unknown_beside_others_that_are_written(bench):
    with open_server(bench).connect() as connection:
        name = filled(connection, "written.by.id", partitions=2)
        known = topic_id(connection, name)
        body = produce_body(known, batch([b"a"]))
        for topic, partition in ((NO_TOPIC, 0), (known, 1), (uuid.UUID(int=0), 0)):
            body["topic_data"] += produce_body(topic, batch([b"b"]), partition)["topic_data"]
        body["topic_data"] += produce_body(known, batch([b"c"]), 7)["topic_data"]
        answer = connection.request("Produce", BY_ID, body)
        found = [(topic["topic_id"], part["index"], part["error_code"]) for topic in answer["responses"] for part in topic["partition_responses"]]
        check_equal(sorted(found, key=str), sorted([(known, 0, NONE), (known, 1, NONE), (known, 7, UNKNOWN_TOPIC_OR_PARTITION), (NO_TOPIC, 0, UNKNOWN_TOPIC_ID),
                                                    (uuid.UUID(int=0), 0, UNKNOWN_TOPIC_ID)], key=str), "codes")
        check_equal([[value for _, value in read_all(connection, name, partition)] for partition in (0, 1)], [[b"a"], [b"b"]], "what was written")


@suite.test
def the_id_of_a_deleted_topic_never_writes_to_the_one_that_took_over_its_name(bench):
    with open_server(bench).connect() as connection:
        name = filled(connection, "taken.over.by.writers")
        first = topic_id(connection, name)
        check_code(delete_topic(connection, name), NONE, "delete")
        check_code(produce(connection, first, batch([b"a"]), version=BY_ID)["error_code"], UNKNOWN_TOPIC_ID, "while there is none")
        check_code(create_topic(connection, name), NONE, "create again")
        check_code(produce(connection, first, batch([b"a"]), version=BY_ID)["error_code"], UNKNOWN_TOPIC_ID, "the first id")
        check_equal(list_offset(connection, name, -1)["offset"], 0, "the end of the second")
        check_code(produce(connection, topic_id(connection, name), batch([b"a"]), version=BY_ID)["error_code"], NONE, "the second id")


@suite.test
def what_is_written_by_id_is_counted_for_its_topic(bench):
    server = open_server(bench)
    with server.connect() as connection:
        name = filled(connection, "counted.writes.by.id")
        check_code(produce(connection, topic_id(connection, name), batch([b"a", b"b"]), version=BY_ID)["error_code"], NONE, "Produce")

    def written():
        return sum(edge["records"] for edge in server.http(f"/api/v1/lineage?topic={name}")[2]["writes"])
    eventually(lambda: written() == 2, what=f"two records of {name}")


@suite.test
def an_id_that_may_not_be_described_is_refused_like_one_that_no_topic_has(bench):
    server = quokka.closed(bench)

    def answer(who, identity):
        with server.connect(who) as connection:
            return produce(connection, identity, batch([b"a"]), version=BY_ID)
    check_equal(answer(UNGRANTED, server.topic_id), answer(UNGRANTED, NO_TOPIC), "the answers")
    check_code(answer(UNGRANTED, server.topic_id)["error_code"], UNKNOWN_TOPIC_ID, "who may not see it")
    for who in (PLATFORM, GRANTED):
        check_code(answer(who, server.topic_id)["error_code"], TOPIC_AUTHORIZATION_FAILED, f"{who}, who may describe it")
    check(server.topic_id != NO_TOPIC, "the topic has an id")
