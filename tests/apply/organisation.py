"""Squads that say how they work together, beside what moves between them; and what a plan would make of it."""
import json

import company
from access import with_traffic
from company import CONTRACT, GRANT, TOPIC, apply, changed, folder_of, plan
from suite import Suite, check, check_equal, check_in

suite = Suite()
PRODUCT, CHECKOUT, INVOICER, SQUADS, PEOPLE = ("products/orders.odps.yaml", "org/checkout.yaml", "org/invoicer.yaml", "org/squads.yaml",
                                               "org/people.yaml")
BILLING = """\
---
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: billing, annotations: {myelin.dev/domain: shop}}
spec: {type: team}
"""


def profile(squad, more=""):
    return {"myelin/team.yaml": f"""\
apiVersion: myelin.dev/v1alpha1
kind: TeamProfile
metadata: {{name: {squad}}}
spec:
  squad: {squad}
  type: stream-aligned
  headcount: 4
  on_call: "#{squad}-on-call"
{more}"""}


SERVICE = "  interactions:\n    - {with: billing, mode: x-as-a-service, purpose: Orders to invoice.}\n"


def asked(server, user="petra", squad=""):
    status, _, answer = server.http("/api/v1/organisation" + (f"?squad={squad}" if squad else ""), user=user)
    check_equal(status, 200, f"status of the organisation for {user}")
    return {name: value for name, value in answer.items() if name not in ("at", "attach_mode", "mode_drift", "mode_drift_left_out")}


def what_if(server, folder, *more):
    return json.loads(plan(server, folder, "--what-if", "--output", "json", *more).stdout)["what_if"]


def paths(answer):
    return [(edge["producer"], edge["topic"], edge["consumer"], edge["mark"]) for edge in answer["edges"]]


def figures(answer, squad):
    load = next(one for one in answer["load"] if one["squad"] == squad)
    return {figure["name"]: figure["value"] for figure in load["figures"]}


def as_told(server, changes, *more):
    """What the plan tells, which is what is told before and after its apply."""
    folder, before = folder_of(server.bench, changes), asked(server)
    told = what_if(server, folder, *more)
    check_equal(told["before"], before, "what the plan says of now")
    apply(server, folder, *more)
    check_equal(asked(server), told["after"], "what is said after the apply")
    return told


def at_work(bench):
    server, _, _ = with_traffic(bench)
    server.bench = bench
    return server


@suite.test
def edges_are_measured_and_interactions_declare_them(bench):
    server = at_work(bench)
    before = asked(server)
    check_equal(paths(before), [("orders", TOPIC, "billing", "observed")], "edges")
    check_equal(before["congruence"]["text"], "0 of 1 edges between squads are declared", "congruence")
    edge = before["edges"][0]
    check_equal((edge["written_records"], edge["served_offsets"], edge["interaction"]), (2, 2, None), "what moved")
    apply(server, folder_of(bench, profile("orders", SERVICE)))
    after = asked(server)
    check_equal(paths(after), [("orders", TOPIC, "billing", "both")], "edges once the squads say so")
    check_equal(after["edges"][0]["interaction"]["declared_at"], {"file": "myelin/team.yaml", "line": 10, "column": 7}, "where they say it")
    check_equal(figures(after, "orders"), {"products": 1, "contracts": 1, "topics": 1, "consumers": 1, "calls": 6}, "what orders carries")
    per_member = next(one for one in after["load"] if one["squad"] == "orders")["figures"][0]["per_member"]
    check_equal(per_member, 0.25, "products per member")


@suite.test
def a_product_that_moves_is_told_as_it_will_be(bench):
    server = at_work(bench)
    apply(server, folder_of(bench, profile("orders", SERVICE)))
    told = as_told(server, profile("orders", SERVICE) | changed(CONTRACT, "name: orders", "name: billing") |
                   changed(PRODUCT, "team: {name: orders}", "team: {name: billing}") | changed(CHECKOUT, "owner: orders", "owner: billing") |
                   changed(GRANT, "provider: {teamId: orders", "provider: {teamId: billing"))
    check_equal([(one["fate"], one["edge"]["producer"], one["edge"]["consumer"]) for one in told["edges"]], [("goes", "orders", "billing")], "edges")
    check_equal(told["after"]["congruence"]["edges"], 0, "edges that are left")
    check_equal(len(told["after"]["unused"]), 1, "interactions that nothing moves for any more")
    check_equal([one["after"]["squad"] for one in told["load"]], ["billing", "orders"], "squads whose load changes")
    handover = {"kind": "product", "name": "orders", "before": "orders", "after": "billing"}
    check(handover in told["consents"], f"whose consent counts from then on: {told['consents']}")


@suite.test
def two_squads_that_merge_are_told_as_they_will_be(bench):
    server = at_work(bench)
    merged = (changed(SQUADS, BILLING, "") | changed(PEOPLE, "memberOf: [billing]", "memberOf: [orders]") |
              changed(INVOICER, "owner: billing", "owner: orders") | changed(GRANT, "consumer: {teamId: billing}", "consumer: {teamId: orders}"))
    told = as_told(server, merged, "--allow-delete")
    check_equal([(one["fate"], one["edge"]["consumer"]) for one in told["edges"]], [("goes", "billing")], "edges")
    check_equal([one["squad"] for one in told["after"]["load"]], ["ops", "orders"], "squads that are left")
    check_equal(figures(told["after"], "orders")["consumers"], 0, "applications of others that read from orders")


@suite.test
def a_squad_that_splits_is_told_as_it_will_be(bench):
    server = at_work(bench)
    tax = BILLING.replace("name: billing", "name: tax")
    split = ({SQUADS: company.DOCUMENTS[SQUADS] + tax} | changed(INVOICER, "owner: billing", "owner: tax") |
             changed(GRANT, "consumer: {teamId: billing}", "consumer: {teamId: tax}") |
             profile("tax", "  interactions:\n    - {with: orders, mode: collaboration, purpose: The rate of an order., until: 2099-12-31}\n"))
    told = as_told(server, split)
    check_equal([(one["fate"], one["edge"]["consumer"], one["edge"]["mark"]) for one in told["edges"]],
                [("goes", "billing", "observed"), ("comes", "tax", "both")], "edges")
    check_equal(told["after"]["congruence"]["text"], "1 of 1 edges between squads is declared", "congruence")


@suite.test
def a_plan_without_a_server_tells_it_without_amounts(bench):
    server = at_work(bench)
    path = bench.fresh() / "state.json"
    server.tool("state", "--out", path, user="petra")
    folder = folder_of(bench, profile("orders", SERVICE))
    online, offline = what_if(server, folder), what_if(server, folder, "--against", path)
    for answer in (online["before"], online["after"]):
        for edge in answer["edges"]:
            edge |= dict.fromkeys(("written_records", "written_bytes", "served_offsets", "served_bytes"))
    check_equal(offline["after"], online["after"], "what is told of then")
    check_equal(offline["before"], online["before"], "what is told of now")


@suite.test
def a_what_if_is_told_only_where_it_was_asked_for(bench):
    server = at_work(bench)
    folder = folder_of(bench, profile("orders", SERVICE))
    check("what_if" not in json.loads(plan(server, folder, "--output", "json").stdout), "told without being asked for")
    shown = plan(server, folder, "--what-if")
    check_equal(shown.returncode, 3, "exit code")
    check_in(f"  becomes declared: orders > {TOPIC} > billing; declared: orders with billing: x-as-a-service, Orders to invoice.", shown.stdout, "the words")
    check_in("```text\nwhat if it were applied", plan(server, folder, "--what-if", "--output", "markdown").stdout, "the words for a pull request")
    loud = folder_of(bench, profile("orders", SERVICE.replace("Orders to invoice.", '"Orders```\\n```\\n# Approved"')))
    markdown = plan(server, loud, "--what-if", "--output", "markdown").stdout.splitlines()
    check_equal(([line for line in markdown if line.startswith("```")], "# Approved" in markdown), (["```text", "```"], False), "a purpose that looks like markup")
    wrong = server.http("/api/v1/plan", user="petra", method="POST", body={"files": [{"file": "org/x.yaml", "text": ""}], "what_if": "yes"})
    check_equal(wrong[0], 400, "status of a what_if that is neither true nor false")


@suite.test
def a_squad_sees_what_its_own_move_and_asks_about_one_squad(bench):
    server = at_work(bench)
    check_equal(paths(asked(server, user="bert")), [("orders", TOPIC, "billing", "observed")], "what the reader's squad sees")
    check_equal(paths(asked(server, squad="ops")), [], "edges of ops")
    check_equal([one["squad"] for one in asked(server, squad="ops")["load"]], ["ops"], "loads of ops")
    shown = server.tool("organisation", "--squad", "billing", "--output", "csv", user="petra").stdout.splitlines()
    check_equal(shown[0], "what,squad,topic,with,value,per_member,last_seen,mark,declared_at", "columns")
    check_in("undeclared edge,orders,shop.order,billing", shown[1], "the first line")
    nobody = server.tool("organisation", "--squad", "bilings", user="petra", check=False)
    check_equal(nobody.returncode, 1, "exit code for no squad")
    check_in('no squad is called "bilings"; did you mean "billing"?', nobody.stderr, "the error")


@suite.test
def nobody_learns_by_a_plan_who_uses_what(bench):
    server = at_work(bench)
    tax = (BILLING + BILLING.replace("kind: Group", "kind: User").replace("{name: billing, annotations: {myelin.dev/domain: shop}}", "{name: tess}")
           .replace("type: team", "memberOf: [tax]")).replace("name: billing", "name: tax")
    apply(server, folder_of(bench, {SQUADS: company.DOCUMENTS[SQUADS] + tax}))
    server.add("tess")
    check_equal(paths(asked(server, user="tess")), [], "what another squad sees")
    hers = folder_of(bench, {SQUADS: company.DOCUMENTS[SQUADS] + tax} | changed(CONTRACT, "name: orders", "name: tax") |
                     changed(PRODUCT, "team: {name: orders}", "team: {name: tax}") | changed(GRANT, "provider: {teamId: orders", "provider: {teamId: tax"))
    told = json.loads(plan(server, hers, "--what-if", "--output", "json", user="tess").stdout)["what_if"]
    check_equal(paths(told["before"]) + paths(told["after"]), [], "edges in a plan that would make the topic hers")
    check_equal(figures(told["after"], "tax")["consumers"], 0, "consumers in that plan")


@suite.test
def who_is_on_call_is_told_with_a_squad_and_with_who_is_called(bench):
    server = at_work(bench)
    apply(server, folder_of(bench, profile("orders")))
    shown = server.tool("who", "orders", "--kind", "squad", user="petra").stdout.splitlines()
    check("type\tstream-aligned" in shown and "on call\t#orders-on-call" in shown, f"type and on call in {shown}")
    called = server.tool("who", TOPIC, "--failure", "data", user="petra").stdout.split("\t")
    check_equal(called[2:4], ["orders", "#orders-on-call"], "whom to call, and where")


@suite.test
def a_profile_is_its_squads_own(bench):
    server = at_work(bench)
    apply(server, folder_of(bench, profile("orders", SERVICE)))
    later = folder_of(bench, profile("orders", SERVICE.replace("Orders to invoice.", "Orders.")))
    refused = plan(server, later, user="bert")
    check_equal(refused.returncode, 4, "exit code of another squad's plan")
    check_in("needs the consent of squad orders: team profile orders is its own", refused.stdout, "the plan")
    check_equal(plan(server, later, user="olga").returncode, 3, "exit code of the squad's own plan")
    check_in("spec.interactions[billing].purpose: Orders to invoice. > Orders.", plan(server, later, user="olga").stdout, "the change")


@suite.test
def a_wrong_profile_is_refused_with_its_place(bench):
    server = at_work(bench)
    wrong = profile("orders", "  interactions:\n    - {with: biling, mode: collaboration, purpose: Prices.}\n")
    refused = apply(server, folder_of(bench, wrong), check=False)
    check_equal(refused.returncode, 2, "exit code")
    check_in('myelin/team.yaml:10:14: Group "biling" is not declared; did you mean "billing"?', refused.stderr, "the error")
    check_in("myelin/team.yaml:10:7: spec.interactions[0].until is missing; collaboration has an end", refused.stderr, "the error")
