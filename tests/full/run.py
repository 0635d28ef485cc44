"""All tests of this folder, and those of tests/crash and tests/soak at the sizes that take minutes."""
import pathlib
import sys

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / name) for name in ("wire", "crash", "clients", "soak", "frameworks", "differential")]

import bad_input_on_kafka  # noqa: E402
import capacity  # noqa: E402
import clocks  # noqa: E402
import cold_reads  # noqa: E402
import crowds  # noqa: E402
import cuts  # noqa: E402
import descriptors  # noqa: E402
import dump_log_beside_kafka  # noqa: E402
import rebalances  # noqa: E402
import restarts  # noqa: E402
import transactions  # noqa: E402
from suite import Suite  # noqa: E402

Suite.of(bad_input_on_kafka, dump_log_beside_kafka, capacity, cold_reads, transactions, cuts, descriptors, crowds, clocks, rebalances, restarts).main()
