"""Usage as a client and an operator see it: figures counted by hand, recomputed byte for byte, and over kill -9."""
import pathlib
import struct
import sys
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "wire"))

from batch import batch, batches  # noqa: E402
from client import Closed  # noqa: E402
from errors import NONE  # noqa: E402
from kafka import commit, create_topic, fetch, list_offset, produce  # noqa: E402
from server import Server  # noqa: E402
from suite import Suite, check, check_code, check_equal, check_in, eventually  # noqa: E402

suite = Suite()
EVERY_COLUMN = "principal,squad,topic,direction,hour,group,partition,client"
RECORDS = batch([b"one", b"two", b"three"])


def started(bench):
    return bench.enter(Server(bench.binary, bench.fresh(), dev=True))


def tell_library(connection):
    connection.request("ApiVersions", 3, {"client_software_name": "wire-client", "client_software_version": "1.2"})


def write(connection, topic, times, partition=0):
    for _ in range(times):
        check_code(produce(connection, topic, RECORDS, partition)["error_code"], NONE, f"produce to {topic}")


def lines(server, **query):
    words = "&".join(f"{name}={value}" for name, value in query.items())
    return server.http(f"/api/v1/usage?{words}")[2]["lines"]


def amount(server, measure, **query):
    return sum(line["amount"] for line in lines(server, measure=measure, **query))


def report(server, *more):
    """The exact class as `myelin usage` prints it."""
    return server.tool("usage", "--class", "exact", "--by", EVERY_COLUMN, "--output", "csv", *more).stdout


def recomputed(server, *more, check_exit=True):
    return server.tool("usage", "recompute", "--by", EVERY_COLUMN, "--output", "csv", *more, check=check_exit)


def traffic(connection):
    """Two topics, three partitions, two groups, by a library that says its name."""
    tell_library(connection)
    check_code(create_topic(connection, "sales", partitions=2), NONE, "create sales")
    check_code(create_topic(connection, "stock"), NONE, "create stock")
    for partition, times in ((0, 5), (1, 3)):
        write(connection, "sales", times, partition)
        fetch(connection, "sales", 0, partition=partition)
        check_code(commit(connection, "billing", "sales", 3 * times, partition), NONE, "commit")
    write(connection, "stock", 2)
    fetch(connection, "stock", 0)
    check_code(commit(connection, "board", "stock", 4), NONE, "commit")
    check_code(commit(connection, "board", "stock", 6), NONE, "commit")


@suite.test
def each_measure_is_what_the_client_did(bench):
    server = started(bench)
    with server.connect() as connection:
        traffic(connection)
        refused = produce(connection, "sales", RECORDS[:-1] + bytes([RECORDS[-1] ^ 1]))
        check(refused["error_code"] != NONE, "a batch with a wrong checksum was taken")
    expected = {"appended_records": 30, "appended_bytes": 10 * len(RECORDS), "served_offsets": 30, "served_bytes": 10 * len(RECORDS),
                "consumed_offsets": 30, "refused_bytes": len(RECORDS), "requests": 20, "connections": 1}
    found = {line["measure"]: line for line in lines(server, group_by="client")}
    check_equal({name: found[name]["amount"] for name in expected}, expected, "amounts")
    classes = {name: line["class"] for name, line in found.items()}
    exact = {"appended_records", "appended_bytes", "consumed_offsets"}
    check_equal({name for name, of in classes.items() if of == "exact"}, exact, "measures of the class exact")
    check_equal({line["client"] for name, line in found.items() if name != "consumed_offsets"}, {"wire-client 1.2"}, "client libraries")
    check(found["request_time"]["amount"] > 0, "requests took no time")
    by_partition = {(line["group"], line["topic"], line["partition"]): (line["principal"], line["amount"])
                    for line in lines(server, measure="consumed_offsets", group_by="principal,group,topic,partition")}
    check_equal(by_partition, {("billing", "sales", 0): ("(anonymous)", 15), ("billing", "sales", 1): ("(anonymous)", 9),
                               ("board", "stock", 0): ("(anonymous)", 6)}, "consumption by group and partition")


@suite.test
def a_group_that_starts_at_the_end_consumed_nothing_of_what_was_before(bench):
    server = started(bench)
    with server.connect() as connection:
        check_code(create_topic(connection, "sales"), NONE, "create")
        write(connection, "sales", 100)
        check_code(commit(connection, "late", "sales", 300), NONE, "commit")
        check_equal(amount(server, "consumed_offsets"), 0, "consumed before anything was read")
        write(connection, "sales", 2)
        fetch(connection, "sales", 300)
        check_code(commit(connection, "late", "sales", 306), NONE, "commit")
    check_equal(amount(server, "consumed_offsets"), 6, "consumed")


def begin_committing(connection, offset):
    """A transaction of group "screen" that has committed an offset and not ended; returns who its producer is."""
    answer = connection.request("InitProducerId", 4, {"transactional_id": "screen", "transaction_timeout_ms": 60000, "producer_id": -1,
                                                      "producer_epoch": -1})
    check_code(answer["error_code"], NONE, "InitProducerId")
    producer = {"transactional_id": "screen", "producer_id": answer["producer_id"], "producer_epoch": answer["producer_epoch"]}
    check_code(connection.request("AddOffsetsToTxn", 3, {**producer, "group_id": "screen"})["error_code"], NONE, "AddOffsetsToTxn")
    answer = connection.request("TxnOffsetCommit", 3, {**producer, "group_id": "screen", "topics": [
        {"name": "sales", "partitions": [{"partition_index": 0, "committed_offset": offset, "committed_metadata": ""}]}]})
    check_code(answer["topics"][0]["partitions"][0]["error_code"], NONE, "TxnOffsetCommit")
    return producer


@suite.test
def a_transaction_consumes_when_it_commits_also_after_a_kill(bench):
    server = started(bench)
    with server.connect() as connection:
        check_code(create_topic(connection, "sales"), NONE, "create")
        write(connection, "sales", 4)
        fetch(connection, "sales", 3)
        producer = begin_committing(connection, 12)
        check_equal(amount(server, "consumed_offsets"), 0, "consumed before the end")
        check_code(connection.request("EndTxn", 3, {**producer, "committed": True})["error_code"], NONE, "EndTxn")
    check_equal(amount(server, "consumed_offsets"), 9, "consumed with the first commit of the group, from where its client began to read")
    with server.connect() as connection:
        write(connection, "sales", 1)
        producer = begin_committing(connection, 15)
    server.kill()
    server.start()
    with server.connect() as connection:
        check_code(connection.request("EndTxn", 3, {**producer, "committed": True})["error_code"], NONE, "EndTxn after the kill")
    found = lines(server, measure="consumed_offsets", group_by="principal,group,topic,partition")
    check_equal([(line["principal"], line["group"], line["amount"]) for line in found], [("(anonymous)", "screen", 12)], "consumption")
    check_equal(recomputed(server).stdout, report(server), "recomputed")


@suite.test
def recomputing_gives_the_same_bytes_also_after_kill(bench):
    server = started(bench)
    with server.connect() as connection:
        traffic(connection)
    before = report(server)
    check_equal(recomputed(server).stdout, before, "recomputed")
    check_equal(before.count("appended_records"), 2, "lines of appended records")
    check_equal(before.count("consumed_offsets"), 3, "lines of consumed offsets")
    for _ in range(2):
        server.kill()
        server.start()
        check_equal(report(server), before, "reported after kill -9")
        check_equal(recomputed(server).stdout, before, "recomputed after kill -9")
    check_equal(recomputed(server, "--topic", "stock").stdout, report(server, "--topic", "stock"), "recomputed for one topic")


def is_coalesced(journal):
    return struct.unpack_from(">I", journal.read_bytes(), 12)[0] & 1 == 1


@suite.test
def joined_journal_entries_say_what_the_single_ones_said(bench):
    server = started(bench)
    with server.connect() as connection:
        traffic(connection)
        for _ in range(20):
            for partition in (0, 1):
                write(connection, "sales", 10, partition)

    def answers():
        """All that is told of the appends."""
        lineage = server.http("/api/v1/lineage")[2]
        edges = {name: lineage[name] for name in ("writes", "reads", "triples", "unknown_principals")}
        who = [server.http(f"/api/v1/who/{thing}")[2] for thing in ("topic/sales", "principal/(anonymous)")]
        return [report(server), recomputed(server).stdout, edges, who]
    eventually(lambda: recomputed(server, check_exit=False).returncode == 0, 10, "the roll-up's news of the last append")
    before = answers()
    check_in("appended_records", before[0], "the report")
    journal = max((server.data / "provenance").glob("*.journal"))
    server.kill()
    single = len(journal.read_bytes().rstrip(b"\0"))
    server.start()
    eventually(lambda: is_coalesced(journal), 30, "the coalescing of the file that the kill left")
    check(journal.stat().st_size < single / 10, f"{single} bytes became {journal.stat().st_size}")
    check_equal(answers(), before, "answers while the journal is coalesced")
    for end in (server.kill, server.stop):
        end()
        server.start()
        check_equal(answers(), before, "answers from a coalesced journal")
    check_equal(server.doctor()["provenance"]["verdict"], "ok", "the doctor's word on the journal")


def date_back(journal, days):
    """Makes the file say that it was begun so long ago."""
    content = bytearray(journal.read_bytes())
    struct.pack_into(">q", content, 24, int((time.time() - days * 86400) * 1000))
    struct.pack_into(">I", content, 32, crc32c(bytes(content[:32])))
    overwrite(journal, content)


@suite.test
def the_journal_remembers_as_long_as_its_setting_says(bench):
    server = started(bench)
    with server.connect() as connection:
        check_code(create_topic(connection, "sales"), NONE, "create")
        write(connection, "sales", 4)
    for _ in range(2):
        server.stop()
        server.start()
    server.stop()
    journals = sorted((server.data / "provenance").glob("*.journal"))
    check_equal(len(journals), 3, "files of three runs")
    for journal, days in zip(journals, (10, 5, 1)):
        date_back(journal, days)
    first, *others = journals  # its last entry was made five days ago
    server.sets = ["storage.journal_retention_days=7"]
    server.start()
    eventually(lambda: is_coalesced(first), 30, "the first housekeeping")
    check_equal(amount(server, "appended_records", topic="sales"), 12, "records known after five days of seven")
    server.stop()
    server.sets = ["storage.journal_retention_days=3"]
    server.start()
    eventually(lambda: not first.exists(), 30, "the end of the first file")
    check(all(journal.exists() for journal in others), "younger files went too")
    server.stop()
    server.start()
    check_equal(amount(server, "appended_records", topic="sales"), 0, "records known after five days of three")
    with server.connect() as connection:
        check_equal(list_offset(connection, "sales", -1)["offset"], 12, "end of the log")


@suite.test
def recomputing_agrees_while_traffic_goes_on(bench):
    server = started(bench)
    stop = threading.Event()
    troubles = []

    def keep_writing():
        try:
            with server.connect() as connection:
                offset = 0
                while not stop.is_set():
                    write(connection, "busy", 1)
                    fetch(connection, "busy", offset)
                    offset += 3
                    check_code(commit(connection, "busy", "busy", offset), NONE, "commit")
        except Exception as trouble:  # told by the test's own thread
            troubles.append(trouble)

    with server.connect() as connection:
        check_code(create_topic(connection, "busy"), NONE, "create")
    writer = threading.Thread(target=keep_writing)
    writer.start()
    try:
        for _ in range(5):
            done = recomputed(server, check_exit=False)
            check_equal((done.returncode, done.stderr), (0, ""), "recomputing under traffic")
    finally:
        stop.set()
        writer.join()
    check_equal(troubles, [], "the writer")
    check_equal(recomputed(server).stdout, report(server), "recomputed when traffic has ended")


def forge_attribution(journal):
    """Another principal, with a name of the same length, behind every append of a journal file."""
    content = bytearray(journal.read_bytes())
    at = content.index(b"(anonymous)")
    start = at - 2 - 4 - 1  # the frame's kind; its length and checksum lie before it
    check_equal(content[start], 1, "kind of the frame with the first principal")
    size = struct.unpack_from(">I", content, start - 8)[0]
    content[at:at + 11] = b"(nobodyhere"
    struct.pack_into(">I", content, start - 4, crc32c(bytes(content[start:start + size])))
    overwrite(journal, content)


def overwrite(path, content):
    """In place: the server keeps its file."""
    with path.open("r+b") as file:
        file.write(content)


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


@suite.test
def recomputing_prints_what_differs_and_exits_with_one(bench):
    server = started(bench)
    with server.connect() as connection:
        check_code(create_topic(connection, "sales"), NONE, "create")
        write(connection, "sales", 4)
    forge_attribution(max((server.data / "provenance").glob("*.journal")))
    done = recomputed(server, check_exit=False)
    check_equal(done.returncode, 1, "exit code")
    check_in("appended_records principal (anonymous) topic sales", done.stderr, "what differs")
    check_in("the journals say 0, the roll-up says 12", done.stderr, "what differs")
    check_in("the journals say 12, the roll-up says 0", done.stderr, "what differs")


@suite.test
def a_kill_loses_at_most_the_last_second_of_what_is_journalled_and_never_adds(bench):
    server = started(bench)
    with server.connect() as connection:
        check_code(create_topic(connection, "sales", configs={"myelin.durability": "os"}), NONE, "create")
        write(connection, "sales", 20)
    moments, total, asked = [], 0, 21  # when each answer had come, and the offsets served by then; all requests
    for round_ in range(3):
        begun = time.monotonic()
        gone = threading.Timer(1.7 + 0.3 * round_, server.process.kill)
        gone.start()
        try:
            with server.connect() as connection:
                while True:
                    asked += 1
                    answer = fetch(connection, "sales", 0)
                    whole = batches(answer["records"])
                    total += whole[-1].base_offset + whole[-1].last_delta + 1
                    moments.append((time.monotonic(), total))
        except (Closed, ConnectionError):
            pass
        gone.join()
        killed = time.monotonic()
        server.kill()
        server.start()
        measured = amount(server, "served_offsets", topic="sales")
        # One answer may have been served and not have come.
        check(measured <= total + 60, f"measured {measured}, served {total}: counted more than was served")
        due = max((served for when, served in moments if when <= killed - 1), default=0)
        check(measured >= due, f"measured {measured}, but {due} were served more than a second before the kill")
        check(killed - begun > 1, "the round was too short to show anything")
        requests = amount(server, "requests")
        check(requests <= asked, f"{requests} requests measured, {asked} made")
        moments, total, asked = [(0, measured)], measured, requests


@suite.test
def the_map_tells_rates_to_whoever_just_asks(bench):
    server = started(bench)
    with server.connect() as connection:
        check_code(create_topic(connection, "sales"), NONE, "create")

        def moves():
            write(connection, "sales", 1)
            edges = server.http("/api/v1/map")[2]["edges"]
            return any(edge["direction"] == "write" and edge["bytes_per_second"] > 0 for edge in edges)
        eventually(moves, 10, "a rate on the edge")

        def rests():
            return all(edge["bytes_per_second"] == 0 for edge in server.http("/api/v1/map")[2]["edges"])
        eventually(rests, 20, "the edge's rest")


def with_four_batches(bench):
    """A server on a topic of four appends, and the journal file that tells of them."""
    server = started(bench)
    with server.connect() as connection:
        check_code(create_topic(connection, "sales"), NONE, "create")
        write(connection, "sales", 4)
        check_equal(list_offset(connection, "sales", -1)["offset"], 12, "end of the log")
    return server, max((server.data / "provenance").glob("*.journal"))


@suite.test
def doctor_and_the_next_start_find_a_gap_in_the_journal(bench):
    server, journal = with_four_batches(bench)
    check_equal(server.doctor()["provenance"]["verdict"], "ok", "provenance of a whole journal")
    server.stop()
    lose_second_append(journal, len(RECORDS))
    server.start()
    found = server.doctor()["provenance"]
    check_equal(found["verdict"], "failed", "provenance of a journal with a gap")
    check_in("gap", found["finding"], "the finding")
    eventually(lambda: "the provenance journal has a gap" in server.log_path.read_text(), 10, "the log's word of the gap")


@suite.test
def records_whose_entry_a_kill_took_belong_to_nobody_and_still_count(bench):
    server, journal = with_four_batches(bench)
    server.kill()
    lose_second_append(journal, len(RECORDS))
    server.start()
    check_equal(server.doctor()["provenance"]["verdict"], "ok", "provenance after recovery")
    records = {line["principal"]: line["amount"] for line in lines(server, measure="appended_records", group_by="principal")}
    check_equal(records, {"(anonymous)": 9, "(lost in power cut)": 3}, "records by principal")
    check_equal(recomputed(server).stdout, report(server), "recomputed")


def lose_second_append(journal, log_bytes):
    """Breaks the checksum of the second append entry whose batch has this size."""
    content = bytearray(journal.read_bytes())
    marker = struct.pack(">II", 3, log_bytes)  # count, log bytes
    at = content.index(marker, content.index(marker) + 1)
    content[at + 4] ^= 1
    overwrite(journal, content)


suite.main()
