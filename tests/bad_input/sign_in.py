"""Signing in: what is offered where, and that a refusal tells nothing."""
import pathlib

from client import Closed, SignInRefused
from errors import ILLEGAL_SASL_STATE, SASL_AUTHENTICATION_FAILED, UNSUPPORTED_SASL_MECHANISM
from kafka import metadata
from server import Certificates, Server
from suite import Suite, check, check_code, check_equal

suite = Suite()


def both(bench):
    """One listener with TLS, one without."""
    def make():
        directory = bench.fresh()
        server = Server(bench.binary, directory, listen=["sasl_plaintext", "sasl_ssl"], certificates=Certificates(directory / "tls")).start()
        server.enrol("root")
        return server
    return bench.keep("both", make)


@suite.test
def scram_256_and_512_sign_in_with_and_without_tls(bench):
    server = both(bench)
    for protocol in ("sasl_plaintext", "sasl_ssl"):
        for mechanism in ("SCRAM-SHA-256", "SCRAM-SHA-512"):
            with server.connect("root", protocol=protocol, mechanism=mechanism) as connection:
                metadata(connection)


@suite.test
def plain_signs_in_over_tls(bench):
    with both(bench).connect("root", protocol="sasl_ssl", mechanism="PLAIN") as connection:
        metadata(connection)


@suite.test
def plain_is_neither_offered_nor_taken_without_tls(bench):
    with both(bench).connect(protocol="sasl_plaintext") as connection:
        answer = connection.handshake("PLAIN")
        check_code(answer["error_code"], UNSUPPORTED_SASL_MECHANISM, "the handshake")
        check_equal(sorted(answer["mechanisms"]), ["SCRAM-SHA-256", "SCRAM-SHA-512"], "mechanisms")
        answer = connection.request("SaslAuthenticate", 2, {"auth_bytes": b"\0root\0root-secret"})
        check_code(answer["error_code"], ILLEGAL_SASL_STATE, "PLAIN without a handshake")


@suite.test
def tls_offers_plain_besides_scram(bench):
    with both(bench).connect(protocol="sasl_ssl") as connection:
        answer = connection.handshake("OAUTHBEARER")
        check_code(answer["error_code"], UNSUPPORTED_SASL_MECHANISM, "the handshake")
        check_equal(sorted(answer["mechanisms"]), ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"], "mechanisms")


def refusal(server, user, password, mechanism, protocol="sasl_plaintext"):
    with server.connect(protocol=protocol) as connection:
        try:
            if mechanism == "PLAIN":
                connection.sign_in_plain(user, password)
            else:
                connection.sign_in(user, password, mechanism)
        except SignInRefused as refused:
            check(connection.is_closed_by_server(), "the connection stays open after a refusal")
            return refused.code, refused.message, refused.rounds
    raise AssertionError(f"{user} with a wrong password is signed in")


@suite.test
def an_unknown_user_is_refused_exactly_like_a_wrong_password(bench):
    server = both(bench)
    for mechanism, protocol, rounds in (("SCRAM-SHA-256", "sasl_plaintext", 2), ("SCRAM-SHA-512", "sasl_ssl", 2), ("PLAIN", "sasl_ssl", 1)):
        wrong = refusal(server, "root", "not it", mechanism, protocol)
        unknown = refusal(server, "nobody.at.all", "not it", mechanism, protocol)
        check_equal(unknown, wrong, f"{mechanism}: the refusal of an unknown user")
        check_code(wrong[0], SASL_AUTHENTICATION_FAILED, mechanism)
        check_equal(wrong[2], rounds, f"{mechanism}: the round that is refused")


def first_message(server, user):
    with server.connect(protocol="sasl_plaintext") as connection:
        connection.handshake("SCRAM-SHA-256")
        return connection.request("SaslAuthenticate", 2, {"auth_bytes": f"n,,n={user},r=same".encode()})["auth_bytes"].decode()


@suite.test
def the_salt_of_an_unknown_user_is_always_the_same_and_looks_like_any(bench):
    server = both(bench)
    def parts(user):
        return dict(part.split("=", 1) for part in first_message(server, user).split(","))
    known, first, second, other = parts("root"), parts("ghost"), parts("ghost"), parts("phantom")
    check_equal(first["s"], second["s"], "salt of the same unknown user")
    check(first["s"] != other["s"], "two unknown users have the same salt")
    check_equal(len(first["s"]), len(known["s"]), "length of the salt")
    check_equal(first["i"], known["i"], "iterations")


def cpu_spent(server):
    """Nanoseconds of CPU of all threads: what a watcher's clock would show on a machine with nothing else to do."""
    tasks = pathlib.Path(f"/proc/{server.process.pid}/task").iterdir()
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks)


@suite.test
def refusing_costs_as_much_for_an_unknown_user(bench):
    server, spent = both(bench), {"root": 0, "nobody.at.all": 0}
    for _ in range(15):
        for user in spent:
            before = cpu_spent(server)
            refusal(server, user, "not it", "PLAIN", "sasl_ssl")
            spent[user] += cpu_spent(server) - before
    known, unknown = (nanoseconds / 15e6 for nanoseconds in spent.values())
    check(0.5 < unknown / known < 2, f"{known:.1f} ms of CPU for a known user, {unknown:.1f} ms for an unknown one")


@suite.test
def anything_but_sasl_before_sign_in_closes_the_connection(bench):
    server = both(bench)
    for name, version in (("Metadata", 1), ("Produce", 7), ("Fetch", 4), ("CreateTopics", 5), ("FindCoordinator", 2), ("ListGroups", 0)):
        with server.connect(protocol="sasl_plaintext") as connection:
            connection.request("ApiVersions", 0)
            connection.send(name, version, {})
            check(connection.is_closed_by_server(), f"{name} before sign-in was answered")


@suite.test
def a_request_sent_along_with_a_failing_sign_in_is_not_answered(bench):
    with both(bench).connect(protocol="sasl_ssl") as connection:
        connection.handshake("PLAIN")
        sent = connection.send("SaslAuthenticate", 2, {"auth_bytes": b"\0root\0wrong"})
        connection.send("Metadata", 1, {"topics": None})
        answer = connection.receive("SaslAuthenticate", 2, sent)
        check_code(answer["error_code"], SASL_AUTHENTICATION_FAILED, "the sign-in")
        check(connection.is_closed_by_server(), "the pipelined request was answered")


@suite.test
def broken_scram_messages_are_refused(bench):
    server = both(bench)
    for message in (b"", b"n,,", b"n,,n=root", b"p=tls-unique,,n=root,r=abc", b"n,,m=ext,n=root,r=abc", b"n,,n=,r=abc", b"n,,n=root,r=", b"\xff" * 100,
                    b"n,,n=root,r=" + b"a" * 60_000, b"n,,n=ro=5ot,r=abc"):
        with server.connect(protocol="sasl_plaintext") as connection:
            connection.handshake("SCRAM-SHA-256")
            try:
                answer = connection.request("SaslAuthenticate", 2, {"auth_bytes": message})
            except Closed:
                continue
            check_code(answer["error_code"], SASL_AUTHENTICATION_FAILED, f"client-first-message {message[:40]!r}")
    for final in (b"", b"c=biws", b"c=biws,r=other,p=AAAA", b"c=eSws,r=NONCE,p=AAAA", b"c=biws,r=NONCE,p=AAAA", b"c=biws,r=NONCE", b"c=biws,r=NONCE,p=!!!!"):
        with server.connect(protocol="sasl_plaintext") as connection:
            connection.handshake("SCRAM-SHA-256")
            first = connection.request("SaslAuthenticate", 2, {"auth_bytes": b"n,,n=root,r=abc"})["auth_bytes"]
            nonce = first.split(b",")[0][2:]
            answer = connection.request("SaslAuthenticate", 2, {"auth_bytes": final.replace(b"NONCE", nonce)})
            check_code(answer["error_code"], SASL_AUTHENTICATION_FAILED, f"client-final-message {final!r}")
            check(connection.is_closed_by_server(), f"the connection stays open after {final!r}")


def sign_in_bare(connection, password, mechanism):
    """The oldest form: after SaslHandshake v0 the mechanism's messages come without headers."""
    if mechanism == "PLAIN":
        connection.sign_in_plain("root", password, version=0)
    else:
        connection.sign_in("root", password, mechanism, version=0)


@suite.test
def after_the_old_handshake_messages_come_without_headers(bench):
    server = both(bench)
    for protocol, mechanism in (("sasl_plaintext", "SCRAM-SHA-256"), ("sasl_ssl", "SCRAM-SHA-512"), ("sasl_ssl", "PLAIN")):
        with server.connect(protocol=protocol) as connection:
            sign_in_bare(connection, "root-secret", mechanism)
            metadata(connection)


@suite.test
def without_headers_a_refusal_is_the_end_of_the_connection(bench):
    server = both(bench)
    for protocol, mechanism in (("sasl_plaintext", "SCRAM-SHA-256"), ("sasl_ssl", "PLAIN")):
        with server.connect(protocol=protocol) as connection:
            try:
                sign_in_bare(connection, "not it", mechanism)
            except Closed:
                continue
            check(False, f"{mechanism}: a wrong password was answered")


@suite.test
def signing_in_twice_closes_the_connection(bench):
    with both(bench).connect("root", protocol="sasl_plaintext") as connection:
        connection.send("SaslHandshake", 1, {"mechanism": "SCRAM-SHA-256"})
        check(connection.is_closed_by_server(), "a second handshake was answered")


@suite.test
def a_password_that_is_being_rotated_works_beside_the_old_one_until_confirmed(bench):
    server = both(bench)
    server.add("turner")
    old, new = server.passwords["turner"], "another secret"
    server.tool("principal", "rotate", "turner", user="root", secret=new)
    for password in (old, new):
        server.connect(protocol="sasl_plaintext").sign_in("turner", password).close()
    server.tool("principal", "rotate", "turner", "--confirm", user="root")
    server.connect(protocol="sasl_plaintext").sign_in("turner", new).close()
    check_equal(refusal(server, "turner", old, "SCRAM-SHA-256")[0], SASL_AUTHENTICATION_FAILED, "the old password")


@suite.test
def no_secret_reaches_the_log_or_the_data_directory(bench):
    server = both(bench)
    refusal(server, "root", "a wrong but telling secret", "PLAIN", "sasl_ssl")
    for path in [server.log_path, *server.data.rglob("*")]:
        if path.is_file():
            data = path.read_bytes()
            for secret in (*server.passwords.values(), "a wrong but telling secret"):
                check(secret.encode() not in data, f"{path} holds a password")
