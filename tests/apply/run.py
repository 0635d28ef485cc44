"""Plan, apply, revisions and rollback with real sessions, kills, races and wrong documents."""
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "wire"))

import access  # noqa: E402
import accountable  # noqa: E402
import adopting  # noqa: E402
import applying  # noqa: E402
import claiming  # noqa: E402
import clock_jumps  # noqa: E402
import consent  # noqa: E402
import crashes  # noqa: E402
import emergencies  # noqa: E402
import importing  # noqa: E402
import modes  # noqa: E402
import offline  # noqa: E402
import organisation  # noqa: E402
import recertifying  # noqa: E402
import reviewing  # noqa: E402
import ruling  # noqa: E402
import signing  # noqa: E402
import wrong_documents  # noqa: E402
from suite import Suite  # noqa: E402

if __name__ == "__main__":
    Suite.of(applying, access, accountable, adopting, claiming, clock_jumps, consent, emergencies, importing, modes, offline, organisation, recertifying, reviewing, ruling, signing, wrong_documents, crashes).run(sys.argv[1], sys.argv[2:])
