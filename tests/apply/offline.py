"""A plan where no server can be asked: against a file that was saved before."""
import json

import company
from batch import batch
from company import CONTRACT, GRANT, TOPIC, changed, folder_of, plan
from errors import NONE
from kafka import fetch, produce
from suite import Suite, check_code, check_equal, check_in, eventually

suite = Suite()


def saved(bench):
    """A server at work, and the file of its state."""
    server = company.started(bench)
    with server.connect("checkout") as writer, server.connect("invoicer") as reader:
        check_code(produce(writer, TOPIC, batch([b"one"]))["error_code"], NONE, "produce")
        check_code(fetch(reader, TOPIC, 0)["error_code"], NONE, "read")
        eventually(lambda: server.http("/api/v1/lineage", user="petra")[2]["reads"], what="the read is measured")
    path = bench.fresh() / "state.json"
    server.tool("state", "--out", path, user="petra")
    return server, path


@suite.test
def a_plan_against_a_file_is_the_servers_plan(bench):
    server, path = saved(bench)
    for changes, more in (({}, ()), (changed(CONTRACT, "value: 2", "value: 5"), ()), (changed(GRANT, "status: approved", "status: rejected"), ()),
                          ({GRANT: None}, ("--allow-delete",))):
        folder = folder_of(bench, changes)
        asked = plan(server, folder, *more, "--output", "json")
        offline = server.tool("plan", folder, "--against", path, *more, "--output", "json", check=False)
        check_equal(offline.returncode, asked.returncode, f"exit code for {changes}")
        mine, its = json.loads(offline.stdout), json.loads(asked.stdout)
        for volatile in ("text", "markdown", "hits"):  # they tell how long ago, and how much a second
            mine.pop(volatile), its.pop(volatile)
        check_equal([mine[key] for key in mine if key != "refusals"], [its[key] for key in its if key != "refusals"], f"plan for {changes}")
        check_equal(len(mine["refusals"]), len(its["refusals"]), f"refusals for {changes}")


@suite.test
def a_plan_against_a_file_knows_who_would_apply_it(bench):
    server, path = saved(bench)
    theft = folder_of(bench, changed(GRANT, "purpose: Write invoices.", "purpose: Because."))
    refused = server.tool("plan", theft, "--against", path, "--as", "bert", check=False)
    check_equal(refused.returncode, 4, "exit code")
    check_in("needs the consent of squad orders", refused.stdout, "the plan")
    check_equal(server.tool("plan", theft, "--against", path, "--as", "olga", check=False).returncode, 3, "exit code of the owner's plan")
    nobody = server.tool("plan", theft, "--against", path, "--as", "stranger", check=False)
    check_equal(nobody.returncode, 2, "exit code for nobody")


@suite.test
def only_the_platform_group_saves_the_state(bench):
    server = company.started(bench)
    refused = server.tool("state", user="olga", check=False)
    check_equal(refused.returncode, 4, "exit code")
    check_in("only the role platform", refused.stderr, "the refusal")


@suite.test
def a_file_that_is_no_state_is_refused(bench):
    folder, path = folder_of(bench), bench.fresh() / "state.json"
    server = company.founded(bench)
    for text, why in (("{}", "no saved state"), ("[", "line 1"), ('{"myelin_state": 9}', "of version 9"), ('{"myelin_state": 1}', "revision is missing")):
        path.write_text(text)
        refused = server.tool("plan", folder, "--against", path, check=False)
        check_equal(refused.returncode, 2, f"exit code for {text}")
        check_in(why, refused.stderr, f"the refusal of {text}")
    missing = server.tool("plan", folder, "--against", bench.fresh() / "nothing", check=False)
    check_equal(missing.returncode, 2, "exit code without a file")
