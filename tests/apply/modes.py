"""Who acts for a product, beside whose duty that is by its mode: counted from the audit, whole, over restarts."""
import company
from accountable import MODEL, PRODUCT, in_mode
from company import CONTRACT, GRANT, TOPIC, apply, changed, folder_of
from consent import inbox, proposed, request, without_grant
from emergencies import break_glass, in_an_emergency
from suite import Suite, check_equal, check_in

suite = Suite()


def drift(server, user="petra", squad=""):
    """product: (actions, by others, what others did)."""
    answer = server.http("/api/v1/organisation" + (f"?squad={squad}" if squad else ""), user=user)[2]
    return {one["product"]: (one["actions"], one["by_others"], [(action["duty"], action["squad"], action["due"], action["times"])
                                                                for action in one["others"]]) for one in answer["mode_drift"]}


def in_force(bench, mode="growth"):
    """The company with its product in a mode, where billing is central; the first apply is nobody's action."""
    server = company.founded(bench)
    apply(server, folder_of(bench, MODEL | in_mode(mode)))
    check_equal(drift(server), {}, "actions of the first apply")
    return server


def retain(server, user, hours):
    with server.connect(user) as connection:
        entry = {"name": "retention.ms", "config_operation": 0, "value": str(hours * 3_600_000)}
        answer = connection.request("IncrementalAlterConfigs", 1, {"validate_only": False, "resources": [
            {"resource_type": 2, "resource_name": TOPIC, "configs": [entry]}]})
    return answer["responses"][0]["error_code"]


@suite.test
def what_the_owner_does_is_drift_where_the_mode_says_that_central_builds_and_runs(bench):
    server = in_force(bench)
    check_equal(retain(server, "checkout", 1), 0, "a setting of the topic in mode growth")
    check_equal(drift(server), {"orders": (1, 0, [])}, "actions in mode growth")
    sustained = MODEL | in_mode("sustain")
    apply(server, folder_of(bench, sustained))
    check_equal(drift(server), {"orders": (1, 0, [])}, "a change of the mode is no action under it")
    check_equal(retain(server, "checkout", 2), 0, "a setting of the topic in mode sustain")
    apply(server, folder_of(bench, sustained | changed(CONTRACT, "value: 2", "value: 4")), user="olga")
    expected = {"orders": (3, 2, [("build", "orders", "billing", 1), ("run", "orders", "billing", 1)])}
    check_equal(drift(server), expected, "actions in both modes")
    server.kill()
    server.start()
    check_equal(drift(server), expected, "actions after a kill")


@suite.test
def the_platform_group_in_the_place_of_a_squad_is_drift(bench):
    server = in_force(bench)
    apply(server, folder_of(bench, MODEL | in_mode("growth") | changed(CONTRACT, "value: 2", "value: 4")))
    check_equal(drift(server), {"orders": (1, 1, [("build", "ops", "orders", 1)])}, "the platform group's change of a contract")
    shown = server.tool("organisation", "--output", "csv", user="petra").stdout
    check_in('mode drift,orders,,,"orders, growth: 1 of 1 action by others"', shown, "the table")
    check_in('by another,ops,,orders,"orders: build (apply) by ops, due orders by mode growth, once"', shown, "the table")


@suite.test
def an_approval_counts_for_who_gives_it_and_the_apply_that_it_makes_for_nobody(bench):
    server = without_grant(bench)
    server.tool("approve", proposed(request(server, "--until", "2099-06-30")), user="olga")
    check_equal(drift(server), {"orders": (1, 0, [])}, "after the owner's approval")
    server.tool("renew", "orders-for-invoicer", "--until", "2099-12-31", "--reason", "More.", user="bert")
    (waiting,) = inbox(server, "petra")
    server.tool("reject", waiting, "--reason", "Enough.", user="petra")
    check_equal(drift(server), {"orders": (2, 1, [("approve", "ops", "orders", 1)])}, "after the platform group's answer")


@suite.test
def breaking_the_glass_is_no_action_and_its_acknowledgement_is_one(bench):
    server = in_an_emergency(bench)
    taken = proposed(break_glass(server))
    check_equal(drift(server), {}, "actions of an emergency")
    server.tool("approve", taken, user="olga")
    check_equal(drift(server), {"orders": (1, 0, [])}, "after the acknowledgement")


@suite.test
def a_squad_sees_the_products_for_which_it_has_a_duty(bench):
    server = in_force(bench, "optimise")
    apply(server, folder_of(bench, MODEL | in_mode("optimise") | changed(GRANT, "Write invoices.", "Write them.")), user="olga")
    told = {"orders": (1, 0, [])}
    check_equal((drift(server, user="olga"), drift(server, user="bert")), (told, told), "what the owner and the runner see")
    check_equal((drift(server, squad="billing"), drift(server, squad="ops")), (told, {}), "of one squad")
    apply(server, folder_of(bench, MODEL | {PRODUCT: company.DOCUMENTS[PRODUCT]}), user="petra")
    check_equal(drift(server, user="bert"), {}, "what billing sees once it runs nothing")
