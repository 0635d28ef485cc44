"""Every row of the access table, asked by each kind of principal on the wire; here sign-in, ACLs, and that none is left out."""
import subprocess

import quokka
import access_to_groups
import access_to_records
import access_to_topics
from access_row import ANSWERED, CLUSTER_REFUSED, COVERED, Rows
from acls import acl, create_acls, delete_acls, describe_acls
from errors import NONE, POLICY_VIOLATION
from suite import check_equal

suite = Rows()
row = suite.row


# ---- before and around sign-in ----

@row("access: ApiVersions", ANSWERED, ANSWERED, ANSWERED, ANSWERED, ANSWERED, "18 ApiVersions | –")
def _(connection, _):
    return ANSWERED if connection.request("ApiVersions", 2)["error_code"] == NONE else "refused"


# ---- ACLs ----

@row("access: DescribeAcls", CLUSTER_REFUSED, CLUSTER_REFUSED, CLUSTER_REFUSED, CLUSTER_REFUSED, NONE, "29 DescribeAcls | cluster")
def _(connection, _):
    answers = [describe_acls(connection, version=version) for version in (0, 1, 2, 3)]
    check_equal({bool(answer["resources"]) for answer in answers}, {answers[0]["error_code"] == NONE}, "whether ACLs are told")
    check_equal({answer["error_code"] for answer in answers}, {answers[0]["error_code"]}, "codes of all versions")
    return answers[0]["error_code"]


# Whoever may alter the cluster gets past the decision: access is declared in the model.
@row("access: CreateAcls", CLUSTER_REFUSED, CLUSTER_REFUSED, CLUSTER_REFUSED, CLUSTER_REFUSED, POLICY_VIOLATION, "30 CreateAcls | cluster")
def _(connection, _):
    codes = {create_acls(connection, acl(), version=version)[0]["error_code"] for version in (0, 1, 2, 3)}
    check_equal(len(codes), 1, "codes of all versions")
    return codes.pop()


@row("access: DeleteAcls", CLUSTER_REFUSED, CLUSTER_REFUSED, CLUSTER_REFUSED, CLUSTER_REFUSED, POLICY_VIOLATION, "31 DeleteAcls | cluster")
def _(connection, _):
    results = [delete_acls(connection, version=version)[0] for version in (0, 1, 2, 3)]
    check_equal([result["matching_acls"] for result in results], [[]] * 4, "ACLs that are gone")
    check_equal(len({result["error_code"] for result in results}), 1, "codes of all versions")
    return results[0]["error_code"]


# Tested elsewhere: sign-in by bad_input, creation on first use by access.
COVERED.update({"17 SaslHandshake | –", "36 SaslAuthenticate | –", "3 Metadata | topic, when it would be created"})


@suite.test
def every_row_of_the_access_table_has_a_test(bench):
    page = subprocess.run([bench.binary, "access-table"], capture_output=True, text=True, check=True).stdout
    rows = {" | ".join(cell.strip() for cell in line.strip("|").split("|")[:2]) for line in page.splitlines() if line.startswith("| ") and line[2].isdigit()}
    check_equal(sorted(rows - COVERED), [], "rows without a test")
    check_equal(sorted(COVERED - rows), [], "tests of rows that are gone")


@suite.test
def what_is_advertised_is_in_the_access_table(bench):
    page = subprocess.run([bench.binary, "access-table"], capture_output=True, text=True, check=True).stdout
    in_table = {int(line[2:].split(" ")[0]) for line in page.splitlines() if line.startswith("| ") and line[2].isdigit()}
    with quokka.closed(bench).connect(quokka.OWNER) as connection:
        advertised = {entry["api_key"] for entry in connection.request("ApiVersions", 0)["api_keys"]}
    check_equal(sorted(advertised), sorted(in_table), "advertised APIs")


suite.tests += [test for part in (access_to_records, access_to_topics, access_to_groups) for test in part.suite.tests]
