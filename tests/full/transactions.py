"""The crucible of tests/crash for three minutes."""
import os

os.environ.setdefault("CRUCIBLE_SECONDS", "180")

from crucible import suite  # noqa: E402, F401
