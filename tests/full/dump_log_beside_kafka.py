"""kafka-dump-log over the files of Myelin and over those that Apache Kafka made of the same requests: it says the same."""
import re
import subprocess

import toolchains
from batch import batch, record, seal
from client import Connection
from comparison import KAFKA_VERSION
from errors import NONE
from java_process import KafkaNode
from kafka import commit, create_topic, fetch, produce, producer_id
from server import Server
from suite import Suite, check, check_code, check_equal, eventually

suite = Suite()
TOPIC, GROUP, TRANSACTIONAL_ID = "dumped", "readers", "till"
GROUPS, TRANSACTIONS = 0, 1
TRANSACTIONAL = 0x10
THEN = 1_750_000_000_000  # of the records; what the brokers write is of today
KINDS = {".log": ["--print-data-log", "--deep-iteration"], ".index": [], ".timeindex": [], ".snapshot": [], ".txnindex": []}


def coordinated(connection):
    for kind, key in ((GROUPS, GROUP), (TRANSACTIONS, TRANSACTIONAL_ID)):
        eventually(lambda asked=kind, name=key: connection.request("FindCoordinator", 3, {"key": name, "key_type": asked})["error_code"] == NONE,
                   60, "a coordinator")


def write(connection, records, **more):
    check_code(produce(connection, TOPIC, records, **more)["error_code"], NONE, "Produce")


def add_partition(connection, who):
    added = connection.request("AddPartitionsToTxn", 3, {
        **{f"v3_and_below_{name}": value for name, value in who.items()}, "v3_and_below_topics": [{"name": TOPIC, "partitions": [0]}]})
    return added["results_by_topic_v3_and_below"][0]["results_by_partition"][0]["partition_error_code"]


def end_transaction(connection, producer, sequence, commits):
    who = {"transactional_id": TRANSACTIONAL_ID, "producer_id": producer["producer_id"], "producer_epoch": producer["producer_epoch"]}
    eventually(lambda: add_partition(connection, who) == NONE, 60, "the end of the transaction before")
    write(connection, batch([b"in a transaction"], attributes=TRANSACTIONAL, producer_id=who["producer_id"], epoch=who["producer_epoch"],
                            sequence=sequence, timestamps=[THEN + 600]), transactional_id=TRANSACTIONAL_ID)
    check_code(connection.request("EndTxn", 3, {**who, "committed": commits})["error_code"], NONE, "EndTxn")


def live(connection):
    """A bit of everything: keys, none, tombstones, headers, codecs, an idempotent producer, transactions that end either way, an offset.
    Enough of it for index entries."""
    check_code(create_topic(connection, TOPIC), NONE, "CreateTopics")
    eventually(lambda: fetch(connection, TOPIC, 0)["error_code"] == NONE, 60, "the topic's leader")
    write(connection, batch([b"one", None], timestamps=[THEN, THEN + 5]))
    write(connection, batch([b"without a key"], key=None, timestamps=[THEN + 3]))
    headers = [(b"trace", b"abc"), (b"empty", None)]
    write(connection, seal(record(0, b"with headers", headers=headers), 1, first_timestamp=THEN + 9))
    for number in range(12):
        write(connection, batch([b"x" * 1500], compressed=number % 3 == 0, timestamps=[THEN + 100 + number]))
    eventually(lambda: producer_id(connection)["error_code"] == NONE, 60, "producer ids")
    idempotent = producer_id(connection)
    for sequence in range(3):
        write(connection, batch([b"once"], producer_id=idempotent["producer_id"], epoch=0, sequence=sequence, timestamps=[THEN + 500 + sequence]))
    coordinated(connection)
    eventually(lambda: producer_id(connection, TRANSACTIONAL_ID)["error_code"] == NONE, 60, "a transactional producer")
    producer = producer_id(connection, TRANSACTIONAL_ID)
    for sequence, commits in enumerate((True, False, True)):
        end_transaction(connection, producer, sequence, commits)
    eventually(lambda: commit(connection, GROUP, TOPIC, offset=7) == NONE, 60, "a committed offset")


def said(directory, kind):
    """What the tool says of the files of one kind, without what must differ: folders, times of today, and the CRCs and producer ids that
    follow from them; these ids are numbered in the order in which they come."""
    files = sorted(str(path) for path in directory.iterdir() if path.suffix == kind)
    check(files, f"{directory}: no {kind} there")
    jars = toolchains.jars("kafka-tools", toolchains.HERE / "kafka_tools" / "pom.xml", f"-Dkafka.version={KAFKA_VERSION}")
    done = subprocess.run(["java", "-Xmx256m", "-XX:TieredStopAtLevel=1", "-cp", f"{jars}/*", "org.apache.kafka.tools.DumpLogSegments",
                           *KINDS[kind], "--files", ",".join(files)], capture_output=True, text=True, check=False)
    check(done.returncode == 0, f"{directory}, {kind}: {(done.stdout + done.stderr).strip()[-300:]}")
    text = done.stdout.replace(str(directory.parent), "DIR")
    ids = {}
    text = re.sub(r"producerId: (\d+)", lambda found: f"producerId: #{ids.setdefault(found.group(1), len(ids))}", text)
    text = re.sub(r"\b(\d{13})\b", lambda found: found.group(1) if 0 <= int(found.group(1)) - THEN < 10_000 else "NOW", text)
    return re.sub(r"(crc|CRC): \d+", r"\1: -", text).splitlines()


def latest_of_producers(lines):
    """Of each snapshot the last line of each producer, in a certain order: Myelin's remember up to five batches, Kafka's one."""
    kept = {}
    for line in lines:
        if line.startswith("Dumping"):
            snapshot = line
            kept[snapshot] = {}
        else:
            kept[snapshot][line.split()[1]] = re.sub(r"#\d+", "#", line)
    return [line for snapshot, producers in kept.items() for line in (snapshot, *sorted(producers.values()))]


@suite.test
def kafka_dump_log_says_the_same_of_both_ones_files(bench):
    node = bench.enter(KafkaNode(bench.fresh(), version=KAFKA_VERSION))
    node.wait(node.answers, "an answer of Apache Kafka")
    server = bench.enter(Server(bench.binary, bench.fresh(), dev=True))
    for port in (node.port, server.ports["plaintext"]):
        with Connection(port) as connection:
            live(connection)
    node.process.terminate()
    check_equal(node.process.wait(60), 143, "exit code of Kafka's clean stop")
    check_equal(server.stop(30), 0, "exit code of a clean stop")
    kafka, ours = (folder / f"{TOPIC}-0" for folder in (node.log.parent / "kafka", server.data / "log"))
    lines = 0
    for kind in KINDS:
        expected, found = said(kafka, kind), said(ours, kind)
        if kind == ".snapshot":
            expected, found = latest_of_producers(expected), latest_of_producers(found)
        unlike = [f"{theirs!r} is {mine!r} here" for theirs, mine in zip(expected, found) if theirs != mine]
        check(not unlike, f"{kind}: {len(unlike)} lines differ: {'; '.join(unlike[:3])}")
        check_equal(len(found), len(expected), f"lines about {kind}")
        lines += len(found)
    print(f"  {lines} lines about five kinds of files, all the same")


if __name__ == "__main__":
    suite.main()
