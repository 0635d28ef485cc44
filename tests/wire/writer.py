"""A producer that goes on over kills, and what its log must hold afterwards."""
import random
import time

from batch import batch
from client import Closed
from errors import NONE
from kafka import create_topic, list_offset, produce_body, producer_id, read_all
from suite import check_code, check_equal

IN_FLIGHT = 5
PAUSE = 0.001  # between batches: the kills matter, and every record is read again after each


class Writer:
    """Produces numbered batches to one partition, several in flight, over kills: what was not acknowledged is sent again.
    With idempotence it is sent as the same batch."""

    def __init__(self, topic, idempotent, level, configs=None):
        self.topic, self.idempotent, self.configs = topic, idempotent, {"myelin.durability": level} | (configs or {})
        self.acknowledged, self.unanswered, self.next, self.refused = {}, [], 0, []
        self.id, self.epoch, self.random = -1, -1, random.Random(topic)

    def prepare(self, connection):
        check_code(create_topic(connection, self.topic, configs=self.configs), NONE, f"create {self.topic}")
        if self.idempotent:
            answer = producer_id(connection)
            self.id, self.epoch = answer["producer_id"], answer["producer_epoch"]

    def make(self):
        values = [f"{self.topic} {self.next + number} ".encode() + self.random.randbytes(self.random.randrange(1, 300)) for number in range(4)]
        sequence = self.next if self.idempotent else -1
        data = batch(values, producer_id=self.id, epoch=self.epoch, sequence=sequence, compressed=self.random.random() < 0.3)
        self.next += len(values)
        return values, data

    def send(self, connection, entry):
        return connection.send("Produce", 7, produce_body(self.topic, entry[1]))

    def take_answer(self, connection, entry, correlation):
        answer = connection.receive("Produce", 7, correlation)["responses"][0]["partition_responses"][0]
        if answer["error_code"] != NONE:
            self.refused.append(answer["error_code"])
            return
        for delta, value in enumerate(entry[0]):
            self.acknowledged.setdefault(answer["base_offset"] + delta, value)

    def run(self, server):
        """Until the server is gone."""
        try:
            connection = server.connect()
            flying = []
            waiting, self.unanswered = self.unanswered, []
            while True:
                while len(flying) < IN_FLIGHT:
                    entry = waiting.pop(0) if waiting else self.make()
                    time.sleep(PAUSE)
                    self.unanswered.append(entry)
                    flying.append((entry, self.send(connection, entry)))
                entry, correlation = flying.pop(0)
                self.take_answer(connection, entry, correlation)
                self.unanswered.remove(entry)
        except (Closed, ConnectionError, TimeoutError):
            if 'waiting' in locals():
                self.unanswered += waiting

    def settle(self, connection):
        for entry in self.unanswered:
            self.take_answer(connection, entry, self.send(connection, entry))
        self.unanswered = []


def check_log(writer, connection, since=0):
    """Of the offsets from `since` on; the end of the log."""
    found = read_all(connection, writer.topic, since=since)
    check_equal([offset for offset, _ in found], list(range(since, since + len(found))), f"{writer.topic}: offsets")
    by_offset = dict(found)
    for offset, value in writer.acknowledged.items():
        if offset >= since and by_offset.get(offset) != value:
            raise AssertionError(f"{writer.topic}: the acknowledged record of offset {offset} is {'missing' if offset not in by_offset else 'another one'}")
    check_equal(writer.refused, [], f"{writer.topic}: refusals")
    if writer.idempotent:
        numbers = [int(value.split(b" ")[1]) for _, value in found]
        check_equal(numbers, list(range(since, since + len(numbers))), f"{writer.topic}: numbers of the records, in order and once each")
    check_equal(list_offset(connection, writer.topic, -1)["offset"], since + len(found), f"{writer.topic}: high watermark")
    return since + len(found)
