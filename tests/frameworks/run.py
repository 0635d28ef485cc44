"""All tests of this folder, in the order of the imports."""
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "wire"), str(HERE.parent / "clients")]

import apicurio  # noqa: E402
import kafka_connect  # noqa: E402
import kafka_streams  # noqa: E402
import mirror_maker  # noqa: E402
import moving  # noqa: E402
from suite import Suite  # noqa: E402

Suite.of(apicurio, kafka_connect, kafka_streams, mirror_maker, moving).main()
