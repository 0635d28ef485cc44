"""Records in and out over confluent-kafka, for the tests of frameworks; runs in that client's own Python.

records.py write BOOTSTRAP [PER_SECOND]: JSON lines [topic, key, value, timestamp] from standard input, until its end.
records.py read BOOTSTRAP TOPIC...: JSON lines [topic, partition, offset, key, value], every committed record there is.
"""
import json
import sys
import time

from confluent_kafka import Producer
from reading import each_record


def write(bootstrap, per_second=0):
    producer = Producer({"bootstrap.servers": bootstrap, "enable.idempotence": True, "linger.ms": 5, "delivery.timeout.ms": 120000,
                         "reconnect.backoff.max.ms": 200, "log_level": 2})
    failed = []
    started = time.monotonic()
    for count, line in enumerate(sys.stdin):
        topic, key, value, timestamp = json.loads(line)
        producer.produce(topic, value, key, timestamp=timestamp, on_delivery=lambda error, _: failed.append(str(error)) if error else None)
        ahead = count / per_second - (time.monotonic() - started) if per_second else 0
        producer.poll(max(0, ahead))
    left = producer.flush(100)
    if failed or left:
        sys.exit(f"{left} undelivered; {failed[:1]}")


def read(bootstrap, topics):
    for message in each_record(bootstrap, topics, "read_committed"):
        text = [None if part is None else part.decode() for part in (message.key(), message.value())]
        print(json.dumps([message.topic(), message.partition(), message.offset(), *text]))


if __name__ == "__main__":
    if sys.argv[1] == "write":
        write(sys.argv[2], *map(int, sys.argv[3:]))
    else:
        read(sys.argv[2], sys.argv[3:])
