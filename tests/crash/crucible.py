"""Clients in transactions while the server meets what nemesis.py does to it; afterwards their history is judged (checker.py).

CRUCIBLE_SECONDS (45) says how long, CRUCIBLE_SEED which blows fall.
"""
import collections
import os
import pathlib
import random
import subprocess
import sys
import time

import history
import toolchains
from checker import check_history
from io_faults import IoFaults
from kafka import create_topic, fetch
from mounts import LoopDisk
from nemesis import Nemesis
from server import Server, free_port
from suite import Skip, Suite, check, check_code, check_equal, eventually

suite = Suite()
HERE = pathlib.Path(__file__).resolve().parent
TOPICS = {"crucible-a": 2, "crucible-b": 2}
SECONDS = int(os.environ.get("CRUCIBLE_SECONDS", "45"))
SEED = int(os.environ.get("CRUCIBLE_SEED", random.randrange(1 << 30)))
WORDS = [f"{topic}:{count}" for topic, count in TOPICS.items()]


class Driver:
    """A client of its own process, whose history lies beside the others'."""

    def __init__(self, place, process, command):
        self.process, self.complaints = process, place / f"complaints-{process}"
        with (place / f"history-{process}.jsonl").open("w") as told, self.complaints.open("w") as complaints:
            self.running = subprocess.Popen([str(word) for word in command], stdin=subprocess.DEVNULL, stdout=told, stderr=complaints)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.running.kill()
        self.running.wait()

    def finish(self):
        code = self.running.wait(timeout=180)
        check_equal(code, 0, f"exit code of {self.process}: {self.complaints.read_text().strip()[-400:]}")


def librdkafka(kind, bootstrap, process, place):
    python = toolchains.venv("confluent-kafka==2.16.1") / "bin" / "python"
    return Driver(place, process, [python, HERE / "librdkafka_driver.py", kind, bootstrap, process, SEED, place / "stop", *WORDS])


def raw(bootstrap, process, place):
    return Driver(place, process, [sys.executable, HERE / "raw_driver.py", bootstrap, process, SEED, place / "stop", *WORDS])


def java(bootstrap, process, place):
    libraries = toolchains.java_program("java-4.1.1", HERE.parent / "clients" / "java" / "pom.xml", HERE / "java" / "src")
    return Driver(place, process, ["java", "-Xmx256m", "-XX:TieredStopAtLevel=1", "-cp", libraries, "Driver", bootstrap, process, SEED, place / "stop", *WORDS])


def disk_for(bench, place):
    """A disk that can be cut and filled, with the file system that this seed draws; None where the machine gives none."""
    try:
        return bench.enter(LoopDisk(place, ("ext4", "xfs")[SEED % 2]))
    except Skip as why:
        print(f"  without power cuts and full disks: {why}")
        return None


def nothing_hangs(connection):
    """Every record of every partition is decided."""
    for topic, count in TOPICS.items():
        for partition in range(count):
            part = fetch(connection, topic, 0, partition=partition)
            if part["last_stable_offset"] != part["high_watermark"]:
                return False
    return True


@suite.test
def transactions_survive_kills_and_pauses(bench):
    print(f"  seed {SEED}")
    place, chance = bench.fresh(), random.Random(SEED)
    bootstrap = f"127.0.0.1:{free_port()}"
    disk = disk_for(bench, place)
    home = disk.where if disk else place
    faults = IoFaults(place, home / "data")
    server = bench.enter(Server(bench.binary, home, dev=True, listen=[f"plaintext://{bootstrap}"],
                                prefix=(disk.prefix if disk else []) + faults.prefix))
    with server.connect() as connection:
        for topic, count in TOPICS.items():
            check_code(create_topic(connection, topic, count), 0, f"create {topic}")
    drivers = [librdkafka("transactions", bootstrap, f"librdkafka-{number}", place) for number in (1, 2)]
    drivers += [librdkafka("sends", bootstrap, "librdkafka-3", place), raw(bootstrap, "raw-4", place),
                java(bootstrap, "java-5", place)]
    for driver in drivers:
        bench.enter(driver)
    nemesis, until = Nemesis(server, chance, faults, disk), time.monotonic() + SECONDS
    while time.monotonic() < until:
        nemesis.strike()
    (place / "stop").touch()
    for driver in drivers:
        driver.finish()
    with server.connect() as connection:
        eventually(lambda: nothing_hangs(connection), 30, "that every transaction is decided")
    reading = bench.enter(librdkafka("read", bootstrap, "reader-9", place))
    reading.finish()
    judge(place, nemesis.done)


def judge(place, blows):
    operations = history.read(place)
    kinds = collections.Counter((operation.process.split("-")[0], operation.kind) for operation in operations)
    anomalies = check_history(operations)
    check(not anomalies, f"{len(anomalies)} anomalies: " + "; ".join(f"{name}: {text}" for name, text in anomalies[:5]))
    for client in ("librdkafka", "raw", "java"):
        check(kinds[(client, history.OK)] > 20, f"{client} hardly did anything: {dict(kinds)}")
    print(f"  {sum(blows.values())} blows {dict(blows)}; " + ", ".join(f"{client} {kind} {count}" for (client, kind), count in sorted(kinds.items())))
