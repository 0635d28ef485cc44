"""kill -9 at random moments of a produce load: what was acknowledged is there, with its bytes and offset, once."""
import functools
import random
import threading
import time

from client import Closed
from errors import NONE
from kafka import commit, create_topic, list_offset
from server import Server
from suite import Suite, check, check_code, check_equal
from writer import Writer, check_log

suite = Suite()
KILLS = 6
SEED = 20


def check_measured(server, writers):
    """Whoever wrote is known for every record: no gap in the journal, and usage counts what lies in the log."""
    provenance = server.doctor()["provenance"]
    check_equal(provenance["verdict"], "ok", f"provenance: {provenance['finding']}")
    lines = server.http("/api/v1/usage?group_by=topic&measure=appended_records")[2]["lines"]
    written = {line["topic"]: line["amount"] for line in lines}
    with server.connect() as connection:
        for writer in writers:
            end = list_offset(connection, writer.topic, -1)["offset"]
            check_equal(written.get(writer.topic, 0), end, f"{writer.topic}: records by usage, against the end of the log")


def kills(server, clients, count, seconds_max):
    """Lets all `clients` work on the server until it is killed, `count` times; yields each time it is ready again."""
    chance = random.Random(SEED)
    for _ in range(count):
        threads = [threading.Thread(target=client, args=(server,)) for client in clients]
        for thread in threads:
            thread.start()
        time.sleep(chance.uniform(0.1, seconds_max))
        server.kill()
        for thread in threads:
            thread.join()
        server.start()
        yield


def lose_nothing(bench, idempotent):
    kind = "idempotent" if idempotent else "plain"
    writers = [Writer(f"{kind}.{level}", idempotent, level) for level in ("synced", "os")]
    server = bench.enter(Server(bench.binary, bench.fresh(), dev=True))
    with server.connect() as connection:
        for writer in writers:
            writer.prepare(connection)
    for _ in kills(server, [writer.run for writer in writers], KILLS, seconds_max=1.2):
        with server.connect() as connection:
            for writer in writers:
                check_log(writer, connection)
        check_measured(server, writers)
    with server.connect() as connection:
        counts = []
        for writer in writers:
            writer.settle(connection)
            counts.append(check_log(writer, connection))
    print(f"  {KILLS} kills, records: {', '.join(f'{writer.topic} {count}' for writer, count in zip(writers, counts))}")
    check(min(counts) > 100, f"too little was written to show anything: {counts}")


@suite.test
def kill_9_loses_no_acknowledged_record_at_levels_synced_and_os(bench):
    lose_nothing(bench, idempotent=False)


@suite.test
def kill_9_neither_loses_nor_doubles_what_an_idempotent_producer_sends(bench):
    lose_nothing(bench, idempotent=True)


@suite.test
def kill_9_keeps_every_acknowledged_offset_commit(bench):
    groups, committed = [f"group-{number}" for number in range(3)], {}

    def commit_until_it_ends(group, server):
        try:
            with server.connect() as connection:
                while True:
                    offset = committed.get(group, 0) + 1
                    check_code(commit(connection, group, "watched", offset), NONE, "commit")
                    committed[group] = offset
        except (Closed, ConnectionError):
            pass
    server = bench.enter(Server(bench.binary, bench.fresh(), dev=True))
    with server.connect() as connection:
        check_code(create_topic(connection, "watched"), NONE, "create")
    for _ in kills(server, [functools.partial(commit_until_it_ends, group) for group in groups], 4, seconds_max=0.6):
        with server.connect() as connection:
            for group, offset in committed.items():
                answer = connection.request("OffsetFetch", 5, {"group_id": group, "topics": [{"name": "watched", "partition_indexes": [0]}]})
                found = answer["topics"][0]["partitions"][0]["committed_offset"]
                check(offset <= found <= offset + 1, f"{group}: offset {found} is committed, {offset} was acknowledged last")
    check(min(committed.values()) > 10, f"too little was committed to show anything: {committed}")


@suite.test
def kill_9_right_after_an_administrative_change_keeps_it(bench):
    server = bench.enter(Server(bench.binary, bench.fresh(), listen=["sasl_plaintext"]))
    server.enrol("root")
    for turn in range(3):
        server.add(f"person-{turn}")
        with server.connect("root") as connection:
            check_code(create_topic(connection, f"made.in.{turn}", partitions=3), NONE, "create")
        server.kill()
        server.start()
    for turn in range(3):
        server.connect(f"person-{turn}").close()
    with server.connect("root") as connection:
        for turn in range(3):
            check_equal(list_offset(connection, f"made.in.{turn}", -1, partition=2)["error_code"], NONE, f"topic made in run {turn}")
