"""Idempotent producers write through a server that is killed again and again; afterwards the log is read from the start.

Held against what the producers were told: every acknowledged record lies at its offset with its bytes, no record of a producer
lies there twice or out of order, and the server is ready again soon after each kill. `run.py BINARY [CYCLES [SEED]]` says how
often and when it is killed; without, 60 times, each time at other moments.
"""
import argparse
import json
import os
import pathlib
import random
import re
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "wire"), str(HERE.parent / "clients")]

import crucible  # noqa: E402
import planted  # noqa: E402
import toolchains  # noqa: E402
from server import Server, free_port  # noqa: E402
from suite import Suite, check, eventually  # noqa: E402

suite = Suite()
arguments = argparse.ArgumentParser(usage="run.sh BINARY [CYCLES [SEED]]")
arguments.add_argument("binary")
arguments.add_argument("cycles", nargs="?", type=int, default=60)
arguments.add_argument("seed", nargs="?", type=int, default=random.randrange(1 << 30))
given = arguments.parse_args()
PRODUCERS = 3
READY_SECONDS_MAX = 10  # on a busy machine; the figure itself is in the bench
TOPICS = ("crash-0", "crash-1")


def traffic(*words):
    """The command of a program in the client's own Python."""
    python = toolchains.venv("confluent-kafka==2.16.1") / "bin" / "python"
    return [str(word) for word in (python, HERE / "traffic.py", *words, *TOPICS)]


def records_in(lines):
    return {(topic, partition, offset): value for topic, partition, offset, value in map(json.loads, lines)}


class Producer:
    """Writes until the file `stop` is there."""

    def __init__(self, bootstrap, number, place):
        self.told = (place / f"acknowledged-{number}").open("w+", encoding="utf-8")
        self.complaints = (place / f"complaints-{number}").open("w+", encoding="utf-8")
        self.process = subprocess.Popen(traffic("produce", bootstrap, number, place / "stop"), stdout=self.told, stderr=self.complaints)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.told.close()
        self.complaints.close()

    def has_begun(self):
        return os.stat(self.told.fileno()).st_size > 0

    def acknowledged(self):
        """What it was told, once it has ended."""
        code = self.process.wait(timeout=120)
        self.complaints.seek(0)
        check(code == 0, f"a producer gave up: {self.complaints.read().strip()[-300:]}")
        self.told.seek(0)
        return records_in(self.told)


def read_log(bootstrap):
    done = subprocess.run(traffic("consume", bootstrap), capture_output=True, text=True, check=False, timeout=300)
    check(done.returncode == 0, f"reading back: {done.stderr.strip()[-300:]}")
    return records_in(done.stdout.splitlines())


def compare(acknowledged, log):
    missing = [place for place, value in acknowledged.items() if log.get(place) != value]
    check(not missing, f"{len(missing)} of {len(acknowledged)} acknowledged records are not where they were, first {missing[:1]}")
    last = {}
    for (topic, partition, offset), value in sorted(log.items()):
        producer, number = value.split(":")[:2]
        key = (topic, partition, producer)
        check(int(number) > last.get(key, -1), f"{topic}-{partition} offset {offset}: record {number} of producer {producer} after {last.get(key)}")
        last[key] = int(number)


def check_provenance(server):
    """The server's own check that every record has exactly one journal entry."""
    done = server.tool("doctor", check=False)
    lines = [line for line in done.stdout.splitlines() if re.search(r"\bprovenance\b", line)]
    check(lines and re.search(r"\bok\b", lines[0], re.IGNORECASE), f"doctor says: {(lines or [done.stdout[-300:] + done.stderr[-300:]])[0]}")


@suite.test
def idempotent_producers_write_through_kill_9(bench):
    print(f"  seed {given.seed}")
    place, chance, slowest = bench.fresh(), random.Random(given.seed), 0
    bootstrap = f"127.0.0.1:{free_port()}"
    server = Server(bench.binary, place, dev=True, listen=[f"plaintext://{bootstrap}"])
    bench.enter(server.start(READY_SECONDS_MAX))
    producers = [bench.enter(Producer(bootstrap, number, place)) for number in range(PRODUCERS)]
    eventually(lambda: all(producer.has_begun() for producer in producers), 60, "the first acknowledgements")
    for _ in range(given.cycles):
        time.sleep(chance.uniform(0.3, 1.2))
        server.kill()
        killed = time.monotonic()
        server.start(READY_SECONDS_MAX)
        slowest = max(slowest, time.monotonic() - killed)
    (place / "stop").touch()
    acknowledged = {}
    for producer in producers:
        acknowledged |= producer.acknowledged()
    check(acknowledged, "nothing was acknowledged: the test reached nothing")
    log = read_log(bootstrap)
    compare(acknowledged, log)
    check_provenance(server)
    print(f"  {given.cycles} kills, {len(acknowledged)} acknowledged, {len(log)} in the log, slowest start {slowest:.2f} s")


Suite.of(planted, crucible, sys.modules[__name__]).run(given.binary)
