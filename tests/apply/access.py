"""Who may change what, and that sessions that are open feel it within a second."""
import datetime
import time

import company
from batch import batch
from company import CONTRACT, GRANT, TOPIC, apply, changed, folder_of, plan
from errors import NONE, TOPIC_AUTHORIZATION_FAILED
from kafka import fetch, produce
from suite import Suite, check, check_code, check_equal, check_in, eventually

suite = Suite()
CART = company.DOCUMENTS[CONTRACT].replace("id: order\n", "id: cart\n").replace("shop.order", "shop.cart").replace("name: order\n", "name: cart\n")


def read(connection):
    return fetch(connection, TOPIC, 0)["error_code"]


def with_traffic(bench):
    """The company at work: checkout wrote, invoicer read; both sessions are open."""
    server = company.started(bench)
    writer, reader = bench.enter(server.connect("checkout")), bench.enter(server.connect("invoicer"))
    check_code(produce(writer, TOPIC, batch([b"one", b"two"]))["error_code"], NONE, "produce")
    check_code(read(reader), NONE, "read")
    eventually(lambda: server.http("/api/v1/lineage", user="petra")[2]["reads"], what="the read is measured")
    return server, writer, reader


@suite.test
def a_grant_that_is_rejected_ends_a_running_readers_access_within_a_second(bench):
    server, _, reader = with_traffic(bench)
    planned = plan(server, folder_of(bench, changed(GRANT, "status: approved", "status: rejected")))
    check_in("hits read of topic shop.order by invoicer (billing), last seen just now", planned.stdout, "the plan")
    apply(server, folder_of(bench, changed(GRANT, "status: approved", "status: rejected")))
    until = time.monotonic() + 1
    while read(reader) == NONE:
        check(time.monotonic() < until, "the reader still reads a second after the apply")
    check_code(read(reader), TOPIC_AUTHORIZATION_FAILED, "read")


@suite.test
def a_grant_that_comes_opens_a_running_session_within_a_second(bench):
    server = company.founded(bench)
    apply(server, folder_of(bench, {GRANT: None}))
    with server.connect("invoicer") as reader:
        check_code(read(reader), TOPIC_AUTHORIZATION_FAILED, "read without a grant")
        apply(server, folder_of(bench))
        eventually(lambda: read(reader) == NONE, 1, "the reader reads")


@suite.test
def a_grant_ends_at_its_end_on_a_running_session(bench):
    server, _, reader = with_traffic(bench)
    end = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=3)
    dated = changed(GRANT, "status: approved\n", f"status: approved\nendTimestamp: \"{end:%Y-%m-%dT%H:%M:%SZ}\"\n")
    apply(server, folder_of(bench, dated))
    check_code(read(reader), NONE, "read before the end")
    eventually(lambda: read(reader) == TOPIC_AUTHORIZATION_FAILED, 4, "the grant is over")


@suite.test
def a_delete_wants_to_be_asked_for_and_nobody_who_reads(bench):
    server, _, _ = with_traffic(bench)
    without = folder_of(bench, {GRANT: None})
    check_equal(plan(server, without).returncode, 0, "exit code: a file that is left out deletes nothing")
    refused = apply(server, without, "--allow-delete", check=False)
    check_equal(refused.returncode, 4, "exit code while billing reads")
    check_in("grant orders-for-billing is in use and can't be deleted: read of topic shop.order by invoicer (billing), last seen just now",
             refused.stdout, "the reason")


@suite.test
def an_unused_grant_goes_when_that_is_asked_for(bench):
    server = company.started(bench)
    check_in("revision 2 is in force", apply(server, folder_of(bench, {GRANT: None}), "--allow-delete").stdout, "the apply")
    with server.connect("invoicer") as reader:
        check_code(read(reader), TOPIC_AUTHORIZATION_FAILED, "read")


@suite.test
def a_squad_applies_its_own_and_nothing_of_others(bench):
    server = company.started(bench)
    own = company.write(bench.fresh() / "own", {"contracts/cart.odcs.yaml": CART})
    check_in("revision 2 is in force", apply(server, own, user="olga").stdout, "a contract under the squad's own prefix")
    for name, documents, why in (
            ("a grant for another's product", changed(GRANT, "purpose: Write invoices.", "purpose: Because."),
             "needs the consent of squad orders: grant orders-for-billing is its own"),
            ("another's topic", {"contracts/theft.odcs.yaml": CART.replace("shop.cart", "shop.theft").replace("id: cart", "id: theft")
                                 .replace("team: {name: orders}", "team: {name: billing}")}, "needs the consent of squad orders"),
            ("a topic of nobody", {"contracts/free.odcs.yaml": CART.replace("shop.cart", "free.topic").replace("id: cart", "id: free")
                                   .replace("team: {name: orders}", "team: {name: billing}")}, "needs the consent of the platform group"),
            ("a new principal", changed("org/invoicer.yaml", "myelin.dev/principals: invoicer", "myelin.dev/principals: invoicer petra-2"),
             "needs the consent of the platform group: principal petra-2 is new"),
            ("a wider prefix", changed("org/invoicer.yaml", "principals: invoicer", "principals: invoicer, myelin.dev/prefixes: free"),
             "needs the consent of the platform group: prefix free is new"),
            ("the policy", changed("myelin/policy.yaml", "platform_group: ops", "platform_group: billing"), "needs the consent of the platform group"),
            ("a member", changed("org/people.yaml", "metadata: {name: bert}\nspec: {memberOf: [billing]}",
                                 "metadata: {name: bert}\nspec: {memberOf: [billing, ops]}"), "needs the consent of the platform group")):
        refused = apply(server, company.write(bench.fresh() / "part", documents), user="bert", check=False)
        check_equal(refused.returncode, 4, f"exit code for {name}")
        check_in(why, refused.stdout, name)
    check_equal(server.http("/api/v1/revisions", user="petra")[2]["items"][0]["revision"], 2, "the last revision")


@suite.test
def a_refused_apply_is_recorded_and_who_stands_in_no_squad_sees_no_plan(bench):
    server = company.started(bench)
    folder = company.write(bench.fresh() / "part", changed(CONTRACT, "1.0.0", "1.1.0"))
    made = server.http("/api/v1/plan", user="bert", method="POST", body={"files": [
        {"file": CONTRACT, "text": (folder / CONTRACT).read_text()}]})[2]["id"]
    status, _, answer = server.http("/api/v1/revisions", user="bert", method="POST", body={
        "plan": made, "files": [{"file": CONTRACT, "text": (folder / CONTRACT).read_text()}]})
    check_equal(status, 403, "status")
    check_in("needs the consent of squad orders", answer["detail"], "the answer")
    denied = [record for record in server.http("/api/v1/audit", user="petra")[2]["items"] if record["outcome"] == "denied"]
    check_equal([(record["principal"], record["action"]) for record in denied], [("bert", "apply")], "denials in the audit log")
    server.add("stranger")
    for user in ("stranger", "checkout"):  # an application of the very squad that owns the contract
        refused = plan(server, folder, user=user)
        check_equal(refused.returncode, 4, f"exit code of a plan by {user}")
        check_in(f"{user} stands in no squad", refused.stderr, "the refusal")
