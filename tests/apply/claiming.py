"""`myelin claim`: a topic that nobody declared becomes a squad's own, and everybody who works there goes on."""

import company
from batch import batch
from company import apply, folder_of
from consent import inbox, proposed
from errors import NONE, TOPIC_AUTHORIZATION_FAILED
from kafka import create_topic, fetch, produce
from suite import Suite, check, check_code, check_equal, check_in, eventually

suite = Suite()
TOPIC = "legacy.basket"
OPEN = {company.POLICY: company.DOCUMENTS[company.POLICY].replace("platform_group: ops", "platform_group: ops, undeclared_topics: report")}
RETURNS = {"org/returns.yaml": """\
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: returns, annotations: {myelin.dev/domain: shop}}
spec: {type: team}
---
apiVersion: backstage.io/v1alpha1
kind: User
metadata: {name: rita}
spec: {memberOf: [returns]}
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: scanner, annotations: {myelin.dev/principals: scanner}}
spec: {owner: returns}
"""}
DENIED = 4


def write(server, user, count=1):
    with server.connect(user) as connection:
        return produce(connection, TOPIC, batch([b"x"] * count))["error_code"]


def read(server, user):
    with server.connect(user) as connection:
        return fetch(connection, TOPIC, 0)["error_code"]


def used_by(server, direction):
    return {edge["principal"] for edge in server.http(f"/api/v1/lineage?topic={TOPIC}", user="petra")[2][direction]}


def at_work(bench):
    """Checkout of squad orders writes the basket, invoicer of squad billing reads and corrects it; no document names it."""
    server = company.founded(bench)
    apply(server, folder_of(bench, OPEN))
    server.add("stranger")
    with server.connect("checkout") as connection:
        check_code(create_topic(connection, TOPIC), NONE, "create")
    check_code(write(server, "checkout", 3), NONE, "write of checkout")
    check_code(write(server, "invoicer"), NONE, "write of invoicer")
    check_code(read(server, "invoicer"), NONE, "read of invoicer")
    eventually(lambda: used_by(server, "writes") == {"checkout", "invoicer"} and used_by(server, "reads") == {"invoicer"}, what="all is measured")
    return server


def claim(server, *more, topic=TOPIC, squad="orders", user="olga", check=True):
    return server.tool("claim", topic, "--squad", squad, *more, user=user, check=check)


def owner(server):
    """None while it is nobody's."""
    lines = server.tool("who", TOPIC, user="petra").stdout.splitlines()
    return next((line.split("\t")[1] for line in lines if line.startswith("squad\t")), None)


def with_returns(bench):
    """The same, and scanner of squad returns, where rita is, wrote a fifth of the records."""
    server = at_work(bench)
    for name in ("rita", "scanner"):
        server.add(name)
    apply(server, folder_of(bench, OPEN | RETURNS))
    check_code(write(server, "scanner"), NONE, "write of scanner")
    eventually(lambda: "scanner" in used_by(server, "writes"), what="the write of scanner is measured")
    return server


@suite.test
def a_claim_is_settled_by_who_wrote_most_and_told_to_who_else_writes(bench):
    server = with_returns(bench)
    asked = claim(server, "--reason", "We mend it.", squad="billing", user="bert")
    number = proposed(asked)
    check_in("waits for squad orders: myelin approve", asked.stdout, "the answer")
    check_in("told: squad returns, which wrote 20 % of its 5 records; last on ", asked.stdout, "the answer")
    check_equal([inbox(server, user) for user in ("bert", "olga", "rita", "petra")], [[number]] * 4, "inboxes of author, writers and platform group")
    for user in ("rita", "bert"):
        check_equal(server.tool("approve", number, user=user, check=False).returncode, DENIED, f"exit code of an approval by {user}")
    check_equal(owner(server), None, "the owner before anybody agreed")
    check_in("revision 3 is in force", server.tool("approve", number, user="olga").stdout, "the approval by who wrote most")
    check_equal(owner(server), "billing", "the owner")
    revision = server.http("/api/v1/revisions/3", user="petra")[2]
    check_equal((revision["author"], revision["message"]), ("bert", "We mend it."), "author and message of the revision")
    (contract,) = [one["text"] for one in revision["documents"] if one["file"] == f"contracts/{TOPIC}.odcs.yaml"]
    check_in("# claimed for squad billing: checkout wrote 60 % of its 5 records; last on ", contract, "the contract")


@suite.test
def who_wrote_most_claims_at_once(bench):
    server = at_work(bench)
    check_in("revision 2 is in force", claim(server).stdout, "the claim")
    check_equal(owner(server), "orders", "the owner")


@suite.test
def where_no_document_knows_who_wrote_most_the_platform_group_settles(bench):
    server = at_work(bench)
    check_code(write(server, "stranger", 9), NONE, "write of the stranger")
    eventually(lambda: "stranger" in used_by(server, "writes"), what="the write of the stranger is measured")
    asked = claim(server)
    check_in("waits for the platform group", asked.stdout, "the answer")
    check_equal(server.tool("approve", proposed(asked), user="olga", check=False).returncode, DENIED, "exit code of an approval by the author")
    check_in("revision 2 is in force", server.tool("approve", proposed(asked), user="petra").stdout, "the approval")


@suite.test
def who_works_with_a_topic_goes_on_when_it_is_claimed_and_nobody_else(bench):
    server = at_work(bench)
    claim(server)
    for user in ("checkout", "invoicer"):
        check_code(write(server, user), NONE, f"write of {user}")
        check_code(read(server, user), NONE, f"read of {user}")
    check_code(read(server, "stranger"), TOPIC_AUTHORIZATION_FAILED, "read of somebody who never did")


@suite.test
def who_is_told_may_reject_a_claim(bench):
    server = with_returns(bench)
    number = proposed(claim(server, squad="billing", user="bert"))
    check_in("why: it is ours", server.tool("reject", number, "--reason", "it is ours", user="rita").stdout, "the rejection")
    check_equal((inbox(server, "bert"), owner(server)), ([], None), "the author's inbox, and the owner")


@suite.test
def a_squad_claims_what_it_was_seen_to_write(bench):
    server = at_work(bench)
    outside = claim(server, user="bert", check=False)
    check_equal((outside.returncode, "bert does not stand in squad orders" in outside.stderr), (DENIED, True), "a claim for another squad")
    with server.connect("checkout") as connection:
        check_code(create_topic(connection, "legacy.quiet"), NONE, "create")
    for topic in ("legacy.quiet", "legacy.nothing"):
        unseen = claim(server, topic=topic, user="bert", squad="billing", check=False)
        check_equal((unseen.returncode, unseen.stderr.splitlines()[0]),
                    (2, f"myelin: squad billing was not seen to write a topic {topic}: only the platform group can claim it"), f"a claim of {topic}")
    check_in("revision 2 is in force", claim(server, topic="legacy.quiet", squad="billing", user="petra").stdout, "a claim by the platform group")
    declared = claim(server, topic=company.TOPIC, user="petra", check=False)
    check_in("is squad orders's, at contracts/order.odcs.yaml:", declared.stderr, "a claim of what is declared")


@suite.test
def a_claim_shuts_nobody_out_who_came_since(bench):
    server = at_work(bench)
    number = proposed(claim(server, squad="billing", user="bert"))
    check_code(read(server, "stranger"), NONE, "read of the stranger")
    eventually(lambda: "stranger" in used_by(server, "reads"), what="the read is measured")
    refused = server.tool("approve", number, user="olga", check=False)
    check(refused.returncode != 0, "the approval went through")
    check_in("stranger came to use topic legacy.basket since it was claimed, and would be refused", refused.stderr, "the refusal")
    server.tool("reject", number, "--reason", "out of date", user="petra")
    server.tool("approve", proposed(claim(server, squad="billing", user="bert")), user="petra")
    check_code(read(server, "stranger"), NONE, "read of the stranger, who is named in it by now")


@suite.test
def a_guess_in_force_that_is_claimed_is_one_no_more(bench):
    server = at_work(bench)
    folder = bench.fresh() / "model"
    server.tool("adopt", "--folder", folder, user="petra")
    check_in("# guess, correct me: checkout wrote 75 % of its 4 records", (folder / "contracts" / f"{TOPIC}.odcs.yaml").read_text(), "what is adopted")
    apply(server, folder)
    check_equal(claim(server, user="bert", squad="billing", check=False).returncode, 1, "exit code of a claim by another squad that writes it")
    check_in("revision 3 is in force", claim(server).stdout, "the claim by the squad itself")
    (contract,) = [one["text"] for one in server.http("/api/v1/revisions/3", user="petra")[2]["documents"] if one["file"] == f"contracts/{TOPIC}.odcs.yaml"]
    check_in("# claimed for squad orders: checkout wrote 75 % of its 4 records; last on ", contract, "the contract")
    check("guess" not in contract, f"a guess is left: {contract}")
