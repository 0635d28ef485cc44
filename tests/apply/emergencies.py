"""Access asked for by those who may give it, prolonged, and taken in an emergency; and how long it all takes."""
import json

import company
from batch import batch
from company import GRANT, POLICY, TOPIC, apply, changed, folder_of
from consent import inbox, proposed, read, request, without_grant
from errors import NONE, TOPIC_AUTHORIZATION_FAILED
from kafka import produce
from suite import Suite, check, check_code, check_equal, check_in, eventually

suite = Suite()
ALLOWED = changed(POLICY, "platform_group: ops", "platform_group: ops, break_glass_hours_max: 4")
ENDING = changed(GRANT, "description:", "endTimestamp: 2099-06-30  # with the season\ndescription:")


def in_an_emergency(bench):
    """A server whose Policy lets people break the glass, and where nobody was granted anything."""
    server = company.founded(bench)
    apply(server, folder_of(bench, ALLOWED | {GRANT: None}))
    return server


def break_glass(server, *more, user="bert", check=True):
    return server.tool("break-glass", "orders", "--as", "invoicer", "--reason", "Invoices are late.", *more, user=user, check=check)


def unacknowledged(server):
    return server.metric("myelin_break_glass_unacknowledged", user="petra")


def times(server, user="petra"):
    return json.loads(server.tool("access-times", "--output", "json", user=user).stdout)


@suite.test
def broken_glass_opens_at_once_and_waits_for_its_owner(bench):
    server = in_an_emergency(bench)
    with server.connect("invoicer") as reader:
        check_code(read(reader), TOPIC_AUTHORIZATION_FAILED, "read before")
        taken = break_glass(server, "--hours", "2")
        check_in("waits for squad orders to look at it", taken.stdout, "the answer")
        eventually(lambda: read(reader) == NONE, 1, "the reader reads")
        number = proposed(taken)
        check_equal((inbox(server, "olga"), inbox(server, "bert")), ([number], []), "inboxes of owner and author")
        check_equal(unacknowledged(server), 1, "the metric")
        check_in("access taken by breaking the glass", server.log_path.read_text(), "the log")
        server.tool("approve", number, user="olga")
        check_equal(inbox(server, "olga"), [], "the owner's inbox afterwards")
        check_equal(unacknowledged(server), 0, "the metric afterwards")
        check_code(read(reader), NONE, "read afterwards")


@suite.test
def an_owner_ends_what_was_taken(bench):
    server = in_an_emergency(bench)
    with server.connect("invoicer") as reader:
        number = proposed(break_glass(server))
        eventually(lambda: read(reader) == NONE, 1, "the reader reads")
        server.kill()
        server.start()
    with server.connect("invoicer") as reader:
        check_code(read(reader), NONE, "read after a kill")
        check_in("rejected", server.tool("reject", number, "--reason", "there is no emergency", user="olga").stdout, "the rejection")
        eventually(lambda: read(reader) == TOPIC_AUTHORIZATION_FAILED, 1, "the reader is refused")
    check_equal(inbox(server, "olga"), [], "the owner's inbox")
    operations = [one["action"] for one in server.http("/api/v1/audit", user="petra")[2]["items"]]
    check("break-glass" in operations and "reject" in operations, f"the audit log has {operations}")


@suite.test
def glass_is_broken_only_where_the_policy_allows_it_and_by_whom_it_serves(bench):
    without = without_grant(bench)
    refused = break_glass(without, check=False)
    check_equal(refused.returncode, 4, "exit code without a policy")
    check_in("declares no break_glass_hours_max", refused.stderr, "the refusal")
    server = in_an_emergency(bench)
    for user, more, code, why in (("olga", (), 4, "only people of squad billing"), ("invoicer", (), 4, "only people of squad billing"),
                                  ("bert", ("--hours", "5"), 2, "not within 1 to 4")):
        refused = break_glass(server, *more, user=user, check=False)
        check_equal(refused.returncode, code, f"exit code for {user} {more}")
        check_in(why, refused.stderr, f"the refusal of {user} {more}")
    check_equal(server.http("/api/v1/revisions", user="petra")[2]["items"][0]["revision"], 1, "the last revision")


@suite.test
def a_grant_is_renewed_and_its_file_keeps_every_other_byte(bench):
    server = company.founded(bench)
    apply(server, folder_of(bench, ENDING))
    number = proposed(server.tool("renew", "orders-for-billing", "--until", "2099-12-31", "--reason", "Another season.", user="bert"))
    check_in("revision 2 is in force", server.tool("approve", number, user="olga").stdout, "the approval")
    files = {one["file"]: one["text"] for one in server.http("/api/v1/revisions/2", user="petra")[2]["documents"]}
    check_equal(files[GRANT], ENDING[GRANT].replace("2099-06-30", '"2099-12-31"'), "the grant's file")
    for words, why in ((("orders-for-biling", "--until", "2100-01-01"), 'did you mean "orders-for-billing"'),
                       (("orders-for-billing", "--until", "2099-01-01"), "lasts until 2100-01-01 already"),
                       (("orders-for-billing", "--until", "soon"), "'soon' is no time")):
        refused = server.tool("renew", *words, "--reason", "x", user="bert", check=False)
        check_equal(refused.returncode, 2, f"exit code of {words}")
        check_in(why, refused.stderr, f"the refusal of {words}")


@suite.test
def who_may_give_access_gives_it_at_once(bench):
    server = without_grant(bench)
    check_in("revision 2 is in force", request(server, user="olga").stdout, "the owner's request for another's application")
    check_equal(inbox(server, "olga"), [], "the owner's inbox")


@suite.test
def time_to_access_is_measured_from_the_facts(bench):
    server = without_grant(bench)
    check_equal(times(server)["items"], [], "before anybody asked")
    server.tool("reject", proposed(request(server)), "--reason", "say for which invoices", user="olga")
    server.tool("approve", proposed(request(server)), user="petra")
    found = times(server)
    check_equal([(one["state"], one["right_first_time"], one["platform_touched"], one["first_record"]) for one in found["items"]],
                [("applied", False, True, None), ("rejected", False, False, None)], "requests, newest first")
    with server.connect("checkout") as writer, server.connect("invoicer") as reader:
        check_code(produce(writer, TOPIC, batch([b"one"]))["error_code"], NONE, "produce")
        check_code(read(reader), NONE, "read")
        eventually(lambda: times(server)["items"][0]["first_record"], what="the first record is measured")
    found = times(server, "bert")
    check_equal((found["decided"], found["right_first_time"], found["platform_touched"]), (2, 0, 1), "figures")
    first = found["items"][0]
    check(first["asked"] <= first["decided"] <= first["first_record"], f"times out of order: {first}")
    check(found["median_seconds_to_first_record"] is not None, "no median")
    server.add("stranger")
    check_equal(times(server, "stranger")["items"], [], "what a stranger sees")
