"""HTTP: enrolment by token, roles, Host and Origin, content types, sessions."""
import base64
import contextlib
import http.client
import os
import stat
import time

import quokka
from batch import batch
from errors import TOPIC_AUTHORIZATION_FAILED
from kafka import produce
from quokka import NEVER_MADE, OWNER, PLATFORM, TOPIC, UNGRANTED, UNKNOWN, UNSEEN
from server import Server
from suite import Suite, check, check_code, check_equal, check_in

suite = Suite()
READS = ("/api/v1/me", "/api/v1/usage", "/api/v1/lineage", "/api/v1/acls", "/api/v1/topics", "/api/v1/groups", "/api/v1/quotas", "/api/v1/clients", "/api/v1/map", f"/api/v1/who/topic/{TOPIC}", "/metrics")
PLATFORM_READS = ("/api/v1/doctor", "/api/v1/denials", "/api/v1/principals", "/api/v1/audit")
OPEN = ("/healthz", "/readyz")


def check_problem(answer, status, what):
    found, headers, body = answer
    check_equal(found, status, what)
    check_in("application/problem+json", headers["Content-Type"], f"{what}: the content type")
    check_equal(body["status"], status, f"{what}: status in the body")
    check(body["title"] and body["detail"] and body["next"], f"{what}: the problem says too little: {body}")


@suite.test
def before_enrolment_all_but_health_is_refused(bench):
    with Server(bench.binary, bench.fresh(), listen=["sasl_plaintext"]) as server:
        for path in READS + PLATFORM_READS:
            check_problem(server.http(path), 403, path)
            check_problem(server.http(path, user="root", password="guess"), 403, f"{path} with a password")
        session = server.http("/api/v1/session", method="POST", body={"principal": "root", "password": "guess"})
        check_problem(session, 403, "opening a session")
        check_problem(server.http("/api/v1/session", method="DELETE"), 403, "closing a session")
        for path in OPEN:
            check_equal(server.http(path)[0], 200, path)


@suite.test
def the_token_is_for_its_owner_only_and_for_one_use(bench):
    with Server(bench.binary, bench.fresh(), listen=["sasl_plaintext"]) as server:
        path = server.data / "state" / "enrol"
        check_equal(stat.S_IMODE(os.stat(path).st_mode), 0o600, "mode of the token file")
        token = path.read_text().strip()
        output = server.log_path.read_text()
        check(token not in output, "the output shows the token")
        check_in(str(path), output, "the output")
        def enrol(with_token, name):
            return server.http("/api/v1/principals/enrol", method="POST", body={"token": with_token, "name": name, "password": f"{name}-secret"})
        check_problem(enrol("guess", "mallory"), 401, "a wrong token")
        check_problem(enrol("", "mallory"), 400, "an empty token")
        check_equal(enrol(token, "root")[0], 204, "the right token")
        check(not path.exists(), "the token file is still there")
        check_problem(enrol(token, "mallory"), 401, "the token's second use")
        server.passwords["root"] = "root-secret"
        check_equal(server.http("/api/v1/principals", user="root")[0], 200, "the enrolled principal")
        check_problem(server.http("/api/v1/principals", user="mallory", password="mallory-secret"), 401, "the one who came too late")


@suite.test
def enrolment_survives_a_restart_and_is_closed_then(bench):
    directory = bench.fresh()
    with Server(bench.binary, directory, listen=["sasl_plaintext"]) as server:
        server.enrol("root")
        passwords = server.passwords
    with Server(bench.binary, directory, listen=["sasl_plaintext"], log_name="second.log") as server:
        server.passwords = passwords
        check(not (server.data / "state" / "enrol").exists(), "a second token was written")
        check_equal(server.http("/api/v1/doctor", user="root")[0], 200, "the platform role after a restart")


@suite.test
def a_token_older_than_a_day_is_refused_and_a_restart_writes_a_new_one(bench):
    directory = bench.fresh()
    with Server(bench.binary, directory, listen=["sasl_plaintext"]) as server:
        path = server.data / "state" / "enrol"
        old = path.read_text().strip()
        yesterday = time.time() - 25 * 3600
        os.utime(path, (yesterday, yesterday))
        answer = server.http("/api/v1/principals/enrol", method="POST", body={"token": old, "name": "late", "password": "late-secret"})
        check_problem(answer, 401, "an old token")
    with Server(bench.binary, directory, listen=["sasl_plaintext"], log_name="second.log") as server:
        check((server.data / "state" / "enrol").read_text().strip() != old, "the old token is still the token")
        server.enrol("root")


@suite.test
def a_token_that_was_not_used_is_the_same_after_a_restart(bench):
    directory = bench.fresh()
    with Server(bench.binary, directory, listen=["sasl_plaintext"]) as server:
        token = (server.data / "state" / "enrol").read_text()
    with Server(bench.binary, directory, listen=["sasl_plaintext"], log_name="second.log") as server:
        check_equal((server.data / "state" / "enrol").read_text(), token, "the token")
        server.enrol("root")


@suite.test
def nobody_is_answered_without_signing_in(bench):
    server = quokka.closed(bench)
    for path in READS + PLATFORM_READS:
        answer = server.http(path)
        check_problem(answer, 401, path)
        check_in("Basic", answer[1]["WWW-Authenticate"], f"{path}: WWW-Authenticate")
        check_problem(server.http(path, user=OWNER, password="wrong"), 401, f"{path} with a wrong password")
        check_problem(server.http(path, user="nobody.at.all", password="wrong"), 401, f"{path} as an unknown user")
    for method, path, body in (("POST", "/api/v1/principals", {"name": "x", "password": "some password"}), ("DELETE", "/api/v1/principals/x", None),
                               ("POST", "/api/v1/principals/x/rotate", {"password": "some password"})):
        check_problem(server.http(path, method=method, body=body), 401, f"{method} {path}")
    for path in OPEN:
        check_equal(server.http(path)[0], 200, path)


@suite.test
def every_kind_of_principal_may_ask_and_only_the_platform_role_administers(bench):
    server = quokka.closed(bench)
    for principal in quokka.KINDS:
        for path in READS:
            check_equal(server.http(path, user=principal)[0], 200, f"{path} as {principal}")
        for path in PLATFORM_READS:
            check_equal(server.http(path, user=principal)[0], 200 if principal == PLATFORM else 403, f"{path} as {principal}")
        if principal == PLATFORM:
            continue
        for method, path, body in (("POST", "/api/v1/principals", {"name": "intruder", "password": "some password"}),
                                   ("DELETE", "/api/v1/principals/fraud-screen", None),
                                   ("POST", "/api/v1/principals/fraud-screen/rotate", {"password": "some password"})):
            check_problem(server.http(path, user=principal, method=method, body=body), 403, f"{method} {path} as {principal}")
    server.connect("fraud-screen").close()


@suite.test
def lists_show_what_the_asker_may_see(bench):
    server = quokka.closed(bench)
    def topics(principal):
        return {entry["name"] for entry in server.http("/api/v1/topics?limit=1000", user=principal)[2]["items"]}
    check({TOPIC, UNSEEN} <= topics(PLATFORM), "the platform role does not see all topics")
    check(TOPIC in topics(OWNER) and UNSEEN not in topics(OWNER), f"the owner sees {topics(OWNER)}")
    for principal in (UNGRANTED, UNKNOWN):
        check_equal(topics(principal) & {TOPIC, UNSEEN}, set(), f"topics for {principal}")
    # The asker's own refused attempts are its own to see, whether the topic exists or not; nothing else of it is.
    with server.connect(UNGRANTED) as connection:
        for topic in (UNSEEN, NEVER_MADE):
            check_code(produce(connection, topic, batch([b"refused"]))["error_code"], TOPIC_AUTHORIZATION_FAILED, f"produce to {topic}")
    lines = server.http("/api/v1/usage?group_by=principal,topic,direction", user=UNGRANTED)[2]["lines"]
    of_unseen, of_never_made = ({(line["principal"], line["measure"]) for line in lines if line["topic"] == topic} for topic in (UNSEEN, NEVER_MADE))
    check_equal(of_unseen, {(UNGRANTED, "refused_bytes")}, "usage of a topic that the asker may not see")
    check_equal(of_never_made, of_unseen, "usage of a topic that was never made")


@suite.test
def a_host_that_is_not_ours_is_refused(bench):
    server = quokka.closed(bench)
    for host in ("evil.example", f"evil.example:{server.http_port}", "127.0.0.1.evil.example"):
        for path in ("/api/v1/me", "/console/", "/"):
            check_problem(server.http(path, user=PLATFORM, headers={"Host": host}), 421, f"{path} for Host {host}")
    for host in (f"localhost:{server.http_port}", f"127.0.0.1:{server.http_port}"):
        check_equal(server.http("/api/v1/me", user=PLATFORM, headers={"Host": host})[0], 200, f"Host {host}")


@suite.test
def a_change_from_another_site_is_refused(bench):
    server = quokka.closed(bench)
    body = {"name": "from-elsewhere", "password": "some password"}
    for headers in ({"Origin": "https://evil.example"}, {"Origin": "null"}, {"Origin": f"http://127.0.0.1:{server.http_port + 1}"},
                    {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}):
        check_problem(server.http("/api/v1/principals", user=PLATFORM, method="POST", body=body, headers=headers), 403, str(headers))
    own = {"Origin": f"http://127.0.0.1:{server.http_port}"}
    check_equal(server.http("/api/v1/principals", user=PLATFORM, method="POST", body=body, headers=own)[0], 204, "our own origin")
    check_problem(server.http("/api/v1/principals", user=PLATFORM, method="POST", body=body, headers=own), 409, "the same name again")


@suite.test
def host_and_origin_are_checked_in_dev_mode_too(bench):
    with Server(bench.binary, bench.fresh(), dev=True) as server:
        check_equal(server.http("/api/v1/topics")[0], 200, "nobody needs to sign in")
        check_problem(server.http("/api/v1/topics", headers={"Host": "evil.example"}), 421, "another Host")
        check_problem(server.http("/api/v1/principals", method="POST", body={"name": "a", "password": "some password"},
                                  headers={"Origin": "https://evil.example"}), 403, "another Origin")


@suite.test
def a_change_needs_json(bench):
    server = quokka.closed(bench)
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""):
        answer = server.http("/api/v1/principals", user=PLATFORM, method="POST", body=b'{"name":"a","password":"b"}', headers={"Content-Type": kind})
        check_problem(answer, 415, f"Content-Type {kind!r}")
    for body in (b"", b"{", b"[]", b'{"name": 5, "password": "x"}', b'{"name": "a"}', b'{"name": "a", "password": "b", "more": 1}', b"\xff\xfe",
                 b'{"name":' * 5000):
        answer = server.http("/api/v1/principals", user=PLATFORM, method="POST", body=body, headers={"Content-Type": "application/json"})
        check_problem(answer, 400, f"the body {body[:30]!r}")


@suite.test
def unknown_paths_and_methods_are_told(bench):
    server = quokka.closed(bench)
    check_problem(server.http("/api/v1/nothing", user=PLATFORM), 404, "an unknown path")
    answer = server.http("/api/v1/usage", user=PLATFORM, method="POST", body={})
    check_problem(answer, 405, "a method that is not answered")
    check_in("GET", answer[1]["Allow"], "Allow")
    check_problem(server.http("/api/v1/who/flavour/x", user=PLATFORM), 400, "an unknown kind")
    check_problem(server.http("/api/v1/topics?limit=many", user=PLATFORM), 400, "a limit that is no number")


@suite.test
def a_browser_session_lives_in_a_strict_cookie_until_it_is_closed(bench):
    server = quokka.closed(bench)
    status, headers, body = server.http("/api/v1/session", method="POST", body={"principal": OWNER, "password": server.passwords[OWNER]})
    check_equal((status, body["principal"]), (200, OWNER), "opening a session")
    cookie = headers["Set-Cookie"]
    for part in ("HttpOnly", "SameSite=Strict", "Path=/"):
        check_in(part, cookie, "the cookie")
    carried = {"Cookie": cookie.split(";")[0]}
    check_equal(server.http("/api/v1/me", headers=carried)[2]["principal"], OWNER, "who the cookie stands for")
    check_equal(server.http("/api/v1/session", method="DELETE", headers=carried)[0], 204, "closing the session")
    check_problem(server.http("/api/v1/me", headers=carried), 401, "the cookie afterwards")
    check_problem(server.http("/api/v1/session", method="POST", body={"principal": OWNER, "password": "wrong"}), 401, "a wrong password")


@suite.test
def a_removed_principal_is_out_over_http_as_well(bench):
    server = quokka.closed(bench)
    server.add("campaign-runner")
    check_equal(server.http("/api/v1/me", user="campaign-runner")[0], 200, "before")
    _, headers, _ = server.http("/api/v1/session", method="POST", body={"principal": "campaign-runner", "password": server.passwords["campaign-runner"]})
    server.tool("principal", "remove", "campaign-runner", user="jun.park")
    check_problem(server.http("/api/v1/me", user="campaign-runner"), 401, "the password")
    check_problem(server.http("/api/v1/me", headers={"Cookie": headers["Set-Cookie"].split(";")[0]}), 401, "the session")


@suite.test
def a_removed_principal_watches_the_map_no_more(bench):
    server = quokka.closed(bench)
    server.add("campaign-runner")
    login = base64.b64encode(f"campaign-runner:{server.passwords['campaign-runner']}".encode()).decode()
    watching = http.client.HTTPConnection("127.0.0.1", server.http_port, timeout=5)
    with contextlib.closing(watching):
        watching.request("GET", "/api/v1/map/events", headers={"Authorization": f"Basic {login}"})
        events = watching.getresponse()
        check_equal(events.status, 200, "watching the map")
        events.readline()
        server.tool("principal", "remove", "campaign-runner", user="jun.park")
        removed = time.monotonic()
        # The end of the stream; a stream that goes on runs into the time-out or sends until then.
        while events.readline():
            check(time.monotonic() - removed < 5, "the stream goes on after the removal")


@suite.test
def answers_carry_the_headers_that_browsers_heed(bench):
    server = quokka.closed(bench)
    for path in ("/healthz", "/console/", "/api/v1/me", "/api/v1/nothing"):
        _, headers, _ = server.http(path)
        for name in ("Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy"):
            check(headers[name], f"{path} lacks {name}")
