"""MirrorMaker 2 brings topics, records and the offsets of groups from a node of Apache Kafka."""
from errors import NONE
from java_process import KafkaNode, Program, java, properties
from kafka import commit, create_topic, list_offset
from server import Server
from suite import Suite, check, check_code, check_equal, eventually

import records_client as client
from client import Connection

suite = Suite()
RECORDS, DELETED, HALFWAY = 1000, 100, 400  # of each of two partitions


def records_of(bootstrap, topic):
    return sorted(client.read(bootstrap, topic)[topic])


def committed(connection, group, topic, partition):
    answer = connection.request("OffsetFetch", 5, {"group_id": group, "topics": [{"name": topic, "partition_indexes": [partition]}]})
    return answer["topics"][0]["partitions"][0]["committed_offset"]


def mirror(place, source, target):
    every = {f"kafka->myelin.{name}.interval.seconds": 1 for name in ("sync.group.offsets", "emit.checkpoints", "refresh.topics", "refresh.groups")}
    return Program(place / "mirror.log", *java("org.apache.kafka.connect.mirror.MirrorMaker", properties(place / "mirror.properties", {
        "clusters": "kafka, myelin", "kafka.bootstrap.servers": source, "myelin.bootstrap.servers": target,
        "kafka->myelin.enabled": "true", "kafka->myelin.topics": "orders", "kafka->myelin.sync.group.offsets.enabled": "true",
        "myelin->kafka.enabled": "false", "replication.policy.class": "org.apache.kafka.connect.mirror.IdentityReplicationPolicy",
        "replication.factor": 1, "offset-syncs.topic.replication.factor": 1, "checkpoints.topic.replication.factor": 1,
        "heartbeats.topic.replication.factor": 1, "offset.storage.replication.factor": 1, "status.storage.replication.factor": 1,
        "config.storage.replication.factor": 1, "offset.lag.max": 0, "offset.flush.interval.ms": 1000} | every)))


@suite.test
def mirrormaker_2_brings_a_topic_and_its_groups_from_apache_kafka(bench):
    place = bench.fresh()
    kafka = bench.enter(KafkaNode(place))
    server = bench.enter(Server(bench.binary, place, dev=True))
    bootstrap = f"127.0.0.1:{server.ports['plaintext']}"

    def answers():
        try:
            with Connection(kafka.port) as probe:
                return probe.request("Metadata", 8, {"topics": None})["brokers"]
        except OSError:
            return False
    kafka.wait(answers, "an answer of Apache Kafka")
    with Connection(kafka.port) as source, server.connect() as target:
        check_code(create_topic(source, "orders", 2), NONE, "create orders on Kafka")
        rows = [("orders", f"{number % 7}", f"order {number}", 1_700_000_000_000 + number) for number in range(2 * RECORDS)]
        client.write(kafka.bootstrap, rows)
        ends = [list_offset(source, "orders", -1, partition=partition)["offset"] for partition in (0, 1)]
        check_equal(sum(ends), 2 * RECORDS, "records on Kafka")
        source.request("DeleteRecords", 1, {"topics": [{"name": "orders", "partitions": [{"partition_index": 0, "offset": DELETED}]}], "timeout_ms": 10000})
        source.request("FindCoordinator", 2, {"key": "readers", "key_type": 0})  # Kafka makes its offsets topic with the first question
        eventually(lambda: commit(source, "readers", "orders", ends[0], 0) == NONE, 30, "a commit of the end of partition 0")
        check_code(commit(source, "readers", "orders", HALFWAY, 1), NONE, "commit the middle of partition 1")
        maker = bench.enter(mirror(place, kafka.bootstrap, bootstrap))
        expected = records_of(kafka.bootstrap, "orders")

        def has_all():
            check(maker.is_running(), f"MirrorMaker ended: {maker.tail()}")
            found = [list_offset(target, "orders", -1, partition=partition)["offset"] for partition in (0, 1)]
            return found == [ends[0] - DELETED, ends[1]]
        eventually(has_all, 120, "as many records as on Kafka")
        check_equal(records_of(bootstrap, "orders") == expected, True, "the records are those of Kafka")
        eventually(lambda: committed(target, "readers", "orders", 0) == ends[0] - DELETED, 120, "the group's offset of partition 0, moved by what was deleted")
        # Before the places that it noted itself MirrorMaker translates to an earlier one, or not at all.
        halfway = committed(target, "readers", "orders", 1)
        check(halfway <= HALFWAY, f"the group would skip records of partition 1: it stands at {halfway}")
