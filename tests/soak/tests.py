"""The tests of this folder, by parts of their names; run.py chooses how long each is."""
import pathlib
import sys

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / name) for name in ("wire", "crash", "clients")]

import clocks  # noqa: E402
import crowds  # noqa: E402
import cuts  # noqa: E402
import descriptors  # noqa: E402
import mixed  # noqa: E402
import neighbour  # noqa: E402
import rebalances  # noqa: E402
import restarts  # noqa: E402
from suite import Suite  # noqa: E402

suite = Suite.of(cuts, descriptors, crowds, clocks, rebalances, restarts, neighbour, mixed)
if __name__ == "__main__":
    suite.main()
