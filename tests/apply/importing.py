"""Teams of a directory's export, imported into the folder and applied: what was measured before answers afterwards."""
import json

import company
from access import with_traffic
from batch import batch
from company import TOPIC, apply, folder_of, plan
from consent import inbox, proposed, request, without_grant
from errors import NONE
from kafka import fetch, produce
from suite import Suite, check, check_code, check_equal, check_in, eventually

suite = Suite()
TEAMS = {"orders": ["olga"], "billing": ["bert"], "ops": ["petra"]}


def scim(teams, ids=None):
    """An export: each team's id is that of its first name."""
    people = sorted({person for members in teams.values() for person in members})
    core = "urn:ietf:params:scim:schemas:core:2.0:"
    resources = [{"schemas": [core + "User"], "id": f"u-{name}", "userName": name, "active": True} for name in people]
    resources += [{"schemas": [core + "Group"], "id": (ids or {}).get(name, f"g-{name}"), "displayName": name,
                   "members": [{"value": f"u-{person}"} for person in members]} for name, members in teams.items()]
    return json.dumps({"totalResults": len(resources), "Resources": resources}, indent=1)


def import_teams(server, folder, text, *more, check=True):
    path = folder.parent / "export.json"
    path.write_text(text)
    return server.tool("import", "teams", path, "--folder", folder, *more, check=check)


def usage(server, squad=""):
    """What moved, by principal, topic and measure; requests and connections go on while one asks."""
    lines = server.http("/api/v1/usage" + (f"?squad={squad}" if squad else ""), user="petra")[2]["lines"]
    return sorted((line["principal"], line["topic"], line["measure"], line["amount"]) for line in lines if line["topic"] == TOPIC)


def records(server):
    return {principal: int(amount) for principal, _, measure, amount in usage(server) if measure == "appended_records"}


def edges(server):
    answer = server.http(f"/api/v1/lineage?topic={TOPIC}", user="petra")[2]
    return [sorted((edge["principal"], edge["topic"]) for edge in answer[side]) for side in ("writes", "reads")]


def squad_of(server, name):
    return json.loads(server.tool("who", name, "--kind", "squad", "--output", "json", user="petra").stdout)["answers"][0]["name"]


def move(server):
    with server.connect("checkout") as writer, server.connect("invoicer") as reader:
        check_code(produce(writer, TOPIC, batch([b"three"]))["error_code"], NONE, "produce")
        check_code(fetch(reader, TOPIC, 0)["error_code"], NONE, "read")


@suite.test
def a_rename_and_a_merge_lose_and_double_nothing_that_was_measured(bench):
    server, _, _ = with_traffic(bench)
    folder = folder_of(bench)
    import_teams(server, folder, scim(TEAMS))
    apply(server, folder)
    before, drawn = usage(server), edges(server)
    check(usage(server, "orders") and usage(server, "billing"), "both squads have usage")

    renamed = scim({"order-desk": ["olga"], "billing": ["bert"], "ops": ["petra"]}, {"order-desk": "g-orders"})
    told = import_teams(server, folder, renamed).stdout
    check_in("rename  orders is order-desk now: by its id", told, "what is told")
    check_equal(plan(server, folder, "--allow-delete").returncode, 3, "exit code of the plan")
    apply(server, folder, "--allow-delete")
    check_equal(usage(server), before, "usage after the rename")
    check_equal(usage(server, "orders"), usage(server, "order-desk"), "usage by the old name and the new")
    check(usage(server, "orders"), "usage of the renamed squad")
    check_equal(edges(server), drawn, "edges after the rename")
    check_equal(squad_of(server, "orders"), "order-desk", "who the old name is")
    asked = server.http("/api/v1/organisation?squad=orders", user="petra")
    check_equal((asked[0], [edge["producer"] for edge in asked[2]["edges"]]), (200, ["order-desk"]), "edges asked for by the old name")

    import_teams(server, folder, scim({"order-desk": ["olga", "bert"], "ops": ["petra"]}, {"order-desk": "g-orders"}))
    apply(server, folder, "--allow-delete")
    check_equal(usage(server), before, "usage after the merge")
    check_equal(usage(server, "billing"), before, "what both did is the one squad's")
    check_equal(edges(server), drawn, "edges after the merge")
    check_equal([squad_of(server, name) for name in ("orders", "billing")], ["order-desk"] * 2, "who the old names are")
    move(server)
    revisions = server.http("/api/v1/revisions", user="petra")[2]["items"]
    check_equal([one["revision"] for one in revisions], [4, 3, 2, 1], "revisions")
    eventually(lambda: records(server) == {"checkout": 3}, what="one more record is counted, once")
    server.stop()
    server.start()
    check_equal(records(server), {"checkout": 3}, "records after a restart")
    check_equal(squad_of(server, "billing"), "order-desk", "who the old name is after a restart")


@suite.test
def an_import_is_told_and_not_made_where_it_is_dry(bench):
    server = company.started(bench)
    folder = folder_of(bench)
    text = scim(TEAMS | {"returns": ["rita"]})
    before = {path.name: path.read_text() for path in folder.rglob("*.yaml")}
    dry = import_teams(server, folder, text, "--dry-run", check=False)
    check_equal(dry.returncode, 3, "exit code of a dry run with changes")
    check_in("new     returns is a squad, in domain shop", dry.stdout, "what is told")
    check_equal({path.name: path.read_text() for path in folder.rglob("*.yaml")}, before, "the folder")
    made = import_teams(server, folder, text).stdout
    check_in(f"next:\n  git diff, then myelin plan {folder}\n", made, "what is next")
    again = import_teams(server, folder, text, "--dry-run")
    check_equal(again.stdout, "the folder says what the export says: nothing to change\n", "the second time")
    apply(server, folder)


@suite.test
def what_cant_be_imported_is_said_with_its_places(bench):
    server = company.started(bench)
    folder = folder_of(bench)
    refused = import_teams(server, folder, scim(TEAMS).replace('"u-olga"\n', '"u-nobody"\n'), check=False)
    check_equal(refused.returncode, 2, "exit code")
    check_in('"u-nobody" is nothing that the export holds; export it too, or take the line out', refused.stderr, "the error")
    check_in("export.json:", refused.stderr, "its place")
    unknown = import_teams(server, folder, "name,team\n", check=False)
    check_equal(unknown.returncode, 2, "exit code")
    check_in("neither SCIM (JSON), LDIF nor a Backstage catalogue (YAML); say which with --format", unknown.stderr, "the error")
    (folder / "org" / "squads.yaml").write_text("kind: Group\n")
    broken = import_teams(server, folder, scim(TEAMS), check=False)
    check_equal(broken.returncode, 2, "exit code of a folder that is no model")
    check_in("correct what", broken.stderr, "the error")


@suite.test
def what_waits_for_a_squad_that_is_renamed_still_lies_in_its_inbox(bench):
    server = without_grant(bench)
    number = proposed(request(server))
    folder = folder_of(bench, {company.GRANT: None})
    import_teams(server, folder, scim(TEAMS))
    apply(server, folder)
    import_teams(server, folder, scim({"order-desk": ["olga"], "billing": ["bert"], "ops": ["petra"]}, {"order-desk": "g-orders"}))
    apply(server, folder, "--allow-delete")
    check_equal(inbox(server, "olga"), [number], "the inbox of the squad that was renamed")
    server.tool("reject", number, "--reason", "Ask order-desk.", user="olga")
    check_equal(inbox(server, "olga"), [], "the inbox afterwards")
