"""Clients of librdkafka that write records of 4 KB together at a pace, until they are ended; tells what was acknowledged.

paced_producers.py BOOTSTRAP USER PASSWORD TOPIC CLIENTS BYTES_PER_SECOND. Once in 0.1 s prints how many bytes are acknowledged. What a client
can't take because its queue is full is not sent later: the pace is what is tried.
"""
import signal
import sys
import time

from confluent_kafka import Producer

RECORD = bytes(4096)


def main(bootstrap, user, password, topic, clients, pace):
    over = []
    signal.signal(signal.SIGTERM, lambda *_: over.append(True))
    settings = {"bootstrap.servers": bootstrap, "security.protocol": "SASL_PLAINTEXT", "sasl.mechanism": "SCRAM-SHA-256", "sasl.username": user,
                "sasl.password": password, "linger.ms": 5, "acks": "all", "log_level": 2, "queue.buffering.max.kbytes": 4096}
    producers = [Producer(settings) for _ in range(int(clients))]
    acknowledged = 0

    def delivered(error, _):
        nonlocal acknowledged
        acknowledged += 0 if error else len(RECORD)
    begun, tried, told = time.monotonic(), 0, 0.0
    while not over:
        due = int((time.monotonic() - begun) * int(pace)) // len(RECORD)
        while tried < due and not over:
            tried += 1
            try:
                producers[tried % len(producers)].produce(topic, RECORD, on_delivery=delivered)
            except BufferError:
                pass
        for producer in producers:
            producer.poll(0)
        if time.monotonic() - told >= 0.1:
            told = time.monotonic()
            print(acknowledged, flush=True)
        time.sleep(0.01)
    for producer in producers:
        producer.purge()


if __name__ == "__main__":
    main(*sys.argv[1:])
