"""`myelin new squad`, `product` and `consumer`: documents that apply, and clients that run as their README says."""
import csv
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "wire"), str(HERE.parent / "clients")]

import toolchains  # noqa: E402
from server import Certificates, Server  # noqa: E402
from suite import Suite, check, check_equal, check_in  # noqa: E402

suite = Suite()
LANGUAGES = ("python", "java", "go")
WRITER, READER, TOPIC, RECORDS = "orders-producer", "invoicing", "shop.order", 10
SECONDS = 300  # Maven and Go may have to fetch
POLICY = """\
apiVersion: myelin.dev/v1alpha1
kind: Policy
metadata: {name: shop}   # ours
spec:
  platform_group: ops
  quotas:
    squads:
      - squad: ops
        connections_max: 40

      # and nobody else
"""


def new(binary, folder, *words, code=0):
    """The command's output; its error stream when another exit code than 0 is expected."""
    done = subprocess.run([binary, "new", *words, "--folder", folder], capture_output=True, text=True, timeout=60, check=False)
    check_equal(done.returncode, code, f"exit code of new {' '.join(words)} ({done.stderr})")
    return done.stdout if code == 0 else done.stderr


def scaffold(binary, folder):
    """A shop of three squads: checkout offers orders, billing reads them, ops runs the platform."""
    new(binary, folder, "squad", "ops", "--domain", "shop", "--members", "petra", "--type", "platform")
    new(binary, folder, "squad", "checkout", "--members", "olga", "--on-call", "#checkout")
    new(binary, folder, "squad", "billing", "--members", "bert,bea")
    new(binary, folder, "product", "orders", "--squad", "checkout", "--topic", TOPIC, "--purpose", "What was bought.")
    new(binary, folder, "consumer", READER, "--product", "orders", "--squad", "billing", "--purpose", "Write invoices.")
    return folder


class Shop:
    """The server of the shop, in whose model by now no grant is in force."""

    def __init__(self, bench):
        place = bench.fresh()
        self.folder = scaffold(bench.binary, place / "model")
        before = place / "before"
        shutil.copytree(self.folder, before, ignore=shutil.ignore_patterns("grants"))
        self.server = Server(bench.binary, place, listen=["sasl_ssl"], certificates=Certificates(place / "tls")).start()
        self.server.enrol("petra")
        self.apply(before)
        for name in (WRITER, READER):
            self.server.add(name)
        self.stop = self.server.stop

    def apply(self, folder):
        self.server.tool("apply", folder, "--yes", user="petra")

    def run(self, application, language):
        """Does what the README of the clients says for a language; (exit code, output)."""
        home = self.folder / "clients" / application
        (line,) = re.findall(rf"^\(cd {language} && .*\)$", (home / "README.md").read_text(), re.MULTILINE)
        venv = toolchains.venv((home / "python" / "requirements.txt").read_text().strip())
        toolchains.java()
        environment = os.environ | {
            "PATH": f"{venv / 'bin'}:{toolchains.go().parent}:{os.environ['PATH']}", "GOTOOLCHAIN": "local", "GOFLAGS": "-mod=readonly",
            "GOCACHE": str(toolchains.CACHE / "go-cache"), "PIP_QUIET": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "KAFKA_BOOTSTRAP": f"localhost:{self.server.ports['sasl_ssl']}", "KAFKA_CA": str(self.server.certificates.authority),
            "KAFKA_PASSWORD": self.server.passwords[application]}
        done = subprocess.run(["nice", "bash", "-c", line], cwd=home, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, stdin=subprocess.DEVNULL, timeout=SECONDS, check=False)
        return done.returncode, done.stdout

    def usage(self, *words):
        return list(csv.DictReader(self.server.tool("usage", *words, "--output", "csv", user="petra").stdout.splitlines()))


def shop(bench):
    return bench.keep("shop", lambda: Shop(bench))


@suite.test
def the_scaffold_of_an_empty_folder_is_a_model(bench):
    folder = scaffold(bench.binary, bench.fresh() / "model")
    server = bench.enter(Server(bench.binary, bench.fresh(), dev=True))
    planned = server.tool("plan", folder, check=False)
    check_equal(planned.returncode, 3, f"exit code of the plan ({planned.stderr})")
    for line in ("+ squad checkout", "+ contract orders", "+ product orders", "+ grant orders-for-invoicing", f"+ topic {TOPIC}"):
        check_in(line, planned.stdout, "the plan")
    server.tool("apply", folder, "--yes")
    check_in("no changes", server.tool("plan", folder).stdout, "a plan after the apply")
    check_in("#checkout", server.tool("who", TOPIC, "--failure", "all").stdout, "who is called")


@suite.test
def a_consumer_without_a_grant_is_refused(bench):
    for language in LANGUAGES:
        code, output = shop(bench).run(READER, language)
        check_equal(code, 1, f"exit code of the consumer in {language} ({output[-300:]})")
        check(re.search(r"(?i)not authorized|authorization failed", output), f"the consumer in {language} does not say why: {output[-300:]}")


@suite.test
def with_the_grant_every_client_writes_and_reads_as_its_readme_says(bench):
    shop(bench).apply(shop(bench).folder)
    for language in LANGUAGES:
        code, output = shop(bench).run(WRITER, language)
        check_equal(code, 0, f"exit code of the producer in {language} ({output[-300:]})")
        check_in(f"wrote {RECORDS} records to {TOPIC}", output, f"the producer in {language}")
        code, output = shop(bench).run(READER, language)
        check_equal(code, 0, f"exit code of the consumer in {language} ({output[-300:]})")
        records = [json.loads(text) for text in re.findall(rf"^{TOPIC} (.*)$", output, re.MULTILINE)]
        check_equal(len({record["id"] for record in records}), RECORDS, f"ids that the consumer in {language} read")
        check_equal({tuple(record) for record in records}, {("id", "happened_at")}, "fields of the records")


@suite.test
def the_records_are_attributed_to_the_squads(bench):
    rows = shop(bench).usage("--class", "exact", "--topic", TOPIC, "--by", "squad,principal")
    found = {(row["squad"], row["principal"], row["measure"]): row["amount"] for row in rows if row["measure"] != "appended_bytes"}
    every = str(len(LANGUAGES) * RECORDS)
    check_equal(found, {("checkout", WRITER, "appended_records"): every, ("billing", READER, "consumed_offsets"): every}, "usage of the topic")


@suite.test
def limits_are_one_line_more_in_the_policy(bench):
    folder = scaffold(bench.binary, bench.fresh() / "model")
    words = ("squad", "tills", "--connections-max", "5", "--fetch-bytes-per-second", "2000000")
    check_in("has none", new(bench.binary, folder, *words, code=2), "what is said without a Policy")
    check(not (folder / "org" / "tills.yaml").exists(), "a squad was written without its limits")
    policy = folder / "myelin" / "policy.yaml"
    policy.write_text(POLICY)
    new(bench.binary, folder, *words)
    line = "      - {squad: tills, connections_max: 5, fetch_bytes_per_second: 2000000}\n"
    check_equal(policy.read_text(), POLICY.replace("max: 40\n", "max: 40\n" + line), "the Policy")
    server = bench.enter(Server(bench.binary, bench.fresh(), dev=True))
    server.tool("apply", folder, "--yes")
    check_in("tills", server.tool("quotas").stdout, "the quotas in force")


@suite.test
def nothing_is_overwritten(bench):
    folder = scaffold(bench.binary, bench.fresh() / "model")
    theirs = folder / "clients" / "stock-producer" / "README.md"
    theirs.parent.mkdir()
    theirs.write_text("theirs")
    check_in(f"{theirs}: is there already; nothing was written",
             new(bench.binary, folder, "product", "stock", "--squad", "checkout", code=1), "the error")
    check_equal(theirs.read_text(), "theirs", "the file that was there")
    check_equal([path.name for path in folder.rglob("stock*")], ["stock-producer"], "files of the product")


@suite.test
def what_is_there_or_unknown_is_refused_by_name(bench):
    folder = scaffold(bench.binary, bench.fresh() / "model")
    check_in('squad "ops" is declared already, at org/ops.yaml:', new(bench.binary, folder, "squad", "ops", code=1))
    check_in('did you mean "checkout"?', new(bench.binary, folder, "product", "carts", "--squad", "chekout", code=2))
    (folder / "org" / "bad.yaml").write_text("kind: Group\n")
    check_in("org/bad.yaml:1:1: ", new(bench.binary, folder, "squad", "tills", code=2))


suite.main()
