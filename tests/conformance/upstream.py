"""What is measured before a cluster: appends without a provenance journal, so journalled, never over."""
from batch import batch
from errors import NONE
from kafka import create_topic, produce, produce_body, producer_id
from server import Server
from suite import Suite, check, check_code, check_equal, eventually

suite = Suite()


def front(bench):
    """A server before a cluster, both on directories of their own."""
    behind = bench.enter(Server(bench.binary, bench.fresh(), dev=True))
    return bench.enter(Server(bench.binary, bench.fresh(), dev=True, extra=["--upstream", f"127.0.0.1:{behind.ports['plaintext']}"]))


def written(server, topic):
    """(records, class) of the topic's writes, as usage and lineage tell them."""
    lines = [line for line in server.http("/api/v1/usage?group_by=topic&measure=appended_records")[2]["lines"] if line["topic"] == topic]
    edges = server.http(f"/api/v1/lineage?topic={topic}")[2]["writes"]
    check_equal([(line["amount"], line["class"]) for line in lines], [(edge["records"], edge["class"]) for edge in edges], "usage and lineage")
    return [(line["amount"], line["class"]) for line in lines]


@suite.test
def writes_before_a_cluster_are_journalled_and_those_without_acks_are_counted(bench):
    server = front(bench)
    with server.connect() as connection:
        check_code(create_topic(connection, "counted"), NONE, "create")
        check_code(produce(connection, "counted", batch([b"a", b"b", b"c"]))["error_code"], NONE, "produce")
        connection.send("Produce", 8, produce_body("counted", batch([b"d", b"e"]), acks=0))
        connection.request("ApiVersions", 0)
    eventually(lambda: written(server, "counted") == [(5, "journalled")], what="five records, journalled")


@suite.test
def writes_before_a_cluster_are_kept_and_a_repeated_batch_is_not_counted_after_a_restart(bench):
    server = front(bench)
    with server.connect() as connection:
        check_code(create_topic(connection, "kept"), NONE, "create")
        producer = producer_id(connection)
        once = batch([b"a", b"b"], producer_id=producer["producer_id"], epoch=producer["producer_epoch"], sequence=0)
        check_code(produce(connection, "kept", once)["error_code"], NONE, "produce")
    server.stop()
    server.start()
    check_equal(written(server, "kept"), [(2, "journalled")], "after the restart")
    with server.connect() as connection:
        answer = produce(connection, "kept", once)
        check_equal((answer["error_code"], answer["base_offset"]), (NONE, 0), "the repeated batch")
        check_code(produce(connection, "kept", batch([b"c"]))["error_code"], NONE, "produce")
    eventually(lambda: written(server, "kept") == [(3, "journalled")], what="three records, journalled")


def is_stored(server, name):
    """Whether the server's own state on disk tells of this topic."""
    return any(name.encode() in log.read_bytes() for log in server.data.rglob("__myelin_state-0/*.log"))


@suite.test
def a_kill_before_a_cluster_loses_only_writes_that_were_not_stored_yet_and_adds_none(bench):
    server, stored, total = front(bench), 10, 30
    with server.connect() as connection:
        check_code(create_topic(connection, "killed"), NONE, "create")
        check_code(create_topic(connection, "marker"), NONE, "create")
        producer = producer_id(connection)

        def write(sequence):
            records = batch([b"a"], producer_id=producer["producer_id"], epoch=producer["producer_epoch"], sequence=sequence)
            answer = produce(connection, "killed", records)
            check_equal((answer["error_code"], answer["base_offset"]), (NONE, sequence), "the answer")
            return records
        for sequence in range(stored):
            write(sequence)
        # What was counted before the marker is stored with it or before it.
        check_code(produce(connection, "marker", batch([b"m"]))["error_code"], NONE, "produce")
        eventually(lambda: is_stored(server, "marker"), what="storing what was counted")
        for sequence in range(stored, total):
            last = write(sequence)
        server.kill()
    server.start()
    [(kept, exactness)] = written(server, "killed")
    check(stored <= kept <= total, f"{kept} records counted, {stored} were stored and {total} written")
    check_equal(exactness, "journalled", "class")
    with server.connect() as connection:
        answer = produce(connection, "killed", last)
        check_equal((answer["error_code"], answer["base_offset"]), (NONE, total - 1), "the repeated batch")
        check_code(produce(connection, "killed", batch([b"b", b"c", b"d"]))["error_code"], NONE, "produce")
    # Three more, not four: the repeated batch is answered before, so it would be counted before.
    eventually(lambda: written(server, "killed")[0][0] >= kept + 3, what="the count of the last batch")
    check_equal(written(server, "killed"), [(kept + 3, "journalled")], "after the repeated batch and a new one of three records")
