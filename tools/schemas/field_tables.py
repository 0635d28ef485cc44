#!/usr/bin/env python3
"""Makes the tables of fields in docs/reference/documents.md from schemas/.

usage: field_tables.py --write|--check [PAGE]
A table stands between "<!-- fields of KIND -->" and "<!-- end of fields -->"; the rest of the page is left alone.
--check exits 1 and shows what differs.
"""
import difflib
import json
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "reference" / "documents.md"
TABLE = re.compile(r"(<!-- fields of (\w+) -->\n).*?(<!-- end of fields -->)", re.S)


def choices(schema):
    return ", ".join(f"`{value}`" + (" (default)" if value == schema.get("default") else "") for value in schema["enum"])


def value_of(schema):
    """What may be written, in a few words."""
    if "enum" in schema:
        return choices(schema)
    kind = schema["type"]
    if kind == "integer":
        return f"{schema['minimum']:,} to {schema['maximum']:,}"
    if kind == "array":
        return "list of maps" if schema["items"].get("type") == "object" else f"list of {value_of(schema['items'])}"
    if kind == "object":
        return "map"
    return f"text, such as `{schema['examples'][0]}`"


def rows(schema, path=""):
    for name, inner in schema.get("properties", {}).items():
        here = f"{path}.{name}" if path else name
        if "const" not in inner and here not in ("metadata", "spec"):
            needed = "; required" if name in schema.get("required", []) else ""
            yield f"| `{here}` | {value_of(inner)}{needed} | {inner['description']} |"
        yield from rows(inner, here)
        if "items" in inner:
            yield from rows(inner["items"], here + "[]")


def table(kind):
    schema = json.loads((ROOT / "schemas" / f"{kind}.schema.json").read_text())
    return "\n".join(["", "| field | value | meaning |", "|---|---|---|", *rows(schema), "", ""])


def main(order, page):
    text = page.read_text()
    made = TABLE.sub(lambda found: found[1] + table(found[2]) + found[3], text)
    missing = {path.name.split(".")[0] for path in (ROOT / "schemas").glob("*.schema.json")} - {found[1] for found in TABLE.findall(text)}
    if missing:
        print(f"{page.name} has no table for {', '.join(sorted(missing))}; expected a line <!-- fields of {min(missing)} -->")
        return 1
    if order == "--write":
        page.write_text(made)
    elif made != text:
        print(*difflib.unified_diff(text.splitlines(), made.splitlines(), page.name, "as the schemas say", lineterm="", n=0), sep="\n")
        print("run tools/schemas/field_tables.py --write")
        return 1
    return 0


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3) or sys.argv[1] not in ("--write", "--check"):
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1], pathlib.Path(sys.argv[2]) if len(sys.argv) == 3 else PAGE))
