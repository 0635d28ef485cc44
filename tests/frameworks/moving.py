"""Moving in from a real Apache Kafka and out to one: nothing that a client can see is another afterwards."""
import json
import pathlib
import subprocess

import toolchains
from client import Connection
from errors import NONE
from java_process import KafkaNode
from kafka import commit, create_topic, list_offset, metadata, producer_id
from server import NotStarted, Server
from suite import Suite, check, check_code, check_equal, check_in, eventually

suite = Suite()
HERE = pathlib.Path(__file__).resolve().parent
COMPACTED = {"cleanup.policy": "compact", "segment.ms": "100", "min.cleanable.dirty.ratio": "0.01", "delete.retention.ms": "0"}
TOPICS = {"codecs": (3, {}), "latest": (1, COMPACTED), "ledger": (2, {"retention.ms": "-1"}), "trimmed": (1, {"max.message.bytes": "2000000"}),
          "gone": (1, {}), "empty": (2, {}), "stamped": (1, {"message.timestamp.type": "LogAppendTime"})}
KEPT = {"retention.ms": "-1"}  # so that the records' old timestamps delete nothing
COMMITS = {("readers", "codecs", 1): 17, ("readers", "ledger", 0): 41, ("others", "trimmed", 0): 60}
BULK = 100_000


def client(*words):
    python = toolchains.venv("confluent-kafka==2.16.1") / "bin" / "python"
    done = subprocess.run([str(word) for word in (python, HERE / "moving_records.py", *words)], text=True, capture_output=True, check=False, timeout=180)
    check(done.returncode == 0, f"{words[0]}: {(done.stderr or done.stdout).strip()[-400:]}")
    return done.stdout


def answers(node):
    try:
        with Connection(node.port) as probe:
            return probe.request("Metadata", 8, {"topics": None})["brokers"]
    except OSError:
        return False


def started(bench, place, **more):
    node = bench.enter(KafkaNode(place, **more))
    node.wait(lambda: answers(node), "an answer of Apache Kafka")
    return node


def served(bench, place):
    server = bench.enter(Server(bench.binary, place, dev=True))
    server.port, server.bootstrap = server.ports["plaintext"], f"127.0.0.1:{server.ports['plaintext']}"
    return server


def delete_before(connection, topic, offset):
    answer = connection.request("DeleteRecords", 1, {"topics": [{"name": topic, "partitions": [{"partition_index": 0, "offset": offset}]}], "timeout_ms": 10000})
    check_code(answer["topics"][0]["partitions"][0]["error_code"], NONE, f"delete records of {topic}")


def fill(node, **more):
    """Topics of every kind, with group offsets; `more` settings for the one that is compacted."""
    with Connection(node.port) as connection:
        for topic, (partitions, configs) in TOPICS.items():
            check_code(create_topic(connection, topic, partitions, KEPT | configs | (more if topic == "latest" else {})), NONE, f"create {topic}")
        client("fill", node.bootstrap)
        delete_before(connection, "trimmed", 40)
        delete_before(connection, "gone", 100)
        connection.request("FindCoordinator", 2, {"key": "readers", "key_type": 0})  # Kafka makes its offsets topic with the first question
        for (group, topic, partition), offset in COMMITS.items():
            eventually(lambda: commit(connection, group, topic, offset, partition) == NONE, 30, f"a commit of {group}")


def committed(connection):
    found = {}
    for group in {group for group, _, _ in COMMITS}:
        answers = []
        eventually(lambda: answers.append(connection.request("OffsetFetch", 5, {"group_id": group, "topics": None})) or answers[-1]["error_code"] == NONE,
                   30, f"the offsets of {group}")
        for topic in answers[-1]["topics"]:
            for one in topic["partitions"]:
                found[group, topic["name"], one["partition_index"]] = (one["committed_offset"], one["metadata"])
    return found


def configs(connection, topic):
    answer = connection.request("DescribeConfigs", 1, {"resources": [{"resource_type": 2, "resource_name": topic, "configuration_keys": None}]})
    return {config["name"]: config["value"] for config in answer["results"][0]["configs"] if config["config_source"] == 1}


def seen(port, topics):
    """All that clients can see of the topics: ids, settings, offsets at both ends and in time, records, group offsets."""
    with Connection(port) as connection:
        entries = metadata(connection, list(topics), version=12)
        facts = {"ids": {topic: entries[topic]["topic_id"] for topic in topics},
                 "settings": {topic: configs(connection, topic) for topic in topics}, "groups": committed(connection)}
        for topic in topics:
            for partition in range(len(entries[topic]["partitions"])):
                facts[topic, partition] = [list_offset(connection, topic, time, partition=partition)["offset"] for time in (-2, -1, 1_700_000_000_050)]
    for isolation in ("read_committed", "read_uncommitted"):
        facts[isolation] = sorted(client("dump", f"127.0.0.1:{port}", isolation, *topics).splitlines())
    return facts


def check_same(found, expected):
    for part, value in expected.items():
        if part in ("read_committed", "read_uncommitted"):
            missing, more = set(value) - set(found[part]), set(found[part]) - set(value)
            check(not missing and not more, f"{part}: {len(missing)} missing, {len(more)} more, as {sorted(missing | more)[:3]}")
            check_equal(len(found[part]), len(value), f"records {part}")
        else:
            check_equal(found[part], value, str(part))


def segments(data):
    return {str(path): path.read_bytes() for path in (data / "log").glob("*/*.log")}


def import_command(bench, node, data, *more):
    return [str(bench.binary), "import", "kafka", "--from", node.bootstrap, "--data", str(data), "--dev", *more]


def run(*command):
    return subprocess.run(command, text=True, capture_output=True, check=False, timeout=180)


@suite.test
def an_import_from_apache_kafka_leaves_nothing_out(bench):
    place = bench.fresh()
    node = started(bench, place, **{"log.cleaner.backoff.ms": 200})
    fill(node)
    eventually(lambda: client("dump", node.bootstrap, "read_committed", "latest").count("\n") <= 130, 60, "as much compaction by Kafka as there can be")
    expected = seen(node.port, TOPICS)
    done = run(*import_command(bench, node, place / "data"))
    check_equal(done.returncode, 0, f"exit code ({done.stdout} {done.stderr})")
    check_in("trimmed-0  offsets 40 to 100  60 records", done.stdout, "the report")
    check_in("gone-0  offsets 100 to 100  0 records", done.stdout, "the report")
    server = served(bench, place)
    check_same(seen(server.port, TOPICS), expected)
    aborted = [row for row in expected["read_uncommitted"] if "transaction 1 " in row]
    check_equal((len(aborted), sum("transaction 1 " in row for row in expected["read_committed"])), (40, 0), "records of the aborted transaction")
    # Whoever writes here gets a producer id that no copied record has.
    client("fill", server.bootstrap)
    server.stop()
    again = run(*import_command(bench, node, place / "data"))
    check_equal(again.returncode, 1, "exit code of an import into a directory that was served")
    check_in("has been served", again.stderr)


@suite.test
def an_import_that_is_killed_again_and_again_ends_equal(bench):
    place = bench.fresh()
    node = started(bench, place)
    with Connection(node.port) as connection:
        check_code(create_topic(connection, "bulk", 4), NONE, "create bulk")
    client("bulk", node.bootstrap, "bulk", BULK)
    kills = 0
    for _ in range(100):
        process = subprocess.Popen(import_command(bench, node, place / "data"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        progress = next((line for line in process.stderr if " offsets, " in line), None)
        if progress is None or progress.split()[0] == progress.split()[2]:
            output, _ = process.communicate(timeout=120)
            break
        process.kill()
        process.communicate()
        kills += 1
        try:
            Server(bench.binary, place, dev=True).start()
        except NotStarted as refused:
            check_in("is not complete", refused.output, "why a half imported directory is not served")
    check(kills >= 3, f"the import was killed only {kills} times")
    check_equal(process.returncode, 0, f"exit code of the last run ({output[-500:]})")
    with Connection(node.port) as connection:
        ends = [list_offset(connection, "bulk", -1, partition=partition)["offset"] for partition in range(4)]
    for partition, end in enumerate(ends):
        check_in(f"bulk-{partition}  offsets 0 to {end}  {end} records", output, "the report")
    server = served(bench, place)
    with server.connect() as target:
        check_equal([list_offset(target, "bulk", -1, partition=partition)["offset"] for partition in range(4)], ends, "ends of the logs")
    expected = sorted(json.loads(line) for line in client("dump", node.bootstrap, "read_committed", "bulk").splitlines())
    found = sorted(json.loads(line) for line in client("dump", server.bootstrap, "read_committed", "bulk").splitlines())
    check(found == expected and len(found) == BULK, f"{len(found)} records here, {len(expected)} at the source; equal: {found == expected}")


@suite.test
def apache_kafka_starts_on_an_export_and_nothing_is_left_out(bench):
    place = bench.fresh()
    server = served(bench, place)
    fill(server, **{"min.compaction.lag.ms": str(10**12)})  # or Kafka compacts before it is asked
    expected = seen(server.port, TOPICS)
    with server.connect() as connection:
        bank, last = producer_id(connection, "bank"), producer_id(connection)["producer_id"]
    refused = run(str(bench.binary), "export", "kafka-dir", "--data", str(server.data), "--to", str(place / "kafka"))
    check_equal(refused.returncode, 1, "exit code of an export while a server has the directory")
    server.stop()
    before = segments(server.data)
    done = run(str(bench.binary), "export", "kafka-dir", "--data", str(server.data), "--to", str(place / "kafka"))
    check_equal(done.returncode, 0, f"exit code ({done.stdout} {done.stderr})")
    check_in(f"{len(TOPICS)} topics, 11 partitions", done.stdout, "the report")
    node = started(bench, place, is_formatted=True)
    check_same(seen(node.port, TOPICS), expected)
    with Connection(node.port) as connection:
        found = [None]
        eventually(lambda: found.append(producer_id(connection, "bank")) or found[-1]["error_code"] == NONE, 30, "an epoch for the transactional id")
        check_equal((found[-1]["producer_id"], found[-1]["producer_epoch"] > bank["producer_epoch"]), (bank["producer_id"], True), "who the transactional id is")
        eventually(lambda: found.append(producer_id(connection)) or found[-1]["error_code"] == NONE, 30, "a producer id")
        check(found[-1]["producer_id"] > last, f"producer id {found[-1]['producer_id']} was given out before: {last}")
    client("fill", node.bootstrap)
    node.kill()
    again = run(str(bench.binary), "export", "kafka-dir", "--data", str(server.data), "--to", str(place / "kafka"))
    check_equal(again.returncode, 1, "exit code of an export over another")
    check_in("name a new directory", again.stderr)
    check_equal(segments(server.data) == before, True, "the segments of the data directory are as they were")
