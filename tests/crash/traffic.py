"""The producer and the reader of the crash test, over confluent-kafka. One JSON line [topic, partition, offset, value] each.

traffic.py produce BOOTSTRAP NUMBER STOP_FILE TOPIC...: until STOP_FILE exists; prints what was acknowledged.
traffic.py consume BOOTSTRAP TOPIC...: prints everything there is.
"""
import json
import pathlib
import sys
import time

from confluent_kafka import OFFSET_BEGINNING, Consumer, Producer, TopicPartition

PER_SECOND = 2000
WAITING_MAX = 20_000


# From librdkafka 2.11 on a client whose every broker is gone forgets them and starts over from the bootstrap servers. With one node that is
# each kill. It then looks for leaders by a timer of one second, about as often as the server is killed here: most of the time it asks
# while there is nobody, and what it holds may wait for minutes. With "none" it comes back to the node it knows.
KEEP_TO_KNOWN_BROKERS = {"metadata.recovery.strategy": "none"}


def produce(bootstrap, number, stop, topics):
    producer = Producer(KEEP_TO_KNOWN_BROKERS | {"bootstrap.servers": bootstrap, "enable.idempotence": True, "linger.ms": 2,
                                                 "delivery.timeout.ms": 120000, "reconnect.backoff.max.ms": 200})
    failed = []

    def delivered(error, message):
        if error:
            failed.append(str(error))
        else:
            print(json.dumps([message.topic(), message.partition(), message.offset(), message.value().decode()]))

    count, began = 0, time.monotonic()
    while not pathlib.Path(stop).exists() and not failed:
        # A pace, so that the log can be read back whole; and what waits for a server that is away must not overflow.
        due = int((time.monotonic() - began) * PER_SECOND) - count
        for _ in range(min(due, WAITING_MAX - len(producer))):
            producer.produce(topics[count % len(topics)], f"{number}:{count}:{'x' * (count % 300)}", key=str(count % 17),
                             on_delivery=delivered)
            count += 1
        producer.poll(0.02)
    left = producer.flush(100)
    if failed or left:
        sys.exit(f"{left} undelivered; {failed[:1]}")


def consume(bootstrap, topics):
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "crash-reader", "enable.auto.commit": False,
                         "enable.partition.eof": False})
    places = []
    ends = {}
    for topic in topics:
        for partition in consumer.list_topics(topic, timeout=20).topics[topic].partitions:
            place = TopicPartition(topic, partition, OFFSET_BEGINNING)
            ends[(topic, partition)] = consumer.get_watermark_offsets(place, timeout=20)[1]
            places.append(place)
    consumer.assign(places)
    left = {key for key, end in ends.items() if end > 0}
    deadline = time.monotonic() + 120
    while left:
        message = consumer.poll(1)
        if time.monotonic() > deadline:
            sys.exit(f"not read to the end: {sorted(left)}")
        if message is None or message.error():
            continue
        key = (message.topic(), message.partition())
        print(json.dumps([*key, message.offset(), message.value().decode()]))
        if message.offset() + 1 >= ends[key]:
            left.discard(key)
    consumer.close()


if __name__ == "__main__":
    if sys.argv[1] == "produce":
        produce(sys.argv[2], sys.argv[3], sys.argv[4], sys.argv[5:])
    else:
        consume(sys.argv[2], sys.argv[3:])
