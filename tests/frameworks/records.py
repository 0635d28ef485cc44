"""Records in and out over confluent-kafka, for the tests of frameworks; runs in that client's own Python.

records.py write BOOTSTRAP [PER_SECOND]: JSON lines [topic, key, value, timestamp] from standard input, until its end.
records.py read BOOTSTRAP TOPIC...: JSON lines [topic, partition, offset, key, value], every committed record there is.
"""
import json
import sys
import time

from confluent_kafka import OFFSET_BEGINNING, Consumer, Producer, TopicPartition


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
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "reader", "enable.auto.commit": False, "isolation.level": "read_committed",
                         "enable.partition.eof": True})
    places = []
    for topic in topics:
        known = consumer.list_topics(topic, timeout=20).topics[topic]
        places += [TopicPartition(topic, partition, OFFSET_BEGINNING) for partition in known.partitions]
    consumer.assign(places)
    left = {(place.topic, place.partition) for place in places}
    deadline = time.monotonic() + 60
    while left:
        message = consumer.poll(1)
        if time.monotonic() > deadline:
            sys.exit(f"not read to the end: {sorted(left)}")
        if message is None:
            continue
        if message.error():
            left.discard((message.topic(), message.partition()))  # its end
            continue
        text = [None if part is None else part.decode() for part in (message.key(), message.value())]
        print(json.dumps([message.topic(), message.partition(), message.offset(), *text]))
    consumer.close()


if __name__ == "__main__":
    if sys.argv[1] == "write":
        write(sys.argv[2], *map(int, sys.argv[3:]))
    else:
        read(sys.argv[2], sys.argv[3:])
