"""What a row of the access table is tested by: the same request by each kind of principal, and the answer each of them gets. The
expected codes are written by hand from the rules: write, create, delete by the owner; read by the owner or under a live grant; groups
and transactional ids by the owner of their prefix; describe also by the platform role; anything else by the platform role."""
import quokka
from errors import (CLUSTER_AUTHORIZATION_FAILED, GROUP_AUTHORIZATION_FAILED, TOPIC_AUTHORIZATION_FAILED, TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
                    name_of)
from quokka import KINDS
from suite import Suite, check

TOPIC_REFUSED, GROUP_REFUSED, ID_REFUSED = TOPIC_AUTHORIZATION_FAILED, GROUP_AUTHORIZATION_FAILED, TRANSACTIONAL_ID_AUTHORIZATION_FAILED
CLUSTER_REFUSED = CLUSTER_AUTHORIZATION_FAILED
LEFT_OUT, LISTED, ANSWERED = "left out", "listed", "answered"
COVERED = set()  # rows of the access table that some test here is for


class Rows(Suite):
    def row(self, name, owner, granted, ungranted, unknown, platform, covers):
        """A test that asks as each kind of principal; `covers` is the row of the access table."""
        expected = dict(zip(KINDS, (owner, granted, ungranted, unknown, platform)))
        COVERED.add(covers)

        def wrap(ask):
            def run(bench):
                server, wrong = quokka.closed(bench), []
                # The owner comes last: what it does may change what is there.
                for kind in (*KINDS[1:], KINDS[0]):
                    with server.connect(kind) as connection:
                        connection.server = server
                        found = ask(connection, kind)
                    if found != expected[kind]:
                        text = [name_of(code) if isinstance(code, int) else code for code in (found, expected[kind])]
                        wrong.append(f"{kind} got {text[0]}, expected {text[1]}")
                check(not wrong, "; ".join(wrong))
            self.tests.append((name, run))
            return ask
        return wrap
