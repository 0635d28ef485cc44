"""Fetch sessions (KIP-227). Codes and what answers carry were compared with Apache Kafka 4.3.1."""
import pathlib
import struct
import time
import uuid

import quokka
from batch import batch
from errors import (FETCH_SESSION_ID_NOT_FOUND, FETCH_SESSION_TOPIC_ID_ERROR, INCONSISTENT_TOPIC_ID, INVALID_FETCH_SESSION_EPOCH, NONE,
                    TOPIC_AUTHORIZATION_FAILED, UNKNOWN_TOPIC_ID, UNKNOWN_TOPIC_OR_PARTITION)
from fetching import filled, open_server
from kafka import create_topic, delete_topic, produce, topic_id
from quokka import GRANTED, OWNER, TOPIC
from revocation import ADMINISTRATOR, with_grant_that_ends
from server import Server
from suite import Suite, check, check_code, check_equal, eventually

suite = Suite()
FULL, FINAL = 0, -1


class Session:
    """A client's side of a session: fetches that name only what the test says."""

    def __init__(self, connection, version=11):
        self.connection, self.version, self.id, self.epoch, self.bytes_max = connection, version, 0, FULL, 1 << 20
        self.key = "topic_id" if version >= 13 else "topic"

    def send(self, reads=(), forget=(), wait=0, connection=None):
        body = {"max_wait_ms": wait, "min_bytes": 1, "max_bytes": self.bytes_max, "session_id": self.id, "session_epoch": self.epoch,
                "topics": [{self.key: topic, "partitions": [{"partition": partition, "fetch_offset": offset, "partition_max_bytes": 1 << 20}]}
                           for topic, partition, offset in reads],
                "forgotten_topics_data": [{self.key: topic, "partitions": [partition]} for topic, partition in forget]}
        return (connection or self.connection).send("Fetch", self.version, body)

    def receive(self, sent, connection=None):
        """(error of the whole answer, {(topic, partition): (error, high watermark, whether there are records)})."""
        answer = (connection or self.connection).receive("Fetch", self.version, sent)
        self.answered_id = answer["session_id"]
        if answer["error_code"] == NONE and self.epoch != FINAL:
            self.id, self.epoch = answer["session_id"], self.epoch + 1
        return answer["error_code"], {(topic[self.key], part["partition_index"]): (part["error_code"], part["high_watermark"], bool(part["records"]))
                                      for topic in answer["responses"] for part in topic["partitions"]}

    def fetch(self, reads=(), forget=(), wait=0, connection=None):
        return self.receive(self.send(reads, forget, wait, connection), connection)


def named(connection, version, topic):
    return topic_id(connection, topic) if version >= 13 else topic


@suite.test
def answers_of_a_session_carry_only_what_is_news(bench):
    with open_server(bench).connect() as connection:
        name = filled(connection, "session.news", partitions=3)
        for version in (7, 11, 12, 13, 16):
            topic, before = named(connection, version, name), version * 100
            session = Session(connection, version)
            code, found = session.fetch([(topic, number, 0) for number in range(3)])
            check(code == NONE and session.id > 0, f"Fetch {version} opens no session")
            check_equal(len(found), 3, f"parts of the full answer in Fetch {version}")
            end = found[topic, 1][1]
            session.fetch([(topic, number, found[topic, number][1]) for number in range(3)])
            check_equal(session.fetch(), (NONE, {}), f"nothing new in Fetch {version}")
            produce(connection, name, batch([b"%d" % before]), partition=1)
            check_equal(session.fetch(), (NONE, {(topic, 1): (NONE, end + 1, True)}), f"one record in Fetch {version}")
            check_equal(session.fetch(), (NONE, {(topic, 1): (NONE, end + 1, True)}), "the record again, as it was not passed")
            check_equal(session.fetch([(topic, 1, end + 1)]), (NONE, {}), "behind the record")
            check_equal(session.answered_id, session.id, "the session's id in the answer")
            check_equal(session.fetch(forget=[(topic, 1)]), (NONE, {}), "forgetting")
            produce(connection, name, batch([b"%d" % before]), partition=1)
            check_equal(session.fetch(), (NONE, {}), "a partition that was forgotten")
            check_equal(session.fetch([(topic, 1, end + 2)]), (NONE, {(topic, 1): (NONE, end + 2, False)}), "the same, added again")


@suite.test
def a_session_goes_on_by_its_id_and_number_only(bench):
    server = open_server(bench)
    with server.connect() as connection, server.connect() as other:
        name = filled(connection, "session.numbers")
        session = Session(connection)
        session.fetch([(name, 0, 0)])
        for wrong in (2, 5, -2, 2_147_483_647):
            session.epoch, right = wrong, session.epoch
            check_equal(session.fetch(), (INVALID_FETCH_SESSION_EPOCH, {}), f"number {wrong}")
            check_equal(session.answered_id, 0, "session id of a refusal")
            session.epoch = right
        check_equal(session.fetch(), (NONE, {}), "the right number")
        check_equal(session.fetch(connection=other), (NONE, {}), "on another connection")
        session.id ^= 1
        check_equal(session.fetch(), (FETCH_SESSION_ID_NOT_FOUND, {}), "an id that no session has")
        session.id = 0
        check_equal(session.fetch(), (FETCH_SESSION_ID_NOT_FOUND, {}), "no id, but a number")
        check_equal(session.fetch()[0], FETCH_SESSION_ID_NOT_FOUND, "the same again")


@suite.test
def a_session_is_closed_by_the_final_number_by_a_full_fetch_and_by_forgetting_everything(bench):
    server = open_server(bench)
    with server.connect() as connection:
        name = filled(connection, "session.closing")
        before = server.metric("myelin_governance_fetch_sessions")
        session = Session(connection)
        session.fetch([(name, 0, 0)])
        check_equal(server.metric("myelin_governance_fetch_sessions"), before + 1, "sessions with one more")
        session.epoch = FINAL
        check_equal(session.fetch([(name, 0, 0)]), (NONE, {(name, 0): (NONE, 0, False)}), "the final fetch")
        check_equal((session.answered_id, server.metric("myelin_governance_fetch_sessions")), (0, before), "session id, and sessions, afterwards")
        session.epoch = 1
        check_equal(session.fetch()[0], FETCH_SESSION_ID_NOT_FOUND, "after the end")
        again = Session(connection)
        again.fetch([(name, 0, 0)])
        first = again.id
        again.epoch = FULL
        again.fetch([(name, 0, 0)])
        check(again.id not in (0, first), "a full fetch did not open another session")
        check_equal(server.metric("myelin_governance_fetch_sessions"), before + 1, "sessions after the second full fetch")
        check_equal(again.fetch(forget=[(name, 0)], wait=5_000), (NONE, {}), "forgetting everything")
        check_equal((again.answered_id, server.metric("myelin_governance_fetch_sessions")), (0, before), "session id, and sessions, without partitions")


@suite.test
def a_session_is_of_ids_or_of_names(bench):
    with open_server(bench).connect() as connection:
        name = filled(connection, "session.kinds")
        for version, other in ((12, 13), (13, 12)):
            session = Session(connection, version)
            session.fetch([(named(connection, version, name), 0, 0)])
            stranger = Session(connection, other)
            stranger.id, stranger.epoch = session.id, session.epoch
            check_equal(stranger.fetch(), (FETCH_SESSION_TOPIC_ID_ERROR, {}), f"Fetch {other} in a session of Fetch {version}")
            check_equal(session.fetch(), (NONE, {}), f"Fetch {version} afterwards")


@suite.test
def errors_are_told_each_time_and_a_partition_again_when_its_error_is_over(bench):
    with open_server(bench).connect() as connection:
        name, late = filled(connection, "session.errors"), "session.late"
        session = Session(connection)
        session.fetch([(name, 0, 0), (late, 0, 0), (name, 7, 0)])
        missing = {(late, 0): (UNKNOWN_TOPIC_OR_PARTITION, -1, False), (name, 7): (UNKNOWN_TOPIC_OR_PARTITION, -1, False)}
        started = time.monotonic()
        check_equal(session.fetch(wait=5_000), (NONE, missing), "what is missing")
        check(time.monotonic() - started < 2, "a fetch with errors waited")
        filled(connection, late)
        check_equal(session.fetch(forget=[(name, 7)]), (NONE, {(late, 0): (NONE, 0, False)}), "what came into being")
        check_equal(session.fetch(), (NONE, {}), "afterwards")


@suite.test
def a_session_never_reads_the_topic_that_took_over_a_name(bench):
    with open_server(bench).connect() as connection:
        name = filled(connection, "session.taken.over", [b"of the first"])
        unknown, first = uuid.UUID(int=7), topic_id(connection, name)
        session = Session(connection, 13)
        check_equal(session.fetch([(first, 0, 0), (unknown, 0, 0)])[1], {(first, 0): (NONE, 1, True), (unknown, 0): (UNKNOWN_TOPIC_ID, -1, False)}, "at first")
        session.fetch([(first, 0, 1)], forget=[(unknown, 0)])
        check_code(delete_topic(connection, name), NONE, "delete")
        check_equal(session.fetch()[1], {(first, 0): (UNKNOWN_TOPIC_OR_PARTITION, -1, False)}, "while there is none")
        filled(connection, name, [b"of the second"], [b"and more"])
        second = topic_id(connection, name)
        check_equal(session.fetch()[1], {(first, 0): (INCONSISTENT_TOPIC_ID, -1, False)}, "the first id")
        check_equal(session.fetch([(second, 0, 0)], forget=[(first, 0)])[1], {(second, 0): (NONE, 2, True)}, "the second id")


@suite.test
def what_a_session_is_told_twice_or_wrongly_does_no_harm(bench):
    with open_server(bench).connect() as connection:
        name = filled(connection, "session.twice", [b"a"])
        session = Session(connection, 12)
        check_equal(session.fetch([(name, 0, 5), (name, 0, 0)]), (NONE, {(name, 0): (NONE, 1, True)}), "of what comes twice the last counts")
        check_equal(session.fetch([(name, 0, 5), (name, 0, 1)]), (NONE, {}), "the same in an incremental fetch")
        check_equal(session.fetch(forget=[(name, 9), ("never.there", 0), (name, -1), (name, 9)]), (NONE, {}), "forgetting what was never read")
        check_equal(session.fetch([(name, -1, 0)])[1], {(name, -1): (UNKNOWN_TOPIC_OR_PARTITION, -1, False)}, "a negative partition")
        check_equal(session.fetch([("", 0, 0), ("x" * 32_000, 0, 0)], forget=[(name, -1)])[0], FETCH_SESSION_ID_NOT_FOUND, "a name that no topic can have")
        check_equal(session.fetch()[0], FETCH_SESSION_ID_NOT_FOUND, "the session afterwards")
        long = Session(connection, 12)
        code, found = long.fetch([("x" * 32_000, 0, 0), (name, 0, 0)])
        check_equal((code, long.answered_id, found[name, 0]), (NONE, 0, (NONE, 1, True)), "a full fetch with such a name")


@suite.test
def counts_below_zero_close_the_connection(bench):
    server = open_server(bench)
    head = struct.pack(">iiiibii", -1, 0, 0, 1 << 20, 0, 0, 0)  # as far as the session's number, Fetch 7 to 11
    frames = {"topics": struct.pack(">i", -5), "partitions": struct.pack(">ih1si", 1, 1, b"t", -5), "forgotten": struct.pack(">ii", 0, -5),
              "forgotten partitions": struct.pack(">iih1si", 0, 1, 1, b"t", -5), "topics without end": struct.pack(">i", 2_147_483_647)}
    for what, rest in frames.items():
        with server.connect() as connection:
            connection.send_frame(struct.pack(">hhih1s", 1, 11, 1, 1, b"c") + head + rest)
            check(connection.is_closed_by_server(), f"a wrong count of {what} is taken")


@suite.test
def a_fetch_without_news_waits_and_a_record_ends_the_wait(bench):
    server = open_server(bench)
    with server.connect() as connection, server.connect() as writer:
        name = filled(connection, "session.waits", partitions=4)
        session = Session(connection, 12)
        session.fetch([(name, number, 0) for number in range(4)])
        started = time.monotonic()
        check_equal(session.fetch(wait=700), (NONE, {}), "a wait without news")
        check(0.6 < time.monotonic() - started < 3, f"it took {time.monotonic() - started:.2f} s")
        sent, started = session.send(wait=10_000), time.monotonic()
        time.sleep(0.1)
        produce(writer, name, batch([b"wake up"]), partition=2)
        check_equal(session.receive(sent), (NONE, {(name, 2): (NONE, 1, True)}), "the record")
        check(time.monotonic() - started < 5, "the record did not end the wait")


@suite.test
def fetches_of_one_session_may_be_sent_ahead(bench):
    with open_server(bench).connect() as connection:
        name = filled(connection, "session.ahead", [b"a"])
        session = Session(connection)
        session.fetch([(name, 0, 1)])
        first = session.send(wait=400)
        session.epoch += 1
        second = session.send()
        session.epoch -= 1
        check_equal([session.receive(first), session.receive(second)], [(NONE, {}), (NONE, {})], "both answers")
        check_equal(session.fetch(), (NONE, {}), "a third one")


@suite.test
def partitions_take_turns_when_one_answer_does_not_hold_them_all(bench):
    with open_server(bench).connect() as connection:
        name = filled(connection, "session.turns", partitions=3)
        for number in range(3):
            produce(connection, name, batch([bytes(1000)]), partition=number)
        session = Session(connection)
        session.bytes_max = 100
        seen = []
        session.fetch([(name, number, 0) for number in range(3)])
        for _ in range(3):
            seen += [key[1] for key, part in session.fetch()[1].items() if part[2]]
        check_equal(seen, [1, 2, 0], "partitions with records, one answer after the other")


@suite.test
def a_session_of_another_principal_is_not_found(bench):
    server = quokka.closed(bench)
    with server.connect(OWNER) as owner, server.connect(GRANTED) as reader:
        session = Session(owner)
        session.fetch([(TOPIC, 0, 1_000_000)])
        stranger = Session(reader)
        for stranger.id, stranger.epoch in ((session.id, session.epoch), (session.id, 77)):
            check_equal(stranger.fetch(), (FETCH_SESSION_ID_NOT_FOUND, {}), f"going on at {stranger.epoch}")
        for stranger.id, stranger.epoch in ((session.id, FINAL), (session.id, FULL)):
            check_equal(stranger.fetch()[0], NONE, "closing it")
        check_equal(session.fetch([(TOPIC, 0, 0)], wait=0)[0], NONE, "its owner goes on")


@suite.test
def a_grant_that_ends_ends_in_the_middle_of_a_session(bench):
    server = Server(bench.binary, bench.fresh(), listen=["sasl_plaintext"], model=quokka.MODEL)
    with server:
        server.enrol(ADMINISTRATOR, [OWNER, GRANTED])
        with server.connect(OWNER) as owner:
            check_code(create_topic(owner, TOPIC, quokka.AS_DECLARED), NONE, "CreateTopics")
            identity = topic_id(owner, TOPIC)
    server.model = with_grant_that_ends(bench, 8)
    with server.start(), server.connect(GRANTED) as connection:
        by_name, by_id = Session(connection, 12), Session(connection, 13)
        for session, topic in ((by_name, TOPIC), (by_id, identity)):
            check_equal(session.fetch([(topic, 0, 0)]), (NONE, {(topic, 0): (NONE, 0, False)}), "while the grant is live")
            check_equal(session.fetch(), (NONE, {}), "nothing new")
        refused = (NONE, {(TOPIC, 0): (TOPIC_AUTHORIZATION_FAILED, -1, False)})
        eventually(lambda: by_name.fetch() == refused, 20, "the end of the grant in the session")
        check_equal(by_id.fetch()[1][identity, 0][1:], (-1, False), "the session of ids")
        check(by_id.fetch()[1][identity, 0][0] in (TOPIC_AUTHORIZATION_FAILED, UNKNOWN_TOPIC_ID), "the session of ids is not refused")


@suite.test
def without_room_a_fetch_has_no_session_and_is_served_all_the_same(bench):
    with Server(bench.binary, bench.fresh(), dev=True, sets=["max.incremental.fetch.session.cache.slots=1"]) as server, server.connect() as connection:
        name = filled(connection, "no.room", [b"a"])
        first, second = Session(connection), Session(connection)
        check(first.fetch([(name, 0, 0)])[0] == NONE and first.id > 0, "the first session")
        check_equal((second.fetch([(name, 0, 0)]), second.answered_id), ((NONE, {(name, 0): (NONE, 1, True)}), 0), "the second")
        check_equal([server.metric(f"myelin_governance_fetch_session{name}") for name in ("s", "_partitions", "_evictions_total")], [1, 1, 0], "metrics")


@suite.test
def before_a_cluster_sessions_end_in_myelin(bench):
    behind = bench.enter(Server(bench.binary, bench.fresh(), dev=True))
    front = bench.enter(Server(bench.binary, bench.fresh(), dev=True, extra=["--upstream", f"127.0.0.1:{behind.ports['plaintext']}"]))
    with front.connect() as connection:
        name = filled(connection, "session.before.a.cluster", [b"a"], partitions=2)
        session = Session(connection, 12)
        check_equal(session.fetch([(name, 0, 0), (name, 1, 0)]), (NONE, {(name, 0): (NONE, 1, True), (name, 1): (NONE, 0, False)}), "the full answer")
        check_equal(session.fetch([(name, 0, 1)]), (NONE, {}), "nothing new")
        produce(connection, name, batch([b"b"]), partition=1)
        check_equal(session.fetch(), (NONE, {(name, 1): (NONE, 1, True)}), "a record")
        check_equal([server.metric("myelin_governance_fetch_sessions") for server in (front, behind)], [1, 0], "sessions in front and behind")


@suite.test
def as_many_partitions_as_may_be_kept_take_little_memory_however_long_their_names(bench):
    sessions, partitions, megabytes_max = 1_000, 200, 130  # 200,000, which is all there is room for, each with a name of its own
    with Server(bench.binary, bench.fresh(), dev=True) as server, server.connect() as connection:
        def resident():
            return next(int(line.split()[1]) / 1024 for line in pathlib.Path(f"/proc/{server.process.pid}/status").read_text().splitlines() if line.startswith("VmRSS"))
        reads = [(f"{number:0>249}", 0, 0) for number in range(partitions)]
        Session(connection).fetch(reads)
        before = resident()
        for _ in range(sessions - 1):
            Session(connection).send(reads)
            check(len(connection.read_frame()) > partitions * 249, "the answer is short")
        grown = resident() - before
        check_equal(server.metric("myelin_governance_fetch_session_partitions"), sessions * partitions, "partitions")
        last = Session(connection)
        check_equal((last.fetch(reads)[0], last.answered_id), (NONE, 0), "one session more")
        check(grown < megabytes_max, f"{grown:.0f} MB for {sessions * partitions} partitions, expected less than {megabytes_max}")
        print(f"  {sessions} sessions with {sessions * partitions} partitions and names of 249 bytes take {grown:.0f} MB")
