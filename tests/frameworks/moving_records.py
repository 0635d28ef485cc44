"""Records of every kind in and out over confluent-kafka, for the tests of moving; runs in that client's own Python.

moving_records.py fill BOOTSTRAP: into the topics that moving.py makes.
moving_records.py bulk BOOTSTRAP TOPIC COUNT: records of 1 KB that do not compress.
moving_records.py dump BOOTSTRAP ISOLATION TOPIC...: JSON lines [topic, partition, offset, timestamp type, timestamp, key, value, headers].
"""
import hashlib
import json
import random
import sys
import time

from confluent_kafka import Producer
from reading import each_record

START = 1_700_000_000_000


def producer_of(bootstrap, **more):
    return Producer({"bootstrap.servers": bootstrap, "log_level": 2, "linger.ms": 5} | {name.replace("_", "."): value for name, value in more.items()})


def settle(producer):
    if producer.flush(60):
        sys.exit("records stay undelivered")


def fill(bootstrap):
    for step, codec in enumerate(("none", "gzip", "snappy", "lz4", "zstd")):
        producer = producer_of(bootstrap, compression_type=codec, enable_idempotence=True)
        for number in range(300):
            producer.produce("codecs", None if number % 50 == 7 else f"{codec} {number} " + "x" * (number % 97), None if number % 10 == 3 else f"key {number % 5}",
                             partition=number % 3, timestamp=START + 1000 * step + number, headers=[("codec", codec), ("none", None), ("codec", b"\x00\xff")] if number % 2 else None)
            producer.poll(0)
        settle(producer)
    producer = producer_of(bootstrap, enable_idempotence=True)
    for number in range(400):
        producer.produce("latest", None if number % 40 == 39 else f"value {number}", f"key {number % 25}", timestamp=START + number)
        if number % 50 == 49:
            settle(producer)
            time.sleep(0.3)  # the segment grows old, so that the next record begins another
    settle(producer)
    bank = producer_of(bootstrap, transactional_id="bank")
    bank.init_transactions(30)
    for transaction, ending in enumerate((bank.commit_transaction, bank.abort_transaction, bank.commit_transaction, bank.abort_transaction)):
        bank.begin_transaction()
        for number in range(40):
            bank.produce("ledger", f"transaction {transaction} entry {number}", partition=number % 2, timestamp=START + number)
        bank.flush(30)
        ending(30)
    for topic in ("trimmed", "gone", "stamped"):
        for number in range(100):
            producer.produce(topic, f"{topic} {number}", timestamp=START + number)
        settle(producer)


def bulk(bootstrap, topic, count):
    producer = producer_of(bootstrap, queue_buffering_max_messages=1_000_000)
    chance = random.Random(4)
    for _ in range(int(count)):
        producer.produce(topic, chance.randbytes(1000))
    settle(producer)


def dump(bootstrap, isolation, topics):
    for message in each_record(bootstrap, topics, isolation):
        text = [None if part is None else part.decode("latin-1") if len(part) < 500 else hashlib.sha256(part).hexdigest()
                for part in (message.key(), message.value())]
        headers = [[name, None if value is None else value.decode("latin-1")] for name, value in message.headers() or []]
        print(json.dumps([message.topic(), message.partition(), message.offset(), *message.timestamp(), *text, headers]))


if sys.argv[1] == "fill":
    fill(sys.argv[2])
elif sys.argv[1] == "bulk":
    bulk(*sys.argv[2:])
else:
    dump(sys.argv[2], sys.argv[3], sys.argv[4:])
