"""MirrorMaker 2 brings topics, records and the offsets of groups from a node of Apache Kafka."""
from errors import NONE
from java_process import KafkaNode, Program, java, properties
from kafka import commit, create_topic, list_offset
from server import Server
from suite import Suite, check, check_code, check_equal, eventually

import records_client as client
from client import Connection

suite = Suite()
RECORDS, FIRST, DELETED = 2000, 800, 100  # over two partitions; so many of them before MirrorMaker begins


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

    kafka.wait(kafka.answers, "an answer of Apache Kafka")
    with Connection(kafka.port) as source, server.connect() as target:
        check_code(create_topic(source, "orders", 2), NONE, "create orders on Kafka")
        rows = [("orders", f"{number % 7}", f"order {number}", 1_700_000_000_000 + number) for number in range(RECORDS)]

        def ends():
            return [list_offset(source, "orders", -1, partition=partition)["offset"] for partition in (0, 1)]

        def mirrored():
            check(maker.is_running(), f"MirrorMaker ended: {maker.tail()}")
            found = [list_offset(target, "orders", -1, partition=partition)["offset"] for partition in (0, 1)]
            return found == [ends()[0] - DELETED, ends()[1]]

        def translated(partition, offset):
            eventually(lambda: committed(target, "readers", "orders", partition) == offset, 120, f"the group's offset {offset} of partition {partition}")
        client.write(kafka.bootstrap, rows[:FIRST])
        source.request("DeleteRecords", 1, {"topics": [{"name": "orders", "partitions": [{"partition_index": 0, "offset": DELETED}]}], "timeout_ms": 10000})
        maker = bench.enter(mirror(place, kafka.bootstrap, bootstrap))
        eventually(mirrored, 120, "the first records")
        # An offset that lies before the places which MirrorMaker noted itself it does not translate, be the target Apache Kafka or not;
        # which places it notes while it catches up is chance. So each is committed when MirrorMaker has come as far, and not before.
        source.request("FindCoordinator", 2, {"key": "readers", "key_type": 0})  # Kafka makes its offsets topic with the first question
        halfway = ends()[1]
        eventually(lambda: commit(source, "readers", "orders", halfway, 1) == NONE, 30, "a commit of what partition 1 holds so far")
        translated(1, halfway)
        client.write(kafka.bootstrap, rows[FIRST:])
        check_equal(sum(ends()), RECORDS, "records on Kafka")
        eventually(mirrored, 120, "as many records as on Kafka")
        check_equal(records_of(bootstrap, "orders") == records_of(kafka.bootstrap, "orders"), True, "the records are those of Kafka")
        check_code(commit(source, "readers", "orders", ends()[0], 0), NONE, "commit the end of partition 0")
        translated(0, ends()[0] - DELETED)
        check_equal(committed(target, "readers", "orders", 1), halfway, "the group's offset in the middle of partition 1")
