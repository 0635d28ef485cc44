"""`myelin import kafka`, with another Myelin as the cluster that is copied; from Apache Kafka itself: tests/frameworks."""
import struct
import subprocess

from batch import batch, crc32c
from errors import NONE
from kafka import commit, create_topic, delete_topic, list_offset, produce, producer_id, read_all, topic_id
from server import Certificates, NotStarted, Server
from suite import Suite, check, check_code, check_equal, check_in
from transactions import Producer, committed_values

suite = Suite()


def source_of(bench):
    return bench.enter(Server(bench.binary, bench.fresh(), dev=True))


def copy(bench, source, data, *more, dev=True):
    address = source if isinstance(source, str) else f"127.0.0.1:{source.ports['plaintext']}"
    words = [str(bench.binary), "import", "kafka", "--from", address, "--data", str(data), *more]
    return subprocess.run(words + ["--dev"] * dev, capture_output=True, text=True, timeout=60, check=False)


def copied(*arguments, **more):
    done = copy(*arguments, **more)
    check_equal(done.returncode, 0, f"exit code ({done.stdout} {done.stderr})")
    check_in("complete: every record was read again", done.stdout)
    return done


def check_refused(done, text, code=1):
    check_equal(done.returncode, code, f"exit code ({done.stdout} {done.stderr})")
    check_in(text, done.stderr)


@suite.test
def an_import_signs_in_over_tls(bench):
    place = bench.fresh()
    server = Server(bench.binary, place, listen=("sasl_ssl",), certificates=Certificates(place / "certificates"),
                    sets=("access.undeclared_topics=report", "access.authorise=report"))
    bench.enter(server)
    server.enrol("mover")
    with server.connect("mover") as source:
        check_code(create_topic(source, "orders"), NONE, "create orders")
        check_code(produce(source, "orders", batch([b"a", b"b"]))["error_code"], NONE, "produce")
    address = f"sasl_ssl://127.0.0.1:{server.ports['sasl_ssl']}"
    secret = place / "secret"
    secret.write_text(server.passwords["mover"] + "\n")
    login = ("--ca", str(server.certificates.authority), "--user", "mover", "--password-file", str(secret))
    for mechanism in ("SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN"):
        done = copied(bench, address, place / mechanism, *login, "--mechanism", mechanism)
        check_in("orders-0  offsets 0 to 2  2 records", done.stdout)
    other = bench.fresh()
    copied(bench, address, other / "data", *login, dev=False)
    moved = bench.enter(Server(bench.binary, other, listen=("sasl_ssl",), certificates=server.certificates, sets=server.sets[:2]))
    moved.enrol("reader")
    with moved.connect("reader") as here:
        check_equal(read_all(here, "orders"), [(0, b"a"), (1, b"b")], "records of the copy")
    writers = {edge["principal"] for edge in moved.http("/api/v1/lineage?topic=orders", user="reader")[2]["writes"]}
    check_equal(writers, {"(imported)"}, "who wrote the copied records")
    secret.write_text("another\n")
    refused = copy(bench, address, place / "refused", *login)
    check_refused(refused, "the sign-in was refused")
    check("another" not in refused.stderr + refused.stdout, "the password is in the message")
    check_refused(copy(bench, address, place / "refused", "--user", "mover", "--password-file", str(secret)), "the authority that signed it")
    check_refused(copy(bench, address, place / "refused"), "--user and --password-file", code=2)
    check_refused(copy(bench, address.removeprefix("sasl_ssl://"), place / "refused", "--user", "mover"), "does not sign in", code=2)


@suite.test
def an_import_signs_in_by_a_certificate(bench):
    place = bench.fresh()
    certificates = Certificates(place / "certificates")
    server = Server(bench.binary, place, listen=("sasl_ssl", "ssl"), certificates=certificates,
                    sets=("access.undeclared_topics=report", "access.authorise=report"))
    bench.enter(server)
    server.enrol("mover")
    with server.connect("mover") as source:
        check_code(create_topic(source, "orders"), NONE, "create orders")
    address, (certificate, key) = f"ssl://127.0.0.1:{server.ports['ssl']}", certificates.make("mover", "mover")
    trust = ("--ca", str(certificates.authority))
    copied(bench, address, place / "copy", *trust, "--certificate", str(certificate), "--key", str(key))
    check_refused(copy(bench, address, place / "none", *trust), "127.0.0.1")
    check_refused(copy(bench, address, place / "none", *trust, "--certificate", str(certificate)), "needs both", code=2)
    check_refused(copy(bench, address, place / "none", *trust, "--certificate", str(certificate), "--key", str(certificates.server[1])), "does not belong to the certificate")
    check_refused(copy(bench, address.removeprefix("ssl://"), place / "none", *trust), "does not speak TLS", code=2)


@suite.test
def an_import_goes_on_with_what_came_since(bench):
    source = source_of(bench)
    place = bench.fresh()
    with source.connect() as connection:
        check_code(create_topic(connection, "orders", 2, {"retention.ms": "-1"}), NONE, "create orders")
        for partition in (0, 1):
            produce(connection, "orders", batch([b"a", b"b"]), partition)
        check_code(commit(connection, "readers", "orders", 1), NONE, "commit")
        copied(bench, source, place / "data")
        produce(connection, "orders", batch([b"c"]), 1)
        check_code(commit(connection, "readers", "orders", 2), NONE, "commit")
        check_code(create_topic(connection, "more"), NONE, "create more")
        done = copied(bench, source, place / "data")
        check_in("2 topics, 3 partitions, 1 group offsets", done.stdout)
        identity = topic_id(connection, "orders")
        used = producer_id(connection)["producer_id"]
        produce(connection, "orders", batch([b"d"], producer_id=used, epoch=0, sequence=0))
    copied(bench, source, place / "data")
    server = bench.enter(Server(bench.binary, place, dev=True))
    with server.connect() as here:
        check_equal(topic_id(here, "orders"), identity, "the topic's id")
        check_equal(read_all(here, "orders", 0), [(0, b"a"), (1, b"b"), (2, b"d")], "partition 0")
        check_equal(read_all(here, "orders", 1), [(0, b"a"), (1, b"b"), (2, b"c")], "partition 1")
        answer = here.request("OffsetFetch", 5, {"group_id": "readers", "topics": None})
        check_equal(answer["topics"][0]["partitions"][0]["committed_offset"], 2, "the group's offset")
        check(producer_id(here)["producer_id"] > used, "a producer id that a copied record has is given out again")
        # The producer of the last record goes on where it was.
        check_code(produce(here, "orders", batch([b"e"], producer_id=used, epoch=0, sequence=1))["error_code"], NONE, "produce on")


@suite.test
def an_import_waits_for_the_end_of_transactions(bench):
    source = source_of(bench)
    place = bench.fresh()
    with source.connect() as connection:
        check_code(create_topic(connection, "ledger"), NONE, "create ledger")
        producer = Producer(connection, "bank")
        producer.write("ledger", b"kept")
        producer.commit()
        producer.write("ledger", b"left")
        refused = copy(bench, source, place / "data")
        check_refused(refused, f"open transaction: ledger-0: producer {producer.id} since offset 2")
        try:
            Server(bench.binary, place, dev=True).start()
            raise AssertionError("a directory with an open transaction is served")
        except NotStarted as why:
            check_in("is not complete", why.output)
        producer.abort()
    copied(bench, source, place / "data")
    server = bench.enter(Server(bench.binary, place, dev=True))
    with server.connect() as here:
        check_equal(committed_values(here, "ledger"), [b"kept"], "committed records")
        check_equal(list_offset(here, "ledger", -1)["offset"], 4, "the log's end, markers counted")


@suite.test
def an_import_tells_what_is_not_the_same(bench):
    source = source_of(bench)
    place = bench.fresh()
    with source.connect() as connection:
        check_code(create_topic(connection, "orders"), NONE, "create orders")
        for value in (b"first", b"second", b"third"):
            produce(connection, "orders", batch([value]))
        copied(bench, source, place / "data")
        segment = next((place / "data" / "log").glob("orders-0/*.log"))
        data = bytearray(segment.read_bytes())
        at = data.index(b"second")
        data[at:at + 6] = b"SECOND"
        start = 12 + struct.unpack(">i", data[8:12])[0]
        end = start + 12 + struct.unpack(">i", data[start + 8:start + 12])[0]
        data[start + 17:start + 21] = struct.pack(">I", crc32c(bytes(data[start + 21:end])))
        segment.write_bytes(data)
        done = copy(bench, source, place / "data")
        check_refused(done, "not complete")
        check_in("DIFFERENT: the record at offset 1 differs", done.stdout)
        check_code(delete_topic(connection, "orders"), NONE, "delete orders")
        check_code(create_topic(connection, "orders"), NONE, "create orders again")
        check_refused(copy(bench, source, place / "data"), "it was made anew")


@suite.test
def an_import_says_why_it_does_not_begin(bench):
    source = source_of(bench)
    place = bench.fresh()
    check_refused(copy(bench, "kafka://127.0.0.1:1", place / "data"), 'protocol "kafka" is unknown', code=2)
    check_refused(copy(bench, "127.0.0.1:1", place / "data"), "cannot reach 127.0.0.1:1: Connection refused")
    check_refused(copy(bench, source, place / "data", "--topic", "nowhere"), "topic nowhere is not at the source")
    check_refused(copy(bench, source.http_url.removeprefix("http://"), place / "data"), "does Kafka listen there")
    copied(bench, source, place / "other")
    check_refused(copy(bench, source, place / "other", dev=False), "was created by --dev")
    check_refused(copy(bench, source_of(bench), place / "other"), "import into a new directory")
    check_refused(copy(bench, source, source.data), "has been served")
