"""Ten thousand peers: those that announce the largest frame and send no more, those that sign in and wait, and a storm of TLS handshakes.

CROWD (10000) says how many. Clients live in processes of their own, as descriptors are counted for each.
"""
import multiprocessing
import os
import resource
import ssl
import struct
import time

from client import Connection
from kafka import metadata
from server import Certificates, Server
from suite import Skip, Suite, check

suite = Suite()
CROWD = int(os.environ.get("CROWD", "10000"))
CLIENTS = 4  # processes
FRAME = 32 << 20
BUDGET, PER_CONNECTION = 512 << 20, 64 << 10


def allow_descriptors(wanted):
    """To the server as well, which inherits them."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < wanted:
        raise Skip(f"{wanted} descriptors are needed, {hard} are allowed (ulimit -n)")
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


class Crowd:
    """Processes that each do `work` for their share of the crowd, tell when they are there, and stay until told."""

    def __init__(self, work, *words):
        context = multiprocessing.get_context("fork")
        self.ready, self.over = context.Queue(), context.Event()
        self.members = [context.Process(target=self._run, args=(work, *words), daemon=True) for _ in range(CLIENTS)]
        for member in self.members:
            member.start()

    def _run(self, work, *words):
        try:
            with work(CROWD // CLIENTS, *words) as said:
                self.ready.put(said)
                self.over.wait(300)
        except Exception as error:  # told to the test, which fails
            self.ready.put(f"{type(error).__name__}: {error}")

    def all_there(self, seconds):
        said = [self.ready.get(timeout=seconds) for _ in self.members]
        check(all(isinstance(one, int) for one in said), f"a client process: {[one for one in said if not isinstance(one, int)]}")
        return sum(said)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.over.set()
        for member in self.members:
            member.join(20)
            member.kill()


class Held:
    """Connections that stay open until the process ends."""

    def __init__(self, count, port, begin):
        self.all = []
        for _ in range(count):
            self.all.append(Connection(port, timeout=60))
            begin(self.all[-1])

    def __enter__(self):
        return len(self.all)

    def __exit__(self, *_):
        for one in self.all:
            one.close()


def announcing(count, port):
    return Held(count, port, lambda connection: connection.send_bytes(struct.pack(">i", FRAME) + bytes(20)))


def signed_in(count, port):
    """They asked once, and wait."""
    return Held(count, port, lambda connection: connection.request("ApiVersions", 0))


@suite.test
def peers_that_announce_the_largest_frame_stay_within_the_budget(bench):
    allow_descriptors(CROWD * 3 // 2)
    server = bench.enter(Server(bench.binary, bench.fresh(), dev=True, sets=["net.unauthenticated_connections=20000"]))
    before = server.resident_bytes()
    with Crowd(announcing, server.ports["plaintext"]) as crowd:
        count = crowd.all_there(180)
        begun = time.monotonic()
        with server.connect() as connection:
            metadata(connection)
        answered = time.monotonic() - begun
        peak = server.peak_bytes()
    print(f"  {count:,} peers announced {FRAME >> 20} MiB each: {before >> 20} MiB before, at most {peak >> 20} MiB, another client answered after "
          f"{answered * 1e3:.0f} ms")
    check(peak < BUDGET + count * PER_CONNECTION, f"{peak >> 20} MiB")


@suite.test
def idle_connections_cost_little_and_active_ones_are_served(bench):
    allow_descriptors(CROWD * 3 // 2)
    server = bench.enter(Server(bench.binary, bench.fresh(), dev=True, sets=["net.unauthenticated_connections=20000"]))
    before = server.resident_bytes()
    with Crowd(signed_in, server.ports["plaintext"]) as crowd:
        count = crowd.all_there(180)
        each = (server.resident_bytes() - before) / count
        active = [bench.enter(server.connect()) for _ in range(count // 10)]
        begun = time.monotonic()
        for connection in active:
            metadata(connection)
        took = time.monotonic() - begun
    print(f"  {count:,} connections, {each / 1024:.1f} KiB each; {len(active):,} more asked for metadata, {took / len(active) * 1e3:.2f} ms each")
    check(each <= PER_CONNECTION, f"{each / 1024:.0f} KiB each")


class Storm:
    """TLS handshakes, one after the other, each of a session of its own."""

    def __init__(self, count, port, authority):
        self.count = 0
        context = ssl.create_default_context(cafile=str(authority))
        for _ in range(count):
            connection = Connection(port, timeout=60)
            with context.wrap_socket(connection.socket, server_hostname="localhost") as over_tls:
                self.count += over_tls.version() is not None

    def __enter__(self):
        return self.count

    def __exit__(self, *_):
        pass


def cpu_seconds(server):
    with open(f"/proc/{server.process.pid}/stat", encoding="ascii") as numbers:
        return sum(int(ticks) for ticks in numbers.read().rsplit(")", 1)[1].split()[11:13]) / os.sysconf("SC_CLK_TCK")


@suite.test
def a_storm_of_tls_handshakes_is_served(bench):
    directory = bench.fresh()
    certificates = Certificates(directory / "tls")
    server = bench.enter(Server(bench.binary, directory, listen=["sasl_ssl"], certificates=certificates))
    begun = time.monotonic()
    with Crowd(Storm, server.ports["sasl_ssl"], certificates.authority) as crowd:
        count = crowd.all_there(300)
    took = time.monotonic() - begun
    print(f"  {count:,} handshakes in {took:.1f} s, {cpu_seconds(server) / count * 1e3:.2f} ms of the server's CPU each")
    check(count == CROWD // CLIENTS * CLIENTS, f"{count} of {CROWD} handshakes")
