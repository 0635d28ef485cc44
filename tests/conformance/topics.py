"""The life of topics: create, describe, delete, create again; and what the cluster says of itself."""
from batch import batch
from errors import (INVALID_REPLICATION_FACTOR, INVALID_REQUEST, INVALID_TOPIC_EXCEPTION, NONE, TOPIC_ALREADY_EXISTS, UNKNOWN_TOPIC_ID,
                    UNKNOWN_TOPIC_OR_PARTITION)
from kafka import create_topic, delete_topic, list_offset, metadata, produce, read_all
from server import Server
from suite import Suite, check, check_code, check_equal

suite = Suite()
INVALID_PARTITIONS, INVALID_CONFIG = 37, 40
DEFAULT, TOPIC_CONFIG = 5, 1  # sources of a setting, by Kafka's numbers


def open_server(bench):
    return bench.keep("dev", lambda: Server(bench.binary, bench.fresh(), dev=True).start())


def topic_id(connection, name):
    return metadata(connection, [name], version=12)[name]["topic_id"]


@suite.test
def a_topic_that_is_made_again_is_empty_and_has_another_id(bench):
    with open_server(bench).connect() as connection:
        ids = []
        for _ in range(3):
            check_code(create_topic(connection, "again"), NONE, "create")
            check_equal(list_offset(connection, "again", -1)["offset"], 0, "end of the log")
            produce(connection, "again", batch([b"old life"]))
            ids.append(topic_id(connection, "again"))
            check_code(delete_topic(connection, "again"), NONE, "delete")
            check_code(metadata(connection, ["again"])["again"]["error_code"], UNKNOWN_TOPIC_OR_PARTITION, "after the delete")
        check_equal(len(set(ids)), 3, "different ids")
        check(all(identity.int != 0 for identity in ids), "a topic has no id")


@suite.test
def topic_ids_and_records_survive_restart_and_kill(bench):
    directory, seen = bench.fresh(), []
    for turn, end in enumerate((Server.stop, Server.kill, Server.stop)):
        server = bench.enter(Server(bench.binary, directory, dev=True, log_name=f"run-{turn}.log"))
        with server.connect() as connection:
            if turn == 0:
                create_topic(connection, "lasting", partitions=3, configs={"retention.ms": "3600000"})
                produce(connection, "lasting", batch([b"kept"]), partition=2)
                create_topic(connection, "short.lived")
                delete_topic(connection, "short.lived")
            seen.append((topic_id(connection, "lasting"), len(metadata(connection, ["lasting"])["lasting"]["partitions"]),
                         read_all(connection, "lasting", partition=2), configs(connection, "lasting", ["retention.ms"])))
            check("short.lived" not in metadata(connection), "a deleted topic is back")
        end(server)
    check(seen[0] == seen[1] == seen[2], f"what was seen in three runs differs: {seen}")


@suite.test
def creating_is_refused_with_kafkas_codes(bench):
    with open_server(bench).connect() as connection:
        check_code(create_topic(connection, "taken"), NONE, "create")
        check_code(create_topic(connection, "taken"), TOPIC_ALREADY_EXISTS, "create again")
        for name in ("", ".", "..", "with space", "a/b", "x" * 250, "umlaut-ä"):
            check_code(create_topic(connection, name), INVALID_TOPIC_EXCEPTION, f"the name {name!r}")
        for partitions in (0, -2, 2_000_000_000):
            check_code(create_topic(connection, "wrong.partitions", partitions), INVALID_PARTITIONS, f"{partitions} partitions")
        for factor in (0, 2, 3, -2):
            check_code(create_topic(connection, "wrong.factor", replication=factor), INVALID_REPLICATION_FACTOR, f"replication factor {factor}")
        for name, value in (("no.such.setting", "1"), ("retention.ms", "soon"), ("cleanup.policy", "shred"), ("myelin.durability", "sometimes")):
            check_code(create_topic(connection, "wrong.config", configs={name: value}), INVALID_CONFIG, f"{name}={value}")
        check_code(create_topic(connection, "defaults", partitions=-1, replication=-1), NONE, "-1 partitions and factor -1")
        check_equal(len(metadata(connection, ["defaults"])["defaults"]["partitions"]), 4, "partitions by default in dev mode")
        left = set(metadata(connection)) & {"wrong.partitions", "wrong.factor", "wrong.config"}
        check_equal(left, set(), "refused topics that exist")


@suite.test
def validate_only_creates_nothing(bench):
    with open_server(bench).connect() as connection:
        body = {"timeout_ms": 1000, "validate_only": True, "topics": [{"name": "only.checked", "num_partitions": 1, "replication_factor": 1}]}
        check_code(connection.request("CreateTopics", 5, body)["topics"][0]["error_code"], NONE, "CreateTopics")
        check("only.checked" not in metadata(connection), "the topic exists")


@suite.test
def a_topic_named_twice_in_one_request_is_refused(bench):
    with open_server(bench).connect() as connection:
        entry = {"name": "twice", "num_partitions": 1, "replication_factor": 1}
        answer = connection.request("CreateTopics", 5, {"timeout_ms": 1000, "topics": [entry, dict(entry)]})
        check_equal({part["error_code"] for part in answer["topics"]}, {INVALID_REQUEST}, "codes")


@suite.test
def a_clamped_replication_factor_is_taken_as_1(bench):
    with Server(bench.binary, bench.fresh(), dev=True, sets=["topics.replication=clamp"]) as server, server.connect() as connection:
        check_code(create_topic(connection, "clamped", replication=3), NONE, "replication factor 3")
        check_equal(len(metadata(connection, ["clamped"])["clamped"]["partitions"][0]["replica_nodes"]), 1, "replicas")


@suite.test
def deleting_by_id_and_by_wrong_names(bench):
    with open_server(bench).connect() as connection:
        create_topic(connection, "by.id")
        identity = topic_id(connection, "by.id")
        def delete(topic):
            return connection.request("DeleteTopics", 6, {"timeout_ms": 1000, "topics": [topic]})["responses"][0]
        answer = delete({"name": None, "topic_id": identity})
        check_equal((answer["error_code"], answer["name"]), (NONE, "by.id"), "by id")
        check_code(delete({"name": None, "topic_id": identity})["error_code"], UNKNOWN_TOPIC_ID, "the same id again")
        check_code(delete_topic(connection, "by.id"), UNKNOWN_TOPIC_OR_PARTITION, "the name")


@suite.test
def metadata_by_id_finds_the_name(bench):
    with open_server(bench).connect() as connection:
        create_topic(connection, "found.by.id")
        body = {"topics": [{"topic_id": topic_id(connection, "found.by.id"), "name": None}], "allow_auto_topic_creation": False}
        check_equal([entry["name"] for entry in connection.request("Metadata", 12, body)["topics"]], ["found.by.id"], "names")


def configs(connection, name, keys=None, kind=2, version=4):
    answer = connection.request("DescribeConfigs", version, {"include_synonyms": True, "resources": [
        {"resource_type": kind, "resource_name": name, "configuration_keys": keys}]})["results"][0]
    check_code(answer["error_code"], NONE, f"DescribeConfigs of {name}")
    return {entry["name"]: (entry["value"], entry.get("config_source")) for entry in answer["configs"]}


@suite.test
def settings_tell_their_values_and_where_they_come_from(bench):
    with open_server(bench).connect() as connection:
        create_topic(connection, "configured", configs={"retention.ms": "3600000", "myelin.durability": "os"})
        found = configs(connection, "configured")
        check_equal(found["retention.ms"], ("3600000", TOPIC_CONFIG), "retention.ms")
        check_equal(found["myelin.durability"], ("os", TOPIC_CONFIG), "myelin.durability")
        check_equal(found["cleanup.policy"], ("delete", DEFAULT), "cleanup.policy")
        check_equal(found["max.message.bytes"], ("1048588", DEFAULT), "max.message.bytes")
        check_equal(configs(connection, "configured", ["retention.ms"]), {"retention.ms": ("3600000", TOPIC_CONFIG)}, "one that is asked for")
        check_equal(configs(connection, "configured", ["no.such.setting"]), {}, "one that does not exist")
        create_topic(connection, "unconfigured")
        check_equal(configs(connection, "unconfigured")["myelin.durability"], ("synced", DEFAULT), "the durability of a topic that says nothing")


@suite.test
def settings_of_what_does_not_exist_are_refused(bench):
    with open_server(bench).connect() as connection:
        def code(kind, name):
            return connection.request("DescribeConfigs", 1, {"resources": [{"resource_type": kind, "resource_name": name, "configuration_keys": None}]})[
                "results"][0]["error_code"]
        check_code(code(2, "not.there"), UNKNOWN_TOPIC_OR_PARTITION, "a topic")
        check_code(code(4, "9999"), INVALID_REQUEST, "another broker")
        check_code(code(77, "x"), INVALID_REQUEST, "an unknown kind of resource")


@suite.test
def metadata_describe_cluster_and_find_coordinator_name_the_same_broker(bench):
    server = open_server(bench)
    with server.connect() as connection:
        brokers = connection.request("Metadata", 12, {"topics": []})
        one = brokers["brokers"][0]
        expected = (one["node_id"], "127.0.0.1", server.ports["plaintext"])
        check_equal([(entry["node_id"], entry["host"], entry["port"]) for entry in brokers["brokers"]], [expected], "Metadata")
        check_equal(brokers["controller_id"], one["node_id"], "the controller")
        cluster = connection.request("DescribeCluster", 0)
        check_equal([(entry["broker_id"], entry["host"], entry["port"]) for entry in cluster["brokers"]], [expected], "DescribeCluster")
        check_equal(cluster["cluster_id"], brokers["cluster_id"], "cluster id")
        found = connection.request("FindCoordinator", 2, {"key": "any", "key_type": 0})
        check_equal((found["node_id"], found["host"], found["port"]), expected, "FindCoordinator")


@suite.test
def the_cluster_id_stays_over_a_restart_and_differs_between_directories(bench):
    ids = []
    for directory in [bench.fresh()] * 2 + [bench.fresh()]:
        with Server(bench.binary, directory, dev=True) as server, server.connect() as connection:
            ids.append(connection.request("Metadata", 8, {"topics": []})["cluster_id"])
    check_equal(ids[0], ids[1], "cluster id after a restart")
    check(ids[0] != ids[2], "two directories have the same cluster id")


@suite.test
def a_listener_advertises_what_it_was_told_to(bench):
    with Server(bench.binary, bench.fresh(), dev=True, sets=["net.advertised_host=events.quokka.example"]) as server, server.connect() as connection:
        one = connection.request("Metadata", 8, {"topics": []})["brokers"][0]
        check_equal((one["host"], one["port"]), ("events.quokka.example", server.ports["plaintext"]), "the advertised address")


@suite.test
def commit_metadata_and_leader_epoch_round_trip(bench):
    with open_server(bench).connect() as connection:
        create_topic(connection, "committed.to", partitions=2)
        note = "note " + "x" * 4000
        answer = connection.request("OffsetCommit", 7, {"group_id": "round.trip", "generation_id_or_member_epoch": -1, "member_id": "", "topics": [
            {"name": "committed.to", "partitions": [{"partition_index": 0, "committed_offset": 42, "committed_leader_epoch": 3, "committed_metadata": note}]}]})
        check_code(answer["topics"][0]["partitions"][0]["error_code"], NONE, "commit")
        for version in (5, 7):
            part, absent = connection.request("OffsetFetch", version, {"group_id": "round.trip", "topics": [
                {"name": "committed.to", "partition_indexes": [0, 1]}]})["topics"][0]["partitions"]
            check_equal((part["committed_offset"], part["committed_leader_epoch"], part["metadata"]), (42, 3, note), f"OffsetFetch {version}")
            check_equal((absent["committed_offset"], absent["error_code"]), (-1, NONE), "a partition without a commit")
