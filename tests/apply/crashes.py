"""An apply that is killed at any moment: what is in force is the old or the new, whole, and an apply again gets there."""
import random
import threading
import time

import company
from company import GRANT, TOPIC, apply, changed, folder_of, plan
from errors import NONE, TOPIC_AUTHORIZATION_FAILED
from kafka import fetch
from suite import Suite, check, check_equal, check_in

suite = Suite()
ROUNDS = 8
SECONDS_MAX = 0.25


def carts(round_number):
    """A contract with several topics for a round, so that there is something to do after the revision is durable."""
    schema = "".join(f"  - {{name: cart{n}, physicalName: shop.cart-{round_number}-{n}, physicalType: topic}}\n" for n in range(5))
    head = company.DOCUMENTS[company.CONTRACT].split("schema:")[0].replace("id: order\n", f"id: cart-{round_number}\n")
    return {f"contracts/cart-{round_number}.odcs.yaml": head + "schema:\n" + schema}


def may_read(server):
    with server.connect("invoicer") as connection:
        return fetch(connection, TOPIC, 0)["error_code"]


@suite.test
def a_killed_apply_is_done_or_not_done_and_converges(bench):
    server = company.started(bench)
    seed = random.randrange(1 << 30)
    print(f"  seed {seed}")
    chance, documents, is_open = random.Random(seed), {}, True
    for number in range(ROUNDS):
        is_open = not is_open
        documents |= carts(number)
        grant = {} if is_open else changed(GRANT, "status: approved", "status: rejected")
        folder = folder_of(bench, documents | grant)
        applying = threading.Thread(target=apply, args=(server, folder), kwargs={"check": False})
        applying.start()
        time.sleep(chance.uniform(0, SECONDS_MAX))
        server.kill()
        applying.join()
        server.start()
        head = server.http("/api/v1/revisions", user="petra")[2]["items"][0]["revision"]
        check(head in (number + 1, number + 2), f"revision {head} after {number + 1} applies")
        # The old or the new, never something in between.
        was_applied = head == number + 2
        expected = is_open if was_applied else not is_open
        check_equal(may_read(server), NONE if expected else TOPIC_AUTHORIZATION_FAILED, f"what invoicer is told under revision {head}")
        again = apply(server, folder)
        if not was_applied:
            check_in(f"revision {number + 2} is in force", again.stdout, "the apply that is done again")
        check_equal(plan(server, folder).returncode, 0, "exit code of the plan afterwards")
        check_equal(may_read(server), NONE if is_open else TOPIC_AUTHORIZATION_FAILED, "what invoicer is told at last")


@suite.test
def what_was_applied_outlives_a_kill(bench):
    server = company.started(bench)
    server.kill()
    server.start()
    check_equal(plan(server, folder_of(bench)).returncode, 0, "exit code of a plan of the same")
    check_equal(may_read(server), NONE, "what invoicer is told")
