"""Fetch, ListOffsets and OffsetForLeaderEpoch on the wire."""
import threading
import time

from batch import batch, batches, now_ms
from errors import (FENCED_LEADER_EPOCH, NONE, OFFSET_OUT_OF_RANGE, UNKNOWN_LEADER_EPOCH, UNKNOWN_TOPIC_OR_PARTITION, UNSUPPORTED_VERSION)
from kafka import create_topic, delete_topic, fetch, fetch_body, list_offset, metadata, produce, topic_id
from server import Server
from suite import Suite, check, check_code, check_equal, eventually

suite = Suite()


def open_server(bench):
    return bench.keep("dev", lambda: Server(bench.binary, bench.fresh(), dev=True).start())


def filled(connection, name, *lots, partitions=1):
    """A topic with these batches, each a list of values."""
    check_code(create_topic(connection, name, partitions), NONE, f"create {name}")
    for values in lots:
        check_code(produce(connection, name, batch(values))["error_code"], NONE, f"produce to {name}")
    return name


@suite.test
def a_fetch_inside_a_batch_returns_the_whole_batch(bench):
    with open_server(bench).connect() as connection:
        name = filled(connection, "inside", [b"a", b"b", b"c", b"d"], [b"e"])
        by_id = topic_id(connection, name)
        for version in range(4, 17):
            found = batches(fetch(connection, by_id if version >= 13 else name, 2, version=version)["records"])
            check_equal([(one.base_offset, one.count) for one in found], [(0, 4), (4, 1)], f"Fetch {version} at offset 2")


@suite.test
def the_first_batch_comes_whole_however_large_and_no_second_one_beyond_the_limit(bench):
    with open_server(bench).connect() as connection:
        name = filled(connection, "larger.than.the.limit", [bytes(5000)], [bytes(5000)])
        answer = fetch(connection, name, 0, max_bytes=100)
        found = batches(answer["records"])
        check_equal([one.base_offset for one in found], [0], "batches")
        check(found[0].is_whole(), "the batch is cut")


@suite.test
def high_watermark_log_start_and_records_agree(bench):
    with open_server(bench).connect() as connection:
        name = filled(connection, "watermarks", [b"a", b"b"])
        answer = fetch(connection, name, 0)
        check_equal((answer["high_watermark"], answer["last_stable_offset"], answer["log_start_offset"]), (2, 2, 0), "offsets")
        answer = fetch(connection, name, 2)
        check_equal((answer["error_code"], answer["high_watermark"], answer["records"] or b""), (NONE, 2, b""), "a fetch at the end")


@suite.test
def a_reader_that_leaves_in_the_middle_of_an_answer_is_not_counted_for_it(bench):
    server, batches_of_900_kb = open_server(bench), 20
    with server.connect(client_id="filler") as connection:
        name = filled(connection, "left.in.the.middle", *[[bytes(900_000)]] * batches_of_900_kb)
    def served(client_id):
        edges = server.http(f"/api/v1/lineage?topic={name}")[2]["reads"]
        return sum(edge["bytes"] for edge in edges if edge["client_id"] == client_id)
    with server.connect(client_id="leaver", receive_buffer=4096) as leaver:
        leaver.send("Fetch", 11, fetch_body(name, 0, max_bytes=64 << 20))
        check(leaver.socket.recv(4) != b"", "the answer does not begin")
    eventually(lambda: server.metric("myelin_net_connections") == 0, what="the end of the connection")
    check_equal(served("leaver"), 0, "bytes counted for whoever left")
    with server.connect(client_id="stayer") as stayer:
        size = len(fetch(stayer, name, 0, max_bytes=64 << 20)["records"])
    check(size > batches_of_900_kb * 900_000, f"{size} bytes came")
    eventually(lambda: served("stayer") == size, what=f"{size} bytes counted for whoever stayed")


@suite.test
def an_offset_beyond_the_end_is_out_of_range(bench):
    with open_server(bench).connect() as connection:
        name = filled(connection, "range", [b"a"])
        for offset in (2, 1_000_000, -1):
            check_code(fetch(connection, name, offset)["error_code"], OFFSET_OUT_OF_RANGE, f"offset {offset}")


@suite.test
def read_committed_reads_what_is_there_when_there_are_no_transactions(bench):
    with open_server(bench).connect() as connection:
        name = filled(connection, "committed", [b"a"])
        answer = fetch(connection, name, 0, isolation=1)
        check_equal(len(batches(answer["records"])), 1, "batches")
        check(not answer["aborted_transactions"], "there are aborted transactions")
        check_equal(list_offset(connection, name, -1)["offset"], 1, "last stable offset")


@suite.test
def a_fetch_waits_for_min_bytes_until_max_wait(bench):
    with open_server(bench).connect() as connection:
        name = filled(connection, "waits", [b"a"])
        started = time.monotonic()
        answer = connection.request("Fetch", 11, fetch_body(name, 1, max_wait=700, min_bytes=1))
        spent = time.monotonic() - started
        check(0.6 < spent < 2, f"an empty fetch with max_wait 700 ms took {spent:.2f} s")
        check_equal(answer["responses"][0]["partitions"][0]["records"] or b"", b"", "records")


@suite.test
def a_waiting_fetch_is_woken_by_a_record(bench):
    server = open_server(bench)
    with server.connect() as connection, server.connect() as writer:
        name = filled(connection, "woken")
        sent = connection.send("Fetch", 11, fetch_body(name, 0, max_wait=10_000, min_bytes=1))
        time.sleep(0.1)
        started = time.monotonic()
        produce(writer, name, batch([b"wake up"]))
        answer = connection.receive("Fetch", 11, sent)
        check(time.monotonic() - started < 1, "the record did not wake the fetch")
        check_equal(len(batches(answer["responses"][0]["partitions"][0]["records"])), 1, "batches")


@suite.test
def a_waiting_fetch_sleeps_on_while_min_bytes_are_not_there(bench):
    server = open_server(bench)
    with server.connect() as connection, server.connect() as writer:
        name = filled(connection, "not.yet")
        started = time.monotonic()
        sent = connection.send("Fetch", 11, fetch_body(name, 0, max_wait=10_000, min_bytes=10_000))
        for _ in range(3):
            produce(writer, name, batch([bytes(2000)]))
            time.sleep(0.1)
        connection.timeout(0.2)
        try:
            connection.socket.recv(1)
            raise AssertionError(f"6,000 bytes ended a fetch for 10,000 after {time.monotonic() - started:.1f} s")
        except TimeoutError:
            pass
        connection.timeout(5)
        for _ in range(3):
            produce(writer, name, batch([bytes(2000)]))
        answer = connection.receive("Fetch", 11, sent)
        check(len(batches(answer["responses"][0]["partitions"][0]["records"])) >= 5, "the fetch was answered without its bytes")


@suite.test
def a_fetch_with_an_error_in_it_does_not_wait(bench):
    with open_server(bench).connect() as connection:
        name = filled(connection, "error.beside")
        body = fetch_body(name, 0, max_wait=10_000, min_bytes=1)
        body["topics"] += fetch_body("not.there.at.all", 0)["topics"]
        started = time.monotonic()
        answer = connection.request("Fetch", 11, body)
        check(time.monotonic() - started < 2, "the fetch waited although one of its partitions failed")
        codes = {entry["topic"]: entry["partitions"][0]["error_code"] for entry in answer["responses"]}
        check_equal(codes, {name: NONE, "not.there.at.all": UNKNOWN_TOPIC_OR_PARTITION}, "codes")


@suite.test
def deleting_a_topic_ends_its_waiting_fetches_cleanly(bench):
    server = open_server(bench)
    with server.connect() as connection, server.connect() as other:
        name = filled(connection, "deleted.under.a.fetch", [b"a"])
        sent = connection.send("Fetch", 11, fetch_body(name, 1, max_wait=6000, min_bytes=1))
        time.sleep(0.1)
        started = time.monotonic()
        check_code(delete_topic(other, name), NONE, "delete")
        answer = connection.receive("Fetch", 11, sent)["responses"][0]["partitions"][0]
        spent = time.monotonic() - started
        check(answer["error_code"] in (UNKNOWN_TOPIC_OR_PARTITION, 6, 100), f"error {answer['error_code']} for a deleted topic")
        check(spent < 2, f"the fetch of a deleted topic waited for {spent:.1f} s")
        check_code(fetch(connection, name, 0)["error_code"], UNKNOWN_TOPIC_OR_PARTITION, "the next fetch")


@suite.test
def deleting_while_many_read_and_write_fails_them_cleanly(bench):
    server, failures = open_server(bench), []
    with server.connect() as connection:
        filled(connection, "torn.away", *[[bytes(500)]] * 20)
    stop = threading.Event()

    def use(function):
        try:
            with server.connect() as mine:
                while not stop.is_set():
                    code = function(mine)["error_code"]
                    if code not in (NONE, UNKNOWN_TOPIC_OR_PARTITION, 6, OFFSET_OUT_OF_RANGE):
                        failures.append(code)
        except Exception as error:  # whatever it is, the test tells it
            failures.append(repr(error))
    threads = [threading.Thread(target=use, args=(function,)) for function in
               [lambda mine: fetch(mine, "torn.away", 0)] * 3 + [lambda mine: produce(mine, "torn.away", batch([b"x"]))] * 2]
    for thread in threads:
        thread.start()
    with server.connect() as connection:
        for _ in range(5):
            time.sleep(0.1)
            check_code(delete_topic(connection, "torn.away"), NONE, "delete")
            check_code(create_topic(connection, "torn.away"), NONE, "create again")
    stop.set()
    for thread in threads:
        thread.join()
    check(not failures, f"failures: {failures[:5]}")


# ---- offsets by time and place ----

@suite.test
def earliest_latest_and_times_are_found(bench):
    with open_server(bench).connect() as connection:
        name, start = filled(connection, "times"), now_ms() - 100_000
        produce(connection, name, batch([b"a", b"b", b"c"], timestamps=[start, start + 10, start + 20]))
        produce(connection, name, batch([b"d", b"e"], timestamps=[start + 50, start + 40], compressed=True))
        expected = {-2: 0, -1: 5, 0: 0, start: 0, start + 1: 1, start + 10: 1, start + 20: 2, start + 21: 3, start + 41: 3, start + 51: -1}
        for version in range(1, 9):
            for timestamp, offset in expected.items():
                answer = list_offset(connection, name, timestamp, version=version)
                check_equal((answer["error_code"], answer["offset"]), (NONE, offset), f"ListOffsets {version} for {timestamp if timestamp < 1 else timestamp - start}")
        check_equal(list_offset(connection, name, start + 5)["timestamp"], start + 10, "the time of the record that was found")


@suite.test
def special_timestamps_are_known_from_their_version_on(bench):
    with open_server(bench).connect() as connection:
        name, start = filled(connection, "special"), now_ms() - 1000
        produce(connection, name, batch([b"a", b"late", b"c"], timestamps=[start, start + 500, start + 10]))
        for version in range(1, 9):
            answer = list_offset(connection, name, -3, version=version)
            expected = (NONE, 1, start + 500) if version >= 7 else (UNSUPPORTED_VERSION, -1, -1)
            check_equal((answer["error_code"], answer["offset"], answer["timestamp"]), expected, f"-3 in version {version}")
            answer = list_offset(connection, name, -4, version=version)
            check_equal((answer["error_code"], answer["offset"]), (NONE, 0) if version >= 8 else (UNSUPPORTED_VERSION, -1), f"-4 in version {version}")
            for timestamp in (-5, -6, -100):
                check_code(list_offset(connection, name, timestamp, version=version)["error_code"], UNSUPPORTED_VERSION, f"{timestamp} in version {version}")


@suite.test
def version_0_answers_a_list_of_offsets(bench):
    with open_server(bench).connect() as connection:
        name = filled(connection, "version.zero", [b"a", b"b"])
        def offsets(timestamp, most):
            answer = connection.request("ListOffsets", 0, {"replica_id": -1, "topics": [{"name": name, "partitions": [
                {"partition_index": 0, "timestamp": timestamp, "max_num_offsets": most}]}]})
            return answer["topics"][0]["partitions"][0]["old_style_offsets"]
        check_equal(offsets(-1, 1), [2], "latest")
        check_equal(offsets(-2, 1), [0], "earliest")


@suite.test
def leader_epochs_are_checked(bench):
    with open_server(bench).connect() as connection:
        name = filled(connection, "epochs.of.leaders", [b"a"])
        epoch = metadata(connection, [name])[name]["partitions"][0]["leader_epoch"]
        check(epoch >= 0, f"leader epoch {epoch}")
        check_code(fetch(connection, name, 0, leader_epoch=epoch)["error_code"], NONE, "Fetch with the epoch")
        check_code(fetch(connection, name, 0, leader_epoch=epoch + 1)["error_code"], UNKNOWN_LEADER_EPOCH, "Fetch with a later epoch")
        check_code(list_offset(connection, name, -1, leader_epoch=epoch + 1)["error_code"], UNKNOWN_LEADER_EPOCH, "ListOffsets with a later epoch")
        if epoch > 0:
            check_code(fetch(connection, name, 0, leader_epoch=epoch - 1)["error_code"], FENCED_LEADER_EPOCH, "Fetch with an earlier epoch")
        def end_of(asked, current=-1):
            answer = connection.request("OffsetForLeaderEpoch", 3, {"replica_id": -1, "topics": [
                {"topic": name, "partitions": [{"partition": 0, "current_leader_epoch": current, "leader_epoch": asked}]}]})
            part = answer["topics"][0]["partitions"][0]
            return part["error_code"], part["leader_epoch"], part["end_offset"]
        check_equal(end_of(epoch), (NONE, epoch, 1), "the end of the present epoch")
        check_equal(end_of(epoch + 5), (NONE, -1, -1), "the end of an epoch to come")
        check_equal(end_of(epoch, epoch + 1)[0], UNKNOWN_LEADER_EPOCH, "asked with a later current epoch")


@suite.test
def a_clean_restart_keeps_the_leader_epoch(bench):
    directory = bench.fresh()
    epochs = []
    for turn in range(2):
        with Server(bench.binary, directory, dev=True, log_name=f"run-{turn}.log") as server, server.connect() as connection:
            if turn == 0:
                filled(connection, "stable", [b"a"])
            epochs.append(metadata(connection, ["stable"])["stable"]["partitions"][0]["leader_epoch"])
    check_equal(epochs[1], epochs[0], "leader epoch after a clean restart")
