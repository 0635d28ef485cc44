"""Writes records to @TOPIC@: python producer.py [COUNT]."""
import datetime
import json
import sys
import uuid

from confluent_kafka import Producer

from settings import settings

TOPIC = "@TOPIC@"
SECONDS = 30


def record():
    return {"id": str(uuid.uuid4()), "happened_at": datetime.datetime.now(datetime.timezone.utc).isoformat()}


def main(count):
    failures = []

    def delivered(error, _):
        if error:
            failures.append(error)

    producer = Producer(settings(enable_idempotence=True, message_timeout_ms=SECONDS * 1000))
    for _ in range(count):
        value = record()
        producer.produce(TOPIC, json.dumps(value), value["id"], on_delivery=delivered)
    if left := producer.flush(SECONDS):
        sys.exit(f"{left} records were not answered in {SECONDS} s")
    if failures:
        sys.exit(f"{TOPIC}: {failures[0].str()}")
    print(f"wrote {count} records to {TOPIC}")


main(int(sys.argv[1]) if len(sys.argv) > 1 else 10)
