"""Idempotent producers write through a server that is killed again and again; afterwards the log is read from the start.

run.py BINARY [CYCLES] [SEED]. Held against what the producers were told: every acknowledged record lies at its offset with its
bytes, no record of a producer lies there twice or out of order, and the server is ready again soon after each kill.
"""
import json
import pathlib
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "clients"))
import toolchains  # noqa: E402

PRODUCERS = 3
READY_SECONDS_MAX = 10  # on a busy machine; the figure itself is in the bench
TOPICS = ("crash-0", "crash-1")


class Failure(Exception):
    """The test failed; the message says why."""


class Server:
    """A Myelin that is started on the same ports and directory each time."""

    def __init__(self, binary, place):
        self.binary, self.place = binary, place
        self.port, self.http = free_port(), free_port()
        self.process = None
        self.slowest_start = 0.0

    def start(self):
        with open(self.place / "server.log", "ab") as log:
            self.process = subprocess.Popen(
                [self.binary, "serve", "--dev", "--data", self.place / "data", "--listen", f"plaintext://127.0.0.1:{self.port}",
                 "--http", f"127.0.0.1:{self.http}"], stdout=log, stderr=log)
        began = time.monotonic()
        while not self.is_ready():
            if self.process.poll() is not None:
                raise Failure(f"the server stopped at start: {(self.place / 'server.log').read_text()[-600:]}")
            if time.monotonic() - began > READY_SECONDS_MAX:
                raise Failure(f"not ready after {READY_SECONDS_MAX} s")
            time.sleep(0.01)
        self.slowest_start = max(self.slowest_start, time.monotonic() - began)

    def is_ready(self):
        try:
            return urllib.request.urlopen(f"http://127.0.0.1:{self.http}/readyz", timeout=1).status == 200
        except OSError:
            return False

    def end(self, how):
        self.process.send_signal(how)
        self.process.wait(timeout=60)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def doctor(binary, server):
    """The server's own check that every record has exactly one journal entry."""
    done = subprocess.run([binary, "doctor", "--server", f"http://127.0.0.1:{server.http}"], capture_output=True, text=True, check=False)
    lines = [line for line in done.stdout.splitlines() if re.search(r"\bprovenance\b", line)]
    if not lines or not re.search(r"\bok\b", lines[0], re.IGNORECASE):
        raise Failure(f"doctor says: {(lines or [done.stdout[-300:] + done.stderr[-300:]])[0]}")


def read_log(client, server):
    done = subprocess.run([client, HERE / "client.py", "consume", f"127.0.0.1:{server.port}", *TOPICS], capture_output=True,
                          text=True, check=False, timeout=300)
    if done.returncode != 0:
        raise Failure(f"reading back: {done.stderr.strip()[-300:]}")
    return {(topic, partition, offset): value for topic, partition, offset, value in map(json.loads, done.stdout.splitlines())}


def compare(acknowledged, log):
    missing = [place for place, value in acknowledged.items() if log.get(place) != value]
    if missing:
        raise Failure(f"{len(missing)} of {len(acknowledged)} acknowledged records are not where they were, first {missing[0]}")
    last = {}
    for (topic, partition, offset), value in sorted(log.items()):
        producer, number = value.split(":")[:2]
        key = (topic, partition, producer)
        if int(number) <= last.get(key, -1):
            raise Failure(f"{topic}-{partition} offset {offset}: record {number} of producer {producer} after {last[key]}")
        last[key] = int(number)


def run(binary, place, cycles, chance):
    client = toolchains.venv("confluent-kafka==2.16.1") / "bin" / "python"
    server = Server(binary, place)
    server.start()
    producers = []
    for number in range(PRODUCERS):
        out = open(place / f"acknowledged-{number}", "w+", encoding="utf-8")
        producers.append((out, subprocess.Popen(
            [client, HERE / "client.py", "produce", f"127.0.0.1:{server.port}", str(number), str(place / "stop"), *TOPICS],
            stdout=out, stderr=subprocess.PIPE, text=True)))
    try:
        for _ in range(cycles):
            time.sleep(chance.uniform(0.3, 1.2))
            server.end(signal.SIGKILL)
            server.start()
        (place / "stop").touch()
        for _, process in producers:
            if process.wait(timeout=120) != 0:
                raise Failure(f"a producer gave up: {process.stderr.read().strip()[-300:]}")
        acknowledged = {}
        for out, _ in producers:
            out.seek(0)
            acknowledged |= {(topic, partition, offset): value
                             for topic, partition, offset, value in map(json.loads, out.read().splitlines())}
        if not acknowledged:
            raise Failure("nothing was acknowledged: the test reached nothing")
        log = read_log(client, server)
        compare(acknowledged, log)
        doctor(binary, server)
        return f"{cycles} kills, {len(acknowledged)} acknowledged, {len(log)} in the log, slowest start {server.slowest_start:.2f} s"
    finally:
        for out, process in producers:
            process.kill()
            out.close()
        server.process.kill()


def main():
    binary = pathlib.Path(sys.argv[1]).resolve()
    cycles = int(sys.argv[2]) if len(sys.argv) > 2 else 60
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else random.randrange(1 << 30)
    place = pathlib.Path(tempfile.mkdtemp(prefix="myelin-crash-"))
    name = f"idempotent producers through kill -9 (seed {seed})"
    try:
        print(f"PASS {name}: {run(binary, place, cycles, random.Random(seed))}")
        return 0
    except toolchains.Missing as missing:
        print(f"SKIP {name}: {missing}")
        return 0
    except (Failure, subprocess.SubprocessError) as error:
        print(f"FAIL {name}: {error}")
        return 1
    finally:
        shutil.rmtree(place, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
