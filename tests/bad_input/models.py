"""Models that are broken: no start, every mistake with file, line and column, in bounded time and memory."""
import time

from server import Server, refused
from suite import Suite, check, check_in

suite = Suite()

# Line 1 of each file is its first line; the places in the tests are counted by hand.
ORG = """\
apiVersion: backstage.io/v1alpha1
kind: Domain
metadata: {name: shop}
spec: {owner: orders}
---
apiVersion: backstage.io/v1alpha1
kind: Group
metadata:
  name: orders
  annotations: {myelin.dev/domain: shop}
spec: {type: team, children: []}
---
apiVersion: backstage.io/v1alpha1
kind: Group
metadata:
  name: billing
  annotations: {myelin.dev/domain: shop}
spec: {type: team, children: []}
"""
CONTRACT = """\
apiVersion: v3.2.0
kind: DataContract
id: order
version: 1.0.0
status: active
team: {name: orders}
schema:
  - name: order
    physicalName: shop.order
    physicalType: topic
"""
PRODUCT = """\
apiVersion: v1.1.0
kind: DataProduct
id: orders
name: orders
version: 1.0.0
status: active
team: {name: orders}
outputPorts:
  - {name: order, version: 1.0.0, type: kafka, contractId: order}
"""
GRANT = """\
apiVersion: v0.9.0
kind: AccessAgreement
id: orders-for-billing
status: approved
description: {purpose: "Write invoices."}
provider: {teamId: orders, dataProductId: orders, outputPortId: order}
consumer: {teamId: billing}
"""
GOOD = {"org/shop.yaml": ORG, "contracts/order.odcs.yaml": CONTRACT, "products/orders.odps.yaml": PRODUCT, "grants/billing.yaml": GRANT}


def write(folder, files):
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder


def serving(bench, files):
    return Server(bench.binary, bench.fresh(), listen=["sasl_plaintext"], model=write(bench.fresh(), files))


def refused_model(bench, files):
    """The message of a start with the good model but for these files."""
    started = time.monotonic()
    message = refused(serving(bench, GOOD | files))
    spent = time.monotonic() - started
    check(spent < 5, f"refusing took {spent:.1f} s")
    check_in("nothing was started", message)
    return message


@suite.test
def the_model_without_mistakes_starts(bench):
    with serving(bench, GOOD):
        pass


@suite.test
def broken_yaml_is_told_with_its_place(bench):
    message = refused_model(bench, {"org/broken.yaml": "apiVersion: backstage.io/v1alpha1\nkind: {Group\nmetadata: x\n"})
    check_in("org/broken.yaml:", message)
    place = message.split("org/broken.yaml:")[1].split(":")
    check(place[0] in ("2", "3", "4") and place[1].isdigit(), f"the mistake begins in line 2 and ends with the file, told is {place[:2]}")


@suite.test
def yaml_bombs_are_refused_quickly(bench):
    laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 10)}]\n" for level in range(1, 12))
    bombs = {"laughs": laughs, "deep": "[" * 100_000, "deep_map": "a: " + "{a: " * 50_000, "indented": "".join(" " * depth + "a:\n" for depth in range(3000)),
             "anchors": "".join(f"k{number}: &k{number} v\n" for number in range(200_000)), "wide": "kind: [" + "x," * 3_000_000 + "x]\n",
             "merge": "a: &a {b: 1}\nc:\n  <<: *a\n"}
    for name, text in bombs.items():
        check_in(f"org/{name}.yaml", refused_model(bench, {f"org/{name}.yaml": text}))


@suite.test
def bytes_that_are_no_text_are_refused(bench):
    for name, data in {"zeros": bytes(1000), "latin": b"kind: Gr\xfc\xdfe\n", "utf16": "kind: Group\n".encode("utf-16")}.items():
        check_in(f"org/{name}.yaml", refused_model(bench, {f"org/{name}.yaml": data}))


@suite.test
def a_name_used_twice_is_told_with_both_places(bench):
    again = ORG.split("---\n")[1]
    message = refused_model(bench, {"org/z-again.yaml": again})
    check_in("org/z-again.yaml:4:9", message)
    check_in("org/shop.yaml:9:9", message)
    check_in("declared twice", message)


@suite.test
def a_key_that_is_there_twice_is_told_with_its_place(bench):
    check_in("contracts/order.odcs.yaml:6:1", refused_model(bench, {"contracts/order.odcs.yaml": CONTRACT.replace("team:", "status: draft\nteam:")}))


@suite.test
def a_reference_to_nothing_is_told_with_the_nearest_name(bench):
    message = refused_model(bench, {"grants/billing.yaml": GRANT.replace("teamId: billing", "teamId: biling")})
    check_in("grants/billing.yaml:7:20", message)
    check_in('did you mean "billing"', message)


@suite.test
def two_owners_of_a_topic_are_told_with_both_places(bench):
    other = CONTRACT.replace("id: order", "id: other").replace("team: {name: orders}", "team: {name: billing}")
    message = refused_model(bench, {"contracts/other.odcs.yaml": other})
    check_in("contracts/other.odcs.yaml:9:19", message)
    check_in("contracts/order.odcs.yaml:9:19", message)
    check_in("shop.order", message)


@suite.test
def contract_and_product_of_different_teams_are_told_at_both_lines(bench):
    message = refused_model(bench, {"contracts/order.odcs.yaml": CONTRACT.replace("{name: orders}", "{name: billing}")})
    check_in("contracts/order.odcs.yaml:6:14", message)
    check_in("products/orders.odps.yaml:7:14", message)


@suite.test
def all_mistakes_come_in_one_run(bench):
    message = refused_model(bench, {"grants/billing.yaml": GRANT.replace("teamId: billing", "teamId: biling"),
                                    "contracts/order.odcs.yaml": CONTRACT.replace("status: active", "status: activ"),
                                    "org/more.yaml": "apiVersion: backstage.io/v1alpha1\nkind: Grup\nmetadata: {name: x}\n"})
    for place in ("grants/billing.yaml:7:20", "contracts/order.odcs.yaml:5:9", "org/more.yaml:2:7"):
        check_in(place, message)


@suite.test
def a_model_folder_that_is_missing_is_named(bench):
    missing = bench.fresh() / "nowhere"
    check_in(str(missing), refused(Server(bench.binary, bench.fresh(), listen=["sasl_plaintext"], model=missing)))


@suite.test
def links_out_of_the_model_folder_are_not_followed(bench):
    secret = bench.fresh() / "secret.yaml"
    secret.write_text("password: hunter2\n")
    folder = write(bench.fresh(), GOOD)
    (folder / "org" / "link.yaml").symlink_to(secret)
    message = refused(Server(bench.binary, bench.fresh(), listen=["sasl_plaintext"], model=folder))
    check("hunter2" not in message, "the message shows what lies outside of the folder")
    check_in("org/link.yaml", message)
