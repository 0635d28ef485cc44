"""Reads the records of @TOPICS@: python consumer.py [COUNT]. Without a count it reads until Ctrl-C."""
import math
import sys

from confluent_kafka import Consumer

from settings import settings

TOPICS = "@TOPICS@".split(",")
GROUP = "@APPLICATION@"


def main(count):
    consumer = Consumer(settings(group_id=GROUP, auto_offset_reset="earliest"))
    consumer.subscribe(TOPICS)
    read = 0
    try:
        while read < count:
            message = consumer.poll(1)
            if message is None:
                continue
            if message.error():
                sys.exit(message.error().str())
            print(message.topic(), (message.value() or b"").decode(), flush=True)
            read += 1
    except KeyboardInterrupt:
        pass
    finally:
        consumer.close()  # commits what was read


main(int(sys.argv[1]) if len(sys.argv) > 1 else math.inf)
