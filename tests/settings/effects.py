"""What a setting says happens. Settings that tests elsewhere already hold to their word are not repeated here:
limits before sign-in and deadlines (bad_input), TLS (bad_input), access (conformance), retention by the clock (unit tests)."""
import contextlib
import os
import pathlib
import re

from batch import batch
from client import Closed
from errors import INVALID_SESSION_TIMEOUT, INVALID_TRANSACTION_TIMEOUT, NONE
from kafka import create_topic, fetch_body, list_offset, metadata, produce, produce_body
from server import Server, refused
from suite import Suite, check, check_code, check_equal, check_in, eventually

suite = Suite()


def threads_named(server, beginning):
    """How many names of threads begin so. A thread that one of these starts bears its name at first, and may end while it is looked at."""
    names = set()
    for path in pathlib.Path(f"/proc/{server.process.pid}/task").glob("*/comm"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            names.add(path.read_text().strip())
    return sum(name.startswith(beginning) for name in names)


def open_logs(server):
    """Segment files that are open now; a descriptor may be closed while it is looked at."""
    found = 0
    for path in pathlib.Path(f"/proc/{server.process.pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):
            target = os.readlink(path)
            found += target.endswith(".log") and "/log/" in target
    return found


@suite.test
def as_many_event_loops_run_as_net_threads_says(bench):
    for threads in (1, 3):
        with Server(bench.binary, bench.fresh(), dev=True, sets=[f"net.threads={threads}"]) as server:
            check_equal(threads_named(server, "loop-"), threads, "loops")


@suite.test
def as_many_threads_sync_as_storage_sync_threads_says(bench):
    for threads in (1, 4):
        with Server(bench.binary, bench.fresh(), dev=True, sets=[f"storage.sync_threads={threads}"]) as server:
            check_equal(threads_named(server, "storage-"), threads, "threads of the storage pool")


@suite.test
def a_frame_over_net_frame_bytes_closes_the_connection_and_one_below_does_not(bench):
    with Server(bench.binary, bench.fresh(), dev=True, sets=["net.frame_bytes=65536"]) as server:
        with server.connect() as connection:
            check_code(create_topic(connection, "t"), NONE, "create")
            check_code(produce(connection, "t", batch([b"x" * 60_000]))["error_code"], NONE, "60,000 bytes")
        with server.connect() as connection:
            with contextlib.suppress(Closed):  # the length comes first, so it may close before the rest is sent
                connection.send("Produce", 8, produce_body("t", batch([b"x" * 70_000])))
            check(connection.is_closed_by_server(), "70,000 bytes were taken")
        check(server.is_running(), "the server has ended")
        with server.connect() as connection:
            check_equal(list_offset(connection, "t", -1)["offset"], 1, "records that were taken")


@suite.test
def no_more_than_net_connections_are_open_at_a_time(bench):
    with Server(bench.binary, bench.fresh(), dev=True, sets=["net.connections=2"]) as server:
        held = [bench.enter(server.connect()) for _ in range(2)]
        for connection in held:
            check_code(connection.request("ApiVersions", 0)["error_code"], NONE, "ApiVersions")
        with server.connect() as connection:
            check(connection.is_closed_by_server(), "a third connection stays open")
        held.pop().close()
        eventually(lambda: server.metric("myelin_net_connections") == 1, what="the end of the second connection")
        with server.connect() as connection:
            check_code(connection.request("ApiVersions", 0)["error_code"], NONE, "ApiVersions in the place that became free")


def levels_written(bench, level):
    """By a server that was asked, refused a connection and was stopped: occasions for debug, warn and info."""
    with Server(bench.binary, bench.fresh(), dev=True, sets=[f"log.level={level}", "net.connections=1"]) as server:
        with server.connect() as connection, server.connect() as refused_one:
            check_code(connection.request("ApiVersions", 0)["error_code"], NONE, "ApiVersions")
            check(refused_one.is_closed_by_server(), "a second connection stays open")
        eventually(lambda: server.metric("myelin_net_connections") == 0, what="the end of the connection")
        server.stop()
        return set(re.findall(r"^\S+Z (debug|info|warn|error) ", server.log_path.read_text(), re.MULTILINE))


@suite.test
def lines_below_log_level_are_not_written_and_others_are(bench):
    found = {level: levels_written(bench, level) for level in ("debug", "info", "warn", "error")}
    check_equal(found, {"debug": {"debug", "info", "warn"}, "info": {"info", "warn"}, "warn": {"warn"}, "error": set()}, "levels in the log")


@suite.test
def no_more_segment_files_stay_open_than_storage_open_files(bench):
    with Server(bench.binary, bench.fresh(), dev=True, sets=["storage.open_files=16"]) as server, server.connect() as connection:
        check_code(create_topic(connection, "t", 40), NONE, "create")
        for partition in range(40):
            check_code(produce(connection, "t", batch([b"x"]), partition=partition)["error_code"], NONE, "produce")
        found = open_logs(server)
        check(0 < found <= 16, f"{found} segment files are open")


@suite.test
def a_topic_made_without_a_number_of_partitions_gets_topics_default_partitions(bench):
    with Server(bench.binary, bench.fresh(), dev=True, sets=["topics.default_partitions=7"]) as server, server.connect() as connection:
        check_code(create_topic(connection, "made", -1), NONE, "create")
        check_equal(len(metadata(connection, ["made"])["made"]["partitions"]), 7, "partitions")
        check_code(create_topic(connection, "said", 2), NONE, "create")
        check_equal(len(metadata(connection, ["said"])["said"]["partitions"]), 2, "partitions")


def join_body(group, rebalance_timeout_ms=3000, session_timeout_ms=10_000):
    return {"group_id": group, "session_timeout_ms": session_timeout_ms, "rebalance_timeout_ms": rebalance_timeout_ms, "member_id": "",
            "protocol_type": "consumer", "protocols": [{"name": "range", "metadata": b"\0"}]}


@suite.test
def session_timeouts_outside_the_groups_settings_are_refused(bench):
    sets = ["groups.session_timeout_min_ms=2000", "groups.session_timeout_max_ms=3000", "groups.initial_rebalance_delay_ms=0"]
    with Server(bench.binary, bench.fresh(), dev=True, sets=sets) as server:
        for timeout, expected in ((1999, INVALID_SESSION_TIMEOUT), (2000, NONE), (3000, NONE), (3001, INVALID_SESSION_TIMEOUT)):
            with server.connect() as connection:
                answer = connection.request("JoinGroup", 2, join_body(f"g-{timeout}", session_timeout_ms=timeout))
                check_code(answer["error_code"], expected, f"a session of {timeout} ms")


@suite.test
def the_first_rebalance_waits_groups_initial_rebalance_delay_ms_for_more_members(bench):
    sets = ["groups.initial_rebalance_delay_ms=2000"]
    with Server(bench.binary, bench.fresh(), dev=True, sets=sets) as server, server.connect() as first, server.connect() as second:
        asked = [one.send("JoinGroup", 2, join_body("g", rebalance_timeout_ms=60_000)) for one in (first, second)]
        answers = [one.receive("JoinGroup", 2, number) for one, number in zip((first, second), asked)]
        check_equal([answer["generation_id"] for answer in answers], [1, 1], "generations")
        check_equal(sorted(len(answer["members"]) for answer in answers), [0, 2], "members that the follower and the leader are told")


@suite.test
def a_shortest_session_above_the_longest_is_refused_at_the_start(bench):
    server = Server(bench.binary, bench.fresh(), dev=True, sets=["groups.session_timeout_min_ms=9000", "groups.session_timeout_max_ms=8000"])
    check_in("groups.session_timeout_max_ms, which is 8000", refused(server, code=2))


@suite.test
def the_cluster_shows_the_settings_of_groups_by_kafkas_names(bench):
    sets = ["groups.session_timeout_min_ms=2000", "groups.session_timeout_max_ms=3000", "groups.offsets_retention_minutes=90",
            "groups.consumer_heartbeat_interval_ms=700", "groups.consumer_session_timeout_ms=7000"]
    with Server(bench.binary, bench.fresh(), dev=True, sets=sets) as server, server.connect() as connection:
        names = ["group.min.session.timeout.ms", "group.max.session.timeout.ms", "offsets.retention.minutes", "group.consumer.heartbeat.interval.ms",
                 "group.consumer.session.timeout.ms"]
        answer = connection.request("DescribeConfigs", 2, {"resources": [{"resource_type": 4, "resource_name": "1", "configuration_keys": names}]})
        found = {config["name"]: config["value"] for config in answer["results"][0]["configs"]}
        check_equal(found, dict(zip(names, ("2000", "3000", "90", "700", "7000"))), "settings of the broker")


@suite.test
def a_transaction_may_take_as_long_as_transactions_timeout_max_ms(bench):
    sets = ["transactions.timeout_max_ms=3600000", "transactions.id_expiration_minutes=90"]
    with Server(bench.binary, bench.fresh(), dev=True, sets=sets) as server, server.connect() as connection:
        def begins(timeout_ms):
            return connection.request("InitProducerId", 4, {"transactional_id": "t", "transaction_timeout_ms": timeout_ms})["error_code"]
        check_equal((begins(3_600_000), begins(3_600_001)), (NONE, INVALID_TRANSACTION_TIMEOUT), "an hour, and a millisecond more")
        names = ["transaction.max.timeout.ms", "transactional.id.expiration.ms"]
        answer = connection.request("DescribeConfigs", 2, {"resources": [{"resource_type": 4, "resource_name": "1", "configuration_keys": names}]})
        found = {config["name"]: config["value"] for config in answer["results"][0]["configs"]}
        check_equal(found, {"transaction.max.timeout.ms": "3600000", "transactional.id.expiration.ms": "5400000"}, "settings of the broker")


@suite.test
def a_member_of_the_newer_protocol_calls_and_is_silent_as_groups_consumer_settings_say(bench):
    sets = ["groups.consumer_heartbeat_interval_ms=300", "groups.consumer_session_timeout_ms=1000"]
    with Server(bench.binary, bench.fresh(), dev=True, sets=sets) as server, server.connect() as connection:
        member = {"group_id": "g", "member_id": "m"}
        joined = connection.request("ConsumerGroupHeartbeat", 1, {**member, "member_epoch": 0, "rebalance_timeout_ms": 5000, "topic_partitions": [],
                                                                  "subscribed_topic_names": ["t"]})
        check_equal((joined["error_code"], joined["heartbeat_interval_ms"]), (NONE, 300), "what it is told")
        eventually(lambda: not connection.request("ConsumerGroupDescribe", 1, {"group_ids": ["g"]})["groups"][0]["members"], 10, "the silent member is removed")


@suite.test
def a_heartbeat_interval_that_is_not_below_the_session_is_refused_at_the_start(bench):
    server = Server(bench.binary, bench.fresh(), dev=True, sets=["groups.consumer_heartbeat_interval_ms=2000", "groups.consumer_session_timeout_ms=2000"])
    check_in("groups.consumer_session_timeout_ms, which is 2000", refused(server, code=2))


@suite.test
def http_answers_to_the_names_of_http_host_names_and_to_no_other(bench):
    with Server(bench.binary, bench.fresh(), dev=True, sets=["http.host_names=streams.example,other.example"]) as server:
        status = {host: server.http("/api/v1/topics", headers={"Host": host})[0] for host in ("streams.example", "other.example", "evil.example")}
        check_equal(status, {"streams.example": 200, "other.example": 200, "evil.example": 421}, "answers by Host")


@suite.test
def a_stop_cuts_a_client_that_does_not_read_after_net_stop_deadline_ms(bench):
    with Server(bench.binary, bench.fresh(), dev=True, sets=["net.stop_deadline_ms=500"]) as server:
        with server.connect(receive_buffer=4096) as connection:
            check_code(create_topic(connection, "t"), NONE, "create")
            for _ in range(20):
                check_code(produce(connection, "t", batch([b"x" * 900_000]))["error_code"], NONE, "produce")
            connection.send("Fetch", 11, fetch_body("t", 0, max_bytes=16 << 20))
            check(connection.socket.recv(4) != b"", "the answer does not begin")  # and reads no more of it
            check_equal(server.stop(seconds=20), 0, "exit code, before the default of 30 s is over")
            check_in("connections were cut because answers took too long", server.log_path.read_text(), "the log")
