"""The newest librdkafka, inside confluent-kafka from PyPI: every step of tests/clients/README.md."""
import os
import sys
import time

from confluent_kafka import Consumer, KafkaError, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

TOPIC, GROUP, DENIED = os.environ["TOPIC"], os.environ["GROUP"], os.environ["DENIED_TOPIC"]
COPIES = TOPIC + ".copies"
RECORDS = int(os.environ["RECORDS"])
NOW = int(time.time() * 1000)


def conf(**more):
    with open(os.environ["PASSWORD_FILE"], encoding="utf-8") as file:
        password = file.readline().rstrip("\n")
    common = {"bootstrap.servers": os.environ["BOOTSTRAP"], "client.id": "confluent-kafka-python", "security.protocol": "SASL_SSL",
              "ssl.ca.location": os.environ["CA"], "sasl.mechanism": "SCRAM-SHA-256", "sasl.username": os.environ["KAFKA_USER"],
              "sasl.password": password, "log_level": 0}
    return common | {name.replace("_", "."): value for name, value in more.items()}


def step(function):
    try:
        function()
    except Exception as error:  # pylint: disable=broad-except
        print(f"step {function.__name__} failed: {error!r}", flush=True)
        sys.exit(1)
    print(f"step {function.__name__} ok", flush=True)


def check(condition, why):
    if not condition:
        raise AssertionError(why)


def create():
    admin = AdminClient(conf())
    admin.create_topics([NewTopic(TOPIC, 4, 1)])[TOPIC].result(15)


def produce():
    delivered = []
    for half, moment in enumerate((NOW - 7200000, NOW - 3600000)):
        for turn, codec in enumerate(("none", "gzip", "snappy", "lz4", "zstd")):
            producer = Producer(conf(enable_idempotence=True, compression_type=codec, linger_ms=20))
            for i in range(half * RECORDS // 2 + turn, (half + 1) * RECORDS // 2, 5):
                producer.produce(TOPIC, f"value-{i}", f"key-{i}", timestamp=moment, headers={"n": str(i)},
                                 on_delivery=lambda error, _: delivered.append(error))
            check(producer.flush(30) == 0, "not everything was answered in 30 s")
    check(delivered == [None] * RECORDS, f"{len(delivered)} answers, errors {[e for e in delivered if e][:3]}")


def member():
    consumer = Consumer(conf(group_id=GROUP, auto_offset_reset="earliest", enable_auto_commit=False, session_timeout_ms=10000,
                             heartbeat_interval_ms=500))
    consumer.subscribe([TOPIC])
    return consumer


def newer_member(topics):
    consumer = Consumer(conf(group_id=GROUP + "-newer", group_protocol="consumer", group_remote_assignor="uniform", auto_offset_reset="earliest",
                             enable_auto_commit=False))
    consumer.subscribe(topics)
    return consumer


def newer_group():
    by_pattern = ["^" + TOPIC.replace(".", "[.]") + "$"] if "PATTERNS" in os.environ else [TOPIC]
    share(lambda: newer_member([TOPIC]), lambda: newer_member(by_pattern))


def group():
    share(member, member)


def share(first, second):
    """One reads, another joins; together they see everything, and hold half of the partitions each."""
    members, seen, shared, deadline = [first()], set(), False, time.monotonic() + 60
    while time.monotonic() < deadline and not (len(seen) == RECORDS and shared):
        for consumer in members:
            for message in consumer.consume(500, 0.1):
                if not message.error():
                    check(message.headers() == [("n", message.value()[6:])], "headers are not as written")
                    seen.add(message.value())
        if seen and len(members) == 1:
            members.append(second())
        shared = len(members) == 2 and all(len(consumer.assignment()) == 2 for consumer in members)
    check(len(seen) == RECORDS, f"{len(seen)} of {RECORDS} records were seen in 60 s")
    check(shared, "the two members did not share the partitions in 60 s")
    for consumer in members:
        try:
            consumer.commit(asynchronous=False)
        except KafkaException as error:
            check(error.args[0].code() == KafkaError._NO_OFFSET, str(error))  # pylint: disable=protected-access
        consumer.close()


def timestamp():
    consumer = Consumer(conf(group_id=GROUP, enable_partition_eof=True))
    found = consumer.offsets_for_times([TopicPartition(TOPIC, p, NOW - 5400000) for p in range(4)], timeout=15)
    consumer.assign(found)
    values, ends, deadline = [], 0, time.monotonic() + 30
    while ends < 4 and time.monotonic() < deadline:
        for message in consumer.consume(500, 0.2):
            if not message.error():
                values.append(int(message.value()[6:]))
            elif message.error().code() == KafkaError._PARTITION_EOF:  # pylint: disable=protected-access
                ends += 1
    consumer.close()
    check(sorted(values) == list(range(RECORDS // 2, RECORDS)), f"{len(values)} records, not exactly those since the time")


def transactions():
    admin = AdminClient(conf())
    admin.create_topics([NewTopic(COPIES, 1, 1)])[COPIES].result(15)
    group_id = GROUP + "-copies"
    reader = Consumer(conf(group_id=group_id, enable_auto_commit=False))
    producer = Producer(conf(transactional_id=os.environ["TRANSACTIONAL_ID"]))
    producer.init_transactions(30)
    for word, end in (("aborted", producer.abort_transaction), ("value", producer.commit_transaction)):
        producer.begin_transaction()
        for i in range(50):
            producer.produce(COPIES, f"{word}-{i}", f"key-{i}")
        producer.send_offsets_to_transaction([TopicPartition(TOPIC, 0, 50 if word == "value" else 7)], reader.consumer_group_metadata(), 30)
        end(30)
    fenced = Producer(conf(transactional_id=os.environ["TRANSACTIONAL_ID"]))
    fenced.init_transactions(30)
    try:
        producer.begin_transaction()
        producer.produce(COPIES, "of a zombie")
        producer.commit_transaction(30)
        check(False, "a producer whose id was taken over could commit")
    except KafkaException as error:
        check(error.args[0].fatal(), f"the fenced producer was told {error.args[0]}")
    check([one.offset for one in reader.committed([TopicPartition(TOPIC, 0)], 15)] == [50], "the committed offset is not the transaction's")
    reader.close()
    consumer = Consumer(conf(group_id=group_id, enable_partition_eof=True, isolation_level="read_committed"))
    consumer.assign([TopicPartition(COPIES, 0, 0)])
    values, at_end, deadline = [], False, time.monotonic() + 30
    while not at_end and time.monotonic() < deadline:
        for message in consumer.consume(500, 0.2):
            at_end = at_end or bool(message.error())
            if not message.error():
                values.append(message.value().decode())
    consumer.close()
    check(values == [f"value-{i}" for i in range(50)], f"{len(values)} records, not exactly the committed ones: {values[:3]}")


def denied():
    errors = []
    producer = Producer(conf())
    producer.produce(DENIED, "no", on_delivery=lambda error, _: errors.append(error.code() if error else None))
    producer.flush(20)
    check(errors == [KafkaError.TOPIC_AUTHORIZATION_FAILED], f"a write was answered {errors}")
    consumer, deadline, codes = Consumer(conf(group_id=GROUP)), time.monotonic() + 20, set()
    consumer.subscribe([DENIED])
    while KafkaError.TOPIC_AUTHORIZATION_FAILED not in codes and time.monotonic() < deadline:
        codes |= {message.error().code() for message in consumer.consume(1, 0.2) if message.error()}
    consumer.close()
    check(KafkaError.TOPIC_AUTHORIZATION_FAILED in codes, f"a read was answered {codes}")


def wrong_password():
    codes = []
    producer = Producer(conf(sasl_password="not the password") | {"error_cb": lambda error: codes.append(error.code())})
    deadline = time.monotonic() + 15
    while KafkaError._AUTHENTICATION not in codes and time.monotonic() < deadline:  # pylint: disable=protected-access
        producer.poll(0.1)
    check(KafkaError._AUTHENTICATION in codes, "was not told that the sign-in failed")  # pylint: disable=protected-access


for one in (create, produce, group, newer_group, timestamp, transactions, denied, wrong_password):
    step(one)
