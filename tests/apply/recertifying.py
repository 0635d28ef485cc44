"""Grants are looked at again: what is due is listed with what was read by it, and the owner confirms it or takes it away."""
import json
import subprocess

import company
from batch import batch
from company import GRANT, POLICY, TOPIC, apply, changed, folder_of
from consent import read
from errors import NONE
from kafka import create_topic, produce
from server import Server
from suite import Suite, check_code, check_equal, check_in, eventually

suite = Suite()
WRONG, DUE, REFUSED = 2, 3, 4
EVERY_MONTH = changed(POLICY, "platform_group: ops", "platform_group: ops, recertify_days: 30")
NAME = "orders-for-billing"


def of_a_folder(bench):
    """A server over a folder: since when its grants are there nobody knows, so they are due at once."""
    server = bench.enter(Server(bench.binary, bench.fresh(), listen=["sasl_plaintext"], model=folder_of(bench, EVERY_MONTH)))
    server.enrol("petra", company.PEOPLE)
    return server


def recertify(server, *words, user, check=True):
    return server.tool("recertify", *words, user=user, check=check)


def listed(server, *words, user):
    return json.loads(recertify(server, *words, "--output", "json", user=user, check=False).stdout)["items"]


def due(server, user):
    return [item["grant"] for item in listed(server, "--due", user=user)]


def in_inbox(server, user):
    return [item["grant"] for item in server.http("/api/v1/inbox", user=user)[2]["due_grants"]]


@suite.test
def the_owner_confirms_what_is_due_with_its_evidence(bench):
    server = of_a_folder(bench)
    with server.connect("checkout") as writer, server.connect("invoicer") as reader:
        check_code(create_topic(writer, TOPIC, 2), NONE, "create")
        check_code(produce(writer, TOPIC, batch([b"one", b"two"]))["error_code"], NONE, "produce")
        check_code(read(reader), NONE, "read")
    eventually(lambda: listed(server, "--due", user="olga")[0]["offsets"] == 2, what="the read is measured")
    check_equal((due(server, "olga"), due(server, "petra"), due(server, "bert")), ([NAME], [NAME], []), "what is due, for owner, platform and reader")
    check_equal((in_inbox(server, "olga"), in_inbox(server, "bert")), ([NAME], []), "inboxes of owner and reader")
    shown = recertify(server, "--due", user="olga", check=False)
    check_equal(shown.returncode, DUE, "exit code of the list")
    check_in("; 2 offsets in 35 days", shown.stdout, "the evidence")
    check_in(f"myelin recertify {NAME}", shown.stdout, "what to do")
    check_in(f"myelin recertify {NAME}", server.tool("inbox", user="olga").stdout, "the inbox in words")
    refused = recertify(server, NAME, user="bert", check=False)
    check_equal(refused.returncode, REFUSED, "exit code of the reader's squad")
    check_in("is for squad orders and the platform group to confirm", refused.stderr, "the refusal")
    check_in("due again on", recertify(server, NAME, "--reason", "invoices go on", user="olga").stdout, "the confirmation")
    check_equal((due(server, "olga"), in_inbox(server, "olga")), ([], []), "what is due afterwards")
    records = [one for one in server.http("/api/v1/audit", user="petra")[2]["items"] if one["action"] == "recertify"]
    check_equal({(one["principal"], one["outcome"]) for one in records if one["principal"] == "bert"}, {("bert", "denied")}, "the refusal in the audit log")
    check_in(f"grant {NAME}: last read on", [one for one in records if one["principal"] == "olga"][0]["resource"], "the record")
    server.kill()
    server.start()
    (kept,) = listed(server, "--all", user="olga")
    check_equal((kept["overdue"], kept["confirmed"]["principal"], kept["confirmed"]["squad"], kept["confirmed"]["reason"]),
                (False, "olga", "orders", "invoices go on"), "what is kept over a kill")
    check_in("2 offsets in 35 days", kept["confirmed"]["evidence"], "the evidence that is kept")
    check_equal(recertify(server, "--due", user="olga").returncode, 0, "exit code when nothing is due")


@suite.test
def a_grant_is_due_a_period_after_it_was_applied(bench):
    server = company.founded(bench)
    apply(server, folder_of(bench, EVERY_MONTH))
    check_equal(due(server, "olga"), [], "what is due on the first day")
    (item,) = listed(server, "--all", user="olga")
    check_equal(item["since"], server.http("/api/v1/revisions/1", user="petra")[2]["time"], "since when it counts")
    apply(server, company.write(bench.fresh() / "moved", {"grants/moved.yaml": company.DOCUMENTS[GRANT]}))
    check_equal(listed(server, "--all", user="olga")[0]["since"], item["since"], "since when it counts in another file")
    apply(server, company.write(bench.fresh() / "policy", {POLICY: company.DOCUMENTS[POLICY]}))
    check_equal(server.http("/api/v1/recertifications", user="olga")[2], {"recertify_days": None, "items": []}, "without a period")
    check_in("declares no recertify_days", recertify(server, "--due", user="olga").stderr, "the list without a period")


@suite.test
def what_is_not_to_stay_is_taken_away_by_a_patch(bench):
    server = company.founded(bench)
    folder = folder_of(bench, EVERY_MONTH)
    apply(server, folder)
    patch = folder.parent / "away.patch"
    recertify(server, NAME, "--write-patch", patch, user="olga")
    subprocess.run(["git", "apply", patch], cwd=folder, check=True, capture_output=True)
    apply(server, folder, user="olga")
    check_equal(listed(server, "--all", user="olga"), [], "live grants")
    over = recertify(server, NAME, user="olga", check=False)
    check_equal(over.returncode, WRONG, "exit code for one that is over")
    check_in(f"grant {NAME} is rejected: there is nothing to confirm", over.stderr, "the error")
    unknown = recertify(server, "orders-for-biling", user="olga", check=False)
    check_equal(unknown.returncode, WRONG, "exit code for an unknown one")
    check_in(f'did you mean "{NAME}"', unknown.stderr, "the error")
    for words in ((), (NAME, "--due"), ("--due", "--all")):
        check_equal(recertify(server, *words, user="olga", check=False).returncode, WRONG, f"exit code of {words}")
