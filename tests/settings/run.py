"""All tests of this folder, in the order of the imports."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "wire"))

import settings  # noqa: E402
import effects  # noqa: E402
from suite import Suite  # noqa: E402

Suite.of(settings, effects).main()
