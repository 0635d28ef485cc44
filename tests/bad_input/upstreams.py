"""A cluster behind --upstream that is down, dies, comes back or answers nonsense: clients get errors that they retry."""
import contextlib
import socket
import struct
import threading

from batch import batch
from client import Closed
from errors import NONE, NOT_LEADER_OR_FOLLOWER, REQUEST_TIMED_OUT, UNKNOWN_TOPIC_ID
from kafka import create_topic, delete_topic_by_id, fetch, fetch_body, metadata, produce
from server import Server, free_port
from suite import Suite, check, check_code, check_equal, check_in, eventually

suite = Suite()
LEADER_NOT_AVAILABLE = 5
CLIENTS = 20
FETCH, METADATA, API_VERSIONS = 1, 3, 18


def cluster(bench, port=0):
    return bench.enter(Server(bench.binary, bench.fresh(), listen=[f"plaintext://127.0.0.1:{port}"], dev=True))


def front(bench, port):
    return bench.enter(Server(bench.binary, bench.fresh(), dev=True, extra=["--upstream", f"127.0.0.1:{port}"]))


def is_ready(server):
    return server.http("/readyz")[0] == 200


def finding(server):
    """What the doctor says of the cluster."""
    return next(row["finding"] for row in server.http("/api/v1/doctor")[2]["checks"] if row["name"] == "upstream")


@suite.test
def a_front_starts_without_its_cluster_says_so_and_serves_when_it_comes(bench):
    port = free_port()
    server = front(bench, port)
    status, _, body = server.http("/readyz")
    check_equal((status, body["status"]), (503, "failed"), "/readyz")
    check_equal(body["detail"], "the upstream cluster can't be reached; see the log or myelin doctor", "what strangers read")
    check_in(f"127.0.0.1:{port} can't be reached", finding(server))
    check_in("start the cluster, or correct --upstream", server.log_path.read_text())
    check_equal(server.http("/api/v1/usage")[0], 200, "usage while the cluster is down")
    with server.connect() as connection:
        check_code(metadata(connection, ["later"])["later"]["error_code"], LEADER_NOT_AVAILABLE, "metadata without a cluster")
        check_code(produce(connection, "later", batch([b"a"]))["error_code"], NOT_LEADER_OR_FOLLOWER, "produce without a cluster")
        cluster(bench, port)
        eventually(lambda: is_ready(server), 20, "/readyz 200 after the cluster came")
        check_code(create_topic(connection, "later"), NONE, "create")
        check_code(produce(connection, "later", batch([b"a"]))["error_code"], NONE, "produce")


@suite.test
def a_cluster_that_dies_gives_errors_to_retry_until_it_is_back(bench):
    behind = cluster(bench, free_port())
    server = front(bench, behind.ports["plaintext"])
    with server.connect() as connection:
        check_code(create_topic(connection, "survives"), NONE, "create")
        check_code(produce(connection, "survives", batch([b"before"]))["error_code"], NONE, "produce")
        behind.kill()
        check_code(produce(connection, "survives", batch([b"during"]))["error_code"], NOT_LEADER_OR_FOLLOWER, "produce after the death")
        eventually(lambda: not is_ready(server), 20, "/readyz 503 after the cluster died")
        with server.connect() as asking:
            try:
                names = metadata(asking)
                raise AssertionError(f"all topics of a dead cluster are said to be {list(names)}")
            except Closed:
                pass
        behind.start()
        eventually(lambda: is_ready(server), 20, "/readyz 200 after the cluster came back")
        check_code(produce(connection, "survives", batch([b"after"]))["error_code"], NONE, "produce")
        check_equal(fetch(connection, "survives", 0)["high_watermark"], 2, "records")


@suite.test
def no_topic_is_said_to_be_unknown_because_its_cluster_is_gone(bench):
    behind = cluster(bench, free_port())
    server = front(bench, behind.ports["plaintext"])
    with server.connect() as connection:
        check_code(create_topic(connection, "deleted"), NONE, "create")
        identity = metadata(connection, ["deleted"], version=12)["deleted"]["topic_id"]
        behind.kill()
        check_code(delete_topic_by_id(connection, identity), REQUEST_TIMED_OUT, "deletion by id without a cluster")
        behind.start()
        eventually(lambda: is_ready(server), 20, "/readyz 200 after the cluster came back")
        check_code(delete_topic_by_id(connection, identity), NONE, "deletion by id")
        check_code(delete_topic_by_id(connection, identity), UNKNOWN_TOPIC_ID, "deletion of what is gone")


@suite.test
def a_long_poll_of_one_client_holds_up_no_other(bench):
    server = front(bench, cluster(bench).ports["plaintext"])
    with server.connect() as waiting, server.connect() as other:
        for name in ("awaited", "unrelated"):
            check_code(create_topic(other, name), NONE, f"create {name}")
        sent = waiting.send("Fetch", 11, fetch_body("awaited", 0, max_wait=25_000, min_bytes=1))
        check_code(produce(other, "unrelated", batch([b"a"]))["error_code"], NONE, "produce beside the long poll")
        waiting.socket.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            raise AssertionError(f"the long poll was answered: {waiting.socket.recv(4)!r}")
        waiting.timeout(30)
        check_code(produce(other, "awaited", batch([b"a"]))["error_code"], NONE, "produce what is awaited")
        answer = waiting.receive("Fetch", 11, sent)
        check(answer["responses"][0]["partitions"][0]["records"], "the long poll brought no records")


@suite.test
def connections_to_the_cluster_end_with_their_clients(bench):
    server = front(bench, cluster(bench).ports["plaintext"])
    clients = [bench.enter(server.connect()) for _ in range(CLIENTS)]
    for connection in clients:
        for name in ("one", "another"):
            connection.client_id = name
            metadata(connection, [])
    check_equal(server.metric("myelin_upstream_connections"), CLIENTS, "connections to the cluster, one a client")
    for connection in clients:
        connection.close()
    eventually(lambda: server.metric("myelin_upstream_connections") == 0, 20, "the end of the connections to the cluster")


class Listener:
    """A context: a port on loopback, each of whose connections goes to `take`."""

    def __init__(self, port=0):
        self.listener = socket.create_server(("127.0.0.1", port))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.close()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                self.take(self.listener.accept()[0])


class Spoiler(Listener):
    """Passes frames between a front and its cluster, and spoils the answers to one API."""

    def __init__(self, cluster_port):
        self.cluster_port, self.spoil, self.is_silent = cluster_port, None, False
        super().__init__()

    def take(self, near):
        far, spoilt = socket.create_connection(("127.0.0.1", self.cluster_port)), set()
        for source, target, change in ((near, far, self._note), (far, near, self._answer)):
            threading.Thread(target=self._pump, args=(source, target, change, spoilt), daemon=True).start()

    @staticmethod
    def _note(frame, fetches):
        if struct.unpack(">h", frame[:2])[0] == FETCH:
            fetches.add(frame[4:8])
        return struct.pack(">i", len(frame)) + frame

    def _answer(self, frame, fetches):
        if self.is_silent:
            return b""
        if self.spoil and frame[:4] in fetches:
            return self.spoil(frame)
        return struct.pack(">i", len(frame)) + frame

    @staticmethod
    def _pump(source, target, change, fetches):
        with contextlib.suppress(OSError), source.makefile("rb") as stream:
            while len(head := stream.read(4)) == 4:
                target.sendall(change(stream.read(struct.unpack(">i", head)[0]), fetches))
        for one in (source, target):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)


def framed(body):
    return struct.pack(">i", len(body)) + body


SPOILT = {"cut short": lambda frame: framed(frame[:9]), "to another request": lambda frame: framed(b"\x7f" * 4 + frame[4:]),
          "of noise": lambda frame: framed(frame[:4] + b"\xff" * 40), "of 2 GiB": lambda frame: b"\x7f\xff\xff\xff" + frame,
          "of negative length": lambda frame: b"\xff" * 4 + frame, "without a correlation id": lambda frame: framed(b"\0")}


@suite.test
def answers_of_a_cluster_that_can_not_be_read_become_errors_to_retry(bench):
    spoiler = bench.enter(Spoiler(cluster(bench).ports["plaintext"]))
    server = front(bench, spoiler.port)
    with server.connect() as connection, server.connect() as bystander:
        check_code(create_topic(connection, "spoilt"), NONE, "create")
        check_code(produce(connection, "spoilt", batch([b"a"]))["error_code"], NONE, "produce")
        for name, spoil in SPOILT.items():
            spoiler.spoil = spoil
            check_code(fetch(connection, "spoilt", 0)["error_code"], NOT_LEADER_OR_FOLLOWER, f"an answer {name}")
            check_code(produce(bystander, "spoilt", batch([b"b"]))["error_code"], NONE, f"a bystander of an answer {name}")
            spoiler.spoil = None
            check(fetch(connection, "spoilt", 0)["records"], f"no records after an answer {name}")
    check(server.is_running(), "the front has died")
    check(is_ready(server), "the front is not ready")
    check_in("an answer of the upstream cluster was refused", server.log_path.read_text(), "the log")
    edges = server.http("/api/v1/lineage?topic=spoilt")[2]["writes"]
    check_equal(sum(edge["records"] for edge in edges), 1 + len(SPOILT), "records counted")


@suite.test
def a_cluster_that_hangs_gives_errors_to_retry_until_it_answers(bench):
    between = bench.enter(Spoiler(cluster(bench).ports["plaintext"]))
    server = front(bench, between.port)
    with server.connect() as connection:
        check_code(create_topic(connection, "hangs"), NONE, "create")
        between.is_silent = True
        check_code(produce(connection, "hangs", batch([b"a"]))["error_code"], NOT_LEADER_OR_FOLLOWER, "produce while it hangs")
        check_in("no answer within 10 s", finding(server))
        between.is_silent = False
        eventually(lambda: is_ready(server), 20, "/readyz 200 after it answered again")
        check_code(produce(connection, "hangs", batch([b"b"]))["error_code"], NONE, "produce afterwards")


class OldCluster(Listener):
    """Answers ApiVersions with a few old versions, and Metadata 5 with no topic at all."""

    VERSIONS = [(0, 3, 7), (FETCH, 4, 6), (METADATA, 0, 5)]

    def take(self, near):
        threading.Thread(target=self._serve, args=(near,), daemon=True).start()

    def _serve(self, near):
        with contextlib.suppress(OSError), near, near.makefile("rb") as stream:
            while len(head := stream.read(4)) == 4:
                frame = stream.read(struct.unpack(">i", head)[0])
                near.sendall(framed(frame[4:8] + self._answer(struct.unpack(">h", frame[:2])[0])))

    def _answer(self, key):
        if key == API_VERSIONS:
            return struct.pack(">hi", 0, len(self.VERSIONS)) + b"".join(struct.pack(">hhh", *each) for each in self.VERSIONS)
        return struct.pack(">iihii", 0, 0, -1, -1, 0)  # throttle time, brokers, cluster id, controller, topics


@suite.test
def an_old_cluster_that_comes_late_is_asked_in_versions_that_it_serves(bench):
    port = free_port()
    server = front(bench, port)

    def advertised():
        with server.connect() as connection:
            rows = connection.request("ApiVersions", 0)["api_keys"]
        return {row["api_key"]: (row["min_version"], row["max_version"]) for row in rows}

    check_equal(advertised()[METADATA], (0, 13), "Metadata before there is a cluster")
    bench.enter(OldCluster(port))
    eventually(lambda: advertised()[METADATA] == (0, 5), 20, "Metadata as the cluster serves it")
    check_equal((advertised()[0], advertised()[FETCH]), ((3, 7), (4, 6)), "Produce and Fetch")
    with server.connect() as connection:
        check_equal(metadata(connection, [], version=5), {}, "topics of the old cluster")
