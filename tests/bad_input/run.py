"""All tests of this folder, in the order of the imports."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "wire"))

import bombs  # noqa: E402
import certificates  # noqa: E402
import disks  # noqa: E402
import frames  # noqa: E402
import http_bytes  # noqa: E402
import imports  # noqa: E402
import kills  # noqa: E402
import models  # noqa: E402
import peers  # noqa: E402
import sign_in  # noqa: E402
import starts  # noqa: E402
import upstreams  # noqa: E402
from suite import Suite  # noqa: E402

Suite.of(frames, sign_in, http_bytes, peers, bombs, starts, certificates, models, disks, kills, upstreams, imports).main()
