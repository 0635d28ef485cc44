"""Documents made from an example and its schema, field by field: of the wrong type, out of range, unknown, missing.

A case is (name, document). The name says the field and what was done to it: "spec.quotas.default.connections_max: 0".
"""
import copy
import json

OF_EVERY_TYPE = {"string": "x", "integer": 7, "boolean": True, "array": ["x"], "object": {"x": "y"}}


def type_of(schema):
    if "const" in schema or "enum" in schema:
        return "string"
    return schema["type"]


def fields(schema, path=()):
    """Every (path, schema) below a schema, lists by their item 0: ("spec", "operations", 0)."""
    for name, inner in schema.get("properties", {}).items():
        yield path + (name,), inner
        yield from fields(inner, path + (name,))
    if "items" in schema:
        yield path + (0,), schema["items"]
        yield from fields(schema["items"], path + (0,))


def text_of(path):
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).lstrip(".")


def at(document, path):
    for part in path:
        document = document[part]
    return document


def put(document, path, value):
    changed = copy.deepcopy(document)
    at(changed, path[:-1])[path[-1]] = value
    return changed


def without(document, path):
    changed = copy.deepcopy(document)
    del at(changed, path[:-1])[path[-1]]
    return changed


def values_for(schema):
    """Values to try in a field, right and wrong ones."""
    kind = type_of(schema)
    yield from (value for name, value in OF_EVERY_TYPE.items() if name != kind)
    yield None
    if kind == "integer":
        least, most = schema["minimum"], schema["maximum"]
        yield from (least, least - 1, most, most + 1, -1, least + 0.5, float(least + 1), str(least))
    if "enum" in schema or "const" in schema:
        known = schema.get("enum", [schema.get("const")])
        yield from (*known, known[0].upper(), known[0] + "x", "")
    elif kind == "string":
        yield from ("", " ", "\u0007", "x" * (schema.get("maxLength", 0) + 1) if "maxLength" in schema else "")
    if kind == "array":
        yield []
    if kind == "object":
        yield {}


def mutations(schema, example):
    yield "the example as it is", example
    yield "an unknown field at the top", {**example, "speck": {}}
    for path, field in fields(schema):
        name = text_of(path)
        for value in values_for(field):
            yield f"{name}: {json.dumps(value)}", put(example, path, value)
        if isinstance(path[-1], str):
            yield f"{name}: left out", without(example, path)
        if type_of(field) == "object":
            yield f"{name}: with an unknown field", put(example, path, {**at(example, path), "colour": "red"})
        if type_of(field) == "array":
            yield f"{name}: its first item twice", put(example, path, at(example, path) + at(example, path)[:1])
