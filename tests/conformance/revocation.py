"""A principal whose credentials are removed is out within a second, also in the middle of a request."""
import datetime
import shutil
import threading
import time

import quokka
from batch import batch
from client import Closed, SignInRefused
from errors import NONE, TOPIC_AUTHORIZATION_FAILED
from kafka import create_topic, fetch, fetch_body, list_offset, metadata, produce
from quokka import GRANTED, OWNER, TOPIC
from server import Server
from suite import Suite, check, check_code, check_equal, eventually

suite = Suite()
ADMINISTRATOR = "jun.park"


def newcomer(server, name):
    """Credentials of a person of the owning squad."""
    server.add(name)
    return name


@suite.test
def a_session_that_keeps_asking_is_closed_within_a_second(bench):
    server = quokka.closed(bench)
    who = newcomer(server, "recommendations")
    with server.connect(who) as connection:
        metadata(connection)
        server.tool("principal", "remove", who, user=ADMINISTRATOR)
        removed = time.monotonic()
        try:
            while time.monotonic() - removed < 3:
                metadata(connection)
                time.sleep(0.02)
        except Closed:
            check(time.monotonic() - removed < 1, "the session was closed later than after a second")
            return
    raise AssertionError("the session is still served after three seconds")


@suite.test
def an_idle_session_is_closed_within_a_second(bench):
    server = quokka.closed(bench)
    who = newcomer(server, "online-stock")
    with server.connect(who) as connection:
        metadata(connection)
        server.tool("principal", "remove", who, user=ADMINISTRATOR)
        check(connection.is_closed_by_server(1), "an idle session outlives its principal")


@suite.test
def a_waiting_fetch_serves_nothing_after_its_principal_was_removed(bench):
    server = quokka.closed(bench)
    who = newcomer(server, "storefront-web")
    with server.connect(OWNER) as owner, server.connect(who) as connection:
        end = list_offset(owner, TOPIC, -1, partition=1)["offset"]
        connection.send("Fetch", 11, fetch_body(TOPIC, end, partition=1, max_wait=8000, min_bytes=1))
        time.sleep(0.1)
        server.tool("principal", "remove", who, user=ADMINISTRATOR)
        time.sleep(1)
        check_code(produce(owner, TOPIC, batch([b"not for the removed"]), partition=1)["error_code"], NONE, "produce")
        connection.timeout(3)
        try:
            data = connection.read_frame()
        except (Closed, TimeoutError):
            return
        check(b"not for the removed" not in data, "records were served a second after the removal")


@suite.test
def a_removed_principal_cannot_sign_in_and_one_that_is_added_again_can(bench):
    server = quokka.closed(bench)
    who = newcomer(server, "mobile-app")
    server.connect(who).close()
    server.tool("principal", "remove", who, user=ADMINISTRATOR)
    try:
        server.connect(who).close()
        raise AssertionError("a removed principal signed in")
    except SignInRefused:
        pass
    server.add(who)
    server.connect(who).close()


def remove_and_add(server, name):
    """Without a command line tool in between: milliseconds, with the password that it had."""
    for method, path, body in (("DELETE", f"/api/v1/principals/{name}", None),
                               ("POST", "/api/v1/principals", {"name": name, "password": server.passwords[name]})):
        status, _, answer = server.http(path, method=method, body=body, user=ADMINISTRATOR)
        check(status < 300, f"{method} {path} answers {status} {answer}")


@suite.test
def a_principal_that_is_there_again_at_once_does_not_keep_its_old_session(bench):
    server = quokka.closed(bench)
    who = newcomer(server, "price-watcher")
    with server.connect(who) as connection, server.connect(who) as idle:
        metadata(connection)
        remove_and_add(server, who)
        # The very next request: no housekeeping has to come first.
        try:
            metadata(connection)
            raise AssertionError("the old session is served after the principal was removed and added again")
        except Closed:
            pass
        check(idle.is_closed_by_server(1), "an idle session outlives the password that it signed in with")
    server.connect(who).close()


@suite.test
def a_rotation_ends_the_sessions_of_the_old_password_when_it_is_confirmed(bench):
    server = quokka.closed(bench)
    who = newcomer(server, "gift-cards")
    with server.connect(who) as connection:
        server.passwords[who] = "the new password"
        server.tool("principal", "rotate", who, user=ADMINISTRATOR, secret=server.passwords[who])
        metadata(connection)
        with server.connect(who) as fresh:
            server.tool("principal", "rotate", who, "--confirm", user=ADMINISTRATOR)
            check(connection.is_closed_by_server(1), "a session of the replaced password is still open")
            metadata(fresh)


@suite.test
def adding_a_principal_that_no_document_names_says_so(bench):
    server = quokka.closed(bench)
    known = server.tool("principal", "add", "stock-planner", user=ADMINISTRATOR, secret="stock-planner-secret")
    check_equal(known.stderr, "", "what is said of a principal of the model")
    unknown = server.tool("principal", "add", "mobile-ap", user=ADMINISTRATOR, secret="mobile-ap-secret")
    check("no document of the model names mobile-ap" in unknown.stderr, unknown.stderr)


def with_grant_that_ends(bench, seconds):
    """The company, where the grant on TOPIC ends so long after now."""
    model = bench.fresh() / "model"
    shutil.copytree(quokka.MODEL, model)
    end = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
    grant = model / "grants" / "online-orders-for-sales-unifier.yaml"
    grant.write_text(grant.read_text().replace("provider:", f'endTimestamp: "{end.strftime("%Y-%m-%dT%H:%M:%SZ")}"\nprovider:', 1))
    return model


@suite.test
def a_grant_that_ends_holds_for_sessions_that_are_open_and_for_a_fetch_that_waits(bench):
    server = Server(bench.binary, bench.fresh(), listen=["sasl_plaintext"], model=quokka.MODEL)
    with server:
        server.enrol(ADMINISTRATOR, [OWNER, GRANTED])
        with server.connect(OWNER) as owner:
            check_code(create_topic(owner, TOPIC, quokka.AS_DECLARED), NONE, "CreateTopics")
            check_code(produce(owner, TOPIC, batch([b"while it lasts"]))["error_code"], NONE, "produce")
    server.model = with_grant_that_ends(bench, 10)  # the start and three sign-ins have to fit in
    with server.start(), server.connect(OWNER) as owner, server.connect(GRANTED) as reader, server.connect(GRANTED) as waiting:
        check_code(fetch(reader, TOPIC, 0)["error_code"], NONE, "a fetch while the grant is live")
        asked = waiting.send("Fetch", 11, fetch_body(TOPIC, 1, max_wait=30000, min_bytes=1))
        eventually(lambda: fetch(reader, TOPIC, 0)["error_code"] == TOPIC_AUTHORIZATION_FAILED, 20, "the end of the grant on an open session")
        check_code(produce(owner, TOPIC, batch([b"not for you"]))["error_code"], NONE, "produce")
        answer = waiting.receive("Fetch", 11, asked)["responses"][0]["partitions"][0]
        check_code(answer["error_code"], TOPIC_AUTHORIZATION_FAILED, "the fetch that waited")
        check(not answer["records"], "the fetch that waited was served records")


@suite.test
def others_are_not_disturbed_by_a_removal(bench):
    server = quokka.closed(bench)
    who, stop, failures = newcomer(server, "care-desk"), threading.Event(), []

    def keep_producing():
        try:
            with server.connect(OWNER) as connection:
                while not stop.is_set():
                    check_code(produce(connection, TOPIC, batch([b"undisturbed"]))["error_code"], NONE, "produce")
        except Exception as error:  # whatever it is, the test tells it
            failures.append(error)
    thread = threading.Thread(target=keep_producing)
    thread.start()
    time.sleep(0.1)
    server.tool("principal", "remove", who, user=ADMINISTRATOR)
    time.sleep(1.2)
    stop.set()
    thread.join()
    check(not failures, f"another principal's session failed: {failures}")
