"""Rolling restarts under load, three here and a hundred in ./dev soak: nobody is refused for good, and each stop is clean and quick."""
import os
import random

import producers
from suite import Suite, check_equal

suite = Suite()
RESTARTS = int(os.environ.get("RESTARTS", "3"))
READY_SECONDS_MAX = 10  # on a busy machine
DRAIN_SECONDS_MAX = 30


def restart(server):
    check_equal(server.stop(DRAIN_SECONDS_MAX), 0, "exit code of a stop under load; None: it took too long")
    server.start(READY_SECONDS_MAX)


@suite.test
def restarts_under_load_refuse_no_producer(bench):
    told = producers.write_through(bench, restart, RESTARTS, random.Random(RESTARTS), READY_SECONDS_MAX)
    print(f"  {RESTARTS} restarts, {told}")
