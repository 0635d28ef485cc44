"""From the first shape of the company to its second: what is measured goes on, and other squads are called.

`examples/quokka` is applied and everybody works; `examples/quokka-mesh` is planned and applied over connections that stay
open, and everybody works again. mesh.py BINARY [PART OF A NAME...]."""
import json
import pathlib
import re
import shutil
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "wire"))

from batch import batch  # noqa: E402
from errors import NONE, TOPIC_AUTHORIZATION_FAILED  # noqa: E402
from kafka import commit, create_topic, fetch, producer_id, produce  # noqa: E402
from server import Server  # noqa: E402
from suite import Suite, check, check_code, check_equal, check_in, eventually  # noqa: E402

suite = Suite()
FIRST, MESH = ROOT / "examples" / "quokka", ROOT / "examples" / "quokka-mesh"
PLAN = json.loads((FIRST / "traffic.json").read_text())
PLATFORM = "ada.okafor"
UNOWNED = "legacy.export"

# Who is called for wrong data and for lag: in the first shape, and in the mesh.
CALLED = {
    "stores.sale": (("central-data", "central-data"), ("store-systems", "store-systems")),
    "stores.return": (("central-data", "central-data"), ("store-systems", "store-systems")),
    "stores.shelf-check": (("store-systems", "central-data"), ("store-systems", "store-systems")),
    "prices.price-list": (("central-data", "central-data"), ("pricing-desk", "pricing-desk")),
    "stock.level": (("central-data", "central-data"), ("stock-control", "data-operations")),
    "customer.profile": (("central-data", "central-data"), ("customer-care", "customer-care")),
    "supply.delivery-notice": (("central-data", "central-data"), ("replenishment", "replenishment")),
    "catalogue.product": (("central-data", "central-data"), ("product-data", "product-data")),
    "sales.unified": (("central-data", "central-data"), ("central-data", "central-data")),
    "finance.daily-margin": (("central-data", "central-data"), ("central-data", "data-operations")),
    "fulfilment.pick-task": (("warehouse", "central-data"), ("warehouse", "data-operations")),
    "online.order": (("web-shop", "web-shop"), ("web-shop", "web-shop")),
}

# Which squad writes what another one reads, in the mesh.
EDGES = [
    ("central-data", "sales.unified", "pricing-desk"),
    ("customer-care", "customer.profile", "marketing"),
    ("delivery", "fulfilment.shipment", "customer-care"),
    ("payments-and-fraud", "fraud.verdict", "warehouse"),
    ("pricing-desk", "prices.price-change", "central-data"),
    ("pricing-desk", "prices.price-list", "mobile-app"),
    ("pricing-desk", "prices.price-list", "store-systems"),
    ("product-data", "catalogue.product", "web-shop"),
    ("product-data", "supply.delivery-notice", "replenishment"),
    ("stock-control", "inventory.stock-alert", "replenishment"),
    ("stock-control", "stock.level", "store-systems"),
    ("store-systems", "stores.return", "central-data"),
    ("store-systems", "stores.sale", "central-data"),
    ("store-systems", "stores.shelf-check", "stock-control"),
    ("warehouse", "fulfilment.pick-task", "delivery"),
    ("web-shop", "online.cart-event", "personalisation"),
    ("web-shop", "online.order", "central-data"),
    ("web-shop", "online.order", "warehouse"),
    ("web-shop", "online.stock-level", "stock-control"),
]


# Between these nothing moves: who is helped, whose product is run, and access that nobody uses.
UNUSED = [
    ("data-enablement", "customer-care"), ("data-enablement", "stock-control"), ("data-enablement", "store-systems"),
    ("data-operations", "central-data"), ("data-operations", "stock-control"), ("data-operations", "warehouse"),
    ("stock-control", "pricing-desk"),
]


def flows(operation):
    """(principal, topic) of what the generator's applications are to do, but for what no document declares."""
    return {(entry["principal"], each["topic"]) for entry in PLAN["applications"] for each in entry[operation] if each["topic"] != UNOWNED}


def refused():
    return {(entry["principal"], each["topic"]) for entry in PLAN["applications"] for each in entry.get("attempts", [])}


class Company:
    """The server, a connection of each application, and what is told of one shape once everybody worked in it."""

    def __init__(self, bench):
        self.server, self.connections = Server(bench.binary, bench.fresh(), listen=["sasl_plaintext"]), {}

    def opens(self):
        self.server.start()
        principals = [entry["principal"] for entry in PLAN["applications"]]
        self.server.enrol(PLATFORM, principals)
        self.apply(FIRST)
        self.connections = {name: self.server.connect(name) for name in principals}
        check_code(create_topic(self.connections["legacy-etl"], UNOWNED), NONE, "the topic that nobody declares")
        return self

    def apply(self, folder, *more):
        self.server.tool("apply", folder, "--yes", *more, user=PLATFORM)

    def asked(self, *words):
        return json.loads(self.server.tool(*words, "--output", "json", user=PLATFORM).stdout)

    def works(self):
        """Everybody writes a record to each of their topics, and then reads, commits and begins transactions."""
        for entry in PLAN["applications"]:
            for write in entry["writes"]:
                answer = produce(self.connections[entry["principal"]], write["topic"], batch([b"{}"]))
                check_code(answer["error_code"], NONE, f"{entry['principal']} writes {write['topic']}")
        for entry in PLAN["applications"]:
            self._reads(entry)
        return self

    def _reads(self, entry):
        name = entry["principal"]
        for read in entry["reads"]:
            answer = fetch(self.connections[name], read["topic"], 0)
            check_code(answer["error_code"], NONE, f"{name} reads {read['topic']}")
            check(answer["records"], f"{name} reads nothing of {read['topic']}")
            check_code(commit(self.connections[name], read["group"], read["topic"]), NONE, f"{name} commits for {read['group']}")
        if "transactions" in entry:
            answer = producer_id(self.connections[name], entry["transactions"]["id"])
            check_code(answer["error_code"], NONE, f"{name} begins as {entry['transactions']['id']}")
        for attempt in entry.get("attempts", []):
            answer = fetch(self.connections[name], attempt["topic"], 0)
            check_code(answer["error_code"], TOPIC_AUTHORIZATION_FAILED, f"{name} tries {attempt['topic']}")

    def topics(self):
        return {topic["name"]: (topic["id"], topic["partitions"], topic["durability"]) for topic in self.asked("topics")["items"]}

    def allowed(self, operation):
        """(principal, topic) for which `myelin acls` has a line with the operation."""
        return {(line["principal"], line["name"]) for line in self.asked("acls")["items"]
                if line["resource_type"] == "topic" and line["permission"] == "allow" and operation in line["operations"]}

    def called(self, topic):
        calls = {call["failure"]: call["squad"] for call in self.asked("who", topic, "--kind", "topic", "--failure", "all")["answers"][0]["calls"]}
        return calls["data"], calls["lag"]

    def organisation(self):
        return self.server.http("/api/v1/organisation", user=PLATFORM)[2]

    def told(self):
        return {"topics": self.topics(), "write": self.allowed("write"), "read": self.allowed("read"),
                "called": {topic: self.called(topic) for topic in CALLED}, "organisation": self.organisation()}

    def measured(self):
        """Once every read is in the lineage: a plan knows whom it would hit."""
        def reads():
            return {(edge["principal"], edge["topic"]) for edge in self.server.http("/api/v1/lineage", user=PLATFORM)[2]["reads"]}
        eventually(lambda: flows("reads") <= reads(), what="every read is measured")
        return self


class Transformation:
    """Both shapes, one after the other on one server; what was told of each, and the plan between them."""

    def __init__(self, bench):
        self.company, self.state = Company(bench), bench.fresh() / "state.json"
        try:
            self._go()
        except BaseException:
            self.stop()
            raise

    def _go(self):
        self.before = self.company.opens().works().measured().told()
        self.company.server.tool("state", "--out", self.state, user=PLATFORM)
        self.planned = self.plan(MESH)
        self.company.apply(MESH, "--allow-delete")
        self.company.works()
        self.after = self.company.told()

    def plan(self, folder):
        """(exit code, plan) against the first shape at work, for the platform group."""
        done = self.company.server.tool("plan", folder, "--allow-delete", "--against", self.state, "--as", PLATFORM, "--output", "json",
                                        user=PLATFORM, check=False)
        return done.returncode, json.loads(done.stdout or "{}")

    def stop(self):
        for connection in self.company.connections.values():
            connection.close()
        self.company.server.stop()


def transformed(bench):
    return bench.keep("transformed", lambda: Transformation(bench))


@suite.test
def the_plan_hits_nobody_and_leaves_topics_as_they_are(bench):
    exit_code, plan = transformed(bench).planned
    check_equal(exit_code, 3, "exit code of the plan")
    check_equal({name: plan[name] for name in ("topics", "hits", "refusals", "missing_consents")},
                {"topics": [], "hits": [], "refusals": [], "missing_consents": []}, "the plan")
    kinds = {entity["kind"] for entity in plan["entities"]}
    check(not kinds & {"user", "policy"}, f"people and policy stay as they are: {sorted(kinds)}")
    gone = sorted(entity["name"] for entity in plan["entities"] if entity["action"] == "delete")
    check_equal(gone, ["company-stock-for-stock-control", "delivery-notices-for-supplier-portal", "price-changes-for-central-data"], "what goes")


@suite.test
def a_grant_that_was_forgotten_would_hit_its_reader(bench):
    folder = bench.fresh() / "model"
    shutil.copytree(MESH, folder)
    (folder / "grants" / "store-returns-for-sales-unifier.yaml").unlink()
    _, plan = transformed(bench).plan(folder)
    check_equal(len(plan["hits"]), 1, f"hits of {plan['hits']}")
    check_in("sales-unifier", json.dumps(plan["hits"]), "the hit")


@suite.test
def everybody_may_do_what_they_did(bench):
    both = transformed(bench)
    for shape, told in (("the first shape", both.before), ("the mesh", both.after)):
        check_equal(flows("writes") - told["write"], set(), f"writes that {shape} refuses")
        check_equal(flows("reads") - told["read"], set(), f"reads that {shape} refuses")
        check_equal(refused() & (told["read"] | told["write"]), set(), f"what is to be refused and {shape} allows")
    check_equal(both.after["topics"], both.before["topics"], "topics with id, partitions and durability")


@suite.test
def a_squad_may_no_longer_touch_what_it_gave_away(bench):
    both = transformed(bench)
    for lost in (("margin-report", "stores.sale"), ("sales-unifier", "prices.price-list"), ("crm-ingest", "stock.level")):
        check(lost in both.before["write"], f"{lost} may write in the first shape")
        check(lost not in both.after["write"], f"{lost} may write in the mesh")


def calls(told, squad):
    """For how many classes of failure of products, and of topics without one, the squad is called."""
    (load,) = [one for one in told["organisation"]["load"] if one["squad"] == squad]
    return next(figure["value"] for figure in load["figures"] if figure["name"] == "calls")


@suite.test
def other_squads_are_called(bench):
    both = transformed(bench)
    for topic, (first, mesh) in CALLED.items():
        check_equal(both.before["called"][topic], first, f"called for data and lag of {topic} in the first shape")
        check_equal(both.after["called"][topic], mesh, f"called for data and lag of {topic} in the mesh")
    # 8 products in mode sustain with 6 classes each, 3 in mode optimise with 2; then one in mode growth with 6, one in mode optimise with 4.
    check_equal((calls(both.before, "central-data"), calls(both.after, "central-data")), (54, 10), "what central-data is called for")
    # 4 products in mode optimise.
    check_equal(calls(both.after, "data-operations"), 8, "what data-operations is called for")


@suite.test
def every_edge_of_the_mesh_is_declared(bench):
    both = transformed(bench)
    edges = both.after["organisation"]["edges"]
    check_equal(sorted((edge["producer"], edge["topic"], edge["consumer"]) for edge in edges), EDGES, "edges")
    check_equal([edge["topic"] for edge in edges if edge["mark"] != "both"], [], "edges that nobody declares")
    check_equal(both.after["organisation"]["congruence"]["text"], "19 of 19 edges between squads are declared", "congruence")
    check_equal(both.before["organisation"]["congruence"]["text"], "0 of 17 edges between squads are declared", "congruence of the first shape")
    unused = sorted((one["squad"], one["with"]) for one in both.after["organisation"]["unused"])
    check_equal(unused, UNUSED, "interactions for which nothing moves")


@suite.test
def every_grant_of_the_mesh_has_an_interaction(_):
    declared = set()
    for path in (MESH / "myelin" / "teams").glob("*.yaml"):
        declared |= {frozenset((path.stem, other)) for other in re.findall(r"\{with: ([\w-]+), mode: x-as-a-service", path.read_text())}
    for path in sorted((MESH / "grants").glob("*.yaml")):
        text = path.read_text()
        squads = frozenset(re.findall(r"teamId: ([\w-]+)", text))
        check("status: approved" not in text or squads in declared, f"no interaction between {sorted(squads)}, as {path.name} grants")


def names(folder, kind):
    entities = [entity for path in (folder / "org").glob("*.yaml") for entity in path.read_text().split("---\n") if f"kind: {kind}\n" in entity]
    return {re.search(r"\n  name: (\S+)", entity).group(1): re.findall(r"myelin.dev/(?:principals|prefixes): (.+)", entity) for entity in entities}


def promised(path):
    """A contract without who owns it and whom to ask."""
    return [line for line in path.read_text().splitlines() if not line.startswith(("team:", "  - {channel:"))]


@suite.test
def what_is_not_about_squads_stays_as_it_was(_):
    check_equal(names(MESH, "Component"), names(FIRST, "Component"), "applications with their principals")
    check_equal(names(MESH, "System"), names(FIRST, "System"), "systems")
    for same in ("org/people.yaml", "myelin/policy.yaml", "contracts/schemas/price-change.avsc", "contracts/schemas/delivery-notice.proto"):
        check_equal((MESH / same).read_text(), (FIRST / same).read_text(), same)
    contracts = [sorted(path.name for path in (folder / "contracts").glob("*.yaml")) for folder in (FIRST, MESH)]
    check_equal(contracts[1], contracts[0], "contracts")
    for name in contracts[0]:
        check_equal(promised(MESH / "contracts" / name), promised(FIRST / "contracts" / name), name)


def documented(folder):
    """{topic: (product, owner, mode)} as the documents say, by their text."""
    contracts = {re.search(r"^id: (\S+)", path.read_text(), re.M).group(1): path.read_text() for path in (folder / "contracts").glob("*.yaml")}
    owners = {topic: (None, re.search(r"^team: \{name: ([\w-]+)", text, re.M).group(1), None) for text in contracts.values()
              for topic in re.findall(r"physicalName: (\S+)", text)}
    for path in (folder / "products").glob("*.yaml"):
        text = path.read_text()
        team, mode = re.search(r"^team: \{name: ([\w-]+)", text, re.M).group(1), re.search(r"property: mode, value: (\w+)", text).group(1)
        for contract in re.findall(r"contractId: ([\w-]+)", text):
            owners |= {topic: (path.name.split(".")[0], team, mode) for topic in re.findall(r"physicalName: (\S+)", contracts[contract])}
    return owners


@suite.test
def the_oracles_shapes_say_what_the_documents_say(_):
    for folder in (FIRST, MESH):
        told = json.loads((folder / "shape.json").read_text())["topics"]
        written = {topic["topic"]: (topic["product"], topic["owner"], topic["mode"]) for topic in told if topic["topic"] != UNOWNED}
        check_equal(written, documented(folder), f"{folder.name}/shape.json")


if __name__ == "__main__":
    suite.main()
