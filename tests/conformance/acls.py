"""The model as Kafka's ACLs: told as the rules decide, sorted, filtered as Kafka does, and never changed over the protocol."""
import csv

import quokka
from errors import CLUSTER_AUTHORIZATION_FAILED, INVALID_REQUEST, NONE, POLICY_VIOLATION, SECURITY_DISABLED, TOPIC_AUTHORIZATION_FAILED
from kafka import fetch
from quokka import GRANTED, OWNER, PLATFORM, TOPIC, UNGRANTED, UNKNOWN, UNSEEN
from server import Server
from suite import Suite, check, check_code, check_equal, check_in

suite = Suite()

# Kafka's numbers.
ANY, MATCH, LITERAL, PREFIXED = 1, 2, 3, 4
TOPICS, GROUPS, CLUSTER, TRANSACTIONAL_IDS = 2, 3, 4, 5
READ, WRITE, CREATE, DELETE, ALTER, DESCRIBE, DESCRIBE_CONFIGS, ALTER_CONFIGS = 3, 4, 5, 6, 7, 8, 10, 11
ALLOW = 3
OF_THE_OWNER = [READ, WRITE, CREATE, DELETE, ALTER, DESCRIBE, DESCRIBE_CONFIGS, ALTER_CONFIGS]
OF_A_READER = [READ, DESCRIBE, DESCRIBE_CONFIGS]


def acl(resource_type=TOPICS, name=TOPIC, principal=f"User:{UNGRANTED}", operation=READ, pattern_type=LITERAL):
    return {"resource_type": resource_type, "resource_name": name, "resource_pattern_type": pattern_type, "principal": principal, "host": "*",
            "operation": operation, "permission_type": ALLOW}


def wanted(resource_type=ANY, name=None, pattern_type=ANY, principal=None, host=None, operation=ANY, permission_type=ANY):
    return {"resource_type_filter": resource_type, "resource_name_filter": name, "pattern_type_filter": pattern_type, "principal_filter": principal,
            "host_filter": host, "operation": operation, "permission_type": permission_type}


def describe_acls(connection, version=3, **filters):
    return connection.request("DescribeAcls", version, wanted(**filters))


def create_acls(connection, *acls, version=3):
    return connection.request("CreateAcls", version, {"creations": list(acls)})["results"]


def delete_acls(connection, version=3, **filters):
    return connection.request("DeleteAcls", version, {"filters": [wanted(**filters)]})["filter_results"]


def told(connection, **filters):
    """{(type, name, pattern): {principal: operations}}, all of it allowed from any host."""
    answer = describe_acls(connection, **filters)
    check_code(answer["error_code"], NONE, f"DescribeAcls {filters}")
    found = {}
    for resource in answer["resources"]:
        by_principal = found.setdefault((resource["resource_type"], resource["resource_name"], resource["pattern_type"]), {})
        for entry in resource["acls"]:
            check_equal((entry["host"], entry["permission_type"]), ("*", ALLOW), "host and permission")
            by_principal.setdefault(entry["principal"].removeprefix("User:"), []).append(entry["operation"])
    return found


@suite.test
def owners_readers_and_the_platform_are_told_as_acls(bench):
    with quokka.closed(bench).connect(PLATFORM) as connection:
        of_topic = told(connection, resource_type=TOPICS, name=TOPIC, pattern_type=LITERAL)[TOPICS, TOPIC, LITERAL]
        check_equal((of_topic[OWNER], of_topic[GRANTED], of_topic.get(UNGRANTED)), (OF_THE_OWNER, OF_A_READER, None), "operations on the topic")
        groups = told(connection, resource_type=GROUPS, name="storefront-7", pattern_type=MATCH)
        check_equal(groups[GROUPS, "storefront-", PREFIXED][OWNER], [READ, DELETE, DESCRIBE], "operations on the owner's groups")
        check_equal(groups[GROUPS, "*", LITERAL], {name: [DESCRIBE] for name in (PLATFORM, "jun.park")}, "operations on all groups")
        ids = told(connection, resource_type=TRANSACTIONAL_IDS, principal=f"User:{OWNER}", name="storefront", pattern_type=LITERAL)
        check_equal(ids, {(TRANSACTIONAL_IDS, "storefront", LITERAL): {OWNER: [WRITE, DESCRIBE]}}, "operations on the owner's transactional id")
        cluster = told(connection, resource_type=CLUSTER, principal=f"User:{PLATFORM}")
        check_equal(cluster, {(CLUSTER, "kafka-cluster", LITERAL): {PLATFORM: [ALTER, DESCRIBE, DESCRIBE_CONFIGS, ALTER_CONFIGS]}}, "operations on the cluster")


@suite.test
def acls_are_sorted_and_the_same_each_time(bench):
    with quokka.closed(bench).connect(PLATFORM) as connection:
        resources = describe_acls(connection)["resources"]
        types = (TOPICS, GROUPS, TRANSACTIONAL_IDS, CLUSTER)
        keys = [(types.index(entry["resource_type"]), "" if entry["resource_name"] == "*" else entry["resource_name"]) for entry in resources]
        check_equal(keys, sorted(keys), "order of the resources")
        check(all(entry["acls"] == sorted(entry["acls"], key=lambda one: (one["principal"], one["operation"])) for entry in resources), "the entries are not sorted")
        check_equal(describe_acls(connection)["resources"], resources, "the second answer")


@suite.test
def version_0_knows_literal_patterns_only(bench):
    with quokka.closed(bench).connect(PLATFORM) as connection:
        resources = describe_acls(connection, version=0, resource_type=GROUPS)["resources"]
        check_equal({entry["resource_name"] for entry in resources if entry["resource_name"].startswith("storefront")}, {"storefront"}, "groups of the owner")


@suite.test
def numbers_that_kafka_does_not_know_are_an_invalid_request(bench):
    with quokka.closed(bench).connect(PLATFORM) as connection:
        for field in ("resource_type", "pattern_type", "operation", "permission_type"):
            for number in (0, 99):
                check_code(describe_acls(connection, **{field: number})["error_code"], INVALID_REQUEST, f"DescribeAcls with {field} {number}")
                check_code(delete_acls(connection, **{field: number})[0]["error_code"], INVALID_REQUEST, f"DeleteAcls with {field} {number}")
                created = acl() | {field if field != "pattern_type" else "resource_pattern_type": number}
                check_code(create_acls(connection, created)[0]["error_code"], INVALID_REQUEST, f"CreateAcls with {field} {number}")


@suite.test
def what_is_asked_over_the_protocol_changes_no_access(bench):
    server = quokka.closed(bench)
    with server.connect(PLATFORM) as connection:
        before = describe_acls(connection)["resources"]
        refused, unknown = create_acls(connection, acl(), acl(operation=0))
        check_equal((refused["error_code"], unknown["error_code"]), (POLICY_VIOLATION, INVALID_REQUEST), "codes of two creations")
        for part in ("AccessAgreement", f"{UNGRANTED} of squad marketing may not read topic {TOPIC}", "product online-orders", "products/online-orders.odps.yaml:4"):
            check_in(part, refused["error_message"])
        held = delete_acls(connection, resource_type=TOPICS, name=TOPIC, principal=f"User:{GRANTED}")[0]
        check_code(held["error_code"], POLICY_VIOLATION, "DeleteAcls of a grant")
        check_equal(held["matching_acls"], [], "ACLs that are gone")
        for part in ("grant online-orders-for-sales-unifier", "grants/online-orders-for-sales-unifier.yaml:"):
            check_in(part, held["error_message"])
        nothing = delete_acls(connection, resource_type=TOPICS, name="storefront.absent", pattern_type=LITERAL)[0]
        check_equal((nothing["error_code"], nothing["matching_acls"]), (NONE, []), "DeleteAcls that matches nothing")
        check_equal(describe_acls(connection)["resources"], before, "ACLs afterwards")
    for principal, code in ((UNGRANTED, TOPIC_AUTHORIZATION_FAILED), (GRANTED, NONE)):
        with server.connect(principal) as connection:
            check_code(fetch(connection, TOPIC, 0)["error_code"], code, f"Fetch by {principal}")


@suite.test
def whoever_may_not_is_told_so_for_each_part(bench):
    with quokka.closed(bench).connect(OWNER) as connection:
        answer = describe_acls(connection)
        check_code(answer["error_code"], CLUSTER_AUTHORIZATION_FAILED, "DescribeAcls")
        check_in("myelin acls", answer["error_message"])
        codes = [result["error_code"] for result in create_acls(connection, acl(), acl(operation=0))]
        check_equal(codes, [CLUSTER_AUTHORIZATION_FAILED] * 2, "codes of two creations")


@suite.test
def what_report_modes_let_through_is_told_for_everybody(bench):
    with quokka.closed(bench).connect(PLATFORM) as connection:
        check_equal(told(connection, principal="User:*"), {}, "ACLs of everybody where all is enforced")
    with quokka.governed(bench, "report", "access.authorise=report").connect("jun.park") as connection:
        found = told(connection, principal="User:*")
        check_equal(found[TOPICS, UNSEEN, LITERAL], {"*": [READ, WRITE, DESCRIBE, DESCRIBE_CONFIGS]}, "a declared topic under authorise=report")
        check_equal({key[0] for key in found}, {TOPICS}, "types of resources")
    with quokka.governed(bench, "model").connect("jun.park") as connection:
        found = told(connection, principal="User:*", name="legacy.export")
        check_equal(found, {(TOPICS, "legacy.export", LITERAL): {"*": [READ, WRITE, CREATE, DESCRIBE, DESCRIBE_CONFIGS]}}, "what nobody owns, asked by name")


@suite.test
def dev_mode_answers_like_a_kafka_without_an_authorizer(bench):
    with Server(bench.binary, bench.fresh(), dev=True) as server, server.connect() as connection:
        check_code(describe_acls(connection)["error_code"], SECURITY_DISABLED, "DescribeAcls")
        check_code(create_acls(connection, acl())[0]["error_code"], SECURITY_DISABLED, "CreateAcls")
        check_code(delete_acls(connection)[0]["error_code"], SECURITY_DISABLED, "DeleteAcls")
        status, _, problem = server.http("/api/v1/acls")
        check_equal(status, 501, "GET /api/v1/acls")
        check_in("dev mode checks nothing", problem["detail"])


@suite.test
def before_a_cluster_the_acls_are_the_same(bench):
    behind = bench.enter(Server(bench.binary, bench.fresh(), dev=True))
    front = bench.enter(Server(bench.binary, bench.fresh(), listen=["sasl_plaintext"], model=quokka.MODEL, sets=["access.undeclared_topics=closed"],
                               extra=["--upstream", f"127.0.0.1:{behind.ports['plaintext']}"]))
    front.enrol("jun.park", [PLATFORM, OWNER])
    with front.connect(PLATFORM) as connection, quokka.closed(bench).connect(PLATFORM) as embedded:
        check_equal(describe_acls(connection)["resources"], describe_acls(embedded)["resources"], "ACLs before a cluster")
        check_code(create_acls(connection, acl())[0]["error_code"], POLICY_VIOLATION, "CreateAcls")
        check_code(delete_acls(connection)[0]["error_code"], POLICY_VIOLATION, "DeleteAcls")
    with front.connect(OWNER) as connection:
        check_code(describe_acls(connection)["error_code"], CLUSTER_AUTHORIZATION_FAILED, "DescribeAcls by the owner")


def lines(server, user, query=""):
    status, _, answer = server.http(f"/api/v1/acls{query}{'&' if query else '?'}limit=5000", user=user)
    check_equal(status, 200, f"/api/v1/acls{query} as {user}")
    return answer["items"]


@suite.test
def over_http_each_line_has_its_reason_and_its_document(bench):
    server = quokka.closed(bench)
    of_topic = {line["principal"]: line for line in lines(server, PLATFORM, f"?topic={TOPIC}") if line["name"] == TOPIC}
    owner, reader = of_topic[OWNER], of_topic[GRANTED]
    check_equal((owner["reason"], owner["declared_at"]["file"], owner["declared_at"]["line"]), ("owner", "products/online-orders.odps.yaml", 4), "why the owner may")
    check(reader["reason"].startswith("grant online-orders-for-sales-unifier "), f"the reader's reason is {reader['reason']}")
    check_equal(reader["declared_at"]["file"], "grants/online-orders-for-sales-unifier.yaml", "document of the grant")
    check_equal(reader["operations"], ["read", "describe", "describe_configs"], "operations of the reader")
    (cluster,) = [line for line in lines(server, PLATFORM, f"?principal={PLATFORM}") if line["resource_type"] == "cluster"]
    check_equal((cluster["reason"], cluster["declared_at"]["file"]), ("role platform", "myelin/policy.yaml"), "why the platform may")


@suite.test
def over_http_people_see_what_concerns_them(bench):
    server = quokka.closed(bench)
    check({line["principal"] for line in lines(server, OWNER)} > {OWNER, GRANTED}, "the owner does not see who reads its topic")
    check_equal({line["principal"] for line in lines(server, UNGRANTED, f"?topic={TOPIC}")}, set(), "who may read an unseen topic")
    check(all(line["name"] != UNSEEN for line in lines(server, OWNER)), "the owner sees a topic that it may not see")
    check_equal(lines(server, UNKNOWN), [], "ACLs that an unknown principal sees")
    own = {line["principal"] for line in lines(server, UNGRANTED, f"?principal={UNGRANTED}")}
    check_equal(own, {UNGRANTED}, "its own")


@suite.test
def the_command_line_prints_acls_as_a_table(bench):
    server = quokka.closed(bench)
    printed = server.tool("acls", "--topic", TOPIC, "--principal", GRANTED, "--output", "csv", user=PLATFORM).stdout
    (line,) = csv.DictReader(printed.splitlines())
    check_equal((line["principal"], line["resource"], line["name"], line["pattern"], line["permission"], line["operations"]),
                (GRANTED, "topic", TOPIC, "literal", "allow", "read, describe, describe_configs"), "the line")
    check_in("grants/online-orders-for-sales-unifier.yaml:", line["declared_at"], "where it is declared")
    nobody = server.tool("acls", "--topic", UNSEEN, user=UNGRANTED)
    check_equal((nobody.stdout, nobody.returncode), ("", 0), "nothing to see")
    check_in("that you may see", nobody.stderr, "the error stream")
