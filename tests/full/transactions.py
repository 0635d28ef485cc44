"""The crucible of tests/crash for three minutes."""
import os
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "crash"), str(HERE.parent / "clients")]
os.environ.setdefault("CRUCIBLE_SECONDS", "180")

from crucible import suite  # noqa: E402, F401
