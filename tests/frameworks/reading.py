"""Whole topics over confluent-kafka; for scripts that run in that client's own Python."""
import sys
import time

from confluent_kafka import OFFSET_BEGINNING, Consumer, TopicPartition

SECONDS = 90


def each_record(bootstrap, topics, isolation):
    """Every message from the first of each partition to its end; ends the process when that takes too long."""
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "reader", "enable.auto.commit": False, "isolation.level": isolation,
                         "enable.partition.eof": True, "check.crcs": True})
    places = [TopicPartition(topic, partition, OFFSET_BEGINNING)
              for topic in topics for partition in consumer.list_topics(topic, timeout=20).topics[topic].partitions]
    consumer.assign(places)
    left = {(place.topic, place.partition) for place in places}
    deadline = time.monotonic() + SECONDS
    while left:
        message = consumer.poll(1)
        if time.monotonic() > deadline:
            sys.exit(f"not read to the end: {sorted(left)}")
        if message is None:
            continue
        if message.error():
            left.discard((message.topic(), message.partition()))  # its end
        else:
            yield message
    consumer.close()
