"""Our example's documents and our metrics, held against validators that others wrote; each must also refuse a broken one."""
import os
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "wire"))

from batch import batch  # noqa: E402
from kafka import create_topic, fetch, produce  # noqa: E402
from server import Server  # noqa: E402
from suite import Skip, Suite, check  # noqa: E402

MODEL = HERE.parents[1] / "examples" / "quokka"
TOOLS = pathlib.Path(os.environ["MYELIN_VALIDATORS"])
PYTHON = TOOLS / "python" / "bin"
SCHEMAS = TOOLS / "schemas" / "datacontract" / "schemas"
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
    found = sorted(MODEL.glob(kind))
    check(found, f"there is no {kind} in {MODEL}")
    return found


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
    accepts(odcslint(MODEL / "contracts"), "contracts/")


@suite.test
def odcslint_refuses_a_contract_without_a_version(bench):
    refuses(odcslint(broken(bench, documents("contracts/*.yaml")[0], "\nversion:", "\nedition:").parent), "a contract without a version")


def schema_of(path):
    """The official schema of the version that the contract names."""
    (version,) = [line.split(":")[1].strip() for line in path.read_text().splitlines() if line.startswith("apiVersion:")]
    return SCHEMAS / f"odcs-{version.strip('v')}.schema.json"


@suite.test
def the_official_schema_accepts_the_contracts(_):
    paths = documents("contracts/*.yaml")
    for schema in {schema_of(path) for path in paths}:
        accepts(run(PYTHON / "python", HERE / "check_schema.py", schema, *[path for path in paths if schema_of(path) == schema]), "contracts/")


@suite.test
def the_official_schema_refuses_a_topic_whose_properties_are_no_list(bench):
    path = broken(bench, documents("contracts/*.yaml")[0], "physicalType: topic", "physicalType: [topic]")
    refuses(run(PYTHON / "python", HERE / "check_schema.py", schema_of(path), path), "a contract with a list for a physicalType")


# ---- products: Bitol ODPS ----

def lint_product(path):
    return run(PYTHON / "dataproduct", "lint", "--no-resolve-references", path, folder=path.parents[1])


@suite.test
def dataproduct_cli_accepts_the_products(_):
    for path in documents("products/*.yaml"):
        accepts(lint_product(path), path.name)


@suite.test
def dataproduct_cli_refuses_a_product_without_a_status(bench):
    refuses(lint_product(broken(bench, documents("products/*.yaml")[0], "\nstatus:", "\nstate:")), "a product without a status")


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
