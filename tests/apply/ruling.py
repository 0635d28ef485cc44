"""Rules of the Policy on a running server: a plan is refused, and requests are counted under report as often as they are denied under block."""
import json

import company
from client import SignInRefused
from company import CONTRACT, GRANT, POLICY, apply, changed, folder_of, plan
from consent import request
from errors import NONE, POLICY_VIOLATION
from kafka import create_topic
from suite import Suite, check, check_code, check_equal, check_in

suite = Suite()
NAMES = ("checkout.cart", "checkout.Cart", "checkout.CART", "checkout.cart-lines")
OLD, NEW = "2.8.1", "3.7.0"


def rule(name, about, must, rung):
    return (f'    - {{name: {name}, about: {about}, owner: ops, principle: order, message: mend it, rung: {rung},\n'
            f'       must: "{must}"}}\n')


def rules(rung):
    return changed(POLICY, "spec: {platform_group: ops}", "spec:\n  platform_group: ops\n  rules:\n"
                   + rule("names", "topic_creation", "topic.name.matches('^[a-z.-]+$')", rung)
                   + rule("purposes", "access_request", "request.purpose.size() > 20", rung)
                   + rule("clients", "connection", "!has(client.major) || client.major >= 3", rung))


def told(server):
    """{rule: (would have denied, denied)}, each as (times, squads)."""
    items = json.loads(server.tool("policy", "--output", "json", user="petra").stdout)["items"]
    pair = lambda counted: (counted["times"], counted["squads"])
    return {one["name"]: (pair(one["would_have_denied"]), pair(one["denied"])) for one in items}


def connect(server, user, version):
    """Whether somebody with a client of this version may sign in."""
    connection = server.connect()
    connection.request("ApiVersions", 3, {"client_software_name": "apache-kafka-java", "client_software_version": version})
    try:
        connection.sign_in(user, server.passwords[user])
    except SignInRefused as refused:
        check_in("rule clients: mend it", str(refused), "the refusal")
        return False
    finally:
        connection.close()
    return True


def sequence(server):
    """A fixed sequence of requests; how many were refused, by rule."""
    with server.connect("checkout") as connection:
        codes = [create_topic(connection, name) for name in NAMES]
    created = sum(code == POLICY_VIOLATION for code in codes)
    asked = [request(server, check=False)]
    signed_in = [connect(server, user, version) for user, version in (("checkout", OLD), ("invoicer", OLD), ("invoicer", NEW))]
    for one in asked:
        check(one.returncode == 0 or "rule purposes: mend it" in one.stderr, f"the answer to the request: {one.stderr}")
    return {"names": created, "purposes": sum(one.returncode == 4 for one in asked), "clients": signed_in.count(False)}


def planned_json(server, bench):
    return json.loads(plan(server, folder_of(bench, rules("block") | {GRANT: None}), "--output", "json").stdout)


def rule_lines(text):
    lines = [line for line in text.splitlines() if line.startswith("  rule ")]
    check(lines, f"the plan tells of no rule: {text}")
    return lines


@suite.test
def what_a_rule_counts_under_report_it_denies_under_block(bench):
    server = company.founded(bench)
    apply(server, folder_of(bench, rules("report") | {GRANT: None}))
    nothing = {"names": 0, "purposes": 0, "clients": 0}
    check_equal(sequence(server), nothing, "refused under report")
    counted = {"names": ((2, ["orders"]), (0, [])), "purposes": ((1, ["billing"]), (0, [])), "clients": ((2, ["billing", "orders"]), (0, []))}
    check_equal(told(server), counted, "counted under report")
    server.kill()
    server.start()
    check_equal(told(server), counted, "counted, after a kill")
    planned = plan(server, folder_of(bench, rules("block") | {GRANT: None})).stdout
    check_in("rule names (report > block): would have denied 2, from 1 squad, since ", planned, "the plan")
    check_in("rule clients (report > block): would have denied 2, from 2 squads, since ", planned, "the plan")
    told_of_clients = next(one for one in planned_json(server, bench)["rules"] if one["rule"] == "clients")
    counted_then = told_of_clients.pop("would_have_denied")
    check_equal((counted_then["times"], counted_then["squads"]), (2, 2), "what the plan tells as JSON")
    check_equal(told_of_clients, {"rule": "clients", "rung": "block", "before": "report", "place": told_of_clients["place"], "about_requests": True}, "the rule")
    saved = bench.fresh() / "state.json"
    server.tool("state", "--out", saved, user="petra")
    offline = server.tool("plan", folder_of(bench, rules("block") | {GRANT: None}), "--against", saved, check=False).stdout
    check_equal(rule_lines(offline), rule_lines(planned), "what a plan against a file tells of rules")
    apply(server, folder_of(bench, rules("block") | {GRANT: None}))
    refused = sequence(server)
    check_equal(refused, {"names": 2, "purposes": 1, "clients": 2}, "refused under block")
    check_equal({name: denied[0] for name, (_, denied) in told(server).items()}, refused, "counted as denied")
    check_equal({name: before for name, (before, _) in told(server).items()}, {name: before for name, (before, _) in counted.items()}, "what was counted before")


@suite.test
def what_is_new_against_a_rule_that_blocks_refuses_the_apply(bench):
    server = company.founded(bench)
    sized = changed(POLICY, "spec: {platform_group: ops}", "spec:\n  platform_group: ops\n  rules:\n"
                    + rule("sizes", "topic", "topic.partitions <= 4", "block"))
    apply(server, folder_of(bench, sized))
    wide = sized | changed(CONTRACT, "value: 2", "value: 8")
    check_equal(plan(server, folder_of(bench, wide)).returncode, 4, "exit code of the plan")
    as_json = json.loads(plan(server, folder_of(bench, wide), "--output", "json").stdout)
    check_equal(as_json["findings"], [{"rule": "sizes", "rung": "block", "what": "topic shop.order", "place": "contracts/order.odcs.yaml:9:19", "message": "mend it",
                                       "principle": "order", "owner": "ops", "new": True}], "findings")
    (sizes,) = as_json["rules"]
    check_equal((sizes["disobeying"], sizes["disobeying_newly"], sizes["before"]), (1, 1, "block"), "the rule's counts")
    refused = apply(server, folder_of(bench, wide), user="olga", check=False)
    check_equal(refused.returncode, 4, "exit code of the apply")
    check_in("rule sizes: topic shop.order (contracts/order.odcs.yaml:9:19): mend it; it serves \"order\"; ask squad ops", refused.stdout + refused.stderr, "the refusal")


@suite.test
def a_warning_lets_pass_and_is_told(bench):
    server = company.founded(bench)
    apply(server, folder_of(bench, rules("warn") | {GRANT: None}))
    with server.connect("checkout") as connection:
        check_code(create_topic(connection, "checkout.Cart"), NONE, "create")
    records = server.http("/api/v1/audit", user="petra")[2]["items"]
    check(any("rule names: mend it" in json.dumps(one) for one in records), f"the audit log has {records[:5]}")
    log = server.log_path.read_text()
    check_in("a rule of the Policy is not obeyed rule=names about=topic_creation squad=orders owner=ops times=1", log, "the server's log")
    metrics = server.http("/metrics", user="petra")[2]
    check_in('myelin_policy_disobeyed_total{rule="names",answer="let_through"} 1', metrics, "the metrics")
    asked = request(server)
    check_in("myelin: warning: rule purposes: mend it", asked.stderr, "what who asks for access is told")
    check_in("waits for squad orders", asked.stdout, "the answer")
