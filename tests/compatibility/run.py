"""Makes the tables of docs/compatibility.md from what a server answers, and holds the page against them; --write puts them there."""
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / name) for name in ("wire", "differential")]

import messages  # noqa: E402
import made_tables  # noqa: E402
from kafka import create_topic  # noqa: E402
from notes import NOT_SERVED, NOTES  # noqa: E402
from reasons import REASONS  # noqa: E402
from server import Server  # noqa: E402
from suite import Suite, check  # noqa: E402

TOPIC, BROKER = 2, 4
TYPES = {1: "boolean", 2: "string", 3: "int", 4: "short", 5: "long", 6: "double", 7: "list", 8: "class", 9: "password"}
# Of the machine, not of the product.
OF_THE_MACHINE = {"log.dirs": "where `--data` is"}
suite = Suite()


def ranges(connection):
    answer = connection.request("ApiVersions", 4, {"client_software_name": "table", "client_software_version": "1"})
    features = ", ".join(f"`{entry['name']}` {entry['max_version_level']}" for entry in answer["finalized_features"])
    return {entry["api_key"]: (entry["min_version"], entry["max_version"]) for entry in answer["api_keys"]}, features


def text_of(span):
    if span is None:
        return "no"
    return str(span[0]) if span[0] == span[1] else f"{span[0]} to {span[1]}"


def apis(server, front):
    """Ranges here and before a cluster that serves no less."""
    with server.connect() as connection, front.connect() as before:
        (here, features), (there, _) = ranges(connection), ranges(before)
    lines = ["| key | API | versions | before a cluster | notes |", "|---|---|---|---|---|"]
    for key, span in sorted(here.items()):
        name = messages.NAMES[key]
        other = "the same" if there.get(key) == span else text_of(there.get(key))
        lines.append(f"| {key} | {name} | {text_of(span)} | {other} | {NOTES.get(name, '')} |")
    unknown = set(NOTES) - {messages.NAMES[key] for key in here}
    check(not unknown, f"notes on what is not served: {sorted(unknown)}")
    return lines + ["", f"Finalized features: {features}.", "", "| not served | why |", "|---|---|"] + [f"| {name} | {why} |" for name, why in NOT_SERVED.items()]


def configs(server, kind, name):
    with server.connect() as connection:
        answer = connection.request("DescribeConfigs", 4, {"include_documentation": True, "include_synonyms": True, "resources": [
            {"resource_type": kind, "resource_name": name, "configuration_keys": None}]})
    return sorted(answer["results"][0]["configs"], key=lambda config: config["name"])


def table_of(found, names):
    lines = [f"| {names} | type | default | what it does |", "|---|---|---|---|"]
    for config in found:
        check(config["documentation"], f"{config['name']} has no documentation")
        value = OF_THE_MACHINE.get(config["name"]) or (f"`{config['value']}`" if config["value"] else "empty")
        lines.append(f"| `{config['name']}` | {TYPES[config['config_type']]} | {value} | {config['documentation']} |")
    return lines


def tables(bench):
    server = bench.enter(Server(bench.binary, bench.fresh(), dev=True))
    front = bench.enter(Server(bench.binary, bench.fresh(), dev=True, extra=["--upstream", f"127.0.0.1:{server.ports['plaintext']}"]))
    with server.connect() as connection:
        create_topic(connection, "described")
    return {"apis": apis(server, front), "topics": table_of(configs(server, TOPIC, "described"), "topic setting"),
            "broker": table_of(configs(server, BROKER, "1"), "broker setting"),
            "bad_input": ["| input | here, and in Kafka 4.3.1 |", "|---|---|"] + [f"| {reason.what} | {reason.text} |" for reason in REASONS]}


@suite.test
def the_page_on_compatibility_says_what_a_server_answers(bench):
    made_tables.hold("tests/compatibility/run.sh", tables(bench), write="--write" in sys.argv)


suite.run(sys.argv[1])
