"""Compares the description of every API with what Kafka's own classes say: versions, names, order, types, nulls, tags.

golden_test.py API_DIRECTORY GOLDEN_DIRECTORY
"""

import sys
from pathlib import Path

import description


def type_of(entry, message, version):
    inner = outline(entry.struct, message, version) if entry.is_struct else entry.type
    if entry.is_array:
        inner = f"[{inner}]"
    return inner + ("?" if entry.nullable and version in entry.nullable else "")


def outline(struct, message, version):
    present = [entry for entry in struct.fields if version in entry.versions]
    plain = [f"{entry.name}:{type_of(entry, message, version)}" for entry in present if entry.tag is None]
    tagged = sorted((entry for entry in present if entry.tag is not None), key=lambda entry: entry.tag)
    tags = [f"<{entry.tag}>{entry.name}:{type_of(entry, message, version)}" for entry in tagged]
    return "{" + " ".join(plain + tags) + "}"


def expected_lines(path):
    lines = {}
    for line in path.read_text().splitlines():
        side, version, kind, rest = line.split(" ", 3)
        if kind == "fields":
            lines[side, int(version)] = rest
    return lines


def main(api_directory, golden_directory):
    failures = 0
    paths = sorted(Path(api_directory).glob("*.txt"))
    for path in paths:
        api = description.parse_api(path)
        golden = expected_lines(Path(golden_directory) / path.name)
        for side, message in (("request", api.request), ("response", api.response)):
            versions = range(message.versions.lowest, message.versions.highest + 1)
            known = sorted(version for name, version in golden if name == side)
            if list(versions) != known:
                print(f"{path.name}: {side} describes {versions[0]}-{versions[-1]}, Kafka knows {known[0]}-{known[-1]}")
                failures += 1
            for version in versions:
                found = outline(message.body, message, version)
                if (side, version) in golden and golden[side, version] != found:
                    print(f"{path.name}: {side} {version}\n  described {found}\n  expected  {golden[side, version]}")
                    failures += 1
    print(f"{len(paths)} APIs compared, {failures} differences")
    return 1 if failures or not paths else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
