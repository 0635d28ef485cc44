"""`myelin adopt --folder`: from a server without documents, where clients of librdkafka work, to one whose model lets them go on."""
import json
import pathlib
import subprocess

import company
from company import apply, plan
from errors import NONE
from kafka import create_topic
from server import Server
from suite import Suite, check, check_code, check_equal, check_in, eventually

suite = Suite()
OPEN = ("access.undeclared_topics=report",)
SALE, INVOICE = "pos.sale", "billing.invoice"


def kcat(server, user, *words, records=None):
    """kcat signs in as `user`; (exit code, standard output)."""
    login = ("-X", "security.protocol=SASL_PLAINTEXT", "-X", "sasl.mechanism=SCRAM-SHA-256", "-X", f"sasl.username={user}",
             "-X", f"sasl.password={server.passwords[user]}", "-X", "topic.metadata.refresh.interval.ms=1000")
    done = subprocess.run(["kcat", "-q", "-b", f"127.0.0.1:{server.ports['sasl_plaintext']}", *login, *words], text=True, timeout=60,
                          input="".join(f"{record}\n" for record in records or ()), capture_output=True, check=False)
    return done.returncode, done.stdout


def write(server, user, topic, *records):
    check_equal(kcat(server, user, "-P", "-t", topic, records=records)[0], 0, f"exit code of {user} writing to {topic}")


def read(server, user, topic):
    code, output = kcat(server, user, "-C", "-t", topic, "-o", "beginning", "-e")
    check_equal(code, 0, f"exit code of {user} reading {topic}")
    return sorted(output.split())


def work(server, mark):
    """Two tills write sales, billing reads them, corrects one and writes an invoice."""
    write(server, "till-eu", SALE, *(f"{mark}-eu-{number}" for number in range(8)))
    write(server, "till-us", SALE, f"{mark}-us")
    check(f"{mark}-us" in read(server, "billing", SALE), "billing lacks a record of till-us")
    write(server, "billing", SALE, f"{mark}-correction")
    write(server, "billing", INVOICE, f"{mark}-invoice")
    check(f"{mark}-invoice" in read(server, "billing", INVOICE), "billing lacks its own invoice")


def at_work(bench, *more):
    """A server without a model, where everybody who signs in works."""
    server = bench.enter(Server(bench.binary, bench.fresh(), listen=["sasl_plaintext"], sets=OPEN, extra=more))
    server.enrol("petra", ("till-eu", "till-us", "billing", "stranger"))
    with server.connect("till-eu") as connection:
        check_code(create_topic(connection, SALE, partitions=3, configs={"retention.ms": "172800000"}), NONE, "create")
        check_code(create_topic(connection, INVOICE, configs={"myelin.durability": "interval"}), NONE, "create")
    write(server, "till-eu", SALE, "first")
    work(server, "before")
    eventually(lambda: len(server.http("/api/v1/lineage", user="petra")[2]["reads"]) >= 2, what="the reads are measured")
    return server


def adopt(server, folder, *more, user="petra"):
    return server.tool("adopt", "--folder", folder, *more, user=user, check=False)


def topics_of(server):
    rows = json.loads(server.tool("topics", "--output", "json", user="petra").stdout)["items"]
    return {row["name"]: (row["id"], row["partitions"]) for row in rows
}

def goes_on_working(bench, server):
    """Adopts, plans, applies; then everybody works as before."""
    before, folder = topics_of(server), bench.fresh() / "model"
    done = adopt(server, folder)
    check_equal(done.returncode, 0, f"exit code ({done.stderr})")
    check_in("2 topics of 2 squads, 2 applications, 1 grant and 1 direct grant", done.stderr, "the summary")
    check_in("guesses to check: grep", done.stderr, "the summary")
    contract = (folder / "contracts" / f"{SALE}.odcs.yaml").read_text()
    check_in("# guess, correct me: till-eu wrote 81 % of its 11 records; last on ", contract, "the contract")
    planned = plan(server, folder)
    check_equal(planned.returncode, 3, f"exit code of the plan ({planned.stdout})")
    check_in("topics: 0 to create, 0 to change", planned.stdout, "the plan")
    check(" 0 to change, 0 to delete; " in planned.stdout and "hits" not in planned.stdout, f"the plan changes or hits somebody: {planned.stdout}")
    apply(server, folder)
    again = plan(server, folder)
    check_equal(again.returncode, 0, "exit code of the plan after the apply")
    check_in("no changes", again.stdout, "the plan after the apply")
    check_equal(topics_of(server), before, "topics after the apply")
    work(server, "after")
    code, output = kcat(server, "billing", "-G", "billing-sync", "-X", "auto.offset.reset=earliest", "-e", SALE)
    check_equal(code, 0, "exit code of billing reading as a group that its new prefix gives it")
    check("after-us" in output, "the group lacks a record")
    check(kcat(server, "stranger", "-C", "-t", SALE, "-e")[0] != 0, "somebody who never read it may")


@suite.test
def who_works_without_documents_goes_on_working_with_those_that_are_adopted(bench):
    goes_on_working(bench, at_work(bench))


@suite.test
def who_works_on_a_cluster_behind_goes_on_working_with_what_is_adopted(bench):
    cluster = bench.enter(Server(bench.binary, bench.fresh(), dev=True))
    goes_on_working(bench, at_work(bench, "--upstream", f"127.0.0.1:{cluster.ports['plaintext']}"))


@suite.test
def what_is_adopted_is_not_adopted_twice(bench):
    server = at_work(bench)
    folder = bench.fresh() / "model"
    adopt(server, folder)
    apply(server, folder)
    other = bench.fresh() / "again"
    done = adopt(server, other)
    check_equal((done.returncode, done.stderr), (0, "everything that was seen is declared: there is nothing to adopt\n"), "the answer")
    check(not other.exists(), "a folder was made of nothing")


@suite.test
def what_a_model_does_not_declare_is_adopted_beside_it(bench):
    server = company.founded(bench)
    opened = company.DOCUMENTS["myelin/policy.yaml"].replace("platform_group: ops", "platform_group: ops, undeclared_topics: report")
    apply(server, company.folder_of(bench, {"myelin/policy.yaml": opened}))
    server.add("checkout-jobs")
    with server.connect("checkout-jobs") as connection:
        check_code(create_topic(connection, "jobs.done"), NONE, "create")
    write(server, "checkout-jobs", "jobs.done", "one", "two")
    folder = bench.fresh() / "model"
    eventually(lambda: server.http("/api/v1/lineage?topic=jobs.done", user="petra")[2]["writes"], what="the write is measured")
    check_equal(adopt(server, folder).returncode, 0, "exit code")
    made = sorted(str(path.relative_to(folder)) for path in folder.rglob("*.yaml"))
    check_equal(made, ["contracts/jobs.done.odcs.yaml", "org/orders.yaml"], "files")
    check_in('declared principals of squad orders begin with "checkout" too; last seen on ', (folder / "org/orders.yaml").read_text(), "the application")
    apply(server, folder)
    write(server, "checkout-jobs", "jobs.done", "three")
    check_equal(read(server, "checkout", "jobs.done"), ["one", "three", "two"], "what the squad's other application reads")


@suite.test
def an_adoption_never_overwrites_anything(bench):
    server = at_work(bench)
    folder = bench.fresh() / "model"
    folder.mkdir()
    (folder / "notes").write_text("mine")
    refused = adopt(server, folder)
    check_equal(refused.returncode, 1, "exit code")
    check_in("there is something already", refused.stderr, "the refusal")
    check_equal([path.name for path in folder.parent.iterdir()], ["model"], "what lies beside the folder")
    check_equal([path.name for path in folder.iterdir()], ["notes"], "what lies in the folder")
    nowhere = adopt(server, bench.fresh() / "no" / "model")
    check_equal(nowhere.returncode, 1, "exit code for a folder that can't be made")
    (folder / "notes").unlink()
    done = adopt(server, folder, "--output", "json")
    check_equal(done.returncode, 0, f"exit code for an empty folder ({done.stderr})")
    answer = json.loads(done.stdout)
    check_equal((answer["topics"], answer["grants"], answer["direct_grants"]), (2, 1, 1), "counts")
    for guess in answer["guesses"]:
        lines = (folder / guess["path"]).read_text().splitlines()
        check_in(guess["evidence"], lines[guess["line"] - 2], "the line above the guess")
    check_equal(sorted(answer["files"]), sorted(str(path.relative_to(folder)) for path in pathlib.Path(folder).rglob("*.yaml")), "files")


@suite.test
def only_the_platform_group_adopts(bench):
    server = at_work(bench)
    refused = adopt(server, bench.fresh() / "model", user="billing")
    check_equal(refused.returncode, 4, "exit code")
    check_in("role platform only", refused.stderr, "the refusal")
