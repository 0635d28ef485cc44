"""A company of a given size, as documents: every application may read the topics of some products of other squads."""
import random

FILE_DOCUMENTS = 20  # in one file, since a folder holds 5,000 files at most
FIELDS = 6  # of each contract

DOMAIN = """apiVersion: backstage.io/v1alpha1
kind: Domain
metadata: {{name: domain-{0}}}
"""
SQUAD = """apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {{name: squad-{0}, annotations: {{myelin.dev/domain: domain-{1}}}}}
spec: {{type: team}}
"""
APPLICATION = """apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {{name: app-{0}, annotations: {{myelin.dev/principals: app-{0}}}}}
spec: {{type: service, lifecycle: production, owner: squad-{1}}}
"""
CONTRACT = """apiVersion: v3.1.0
kind: DataContract
id: contract-{0}
name: Events of kind {0}
version: 1.0.0
status: active
team: {{name: squad-{1}}}
description: {{purpose: Tells what happened.}}
schema:
  - name: event
    physicalName: domain-{2}.events-{0}
    physicalType: topic
    properties:
{fields}    customProperties:
      - {{property: partitions, value: 1, vendor: myelin}}
"""
FIELD = "      - {{name: field_{0}, logicalType: string, required: true, description: Field number {0}}}\n"
PRODUCT = """apiVersion: v1.0.0
kind: DataProduct
id: product-{0}
name: product-{0}
version: 1.0.0
status: active
team: {{name: squad-{1}}}
outputPorts:
  - {{name: events, version: 1.0.0, type: kafka, contractId: contract-{0}}}
"""
GRANT = """apiVersion: v0.9.0
kind: AccessAgreement
id: grant-{0}
status: approved
description: {{purpose: Plans the work of the day.}}
provider: {{teamId: squad-{1}, dataProductId: product-{2}, outputPortId: events}}
consumer: {{teamId: squad-{3}}}
customProperties:
  - {{property: application, value: app-{4}, vendor: myelin}}
"""


def write(folder, *, applications, products, grants):
    """Returns the number of documents. Squads have ten applications each, domains twenty squads."""
    chance = random.Random(1)
    squads = max(2, applications // 10)
    fields = "".join(FIELD.format(number) for number in range(FIELDS))
    own = [number % squads for number in range(products)]
    made = {
        "org": [DOMAIN.format(number) for number in range(squads // 20 + 1)]
               + [SQUAD.format(number, number // 20) for number in range(squads)]
               + [APPLICATION.format(number, number % squads) for number in range(applications)],
        "contracts": [CONTRACT.format(number, own[number], own[number] // 20, fields=fields) for number in range(products)],
        "products": [PRODUCT.format(number, own[number]) for number in range(products)],
        "grants": [],
    }
    given = set()
    while len(made["grants"]) < grants:
        application, product = len(made["grants"]) % applications, chance.randrange(products)
        squad = application % squads
        if own[product] != squad and (application, product) not in given:
            given.add((application, product))
            made["grants"].append(GRANT.format(len(made["grants"]), own[product], product, squad, application))
    endings = {"org": "yaml", "contracts": "odcs.yaml", "products": "odps.yaml", "grants": "yaml"}
    for kind, documents in made.items():
        (folder / kind).mkdir(parents=True)
        for begin in range(0, len(documents), FILE_DOCUMENTS):
            text = "---\n".join(documents[begin:begin + FILE_DOCUMENTS])
            (folder / kind / f"{kind}-{begin // FILE_DOCUMENTS}.{endings[kind]}").write_text(text)
    return sum(len(documents) for documents in made.values())
