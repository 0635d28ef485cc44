"""kill -9 at random moments of a produce load: what was acknowledged is there, with its bytes and offset, once."""
import functools
import random
import threading
import time

from batch import batch
from client import Closed
from errors import NONE
from kafka import commit, create_topic, list_offset, produce_body, producer_id, read_all
from server import Server
from suite import Suite, check, check_code, check_equal

suite = Suite()
KILLS = 6
IN_FLIGHT = 5
PAUSE = 0.001  # between batches: the kills matter, and every record is read again after each
SEED = 20


class Writer:
    """Produces numbered batches to one partition, several in flight, over kills: what was not acknowledged is sent again.
    With idempotence it is sent as the same batch."""

    def __init__(self, topic, idempotent, level):
        self.topic, self.idempotent, self.level = topic, idempotent, level
        self.acknowledged, self.unanswered, self.next, self.refused = {}, [], 0, []
        self.id, self.epoch, self.random = -1, -1, random.Random(topic)

    def prepare(self, connection):
        check_code(create_topic(connection, self.topic, configs={"myelin.durability": self.level}), NONE, f"create {self.topic}")
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


def check_measured(server, writers):
    """Whoever wrote is known for every record: no gap in the journal, and usage counts what lies in the log."""
    provenance = server.doctor()["provenance"]
    check_equal(provenance["verdict"], "ok", f"provenance: {provenance['finding']}")
    lines = server.http("/api/v1/usage?group_by=topic&measure=appended_records")[2]["lines"]
    written = {line["topic"]: line["amount"] for line in lines}
    with server.connect() as connection:
        for writer in writers:
            end = list_offset(connection, writer.topic, -1)["offset"]
            check_equal(written.get(writer.topic, 0), end, f"{writer.topic}: records by usage, against the end of the log")


def check_log(writer, connection):
    found = read_all(connection, writer.topic)
    check_equal([offset for offset, _ in found], list(range(len(found))), f"{writer.topic}: offsets")
    by_offset = dict(found)
    for offset, value in writer.acknowledged.items():
        if by_offset.get(offset) != value:
            raise AssertionError(f"{writer.topic}: the acknowledged record of offset {offset} is {'missing' if offset not in by_offset else 'another one'}")
    check_equal(writer.refused, [], f"{writer.topic}: refusals")
    if writer.idempotent:
        numbers = [int(value.split(b" ")[1]) for _, value in found]
        check_equal(numbers, list(range(len(numbers))), f"{writer.topic}: numbers of the records, in order and once each")
    check_equal(list_offset(connection, writer.topic, -1)["offset"], len(found), f"{writer.topic}: high watermark")
    return len(found)


def kills(server, clients, count, seconds_max):
    """Lets all `clients` work on the server until it is killed, `count` times; yields each time it is ready again."""
    chance = random.Random(SEED)
    for _ in range(count):
        threads = [threading.Thread(target=client, args=(server,)) for client in clients]
        for thread in threads:
            thread.start()
        time.sleep(chance.uniform(0.1, seconds_max))
        server.kill()
        for thread in threads:
            thread.join()
        server.start()
        yield


def lose_nothing(bench, idempotent):
    kind = "idempotent" if idempotent else "plain"
    writers = [Writer(f"{kind}.{level}", idempotent, level) for level in ("synced", "os")]
    server = bench.enter(Server(bench.binary, bench.fresh(), dev=True))
    with server.connect() as connection:
        for writer in writers:
            writer.prepare(connection)
    for _ in kills(server, [writer.run for writer in writers], KILLS, seconds_max=1.2):
        with server.connect() as connection:
            for writer in writers:
                check_log(writer, connection)
        check_measured(server, writers)
    with server.connect() as connection:
        counts = []
        for writer in writers:
            writer.settle(connection)
            counts.append(check_log(writer, connection))
    print(f"  {KILLS} kills, records: {', '.join(f'{writer.topic} {count}' for writer, count in zip(writers, counts))}")
    check(min(counts) > 100, f"too little was written to show anything: {counts}")


@suite.test
def kill_9_loses_no_acknowledged_record_at_levels_synced_and_os(bench):
    lose_nothing(bench, idempotent=False)


@suite.test
def kill_9_neither_loses_nor_doubles_what_an_idempotent_producer_sends(bench):
    lose_nothing(bench, idempotent=True)


@suite.test
def kill_9_keeps_every_acknowledged_offset_commit(bench):
    groups, committed = [f"group-{number}" for number in range(3)], {}

    def commit_until_it_ends(group, server):
        try:
            with server.connect() as connection:
                while True:
                    offset = committed.get(group, 0) + 1
                    check_code(commit(connection, group, "watched", offset), NONE, "commit")
                    committed[group] = offset
        except (Closed, ConnectionError):
            pass
    server = bench.enter(Server(bench.binary, bench.fresh(), dev=True))
    with server.connect() as connection:
        check_code(create_topic(connection, "watched"), NONE, "create")
    for _ in kills(server, [functools.partial(commit_until_it_ends, group) for group in groups], 4, seconds_max=0.6):
        with server.connect() as connection:
            for group, offset in committed.items():
                answer = connection.request("OffsetFetch", 5, {"group_id": group, "topics": [{"name": "watched", "partition_indexes": [0]}]})
                found = answer["topics"][0]["partitions"][0]["committed_offset"]
                check(offset <= found <= offset + 1, f"{group}: offset {found} is committed, {offset} was acknowledged last")
    check(min(committed.values()) > 10, f"too little was committed to show anything: {committed}")


@suite.test
def kill_9_right_after_an_administrative_change_keeps_it(bench):
    server = bench.enter(Server(bench.binary, bench.fresh(), listen=["sasl_plaintext"]))
    server.enrol("root")
    for turn in range(3):
        server.add(f"person-{turn}")
        with server.connect("root") as connection:
            check_code(create_topic(connection, f"made.in.{turn}", partitions=3), NONE, "create")
        server.kill()
        server.start()
    for turn in range(3):
        server.connect(f"person-{turn}").close()
    with server.connect("root") as connection:
        for turn in range(3):
            check_equal(list_offset(connection, f"made.in.{turn}", -1, partition=2)["error_code"], NONE, f"topic made in run {turn}")
