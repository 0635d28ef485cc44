"""Groups whose members come and go while the server is killed: no partition has two owners, and no committed offset ever goes back.

REBALANCES (20) says how many, each with a change of members. A partition's committed offset is a counter: its owner reads it when it is
assigned, then commits the next number again and again, so whatever is read later must lie between what was acknowledged and what was tried.
"""
import collections
import os
import random
import threading
import time

from client import Closed
from errors import NONE
from kafka import create_topic
from server import Server
from suite import Suite, check, check_code

suite = Suite()
REBALANCES = int(os.environ.get("REBALANCES", "20"))
SEED = int(os.environ.get("REBALANCES_SEED", random.randrange(1 << 30)))
PARTITIONS, MEMBERS = 6, 4
GROUP, TOPIC = "changing", "counted"
SESSION_MS = 2000


class Register:
    """What is known of the committed offsets."""

    def __init__(self):
        self.lock = threading.Lock()
        self.acknowledged, self.tried = [0] * PARTITIONS, [0] * PARTITIONS
        self.owners = collections.defaultdict(set)  # (generation, partition) → members whose commit was taken
        self.generations, self.commits, self.wrong = set(), 0, []

    def floor(self):
        with self.lock:
            return list(self.acknowledged)

    def was_read(self, partition, found, floor):
        with self.lock:
            if not floor <= found <= self.tried[partition]:
                self.wrong.append(f"partition {partition}: {found} is committed; {floor} was acknowledged, {self.tried[partition]} was tried")

    def tries(self, partition, offset):
        with self.lock:
            self.tried[partition] = max(self.tried[partition], offset)

    def was_taken(self, partition, offset, generation, member):
        with self.lock:
            self.acknowledged[partition] = max(self.acknowledged[partition], offset)
            self.owners[generation, partition].add(member)
            self.generations.add(generation)
            self.commits += 1
            if len(self.owners[generation, partition]) > 1:
                self.wrong.append(f"partition {partition} in generation {generation}: {sorted(self.owners[generation, partition])} own it")


class Member(threading.Thread):
    """Of the classic protocol. Leaves, or vanishes, when its time is over; then it is somebody else."""

    def __init__(self, server, register, chance, over):
        super().__init__(daemon=True)
        self.server, self.register, self.chance, self.over = server, register, chance, over
        self.member, self.until, self.failure = "", 0, None

    def run(self):
        while not self.over.is_set():
            if time.monotonic() > self.until:
                self.member, self.until = "", time.monotonic() + self.chance.uniform(0.5, 4)
            try:
                with self.server.connect(timeout=20) as connection:
                    self.live(connection)
            except (Closed, OSError):
                time.sleep(0.05)
            except Exception as failure:  # told to the test, which fails
                self.failure = failure
                return

    def join_group(self, connection, member):
        body = {"group_id": GROUP, "session_timeout_ms": SESSION_MS, "rebalance_timeout_ms": SESSION_MS, "member_id": member, "protocol_type": "consumer",
                "protocols": [{"name": "range", "metadata": b""}]}
        joined = connection.request("JoinGroup", 4, body)
        if not member and joined["member_id"]:
            return self.join_group(connection, joined["member_id"])
        if joined["error_code"] != NONE:
            return None
        at = {"group_id": GROUP, "generation_id": joined["generation_id"], "member_id": joined["member_id"]}
        names = sorted(one["member_id"] for one in joined["members"])
        assignments = [{"member_id": name, "assignment": bytes(range(number, PARTITIONS, len(names)))} for number, name in enumerate(names)]
        synced = connection.request("SyncGroup", 2, at | {"assignments": assignments})
        return (at, list(synced["assignment"])) if synced["error_code"] == NONE else None

    def live(self, connection):
        while not self.over.is_set():
            joined = self.join_group(connection, self.member)
            if joined is None:
                self.member = ""
                return
            at, owned = joined
            self.member = at["member_id"]
            counters = self.committed(connection, owned)
            while not self.over.is_set():
                if time.monotonic() > self.until:
                    if self.chance.random() < 0.9:
                        connection.request("LeaveGroup", 1, {"group_id": GROUP, "member_id": self.member})
                    return
                if not all(self.count_on(connection, at, counters, partition) for partition in owned):
                    break
                if connection.request("Heartbeat", 2, at)["error_code"] != NONE:
                    break
                time.sleep(0.02)

    def committed(self, connection, owned):
        floor = self.register.floor()
        answer = connection.request("OffsetFetch", 5, {"group_id": GROUP, "topics": [{"name": TOPIC, "partition_indexes": owned}]})
        counters = {}
        for part in answer["topics"][0]["partitions"] if owned else ():
            counters[part["partition_index"]] = max(part["committed_offset"], 0)
            self.register.was_read(part["partition_index"], counters[part["partition_index"]], floor[part["partition_index"]])
        return counters

    def count_on(self, connection, at, counters, partition):
        """False when the member has to join again."""
        offset = counters[partition] + 1
        self.register.tries(partition, offset)
        body = {"group_id": GROUP, "generation_id_or_member_epoch": at["generation_id"], "member_id": at["member_id"],
                "topics": [{"name": TOPIC, "partitions": [{"partition_index": partition, "committed_offset": offset}]}]}
        code = connection.request("OffsetCommit", 5, body)["topics"][0]["partitions"][0]["error_code"]
        if code != NONE:
            return False
        counters[partition] = offset
        self.register.was_taken(partition, offset, at["generation_id"], at["member_id"])
        return True


@suite.test
def committed_offsets_never_go_back_over_rebalances_and_kills(bench):
    print(f"  seed {SEED}", flush=True)
    chance, register, over = random.Random(SEED), Register(), threading.Event()
    server = bench.enter(Server(bench.binary, bench.fresh(), dev=True, sets=[f"groups.session_timeout_min_ms={SESSION_MS}"]))
    with server.connect() as connection:
        check_code(create_topic(connection, TOPIC, PARTITIONS), NONE, "create")
    members = [Member(server, register, random.Random(f"{SEED}{number}"), over) for number in range(MEMBERS)]
    for member in members:
        member.start()
    kills, told, until = 0, 0, time.monotonic() + 60 + 10 * REBALANCES
    while len(register.generations) < REBALANCES:
        check(time.monotonic() < until, f"only {len(register.generations)} rebalances of {REBALANCES}")
        time.sleep(chance.uniform(3, 8))
        server.kill()
        server.start()
        kills += 1
        if len(register.generations) >= told + 50:
            told = len(register.generations)
            print(f"  {told} of {REBALANCES} rebalances, {kills} kills, {register.commits:,} commits", flush=True)
    over.set()
    for member in members:
        member.join(60)
        if member.failure:
            raise member.failure
    check(not register.wrong, f"{len(register.wrong)}: {'; '.join(register.wrong[:3])}")
    print(f"  {len(register.generations)} rebalances, {kills} kills, {register.commits:,} commits taken, "
          f"offsets {min(register.acknowledged):,} to {max(register.acknowledged):,}")
    check(register.commits > 5 * REBALANCES, "too little was committed to show anything")
