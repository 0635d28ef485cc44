"""Quotas of a squad: the answer comes at once with a throttle time, then the connection is mute for that long (KIP-219)."""
import shutil
import time

import quokka
from batch import batch
from client import Closed, SignInRefused
from errors import NONE, POLICY_VIOLATION
from kafka import create_topic, delete_topic, fetch_body, produce, produce_body
from quokka import AS_DECLARED, OWNER, TOPIC
from server import Server
from suite import Suite, check, check_code, check_equal, eventually

suite = Suite()
RATE = 200_000
CONNECTIONS = 3
PARTITIONS = 4
STORED_BYTES = 300_000
POLICY = f"""\
apiVersion: myelin.dev/v1alpha1
kind: Policy
metadata:
  name: quokka
spec:
  platform_group: data-platform
  undeclared_topics: report
  quotas:
    default:
      connections_max: 100
    squads:
      - squad: web-shop
        produce_bytes_per_second: {RATE}
        fetch_bytes_per_second: {RATE}
      - squad: warehouse
        connections_max: {CONNECTIONS}
        partitions_max: {PARTITIONS}
      - squad: delivery
        storage_bytes_max: {STORED_BYTES}
"""


def limited_server(bench):
    model = bench.fresh() / "model"
    shutil.copytree(quokka.MODEL, model)
    (model / "myelin" / "policy.yaml").write_text(POLICY)
    server = Server(bench.binary, bench.fresh(), listen=["sasl_plaintext"], model=model).start()
    server.enrol("jun.park", [OWNER, "recommendations", "fraud-screen", "pick-board", "order-picker-east", "route-planner"])
    return server


def limited(bench):
    return bench.keep("limited", lambda: limited_server(bench))


def over_the_rate(connection):
    """Three seconds' worth at once; the throttle time that came back, and how long the answer took."""
    body = produce_body(TOPIC, batch([bytes(3 * RATE)]))
    started = time.monotonic()
    answer = connection.request("Produce", 8, body)
    check_code(answer["responses"][0]["partition_responses"][0]["error_code"], NONE, "produce")
    return answer["throttle_time_ms"], time.monotonic() - started


@suite.test
def a_producer_over_its_rate_is_answered_at_once_and_then_muted(bench):
    with limited(bench).connect(OWNER) as connection:
        create_topic(connection, TOPIC, AS_DECLARED)
        throttle_ms, spent = over_the_rate(connection)
        check(1000 <= throttle_ms <= 3500, f"throttle_time_ms is {throttle_ms}, expected about 2000")
        check(spent < 1, f"the answer took {spent:.1f} s")
        started = time.monotonic()
        connection.request("ApiVersions", 0)
        muted = time.monotonic() - started
        check(throttle_ms / 1000 - 0.3 < muted < throttle_ms / 1000 + 1, f"the connection was mute for {muted:.1f} s, {throttle_ms} ms were told")


@suite.test
def requests_that_were_sent_behind_it_wait_for_the_end_of_the_mute(bench):
    with limited(bench).connect(OWNER) as connection:
        create_topic(connection, TOPIC)
        body = produce_body(TOPIC, batch([bytes(2 * RATE)]))
        first, behind = connection.send("Produce", 8, body), [connection.send("ApiVersions", 0) for _ in range(5)]
        told = connection.receive("Produce", 8, first)["throttle_time_ms"] / 1000
        started = time.monotonic()
        for one in behind:
            connection.receive("ApiVersions", 0, one)
            check(time.monotonic() - started > told / 2, f"answered {time.monotonic() - started:.1f} s after a throttle time of {told:.1f} s")


@suite.test
def all_principals_of_a_squad_share_its_rate_and_other_squads_do_not(bench):
    server = limited(bench)
    with server.connect(OWNER) as first, server.connect("recommendations") as second, server.connect("fraud-screen") as other:
        create_topic(first, TOPIC, AS_DECLARED)
        create_topic(other, "fraud.verdict", AS_DECLARED)
        over_the_rate(first)
        answer = second.request("Produce", 8, produce_body(TOPIC, batch([b"small"])))
        check(answer["throttle_time_ms"] > 0, "the second principal of the squad is not throttled")
        answer = other.request("Produce", 8, produce_body("fraud.verdict", batch([bytes(500_000)])))
        check_equal(answer["throttle_time_ms"], 0, "throttle_time_ms of another squad")


@suite.test
def a_reader_over_its_rate_is_throttled(bench):
    server = limited(bench)
    with server.connect(OWNER) as connection, server.connect("recommendations") as reader:
        create_topic(connection, TOPIC, AS_DECLARED)
        over_the_rate(connection)
        answer = reader.request("Fetch", 11, fetch_body(TOPIC, 0, max_bytes=4 << 20))
        check(answer["throttle_time_ms"] > 0, "throttle_time_ms is 0 after three seconds' worth in one fetch")
        check(answer["responses"][0]["partitions"][0]["records"], "a throttled fetch carries no records")


@suite.test
def a_throttled_producer_without_acks_is_muted_as_well(bench):
    with limited(bench).connect(OWNER) as connection:
        create_topic(connection, TOPIC, AS_DECLARED)
        time.sleep(0.5)
        connection.send("Produce", 8, produce_body(TOPIC, batch([bytes(2 * RATE)]), acks=0))
        time.sleep(0.3)  # what came before the mute is answered
        started = time.monotonic()
        connection.timeout(40)
        connection.request("ApiVersions", 0)
        check(time.monotonic() - started > 0.3, "the connection is not mute after acks=0 over the rate")


@suite.test
def connections_over_the_squads_limit_are_refused_and_places_become_free(bench):
    server = limited(bench)
    held = [server.connect(name) for name in ("pick-board", "order-picker-east", "pick-board")]
    try:
        server.connect("pick-board").close()
        raise AssertionError("one connection more than the quota is signed in")
    except (SignInRefused, Closed):
        pass
    server.connect("fraud-screen").close()
    held.pop().close()

    def is_let_in():
        try:
            held.append(server.connect("pick-board"))
            return True
        except (SignInRefused, Closed):
            return False
    eventually(is_let_in, what="a sign-in after a place became free")
    for connection in held:
        connection.close()


@suite.test
def a_squad_as_a_whole_stays_at_its_rate(bench):
    """Whichever of its principals writes: the time that is told is at least what the bytes need, with the second's worth that may come at once."""
    with limited(bench).connect(OWNER) as first, limited(bench).connect("recommendations") as second:
        create_topic(first, TOPIC, AS_DECLARED)
        started, sent = time.monotonic(), 0
        for connection in (first, second):
            answer = connection.request("Produce", 8, produce_body(TOPIC, batch([bytes(2 * RATE)])))
            sent += 2 * RATE
            needed = sent / RATE - 1 - (time.monotonic() - started)
            check(answer["throttle_time_ms"] >= 1000 * needed - 1, f"{answer['throttle_time_ms']} ms were told after {sent} bytes, expected {needed:.2f} s")


def held_back(server, user):
    """{(squad, quota): time} that somebody sees."""
    return {(one["squad"], one["quota"]): one for one in server.http("/api/v1/throttled", user=user)[2]["items"]}


@suite.test
def who_was_held_back_is_a_fact_for_the_squad_and_the_platform_group(bench):
    server = limited(bench)
    with server.connect(OWNER) as connection:
        create_topic(connection, TOPIC, AS_DECLARED)
        throttle_ms, _ = over_the_rate(connection)
    key = ("web-shop", "produce_bytes_per_second")
    for user in (OWNER, "jun.park"):
        one = held_back(server, user)[key]
        check(one["answers"] >= 1 and one["longest_ms"] >= throttle_ms, f"{throttle_ms} ms were told, {user} sees {one}")
        check(one["began"] < one["until"], f"{user} sees {one}")
    check_equal(held_back(server, "fraud-screen"), {}, "what another squad sees")
    check("produce_bytes_per_second" in server.tool("throttled", user="jun.park").stdout, "myelin throttled does not tell of it")
    check("squad=web-shop quota=produce_bytes_per_second" in server.log_path.read_text(), "the log does not tell of it")


@suite.test
def throttled_answers_are_counted(bench):
    check(limited(bench).metric("myelin_governance_throttled_total", "jun.park") > 0, "myelin_governance_throttled_total is 0")


@suite.test
def the_topics_of_a_squad_have_no_more_partitions_together_than_it_may(bench):
    with limited(bench).connect("pick-board") as connection:
        check_code(create_topic(connection, "pick-board.crates", PARTITIONS - 1), NONE, "create within the quota")
        check_code(create_topic(connection, "pick-board.aisles", 2), POLICY_VIOLATION, "create one partition too many")
        check_code(create_topic(connection, "pick-board.aisles", 1), NONE, "create the last one")
        more = {"topics": [{"name": "pick-board.crates", "count": PARTITIONS, "assignments": None}], "timeout_ms": 5000, "validate_only": False}
        answer = connection.request("CreatePartitions", 3, more)["results"][0]
        check_code(answer["error_code"], POLICY_VIOLATION, "add one")
        check(f"its quota allows {PARTITIONS}" in answer["error_message"], f"the refusal says {answer['error_message']}")


@suite.test
def a_squad_whose_logs_are_full_writes_no_more_until_some_of_them_go(bench):
    full, other, body = "route-planner.tours", "route-planner.stops", batch([bytes(100_000)])
    with limited(bench).connect("route-planner") as connection:
        for topic in (full, other):
            check_code(create_topic(connection, topic, 1), NONE, f"create {topic}")

        def writes(topic):
            return produce(connection, topic, body)["error_code"]
        eventually(lambda: writes(full) == POLICY_VIOLATION, seconds=30, what="a refusal once the logs are full")
        answer = produce(connection, other, body)
        check_code(answer["error_code"], POLICY_VIOLATION, "write to another topic of the squad")
        check("its quota allows" in answer["error_message"], f"the refusal says {answer['error_message']}")
        check_code(delete_topic(connection, full), NONE, f"delete {full}")
        eventually(lambda: writes(other) == NONE, seconds=30, what="a write after a topic went")
