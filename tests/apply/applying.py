"""What an apply does and what it leaves alone."""
import json

import company
from company import CONTRACT, GRANT, TOPIC, apply, changed, folder_of, plan
from kafka import create_topic, metadata
from server import NotStarted, Server
from suite import Suite, check, check_code, check_equal, check_in

suite = Suite()


def revisions(server, user="petra"):
    return json.loads(server.tool("revisions", "--output", "json", user=user).stdout)["items"]


@suite.test
def the_first_apply_makes_a_model_of_nothing(bench):
    server = company.founded(bench)
    folder = folder_of(bench)
    planned = plan(server, folder)
    check_equal(planned.returncode, 3, "exit code of a plan with changes")
    check_in("13 to create, 0 to change, 0 to delete; topics: 1 to create, 0 to change", planned.stdout, "the plan")
    check_in("revision 1 is in force", apply(server, folder).stdout, "the apply")
    planned = plan(server, folder)
    check_equal(planned.returncode, 0, "exit code of a plan without changes")
    check_in("no changes", planned.stdout, "the plan afterwards")
    with server.connect("checkout") as connection:
        check_equal(len(metadata(connection, [TOPIC])[TOPIC]["partitions"]), 2, "partitions of the topic that was made")


@suite.test
def a_revision_keeps_every_byte_of_its_documents_with_who_and_why(bench):
    server = company.founded(bench)
    odd = {GRANT: "# A comment with two  spaces, äöü and no line feed at its end\r\n" + company.DOCUMENTS[GRANT].rstrip("\n")}
    apply(server, folder_of(bench, odd), "--message", "the beginning", "--commit", "abc123")
    status, _, revision = server.http("/api/v1/revisions/1", user="petra")
    check_equal(status, 200, "status")
    check_equal({one["file"]: one["text"] for one in revision["documents"]}, {**company.DOCUMENTS, **odd}, "documents")
    check_equal((revision["author"], revision["message"], revision["commit"]), ("petra", "the beginning", "abc123"), "who and why")


@suite.test
def a_part_of_the_whole_changes_nothing_else(bench):
    server = company.started(bench)
    part = company.write(bench.fresh() / "part", changed(CONTRACT, "value: 2", "value: 3"))
    planned = plan(server, part)
    check_in("0 to create, 1 to change, 0 to delete; topics: 0 to create, 1 to change", planned.stdout, "the plan")
    check_in("7 files that this folder leaves out stay as they are", planned.stdout, "the plan")
    apply(server, part)
    with server.connect("checkout") as connection:
        check_equal(len(metadata(connection, [TOPIC])[TOPIC]["partitions"]), 3, "partitions")
    check_in("grant", json.dumps(server.http("/api/v1/who/topic/" + TOPIC, user="petra")[2]), "who may read")


@suite.test
def partitions_are_never_taken_away(bench):
    server = company.started(bench)
    refused = apply(server, folder_of(bench, changed(CONTRACT, "value: 2", "value: 1")), check=False)
    check_equal(refused.returncode, 4, "exit code")
    check_in("partitions can't be taken away", refused.stdout, "the reason")
    check_equal(len(revisions(server)), 1, "revisions")


@suite.test
def a_topic_that_no_document_declares_is_listed_and_stays(bench):
    server = company.started(bench)
    with server.connect("petra") as connection:
        check_code(create_topic(connection, "nobodys.topic"), 0, "create")
    planned = plan(server, folder_of(bench))
    check_equal(planned.returncode, 0, "exit code")
    check_in("1 topic that no document declares, not touched: nobodys.topic", planned.stdout, "the plan")
    with server.connect("petra") as connection:
        check("nobodys.topic" in metadata(connection), "the topic is gone")


@suite.test
def of_two_applies_of_one_plan_the_second_must_plan_again(bench):
    server = company.started(bench)
    files = [{"file": name, "text": text} for name, text in changed(CONTRACT, "1.0.0", "1.1.0").items()]
    other = [{"file": name, "text": text} for name, text in changed(CONTRACT, "1.0.0", "2.0.0").items()]
    plans = [server.http("/api/v1/plan", user="petra", method="POST", body={"files": each})[2]["id"] for each in (files, other)]
    answers = [server.http("/api/v1/revisions", user="petra", method="POST", body={"files": each, "plan": made})
               for each, made in zip((files, other), plans)]
    check_equal([status for status, _, _ in answers], [200, 409], "statuses")
    check_in("plan again", answers[1][2]["detail"], "the second's answer")
    check_equal([one["revision"] for one in revisions(server)], [2, 1], "revisions")


@suite.test
def a_rollback_brings_the_documents_back_and_is_a_revision_itself(bench):
    server = company.started(bench)
    apply(server, folder_of(bench, changed(GRANT, "status: approved", "status: rejected")))
    back = server.tool("rollback", 1, "--yes", user="petra")
    check_in("revision 3 is in force", back.stdout, "the rollback")
    check_equal(plan(server, folder_of(bench)).returncode, 0, "exit code of a plan of what was first")
    check_equal([one["restores"] for one in revisions(server)], [1, 0, 0], "what each revision restores")
    difference = server.tool("diff", 1, 2, user="petra", check=False)
    check_equal(difference.returncode, 3, "exit code of a difference")
    check_in("status: approved > rejected", difference.stdout, "the difference")
    check_equal(server.tool("diff", 1, 3, user="petra", check=False).returncode, 0, "exit code of no difference")


@suite.test
def an_apply_is_in_the_audit_log_with_intent_and_outcome(bench):
    server = company.started(bench)
    records = [record for record in server.http("/api/v1/audit", user="petra")[2]["items"] if record["action"] == "apply"]
    check_equal([(record["outcome"], record["principal"]) for record in records], [("done", "petra"), ("intent", "petra")],
                "records of the apply, newest first")
    check_in("over revision 0", records[0]["resource"], "what was applied")


@suite.test
def there_is_one_truth(bench):
    server = company.started(bench)
    server.stop()
    server.model = folder_of(bench)
    try:
        server.start()
    except NotStarted as refused:
        check_in("a model was applied to this server, revision 1", str(refused), "the refusal")
    else:
        raise AssertionError("a server with revisions started with a folder")
    other = bench.enter(Server(bench.binary, bench.fresh(), listen=["sasl_plaintext"], model=folder_of(bench)))
    other.enrol("petra")
    refused = apply(other, folder_of(bench, changed(CONTRACT, "1.0.0", "1.1.0")), check=False)
    check_equal(refused.returncode, 4, "exit code")
    check_in("as --model says", refused.stderr, "the refusal")
