"""The JSON Schemas of our own kinds: printed by the binary, judged by a foreign validator, the loader and the reference page.

A schema only helps an editor when it says what the loader says. So documents are made from each example, field by field
from the schema, and both must give the same verdict; where they may not, EXCEPTIONS says why, and an exception that no
longer differs fails as well.
"""
import json
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "wire"))

from judging import EXAMPLES, ROOT, Loader, by_ajv, file_of, kinds, myelin, schema  # noqa: E402
from mutations import at, fields, mutations, put, text_of, type_of  # noqa: E402
from suite import Suite, check, check_equal, check_in  # noqa: E402

suite = Suite()
CASES_LEAST = 40

# What an example does not have a field for, or what takes more than one change: (field, values, whether they are right).
MORE = {
    "Policy": [
        (("spec", "platform_group"), ["group:default/data-platform", "default/data-platform", "Group:data-platform"], True),
        (("spec", "platform_group"), ["user:data-platform", "other/data-platform", "group:", "default/", "-x", "x" * 64], False),
        (("spec", "recertify_days"), [1, 3660], True),
        (("spec", "recertify_days"), [0, 3661, "365", 1.5], False),
        (("spec", "rules", 0, "scope"), [{"squads": ["group:default/web-shop"]}, {"domains": ["domain:default/pricing"]}], True),
        (("spec", "rules", 0, "scope", "squads"), [["user:web-shop"], [""]], False),
        (("spec", "rules", 0, "owner"), ["default/data-platform"], True),
    ],
    "AccountabilityModel": [
        (("spec", "central"), ["group:default/central-data", "central-data"], True),
        (("spec", "steering"), ["component:central-data", "group:default/"], False),
        (("spec", "accountabilities", 4, "failures"), [["cost"], ["schema", "schema"]], False),
        (("spec", "accountabilities", 5, "failures"), [[], ["security"]], False),
    ],
    "TeamProfile": [
        (("spec", "squad"), ["group:default/web-shop"], True),
        (("spec", "interactions", 0, "with"), ["default/mobile-app"], True),
        (("spec", "interactions", 0, "until"), ["2027-06-30T08:30:00Z", "2027-06-30T08:30:00+02:00", "2028-02-29"], True),
        (("spec", "interactions", 0, "until"), ["soon", "2027-06-31", "2027-13-01", "2027", "30.06.2027"], False),
    ],
    "DirectGrant": [
        (("spec",), [{"principal": "price-engine", "resource": resource, "name": name, "pattern": pattern, "operations": operations}
                     for resource, name, pattern, operations in (
                         ("group", "till 1 é", "literal", ["read", "delete"]), ("transactional_id", "__till", "literal", ["write"]),
                         ("topic", "stock.", "prefixed", ["all", "describe_configs"]), ("topic", "x" * 249, "literal", ["read"]),
                         ("topic", "x" * 248, "prefixed", ["read"]), ("group", "x" * 249, "prefixed", ["read"]), ("group", ".", "literal", ["all"]),
                         ("topic", ".", "prefixed", ["read"]))], True),
        (("spec",), [{"principal": "price-engine", "resource": resource, "name": name, "pattern": pattern, "operations": operations}
                     for resource, name, pattern, operations in (
                         ("group", "till", "literal", ["write"]), ("group", "till", "literal", ["create"]), ("transactional_id", "till", "literal", ["read"]),
                         ("topic", "__internal", "literal", ["read"]), ("topic", "_", "prefixed", ["read"]), ("topic", "__", "prefixed", ["read"]),
                         ("topic", "till 1", "literal", ["read"]), ("topic", "*", "literal", ["read"]), ("group", "*", "prefixed", ["read"]),
                         ("topic", "x" * 249, "prefixed", ["read"]), ("topic", ".", "literal", ["read"]), ("topic", "..", "literal", ["read"]),
                         ("group", "x" * 250, "literal", ["read"]))], False),
        (("spec", "principal"), ["price engine", "(anonymous)", "x" * 129], False),
    ],
}

# (kind, what the case's name matches, who alone refuses it, why).
EXCEPTIONS = [
    (None, r": null$", "ajv", "a field with nothing behind it is one that was left out, for the loader; an editor had better point at it"),
    (None, r": 2\.0$", "loader", "JSON Schema calls 2.0 an integer; a count is written without a point"),
    ("Policy", r"^spec\.quotas\.squads: its first item twice$", "loader", "no two items with the same squad: JSON Schema compares whole items only"),
    ("Policy", r"^spec\.rules: its first item twice$", "loader", "no two rules with the same name: the same"),
    ("Policy", r"^spec\.rules\[0\]\.must: ", "loader", "whether a text is an expression: JSON Schema knows no CEL"),
    ("Policy", r"^spec\.rules\[0\]\.about: ", "loader", "whether an expression's names are those of what it is about: the same"),
    ("AccountabilityModel", r"^spec\.accountabilities\[0\]\.name: \"data-asset-management\"$", "loader", "no two items with the same name: the same"),
    ("TeamProfile", r"^spec\.interactions: its first item twice$", "loader", "no two items with the same squad and mode: JSON Schema compares whole items only"),
    ("DirectGrant", r"^spec\.name: 125 letters of 2 bytes$", "loader", "249 bytes; JSON Schema counts letters"),
    (None, r"^(spec\.platform_group|spec\.central|spec\.principal|spec\.quotas\.squads\[0\]\.squad|spec\.squad|spec\.interactions\[0\]\.with|spec\.rules\[0\]\.owner|spec\.rules\[0\]\.scope\.(squads|domains)\[0\]): \"nobody\"$", "loader", "whether a name is declared stands in other documents"),
]
BEYOND = {
    "Policy": [(("spec", "platform_group"), "nobody"), (("spec", "quotas", "squads", 0, "squad"), "nobody"), (("spec", "rules", 0, "owner"), "nobody"),
               (("spec", "rules", 0, "scope", "squads", 0), "nobody"), (("spec", "rules", 0, "scope", "domains", 0), "nobody")],
    "AccountabilityModel": [(("spec", "central"), "nobody"), (("spec", "accountabilities", 0, "name"), "data-asset-management")],
    "DirectGrant": [(("spec", "principal"), "nobody")],
    "TeamProfile": [(("spec", "squad"), "nobody"), (("spec", "interactions", 0, "with"), "nobody")],
}


def example(bench, kind):
    text = (EXAMPLES / file_of(kind)).read_text()
    (judged,) = by_ajv({kind: schema(bench, kind)}, [(kind, text)])
    check_equal(judged["errors"], [], f"what Ajv says about {file_of(kind)}")
    return judged["value"]


def cases_of(bench, kind):
    """(name, document, right, wrong or None for what the judges have to agree on)."""
    base = example(bench, kind)
    for name, document in mutations(schema(bench, kind), base):
        yield name, document, None
    for path, values, is_right in MORE[kind]:
        for value in values:
            yield f"{text_of(path)}: {json.dumps(value)}", put(base, path, value), is_right
    for path, value in BEYOND[kind]:
        yield f"{text_of(path)}: {json.dumps(value)}", put(base, path, value), None
    if kind == "DirectGrant":
        long = put(base, ("spec",), {**base["spec"], "resource": "group", "operations": ["read"], "name": "é" * 125})
        yield "spec.name: 125 letters of 2 bytes", long, None


def exception_for(kind, name):
    found = [row for row in EXCEPTIONS if row[0] in (None, kind) and re.search(row[1], name)]
    return found[0] if found else None


def disagreements(bench, kind):
    """Lines about cases whose verdicts are not as they should be, the exceptions that were used, and the count."""
    loader, cases, wrong, used = Loader(bench), list(cases_of(bench, kind)), [], set()
    verdicts = by_ajv({kind: schema(bench, kind)}, [(kind, json.dumps(document)) for _, document, _ in cases])
    for (name, document, is_right), verdict in zip(cases, verdicts):
        errors = {"loader": loader.errors(json.dumps(document), kind), "ajv": verdict["errors"]}
        refusing = {judge for judge, said in errors.items() if said}
        exception = exception_for(kind, name)
        if len(refusing) == 1 and exception and refusing == {exception[2]}:
            used.add(exception)
        elif len(refusing) == 1 or (is_right is not None and is_right != (not refusing)):
            wrong.append(f"{kind} {name[:100]}: expected {'one verdict' if is_right is None else is_right}; {errors}")
    return wrong, used, len(cases)


@suite.test
def the_kinds_are_those_that_the_loader_knows(bench):
    (refused,) = Loader(bench).errors("kind: Nonsense\n", "DirectGrant")
    known = re.findall(r"[A-Z]\w+", refused.split("use ")[1])
    check_equal(sorted(kinds(bench)), sorted(known), "kinds of `myelin schema`, beside those that the loader names")


@suite.test
def the_files_are_what_the_binary_prints(bench):
    check_equal(sorted(path.name for path in (ROOT / "schemas").iterdir()), [f"{kind}.schema.json" for kind in sorted(kinds(bench))], "files of schemas/")
    for kind in kinds(bench):
        check_equal(myelin(bench, "schema", kind).stdout, (ROOT / "schemas" / f"{kind}.schema.json").read_text(), f"schema of {kind}")


@suite.test
def an_unknown_kind_gets_the_nearest(bench):
    refused = myelin(bench, "schema", "Polcy")
    check_equal((refused.returncode, refused.stdout), (2, ""), "exit code and output")
    check_in('there is no kind "Polcy" of our own; did you mean "Policy"?', refused.stderr, "the error")
    check_in("schema", myelin(bench, "--help").stdout, "the help")


@suite.test
def every_field_has_one_sentence_a_type_and_an_example(bench):
    for kind in kinds(bench):
        for path, field in fields(schema(bench, kind)):
            said = field.get("description", "")
            check(re.fullmatch(r"[A-Z][^.]*(\.\w[^.]*)*\.", said), f"{kind} {text_of(path)}: expected one sentence, there is {said!r}")
            is_leaf = type_of(field) in ("string", "integer") and isinstance(path[-1], str)
            check(not is_leaf or {"examples", "enum", "const"} & set(field), f"{kind} {text_of(path)} has no example")
            check(type_of(field) != "integer" or {"minimum", "maximum"} <= set(field), f"{kind} {text_of(path)} has no range")
            check(type_of(field) != "object" or field.get("additionalProperties") is False, f"{kind} {text_of(path)} takes unknown fields")


@suite.test
def ajv_and_the_loader_accept_every_example_and_it_has_every_field(bench):
    check_equal(sorted(path.name for path in EXAMPLES.glob("*.yaml")), sorted(map(file_of, kinds(bench))), "examples")
    for kind in kinds(bench):
        value = example(bench, kind)
        text = (EXAMPLES / file_of(kind)).read_text()
        check_equal(Loader(bench).errors(text, kind), [], f"what the loader says about {file_of(kind)}")
        check_in(f"# yaml-language-server: $schema=../../schemas/{kind}.schema.json\n", text, file_of(kind))
        for path, _ in fields(schema(bench, kind)):
            at(value, path)


def loader_and_ajv_agree_on(kind):
    def test(bench):
        wrong, used, count = disagreements(bench, kind)
        print(f"  {kind}: {count} documents, {len(used)} exceptions")
        check(count >= CASES_LEAST, f"only {count} documents")
        check(not wrong, f"{len(wrong)} of {count}:\n  " + "\n  ".join(wrong[:20]))
        stale = [row[1] for row in EXCEPTIONS if row[0] == kind and row not in used]
        check(not stale, f"exceptions that nothing needs: {stale}")
    test.__name__ = f"loader_and_ajv_agree_on_{kind}"
    suite.test(test)


for each in sorted(MORE):
    loader_and_ajv_agree_on(each)


@suite.test
def every_kind_has_documents_to_agree_on(bench):
    check_equal(sorted(MORE), sorted(kinds(bench)), "kinds with documents of their own in MORE")


@suite.test
def ajv_refuses_a_schema_that_is_none(bench):
    spoilt = put(schema(bench, "Policy"), ("properties", "spec", "type"), "mapp")
    try:
        by_ajv({"Policy": spoilt}, [])
    except AssertionError as refused:
        check_in("schema is invalid", str(refused), "the error")
    else:
        check(False, "it is accepted, so the verdicts mean nothing")


def tables(*words):
    return subprocess.run([sys.executable, ROOT / "tools/schemas/field_tables.py", *words], capture_output=True, text=True, timeout=60)


@suite.test
def the_reference_page_has_the_fields_of_the_schemas(bench):
    done = tables("--check")
    check(done.returncode == 0, done.stdout + done.stderr)


@suite.test
def a_reference_page_that_differs_is_found(bench):
    page = bench.fresh() / "documents.md"
    page.write_text((ROOT / "docs/reference/documents.md").read_text().replace("1 to 1,000,000 ", "1 to 1,000 "))
    done = tables("--check", page)
    check_equal(done.returncode, 1, "exit code")
    check_in("connections_max", done.stdout, "what it says")


suite.main()
