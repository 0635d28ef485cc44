"""Wall clocks that jump, by hours and by years: nothing is deleted for it, nobody is thrown out, and no repeated batch is taken as new.

Time passes for the server by its clocks alone, so that its house is kept at once.
"""
import time

from batch import batch, now_ms
from errors import NONE
from kafka import commit, create_topic, list_offset, produce, producer_id, read_all
from server import Server
from shifted_clocks import HOUR, MINUTE, YEAR, Clocks
from suite import Suite, check, check_code, check_equal, check_in, eventually

suite = Suite()
JUMPS = {"ten years ahead": 10 * YEAR, "ten years back": -10 * YEAR, "an hour ahead": HOUR, "an hour back": -HOUR}
KEPT = 30 * MINUTE  # retention of the topic, shorter than any jump
VALUES = [b"one", b"two", b"three"]


class Scene:
    """A topic that keeps records for half an hour, an idempotent producer, a group without members, and one with a member."""

    def __init__(self, bench, place, clocks):
        self.server = bench.enter(Server(bench.binary, place, dev=True, prefix=clocks.prefix))
        with self.server.connect() as connection:
            check_code(create_topic(connection, "aging", configs={"retention.ms": str(KEPT * 1000)}), NONE, "create")
            answer = producer_id(connection)
            self.batch = batch(VALUES, producer_id=answer["producer_id"], epoch=answer["producer_epoch"], sequence=0)
            check_equal(self.send(connection), 0, "the offset of the batch")
            check_code(commit(connection, "idle", "aging", 2), NONE, "commit")

    def send(self, connection):
        """The same batch each time."""
        answer = produce(connection, "aging", self.batch)
        check_code(answer["error_code"], NONE, "produce")
        return answer["base_offset"]

    def committed(self, connection):
        answer = connection.request("OffsetFetch", 5, {"group_id": "idle", "topics": [{"name": "aging", "partition_indexes": [0]}]})
        return answer["topics"][0]["partitions"][0]["committed_offset"]

    def join(self, connection):
        body = {"group_id": "busy", "session_timeout_ms": 30000, "rebalance_timeout_ms": 30000, "member_id": "", "protocol_type": "consumer",
                "protocols": [{"name": "range", "metadata": b""}]}
        body["member_id"] = connection.request("JoinGroup", 4, body)["member_id"]
        joined = connection.request("JoinGroup", 4, body)
        check_code(joined["error_code"], NONE, "join")
        at = {"group_id": "busy", "generation_id": joined["generation_id"], "member_id": joined["member_id"]}
        check_code(connection.request("SyncGroup", 2, at | {"assignments": []})["error_code"], NONE, "sync")
        return at

    def check_all_is_there(self, when):
        with self.server.connect() as connection:
            check_equal([value for _, value in read_all(connection, "aging")], VALUES, f"the records {when}")
            check_equal(list_offset(connection, "aging", -2)["offset"], 0, f"the start of the log {when}")
            check_equal(self.committed(connection), 2, f"the committed offset {when}")
            check_equal(self.send(connection), 0, f"the offset of the repeated batch {when}")


def jumps(seconds):
    def test(bench):
        place = bench.fresh()
        clocks = Clocks(place)
        scene = Scene(bench, place, clocks)
        with scene.server.connect() as connection:
            member = scene.join(connection)
            clocks.jump(seconds)
            time.sleep(1.5)
            check_code(connection.request("Heartbeat", 2, member)["error_code"], NONE, "a heartbeat after the jump")
        scene.check_all_is_there("after the jump")
        clocks.let_pass(12 * MINUTE)
        check_in("wall clock and monotonic clock disagree", scene.server.log_path.read_text(), "what the server says")
        scene.check_all_is_there("after its house was kept")
        clocks.jump(-seconds)
        clocks.let_pass(6 * MINUTE)
        scene.check_all_is_there("with the clock right again")
    return test


for name, shift in JUMPS.items():
    jump = jumps(shift)
    jump.__name__ = f"a clock that jumps {name} deletes nothing"
    suite.test(jump)


@suite.test
def time_that_passes_on_both_clocks_does_delete(bench):
    place = bench.fresh()
    clocks = Clocks(place)
    scene = Scene(bench, place, clocks)
    clocks.let_pass(40 * MINUTE)
    with scene.server.connect() as connection:
        eventually(lambda: list_offset(connection, "aging", -2)["offset"] == len(VALUES), 10, "that the records are deleted")
        check(now_ms() > 0 and "disagree" not in scene.server.log_path.read_text(), "the server says that its clocks disagree")
