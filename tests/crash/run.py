"""Idempotent producers write through a server that is killed again and again; afterwards the log is read from the start.

Held against what the producers were told: every acknowledged record lies at its offset with its bytes, no record of a producer
lies there twice or out of order, and the server is ready again soon after each kill. `run.py BINARY [CYCLES [SEED]]` says how
often and when it is killed; without, 60 times, each time at other moments.
"""
import argparse
import pathlib
import random
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "wire"), str(HERE.parent / "clients")]

import crucible  # noqa: E402
import planted  # noqa: E402
import producers  # noqa: E402
from suite import Suite  # noqa: E402

suite = Suite()
arguments = argparse.ArgumentParser(usage="run.sh BINARY [CYCLES [SEED]]")
arguments.add_argument("binary")
arguments.add_argument("cycles", nargs="?", type=int, default=60)
arguments.add_argument("seed", nargs="?", type=int, default=random.randrange(1 << 30))
given = arguments.parse_args()
READY_SECONDS_MAX = 10  # on a busy machine; the figure itself is in the bench


def kill(server):
    server.kill()
    server.start(READY_SECONDS_MAX)


@suite.test
def idempotent_producers_write_through_kill_9(bench):
    print(f"  seed {given.seed}")
    told = producers.write_through(bench, kill, given.cycles, random.Random(given.seed), READY_SECONDS_MAX)
    print(f"  {given.cycles} kills, {told}")


Suite.of(planted, crucible, sys.modules[__name__]).run(given.binary)
