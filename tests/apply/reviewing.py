"""What is granted and not used, found on a running server, and settled by the patch that it writes."""
import json
import subprocess

import company
from batch import batch
from company import TOPIC, apply, folder_of, plan
from consent import read
from errors import NONE
from kafka import produce
from suite import Suite, check, check_code, check_equal, check_in, eventually

suite = Suite()
UNUSED = {"grants/others.yaml": """\
# Two that nobody needs any more.
apiVersion: v0.9.0
kind: AccessAgreement
id: orders-once
status: approved
description: {purpose: A report that was written once.}
endTimestamp: 2025-12-31
provider: {teamId: orders, dataProductId: orders, outputPortId: order}
consumer: {teamId: billing}
---
apiVersion: v0.9.0
kind: AccessAgreement
id: orders-for-ops
status: requested
description: {purpose: Asked for in a document.}
provider: {teamId: orders, dataProductId: orders, outputPortId: order}
consumer: {teamId: ops}
""", "myelin/right.yaml": """\
apiVersion: myelin.dev/v1alpha1
kind: DirectGrant
metadata: {name: invoicer-adds}
spec: {principal: invoicer, resource: topic, name: shop.order, operations: [all]}
"""}


def review(server, *more, user="petra"):
    done = server.tool("review", "--output", "json", *more, user=user, check=False)
    return done.returncode, [(one["kind"], one["squad"], one["what"]) for one in json.loads(done.stdout)["items"]]


@suite.test
def a_review_finds_what_is_over_and_the_patch_settles_it(bench):
    server = company.founded(bench)
    folder = folder_of(bench, UNUSED)
    apply(server, folder)
    with server.connect("checkout") as writer, server.connect("invoicer") as reader:
        check_code(produce(writer, TOPIC, batch([b"one"]))["error_code"], NONE, "produce")
        check_code(read(reader), NONE, "read")
    eventually(lambda: server.http("/api/v1/lineage", user="petra")[2]["reads"], what="the read is measured")
    check_equal(review(server), (3, [("ended-grant", "orders", "grant orders-once")]), "what is found of what is new")
    check_equal(review(server, user="bert"), (0, []), "what squad billing has to settle")
    patch = folder.parent / "review.patch"
    said = server.tool("review", "--write-patch", patch, user="olga", check=False)
    check_equal(said.returncode, 3, "exit code")
    check_in("it ended on 2026-01-01", said.stdout, "the evidence")
    subprocess.run(["git", "apply", "--check", patch], cwd=folder, check=True, capture_output=True)
    subprocess.run(["git", "apply", patch], cwd=folder, check=True, capture_output=True)
    check_equal((folder / "grants/others.yaml").read_text(), UNUSED["grants/others.yaml"].split("---\n")[1], "the file without it")
    planned = plan(server, folder, "--allow-delete", user="olga").stdout
    check_in("0 to create, 0 to change, 1 to delete", planned, "the plan of the patched folder")
    check_in("- grant orders-once", planned, "the plan of the patched folder")
    apply(server, folder, "--allow-delete", user="olga")
    check_equal(review(server), (0, []), "what is found afterwards")
    again = server.tool("review", "--write-patch", patch, user="olga", check=False)
    check_equal(again.returncode, 0, "exit code when nothing is found")
    check(patch.read_text().startswith("--- a/grants/others.yaml"), "the patch was written over")


@suite.test
def a_review_is_for_those_who_settle_something(bench):
    server = company.started(bench)
    server.add("stranger")
    for user in ("stranger", "invoicer"):
        check_equal(server.tool("review", user=user, check=False).returncode, 4, f"exit code for {user}")
    wrong = server.http("/api/v1/review?kind=lazy", user="petra")
    check_equal(wrong[0], 400, "status of an unknown kind")
    check_in("unused-grant, wide-grant", wrong[2]["detail"], "what it says")
