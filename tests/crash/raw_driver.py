"""A client on a bare socket that does what no library does on purpose: it sends each batch twice, ends each transaction twice, and
sends batches and ends of a transaction that is over. Its history says what it was told of what it meant.

raw_driver.py BOOTSTRAP PROCESS SEED STOP_FILE TOPIC:PARTITIONS...
"""
import pathlib
import random
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "wire"))

from batch import batch  # noqa: E402
from client import Closed, Connection  # noqa: E402
from errors import (CONCURRENT_TRANSACTIONS, COORDINATOR_NOT_AVAILABLE, INVALID_PRODUCER_EPOCH, INVALID_PRODUCER_ID_MAPPING,  # noqa: E402
                    INVALID_TXN_STATE, KAFKA_STORAGE_ERROR, NONE, PRODUCER_FENCED)
from kafka import produce_body  # noqa: E402
from driver import History, Values, key_of, partitions_of  # noqa: E402

TRANSACTIONAL = 0x10
PRODUCE, END, BEGIN = 12, 5, 4


class Gone(Exception):
    """The server, or the producer: begin anew."""


class Client:
    def __init__(self, bootstrap, process, seed, partitions):
        self.port, self.transactional_id, self.partitions = int(bootstrap.rsplit(":", 1)[1]), process, partitions
        self.chance, self.values, self.history = random.Random(f"{seed}{process}"), Values(process), History(process)
        self.connection, self.id, self.epoch, self.sequences, self.late = None, -1, -1, {}, None

    def ask(self, *words):
        try:
            return self.connection.request(*words)
        except (Closed, OSError) as error:
            raise Gone from error

    def begin(self):
        """A producer of its own, when the server is there again."""
        while True:
            try:
                if self.connection:
                    self.connection.close()
                self.connection = Connection(self.port, timeout=20)
                answer = self.ask("InitProducerId", BEGIN, {"transactional_id": self.transactional_id, "transaction_timeout_ms": 10000,
                                                            "producer_id": -1, "producer_epoch": -1})
                if answer["error_code"] == NONE:
                    self.id, self.epoch, self.sequences, self.late = answer["producer_id"], answer["producer_epoch"], {}, None
                    return
            except (Gone, Closed, OSError):
                pass
            time.sleep(0.1)

    def produce(self, body):
        part = self.ask("Produce", PRODUCE, body)["responses"][0]["partition_responses"][0]
        return part["error_code"], part["base_offset"]

    def send(self, topic, partition, value):
        """The offset; the batch is sent twice, and has to lie there once."""
        at = (topic, partition)
        sequence = self.sequences.get(at, 0)
        body = produce_body(topic, batch([str(value).encode()], attributes=TRANSACTIONAL, producer_id=self.id, epoch=self.epoch, sequence=sequence),
                            partition, transactional_id=self.transactional_id)
        first = self.produce(body)
        if first[0] != NONE:
            raise Gone
        self.sequences[at] = sequence + 1
        second = self.produce(body)
        if second[0] == KAFKA_STORAGE_ERROR:
            raise Gone
        if second != first:
            sys.exit(f"the same batch again was answered otherwise than with {first}")
        self.late = body
        return first[1]

    def end(self, commits):
        """True when it is known to have ended that way; the end is asked for twice."""
        request = {"transactional_id": self.transactional_id, "producer_id": self.id, "producer_epoch": self.epoch, "committed": commits}
        for _ in range(2):
            while (answer := self.ask("EndTxn", END, request))["error_code"] == CONCURRENT_TRANSACTIONS:
                time.sleep(0.02)
            if answer["error_code"] != NONE:
                raise Gone
        self.id, self.epoch, self.sequences = answer["producer_id"], answer["producer_epoch"], {}
        return request

    def come_late(self, ended):
        """What is over stays over."""
        code, _ = self.produce(self.late)
        if code == KAFKA_STORAGE_ERROR:
            raise Gone
        if code not in (INVALID_PRODUCER_EPOCH, INVALID_PRODUCER_ID_MAPPING, INVALID_TXN_STATE):
            sys.exit(f"a batch of a transaction that is over was answered with {code}")
        code = self.ask("EndTxn", END, ended | {"committed": not ended["committed"]})["error_code"]
        if code == COORDINATOR_NOT_AVAILABLE:
            raise Gone
        if code not in (INVALID_TXN_STATE, PRODUCER_FENCED):
            sys.exit(f"the contrary end of a transaction that is over was answered with {code}")

    def run_once(self):
        steps = [["send", key_of(*self.chance.choice(self.partitions)), self.values()] for _ in range(self.chance.randrange(1, 4))]
        self.history.write("invoke", "txn", steps)
        told, kind, is_told = [], "fail", False
        try:
            for _, key, value in steps:
                topic, partition = key.rsplit("-", 1)
                told.append(["send", key, [self.send(topic, int(partition), value), value]])
            commits = self.chance.random() < 0.8
            kind = "info" if commits else "fail"
            ended = self.end(commits)
            kind = "ok" if commits else "fail"
            self.history.write(kind, "txn", told)
            is_told = True
            self.come_late(ended)
        except Gone:
            if not is_told:
                self.history.write(kind, "txn", told + steps[len(told):])
            self.begin()


def main(bootstrap, process, seed, stop, *words):
    client = Client(bootstrap, process, seed, partitions_of(words))
    client.begin()
    while not pathlib.Path(stop).exists():
        client.run_once()


if __name__ == "__main__":
    main(*sys.argv[1:])
