"""All tests of this folder, in the order of the imports."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "wire"))

import access  # noqa: E402
import access_matrix  # noqa: E402
import acls  # noqa: E402
import client_quotas  # noqa: E402
import consumer_groups  # noqa: E402
import contracts  # noqa: E402
import fetch_sessions  # noqa: E402
import fetching  # noqa: E402
import fetching_by_id  # noqa: E402
import group_removal  # noqa: E402
import http_routes  # noqa: E402
import moving_in  # noqa: E402
import producing  # noqa: E402
import producing_by_id  # noqa: E402
import quotas  # noqa: E402
import renewed_transactions  # noqa: E402
import revocation  # noqa: E402
import scram_credentials  # noqa: E402
import topic_changes  # noqa: E402
import topics  # noqa: E402
import transactions  # noqa: E402
import upstream  # noqa: E402
import writable_acls  # noqa: E402
from suite import Suite  # noqa: E402

Suite.of(access_matrix, access, contracts, revocation, scram_credentials, quotas, client_quotas, http_routes, producing, producing_by_id, fetching, fetching_by_id, fetch_sessions, topics, topic_changes,
         group_removal, consumer_groups, transactions, renewed_transactions, acls, writable_acls, upstream, moving_in).main()
