"""Changes that need more than their author's say: asked for, agreed to, and then in force."""
import json
import re

import company
from batch import batch
from company import CONTRACT, GRANT, TOPIC, apply, changed, folder_of, plan
from errors import NONE, TOPIC_AUTHORIZATION_FAILED
from kafka import fetch, produce
from suite import Suite, check, check_code, check_equal, check_in, eventually

suite = Suite()
FIRST_PROPOSAL = re.compile(r"^proposal (\w+) by")


def read(connection):
    return fetch(connection, TOPIC, 0)["error_code"]


def proposed(done):
    return FIRST_PROPOSAL.match(done.stdout).group(1)


def inbox(server, user):
    return [item["id"] for item in json.loads(server.tool("inbox", "--output", "json", user=user).stdout)["items"]]


def without_grant(bench):
    server = company.founded(bench)
    apply(server, folder_of(bench, {GRANT: None}))
    return server


def request(server, *more, user="bert", check=True):
    return server.tool("request", "orders", "--as", "invoicer", "--purpose", "Write invoices.", *more, user=user, check=check)


@suite.test
def access_is_asked_for_approved_and_used(bench):
    server = without_grant(bench)
    with server.connect("invoicer") as reader:
        check_code(read(reader), TOPIC_AUTHORIZATION_FAILED, "read before")
        asked = request(server)
        check_in("waits for squad orders", asked.stdout, "the answer")
        check_in("+ grant orders-for-invoicer", asked.stdout, "the plan")
        number = proposed(asked)
        check_equal((inbox(server, "olga"), inbox(server, "bert")), ([number], [number]), "inboxes of owner and author")
        check_code(read(reader), TOPIC_AUTHORIZATION_FAILED, "read while nobody agreed")
        check_in("revision 2 is in force", server.tool("approve", number, user="olga").stdout, "the approval")
        eventually(lambda: read(reader) == NONE, 1, "the reader reads")
    check_equal((inbox(server, "olga"), inbox(server, "bert")), ([], []), "inboxes afterwards")
    revision = server.http("/api/v1/revisions/2", user="petra")[2]
    check_equal((revision["author"], revision["message"]), ("bert", "Write invoices."), "author and message of the revision")


@suite.test
def an_approval_and_an_apply_leave_the_same_bytes(bench):
    by_inbox, by_apply = without_grant(bench), without_grant(bench)
    by_inbox.tool("approve", proposed(request(by_inbox, "--until", "2099-12-31")), user="olga")
    files = {one["file"]: one["text"] for one in by_inbox.http("/api/v1/revisions/2", user="petra")[2]["documents"]}
    apply(by_apply, company.write(bench.fresh() / "merged", files))
    merged = by_apply.http("/api/v1/revisions/2", user="petra")[2]["documents"]
    check_equal({one["file"]: one["text"] for one in merged}, files, "documents")


@suite.test
def a_rejection_says_why_and_changes_nothing(bench):
    server = without_grant(bench)
    number = proposed(request(server))
    check_in("why: ask for the summary instead", server.tool("reject", number, "--reason", "ask for the summary instead", user="olga").stdout,
             "the rejection")
    shown = server.tool("proposal", number, user="bert").stdout
    check_in("rejected", shown, "what the author sees")
    check_in("ask for the summary instead", shown, "what the author sees")
    late = server.tool("approve", number, user="olga", check=False)
    check_in(f"proposal {number} is rejected, not open", late.stderr, "a late approval")
    check_equal(server.http("/api/v1/revisions", user="petra")[2]["items"][0]["revision"], 1, "the last revision")


@suite.test
def only_those_who_are_asked_decide(bench):
    server = without_grant(bench)
    number = proposed(request(server))
    server.add("stranger")
    for user in ("bert", "invoicer", "stranger"):
        for words in (("approve", number), ("reject", number, "--reason", "no")):
            refused = server.tool(*words, user=user, check=False)
            check_equal(refused.returncode, 4, f"exit code of {words[0]} by {user}")
    check_equal(server.tool("withdraw", number, user="olga", check=False).returncode, 4, "exit code of a withdrawal by another")
    check_in("withdrawn", server.tool("withdraw", number, user="bert").stdout, "the author's withdrawal")
    check_in("waits for none of your squads", refused.stderr, "the refusal")


@suite.test
def what_changes_hands_needs_both(bench):
    server = company.started(bench)
    moved = company.write(bench.fresh() / "moved", changed(CONTRACT, "team: {name: orders}", "team: {name: billing}")
                          | changed("products/orders.odps.yaml", "team: {name: orders}", "team: {name: billing}")
                          | changed(GRANT, "teamId: orders", "teamId: billing"))
    check_equal(apply(server, moved, user="olga", check=False).returncode, 4, "exit code of the giver alone")
    number = proposed(server.tool("propose", moved, "--message", "billing runs it from now on", user="olga"))
    check_equal(inbox(server, "bert"), [number], "the taker's inbox")
    check_in("revision 2 is in force", server.tool("approve", number, user="bert").stdout, "the taker's approval")
    check_in("billing", json.dumps(server.http(f"/api/v1/who/topic/{TOPIC}", user="petra")[2]), "who owns the topic")


@suite.test
def a_proposal_of_two_consents_waits_for_the_second(bench):
    server = company.started(bench)
    both = company.write(bench.fresh() / "both", changed(GRANT, "purpose: Write invoices.", "purpose: Write every invoice.")
                         | changed("org/invoicer.yaml", "principals: invoicer", "principals: invoicer invoicer-2"))
    number = proposed(server.tool("propose", both, user="bert"))
    first = server.tool("approve", number, user="olga").stdout
    check_in("waits for the platform group", first, "after the first approval")
    check_in("squad orders agreed: olga", first, "after the first approval")
    check_in("revision 2 is in force", server.tool("approve", number, user="petra").stdout, "after the second")


@suite.test
def an_approval_holds_though_others_apply_in_between_and_the_server_is_killed(bench):
    server = without_grant(bench)
    number = proposed(request(server))
    apply(server, company.write(bench.fresh() / "between", changed(CONTRACT, "1.0.0", "1.1.0")))
    server.kill()
    server.start()
    check_equal(inbox(server, "olga"), [number], "the owner's inbox after a kill")
    check_in("revision 3 is in force", server.tool("approve", number, user="olga").stdout, "the approval")
    check_in("version: 1.1.0", json.dumps(server.http("/api/v1/revisions/3", user="petra")[2]), "what others applied")


@suite.test
def an_agreed_delete_still_waits_for_its_users(bench):
    server = company.started(bench)
    with server.connect("checkout") as writer, server.connect("invoicer") as reader:
        check_code(produce(writer, TOPIC, batch([b"one"]))["error_code"], NONE, "produce")
        check_code(read(reader), NONE, "read")
        eventually(lambda: server.http("/api/v1/lineage", user="petra")[2]["reads"], what="the read is measured")
    retired = folder_of(bench, changed("org/people.yaml", "metadata: {name: bert}", "metadata: {name: bert, title: Bert}")
                            | {"grants/orders-for-billing.yaml": "# Nothing is granted any more.\n"})
    number = proposed(server.tool("propose", retired, "--allow-delete", user="olga"))
    answer = server.tool("approve", number, user="petra").stdout
    check_in("grant orders-for-billing is in use and can't be deleted", answer, "the approval")
    check_in("open", answer.splitlines()[0], "the state")
    check(number in inbox(server, "olga"), "the proposal is gone")


@suite.test
def a_request_that_makes_no_sense_is_refused_with_the_nearest_name(bench):
    server = company.started(bench)
    for words, why, code in ((("order", "--as", "invoicer", "--purpose", "x"), "there is no product order", 2),
                             (("orders", "--as", "invoicr", "--purpose", "x"), 'did you mean "invoicer"', 2),
                             (("orders", "--as", "invoicer", "--purpose", "x", "--port", "ordr"), "has no port ordr", 2),
                             (("orders", "--as", "invoicer", "--purpose", "x", "--until", "soon"), "'soon' is no time", 2),
                             (("orders", "--as", "invoicer", "--purpose", "a\nb"), "one line", 2)):
        refused = server.tool("request", *words, user="bert", check=False)
        check_equal(refused.returncode, code, f"exit code of {words}")
        check_in(why, refused.stderr, f"the refusal of {words}")
    own = server.tool("request", "orders", "--as", "checkout", "--purpose", "x", user="olga", check=False)
    check_in("squad orders owns product orders", own.stderr, "a request for one's own")
    check_equal(plan(server, folder_of(bench)).returncode, 0, "exit code of a plan of what was there")
