"""Power cuts: the server's data lie on a file system of the test's own, on ext4 and XFS in turn. Again and again the server is killed
in mid traffic, then the file system is shut down without writing out its log, and mounted again: what no sync has brought to the disk is
gone. What was acknowledged is there, what was not is there whole or not at all.

CUTS (300) says how often, CUTS_SEED when.
"""
import os
import random
import subprocess
import threading
import time

from client import Closed
from errors import NONE, TOPIC_ALREADY_EXISTS
from kafka import commit, create_topic, metadata
from mounts import LoopDisk
from server import Server
from suite import Suite, check, check_code
from writer import Writer, check_log

suite = Suite()
CUTS = int(os.environ.get("CUTS", "300"))
SEED = int(os.environ.get("CUTS_SEED", random.randrange(1 << 30)))
PER_DISK = 50
SHORT_SEGMENTS = {"segment.ms": "50"}


class Notes:
    """An administrator, who makes topics, and a group that commits: what they were told must hold as well."""

    def __init__(self):
        self.topics, self.offset, self.acknowledged_offset = set(), 0, 0

    def run(self, server):
        try:
            with server.connect() as connection:
                while True:
                    name = f"made-{len(self.topics)}"
                    if create_topic(connection, name) in (NONE, TOPIC_ALREADY_EXISTS):
                        self.topics.add(name)
                    for _ in range(5):
                        self.offset += 1
                        check_code(commit(connection, "notes", "plain", self.offset), NONE, "commit")
                        self.acknowledged_offset = self.offset
        except (Closed, ConnectionError, TimeoutError):
            return

    def check(self, connection):
        missing = self.topics - metadata(connection).keys()
        check(not missing, f"topics that were created are gone: {sorted(missing)[:3]}")
        answer = connection.request("OffsetFetch", 5, {"group_id": "notes", "topics": [{"name": "plain", "partition_indexes": [0]}]})
        found = answer["topics"][0]["partitions"][0]["committed_offset"]
        check(self.acknowledged_offset <= max(found, 0) <= self.offset, f"offset {found} is committed, {self.acknowledged_offset} was acknowledged")


class Traffic:
    def __init__(self, server):
        self.server, self.notes = server, Notes()
        self.writers = [Writer("plain", False, "synced", SHORT_SEGMENTS), Writer("idempotent", True, "synced", SHORT_SEGMENTS)]
        self.checked = [0 for _ in self.writers]
        with server.connect() as connection:
            for writer in self.writers:
                writer.prepare(connection)

    def run_for(self, seconds):
        threads = [threading.Thread(target=client.run, args=(self.server,)) for client in (*self.writers, self.notes)]
        for thread in threads:
            thread.start()
        time.sleep(seconds)
        self.server.kill()
        for thread in threads:
            thread.join()

    def check_new(self):
        with self.server.connect() as connection:
            self.notes.check(connection)
            self.checked = [check_log(writer, connection, since) for writer, since in zip(self.writers, self.checked)]

    def check_all(self):
        with self.server.connect() as connection:
            for writer in self.writers:
                writer.settle(connection)
            return sum(check_log(writer, connection) for writer in self.writers), sum(len(writer.acknowledged) for writer in self.writers)


def start_halfway(server, chance):
    """A start that the next cut meets."""
    with server.log_path.open("ab") as log, subprocess.Popen(server.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log) as process:
        time.sleep(chance.uniform(0, 0.1))
        process.kill()


def cut_one_disk(bench, kind, cuts, chance):
    with LoopDisk(bench.fresh(), kind) as disk, Server(bench.binary, disk.where, dev=True, prefix=disk.prefix) as server:
        traffic = Traffic(server)
        for _ in range(cuts):
            traffic.run_for(chance.uniform(0.02, 0.3))
            disk.cut_power()
            if chance.random() < 0.1:
                start_halfway(server, chance)
                disk.cut_power()
            server.start()
            traffic.check_new()
        check(server.doctor()["provenance"]["verdict"] == "ok", f"provenance: {server.doctor()['provenance']['finding']}")
        return traffic.check_all()


@suite.test
def power_cuts_on_ext4_and_xfs_lose_nothing_that_was_acknowledged(bench):
    print(f"  seed {SEED}", flush=True)
    chance, done, records, acknowledged, began = random.Random(SEED), 0, 0, 0, time.monotonic()
    for number in range((CUTS + PER_DISK - 1) // PER_DISK):
        kind, cuts = ("ext4", "xfs")[number % 2], min(PER_DISK, CUTS - done)
        found, told = cut_one_disk(bench, kind, cuts, chance)
        done, records, acknowledged = done + cuts, records + found, acknowledged + told
        print(f"  {done} of {CUTS} cuts, the last {cuts} on {kind}: {records:,} records in the logs, {acknowledged:,} acknowledged, "
              f"{time.monotonic() - began:.0f} s", flush=True)
    check(acknowledged > 20 * CUTS, f"too little was acknowledged to show anything: {acknowledged}")
