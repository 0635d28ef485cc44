"""Mistakes that people make in contracts, each planted into a valid one: (name, what stands there, what they wrote).

FOUND are those in what Myelin reads. UNREAD are in parts of ODCS that it keeps and does not read: odcslint finds them,
Myelin says nothing, and that is so on purpose (docs/reference/documents.md); lint contracts with odcslint as well.
"""

FOUND = [
    ("no version", "version: 1.0.0\n", ""),
    ("no id", "id: online-order\n", ""),
    ("a misspelt kind", "kind: DataContract", "kind: DataContrct"),
    ("a version of ODCS that there is not", "apiVersion: v3.2.0", "apiVersion: v4.0.0"),
    ("a version without quotes", "version: 1.0.0", "version: 1.0"),
    ("a team that is a text", "team: {name: web-shop}", "team: web-shop"),
    ("a team's name that is a number", "team: {name: web-shop}", "team: {name: 7}"),
    ("a schema that is no list", "schema:\n  - name: order\n", "schema:\n  order:\n"),
    ("an object of the schema that is a text", "schema:\n", "schema:\n  - just-text\n"),
    ("a topic's name that is a number", "physicalName: online.order", "physicalName: 7"),
    ("a physicalType that is a list", "physicalType: topic", "physicalType: [topic]"),
    ("a support channel without a name", '{channel: "#shop-oncall", url', "{url"),
    ("a custom property without a name", "{property: partitions, value: 6, vendor", "{value: 6, vendor"),
    ("a list that is not closed", "status: active", "status: [active"),
    ("a key that is there twice", "status: active", "status: active\nstatus: draft"),
    ("a tab for a space", "team: {name", "\tteam: {name"),
]

UNREAD = [
    ("a logicalType that there is not", "logicalType: integer", "logicalType: integr"),
    ("a required that is no yes or no", "quantity, logicalType: integer, required: true", "quantity, logicalType: integer, required: maybe"),
    ("a server without a type", "type: kafka, ", ""),
    ("a field that ODCS does not know", "status: active", "status: active\nstate: active"),
]
