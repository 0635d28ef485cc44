"""The newest librdkafka, inside confluent-kafka from PyPI: every step of tests/clients/README.md."""
import os
import sys
import time

from confluent_kafka import Consumer, KafkaError, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

TOPIC, GROUP, DENIED = os.environ["TOPIC"], os.environ["GROUP"], os.environ["DENIED_TOPIC"]
COPIES, SHAPES, LOAD = TOPIC + ".copies", TOPIC + ".shapes", TOPIC + ".load"
RECORDS = int(os.environ["RECORDS"])
NOW = int(time.time() * 1000)
LIMIT = 1048588  # the default of max.message.bytes, of a batch as it is sent
AROUND = 72  # a batch of one record without a key: its head of 61 bytes and what is around a value of more than 8 KiB


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


def create(topic=TOPIC, partitions=4):
    admin = AdminClient(conf())
    admin.create_topics([NewTopic(topic, partitions, 1)])[topic].result(15)


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


def read(topic, partitions, **more):
    """All that these partitions ({number: first offset}) hold."""
    consumer = Consumer(conf(group_id=GROUP, enable_partition_eof=True, **more))
    consumer.assign([TopicPartition(topic, partition, offset) for partition, offset in partitions.items()])
    messages, ends, deadline = [], 0, time.monotonic() + 30
    while ends < len(partitions) and time.monotonic() < deadline:
        for message in consumer.consume(500, 0.2):
            if not message.error():
                messages.append(message)
            elif message.error().code() == KafkaError._PARTITION_EOF:  # pylint: disable=protected-access
                ends += 1
    consumer.close()
    return messages


def shapes():
    create(SHAPES, 1)
    records = [(b"key", b"value", [("twice", b"1"), ("twice", b"2"), ("empty", b""), ("none", None)]), (b"key", None, None), (b"", b"", None), (None, b"no key", None)]
    producer = Producer(conf())
    for key, value, headers in records:
        producer.produce(SHAPES, value, key, headers=headers, partition=0)
    check(producer.flush(30) == 0, "not everything was answered in 30 s")
    found = [(message.key(), message.value(), message.headers()) for message in read(SHAPES, {0: 0})]
    check(found == records, f"read back as {found}")


def large():
    answers = []
    for size in (LIMIT - AROUND, LIMIT - AROUND + 1):
        producer = Producer(conf(message_max_bytes=2 * LIMIT))
        producer.produce(SHAPES, bytes(size), partition=0, on_delivery=lambda error, _: answers.append(error.code() if error else None))
        producer.flush(30)
    check(answers == [None, KafkaError.MSG_SIZE_TOO_LARGE], f"at the limit and one byte above it: {answers}")
    check(read(SHAPES, {0: 0})[-1].value() == bytes(LIMIT - AROUND), "the largest record was not read back")


def member(topic=TOPIC, group_id=GROUP, events=None, **more):
    consumer = Consumer(conf(group_id=group_id, auto_offset_reset="earliest", enable_auto_commit=False, session_timeout_ms=10000,
                             heartbeat_interval_ms=500, **more))
    consumer.subscribe([topic], on_assign=lambda *_: events is None or events.append("assigned"))
    return consumer


def newer_member(topic=TOPIC, group_id=GROUP + "-newer"):
    consumer = Consumer(conf(group_id=group_id, group_protocol="consumer", group_remote_assignor="uniform", auto_offset_reset="earliest",
                             enable_auto_commit=False))
    consumer.subscribe([topic])
    return consumer


def newer_group():
    by_pattern = "^" + TOPIC.replace(".", "[.]") + "$" if "PATTERNS" in os.environ else TOPIC
    share(newer_member, lambda: newer_member(by_pattern))
    change_members(newer_member, GROUP + "-newer-load")


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


class Positions:
    """What a group did: the records that its members took, and the places that the server acknowledged as committed."""

    def __init__(self):
        self.taken, self.committed, self.written = [set() for _ in range(4)], [0] * 4, [0] * 4

    def write(self, producer, count):
        for i in range(count):
            producer.produce(LOAD, f"{i}", partition=i % 4, on_delivery=self.on_delivery)
        producer.poll(0)

    def on_delivery(self, error, message):
        check(error is None, f"a write failed: {error}")
        self.written[message.partition()] = max(self.written[message.partition()], message.offset() + 1)

    def take(self, consumer):
        """A record that comes again after its place was committed is a duplicate."""
        ends = {}
        for message in consumer.consume(500, 0.05):
            if not message.error():
                partition, offset = message.partition(), message.offset()
                check(offset >= self.committed[partition], f"record {offset} of partition {partition} came again after {self.committed[partition]} was committed")
                self.taken[partition].add(offset)
                ends[partition] = offset + 1
        if ends:
            try:
                for one in consumer.commit(offsets=[TopicPartition(LOAD, *end) for end in ends.items()], asynchronous=False):
                    if one.error is None:
                        self.committed[one.partition] = max(self.committed[one.partition], one.offset)
            except KafkaException:
                pass  # the partitions are moving; their next holder begins where the last commit was

    def is_complete(self):
        return self.committed == self.written


def change_members(make, group_id):
    """Members come and go five times while records are written: none is lost, none comes again after it was committed."""
    positions, producer, members = Positions(), Producer(conf(linger_ms=5)), [make(LOAD, group_id)]
    changes, done, deadline = ["join", "join", "leave", "join", "leave"], 0, time.monotonic() + 90
    while time.monotonic() < deadline and not (done == len(changes) and positions.is_complete()):
        if done < len(changes):
            positions.write(producer, 40)
        else:
            producer.flush(30)
        for consumer in members:
            positions.take(consumer)
        held = [len(consumer.assignment()) for consumer in members]
        if done < len(changes) and sum(held) == 4 and 0 not in held:
            if changes[done] == "join":
                members.append(make(LOAD, group_id))
            else:
                members.pop(0).close()
            done += 1
    check(done == len(changes), f"{done} of {len(changes)} rebalances in 90 s")
    found = [one.offset for one in members[0].committed([TopicPartition(LOAD, p) for p in range(4)], 15)]
    for consumer in members:
        consumer.close()
    check(found == positions.written, f"committed {found}, written {positions.written}")
    check(positions.taken == [set(range(end)) for end in positions.written], "records were left out")


def rebalances():
    create(LOAD)
    change_members(member, GROUP + "-load")


def hold_two_each(consumers):
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        for consumer in consumers:
            consumer.consume(500, 0.05)
        if all(len(consumer.assignment()) == 2 for consumer in consumers):
            return
    check(False, "the members did not share the partitions in 60 s")


def static_member():
    """One that comes back in time gets what it had, and the other is not asked to give anything up."""
    events = []

    def named(name, seen=None):
        return member(TOPIC, GROUP + "-static", seen, group_instance_id=name)
    leaver, stayer = named("leaver"), named("stayer", events)
    hold_two_each([leaver, stayer])
    before, held = list(events), leaver.assignment()
    leaver.close()
    back = named("leaver")
    hold_two_each([back, stayer])
    check(sorted(back.assignment()) == sorted(held), f"held {held}, came back to {back.assignment()}")
    check(events == before, "the other member was assigned anew")
    back.close()
    stayer.close()


def timestamp():
    consumer = Consumer(conf(group_id=GROUP))
    found = consumer.offsets_for_times([TopicPartition(TOPIC, p, NOW - 5400000) for p in range(4)], timeout=15)
    consumer.close()
    values = [int(message.value()[6:]) for message in read(TOPIC, {one.partition: one.offset for one in found})]
    check(sorted(values) == list(range(RECORDS // 2, RECORDS)), f"{len(values)} records, not exactly those since the time")


def transactions():
    create(COPIES, 1)
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
    values = [message.value().decode() for message in read(COPIES, {0: 0}, isolation_level="read_committed")]
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


for one in (create, produce, shapes, large, group, rebalances, static_member, newer_group, timestamp, transactions, denied, wrong_password):
    step(one)
