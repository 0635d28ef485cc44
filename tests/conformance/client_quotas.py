"""Quotas of users, client ids and addresses: set, told and taken away over Kafka's API, and held to beside those of squads."""
import csv
import io
import json
import time

import quokka
from batch import batch
from client import Closed
from errors import INVALID_REQUEST, NONE
from kafka import create_topic, fetch_body, produce_body
from quokka import AS_DECLARED, OWNER, TOPIC, UNGRANTED
from quotas import POLICY, RATE, limited_server
from server import Server
from suite import Suite, check, check_code, check_equal, eventually
from upstream import front

suite = Suite()
EXACT, DEFAULT, ANY = 0, 1, 2
CLIENT = "wire"  # client id of the tests' connections


def change(connection, entity, values, validate_only=False):
    """`entity` is type → name, None for the default; a value of None removes. The code and the text."""
    answer = connection.request("AlterClientQuotas", 1, {"validate_only": validate_only, "entries": [{
        "entity": [{"entity_type": kind, "entity_name": name} for kind, name in entity.items()],
        "ops": [{"key": key, "value": 0 if value is None else value, "remove": value is None} for key, value in values.items()]}]})["entries"][0]
    return answer["error_code"], answer["error_message"]


def set_quota(connection, entity, **values):
    code, text = change(connection, entity, values)
    check_code(code, NONE, f"quota of {entity}: {text}")


def described(connection, *components, strict=False, version=1):
    """Sorted (entity, values), both as sorted pairs; components are (type, match type, name)."""
    answer = connection.request("DescribeClientQuotas", version, {"strict": strict, "components": [
        {"entity_type": kind, "match_type": match, "match": name} for kind, match, name in components]})
    check_code(answer["error_code"], NONE, f"describe: {answer['error_message']}")
    return sorted((([(part["entity_type"], part["entity_name"]) for part in entry["entity"]],
                    [(value["key"], value["value"]) for value in entry["values"]]) for entry in answer["entries"]), key=str)


def produced(connection, topic, size):
    """The throttle time in ms."""
    answer = connection.request("Produce", 8, produce_body(topic, batch([bytes(size)])))
    check_code(answer["responses"][0]["partition_responses"][0]["error_code"], NONE, "produce")
    return answer["throttle_time_ms"]


def muted_for(connection):
    """Seconds until the connection is answered again."""
    started = time.monotonic()
    connection.request("ApiVersions", 0)
    return time.monotonic() - started


def open_server(bench):
    return bench.enter(Server(bench.binary, bench.fresh(), dev=True))


def holds_a_producer_back(server):
    with server.connect() as connection:
        create_topic(connection, "limited")
        check_equal(produced(connection, "limited", 300_000), 0, "throttle_time_ms without a quota")
        set_quota(connection, {"client-id": CLIENT}, producer_byte_rate=100_000.0)
        throttle_ms = produced(connection, "limited", 250_000)
        check(1200 <= throttle_ms <= 1700, f"throttle_time_ms is {throttle_ms}, expected about 1500")
        muted = muted_for(connection)
        check(throttle_ms / 1000 - 0.3 < muted < throttle_ms / 1000 + 1, f"the connection was mute for {muted:.1f} s, {throttle_ms} ms were told")
        with server.connect(client_id="another") as other:
            check_equal(produced(other, "limited", 300_000), 0, "throttle_time_ms of another client id")
        set_quota(connection, {"client-id": CLIENT}, producer_byte_rate=None)
        check_equal(produced(connection, "limited", 300_000), 0, "throttle_time_ms after the quota was taken away")
        check(muted_for(connection) < 0.5, "the connection is mute after the quota was taken away")


@suite.test
def a_producer_over_its_clients_rate_is_muted_until_the_quota_is_taken_away(bench):
    holds_a_producer_back(open_server(bench))


@suite.test
def before_a_cluster_quotas_are_held_to_as_well(bench):
    holds_a_producer_back(front(bench))


@suite.test
def a_reader_over_its_clients_rate_is_throttled(bench):
    with open_server(bench).connect() as connection:
        create_topic(connection, "limited")
        produced(connection, "limited", 250_000)
        set_quota(connection, {"user": None, "client-id": None}, consumer_byte_rate=100_000.0)
        answer = connection.request("Fetch", 11, fetch_body("limited", 0, max_bytes=4 << 20))
        check(1200 <= answer["throttle_time_ms"] <= 1700, f"throttle_time_ms is {answer['throttle_time_ms']}, expected about 1500")
        check(answer["responses"][0]["partitions"][0]["records"], "a throttled fetch carries no records")


@suite.test
def a_client_over_its_share_of_time_is_throttled_whatever_it_asks(bench):
    with open_server(bench).connect() as connection:
        set_quota(connection, {"client-id": CLIENT}, request_percentage=0.001)  # 10 µs a second
        connection.request("Metadata", 8, {"topics": None})
        check(connection.request("Metadata", 8, {"topics": None})["throttle_time_ms"] > 0, "throttle_time_ms is 0")


@suite.test
def the_most_specific_quota_counts_and_applies_to_running_sessions(bench):
    with open_server(bench).connect() as connection:
        create_topic(connection, "limited")
        # Entity, rate, bytes, and the range of the throttle time; each level is more specific than the one before it.
        levels = (({"client-id": None}, 100_000.0, 150_000, 400, 600), ({"user": None}, 1_000_000.0, 500_000, 0, 0),
                  ({"user": "(anonymous)"}, 100_000.0, 150_000, 400, 1100), ({"user": "(anonymous)", "client-id": CLIENT}, 1_000_000.0, 500_000, 0, 0))
        for entity, rate, size, least, most in levels:
            set_quota(connection, entity, producer_byte_rate=rate)
            throttle_ms = produced(connection, "limited", size)
            check(least <= throttle_ms <= most, f"{entity}: throttle_time_ms is {throttle_ms}, expected {least} to {most}")
        check_equal(len(described(connection)), len(levels), "quotas that are set")


@suite.test
def the_longest_of_the_squads_and_the_clients_throttle_times_is_told(bench):
    server = bench.enter(limited_server(bench))
    with server.connect("jun.park") as administrator, server.connect(OWNER) as connection:
        create_topic(connection, TOPIC, AS_DECLARED)
        set_quota(administrator, {"user": OWNER}, producer_byte_rate=RATE / 2)
        throttle_ms = produced(connection, TOPIC, 2 * RATE)
        check(2700 <= throttle_ms <= 3200, f"throttle_time_ms is {throttle_ms}, expected about 3000 for the user; the squad's were 1000")
    with server.connect("recommendations") as other:
        check(0 < produced(other, TOPIC, 1) <= 1100, "the squad's other principal waits for something else than its squad")


@suite.test
def quotas_outlive_a_kill(bench):
    server = open_server(bench)
    with server.connect() as connection:
        set_quota(connection, {"user": "ana", "client-id": None}, producer_byte_rate=1024.0, request_percentage=12.5)
        set_quota(connection, {"ip": "127.0.0.9"}, connection_creation_rate=5.0)
        set_quota(connection, {"user": "gone"}, producer_byte_rate=1.0)
        set_quota(connection, {"user": "gone"}, producer_byte_rate=None)
        before = described(connection)
    server.kill()
    server.start()
    with server.connect() as connection:
        check_equal(described(connection), before, "after the kill")
        check_equal(before, [([("client-id", None), ("user", "ana")], [("producer_byte_rate", 1024.0), ("request_percentage", 12.5)]),
                             ([("ip", "127.0.0.9")], [("connection_creation_rate", 5.0)])], "before it")


@suite.test
def filters_find_quotas_in_both_versions(bench):
    with open_server(bench).connect() as connection:
        for entity in ({"user": "ana"}, {"user": None}, {"user": "ana", "client-id": "till"}, {"client-id": "till"}):
            set_quota(connection, entity, producer_byte_rate=1024.0)
        for version in (0, 1):
            def names(*components, **more):
                return [entity for entity, _ in described(connection, *components, version=version, **more)]
            check_equal(len(names()), 4, "of everything")
            check_equal(names(("user", EXACT, "ana")), [[("client-id", "till"), ("user", "ana")], [("user", "ana")]], "by name")
            check_equal(names(("user", EXACT, "ana"), strict=True), [[("user", "ana")]], "by name, strictly")
            check_equal(names(("user", DEFAULT, None)), [[("user", None)]], "of the default")
            check_equal(len(names(("client-id", ANY, None))), 2, "of any client id")


@suite.test
def what_is_no_quota_is_refused_and_validating_changes_nothing(bench):
    with open_server(bench).connect() as connection:
        for entity, values in (({"user": "a"}, {"producer_byte_rate": 0.0}), ({"user": "a"}, {"no_such_key": 1.0}), ({}, {"producer_byte_rate": 1.0}),
                               ({"user": "a", "ip": "127.0.0.9"}, {"connection_creation_rate": 1.0}), ({"user": "a"}, {"controller_mutation_rate": 1.0})):
            for validate_only in (True, False):
                check_code(change(connection, entity, values, validate_only)[0], INVALID_REQUEST, f"{entity} {values}")
        check_code(change(connection, {"user": "a"}, {"producer_byte_rate": 1.0}, True)[0], NONE, "validate")
        check_equal(described(connection), [], "quotas")


@suite.test
def an_address_over_its_rate_is_turned_away(bench):
    server = open_server(bench)

    def is_let_in():
        try:
            with server.connect() as one:
                one.request("ApiVersions", 0)
            return True
        except Closed:
            return False
    with server.connect() as connection:
        set_quota(connection, {"ip": "127.0.0.1"}, connection_creation_rate=3.0)
        check(False in [is_let_in() for _ in range(10)], "ten connections at once are let in")
        eventually(is_let_in, what="a connection after a while")
        set_quota(connection, {"ip": "127.0.0.1"}, connection_creation_rate=None)
        check(all(is_let_in() for _ in range(10)), "a connection is turned away after the quota was taken away")


def listed(server, user):
    items = server.http("/api/v1/quotas", user=user)[2]["items"]
    return {(item["limits"], item["quota"]): item for item in items}


@suite.test
def one_list_tells_what_limits_whom(bench):
    server = bench.enter(limited_server(bench))
    with server.connect("jun.park") as administrator:
        set_quota(administrator, {"user": "fraud-screen"}, producer_byte_rate=1024.0)
        set_quota(administrator, {"user": None, "client-id": "till"}, request_percentage=12.5)
    whole = listed(server, "jun.park")
    line = POLICY.splitlines().index("      - squad: web-shop") + 1
    of_squad = whole["squad web-shop", "produce_bytes_per_second"]
    check_equal((of_squad["value"], of_squad["unit"], of_squad["set_by"], of_squad["declared_at"]["file"], of_squad["declared_at"]["line"]),
                (RATE, "bytes/s", "document", "myelin/policy.yaml", line), "a squad's quota")
    of_user = whole["user fraud-screen", "producer_byte_rate"]
    check_equal((of_user["entity"], of_user["value"], of_user["set_by"], "declared_at" in of_user),
                ([{"type": "user", "name": "fraud-screen"}], 1024, "api", False), "a user's quota")
    check(("squad default", "connections_max") in whole and ("squad warehouse", "connections_max") in whole, f"squads are missing: {sorted(whole)}")
    check(not {("squad web-shop", "produce_bytes_per_second"), ("user fraud-screen", "producer_byte_rate")} & set(listed(server, "pick-board")),
          "a principal of another squad sees what limits neither it nor everybody")
    check(("client-id till, user default", "request_percentage") in listed(server, "pick-board"), "what limits everybody is not shown")
    check_equal(server.tool("quotas", user="jun.park").stdout.splitlines()[0].split("\t")[-1], "", "the last cell of a client's quota")
    rows = list(csv.DictReader(io.StringIO(server.tool("quotas", "--output", "csv", user="jun.park").stdout)))
    check_equal([row["declared_at"] for row in rows if row["limits"] == "squad web-shop"], [f"myelin/policy.yaml:{line}"] * 3, "places in the CSV")
    check_equal(len(json.loads(server.tool("quotas", "--output", "json", user="jun.park").stdout)["items"]), len(rows), "items of the JSON")
    check("quota: \"producer_byte_rate\"" in server.tool("quotas", "--output", "yaml", user="jun.park").stdout, "the YAML lacks a client's quota")


@suite.test
def changes_of_quotas_are_audited_and_refused_ones_too(bench):
    server = quokka.governed(bench, "audited quotas")
    with server.connect("jun.park") as administrator, server.connect(UNGRANTED) as intruder:
        set_quota(administrator, {"user": "of-the-audit"}, producer_byte_rate=1024.0)
        set_quota(administrator, {"user": "of-the-audit"}, producer_byte_rate=None)
        change(intruder, {"user": "of-the-audit"}, {"producer_byte_rate": 1.0})

    def seen():
        return {(item["principal"], item["action"], item["resource"], item["outcome"])
                for item in server.http("/api/v1/audit?limit=50", user="jun.park")[2]["items"]}
    quota = "quota of user of-the-audit: producer_byte_rate"
    wanted = {("jun.park", "AlterClientQuotas", f"{quota} 1024", "intent"), ("jun.park", "AlterClientQuotas", f"{quota} 1024", "done"),
              ("jun.park", "AlterClientQuotas", f"{quota} removed", "done"), (UNGRANTED, "alter", "cluster ", "denied")}
    eventually(lambda: wanted <= seen(), what=f"{wanted} in the audit")
