"""Idempotent producers that write through whatever befalls the server, and what the log must hold afterwards (traffic.py is the client)."""
import json
import os
import pathlib
import re
import subprocess
import time

import toolchains
from server import Server, free_port
from suite import check, eventually

HERE = pathlib.Path(__file__).resolve().parent
PRODUCERS = 3
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


def write_through(bench, blow, count, chance, ready_seconds_max):
    """`blow` falls on the server `count` times in mid traffic, and leaves it ready; returns what was found in words."""
    place, slowest, began = bench.fresh(), 0, time.monotonic()
    bootstrap = f"127.0.0.1:{free_port()}"
    server = Server(bench.binary, place, dev=True, listen=[f"plaintext://{bootstrap}"])
    bench.enter(server.start(ready_seconds_max))
    all_producers = [bench.enter(Producer(bootstrap, number, place)) for number in range(PRODUCERS)]
    eventually(lambda: all(producer.has_begun() for producer in all_producers), 60, "the first acknowledgements")
    for number in range(1, count + 1):
        time.sleep(chance.uniform(0.3, 1.2))
        struck = time.monotonic()
        blow(server)
        slowest = max(slowest, time.monotonic() - struck)
        if number % 50 == 0:
            print(f"  {number} of {count}, {time.monotonic() - began:.0f} s", flush=True)
    (place / "stop").touch()
    acknowledged = {}
    for producer in all_producers:
        acknowledged |= producer.acknowledged()
    check(acknowledged, "nothing was acknowledged: the test reached nothing")
    log = read_log(bootstrap)
    compare(acknowledged, log)
    check_provenance(server)
    return f"{len(acknowledged):,} acknowledged, {len(log):,} in the log, away for at most {slowest:.2f} s"
