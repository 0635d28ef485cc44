"""Transactions on the wire: what commits is seen whole, what aborts is never seen, who was fenced writes nothing more, and no kill
leaves one open. Expected codes are those of Apache Kafka 4.3.1."""
import threading
import time

from batch import batch, batches
from errors import (CONCURRENT_TRANSACTIONS, INVALID_PRODUCER_EPOCH, INVALID_PRODUCER_ID_MAPPING, INVALID_RECORD, INVALID_TRANSACTION_TIMEOUT,
                    INVALID_TXN_STATE, NONE, OPERATION_NOT_ATTEMPTED, PRODUCER_FENCED, TRANSACTIONAL_ID_NOT_FOUND, UNKNOWN_TOPIC_OR_PARTITION,
                    UNSTABLE_OFFSET_COMMIT)
from kafka import create_topic, fetch, fetch_body, list_offset, produce
from server import Server
from suite import Suite, check, check_code, check_equal, eventually

suite = Suite()
TRANSACTIONAL, CONTROL, COMMITTED = 0x10, 0x20, 1


def open_server(bench):
    return bench.keep("transactions", lambda: Server(bench.binary, bench.fresh(), dev=True).start())


class Producer:
    """A transactional producer, one request at a time."""

    def __init__(self, connection, transactional_id, timeout_ms=60000):
        self.connection, self.transactional_id, self.sequences = connection, transactional_id, {}
        answer = self.begin(timeout_ms)
        check_code(answer["error_code"], NONE, "InitProducerId")
        self.id, self.epoch = answer["producer_id"], answer["producer_epoch"]

    def begin(self, timeout_ms=60000):
        """Asked again while what was open before is being aborted."""
        while True:
            answer = self.connection.request("InitProducerId", 4, {"transactional_id": self.transactional_id, "transaction_timeout_ms": timeout_ms,
                                                                   "producer_id": -1, "producer_epoch": -1})
            if answer["error_code"] != CONCURRENT_TRANSACTIONS:
                return answer

    def who(self):
        return {"transactional_id": self.transactional_id, "producer_id": self.id, "producer_epoch": self.epoch}

    def add(self, *partitions, version=3):
        """The codes, by partition."""
        answer = self.connection.request("AddPartitionsToTxn", version, {
            "v3_and_below_transactional_id": self.transactional_id, "v3_and_below_producer_id": self.id, "v3_and_below_producer_epoch": self.epoch,
            "v3_and_below_topics": [{"name": topic, "partitions": [partition]} for topic, partition in partitions]})
        return [partition["partition_error_code"] for topic in answer["results_by_topic_v3_and_below"] for partition in topic["results_by_partition"]]

    def send(self, topic, *values, partition=0, connection=None):
        at = (topic, partition)
        sequence = self.sequences.get(at, 0)
        answer = produce(connection or self.connection, topic, batch(list(values), attributes=TRANSACTIONAL, producer_id=self.id, epoch=self.epoch, sequence=sequence),
                         partition, transactional_id=self.transactional_id)
        if answer["error_code"] == NONE:
            self.sequences[at] = sequence + len(values)
        return answer

    def write(self, topic, *values, partition=0):
        check_equal(self.add((topic, partition)), [NONE], "AddPartitionsToTxn")
        check_code(self.send(topic, *values, partition=partition)["error_code"], NONE, "Produce")

    def end(self, commits, version=3):
        return self.connection.request("EndTxn", version, {**self.who(), "committed": commits})["error_code"]

    def commit(self):
        check_code(self.end(True), NONE, "EndTxn (commit)")

    def abort(self):
        check_code(self.end(False), NONE, "EndTxn (abort)")


def committed_values(connection, topic, partition=0):
    """What a client that reads committed records makes of the fetches: it leaves out what it is told was aborted."""
    offset, values = 0, []
    while True:
        answer = fetch(connection, topic, offset, partition=partition, isolation=COMMITTED)
        check_code(answer["error_code"], NONE, f"fetch of {topic}")
        found = batches(answer["records"])
        aborted = sorted((entry["first_offset"], entry["producer_id"]) for entry in answer["aborted_transactions"] or [])
        if not found:
            return values
        is_aborting = set()
        for one in found:
            while aborted and aborted[0][0] <= one.base_offset + one.last_delta:
                is_aborting.add(aborted.pop(0)[1])
            if one.attributes & CONTROL:
                is_aborting.discard(one.producer_id)
            elif not (one.attributes & TRANSACTIONAL and one.producer_id in is_aborting):
                values += one.values()
        offset = found[-1].base_offset + found[-1].last_delta + 1


def new_topic(connection, name, partitions=1):
    check_code(create_topic(connection, name, partitions), NONE, f"create {name}")
    return name


@suite.test
def what_commits_is_seen_whole_and_not_before(bench):
    with open_server(bench).connect() as connection:
        topic = new_topic(connection, "tx.commit", 2)
        producer = Producer(connection, "tx.commit")
        producer.write(topic, b"a", b"b")
        producer.write(topic, b"c", partition=1)
        check_equal([committed_values(connection, topic, partition) for partition in (0, 1)], [[], []], "committed values before the end")
        answer = fetch(connection, topic, 0)
        check_equal((answer["high_watermark"], answer["last_stable_offset"]), (2, 0), "offsets while the transaction is open")
        producer.commit()
        check_equal([committed_values(connection, topic, partition) for partition in (0, 1)], [[b"a", b"b"], [b"c"]], "committed values")
        answer = fetch(connection, topic, 0)
        check_equal((answer["high_watermark"], answer["last_stable_offset"]), (3, 3), "offsets behind the marker")


@suite.test
def what_aborts_is_never_seen(bench):
    with open_server(bench).connect() as connection:
        topic = new_topic(connection, "tx.abort")
        producer = Producer(connection, "tx.abort")
        producer.write(topic, b"no")
        producer.abort()
        producer.write(topic, b"yes")
        producer.commit()
        check_equal(committed_values(connection, topic), [b"yes"], "committed values")
        told = fetch(connection, topic, 0, isolation=COMMITTED)["aborted_transactions"]
        check_equal([(entry["producer_id"], entry["first_offset"]) for entry in told], [(producer.id, 0)], "aborted transactions")
        check_equal(fetch(connection, topic, 2, isolation=COMMITTED)["aborted_transactions"], [], "aborted transactions behind the marker")


@suite.test
def transactions_of_two_producers_lie_between_each_other(bench):
    with open_server(bench).connect() as connection:
        topic = new_topic(connection, "tx.two")
        first, second = Producer(connection, "tx.two.first"), Producer(connection, "tx.two.second")
        first.write(topic, b"1")
        second.write(topic, b"2")
        check_code(produce(connection, topic, batch([b"plain"]))["error_code"], NONE, "a plain batch")
        second.commit()
        check_equal(committed_values(connection, topic), [], "values while the first is open")
        first.abort()
        check_equal(committed_values(connection, topic), [b"2", b"plain"], "values")


@suite.test
def a_commit_wakes_who_waits_for_committed_records(bench):
    server = open_server(bench)
    with server.connect() as connection, server.connect() as reader:
        topic = new_topic(connection, "tx.wakes")
        producer = Producer(connection, "tx.wakes")
        producer.write(topic, b"a")
        answers = []
        waiting = threading.Thread(target=lambda: answers.append(reader.request("Fetch", 11, fetch_body(topic, 0, max_wait=20000, min_bytes=1, isolation=COMMITTED))))
        waiting.start()
        time.sleep(0.3)
        check_equal(answers, [], "answers before the commit")
        producer.commit()
        waiting.join(10)
        check(answers, "the reader still waits ten seconds after the commit")
        check_equal(batches(answers[0]["responses"][0]["partitions"][0]["records"])[0].values(), [b"a"], "what it got")


@suite.test
def list_offsets_tells_readers_of_committed_records_the_last_stable_one(bench):
    with open_server(bench).connect() as connection:
        topic = new_topic(connection, "tx.listed")
        producer = Producer(connection, "tx.listed")
        producer.write(topic, b"a")

        def latest(isolation):
            answer = connection.request("ListOffsets", 5, {"replica_id": -1, "isolation_level": isolation, "topics": [
                {"name": topic, "partitions": [{"partition_index": 0, "timestamp": -1, "current_leader_epoch": -1}]}]})
            return answer["topics"][0]["partitions"][0]["offset"]
        check_equal((latest(0), latest(COMMITTED)), (1, 0), "latest while the transaction is open")
        producer.commit()
        check_equal((latest(0), latest(COMMITTED)), (2, 2), "latest afterwards")


@suite.test
def a_batch_of_a_partition_that_was_not_added_is_refused(bench):
    with open_server(bench).connect() as connection:
        topic = new_topic(connection, "tx.not.added", 2)
        producer = Producer(connection, "tx.not.added")
        check_code(producer.send(topic, b"a")["error_code"], INVALID_TXN_STATE, "nothing was added")
        producer.write(topic, b"a")
        check_code(producer.send(topic, b"b", partition=1)["error_code"], INVALID_TXN_STATE, "another partition was added")
        producer.commit()
        check_code(producer.send(topic, b"late")["error_code"], INVALID_TXN_STATE, "a batch that comes after the end")
        check_equal(list_offset(connection, topic, -1)["offset"], 2, "the log's end: nothing hangs behind the marker")


@suite.test
def a_plain_batch_of_a_producer_with_an_open_transaction_is_refused(bench):
    with open_server(bench).connect() as connection:
        topic = new_topic(connection, "tx.plain")
        producer = Producer(connection, "tx.plain")
        producer.write(topic, b"a")
        answer = produce(connection, topic, batch([b"b"], producer_id=producer.id, epoch=producer.epoch, sequence=1), transactional_id="tx.plain")
        check_code(answer["error_code"], INVALID_TXN_STATE, "a batch without the transactional bit")
        producer.abort()


@suite.test
def clients_can_not_write_markers(bench):
    with open_server(bench).connect() as connection:
        topic = new_topic(connection, "tx.markers")
        producer = Producer(connection, "tx.markers")
        check_equal(producer.add((topic, 0)), [NONE], "add")
        forged = batch([b"\0\0\0\0\0\0"], key=b"\0\0\0\1", attributes=TRANSACTIONAL | CONTROL, producer_id=producer.id, epoch=producer.epoch, sequence=-1)
        check_code(produce(connection, topic, forged, transactional_id="tx.markers")["error_code"], INVALID_RECORD, "a forged marker")
        producer.abort()


@suite.test
def who_takes_the_id_over_fences_who_had_it_and_aborts_what_was_open(bench):
    with open_server(bench).connect() as connection:
        topic = new_topic(connection, "tx.fence")
        zombie = Producer(connection, "tx.fence")
        zombie.write(topic, b"lost")
        heir = Producer(connection, "tx.fence")
        check_equal(heir.id, zombie.id, "producer id")
        check(heir.epoch > zombie.epoch, f"epoch {heir.epoch} follows {zombie.epoch}")
        check_code(zombie.send(topic, b"x")["error_code"], INVALID_PRODUCER_EPOCH, "Produce of who was fenced")
        check_equal(zombie.add((topic, 0)), [PRODUCER_FENCED], "AddPartitionsToTxn 3")
        check_equal(zombie.add((topic, 0), version=1), [INVALID_PRODUCER_EPOCH], "AddPartitionsToTxn 1")
        check_code(zombie.end(True), PRODUCER_FENCED, "EndTxn 3")
        check_code(zombie.end(True, version=1), INVALID_PRODUCER_EPOCH, "EndTxn 1")
        heir.write(topic, b"kept")
        heir.commit()
        check_equal(committed_values(connection, topic), [b"kept"], "values")


@suite.test
def a_transaction_that_takes_too_long_is_aborted(bench):
    with open_server(bench).connect() as connection:
        topic = new_topic(connection, "tx.slow")
        producer = Producer(connection, "tx.slow", timeout_ms=300)
        producer.write(topic, b"a")
        eventually(lambda: fetch(connection, topic, 0)["last_stable_offset"] == 2, what="the abort")
        check_equal(committed_values(connection, topic), [], "values")
        check_code(producer.end(True), PRODUCER_FENCED, "EndTxn")


@suite.test
def an_end_that_is_asked_for_again_is_answered_again(bench):
    with open_server(bench).connect() as connection:
        topic = new_topic(connection, "tx.again")
        producer = Producer(connection, "tx.again")
        check_code(producer.end(True), INVALID_TXN_STATE, "an end before a beginning")
        producer.write(topic, b"a")
        producer.commit()
        check_code(producer.end(True), NONE, "the same again")
        check_code(producer.end(False), INVALID_TXN_STATE, "the contrary")
        check_equal(list_offset(connection, topic, -1)["offset"], 2, "one record and one marker")


@suite.test
def strangers_ids_epochs_and_times_are_refused(bench):
    with open_server(bench).connect() as connection:
        topic = new_topic(connection, "tx.strange")
        for timeout_ms in (0, -1, 900_001):
            answer = connection.request("InitProducerId", 4, {"transactional_id": "tx.strange", "transaction_timeout_ms": timeout_ms})
            check_code(answer["error_code"], INVALID_TRANSACTION_TIMEOUT, f"a timeout of {timeout_ms} ms")
        producer = Producer(connection, "tx.strange")
        codes = producer.add((topic, 0), (topic, 7), ("tx.nowhere", 0))
        check_equal(codes, [OPERATION_NOT_ATTEMPTED, UNKNOWN_TOPIC_OR_PARTITION, UNKNOWN_TOPIC_OR_PARTITION], "unknown partitions")
        producer.id += 1000
        check_equal(producer.add((topic, 0)), [INVALID_PRODUCER_ID_MAPPING], "another producer's id")
        check_code(producer.end(True), INVALID_PRODUCER_ID_MAPPING, "EndTxn with another producer's id")


@suite.test
def nobody_writes_into_a_transaction_under_another_name(bench):
    with open_server(bench).connect() as connection:
        topic = new_topic(connection, "borrowed")
        owner, stranger = Producer(connection, "owner"), Producer(connection, "stranger")
        check_equal(owner.add((topic, 0)), [NONE], "AddPartitionsToTxn")
        check_equal(stranger.add((topic, 0)), [NONE], "AddPartitionsToTxn of the stranger")
        add_offsets(owner, "borrowed")
        for name in ("stranger", "nobody"):
            borrowed = batch([b"x"], attributes=TRANSACTIONAL, producer_id=owner.id, epoch=owner.epoch, sequence=0)
            for version in (8, 12):
                answer = produce(connection, topic, borrowed, version=version, transactional_id=name)
                check_code(answer["error_code"], INVALID_PRODUCER_ID_MAPPING, f"Produce {version} as {name}")
            for version in (3, 5):
                answer = connection.request("TxnOffsetCommit", version, {**owner.who(), "transactional_id": name, "group_id": "borrowed", "topics": [
                    {"name": topic, "partitions": [{"partition_index": 0, "committed_offset": 1, "committed_metadata": ""}]}]})
                check_code(answer["topics"][0]["partitions"][0]["error_code"], INVALID_PRODUCER_ID_MAPPING, f"TxnOffsetCommit {version} as {name}")
        owner.commit()
        check_equal(committed_values(connection, topic), [], "records of the owner's transaction")


def add_offsets(producer, group):
    return producer.connection.request("AddOffsetsToTxn", 3, {**producer.who(), "group_id": group})["error_code"]


def commit_offset(producer, group, topic, offset, version=3):
    answer = producer.connection.request("TxnOffsetCommit", version, {**producer.who(), "group_id": group, "topics": [
        {"name": topic, "partitions": [{"partition_index": 0, "committed_offset": offset, "committed_metadata": "n"}]}]})
    return answer["topics"][0]["partitions"][0]["error_code"]


def committed_offset(connection, group, topic, stable=False):
    answer = connection.request("OffsetFetch", 8, {"require_stable": stable, "groups": [
        {"group_id": group, "topics": [{"name": topic, "partition_indexes": [0]}]}]})
    part = answer["groups"][0]["topics"][0]["partitions"][0]
    return part["error_code"], part["committed_offset"]


@suite.test
def offsets_in_a_transaction_count_when_it_commits(bench):
    with open_server(bench).connect() as connection:
        topic = new_topic(connection, "tx.offsets")
        producer = Producer(connection, "tx.offsets")
        check_code(commit_offset(producer, "tx.group", topic, 5), INVALID_TXN_STATE, "offsets that were not added")
        for offset, commits, expected in ((5, False, -1), (7, True, 7), (9, False, 7)):
            check_code(add_offsets(producer, "tx.group"), NONE, "AddOffsetsToTxn")
            check_code(commit_offset(producer, "tx.group", topic, offset), NONE, "TxnOffsetCommit")
            before = committed_offset(connection, "tx.group", topic)
            check(before[1] != offset, "the offset counts before the end")
            check_equal(committed_offset(connection, "tx.group", topic, stable=True), (UNSTABLE_OFFSET_COMMIT, -1), "who asks for stable offsets")
            check_code(producer.end(commits), NONE, "EndTxn")
            check_equal(committed_offset(connection, "tx.group", topic, stable=True), (NONE, expected), "the offset after the end")


@suite.test
def transactions_are_described_and_listed(bench):
    with open_server(bench).connect() as connection:
        topic = new_topic(connection, "tx.described")
        producer = Producer(connection, "tx.described")
        producer.write(topic, b"a")
        states = connection.request("DescribeTransactions", 0, {"transactional_ids": ["tx.described", "tx.nobody"]})["transaction_states"]
        check_equal((states[0]["transaction_state"], states[0]["producer_id"], [entry["topic"] for entry in states[0]["topics"]]),
                    ("Ongoing", producer.id, [topic]), "the description")
        check_code(states[1]["error_code"], TRANSACTIONAL_ID_NOT_FOUND, "an id that nobody has")
        listed = connection.request("ListTransactions", 1, {"state_filters": ["Ongoing"], "producer_id_filters": [], "duration_filter": -1})
        check("tx.described" in [entry["transactional_id"] for entry in listed["transaction_states"]], "it is not listed")
        active = connection.request("DescribeProducers", 0, {"topics": [{"name": topic, "partition_indexes": [0]}]})["topics"][0]["partitions"][0]
        check_equal([(entry["producer_id"], entry["current_txn_start_offset"]) for entry in active["active_producers"]], [(producer.id, 0)], "producers")
        producer.commit()


@suite.test
def a_kill_leaves_no_transaction_half_done(bench):
    directory = bench.fresh()
    server = bench.enter(Server(bench.binary, directory, dev=True))
    with server.connect() as connection:
        topic = new_topic(connection, "tx.kill", 2)
        done, open_one = Producer(connection, "tx.done"), Producer(connection, "tx.open", timeout_ms=30000)
        done.write(topic, b"done")
        done.commit()
        open_one.write(topic, b"open")
        open_one.write(topic, b"too", partition=1)
        check_code(add_offsets(open_one, "tx.kill"), NONE, "AddOffsetsToTxn")
        check_code(commit_offset(open_one, "tx.kill", topic, 1), NONE, "TxnOffsetCommit")
    server.kill()
    again = bench.enter(Server(bench.binary, directory, dev=True))
    with again.connect() as connection:
        check_equal(committed_values(connection, topic), [b"done"], "values after the kill")
        check_equal(committed_offset(connection, "tx.kill", topic, stable=True), (UNSTABLE_OFFSET_COMMIT, -1), "the offset after the kill")
        open_one.connection = connection
        open_one.commit()
        check_equal(committed_values(connection, topic), [b"done", b"open"], "values after the commit")
        check_equal(committed_values(connection, topic, 1), [b"too"], "values of the other partition")
        check_equal(committed_offset(connection, "tx.kill", topic, stable=True), (NONE, 1), "the offset after the commit")
    again.kill()
    last = bench.enter(Server(bench.binary, directory, dev=True))
    with last.connect() as connection:
        check_equal(committed_values(connection, topic), [b"done", b"open"], "values after another kill")
        check_equal(committed_offset(connection, "tx.kill", topic, stable=True), (NONE, 1), "the offset after another kill")
