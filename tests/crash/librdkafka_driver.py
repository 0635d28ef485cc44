"""A client of librdkafka that writes its history (history.py) to standard output, until a file is there.

librdkafka_driver.py transactions|sends|read BOOTSTRAP PROCESS SEED STOP_FILE TOPIC:PARTITIONS...
`transactions`: reads what is committed and sends, in transactions of a few steps, one in five aborted; without offsets in them: when the
server dies under send_offsets_to_transaction, librdkafka (2.11) may wait for its group's coordinator for ever. `sends`: idempotent, one at a time.
`read`: everything that is committed, from the start to the end, once.
"""
import pathlib
import random
import sys
import time

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaException, Producer, TopicPartition

from driver import History, Values, key_of, partitions_of


def reader(bootstrap, process, partitions):
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": f"group-{process}", "enable.auto.commit": False, "log_level": 2,
                         "isolation.level": "read_committed", "reconnect.backoff.max.ms": 200, "enable.partition.eof": True})
    consumer.assign([TopicPartition(topic, partition, OFFSET_BEGINNING) for topic, partition in partitions])
    return consumer


def poll(consumer, seconds, count=50):
    found, ends = {}, set()
    for message in consumer.consume(count, seconds):
        key = key_of(message.topic(), message.partition())
        if message.error():
            ends.add(key)
        else:
            found.setdefault(key, []).append([message.offset(), int(message.value())])
    return found, ends


class Transactions:
    def __init__(self, bootstrap, process, seed, partitions):
        self.bootstrap, self.process, self.partitions = bootstrap, process, partitions
        self.chance, self.values, self.history = random.Random(f"{seed}{process}"), Values(process), History(process)
        self.consumer, self.producer = reader(bootstrap, process, partitions), None

    def begin(self):
        while True:
            try:
                self.producer = Producer({"bootstrap.servers": self.bootstrap, "transactional.id": self.process, "transaction.timeout.ms": 10000,
                                          "linger.ms": 1, "reconnect.backoff.max.ms": 200, "log_level": 2})
                self.producer.init_transactions(30)
                return
            except KafkaException:
                time.sleep(0.2)

    def send(self, step, acknowledged):
        def delivered(error, message):
            if error is None:
                acknowledged[step[2]] = message.offset()
        topic, partition = step[1].rsplit("-", 1)
        self.producer.produce(topic, str(step[2]), partition=int(partition), on_delivery=delivered)

    def run_once(self):
        steps = [["send", key_of(*self.chance.choice(self.partitions)), self.values()] for _ in range(self.chance.randrange(1, 5))]
        if self.chance.random() < 0.6:
            steps.insert(self.chance.randrange(len(steps) + 1), ["poll", {}])
        self.history.write("invoke", "txn", [step for step in steps if step[0] == "send"])
        acknowledged, kind = {}, "fail"
        try:
            self.producer.begin_transaction()
            for step in steps:
                if step[0] == "poll":
                    step[1], _ = poll(self.consumer, 0.1)
                else:
                    self.send(step, acknowledged)
            if self.chance.random() < 0.2:
                self.producer.abort_transaction(30)
            else:
                kind = "info"
                self.producer.flush(30)
                kind = self.commit()
        except KafkaException as error:
            if not self.go_on_after(error):
                self.begin()
        for step in steps:
            if step[0] == "send" and step[2] in acknowledged:
                step[2] = [acknowledged[step[2]], step[2]]
        self.history.write(kind, "txn", steps)

    def commit(self):
        while True:
            try:
                self.producer.commit_transaction(30)
                return "ok"
            except KafkaException as error:
                if error.args[0].retriable():
                    continue
                if error.args[0].txn_requires_abort():
                    self.producer.abort_transaction(30)
                    return "fail"
                raise

    def go_on_after(self, error):
        """True where the same producer can go on."""
        if not error.args[0].txn_requires_abort():
            return False
        try:
            self.producer.abort_transaction(30)
            return True
        except KafkaException:
            return False


def transactions(bootstrap, process, seed, stop, partitions):
    client = Transactions(bootstrap, process, seed, partitions)
    client.begin()
    while not stop.exists():
        client.run_once()


def sends(bootstrap, process, seed, stop, partitions):
    producer = Producer({"bootstrap.servers": bootstrap, "enable.idempotence": True, "linger.ms": 0, "delivery.timeout.ms": 120000,
                         "reconnect.backoff.max.ms": 200, "log_level": 2})
    chance, values, history = random.Random(f"{seed}{process}"), Values(process), History(process)
    while not stop.exists():
        topic, partition = chance.choice(partitions)
        value, told = values(), []
        history.write("invoke", "send", [["send", key_of(topic, partition), value]])
        producer.produce(topic, str(value), partition=partition, on_delivery=lambda error, message, told=told: told.append((error, message)))
        producer.flush(120)
        error, message = told[0] if told else (True, None)
        history.write("info" if error else "ok", "send", [["send", key_of(topic, partition), value if error else [message.offset(), value]]])


def read(bootstrap, process, _, __, partitions):
    consumer, history = reader(bootstrap, process, partitions), History(process)
    left, until = {key_of(*place) for place in partitions}, time.monotonic() + 120
    while left:
        if time.monotonic() > until:
            sys.exit(f"not read to the end: {sorted(left)}")
        found, ends = poll(consumer, 1, 1000)
        if found:
            history.write("ok", "poll", [["poll", found]])
        left -= ends


if __name__ == "__main__":
    {"transactions": transactions, "sends": sends, "read": read}[sys.argv[1]](
        sys.argv[2], sys.argv[3], sys.argv[4], pathlib.Path(sys.argv[5]), partitions_of(sys.argv[6:]))
