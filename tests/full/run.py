"""All tests of this folder, in the order of the imports."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "wire"))

import capacity  # noqa: E402
import cold_reads  # noqa: E402
import transactions  # noqa: E402
from suite import Suite  # noqa: E402

Suite.of(capacity, cold_reads, transactions).main()
