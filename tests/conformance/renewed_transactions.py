"""Transactions with an epoch for each (KIP-890): partitions come in with the first batch, the end gives the next epoch, and nothing that
arrives late can pass for part of the next transaction. Expected codes are those of Apache Kafka 4.3.1."""
from batch import batch
from errors import INVALID_PRODUCER_EPOCH, INVALID_PRODUCER_ID_MAPPING, INVALID_TXN_STATE, NONE, PRODUCER_FENCED, UNKNOWN_TOPIC_OR_PARTITION
from kafka import list_offset, produce, produce_body
from server import Server
from suite import Suite, check, check_code, check_equal, eventually
from transactions import (TRANSACTIONAL, Producer, commit_offset, committed_offset, committed_values, new_topic, open_server)

suite = Suite()
PRODUCE, END, COMMIT_OFFSETS = 12, 5, 5


class RenewedProducer(Producer):
    """Announces nothing, and goes on with the epoch that the last end gave it."""

    def body(self, topic, *values, partition=0):
        at = (topic, partition)
        sequence = self.sequences.get(at, 0)
        self.sequences[at] = sequence + len(values)
        return produce_body(topic, batch(list(values), attributes=TRANSACTIONAL, producer_id=self.id, epoch=self.epoch, sequence=sequence),
                            partition, transactional_id=self.transactional_id)

    def send(self, topic, *values, partition=0, connection=None):
        answer = self.connection.request("Produce", PRODUCE, self.body(topic, *values, partition=partition))
        return answer["responses"][0]["partition_responses"][0]

    def write(self, topic, *values, partition=0):
        check_code(self.send(topic, *values, partition=partition)["error_code"], NONE, "Produce")

    def ask_to_end(self, commits):
        return self.connection.request("EndTxn", END, {**self.who(), "committed": commits})

    def end(self, commits, version=END):
        answer = self.ask_to_end(commits)
        if answer["error_code"] == NONE:
            check(answer["producer_epoch"] > self.epoch or answer["producer_id"] != self.id, "the end gave no new epoch")
            self.id, self.epoch, self.sequences = answer["producer_id"], answer["producer_epoch"], {}
        return answer["error_code"]


@suite.test
def clients_are_told_of_version_2(bench):
    with open_server(bench).connect() as connection:
        told = connection.request("ApiVersions", 4, {"client_software_name": "test", "client_software_version": "1"})
        finalized = [(entry["name"], entry["max_version_level"]) for entry in told["finalized_features"]]
        check("transaction.version" in dict(finalized) and dict(finalized)["transaction.version"] == 2, f"finalized features: {finalized}")
        supported = {entry["name"]: (entry["min_version"], entry["max_version"]) for entry in told["supported_features"]}
        check_equal(supported["transaction.version"], (0, 2), "supported versions")
        older = connection.request("ApiVersions", 3, {"client_software_name": "test", "client_software_version": "1"})
        check_equal([entry["name"] for entry in older["supported_features"] or [] if entry["min_version"] == 0], [], "ranges from 0 before version 4")


@suite.test
def partitions_come_in_with_the_first_batch(bench):
    with open_server(bench).connect() as connection:
        topic = new_topic(connection, "tx2.first", 2)
        producer = RenewedProducer(connection, "tx2.first")
        producer.write(topic, b"a")
        producer.write(topic, b"b", partition=1)
        producer.write(topic, b"c")
        states = connection.request("DescribeTransactions", 0, {"transactional_ids": ["tx2.first"]})["transaction_states"]
        check_equal([(entry["topic"], entry["partitions"]) for entry in states[0]["topics"]], [(topic, [0, 1])], "what the transaction includes")
        check_equal(committed_values(connection, topic), [], "values before the end")
        producer.commit()
        check_equal([committed_values(connection, topic, partition) for partition in (0, 1)], [[b"a", b"c"], [b"b"]], "values after the end")


@suite.test
def transactions_follow_each_other_with_an_epoch_each(bench):
    with open_server(bench).connect() as connection:
        topic = new_topic(connection, "tx2.follow")
        producer = RenewedProducer(connection, "tx2.follow")
        epochs = []
        for number, commits in enumerate((True, False, True, False, True)):
            epochs.append(producer.epoch)
            producer.write(topic, str(number).encode())
            check_code(producer.end(commits), NONE, "EndTxn")
        check_equal(epochs, [0, 1, 2, 3, 4], "epochs")
        check_equal(committed_values(connection, topic), [b"0", b"2", b"4"], "values")


@suite.test
def requests_in_flight_come_in_in_their_order(bench):
    with open_server(bench).connect() as connection:
        topic = new_topic(connection, "tx2.flight", 2)
        producer = RenewedProducer(connection, "tx2.flight")
        for _ in range(20):
            bodies = [producer.body(topic, bytes([number]), partition=number % 2) for number in range(10)]
            sent = [connection.send("Produce", PRODUCE, body) for body in bodies]
            codes = [connection.receive("Produce", PRODUCE, one)["responses"][0]["partition_responses"][0]["error_code"] for one in sent]
            check_equal(codes, [NONE] * 10, "codes of requests that did not wait for each other")
            producer.commit()


@suite.test
def a_batch_that_comes_after_its_end_is_refused(bench):
    with open_server(bench).connect() as connection:
        topic = new_topic(connection, "tx2.late")
        producer = RenewedProducer(connection, "tx2.late")
        producer.write(topic, b"a")
        late = producer.body(topic, b"late")
        producer.commit()
        producer.write(topic, b"next")
        answer = connection.request("Produce", PRODUCE, late)["responses"][0]["partition_responses"][0]
        check_code(answer["error_code"], INVALID_PRODUCER_EPOCH, "the late batch")
        producer.commit()
        check_equal(committed_values(connection, topic), [b"a", b"next"], "values")


@suite.test
def an_end_that_comes_late_does_not_end_the_next_transaction(bench):
    with open_server(bench).connect() as connection:
        topic = new_topic(connection, "tx2.late.end")
        producer = RenewedProducer(connection, "tx2.late.end")
        before = producer.who()
        producer.write(topic, b"a")
        producer.commit()
        again = connection.request("EndTxn", END, {**before, "committed": True})
        check_equal((again["error_code"], again["producer_id"], again["producer_epoch"]), (NONE, producer.id, producer.epoch), "the same once more")
        check_code(connection.request("EndTxn", END, {**before, "committed": False})["error_code"], INVALID_TXN_STATE, "the contrary")
        producer.write(topic, b"b")
        for commits in (True, False):
            check_code(connection.request("EndTxn", END, {**before, "committed": commits})["error_code"], PRODUCER_FENCED, "once more, but late")
        check_equal(committed_values(connection, topic), [b"a"], "values while the next is open")
        producer.commit()
        check_equal(committed_values(connection, topic), [b"a", b"b"], "values")


@suite.test
def nothing_can_be_aborted_but_not_committed(bench):
    with open_server(bench).connect() as connection:
        producer = RenewedProducer(connection, "tx2.nothing")
        check_code(producer.end(True), INVALID_TXN_STATE, "a commit of nothing")
        check_code(producer.end(False), NONE, "an abort of nothing")
        check_equal(producer.epoch, 1, "the epoch afterwards")


@suite.test
def one_bad_partition_does_not_keep_the_others_out(bench):
    with open_server(bench).connect() as connection:
        topic = new_topic(connection, "tx2.partly")
        producer = RenewedProducer(connection, "tx2.partly")
        body = producer.body(topic, b"a")
        body["topic_data"] += producer.body("tx2.nowhere", b"b")["topic_data"]
        answer = connection.request("Produce", PRODUCE, body)
        codes = [part["error_code"] for one in answer["responses"] for part in one["partition_responses"]]
        check_equal(codes, [NONE, UNKNOWN_TOPIC_OR_PARTITION], "codes")
        producer.commit()
        check_equal(committed_values(connection, topic), [b"a"], "values")


@suite.test
def strangers_and_who_was_fenced_are_refused(bench):
    with open_server(bench).connect() as connection:
        topic = new_topic(connection, "tx2.strange")
        zombie = RenewedProducer(connection, "tx2.strange")
        heir = RenewedProducer(connection, "tx2.strange")
        check_code(zombie.send(topic, b"x")["error_code"], INVALID_PRODUCER_EPOCH, "Produce of who was fenced")
        check_code(zombie.end(True), PRODUCER_FENCED, "EndTxn of who was fenced")
        heir.id += 1000
        check_code(heir.send(topic, b"x")["error_code"], INVALID_PRODUCER_ID_MAPPING, "Produce with another producer's id")
        check_code(commit_offset(heir, "tx2.g", topic, 1, COMMIT_OFFSETS), INVALID_PRODUCER_ID_MAPPING, "offsets with another producer's id")
        check_equal(list_offset(connection, topic, -1)["offset"], 0, "the log's end")


@suite.test
def an_older_produce_still_has_to_announce_its_partitions(bench):
    with open_server(bench).connect() as connection:
        topic = new_topic(connection, "tx2.older")
        producer = RenewedProducer(connection, "tx2.older")
        answer = produce(connection, topic, batch([b"x"], attributes=TRANSACTIONAL, producer_id=producer.id, epoch=producer.epoch, sequence=0),
                         version=11, transactional_id="tx2.older")
        check_code(answer["error_code"], INVALID_TXN_STATE, "Produce 11")


@suite.test
def offsets_come_in_unannounced(bench):
    with open_server(bench).connect() as connection:
        topic = new_topic(connection, "tx2.offsets")
        producer = RenewedProducer(connection, "tx2.offsets")
        for offset, commits, expected in ((5, False, -1), (7, True, 7), (9, False, 7)):
            check_code(commit_offset(producer, "tx2.group", topic, offset, COMMIT_OFFSETS), NONE, "TxnOffsetCommit")
            check_code(producer.end(commits), NONE, "EndTxn")
            check_equal(committed_offset(connection, "tx2.group", topic, stable=True), (NONE, expected), "the offset after the end")


@suite.test
def a_kill_between_the_end_and_its_answer_is_made_good(bench):
    directory = bench.fresh()
    server = bench.enter(Server(bench.binary, directory, dev=True))
    with server.connect() as connection:
        topic = new_topic(connection, "tx2.kill")
        producer = RenewedProducer(connection, "tx2.kill", timeout_ms=2000)
        before = producer.who()
        producer.write(topic, b"a")
        connection.send("EndTxn", END, {**before, "committed": True})
    server.kill()
    again = bench.enter(Server(bench.binary, directory, dev=True))
    with again.connect() as connection:
        producer.connection = connection
        eventually(lambda: producer.end(True) in (NONE, INVALID_TXN_STATE), what="an end that is over")
        whole = committed_values(connection, topic)
        check(whole in ([b"a"], []), f"values: {whole}")
        eventually(lambda: list_offset(connection, topic, -1)["offset"] == 2, what="the marker")
