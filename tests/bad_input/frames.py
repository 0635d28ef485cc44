"""Malformed, oversized, truncated and lying frames before and after sign-in. The process lives, memory stays bounded, and
the next client is served."""
import random
import socket
import struct

import messages
from batch import batch
from client import Closed
from errors import INVALID_REQUEST, UNSUPPORTED_VERSION
from kafka import create_topic, metadata, produce, read_all
from server import Server
from suite import Suite, check, check_code, check_equal

suite = Suite()
FRAME_BEFORE_SIGN_IN = 64 * 1024
FRAME_AFTER_SIGN_IN = 32 * 1024 * 1024
MEMORY_GROWTH_MAX = 150 << 20
NOBODY_CARES = (Closed, TimeoutError, ConnectionError)


def earnest(bench):
    """Sign-in by SCRAM on loopback; root may do everything with topics that nobody owns."""
    def make():
        server = Server(bench.binary, bench.fresh(), listen=["sasl_plaintext"]).start()
        server.enrol("root")
        return server
    return bench.keep("earnest", make)


def check_well(server):
    """The same process still signs somebody in and answers."""
    check(server.is_running(), f"the server ended with exit code {server.process.returncode}: {server.log_path.read_text()[-500:]}")
    with server.connect("root") as connection:
        metadata(connection)


def throw(server, data, *, user=None, half_close=True):
    """Sends bytes as they are on a connection of their own, and waits until the server has had enough of them."""
    with server.connect(user) as connection:
        try:
            connection.send_bytes(data)
            if half_close:
                connection.socket.shutdown(socket.SHUT_WR)
        except NOBODY_CARES + (OSError,):
            return
        try:
            while connection.socket.recv(65536):
                pass
        except NOBODY_CARES:
            pass


def frame(payload):
    return struct.pack(">i", len(payload)) + payload


def header(name, version, client_id="wire"):
    return messages.request_header(messages.key_of(name), version, 1, client_id, messages.is_flexible(name, version))


def liars():
    """Payloads that say they hold more than they do, or what cannot be."""
    huge = struct.pack(">i", 0x7FFFFFFF)
    varint = b"\xff\xff\xff\xff\x0f"
    return {
        "a client id longer than the frame": struct.pack(">hhih", 3, 1, 1, 32767) + b"short",
        "a client id of length -2": struct.pack(">hhih", 3, 1, 1, -2),
        "an array of 2^31-1 topics": header("Metadata", 1) + huge,
        "an array of -2 topics": header("Metadata", 1) + struct.pack(">i", -2),
        "a compact array of 2^32-2 topics": header("Metadata", 9) + varint,
        "a varint that never ends": header("Metadata", 9) + b"\xff" * 64,
        "2^32-1 tagged fields": header("Metadata", 12) + b"\x01\x00\x00" + varint,
        "a tagged field longer than the frame": header("Metadata", 12) + b"\x01\x00\x00\x01\x05" + varint,
        "2^32-1 tagged fields in the header": struct.pack(">hhi", 3, 12, 1) + b"\x00\x04wire" + varint,
        "a topic name that is no text": header("Metadata", 1) + struct.pack(">ih", 1, 4) + b"\xff\xfe\x00\x80",
        "records longer than the frame": header("Produce", 7) + struct.pack(">hhii", -1, -1, 1000, 1) + b"\x00\x01t" + struct.pack(">iii", 1, 0, 0x7FFFFFFF),
        "records of length -2": header("Produce", 7) + struct.pack(">hhii", -1, -1, 1000, 1) + b"\x00\x01t" + struct.pack(">iii", 1, 0, -2),
        "a million empty topics in a fetch": header("Fetch", 4) + struct.pack(">iiiibi", -1, 0, 0, 1 << 20, 0, 1_000_000) + b"\0" * 60_000,
        "a version below zero": struct.pack(">hhih", 3, -1, 1, -1),
        "an API below zero": struct.pack(">hhih", -7, 0, 1, -1),
        "an API that does not exist": struct.pack(">hhih", 32767, 0, 1, -1),
        "no header": b"\0\3",
        "nothing": b"",
    }


def strangers():
    """First bytes of other protocols, and of none."""
    noise = random.Random(7)
    return {
        "an HTTP request": b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "the start of TLS": bytes.fromhex("16030100c8010000c40303") + bytes(200),
        "a length of -1": struct.pack(">i", -1) + bytes(100),
        "the smallest length": struct.pack(">i", -0x80000000) + bytes(100),
        "the largest length": struct.pack(">i", 0x7FFFFFFF) + bytes(100),
        **{f"noise {turn}": noise.randbytes(noise.randrange(1, 4000)) for turn in range(40)},
    }


def check_hostile(bench, user):
    server = earnest(bench)
    before = server.resident_bytes()
    for data in strangers().values():
        throw(server, data, user=user)
    for what, payload in liars().items():
        throw(server, frame(payload), user=user)
        check(server.is_running(), f"the server did not survive {what}")
    check_well(server)
    grown = server.resident_bytes() - before
    check(grown < MEMORY_GROWTH_MAX, f"memory grew by {grown >> 20} MiB")


@suite.test
def hostile_bytes_before_sign_in_change_nothing(bench):
    check_hostile(bench, None)


@suite.test
def hostile_bytes_after_sign_in_change_nothing(bench):
    check_hostile(bench, "root")


@suite.test
def each_lie_about_a_length_closes_the_connection(bench):
    server = earnest(bench)
    for what, payload in liars().items():
        with server.connect("root") as connection:
            connection.send_frame(payload)
            if what != "a topic name that is no text":
                check(connection.is_closed_by_server(), f"{what}: the connection stays open")


def served(connection):
    return {row["api_key"]: (row["min_version"], row["max_version"]) for row in connection.request("ApiVersions", 0)["api_keys"]}


def check_truncated(bench, user):
    """A request of every served API, cut at every byte, in a frame that is honest about its length."""
    server = earnest(bench)
    with server.connect() as connection:
        ranges = served(connection)
    for key, (lowest, highest) in sorted(ranges.items()):
        name = messages.NAMES[key]
        for version in {lowest, highest}:
            whole = messages.encode_request(name, version, {}, 1)
            cuts = list(range(len(whole)))
            for start in range(0, len(cuts), 8):
                connections = [server.connect(user) if user else server.connect() for _ in cuts[start:start + 8]]
                for cut, connection in zip(cuts[start:start + 8], connections):
                    connection.send_frame(whole[:cut])
                for cut, connection in zip(cuts[start:start + 8], connections):
                    with connection:
                        check(connection.is_closed_by_server(), f"{name} {version} cut at byte {cut} of {len(whole)} was answered")
    check_well(server)


@suite.test
def a_request_cut_at_any_byte_closes_the_connection_before_sign_in(bench):
    check_truncated(bench, None)


@suite.test
def a_request_cut_at_any_byte_closes_the_connection_in_the_open(bench):
    with Server(bench.binary, bench.fresh(), dev=True) as server:
        with server.connect() as connection:
            ranges = served(connection)
        for key, (lowest, highest) in sorted(ranges.items()):
            name = messages.NAMES[key]
            if name.startswith("Sasl"):
                continue
            for version in {lowest, highest}:
                whole = messages.encode_request(name, version, {}, 1)
                for cut in range(len(whole)):
                    with server.connect() as connection:
                        connection.send_frame(whole[:cut])
                        check(connection.is_closed_by_server(), f"{name} {version} cut at byte {cut} of {len(whole)} was answered")
        with server.connect() as connection:
            metadata(connection)


@suite.test
def a_frame_over_64_KiB_is_refused_before_sign_in_by_its_length_alone(bench):
    server = earnest(bench)
    with server.connect() as connection:
        connection.send_bytes(struct.pack(">i", FRAME_BEFORE_SIGN_IN + 1))
        check(connection.is_closed_by_server(), "the connection stays open")
    padded = messages.encode_request("ApiVersions", 0, {}, 1)
    with server.connect() as connection:
        connection.send_frame(padded + bytes(FRAME_BEFORE_SIGN_IN - len(padded)))
        try:
            connection.read_frame()
        except Closed:
            pass  # Trailing bytes may be refused; what matters is that the length alone was not.
    check_well(server)


@suite.test
def a_frame_over_32_MiB_is_refused_after_sign_in_by_its_length_alone(bench):
    server = earnest(bench)
    with server.connect("root") as connection:
        connection.send_bytes(struct.pack(">i", FRAME_AFTER_SIGN_IN + 1))
        check(connection.is_closed_by_server(), "the connection stays open")
    check_well(server)


@suite.test
def announced_frames_cost_no_memory_before_their_bytes_come(bench):
    server = earnest(bench)
    before = server.resident_bytes()
    held = [bench.enter(server.connect("root")) for _ in range(50)]
    for connection in held:
        connection.send_bytes(struct.pack(">i", FRAME_AFTER_SIGN_IN) + bytes(10))
    check_well(server)
    grown = server.resident_bytes() - before
    check(grown < MEMORY_GROWTH_MAX, f"50 announced frames of 32 MiB made memory grow by {grown >> 20} MiB")


@suite.test
def a_request_sent_byte_by_byte_is_answered(bench):
    server = earnest(bench)
    with server.connect() as connection:
        data = frame(messages.encode_request("ApiVersions", 3, {"client_software_name": "slow", "client_software_version": "1"}, 77))
        for byte in data:
            connection.send_bytes(bytes([byte]))
        correlation, answer = messages.decode_response("ApiVersions", 3, connection.read_frame())
        check_equal((correlation, answer["error_code"]), (77, 0), "the answer")


@suite.test
def pipelined_requests_are_answered_in_their_order(bench):
    server = earnest(bench)
    with server.connect("root") as connection:
        sent = [(name, connection.send(name, version, body)) for _ in range(40) for name, version, body in (
            ("Metadata", 8, {"topics": None}), ("ApiVersions", 2, {}), ("DescribeCluster", 0, {}))]
        versions = {"Metadata": 8, "ApiVersions": 2, "DescribeCluster": 0}
        for name, correlation in sent:
            connection.receive(name, versions[name], correlation)


@suite.test
def an_unadvertised_api_or_version_closes_the_connection(bench):
    server = earnest(bench)
    with server.connect("root") as connection:
        ranges = served(connection)
    wrong = [(key, highest + 1) for key, (_, highest) in ranges.items() if messages.NAMES[key] != "ApiVersions"]
    wrong += [(key, 0) for key in (4, 5, 6, 7, 24, 38, 57, 71, 80, 999) if key not in ranges]
    for key, version in wrong:
        with server.connect("root") as connection:
            connection.send_frame(messages.request_header(key, version, 1, "wire", False) + bytes(64))
            check(connection.is_closed_by_server(), f"API {key} version {version} was answered")


@suite.test
def every_advertised_version_is_served(bench):
    server = earnest(bench)
    with server.connect("root") as connection:
        ranges = served(connection)
    for key, (lowest, highest) in ranges.items():
        name = messages.NAMES[key]
        if name.startswith("Sasl"):
            continue
        for version in range(lowest, highest + 1):
            with server.connect("root") as connection:
                connection.request(name, version, {"acks": 1} if name == "Produce" else {})


@suite.test
def api_versions_of_an_unknown_version_is_answered_in_version_0_with_error_35(bench):
    server = earnest(bench)
    for version in (5, 99, 32767):
        with server.connect() as connection:
            connection.send_frame(messages.request_header(18, version, 9, "new", True) + b"\x04new\x021\x00")
            correlation, answer = messages.decode_response("ApiVersions", 0, connection.read_frame())
            check_equal(correlation, 9, "correlation id")
            check_code(answer["error_code"], UNSUPPORTED_VERSION, f"ApiVersions {version}")
            rows = [(row["api_key"], row["min_version"], row["max_version"]) for row in answer["api_keys"]]
            check((18, 0, 4) in rows, f"the answer does not say which versions of ApiVersions are known: {rows}")
            check_equal(connection.request("ApiVersions", 4, {"client_software_name": "a", "client_software_version": "1"})["error_code"], 0,
                        "the next try on the same connection")


@suite.test
def api_versions_refuses_a_library_name_that_is_none(bench):
    server = earnest(bench)
    with server.connect() as connection:
        answer = connection.request("ApiVersions", 3, {"client_software_name": "no spaces, please", "client_software_version": "1"})
        check_code(answer["error_code"], INVALID_REQUEST, "a name with spaces")


@suite.test
def unknown_tagged_fields_are_skipped(bench):
    server = earnest(bench)
    with server.connect("root") as connection:
        # Header and body end with an empty list of tags each; both get one that nobody knows.
        plain = messages.encode_request("Metadata", 12, {"topics": []}, 5)
        body = plain[len(header("Metadata", 12)):]
        tagged = header("Metadata", 12)[:-1] + b"\x01\x63\x03abc" + body[:-1] + b"\x01\x7f\x02zz"
        connection.send_frame(tagged.replace(struct.pack(">hhi", 3, 12, 1), struct.pack(">hhi", 3, 12, 5), 1))
        correlation, answer = messages.decode_response("Metadata", 12, connection.read_frame())
        check_equal((correlation, answer["topics"]), (5, []), "the answer")


@suite.test
def records_survive_their_hostile_neighbours(bench):
    server = earnest(bench)
    with server.connect("root") as connection:
        check_code(create_topic(connection, "quiet.neighbour"), 0, "create")
        for turn in range(20):
            check_code(produce(connection, "quiet.neighbour", batch([b"value %d" % turn]))["error_code"], 0, "produce")
            throw(server, random.Random(turn).randbytes(2000))
            throw(server, frame(header("Produce", 7) + random.Random(turn).randbytes(2000)), user="root" if turn % 5 == 0 else None)
        check_equal([value for _, value in read_all(connection, "quiet.neighbour")], [b"value %d" % turn for turn in range(20)], "records")
