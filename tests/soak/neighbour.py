"""A squad at ten times its quota leaves its neighbour at least 95 % of what it does alone.

Both write with librdkafka. The neighbour writes at a pace that the machine can do; its rounds alone and beside the noisy squad take turns,
NEIGHBOUR_ROUNDS (5) of each, NEIGHBOUR_SECONDS (8) long. The noisy squad as a whole stays at its quota, whatever its clients try.
"""
import json
import os
import pathlib
import signal
import statistics
import subprocess
import sys
import threading
import time

import toolchains
from errors import NONE
from kafka import create_topic
from server import Server
from suite import Suite, check, check_code

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path.append(str(TESTS / "apply"))

import company  # noqa: E402

suite = Suite()
ROUNDS = int(os.environ.get("NEIGHBOUR_ROUNDS", "5"))
SECONDS = float(os.environ.get("NEIGHBOUR_SECONDS", "8"))
SETTLING = 2  # seconds at the begin of a round that are not counted
QUOTA = 1_000_000  # bytes a second of the noisy squad
NOISE = 10 * QUOTA
NOISY_CLIENTS = 20
NOISY_TOPIC = "invoicer.noise"
PACE = 2_000_000  # bytes a second of the neighbour
LEAST = 0.95
BURST = 1.5  # a squad may be over its quota for a moment; seconds' worth in a round
POLICY = company.changed(company.POLICY, "spec: {platform_group: ops}", "spec:\n  platform_group: ops\n  quotas:\n    squads:\n"
                         f"      - {{squad: billing, produce_bytes_per_second: {QUOTA}}}")


class Producers:
    """A process of clients that write together at a pace, and tell what is acknowledged."""

    def __init__(self, server, user, topic, clients, pace):
        python = toolchains.venv("confluent-kafka==2.16.1") / "bin" / "python"
        bootstrap = f"127.0.0.1:{server.ports['sasl_plaintext']}"
        words = [python, TESTS / "soak" / "paced_producers.py", bootstrap, user, server.passwords[user], topic, clients, pace]
        self.process = subprocess.Popen([str(word) for word in words], stdout=subprocess.PIPE, text=True)
        self.acknowledged = 0
        self.reading = threading.Thread(target=self._read, daemon=True)
        self.reading.start()

    def _read(self):
        for line in self.process.stdout:
            self.acknowledged = json.loads(line)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(30)
        self.reading.join()


def rates(*producers):
    """Bytes a second that each has acknowledged in a round."""
    time.sleep(SETTLING)
    begun, before = time.monotonic(), [one.acknowledged for one in producers]
    time.sleep(SECONDS)
    passed = time.monotonic() - begun
    return [(one.acknowledged - was) / passed for one, was in zip(producers, before)]


def started(bench):
    server = bench.enter(Server(bench.binary, bench.fresh(), listen=["sasl_plaintext"]))
    server.enrol("petra", company.PEOPLE)
    company.apply(server, company.folder_of(bench, POLICY))
    with server.connect("invoicer") as connection:
        check_code(create_topic(connection, NOISY_TOPIC), NONE, "create")
    return server


@suite.test
def a_squad_at_10_times_its_quota_leaves_its_neighbour_its_throughput(bench):
    server = started(bench)
    alone, beside, noisy = [], [], []
    with Producers(server, "checkout", company.TOPIC, 1, PACE) as neighbour:
        time.sleep(SETTLING)  # clients begin
        for number in range(ROUNDS):
            alone += rates(neighbour)
            with Producers(server, "invoicer", NOISY_TOPIC, NOISY_CLIENTS, NOISE) as noise:
                mine, theirs = rates(neighbour, noise)
            beside.append(mine)
            noisy.append(theirs)
            print(f"  round {number + 1}: alone {alone[-1] / 1e6:.2f} MB/s, beside {mine / 1e6:.2f}; the noisy squad {theirs / 1e6:.2f}", flush=True)
    ratio = statistics.median(beside) / statistics.median(alone)
    print(f"  medians: alone {statistics.median(alone) / 1e6:.2f} MB/s, beside {statistics.median(beside) / 1e6:.2f} MB/s: {100 * ratio:.1f} %; "
          f"the noisy squad {statistics.median(noisy) / 1e6:.2f} MB/s of {NOISE / 1e6:.0f} that it tries and {QUOTA / 1e6:.0f} that it may", flush=True)
    held = [one for one in server.http("/api/v1/throttled", user="bert")[2]["items"] if one["squad"] == "billing"]
    check(held, "nobody of the noisy squad can see that it was held back")
    check(statistics.median(alone) > 0.9 * PACE, "the machine can't do the neighbour's pace: nothing can be told on it")
    check(max(noisy) <= QUOTA * (1 + BURST / SECONDS), f"the noisy squad has {max(noisy) / 1e6:.2f} MB/s")
    check(ratio >= LEAST, f"the neighbour has {100 * ratio:.1f} % of its throughput")
