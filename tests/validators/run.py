"""Our example's documents and our metrics, held against validators that others wrote; each must also refuse a broken one.
And their documents held against our loader: official examples are accepted, and a mistake that odcslint finds we find."""
import os
import pathlib
import re
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "wire"))

from batch import batch  # noqa: E402
from kafka import create_topic, fetch, produce  # noqa: E402
from mistakes import FOUND, UNREAD  # noqa: E402
from server import Server  # noqa: E402
from suite import Skip, Suite, check  # noqa: E402

MODEL = HERE.parents[1] / "examples" / "quokka"
MODELS = (MODEL, HERE.parents[1] / "examples" / "quokka-mesh")
TOOLS = pathlib.Path(os.environ["MYELIN_VALIDATORS"])
PYTHON = TOOLS / "python" / "bin"
SCHEMAS = TOOLS / "schemas" / "datacontract" / "schemas"
(PRODUCT_SCHEMAS,) = (TOOLS / "python").glob("lib/python3*/site-packages/dataproduct/schemas")
PROMTOOL = TOOLS / "prometheus" / "usr" / "bin" / "promtool"

suite = Suite()


def run(*words, text=None, folder=None):
    environment = dict(os.environ, NODE_PATH=str(TOOLS / "node_modules"), NO_COLOR="1")
    return subprocess.run([str(word) for word in words], input=text, capture_output=True, text=True, cwd=folder, env=environment, timeout=300)


def accepts(done, what):
    check(done.returncode == 0, f"{what} is refused: {done.stdout} {done.stderr}")


def refuses(done, what):
    check(done.returncode != 0, f"{what} is accepted, so its verdict means nothing: {done.stdout}")


def documents(kind):
    """Those of the first model come first; `broken` breaks one of them."""
    found = [sorted(model.glob(kind)) for model in MODELS]
    check(all(found), f"there is no {kind} in one of {MODELS}")
    return [path for paths in found for path in paths]


def broken(bench, path, part, instead):
    """A copy of the example with `part` of one document replaced."""
    folder = bench.fresh() / "model"
    shutil.copytree(MODEL, folder)
    copy = folder / path.relative_to(MODEL)
    text = copy.read_text()
    check(part in text, f"{path} lacks {part!r}")
    copy.write_text(text.replace(part, instead, 1))
    return copy


# ---- contracts: ODCS ----

def odcslint(folder):
    return run(PYTHON / "odcslint", "check", folder)


@suite.test
def odcslint_accepts_the_contracts(_):
    for model in MODELS:
        accepts(odcslint(model / "contracts"), f"contracts/ of {model.name}")


@suite.test
def odcslint_refuses_a_contract_without_a_version(bench):
    refuses(odcslint(broken(bench, documents("contracts/*.yaml")[0], "\nversion:", "\nedition:").parent), "a contract without a version")


def schema_of(path, folder=SCHEMAS, standard="odcs"):
    """The official schema of the version that the document names."""
    (version,) = [line.split(":")[1].strip() for line in path.read_text().splitlines() if line.startswith("apiVersion:")]
    return folder / f"{standard}-{version.strip('v')}.schema.json"


def check_schema(schema, *paths):
    return run("node", HERE / "check_schema.cjs", schema, *paths)


@suite.test
def the_official_schema_accepts_the_contracts(_):
    paths = documents("contracts/*.yaml")
    for schema in {schema_of(path) for path in paths}:
        accepts(check_schema(schema, *[path for path in paths if schema_of(path) == schema]), "contracts/")


@suite.test
def the_official_schema_refuses_a_topic_whose_properties_are_no_list(bench):
    path = broken(bench, documents("contracts/*.yaml")[0], "physicalType: topic", "physicalType: [topic]")
    refuses(check_schema(schema_of(path), path), "a contract with a list for a physicalType")


# ---- products: Bitol ODPS ----

def lint_product(path):
    return run(PYTHON / "dataproduct", "lint", "--local-references", path, folder=path.parents[1])


def dangling(done):
    return "No local data contract" in " ".join(done.stdout.split())


@suite.test
def dataproduct_cli_accepts_the_products(_):
    for path in documents("products/*.yaml"):
        done = lint_product(path)
        accepts(done, path.name)
        check(not dangling(done), f"{path.name} names a contract that is not there: {done.stdout}")


@suite.test
def dataproduct_cli_refuses_a_product_without_a_status(bench):
    refuses(lint_product(broken(bench, documents("products/*.yaml")[0], "\nstatus:", "\nstate:")), "a product without a status")


@suite.test
def dataproduct_cli_misses_a_contract_that_is_not_there(bench):
    """It warns, and calls the product valid: accepting a product means no such warning."""
    done = lint_product(broken(bench, MODEL / "products" / "online-orders.odps.yaml", "contractId: online-order", "contractId: online-ordr"))
    check(dangling(done), f"no warning: {done.stdout}")


@suite.test
def the_official_schema_accepts_the_products(_):
    paths = documents("products/*.yaml")
    for schema in {schema_of(path, PRODUCT_SCHEMAS, "odps") for path in paths}:
        accepts(check_schema(schema, *[path for path in paths if schema_of(path, PRODUCT_SCHEMAS, "odps") == schema]), "products/")


@suite.test
def the_official_schema_refuses_a_product_whose_ports_are_no_list(bench):
    path = broken(bench, documents("products/*.yaml")[0], "outputPorts:\n  - ", "outputPorts:\n    ")
    refuses(check_schema(schema_of(path, PRODUCT_SCHEMAS, "odps"), path), "a product with a map for its ports")


# ---- their documents, and our loader ----

def problems(bench, files):
    """What the loader says about a model of {name: text}."""
    folder, nothing = bench.fresh(), bench.fresh()
    (nothing / "org").mkdir()
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    done = run(bench.binary, "diff", nothing, folder)
    check(done.returncode in (0, 2, 3), f"the loader gave up with {done.returncode}: {done.stderr}")
    return [line for line in done.stderr.splitlines() if re.match(r"(org|contracts|products)/", line)]


def uncommented(text):
    """With every line that is commented out in force: the example in full."""
    return re.sub(r"(?m)^# ?", "", text)


ORGANISATION = {"org/team.yaml": "apiVersion: backstage.io/v1alpha1\nkind: Domain\nmetadata: {name: data}\n" + "".join(
    f"---\napiVersion: backstage.io/v1alpha1\nkind: Group\nmetadata: {{name: {name}, title: {title}, annotations: {{myelin.dev/domain: data}}}}\nspec: {{type: team}}\n"
    for name, title in (("Owner", "Owner"), ("my-team", "My Team")))}


@suite.test
def the_loader_accepts_the_official_example_of_a_contract(bench):
    """The wheels carry one, mostly commented out. What it names is declared beside it; in full it has a team and a table, but no topic."""
    (example,) = SCHEMAS.glob("odcs-*.init.yaml")
    full = uncommented(example.read_text())
    check("\nteam:" in full and "\nschema:" in full, f"the example has no team or schema any more: {full}")
    for text in (example.read_text(), full):
        written = bench.fresh() / "example.odcs.yaml"
        written.write_text(text)
        accepts(check_schema(schema_of(written), written), "the official example, by the official schema,")
        check(not (said := problems(bench, ORGANISATION | {"contracts/example.odcs.yaml": text})), f"the loader refuses it: {said}")


@suite.test
def the_loader_accepts_the_full_examples_of_the_standard(bench):
    """Those of ODCS 3.2, with every field that there is, in the source distribution of its Python model."""
    found = sorted(TOOLS.glob("open_data_contract_standard-*/tests/fixtures/*.odcs.yaml"))
    check(len(found) == 2, f"the source distribution has other examples: {found}")
    for path in found:
        check(not (said := problems(bench, ORGANISATION | {f"contracts/{path.name}": path.read_text()})), f"the loader refuses {path.name}: {said}")


@suite.test
def the_loader_accepts_the_official_example_of_a_product(bench):
    """As for contracts. A product of ours has an owner: the example's team, which is commented out, is the title of a Group."""
    (example,) = PRODUCT_SCHEMAS.glob("odps-*.init.yaml")
    plain = example.read_text()
    full = re.sub(r"# (team:|  name: My Team)(?=\n)", r"\1", plain)
    check("\nteam:\n  name: My Team\n" in full, f"the example has no team any more: {plain}")
    written = bench.fresh() / "example.odps.yaml"
    written.write_text(full)
    accepts(check_schema(schema_of(written, PRODUCT_SCHEMAS, "odps"), written), "the official example, by the official schema,")
    check(not (said := problems(bench, ORGANISATION | {"products/example.odps.yaml": full})), f"the loader refuses it: {said}")
    (said,) = problems(bench, ORGANISATION | {"products/example.odps.yaml": plain})
    check("team" in said, f"a product without a team: {said}")


def both_say(bench, name, part, instead):
    """(what odcslint says, what the loader says) about the mistake; printed side by side."""
    path = broken(bench, MODEL / "contracts" / "online-order.odcs.yaml", part, instead)
    lint = odcslint(path)
    theirs = [" ".join(line.split()) for line in lint.stdout.splitlines() if re.match(r"\s+\d+:\d+", line)] if lint.returncode else []
    folder = path.parents[1]
    files = {str(each.relative_to(folder)): each.read_text() for kind in ("org", "contracts", "products") for each in (folder / kind).glob("*.yaml")}
    ours = [line for line in problems(bench, files) if line.startswith("contracts/")]
    print(f"  {name}\n    odcslint: {'; '.join(theirs) or 'nothing'}\n    myelin:   {'; '.join(ours) or 'nothing'}")
    return theirs, ours


@suite.test
def what_odcslint_finds_the_loader_finds_with_file_line_and_column(bench):
    for name, part, instead in FOUND:
        theirs, ours = both_say(bench, name, part, instead)
        check(theirs, f"odcslint does not find {name}: plant another mistake")
        check(any(re.match(r"contracts/online-order\.odcs\.yaml:\d+:\d+: ", line) for line in ours), f"the loader misses {name}: {ours}")


@suite.test
def what_myelin_does_not_read_is_left_to_odcslint(bench):
    for name, part, instead in UNREAD:
        theirs, ours = both_say(bench, name, part, instead)
        check(theirs, f"odcslint does not find {name}")
        check(not ours, f"the loader finds {name}: move it to FOUND")


# ---- organisation: Backstage ----

def check_entities(paths):
    return run("node", HERE / "backstage.cjs", *paths)


@suite.test
def backstage_accepts_the_organisation(_):
    accepts(check_entities(documents("org/*.yaml")), "org/")


@suite.test
def backstage_refuses_a_component_without_an_owner(bench):
    with_components = [path for path in documents("org/*.yaml") if "kind: Component" in path.read_text()][0]
    path = broken(bench, with_components, "kind: Component", "kind: Component #")
    text = path.read_text()
    start = text.index("owner:", text.index("kind: Component"))
    path.write_text(text[:start] + "keeper:" + text[start + len("owner:"):])
    refuses(check_entities([path]), "a Component without an owner")


# ---- what Myelin writes itself ----

def accepts_folder(folder):
    found = {kind: sorted(folder.glob(f"{kind}/*.yaml")) for kind in ("contracts", "products", "org")}
    check(all(found.values()), f"there is something of each kind: {found}")
    accepts(odcslint(folder / "contracts"), "contracts/")
    accepts(check_schema(schema_of(found["contracts"][0]), *found["contracts"]), "contracts/")
    for path in found["products"]:
        accepts(check_schema(schema_of(path, PRODUCT_SCHEMAS, "odps"), path), path.name)
        accepts(lint_product(path), path.name)
    accepts(check_entities(found["org"]), "org/")


@suite.test
def the_validators_accept_what_is_adopted(bench):
    server = bench.enter(Server(bench.binary, bench.fresh(), listen=["sasl_plaintext"], sets=["access.undeclared_topics=report"]))
    server.enrol("petra", ("till-eu", "till-us", "billing"))
    for user in ("till-eu", "till-us", "billing"):
        with server.connect(user) as connection:
            create_topic(connection, "pos.sale")
            produce(connection, "pos.sale", batch([b"one", b"two"] if user == "till-eu" else [b"one"]))
            fetch(connection, "pos.sale", 0)
    folder = bench.fresh() / "model"
    server.tool("adopt", "--folder", folder, user="petra")
    accepts_folder(folder)


@suite.test
def the_validators_accept_what_is_scaffolded(bench):
    folder = bench.fresh() / "model"
    for words in ("squad checkout --members olga", "squad billing", "product orders --squad checkout --topic shop.order --purpose why",
                  "consumer invoicing --product orders --squad billing --purpose why"):
        accepts(run(bench.binary, "new", *words.split(), "--folder", folder), f"myelin new {words}")
    accepts_folder(folder)


# ---- metrics: Prometheus ----

def metrics(bench):
    def make():
        server = Server(bench.binary, bench.fresh(), dev=True).start()
        with server.connect() as connection:
            create_topic(connection, "counted")
            produce(connection, "counted", batch([b"one"]))
            fetch(connection, "counted", 0)
        return server
    status, headers, text = bench.keep("metrics", make).http("/metrics")
    check(status == 200, f"/metrics answers {status}")
    check(headers["Content-Type"].startswith("text/plain; version=0.0.4"), f"/metrics is {headers['Content-Type']}")
    return text


def promtool(text):
    if not PROMTOOL.exists():
        raise Skip("promtool can't be had: `apt-get download prometheus` failed")
    return run(PROMTOOL, "check", "metrics", text=text)


@suite.test
def promtool_accepts_the_metrics(bench):
    done = promtool(metrics(bench))
    accepts(done, "/metrics")
    check(not done.stderr.strip(), f"promtool warns: {done.stderr}")


@suite.test
def promtool_refuses_a_counter_that_is_not_called_total(bench):
    text = metrics(bench)
    name = next(line.split(" ")[2] for line in text.splitlines() if line.startswith("# TYPE") and line.endswith(" counter"))
    refuses(promtool(text.replace(name, name.removesuffix("_total"))), "a counter without _total")


@suite.test
def promtool_refuses_a_metric_without_help(bench):
    text = metrics(bench)
    name = next(line.split(" ")[2] for line in text.splitlines() if line.startswith("# HELP"))
    refuses(promtool("\n".join(line for line in text.splitlines() if not line.startswith(f"# HELP {name} ")) + "\n"), "a metric without HELP")


suite.main()
