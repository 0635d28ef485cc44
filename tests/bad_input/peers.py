"""Clients that cost more than they should: idle ones and ones that never read."""
import resource
import struct
import threading
import time

from batch import batch
from client import Closed, Connection
from errors import NONE
from kafka import create_topic, fetch_body, metadata, produce
from server import Certificates, Server
from suite import Skip, Suite, check, check_code, check_equal, eventually

suite = Suite()
IDLE = 1000
DEADLINE_MS = 4000
MEMORY_PER_IDLE = 64 << 10


def allow_descriptors(wanted):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < wanted:
        raise Skip(f"{wanted} descriptors are needed, {hard} are allowed (ulimit -n)")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))


@suite.test
def a_thousand_connections_that_never_sign_in_harm_nobody_and_are_dropped(bench):
    allow_descriptors(IDLE + 500)
    server = bench.enter(Server(bench.binary, bench.fresh(), listen=["sasl_plaintext"],
                                sets=[f"net.authentication_deadline_ms={DEADLINE_MS}"]))
    server.enrol("root")
    before, started = server.resident_bytes(), time.monotonic()
    idle = [bench.enter(server.connect()) for _ in range(IDLE)]
    opened = time.monotonic()
    grown = server.resident_bytes() - before
    check(grown < IDLE * MEMORY_PER_IDLE, f"{IDLE} idle connections take {grown >> 10} KiB")
    with server.connect("root") as connection:
        metadata(connection)
    served_after = time.monotonic() - opened
    check(served_after < 2, f"a real client waited {served_after:.1f} s for its sign-in and answer")
    for connection in idle:
        check(connection.is_closed_by_server(DEADLINE_MS / 1000 + 4), "an idle connection is still open after its deadline")
    check(time.monotonic() - started > DEADLINE_MS / 1000 - 0.5, "connections were dropped before their deadline")
    eventually(lambda: server.metric("myelin_net_connections", "root") == 0, what="myelin_net_connections 0")


@suite.test
def a_client_halfway_through_its_sign_in_is_dropped_at_the_same_deadline(bench):
    server = bench.enter(Server(bench.binary, bench.fresh(), listen=["sasl_plaintext"], sets=["net.authentication_deadline_ms=1000"]))
    with server.connect() as connection:
        connection.handshake("SCRAM-SHA-256")
        started = time.monotonic()
        while time.monotonic() - started < 4:
            try:
                connection.request("ApiVersions", 0)
            except Closed:
                break
            time.sleep(0.1)
        spent = time.monotonic() - started
        check(spent < 3, "a client that keeps talking without signing in is still there after three deadlines")


@suite.test
def connections_that_never_begin_their_tls_handshake_are_dropped_too(bench):
    directory = bench.fresh()
    server = bench.enter(Server(bench.binary, directory, listen=["sasl_ssl"], certificates=Certificates(directory / "tls"),
                                sets=["net.authentication_deadline_ms=1500"]))
    server.enrol("root")
    idle = [bench.enter(Connection(server.ports["sasl_ssl"])) for _ in range(200)]
    for connection in idle[:100]:
        connection.send_bytes(bytes.fromhex("16030100c8"))
    with server.connect("root") as connection:
        metadata(connection)
    for connection in idle:
        check(connection.is_closed_by_server(5), "a connection without a handshake is still open after its deadline")


@suite.test
def connections_beyond_the_cap_of_unauthenticated_ones_are_closed_at_once(bench):
    server = bench.enter(Server(bench.binary, bench.fresh(), listen=["sasl_plaintext"], sets=["net.unauthenticated_connections=20"]))
    server.enrol("root")
    held = [bench.enter(server.connect()) for _ in range(20)]
    held[-1].request("ApiVersions", 0)
    with server.connect() as connection:
        check(connection.is_closed_by_server(), "one more than the cap is served")
    held.pop().close()
    def is_served():
        try:
            with server.connect("root") as connection:
                return bool(connection.request("ApiVersions", 0))
        except Closed:
            return False
    eventually(is_served, what="a sign-in after a place became free")


@suite.test
def a_client_that_never_reads_costs_bounded_memory_and_no_other_client(bench):
    server = bench.enter(Server(bench.binary, bench.fresh(), dev=True, sets=["net.idle_limit_ms=3000"]))
    with server.connect() as connection:
        check_code(create_topic(connection, "heavy", configs={"myelin.durability": "os"}), NONE, "create")
        big = batch([bytes(900_000)])
        for _ in range(20):
            check_code(produce(connection, "heavy", big)["error_code"], NONE, "produce")
        before = server.resident_bytes()
        deaf = [bench.enter(server.connect(receive_buffer=4096, timeout=2)) for _ in range(8)]
        for silent in deaf:
            for turn in range(300):
                try:
                    silent.send("Fetch", 11, fetch_body("heavy", turn % 20, max_bytes=20 << 20))
                except (TimeoutError, Closed):
                    break
        with server.connect() as healthy:
            started = time.monotonic()
            metadata(healthy)
            check(time.monotonic() - started < 1, "another client had to wait")
        grown = server.peak_bytes() - before
        check(grown < 200 << 20, f"eight deaf clients made memory grow by {grown >> 20} MiB")
    eventually(lambda: server.metric("myelin_net_connections") == 0, 40, "dropping the clients that never read")


@suite.test
def a_client_that_sends_half_a_frame_and_falls_silent_is_dropped(bench):
    server = bench.enter(Server(bench.binary, bench.fresh(), dev=True, sets=["net.idle_limit_ms=1000"]))
    with server.connect() as connection:
        connection.send_bytes(struct.pack(">i", 1000) + bytes(10))
        check(connection.is_closed_by_server(6), "half a frame keeps the connection open for ever")
