"""What the matrix cannot say cell by cell: unseen names, internal topics, report modes, mixed requests, first use."""
import uuid

import quokka
from batch import batch
from errors import (GROUP_AUTHORIZATION_FAILED, NONE, TOPIC_AUTHORIZATION_FAILED, TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
                    UNKNOWN_TOPIC_OR_PARTITION)
from kafka import commit, create_topic, delete_topic, fetch, fetch_body, list_offset, metadata, produce, produce_body, producer_id
from quokka import GRANTED, KINDS, NEVER_MADE, OWNER, PLATFORM, TOPIC, UNGRANTED, UNKNOWN, UNSEEN
from server import Server
from suite import Suite, check, check_code, check_equal, eventually

suite = Suite()
INTERNAL = "__consumer_offsets"


def answers_about(connection, topic):
    """The error code of every API that takes a topic's name."""
    epoch = connection.request("OffsetForLeaderEpoch", 3, {"replica_id": -1, "topics": [
        {"topic": topic, "partitions": [{"partition": 0, "current_leader_epoch": -1, "leader_epoch": 0}]}]})
    configs = connection.request("DescribeConfigs", 2, {"resources": [{"resource_type": 2, "resource_name": topic, "configuration_keys": None}]})
    return {
        "Produce": produce(connection, topic, batch([b"x"]))["error_code"],
        "Fetch": fetch(connection, topic, 0)["error_code"],
        "ListOffsets": list_offset(connection, topic, -1)["error_code"],
        "OffsetForLeaderEpoch": epoch["topics"][0]["partitions"][0]["error_code"],
        "Metadata": metadata(connection, [topic])[topic]["error_code"],
        "Metadata that may create": metadata(connection, [topic], create=True)[topic]["error_code"],
        "DescribeConfigs": configs["results"][0]["error_code"],
        "DeleteTopics": delete_topic(connection, topic),
        "CreateTopics": create_topic(connection, topic),
    }


@suite.test
def an_unseen_topic_is_refused_alike_whether_it_exists_or_not(bench):
    server = quokka.closed(bench)
    for principal in (UNGRANTED, UNKNOWN):
        with server.connect(principal) as connection:
            for topic in (UNSEEN, NEVER_MADE, "no.document.knows.me"):
                for api, code in answers_about(connection, topic).items():
                    check_code(code, TOPIC_AUTHORIZATION_FAILED, f"{principal}: {api} of {topic}")


@suite.test
def the_whole_entry_of_an_unseen_topic_is_the_same_whether_it_exists_or_not(bench):
    with quokka.closed(bench).connect(UNGRANTED) as connection:
        for version in (1, 8, 12):
            exists, is_not = (metadata(connection, [topic], version=version)[topic] for topic in (UNSEEN, NEVER_MADE))
            exists.pop("name"), is_not.pop("name")
            check_equal(exists, is_not, f"Metadata {version}")


def entry_of_id(connection, identity, version):
    body = {"topics": [{"topic_id": identity, "name": None}], "allow_auto_topic_creation": False}
    (entry,) = connection.request("Metadata", version, body)["topics"]
    check_equal(entry.pop("topic_id"), identity, "the id")
    return entry


@suite.test
def the_id_of_an_unseen_topic_answers_like_one_that_no_topic_has(bench):
    server = quokka.closed(bench)
    with server.connect(OWNER) as connection:
        identity = metadata(connection, [TOPIC], version=12)[TOPIC]["topic_id"]
        check_equal(entry_of_id(connection, identity, 12)["name"], TOPIC, "what the owner is told")
    with server.connect(UNGRANTED) as connection:
        for version in (10, 11, 12):
            check_equal(entry_of_id(connection, identity, version), entry_of_id(connection, uuid.UUID(int=5), version), f"Metadata {version}")


@suite.test
def internal_topics_are_nobodys(bench):
    server = quokka.closed(bench)
    for principal in KINDS:
        with server.connect(principal) as connection:
            for topic in (INTERNAL, "__myelin_state", "__not_there"):
                answers = answers_about(connection, topic)
                for api in ("Produce", "DeleteTopics", "CreateTopics"):
                    check_code(answers[api], TOPIC_AUTHORIZATION_FAILED, f"{principal}: {api} of {topic}")
                if principal != PLATFORM:
                    check_equal(set(answers.values()), {TOPIC_AUTHORIZATION_FAILED}, f"{principal}: answers about {topic}")
            if principal != PLATFORM:
                check(not [name for name in metadata(connection) if name.startswith("__")], f"{principal} is told of internal topics")


@suite.test
def the_platform_role_reads_internal_topics_and_cannot_change_them(bench):
    with quokka.closed(bench).connect(PLATFORM) as connection:
        check(INTERNAL in metadata(connection), "the platform role does not see the offsets topic")
        check_code(fetch(connection, INTERNAL, 0)["error_code"], NONE, "Fetch")


@suite.test
def internal_topics_are_refused_in_dev_mode_too(bench):
    with Server(bench.binary, bench.fresh(), dev=True) as server, server.connect() as connection:
        for topic in (INTERNAL, "__made_up"):
            answers = answers_about(connection, topic)
            check_equal(set(answers.values()), {TOPIC_AUTHORIZATION_FAILED}, f"answers about {topic}")


@suite.test
def in_a_mixed_request_each_topic_has_its_own_answer(bench):
    with quokka.closed(bench).connect(OWNER) as connection:
        body = produce_body(TOPIC, batch([b"mixed"]))
        body["topic_data"] += produce_body(UNSEEN, batch([b"mixed"]))["topic_data"]
        answer = connection.request("Produce", 8, body)
        codes = {entry["name"]: entry["partition_responses"][0]["error_code"] for entry in answer["responses"]}
        check_equal(codes, {TOPIC: NONE, UNSEEN: TOPIC_AUTHORIZATION_FAILED}, "Produce")
        body = fetch_body(TOPIC, 0)
        body["topics"] += fetch_body(UNSEEN, 0)["topics"]
        answer = connection.request("Fetch", 11, body)
        codes = {entry["topic"]: entry["partitions"][0]["error_code"] for entry in answer["responses"]}
        check_equal(codes, {TOPIC: NONE, UNSEEN: TOPIC_AUTHORIZATION_FAILED}, "Fetch")
        entries = metadata(connection, [TOPIC, UNSEEN, "online.cart-event"])
        check_equal({name: entry["error_code"] for name, entry in entries.items()},
                    {TOPIC: NONE, UNSEEN: TOPIC_AUTHORIZATION_FAILED, "online.cart-event": UNKNOWN_TOPIC_OR_PARTITION}, "Metadata")


@suite.test
def metadata_of_all_topics_shows_just_what_may_be_seen(bench):
    server = quokka.closed(bench)
    with server.connect(UNGRANTED) as connection:
        check_equal(metadata(connection), {}, "topics for a principal without any")
    with server.connect("fraud-screen") as connection:
        check_equal(list(metadata(connection)), [UNSEEN], "topics for the owner of one")


@suite.test
def a_grant_of_a_team_serves_all_its_applications_and_no_other_team(bench):
    server = quokka.closed(bench)
    for name in ("order-picker-east", "pick-board", "route-planner"):
        server.add(name)
    for name in ("order-picker-east", "pick-board"):
        with server.connect(name) as connection:
            check_code(fetch(connection, TOPIC, 0)["error_code"], NONE, f"Fetch by {name} of the squad warehouse")
    with server.connect("route-planner") as connection:
        check_code(fetch(connection, TOPIC, 0)["error_code"], TOPIC_AUTHORIZATION_FAILED, "Fetch by an application of the squad delivery")


@suite.test
def a_person_may_what_the_squad_may(bench):
    server = quokka.closed(bench)
    for name in ("mara.silva", "ines.moreau"):
        server.add(name)
    with server.connect("mara.silva") as connection:
        check_code(produce(connection, TOPIC, batch([b"by hand"]))["error_code"], NONE, "Produce by a member of the owning squad")
    with server.connect("ines.moreau") as connection:
        check_code(fetch(connection, TOPIC, 0)["error_code"], TOPIC_AUTHORIZATION_FAILED, "Fetch by a member of another squad")


def would_deny(server):
    return server.metric("myelin_governance_would_deny_total", "jun.park")


@suite.test
def authorise_report_lets_reads_and_writes_of_declared_topics_through_and_counts_them(bench):
    server = quokka.governed(bench, "report", "access.authorise=report")
    before = would_deny(server)
    with server.connect(UNGRANTED) as connection:
        check_code(fetch(connection, TOPIC, 0)["error_code"], NONE, "Fetch")
        check_code(produce(connection, TOPIC, batch([b"reported"]))["error_code"], NONE, "Produce")
    eventually(lambda: would_deny(server) >= before + 2, what="two more in would_deny_total")
    _, _, answer = server.http("/api/v1/audit?limit=200", user="jun.park")
    kinds = {(entry["principal"], entry["action"], entry["resource"]) for entry in answer["items"]}
    for operation in ("read", "write"):
        check((UNGRANTED, operation, f"topic {TOPIC}") in kinds, f"the audit log lacks the reported {operation}")


@suite.test
def authorise_report_shows_a_declared_topic_without_counting_that(bench):
    server = quokka.governed(bench, "report", "access.authorise=report")
    with server.connect("fraud-screen") as connection:
        before = would_deny(server)
        answers = answers_about(connection, TOPIC)
        check_equal({api: answers[api] for api in ("Metadata", "ListOffsets", "OffsetForLeaderEpoch", "DescribeConfigs")},
                    {"Metadata": NONE, "ListOffsets": NONE, "OffsetForLeaderEpoch": NONE, "DescribeConfigs": NONE}, "describing")
        # The produce and the fetch among them.
        eventually(lambda: would_deny(server) == before + 2, what="just two more in would_deny_total")
    _, _, answer = server.http("/api/v1/audit?limit=500", user="jun.park")
    check_equal([entry for entry in answer["items"] if entry["principal"] == "fraud-screen" and entry["action"] == "describe"], [], "audited as described")


@suite.test
def authorise_report_never_covers_changes_groups_of_others_or_internal_topics(bench):
    server = quokka.governed(bench, "report", "access.authorise=report")
    with server.connect(UNGRANTED) as connection:
        check_code(delete_topic(connection, TOPIC), TOPIC_AUTHORIZATION_FAILED, "DeleteTopics")
        check_code(create_topic(connection, NEVER_MADE), TOPIC_AUTHORIZATION_FAILED, "CreateTopics")
        check_code(fetch(connection, INTERNAL, 0)["error_code"], TOPIC_AUTHORIZATION_FAILED, "Fetch of an internal topic")
        answer = connection.request("FindCoordinator", 2, {"key": "storefront", "key_type": 0})
        check_code(answer["error_code"], GROUP_AUTHORIZATION_FAILED, "FindCoordinator of another squad's group")
        answer = connection.request("DescribeGroups", 4, {"groups": ["storefront"]})
        check_code(answer["groups"][0]["error_code"], GROUP_AUTHORIZATION_FAILED, "DescribeGroups of another squad's group")


@suite.test
def undeclared_topics_pass_and_are_counted_where_the_model_says_report(bench):
    server = quokka.governed(bench, "model")
    before = would_deny(server)
    with server.connect(UNKNOWN) as connection:
        check_code(create_topic(connection, "legacy.export"), NONE, "CreateTopics")
        check_code(produce(connection, "legacy.export", batch([b"since 2009"]))["error_code"], NONE, "Produce")
        check_code(fetch(connection, "legacy.export", 0)["error_code"], NONE, "Fetch")
        check_code(commit(connection, "legacy-etl", "legacy.export"), GROUP_AUTHORIZATION_FAILED, "OffsetCommit to a group of nobody's")
        check_code(producer_id(connection, "legacy-etl")["error_code"], TRANSACTIONAL_ID_AUTHORIZATION_FAILED, "a transactional id of nobody's")
        check_code(fetch(connection, TOPIC, 0)["error_code"], TOPIC_AUTHORIZATION_FAILED, "Fetch of a declared topic")
        check_code(delete_topic(connection, "legacy.export"), TOPIC_AUTHORIZATION_FAILED, "DeleteTopics")
    eventually(lambda: would_deny(server) >= before + 3, what="three more in would_deny_total")


@suite.test
def a_denial_is_counted_and_audited_with_who_and_what(bench):
    server = quokka.closed(bench)
    before = server.metric("myelin_governance_denied_total", PLATFORM)
    # Nobody asks for this elsewhere: repeats within a minute are recorded once.
    with server.connect("fraud-screen") as connection:
        fetch(connection, "stock.level", 0)
    eventually(lambda: server.metric("myelin_governance_denied_total", PLATFORM) > before, what="one more in denied_total")
    def is_audited():
        _, _, answer = server.http("/api/v1/audit?limit=50", user=PLATFORM)
        return any((entry["principal"], entry["action"], entry["resource"], entry["outcome"]) == ("fraud-screen", "read", "topic stock.level", "denied")
                   for entry in answer["items"])
    eventually(is_audited, what="an audit record of the denial")


@suite.test
def a_topic_is_made_on_first_use_only_by_who_may_create_it(bench):
    server = quokka.governed(bench, "first-use", "access.undeclared_topics=closed", "topics.auto_create=on")
    name = "storefront.first-use"
    for principal in (GRANTED, UNGRANTED, UNKNOWN, PLATFORM):
        with server.connect(principal) as connection:
            code = metadata(connection, [name], create=True)[name]["error_code"]
            check(code in (TOPIC_AUTHORIZATION_FAILED, UNKNOWN_TOPIC_OR_PARTITION), f"{principal} gets {code}")
    with server.connect(OWNER) as connection:
        check_code(metadata(connection, [name])[name]["error_code"], UNKNOWN_TOPIC_OR_PARTITION, "before its owner asked for it")
        metadata(connection, [name], create=True)
        eventually(lambda: metadata(connection, [name])[name]["error_code"] == NONE, what="the topic after its owner asked for it")


@suite.test
def topics_are_not_made_on_first_use_by_default(bench):
    with quokka.closed(bench).connect(OWNER) as connection:
        metadata(connection, ["storefront.not-made"], create=True)
        check_code(metadata(connection, ["storefront.not-made"])["storefront.not-made"]["error_code"], UNKNOWN_TOPIC_OR_PARTITION, "Metadata")
