"""Who is called when something goes wrong, and that a change of a mode is felt by the next question."""
import json

import company
from company import TOPIC, apply, folder_of, plan
from suite import Suite, check_equal, check_in

suite = Suite()
PRODUCT = "products/orders.odps.yaml"
MODEL = {"myelin/accountability.yaml": """\
apiVersion: myelin.dev/v1alpha1
kind: AccountabilityModel
metadata: {name: shop}
spec: {central: billing, steering: ops}
"""}


def in_mode(mode):
    return {PRODUCT: company.DOCUMENTS[PRODUCT] + f"customProperties:\n  - {{property: mode, value: {mode}, vendor: myelin}}\n"}


def called(server, failure, thing=TOPIC):
    calls = json.loads(server.tool("who", thing, "--output", "json", user="petra").stdout)["answers"][0]["calls"]
    found = [call for call in calls if call["failure"] == failure]
    check_equal(len(found), 1, f"squads called for {failure}")
    return found[0]


@suite.test
def a_mode_that_flips_changes_who_is_called(bench):
    server = company.founded(bench)
    apply(server, folder_of(bench, MODEL | in_mode("growth")))
    check_equal((called(server, "data")["squad"], called(server, "lag")["squad"]), ("orders", "orders"), "called in mode growth")
    apply(server, folder_of(bench, MODEL | in_mode("optimise")))
    check_equal((called(server, "data")["squad"], called(server, "lag")["squad"]), ("orders", "billing"), "called in mode optimise")
    apply(server, folder_of(bench, MODEL | in_mode("sustain")))
    lag = called(server, "lag")
    check_equal((called(server, "data")["squad"], lag["squad"], lag["escalation"]), ("billing", "billing", ["orders", "ops"]), "called in mode sustain")
    check_in("mode sustain", lag["why"], "why")
    shown = server.tool("who", TOPIC, "--failure", "lag", user="petra").stdout.split("\t")
    check_equal(shown[:3], [f"topic {TOPIC}", "lag", "billing"], "what the command line tells")


@suite.test
def a_change_of_mode_needs_those_who_are_called(bench):
    server = company.founded(bench)
    apply(server, folder_of(bench, MODEL | in_mode("growth")))
    sustained = folder_of(bench, MODEL | in_mode("sustain"))
    refused = plan(server, sustained, user="olga")
    check_equal(refused.returncode, 4, "exit code of the owner's plan")
    check_in("needs the consent of squad billing: billing builds it by mode sustain", refused.stdout, "the plan")
    check_in("needs the consent of squad billing: billing runs it by mode sustain", refused.stdout, "the plan")


@suite.test
def an_accountability_model_with_a_hole_is_refused(bench):
    server = company.started(bench)
    holed = MODEL["myelin/accountability.yaml"].replace("spec: {central: billing, steering: ops}", """spec:
  accountabilities:
    - {name: everything, stream: engineering, holder: owner, failures: [schema, data, freshness, lag, access, security, platform]}""")
    refused = apply(server, folder_of(bench, {"myelin/accountability.yaml": holed}), check=False)
    check_equal(refused.returncode, 2, "exit code")
    check_in("myelin/accountability.yaml:3:18: nobody is accountable for failures of class cost", refused.stderr, "the error")


@suite.test
def an_applications_squad_and_the_platform_group_are_called(bench):
    server = company.started(bench)
    check_equal(called(server, "access", "invoicer")["squad"], "billing", "called for an application")
    check_equal(called(server, "platform")["squad"], "ops", "called for the platform")
