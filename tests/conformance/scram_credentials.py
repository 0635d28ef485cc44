"""SCRAM credentials that Kafka's administrators set and delete (KIP-554): the same ones as `myelin principal` works on."""
import hashlib
import time

import quokka
from client import SignInRefused
from errors import (CLUSTER_AUTHORIZATION_FAILED, DUPLICATE_RESOURCE, NONE, RESOURCE_NOT_FOUND, UNACCEPTABLE_CREDENTIAL, UNSUPPORTED_SASL_MECHANISM)
from kafka import fetch_body, list_offset, metadata
from quokka import OWNER, PLATFORM, TOPIC
from server import Server
from suite import Suite, check, check_equal

suite = Suite()
MECHANISMS = {"SCRAM-SHA-256": 1, "SCRAM-SHA-512": 2}
SHA_256, SHA_512 = MECHANISMS


def set_to(user, password, mechanism=SHA_256, iterations=4096):
    """As clients do it: what leaves them is the salted password."""
    salt = f"salt of {user}".encode()
    salted = hashlib.pbkdf2_hmac("sha" + mechanism[-3:], password.encode(), salt, iterations)
    return {"name": user, "mechanism": MECHANISMS.get(mechanism, 9), "iterations": iterations, "salt": salt, "salted_password": salted}


def deleted(user, mechanism=SHA_256):
    return {"name": user, "mechanism": MECHANISMS.get(mechanism, 9)}


def alter(connection, *changes):
    """The code of each user."""
    answer = connection.request("AlterUserScramCredentials", 0, {"deletions": [change for change in changes if "salt" not in change],
                                                                 "upsertions": [change for change in changes if "salt" in change]})
    return {result["user"]: result["error_code"] for result in answer["results"]}


def described(connection, *users):
    """By user, iterations by mechanism or a code; without users those of all."""
    answer = connection.request("DescribeUserScramCredentials", 0, {"users": [{"name": user} for user in users] or None})
    check_equal(answer["error_code"], NONE, "the whole")
    names = {number: name for name, number in MECHANISMS.items()}
    return {result["user"]: result["error_code"] or {names[info["mechanism"]]: info["iterations"] for info in result["credential_infos"]}
            for result in answer["results"]}


def done_as_platform(server, *changes):
    with server.connect(PLATFORM) as connection:
        codes = alter(connection, *changes)
    check_equal(set(codes.values()), {NONE}, f"codes of {list(codes)}")


def signs_in(server, user, password, mechanism=SHA_256):
    connection = server.connect()
    try:
        connection.sign_in(user, password, mechanism)
        return True
    except SignInRefused:
        return False
    finally:
        connection.close()


@suite.test
def credentials_that_are_set_let_a_user_in_until_they_are_deleted(bench):
    server = quokka.closed(bench)
    check(not signs_in(server, "new.till", "first secret"), "a user signs in who is not there")
    done_as_platform(server, set_to("new.till", "first secret", iterations=16384))
    check(signs_in(server, "new.till", "first secret"), "the password that was set is refused")
    check(not signs_in(server, "new.till", "first secret", SHA_512), "a mechanism lets in that was not set")
    done_as_platform(server, set_to("new.till", "second secret"))
    check(not signs_in(server, "new.till", "first secret"), "the replaced password lets in")
    check(signs_in(server, "new.till", "second secret"), "the new password is refused")
    done_as_platform(server, deleted("new.till"))
    check(not signs_in(server, "new.till", "second secret"), "the deleted password lets in")


@suite.test
def credentials_that_are_set_outlive_a_kill(bench):
    server = bench.enter(Server(bench.binary, bench.fresh(), listen=["sasl_plaintext"], model=quokka.MODEL))
    server.enrol(PLATFORM, ["gone.till"])
    done_as_platform(server, set_to("kept.till", "kept secret"), deleted("gone.till"), deleted("gone.till", SHA_512))
    server.kill()
    server.start()
    check(signs_in(server, "kept.till", "kept secret"), "what was answered is lost")
    check(not signs_in(server, "gone.till", server.passwords["gone.till"]), "what was deleted is there again")


@suite.test
def they_are_the_principals_of_the_command_line(bench):
    server = quokka.closed(bench)
    server.add("added.till")
    done_as_platform(server, set_to("set.till", "set by Kafka"))
    with server.connect(PLATFORM) as connection:
        check_equal(described(connection, "added.till", "set.till"), {"added.till": {SHA_256: 8192, SHA_512: 8192}, "set.till": {SHA_256: 4096}},
                    "described")
        check("set.till" in described(connection), "all that are described lack the new one")
    check("set.till" in server.tool("principal", "list", user=PLATFORM).stdout, "`myelin principal list` lacks the new one")
    server.tool("principal", "rotate", "set.till", user=PLATFORM, secret="rotated secret")
    check(signs_in(server, "set.till", "set by Kafka") and signs_in(server, "set.till", "rotated secret"), "one password of a rotation is refused")
    server.tool("principal", "rotate", "set.till", "--confirm", user=PLATFORM)
    check(not signs_in(server, "set.till", "set by Kafka"), "the rotated password lets in")
    for user in ("set.till", "added.till"):
        server.tool("principal", "remove", user, user=PLATFORM)
    with server.connect(PLATFORM) as connection:
        check_equal(described(connection, "added.till", "set.till"), {"added.till": RESOURCE_NOT_FOUND, "set.till": RESOURCE_NOT_FOUND}, "after removal")


def answers_http(server, user, password):
    return server.http("/api/v1/usage?group_by=topic", user=user, password=password)[0] == 200


@suite.test
def a_mechanism_that_is_set_alone_has_a_password_of_its_own(bench):
    server = quokka.closed(bench)
    server.add("two.till")
    old, fresh = server.passwords["two.till"], "only for sha 256"
    done_as_platform(server, set_to("two.till", fresh))
    check_equal([signs_in(server, "two.till", old), signs_in(server, "two.till", fresh)], [False, True], "SHA-256 with the old and the new password")
    check_equal([signs_in(server, "two.till", old, SHA_512), signs_in(server, "two.till", fresh, SHA_512)], [True, False], "SHA-512")
    check_equal([answers_http(server, "two.till", old), answers_http(server, "two.till", fresh)], [True, False], "HTTP, which goes by SHA-512")
    done_as_platform(server, deleted("two.till", SHA_512))
    check_equal([answers_http(server, "two.till", old), answers_http(server, "two.till", fresh)], [False, True], "HTTP, when SHA-256 is all there is")


@suite.test
def a_session_ends_when_what_it_signed_in_by_is_replaced_or_deleted(bench):
    server = quokka.closed(bench)
    server.add("busy.till")
    with server.connect("busy.till") as short, server.connect("busy.till", mechanism=SHA_512) as long:
        done_as_platform(server, set_to("busy.till", "another secret"))
        check(short.is_closed_by_server(1), "a session outlives the password that it signed in with")
        metadata(long)
        server.passwords["busy.till"] = "another secret"
        with server.connect("busy.till") as again:
            done_as_platform(server, deleted("busy.till", SHA_512))
            check(long.is_closed_by_server(1), "a session outlives the deletion of its credentials")
            metadata(again)
            done_as_platform(server, set_to("busy.till", "another secret"))
            check(again.is_closed_by_server(1), "a session outlives its password because the next one is the same text")


@suite.test
def a_fetch_that_waits_is_not_answered_after_the_deletion(bench):
    server = quokka.closed(bench)
    with server.connect(OWNER) as owner:
        end = list_offset(owner, TOPIC, -1, partition=1)["offset"]
    who = "storefront-web"  # of the owning squad
    server.add(who)
    with server.connect(who) as connection:
        connection.send("Fetch", 11, fetch_body(TOPIC, end, partition=1, max_wait=8000, min_bytes=1))
        time.sleep(0.1)
        done_as_platform(server, deleted(who), deleted(who, SHA_512))
        check(connection.is_closed_by_server(1), "a fetch waits on though its principal's credentials are gone")


@suite.test
def what_cannot_be_done_is_told_by_user_and_leaves_that_user_alone(bench):
    with quokka.closed(bench).connect(PLATFORM) as connection:
        check_equal(alter(connection, set_to("fine", "secret"), set_to("few", "secret", iterations=4095), set_to("many", "secret", iterations=16385),
                          set_to("", "secret"), set_to("(anonymous)", "secret"), deleted("nobody"), set_to("md5", "secret") | {"mechanism": 0},
                          deleted("md4", "SCRAM-MD4"), set_to("twice", "secret"), set_to("twice", "secret"), set_to("half", "secret"),
                          deleted("half", SHA_512), set_to("short", "secret") | {"salted_password": b""}),
                    {"fine": NONE, "few": UNACCEPTABLE_CREDENTIAL, "many": UNACCEPTABLE_CREDENTIAL, "": UNACCEPTABLE_CREDENTIAL,
                     "(anonymous)": UNACCEPTABLE_CREDENTIAL, "nobody": RESOURCE_NOT_FOUND, "md5": UNSUPPORTED_SASL_MECHANISM,
                     "md4": UNSUPPORTED_SASL_MECHANISM, "twice": DUPLICATE_RESOURCE, "half": RESOURCE_NOT_FOUND, "short": UNACCEPTABLE_CREDENTIAL},
                    "codes")
        check_equal(described(connection, "fine", "half", "few", "few", "nobody"),
                    {"fine": {SHA_256: 4096}, "half": RESOURCE_NOT_FOUND, "few": DUPLICATE_RESOURCE, "nobody": RESOURCE_NOT_FOUND}, "described")
        check_equal(alter(connection, deleted("fine"), set_to("fine", "secret", SHA_512)), {"fine": NONE}, "both mechanisms of a user at once")
        check_equal(described(connection, "fine"), {"fine": {SHA_512: 4096}}, "described after that")
        check_equal(alter(connection, deleted("fine", SHA_512)), {"fine": NONE}, "cleaning up")
        check_equal(alter(connection), {}, "a request for nobody")


@suite.test
def a_refused_alteration_names_each_user_once_and_changes_nothing(bench):
    server = quokka.closed(bench)
    with server.connect(OWNER) as connection:
        check_equal(alter(connection, deleted(OWNER), set_to(OWNER, "mine", SHA_512), set_to("other", "secret")),
                    {OWNER: CLUSTER_AUTHORIZATION_FAILED, "other": CLUSTER_AUTHORIZATION_FAILED}, "codes")
    with server.connect(PLATFORM) as connection:
        check_equal(described(connection, OWNER, "other"), {OWNER: {SHA_256: 8192, SHA_512: 8192}, "other": RESOURCE_NOT_FOUND}, "described")


@suite.test
def the_audit_log_names_users_and_mechanisms_and_no_secret_is_kept(bench):
    server = bench.enter(Server(bench.binary, bench.fresh(), listen=["sasl_plaintext"], model=quokka.MODEL))
    server.enrol(PLATFORM, ["audited.till"])
    change = set_to("set.till", "a secret to look for", SHA_512)
    done_as_platform(server, deleted("audited.till"), change)
    entries = server.http("/api/v1/audit?limit=50", user=PLATFORM)[2]["items"]
    found = [(entry["principal"], entry["resource"], entry["outcome"]) for entry in entries if entry["action"] == "AlterUserScramCredentials"]
    text = "removal of SCRAM-SHA-256 of principal audited.till, setting of SCRAM-SHA-512 of principal set.till"
    check((PLATFORM, text, "done") in found, f"the audit log says {found}")
    server.stop()
    for path in (entry for entry in server.directory.rglob("*") if entry.is_file()):
        data = path.read_bytes()
        check(change["salted_password"] not in data and b"a secret to look for" not in data, f"{path.name} holds a secret")


@suite.test
def before_a_cluster_credentials_are_myelins_own(bench):
    behind = bench.enter(Server(bench.binary, bench.fresh(), dev=True))
    front = bench.enter(Server(bench.binary, bench.fresh(), listen=["sasl_plaintext"], model=quokka.MODEL,
                               extra=["--upstream", f"127.0.0.1:{behind.ports['plaintext']}"]))
    front.enrol(PLATFORM)
    done_as_platform(front, set_to("new.till", "first secret"))
    check(signs_in(front, "new.till", "first secret"), "the password that was set is refused")
    with behind.connect() as connection:
        check_equal(described(connection), {}, "credentials of the cluster")
