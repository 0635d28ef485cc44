"""acl_api = writable: ACLs that are created over the protocol are grants beside those of the model, until documents take their place."""
import shutil

import quokka
from acls import (ALLOW, ALTER, ALTER_CONFIGS, CLUSTER, DESCRIBE, GROUPS, LITERAL, MATCH, PREFIXED, READ, TOPICS, TRANSACTIONAL_IDS, WRITE,
                  acl, create_acls, delete_acls, lines, told)
from batch import batch
from errors import (CLUSTER_AUTHORIZATION_FAILED, GROUP_AUTHORIZATION_FAILED, INVALID_REQUEST, NONE, POLICY_VIOLATION, TOPIC_AUTHORIZATION_FAILED,
                    TRANSACTIONAL_ID_AUTHORIZATION_FAILED)
from kafka import commit, create_topic, fetch, produce, producer_id
from quokka import GRANTED, GROUP, OWNER, PLATFORM, SETTINGS, TOPIC, TRANSACTIONAL_ID, UNGRANTED, UNKNOWN
from server import Server
from suite import Suite, check, check_code, check_equal, check_in, eventually

suite = Suite()

WRITABLE = ("access.undeclared_topics=closed", "acl_api=writable")
ALL, DESCRIBE_CONFIGS, DENY = 2, 10, 2


def writable(bench):
    return quokka.governed(bench, "writable", *WRITABLE)


def created(connection, *acls):
    check_equal([(result["error_code"], result["error_message"]) for result in create_acls(connection, *acls)], [(NONE, None)] * len(acls), "CreateAcls")


def deleted(connection, **filters):
    """The ACLs that the filter took away."""
    (result,) = delete_acls(connection, **filters)
    check_code(result["error_code"], NONE, f"DeleteAcls {filters}")
    return [(match["resource_name"], match["principal"], match["operation"]) for match in result["matching_acls"] if match["error_code"] == NONE]


def forget(connection, principal=UNGRANTED):
    (result,) = delete_acls(connection, principal=f"User:{principal}")
    return result


def obeyed_at_once(server):
    """The connection of whom it is about was open before, and stays open."""
    with server.connect(PLATFORM) as platform, server.connect(UNGRANTED) as client:
        def codes():
            return (fetch(client, TOPIC, 0)["error_code"], produce(client, TOPIC, batch([b"x"]))["error_code"], commit(client, GROUP, TOPIC),
                    producer_id(client, TRANSACTIONAL_ID)["error_code"])
        closed = (TOPIC_AUTHORIZATION_FAILED, TOPIC_AUTHORIZATION_FAILED, GROUP_AUTHORIZATION_FAILED, TRANSACTIONAL_ID_AUTHORIZATION_FAILED)
        check_equal(codes(), closed, "before")
        given = (acl(), acl(operation=WRITE), acl(GROUPS, GROUP[:5], pattern_type=PREFIXED), acl(TRANSACTIONAL_IDS, TRANSACTIONAL_ID, operation=ALL))
        created(platform, *given)
        check_equal(codes(), (NONE,) * 4, "with all of them")
        created(platform, *given)
        check_equal(deleted(platform, resource_type=TOPICS, operation=WRITE, principal=f"User:{UNGRANTED}"), [(TOPIC, f"User:{UNGRANTED}", WRITE)], "what is gone")
        check_equal(codes(), (NONE, TOPIC_AUTHORIZATION_FAILED, NONE, NONE), "without WRITE")
        check_equal(len(deleted(platform, principal=f"User:{UNGRANTED}", resource_type=GROUPS, name=GROUP, pattern_type=MATCH)), 1, "those of groups that are gone")
        check_equal(codes()[2], GROUP_AUTHORIZATION_FAILED, "the group")
        forget(platform)
        check_equal(codes(), closed, "afterwards")


@suite.test
def acls_that_are_created_and_deleted_hold_at_once_on_open_connections(bench):
    obeyed_at_once(writable(bench))


@suite.test
def before_a_cluster_acls_are_created_and_deleted_too(bench):
    behind = bench.enter(Server(bench.binary, bench.fresh(), dev=True))
    front = bench.enter(Server(bench.binary, bench.fresh(), listen=["sasl_plaintext"], model=quokka.MODEL, sets=WRITABLE,
                               extra=["--upstream", f"127.0.0.1:{behind.ports['plaintext']}"]))
    front.enrol("jun.park", [PLATFORM, OWNER, UNGRANTED])
    with front.connect(OWNER) as owner:
        check_code(create_topic(owner, TOPIC, quokka.AS_DECLARED), NONE, "the topic")
        check_code(produce(owner, TOPIC, batch([b"first"]))["error_code"], NONE, "a record")
    obeyed_at_once(front)


@suite.test
def a_prefix_takes_in_what_begins_so_and_nothing_else(bench):
    server = writable(bench)
    with server.connect(PLATFORM) as platform, server.connect(UNGRANTED) as client:
        created(platform, acl(name="storefront.s", operation=READ, pattern_type=PREFIXED))
        check_equal([fetch(client, topic, 0)["error_code"] for topic in (SETTINGS, TOPIC, quokka.BY_NAME)],
                    [NONE, TOPIC_AUTHORIZATION_FAILED, TOPIC_AUTHORIZATION_FAILED], "topics that begin so, and others")
        forget(platform)


@suite.test
def they_are_told_as_they_were_created_with_who_made_them(bench):
    server = writable(bench)
    with server.connect(PLATFORM) as platform:
        created(platform, acl(operation=READ), acl(operation=DESCRIBE_CONFIGS), acl(name="storefront.", operation=ALL, pattern_type=PREFIXED))
        found = told(platform, principal=f"User:{UNGRANTED}", resource_type=TOPICS)
        check_equal((found[TOPICS, TOPIC, LITERAL], found[TOPICS, "storefront.", PREFIXED]),
                    ({UNGRANTED: [READ, DESCRIBE_CONFIGS]}, {UNGRANTED: [ALL]}), "operations as told")
        check_equal(told(platform, principal=f"User:{UNGRANTED}", name=TOPIC, operation=DESCRIBE), {}, "what READ takes in is not told apart")
        of_topic = [line for line in lines(server, PLATFORM, f"?principal={UNGRANTED}") if line["name"] == TOPIC]
        check_equal([line["operations"] for line in of_topic], [["read"], ["describe_configs"]], "lines over HTTP")
        check_equal([(line["made_by"], line["mark"], "declared_at" in line) for line in of_topic], [(PLATFORM, "observed", False)] * 2, "who made them")
        check(of_topic[0]["reason"].startswith(f"made by API by {PLATFORM} at 20"), f"the reason is {of_topic[0]['reason']}")
        check(of_topic[0]["made_at"].startswith("20"), f"the time is {of_topic[0]['made_at']}")
        check_in(f"made by API by {PLATFORM} at ", server.tool("acls", "--principal", UNGRANTED, user=UNGRANTED).stdout, "its own ACLs")
        for thing in (UNGRANTED, TOPIC):
            check_in(f"{UNGRANTED} may read topic {TOPIC}: made by API by {PLATFORM} at ", server.tool("who", thing, user=PLATFORM).stdout, f"who {thing}")
        _, _, map_of_all = server.http("/api/v1/map", user=PLATFORM)
        check_in(f"made by API by {PLATFORM} at ", str(map_of_all), "the map")
        forget(platform)


@suite.test
def what_no_grant_can_say_is_refused_with_the_reason(bench):
    refused = {
        "can't deny": acl() | {"permission_type": DENY},
        "address of a client; expected *": acl() | {"host": "10.0.0.1"},
        f"principal {UNKNOWN} is in no document": acl(principal=f"User:{UNKNOWN}"),
        "principal User:*: expected User:NAME": acl(principal="User:*"),
        "principal Group:x: expected User:NAME": acl(principal="Group:x"),
        "the cluster is for the role platform": acl(CLUSTER, "kafka-cluster", operation=ALTER),
        "delegation_token is nothing that a grant can be about": acl(6, "token", operation=DESCRIBE),
        "alter_configs can't be granted alone": acl(operation=ALTER_CONFIGS),
        "operation write can't be granted for a group": acl(GROUPS, GROUP, operation=WRITE),
        'topic "*" takes in everything': acl(name="*"),
        'topic "_" takes in internal topics': acl(name="_", pattern_type=PREFIXED),
        "names that start with __ are internal": acl(name="__consumer_offsets"),
        'group "" is empty': acl(GROUPS, ""),
    }
    with writable(bench).connect(PLATFORM) as platform:
        answers = create_acls(platform, *refused.values())
        for why, answer in zip(refused, answers, strict=True):
            check_code(answer["error_code"], POLICY_VIOLATION, why)
            check_in(why, answer["error_message"])
        for number, field in ((1, "operation"), (1, "resource_type"), (2, "resource_pattern_type"), (1, "permission_type")):
            check_code(create_acls(platform, acl() | {field: number})[0]["error_code"], INVALID_REQUEST, f"{field} {number}, which only filters have")
        check_equal(told(platform, principal=f"User:{UNGRANTED}", resource_type=TOPICS, name=TOPIC), {}, "what came of it")
    with writable(bench).connect(OWNER) as owner:
        check_code(create_acls(owner, acl())[0]["error_code"], CLUSTER_AUTHORIZATION_FAILED, "CreateAcls by the topic's owner")
        check_code(delete_acls(owner)[0]["error_code"], CLUSTER_AUTHORIZATION_FAILED, "DeleteAcls by the topic's owner")


@suite.test
def what_documents_declare_is_not_deleted_and_the_answer_names_them(bench):
    with writable(bench).connect(PLATFORM) as platform:
        alone = delete_acls(platform, resource_type=TOPICS, name=TOPIC, principal=f"User:{GRANTED}")[0]
        check_equal((alone["error_code"], alone["matching_acls"]), (POLICY_VIOLATION, []), "what a document alone gives")
        check_in("grants/online-orders-for-sales-unifier.yaml:", alone["error_message"])
        created(platform, acl(principal=f"User:{GRANTED}", operation=WRITE))
        mixed = delete_acls(platform, resource_type=TOPICS, name=TOPIC, principal=f"User:{GRANTED}")[0]
        check_code(mixed["error_code"], NONE, "DeleteAcls of both")
        by_operation = {match["operation"]: (match["error_code"], match["error_message"]) for match in mixed["matching_acls"]}
        check_equal(by_operation[WRITE], (NONE, None), "what was made by API")
        check_equal({code for operation, (code, _) in by_operation.items() if operation != WRITE}, {POLICY_VIOLATION}, "what the document gives")
        check_in("grants/online-orders-for-sales-unifier.yaml:", by_operation[READ][1])
        check_equal(told(platform, principal=f"User:{GRANTED}", name=TOPIC, resource_type=TOPICS)[TOPICS, TOPIC, LITERAL][GRANTED],
                    [READ, DESCRIBE, DESCRIBE_CONFIGS], "what is left")


def audited(server):
    return {(item["principal"], item["action"], item["resource"], item["outcome"]) for item in server.http("/api/v1/audit?limit=200", user=PLATFORM)[2]["items"]}


@suite.test
def attempts_are_audited_before_and_after_and_refused_ones_too(bench):
    resource = f"ACL allow read of topic {TOPIC} to User:{UNGRANTED}"
    removal = f"ACLs any of topic {TOPIC} to User:{UNGRANTED}"
    # Servers of their own: of what is refused to one principal, the audit keeps sixty records a minute.
    for name, settings, outcome in (("audited_writable", WRITABLE, "done"), ("audited", WRITABLE[:1], "failed")):
        server = quokka.governed(bench, name, *settings)
        with server.connect(PLATFORM) as platform, server.connect(OWNER) as owner:
            create_acls(platform, acl())
            delete_acls(platform, resource_type=TOPICS, name=TOPIC, principal=f"User:{UNGRANTED}")
            create_acls(owner, acl())
        wanted = {(PLATFORM, "CreateAcls", resource, "intent"), (PLATFORM, "CreateAcls", resource, outcome),
                  (PLATFORM, "DeleteAcls", removal, "intent"), (PLATFORM, "DeleteAcls", removal, "done"), (OWNER, "alter", "cluster ", "denied")}
        eventually(lambda: wanted <= audited(server), what=f"{wanted - audited(server)} in the audit")  # noqa: B023


def own_server(bench, directory, model, *sets, log="myelin.log"):
    server = Server(bench.binary, directory, listen=["sasl_plaintext"], model=model, sets=["access.undeclared_topics=closed", *sets], log_name=log)
    return bench.enter(server)


def write_code(server):
    with server.connect(UNGRANTED) as client:
        return produce(client, TOPIC, batch([b"x"]))["error_code"]


@suite.test
def they_outlive_a_kill_and_become_documents_by_adopt(bench):
    directory, model = bench.fresh(), bench.fresh() / "model"
    shutil.copytree(quokka.MODEL, model)
    server = own_server(bench, directory, model, "acl_api=writable")
    server.enrol("jun.park", [PLATFORM, OWNER, UNGRANTED])
    passwords = server.passwords
    with server.connect(OWNER) as owner, server.connect(PLATFORM) as platform:
        check_code(create_topic(owner, TOPIC, quokka.AS_DECLARED), NONE, "the topic")
        created(platform, acl(operation=WRITE), acl(operation=READ), acl(GROUPS, 'a "quoted" group', operation=READ))
    server.kill()

    server = own_server(bench, directory, model, log="second.log")
    server.passwords = passwords
    check_code(write_code(server), NONE, "Produce after kill -9, read_only by now")
    with server.connect(PLATFORM) as platform:
        (kept,) = delete_acls(platform, principal=f"User:{UNGRANTED}", name=TOPIC, resource_type=TOPICS)
        check_code(kept["error_code"], POLICY_VIOLATION, "DeleteAcls where acl_api is read_only")
        check_in(f"acl_api is read_only: {UNGRANTED}: made by API by {PLATFORM}", kept["error_message"])
    adopted = model / "myelin" / "adopted.yaml"
    check_in("2 documents for 3 grants", server.tool("adopt", "--out", adopted, user=PLATFORM).stderr, "what adopt says")
    check_equal(server.tool("adopt", user=PLATFORM).stdout, adopted.read_text(), "what adopt prints without --out")
    again = server.tool("adopt", "--out", adopted, user=PLATFORM, check=False)
    check_equal(again.returncode, 1, "exit code where the file exists")
    check_in("adopted.yaml: File exists", again.stderr)
    check_equal(server.tool("adopt", user=OWNER, check=False).returncode, 4, "exit code for the topic's owner")
    check_equal(server.stop(), 0, "exit code of the server")

    server = own_server(bench, directory, model, log="third.log")
    server.passwords = passwords
    check_code(write_code(server), NONE, "Produce by the documents")
    declared = {line["operations"][0]: line for line in lines(server, PLATFORM, f"?principal={UNGRANTED}&topic={TOPIC}") if line["name"] == TOPIC}
    check_equal([(declared[word]["declared_at"]["file"], declared[word]["reason"], "made_by" in declared[word]) for word in ("read", "write")],
                [("myelin/adopted.yaml", f"direct grant {UNGRANTED}-topic-{TOPIC}", False)] * 2, "where they come from")
    nothing = server.tool("adopt", user=PLATFORM)
    check_equal(nothing.stdout, "", "what is left to adopt")
    check_equal(server.stop(), 0, "exit code of the server")

    adopted.unlink()
    server = own_server(bench, directory, model, log="fourth.log")
    server.passwords = passwords
    check_code(write_code(server), TOPIC_AUTHORIZATION_FAILED, "Produce without the documents")


@suite.test
def the_list_over_http_comes_in_pages(bench):
    server = quokka.closed(bench)
    whole = lines(server, PLATFORM)
    pages, after = [], ""
    while True:
        _, _, page = server.http(f"/api/v1/acls?limit=100&after={after}", user=PLATFORM)
        check_equal(page["total"], len(whole), "total")
        pages.append(page["items"])
        after = page["next"].replace("\x1f", "%1F").replace(" ", "%20")
        if not after:
            break
    check_equal(({len(page) for page in pages[:-1]}, [line for page in pages for line in page]), ({100}, whole), "the pages and the whole")
    check_equal(server.http("/api/v1/acls?limit=0", user=PLATFORM)[0], 400, "limit 0")
