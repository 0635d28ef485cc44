"""What a contract says about its topic takes effect when the topic is created, and never changes one that exists."""
import json
import shutil

import quokka
from errors import NONE, POLICY_VIOLATION
from kafka import create_topic, metadata
from quokka import OWNER
from server import Server
from suite import Suite, check_code, check_equal, check_in

suite = Suite()

# examples/quokka/contracts/online-cart-event.odcs.yaml: 8 partitions, 72 hours, interval.
DECLARED = "online.cart-event"
CONTRACT = "contracts/online-cart-event.odcs.yaml"
HOURS_72 = str(72 * 3600 * 1000)
# examples/quokka/contracts/catalogue-product.odcs.yaml: 3 partitions, compacted.
COMPACTED, COMPACTED_OWNER = "catalogue.product", "erp-ingest"


def configs(connection, topic):
    answer = connection.request("DescribeConfigs", 2, {"resources": [{"resource_type": 2, "resource_name": topic, "configuration_keys": None}]})
    return {entry["name"]: entry["value"] for entry in answer["results"][0]["configs"]}


def ask_to_create(connection, topic, partitions=-1, settings=None, validate_only=False):
    """The code and the text."""
    answer = connection.request("CreateTopics", 5, {"timeout_ms": 5000, "validate_only": validate_only, "topics": [{
        "name": topic, "num_partitions": partitions, "replication_factor": 1,
        "configs": [{"name": name, "value": value} for name, value in (settings or {}).items()]}]})
    return answer["topics"][0]["error_code"], answer["topics"][0]["error_message"] or ""


def company(bench, *, model=quokka.MODEL, directory=None, sets=()):
    return Server(bench.binary, directory or bench.fresh(), listen=["sasl_plaintext"], model=model, sets=list(sets))


@suite.test
def a_topic_is_created_as_its_contract_says_where_the_request_leaves_it_open(bench):
    with company(bench) as server:
        server.enrol("jun.park", [OWNER])
        with server.connect(OWNER) as connection:
            check_code(create_topic(connection, DECLARED, partitions=-1, configs={"segment.bytes": "2097152"}), NONE, "CreateTopics")
            check_equal(len(metadata(connection, [DECLARED])[DECLARED]["partitions"]), 8, "partitions")
            found = configs(connection, DECLARED)
            check_equal((found["retention.ms"], found["myelin.durability"], found["cleanup.policy"], found["segment.bytes"]),
                        (HOURS_72, "interval", "delete", "2097152"), "configs")


@suite.test
def a_request_that_contradicts_the_contract_is_refused_and_told_where_it_stands(bench):
    with company(bench) as server:
        server.enrol("jun.park", [OWNER])
        with server.connect(OWNER) as connection:
            for partitions, settings, part in ((4, {}, "partitions=8"), (-1, {"retention.ms": "-1"}, f"retention.ms={HOURS_72}"),
                                               (-1, {"myelin.durability": "os"}, "myelin.durability=interval")):
                for validate_only in (False, True):
                    code, text = ask_to_create(connection, DECLARED, partitions, settings, validate_only)
                    check_code(code, POLICY_VIOLATION, f"CreateTopics with {partitions} partitions and {settings}")
                    check_in(part, text)
                    check_in(f"{CONTRACT}:14:19", text)
            check_equal([name for name in metadata(connection) if name == DECLARED], [], "topics after the refusals")
            check_code(ask_to_create(connection, DECLARED, 8, {"retention.ms": HOURS_72})[0], NONE, "CreateTopics that says the same")


@suite.test
def a_topic_made_on_first_use_begins_as_its_contract_says(bench):
    with company(bench, sets=["topics.auto_create=on"]) as server:
        server.enrol("jun.park", [OWNER])
        with server.connect(OWNER) as connection:
            metadata(connection, [DECLARED, "storefront.undeclared"], create=True)
            entries = metadata(connection, [DECLARED, "storefront.undeclared"])
            check_equal({name: len(entry["partitions"]) for name, entry in entries.items()}, {DECLARED: 8, "storefront.undeclared": 1}, "partitions")
            check_equal(configs(connection, DECLARED)["retention.ms"], HOURS_72, "retention.ms")


@suite.test
def a_compacted_topic_is_compacted(bench):
    with company(bench) as server:
        server.enrol("jun.park", [COMPACTED_OWNER])
        with server.connect(COMPACTED_OWNER) as connection:
            check_code(ask_to_create(connection, COMPACTED)[0], NONE, "CreateTopics")
            check_equal(configs(connection, COMPACTED)["cleanup.policy"], "compact", "cleanup.policy")


def doctor(server):
    done = server.tool("doctor", "--output", "json", "--data", server.data, user="jun.park", check=False)
    return [(row["check"], row["verdict"], row["finding"]) for row in json.loads(done.stdout) if "contract" in row["check"]]


@suite.test
def a_topic_that_is_not_as_its_contract_says_is_shown_and_not_changed(bench):
    directory, model = bench.fresh(), bench.fresh() / "model"
    shutil.copytree(quokka.MODEL, model)
    with company(bench, model=model, directory=directory) as server:
        server.enrol("jun.park", [OWNER])
        with server.connect(OWNER) as connection:
            check_code(create_topic(connection, DECLARED, partitions=-1), NONE, "CreateTopics")
        check_equal(doctor(server), [("server: contracts", "ok", "every topic that exists is as its contract says")], "before the contract changes")
        passwords = server.passwords
    contract = model / CONTRACT
    contract.write_text(contract.read_text().replace("value: 8,", "value: 12,").replace("value: interval,", "value: synced,"))
    with company(bench, model=model, directory=directory) as server:
        server.passwords, server.administrator = passwords, "jun.park"
        check_equal(doctor(server), [
            ("server: contract", "warning",
             f"topic {DECLARED} is not as {CONTRACT}:14:19 says: partitions is 8, not 12, myelin.durability is interval, not synced"),
            ("server: contracts", "warning", "1 topics are not as their contracts say")], "after the contract changed")
        with server.connect(OWNER) as connection:
            check_equal(len(metadata(connection, [DECLARED])[DECLARED]["partitions"]), 8, "partitions")
            check_equal(configs(connection, DECLARED)["myelin.durability"], "interval", "durability")
