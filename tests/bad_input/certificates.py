"""Certificates that are missing, expired, of another key or of another authority."""
import shutil
import signal
import socket
import ssl

from client import Closed, Connection
from kafka import metadata
from server import Certificates, Server, refused
from suite import Suite, check, check_equal, check_in, eventually

suite = Suite()


def authority(bench):
    return bench.keep("certificates", lambda: Certificates(bench.fresh() / "tls"))


def refused_files(bench, certificate, key, *, listen="sasl_ssl"):
    return refused(Server(bench.binary, bench.fresh(), listen=[listen], sets=[f"tls.certificate={certificate}", f"tls.key={key}"]))


@suite.test
def a_missing_certificate_file_is_named(bench):
    known = authority(bench)
    missing = known.directory / "not-there.pem"
    check_in(str(missing), refused_files(bench, missing, known.server[1]))
    check_in(str(missing), refused_files(bench, known.server[0], missing))


@suite.test
def a_listener_with_tls_says_which_settings_it_needs(bench):
    message = refused(Server(bench.binary, bench.fresh(), listen=["sasl_ssl"]))
    check_in("tls.certificate", message)
    check_in("tls.key", message)


@suite.test
def a_listener_for_client_certificates_says_that_it_needs_their_authority(bench):
    known = authority(bench)
    check_in("tls.client_ca", refused_files(bench, *known.server, listen="ssl"))


@suite.test
def a_key_of_another_certificate_is_refused(bench):
    known = authority(bench)
    other = known.make("other", "localhost")
    message = refused_files(bench, known.server[0], other[1])
    check_in(str(other[1]), message)
    check_in(str(known.server[0]), message)


@suite.test
def swapped_and_damaged_files_are_told_apart(bench):
    known = authority(bench)
    check_in("swapped", refused_files(bench, known.server[1], known.server[0]))
    damaged = known.directory / "damaged.pem"
    damaged.write_text("-----BEGIN CERTIFICATE-----\nbm90IGEgY2VydGlmaWNhdGU=\n-----END CERTIFICATE-----\n")
    check_in(str(damaged), refused_files(bench, damaged, known.server[1]))
    empty = known.directory / "empty.pem"
    empty.write_text("")
    check_in("empty", refused_files(bench, empty, known.server[1]))


@suite.test
def an_expired_certificate_of_the_server_is_refused_with_its_date(bench):
    known = authority(bench)
    certificate, key = known.make("expired", "localhost", days=-1)
    message = refused_files(bench, certificate, key)
    check_in("expired on", message)
    check_in("renew", message)


def mutual(bench):
    def make():
        known = authority(bench)
        return Server(bench.binary, bench.fresh(), listen=["ssl", "sasl_plaintext"], certificates=known).start()
    return bench.keep("mutual", make)


def check_refused(server, **options):
    """TLS 1.3 tells a client of a refused certificate with its first read."""
    try:
        with Connection(server.ports["ssl"], authority=server.certificates.authority, **options) as connection:
            connection.request("ApiVersions", 0)
    except (ssl.SSLError, Closed, ConnectionError):
        return
    raise AssertionError("the client was served")


@suite.test
def a_client_certificate_of_our_authority_signs_in(bench):
    server = mutual(bench)
    certificate = authority(bench).make("client", "mutual-app")
    with server.connect(protocol="ssl", certificate=certificate) as connection:
        metadata(connection)


@suite.test
def a_client_certificate_in_the_name_of_one_of_our_own_principals_is_refused(bench):
    for name in ("(anonymous)", "(myelin)", "(lost in power cut)"):
        check_refused(mutual(bench), certificate=authority(bench).make("usurper", name))


@suite.test
def a_client_without_certificate_is_refused(bench):
    check_refused(mutual(bench))


@suite.test
def a_client_certificate_of_another_authority_is_refused(bench):
    stranger = bench.keep("stranger", lambda: Certificates(bench.fresh() / "tls"))
    check_refused(mutual(bench), certificate=stranger.make("client", "mutual-app"))


@suite.test
def an_expired_client_certificate_is_refused(bench):
    check_refused(mutual(bench), certificate=authority(bench).make("late-client", "mutual-app", days=-1))


@suite.test
def tls_below_1_2_is_refused(bench):
    server = mutual(bench)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    with socket.create_connection(("127.0.0.1", server.ports["ssl"]), timeout=5) as raw:
        try:
            context.wrap_socket(raw)
        except (ssl.SSLError, ConnectionError):
            return
    check(False, "TLS 1.1 was accepted")


@suite.test
def a_server_survives_whom_it_refused(bench):
    server = mutual(bench)
    for _ in range(50):
        with Connection(server.ports["ssl"]) as connection:
            connection.send_bytes(bytes.fromhex("16030100c8010000c40303") + bytes(64))
    certificate = authority(bench).make("client-after", "mutual-app")
    with server.connect(protocol="ssl", certificate=certificate) as connection:
        metadata(connection)


def serial_of(server, authority_file):
    """Of the certificate that a new connection is shown."""
    with Connection(server.ports["sasl_ssl"], authority=authority_file) as connection:
        return connection.socket.getpeercert()["serialNumber"]


@suite.test
def on_sighup_new_connections_get_the_new_certificate_and_a_broken_one_changes_nothing(bench):
    known = authority(bench)
    first, second = known.make("first", "localhost"), known.make("second", "localhost")
    place = bench.fresh()
    used = [place / "server.pem", place / "server.key"]

    def put(files):
        for source, target in zip(files, used):
            shutil.copy(source, target)

    put(first)
    server = bench.enter(Server(bench.binary, bench.fresh(), listen=["sasl_ssl"],
                                sets=[f"tls.certificate={used[0]}", f"tls.key={used[1]}"]))
    before = serial_of(server, known.authority)
    existing = bench.enter(Connection(server.ports["sasl_ssl"], authority=known.authority))

    put(second)
    server.process.send_signal(signal.SIGHUP)
    eventually(lambda: serial_of(server, known.authority) != before, what="the new certificate")
    check_equal(existing.request("ApiVersions", 0)["error_code"], 0, "ApiVersions on the connection from before")

    renewed = serial_of(server, known.authority)
    used[0].write_text("no certificate\n")
    server.process.send_signal(signal.SIGHUP)
    eventually(lambda: "a listener keeps its old certificate" in server.log_path.read_text(), what="the log line")
    check_in(str(used[0]), server.log_path.read_text(), "the log")
    check_equal(serial_of(server, known.authority), renewed, "the certificate after a broken file")


@suite.test
def on_sighup_clients_of_the_new_authority_are_served_and_those_of_the_old_one_refused(bench):
    old, new = authority(bench), Certificates(bench.fresh() / "tls")
    used = bench.fresh() / "authority.pem"
    shutil.copy(old.authority, used)
    server = bench.enter(Server(bench.binary, bench.fresh(), listen=["ssl"],
                                sets=[f"tls.certificate={old.server[0]}", f"tls.key={old.server[1]}", f"tls.client_ca={used}"]))
    of_old, of_new = old.make("of-old", "mutual-app"), new.make("of-new", "mutual-app")

    def is_served(certificate):
        try:
            with Connection(server.ports["ssl"], authority=old.authority, certificate=certificate) as connection:
                return connection.request("ApiVersions", 0)["error_code"] == 0
        except (ssl.SSLError, Closed, ConnectionError):
            return False
    check_equal((is_served(of_old), is_served(of_new)), (True, False), "old and new client before")
    shutil.copy(new.authority, used)
    server.process.send_signal(signal.SIGHUP)
    eventually(lambda: is_served(of_new), what="the new authority")
    check(not is_served(of_old), "a client of the old authority is served")
