"""Produce on the wire: what is refused with which code, acknowledgements, idempotence."""
import struct

from batch import batch, batches, now_ms, record, seal
from errors import (CORRUPT_MESSAGE, INVALID_PRODUCER_EPOCH, INVALID_RECORD, INVALID_REQUIRED_ACKS, INVALID_TIMESTAMP, MESSAGE_TOO_LARGE, NONE,
                    OUT_OF_ORDER_SEQUENCE_NUMBER, TRANSACTIONAL_ID_AUTHORIZATION_FAILED, UNKNOWN_TOPIC_OR_PARTITION, UNSUPPORTED_VERSION)
from kafka import create_topic, fetch, list_offset, produce, produce_body, producer_id, read_all
from server import Server
from suite import Suite, check, check_code, check_equal, eventually

suite = Suite()


def open_server(bench):
    return bench.keep("dev", lambda: Server(bench.binary, bench.fresh(), dev=True).start())


def topic(bench, connection, name, **configs):
    check_code(create_topic(connection, name, configs={key.replace("_", "."): value for key, value in configs.items()}), NONE, f"create {name}")
    return name


@suite.test
def acks_1_and_all_answer_the_offset_of_the_first_record(bench):
    with open_server(bench).connect() as connection:
        name = topic(bench, connection, "acks")
        for acks, expected in ((-1, 0), (1, 3)):
            answer = produce(connection, name, batch([b"a", b"b", b"c"]), acks=acks)
            check_equal((answer["error_code"], answer["base_offset"], answer["log_start_offset"]), (NONE, expected, 0), f"acks={acks}")


@suite.test
def acks_0_has_no_answer_and_the_same_visibility(bench):
    with open_server(bench).connect() as connection:
        name = topic(bench, connection, "acks.zero")
        connection.send("Produce", 8, produce_body(name, batch([b"silent"]), acks=0))
        connection.request("ApiVersions", 0)
        eventually(lambda: read_all(connection, name) == [(0, b"silent")], what="the record of acks=0")


@suite.test
def an_error_under_acks_0_closes_the_connection(bench):
    server = open_server(bench)
    with server.connect() as connection:
        connection.send("Produce", 8, produce_body("not.there", batch([b"x"]), acks=0))
        check(connection.is_closed_by_server(), "the connection stays open")


@suite.test
def other_acks_are_refused(bench):
    with open_server(bench).connect() as connection:
        name = topic(bench, connection, "acks.other")
        for acks in (2, -2):
            check_code(produce(connection, name, batch([b"x"]), acks=acks)["error_code"], INVALID_REQUIRED_ACKS, f"acks={acks}")


@suite.test
def versions_below_3_are_advertised_and_refused(bench):
    with open_server(bench).connect() as connection:
        name = topic(bench, connection, "old.versions")
        for version in (0, 1, 2):
            check_code(produce(connection, name, batch([b"x"]), version=version)["error_code"], UNSUPPORTED_VERSION, f"Produce {version}")
        check_equal(list_offset(connection, name, -1)["offset"], 0, "end of the log")


@suite.test
def bad_batches_are_refused_as_kafka_refuses_them(bench):
    with open_server(bench).connect() as connection:
        name = topic(bench, connection, "bad.batches")
        good = batch([b"a", b"b"])
        cases = {
            "a wrong CRC": (batch([b"a"], crc=1), CORRUPT_MESSAGE),
            "a flipped bit in a value": (good[:-1] + bytes([good[-1] ^ 1]), CORRUPT_MESSAGE),
            "a length that is too small": (batch([b"a"], length=20), CORRUPT_MESSAGE),
            "a length that is too large": (batch([b"a"], length=500), INVALID_RECORD),
            "magic 3": (batch([b"a"], magic=3), CORRUPT_MESSAGE),
            "garbage": (bytes(range(100)), CORRUPT_MESSAGE),
            "a cut batch": (good[:-3], INVALID_RECORD),
            "a cut header": (good[:40], INVALID_RECORD),
            "two batches": (good + good, INVALID_RECORD),
            "a base offset": (batch([b"a"], base_offset=7), INVALID_RECORD),
            "a count that is not the last delta plus one": (batch([b"a", b"b"], last_delta=5), INVALID_RECORD),
            "a control batch": (batch([b"a"], attributes=0x20), INVALID_RECORD),
            "no records": (seal(b"", 0, last_delta=-1), INVALID_RECORD),
            "null": (None, INVALID_RECORD),
            "magic 1": (batch([b"a"], magic=1), INVALID_RECORD),
            "a producer without a sequence": (batch([b"a"], producer_id=1, epoch=0, sequence=-1), INVALID_RECORD),
            "a transactional batch without a transactional id": (batch([b"a"], attributes=0x10, producer_id=1, epoch=0, sequence=0),
                                                                 TRANSACTIONAL_ID_AUTHORIZATION_FAILED),
            "a timestamp two hours ahead": (batch([b"a"], timestamps=[now_ms() + 7_200_000]), INVALID_TIMESTAMP),
        }
        wrong = []
        for what, (records, expected) in cases.items():
            found = produce(connection, name, records)["error_code"]
            if found != expected:
                wrong.append(f"{what}: {found}, expected {expected}")
        check(not wrong, "; ".join(wrong))
        check_equal(list_offset(connection, name, -1)["offset"], 0, "end of the log")
        check_code(produce(connection, name, good)["error_code"], NONE, "a good batch afterwards")


@suite.test
def a_batch_over_max_message_bytes_is_refused_by_its_size_on_the_wire(bench):
    with open_server(bench).connect() as connection:
        name = topic(bench, connection, "limited.size", max_message_bytes="1000")
        check_code(produce(connection, name, batch([bytes(2000)]))["error_code"], MESSAGE_TOO_LARGE, "2,000 bytes")
        check_code(produce(connection, name, batch([bytes(2000)], compressed=True))["error_code"], NONE, "2,000 bytes that compress well")


@suite.test
def a_compacted_topic_refuses_records_without_key_and_names_them(bench):
    with open_server(bench).connect() as connection:
        name = topic(bench, connection, "compacted", cleanup_policy="compact")
        payload = record(0, b"a") + record(1, b"b", key=None) + record(2, b"c")
        for attributes, data in ((0, payload), (1, None)):
            records = seal(payload, 3) if data else batch([b"x"], key=None, compressed=True)
            answer = produce(connection, name, records)
            check_code(answer["error_code"], INVALID_RECORD, f"attributes {attributes}")
            check(answer["record_errors"] and answer["error_message"], f"the answer names no record: {answer}")
        answer = produce(connection, name, seal(payload, 3))
        check_equal([error["batch_index"] for error in answer["record_errors"]], [1], "the record that is named")
        check_code(produce(connection, name, batch([b"a"]))["error_code"], NONE, "a record with a key")


@suite.test
def what_is_not_there_is_unknown(bench):
    with open_server(bench).connect() as connection:
        name = topic(bench, connection, "one.partition")
        check_code(produce(connection, "no.such.topic", batch([b"x"]))["error_code"], UNKNOWN_TOPIC_OR_PARTITION, "a topic")
        for partition in (1, -1, 2_000_000_000):
            check_code(produce(connection, name, batch([b"x"]), partition=partition)["error_code"], UNKNOWN_TOPIC_OR_PARTITION, f"partition {partition}")


@suite.test
def log_append_time_is_written_and_answered(bench):
    with open_server(bench).connect() as connection:
        name = topic(bench, connection, "append.time", message_timestamp_type="LogAppendTime")
        before = now_ms()
        answer = produce(connection, name, batch([b"x"], timestamps=[1000]))
        check(before - 5 <= answer["log_append_time_ms"] <= now_ms() + 5, f"log_append_time_ms {answer['log_append_time_ms']}")
        check_equal(list_offset(connection, name, before - 5)["offset"], 0, "look-up by the time of the append")
        stored = batches(fetch(connection, name, 0)["records"])[0]
        check_equal((stored.attributes & 8, stored.max_timestamp, stored.is_whole()), (8, answer["log_append_time_ms"], True), "the stored batch")


# ---- idempotence ----

def sequenced(identity, sequence, count=1, epoch=None):
    return batch([b"%d" % (sequence + delta) for delta in range(count)], producer_id=identity["producer_id"],
                 epoch=identity["producer_epoch"] if epoch is None else epoch, sequence=sequence)


@suite.test
def a_repeated_batch_answers_its_first_offset_for_the_last_five(bench):
    with open_server(bench).connect() as connection:
        name, me = topic(bench, connection, "repeats"), producer_id(connection)
        offsets = [produce(connection, name, sequenced(me, sequence, 2))["base_offset"] for sequence in range(0, 12, 2)]
        check_equal(offsets, [0, 2, 4, 6, 8, 10], "offsets")
        for sequence in range(2, 12, 2):
            answer = produce(connection, name, sequenced(me, sequence, 2))
            check_equal((answer["error_code"], answer["base_offset"]), (NONE, sequence), f"the repeat of sequence {sequence}")
        check_equal(len(read_all(connection, name)), 12, "records")


@suite.test
def a_gap_in_the_sequence_is_refused_and_the_right_next_one_taken(bench):
    with open_server(bench).connect() as connection:
        name, me = topic(bench, connection, "gaps"), producer_id(connection)
        check_code(produce(connection, name, sequenced(me, 0))["error_code"], NONE, "sequence 0")
        check_code(produce(connection, name, sequenced(me, 2))["error_code"], OUT_OF_ORDER_SEQUENCE_NUMBER, "sequence 2 after 0")
        check_code(produce(connection, name, sequenced(me, 1))["error_code"], NONE, "sequence 1")


@suite.test
def an_unknown_producer_may_begin_with_any_sequence(bench):
    with open_server(bench).connect() as connection:
        name, me = topic(bench, connection, "begins"), producer_id(connection)
        check_code(produce(connection, name, sequenced(me, 77))["error_code"], NONE, "a first sequence of 77")
        check_code(produce(connection, name, sequenced(me, 78))["error_code"], NONE, "and 78 after it")


@suite.test
def sequences_wrap_after_the_largest_int32(bench):
    with open_server(bench).connect() as connection:
        name, me = topic(bench, connection, "wraps"), producer_id(connection)
        last = 0x7FFFFFFF
        check_code(produce(connection, name, sequenced(me, last - 1, 2))["error_code"], NONE, "the last two sequences")
        check_code(produce(connection, name, sequenced(me, 0))["error_code"], NONE, "sequence 0 after the largest")


@suite.test
def a_batch_may_wrap_in_its_middle(bench):
    with open_server(bench).connect() as connection:
        name, me = topic(bench, connection, "wraps.within"), producer_id(connection)
        check_code(produce(connection, name, sequenced(me, 0x7FFFFFFF, 3))["error_code"], NONE, "largest, 0, 1")
        check_code(produce(connection, name, sequenced(me, 2))["error_code"], NONE, "sequence 2 after it")


@suite.test
def an_older_epoch_is_fenced_and_a_newer_one_begins_at_0(bench):
    with open_server(bench).connect() as connection:
        name, me = topic(bench, connection, "epochs"), producer_id(connection)
        check_code(produce(connection, name, sequenced(me, 0, epoch=3))["error_code"], NONE, "epoch 3")
        check_code(produce(connection, name, sequenced(me, 1, epoch=2))["error_code"], INVALID_PRODUCER_EPOCH, "epoch 2 after 3")
        check_code(produce(connection, name, sequenced(me, 5, epoch=4))["error_code"], OUT_OF_ORDER_SEQUENCE_NUMBER, "epoch 4 that begins with 5")
        check_code(produce(connection, name, sequenced(me, 0, epoch=4))["error_code"], NONE, "epoch 4 that begins with 0")


@suite.test
def a_refused_batch_consumes_no_sequence(bench):
    with open_server(bench).connect() as connection:
        name, me = topic(bench, connection, "no.sequence.lost", max_message_bytes="1000"), producer_id(connection)
        check_code(produce(connection, name, sequenced(me, 0))["error_code"], NONE, "sequence 0")
        large = batch([bytes(3000)], producer_id=me["producer_id"], epoch=me["producer_epoch"], sequence=1)
        check_code(produce(connection, name, large)["error_code"], MESSAGE_TOO_LARGE, "sequence 1, too large")
        check_code(produce(connection, name, sequenced(me, 1))["error_code"], NONE, "sequence 1 again, small")


@suite.test
def producers_are_remembered_over_a_restart_and_over_a_kill(bench):
    directory = bench.fresh()
    for turn, ends in enumerate((Server.stop, Server.kill, Server.stop)):
        server = bench.enter(Server(bench.binary, directory, dev=True, log_name=f"run-{turn}.log"))
        with server.connect() as connection:
            if turn == 0:
                topic(bench, connection, "remembered")
                me = producer_id(connection)
            else:
                answer = produce(connection, "remembered", sequenced(me, turn - 1))
                check_equal((answer["error_code"], answer["base_offset"]), (NONE, turn - 1), f"the repeat after restart {turn}")
                check(producer_id(connection)["producer_id"] != me["producer_id"], "a producer id was given out twice")
            check_code(produce(connection, "remembered", sequenced(me, turn))["error_code"], NONE, f"the next record in run {turn}")
        ends(server)


@suite.test
def five_batches_in_flight_land_once_and_in_order(bench):
    with open_server(bench).connect() as connection:
        name, me = topic(bench, connection, "in.flight"), producer_id(connection)
        sent = [connection.send("Produce", 8, produce_body(name, sequenced(me, sequence))) for sequence in range(40)]
        answers = [connection.receive("Produce", 8, number)["responses"][0]["partition_responses"][0] for number in sent]
        check_equal([answer["base_offset"] for answer in answers], list(range(40)), "offsets")


@suite.test
def records_come_back_byte_for_byte_but_for_offset_and_epoch(bench):
    with open_server(bench).connect() as connection:
        name = topic(bench, connection, "byte.for.byte")
        for compressed in (False, True):
            sent = batch([b"\0\xff" * 50, b"", "größer".encode()], compressed=compressed)
            offset = produce(connection, name, sent)["base_offset"]
            stored = fetch(connection, name, offset)["records"]
            check_equal(struct.unpack(">q", stored[:8])[0], offset, "base offset")
            check_equal((stored[8:12], stored[16:]), (sent[8:12], sent[16:]), "all but base offset and leader epoch")
