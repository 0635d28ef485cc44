"""A small shop whose documents the tests change: squad orders owns topic shop.order, billing reads it by a grant, ops is the platform group."""
import pathlib

from server import Server

DOCUMENTS = {
    "org/squads.yaml": """\
apiVersion: backstage.io/v1alpha1
kind: Domain
metadata: {name: shop}
---
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: orders, annotations: {myelin.dev/domain: shop}}
spec: {type: team}
---
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: billing, annotations: {myelin.dev/domain: shop}}
spec: {type: team}
---
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: ops, annotations: {myelin.dev/domain: shop}}
spec: {type: team}
""",
    "org/people.yaml": """\
apiVersion: backstage.io/v1alpha1
kind: User
metadata: {name: olga}
spec: {memberOf: [orders]}
---
apiVersion: backstage.io/v1alpha1
kind: User
metadata: {name: bert}
spec: {memberOf: [billing]}
---
apiVersion: backstage.io/v1alpha1
kind: User
metadata: {name: petra}
spec: {memberOf: [ops]}
""",
    "org/checkout.yaml": """\
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: checkout, annotations: {myelin.dev/principals: checkout, myelin.dev/prefixes: "checkout shop"}}
spec: {owner: orders}
""",
    "org/invoicer.yaml": """\
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: invoicer, annotations: {myelin.dev/principals: invoicer}}
spec: {owner: billing}
""",
    "contracts/order.odcs.yaml": """\
apiVersion: v3.1.0
kind: DataContract
id: order
version: 1.0.0
status: active
team: {name: orders}
schema:
  - name: order
    physicalName: shop.order
    physicalType: topic
    customProperties:
      - {property: partitions, value: 2, vendor: myelin}
""",
    "products/orders.odps.yaml": """\
apiVersion: v1.0.0
kind: DataProduct
id: orders
name: orders
version: 1.0.0
status: active
team: {name: orders}
outputPorts:
  - {name: order, version: 1.0.0, type: kafka, contractId: order}
""",
    "grants/orders-for-billing.yaml": """\
apiVersion: v0.9.0
kind: AccessAgreement
id: orders-for-billing
status: approved
description: {purpose: Write invoices.}
provider: {teamId: orders, dataProductId: orders, outputPortId: order}
consumer: {teamId: billing}
""",
    "myelin/policy.yaml": """\
apiVersion: myelin.dev/v1alpha1
kind: Policy
metadata: {name: shop}
spec: {platform_group: ops}
""",
}
TOPIC = "shop.order"
GRANT = "grants/orders-for-billing.yaml"
POLICY = "myelin/policy.yaml"
CONTRACT = "contracts/order.odcs.yaml"
PEOPLE = ("olga", "bert", "checkout", "invoicer")


def write(folder, documents):
    for name, text in documents.items():
        path = pathlib.Path(folder) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def folder_of(bench, changes=None):
    """The company's folder with files changed, or left out where the change is None."""
    documents = {**DOCUMENTS, **(changes or {})}
    return write(bench.fresh() / "model", {name: text for name, text in documents.items() if text is not None})


def changed(name, before, after):
    """One file of the company with one text in place of another."""
    assert before in DOCUMENTS[name]
    return {name: DOCUMENTS[name].replace(before, after)}


def founded(bench):
    """A server that knows nobody but petra, who enrolled first."""
    server = bench.enter(Server(bench.binary, bench.fresh(), listen=["sasl_plaintext"]))
    server.enrol("petra", PEOPLE)
    return server


def started(bench):
    """A server with the company's documents in force, as revision 1."""
    server = founded(bench)
    apply(server, folder_of(bench))
    return server


def apply(server, folder, *more, user="petra", check=True):
    return server.tool("apply", folder, "--yes", *more, user=user, check=check)


def plan(server, folder, *more, user="petra"):
    return server.tool("plan", folder, *more, user=user, check=False)
