"""Many partitions and many connections with few descriptors: no partition holds one."""
import contextlib
import pathlib
import resource
import time

from batch import batch, records_of
from errors import NONE
from server import Server
from suite import Suite, check, check_code, check_equal

suite = Suite()
DESCRIPTORS = 8192
PARTITIONS = 10_000
CONNECTIONS = 1_000
TOPICS = 100
PER_TOPIC = PARTITIONS // TOPICS
PER_CONNECTION = PARTITIONS // CONNECTIONS


def share_of(number):
    """The topic and the partitions that connection `number` writes; each partition is one connection's."""
    first = number * PER_CONNECTION
    return f"many-{first // PER_TOPIC:02}", [(first + step) % PER_TOPIC for step in range(PER_CONNECTION)]


def value_of(topic, partition):
    return f"{topic}/{partition}".encode()


def create_topics(connection):
    for number in range(TOPICS):
        answer = connection.request("CreateTopics", 5, {"timeout_ms": 60000, "topics": [
            {"name": f"many-{number:02}", "num_partitions": PER_TOPIC, "replication_factor": 1}]})
        check_code(answer["topics"][0]["error_code"], NONE, f"creating topic {number}")


def on_all(connections, name, version, body_of):
    """One request on every connection, all in flight at once; (number, answer) in turn."""
    sent = [connection.send(name, version, body_of(number)) for number, connection in enumerate(connections)]
    for number, connection in enumerate(connections):
        yield number, connection.receive(name, version, sent[number])


def produce_share(number):
    topic, partitions = share_of(number)
    return {"acks": -1, "timeout_ms": 60000, "topic_data": [{"name": topic, "partition_data": [
        {"index": partition, "records": batch([value_of(topic, partition)])} for partition in partitions]}]}


def fetch_share(number):
    topic, partitions = share_of(number)
    return {"max_wait_ms": 0, "min_bytes": 0, "max_bytes": 1 << 20, "session_epoch": -1, "topics": [{"topic": topic, "partitions": [
        {"partition": partition, "fetch_offset": 0, "current_leader_epoch": -1, "partition_max_bytes": 1 << 20}
        for partition in partitions]}]}


def write_all(connections):
    for number, answer in on_all(connections, "Produce", 8, produce_share):
        topic, partitions = share_of(number)
        found = answer["responses"][0]["partition_responses"]
        check_equal([(one["index"], one["error_code"], one["base_offset"]) for one in found],
                    [(partition, NONE, 0) for partition in partitions], f"produce to {topic} on connection {number}")


def read_all(connections):
    for number, answer in on_all(connections, "Fetch", 11, fetch_share):
        topic, _ = share_of(number)
        for one in answer["responses"][0]["partitions"]:
            check_code(one["error_code"], NONE, f"fetch of {topic}-{one['partition_index']}")
            check_equal(records_of(one["records"]), [(0, value_of(topic, one["partition_index"]))],
                        f"records of {topic}-{one['partition_index']}")


def open_descriptors(server):
    return len(list(pathlib.Path(f"/proc/{server.process.pid}/fd").iterdir()))


def allow_own_descriptors():
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, DESCRIPTORS), most))


class Said:
    """Prints what each step took, and what the server held after it."""

    def __init__(self):
        self.begun = time.monotonic()

    def step(self, what, server=None):
        now = time.monotonic()
        held = f", {server.resident_bytes() / 1e6:.0f} MB, {open_descriptors(server)} descriptors" if server else ""
        print(f"  {what}: {now - self.begun:.1f} s{held}")
        self.begun = now


@contextlib.contextmanager
def all_connections(server):
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(server.connect(timeout=120)) for _ in range(CONNECTIONS)]


@suite.test
def ten_thousand_partitions_and_a_thousand_connections_need_8192_descriptors(bench):
    allow_own_descriptors()
    limited = ["prlimit", f"--nofile={DESCRIPTORS}:{DESCRIPTORS}"]
    said = Said()
    server = bench.enter(Server(bench.binary, bench.fresh(), dev=True, prefix=limited))
    with server.connect(timeout=120) as connection:
        create_topics(connection)
    said.step(f"created {PARTITIONS:,} partitions", server)
    with all_connections(server) as connections:
        write_all(connections)
        said.step(f"wrote to all, synced, on {CONNECTIONS:,} connections", server)
        read_all(connections)
        said.step("read all back", server)
        check(open_descriptors(server) >= CONNECTIONS, "the connections are not open at the same time")
    for what, end in (("killed with -9", server.kill), ("stopped", lambda: check_equal(server.stop(), 0, "exit code of a clean stop"))):
        end()
        said.step(what)
        server.start()
        said.step("ready again", server)
        with all_connections(server) as connections:
            read_all(connections)
            said.step("read all back", server)
