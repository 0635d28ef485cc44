#!/usr/bin/env python3
"""The house rules, checked: module floors and includes, cycles, file and function length, README headings, names.

Usage: tidy.py [ROOT]. Prints one line per finding, "file:line: what, what was expected", and exits 1 if there is any.
"""
import pathlib
import re
import subprocess
import sys

FLOORS = {
    "base": 0,
    "cel": 1, "document": 1, "kafka": 1, "net": 1, "signature": 1, "storage": 1,
    "model": 2, "schema": 2, "engine": 2,
    "policy": 3, "usage": 3, "lineage": 3, "state": 3,
    "adopt": 4, "assessment": 4, "blueprint": 4, "organisation": 4, "plan": 4, "registry": 4, "review": 4,
    "directory": 5, "governance": 5,
    "gate": 6, "views": 6, "transfer": 6,
    "api": 7,
    "app": 8,
}
# Modules whose tests must need no fixtures: they never touch sockets, disks or the engine.
PURE = {"cel": {"base"}, "signature": {"base"}, "model": {"base", "cel", "document", "signature"}, "schema": {"base", "document"}, "policy": {"base", "model"},
        "usage": {"base", "model"}, "lineage": {"base", "model"},
        "adopt": {"base", "document", "model", "policy"}, "assessment": {"base", "model", "usage", "lineage"},
        "blueprint": {"base", "document", "model"}, "organisation": {"base", "model", "lineage"}, "plan": {"base", "cel", "document", "model", "policy"},
        "review": {"base", "document", "model", "lineage"},
        "directory": {"base", "document", "model", "adopt", "review"}}
ENGINE_DOORS = {"engine/engine.h", "engine/maintenance.h"}
MAY_INCLUDE_ENGINE = {"engine", "governance", "state", "app"}
BANNED_NAME = re.compile(r"\b(?:class|struct|namespace)\s+\w*(Manager|Helper|Utils?|Misc|Common)\b")
BANNED_FILE = re.compile(r"(^|_)(utils?|helpers?|manager|misc|common)(_|\.)")
README_HEADINGS = ["Purpose", "Use it", "How it works", "Invariants and limits", "Depends on"]
FILE_LINES_MAX = 800
FUNCTION_LINES_MAX = 60
README_LINES_MAX = 60
ARCHITECTURE_LINES_MAX = 200


class Findings:
    def __init__(self):
        self.lines = []

    def add(self, path, line, text):
        self.lines.append(f"{path}:{line}: {text}")


def tracked(root):
    listed = subprocess.run(["git", "-C", str(root), "ls-files", "--cached", "--others", "--exclude-standard"],
                            capture_output=True, text=True, check=False)
    if listed.returncode == 0:
        return [pathlib.Path(line) for line in listed.stdout.splitlines() if (root / line).is_file()]
    return [p.relative_to(root) for p in root.rglob("*") if p.is_file()]


def declared_dependencies(root, module):
    text = (root / "src" / module / "CMakeLists.txt").read_text()
    found = re.search(r"myelin_module\(\s*" + module + r"\s+(.*?)\)", text, re.S)
    words = found.group(1).split() if found else []
    dependencies, tests, current = set(), set(), None
    for word in words:
        if word in ("DEPENDS", "SOURCES", "LIBRARIES", "TESTS", "TEST_LIBRARIES", "TEST_DEPENDS"):
            current = word
        elif current == "DEPENDS":
            dependencies.add(word)
        elif current == "TEST_DEPENDS":
            tests.add(word)
    return dependencies, tests


def check_modules(root, files, findings):
    modules = sorted({p.parts[1] for p in files if len(p.parts) > 2 and p.parts[0] == "src"})
    for module in modules:
        home = pathlib.Path("src") / module
        if module not in FLOORS:
            findings.add(home, 1, f'module "{module}" has no floor, expected one of: {", ".join(FLOORS)}')
            continue
        if not (root / home / "CMakeLists.txt").exists():
            findings.add(home, 1, "has no CMakeLists.txt with myelin_module(...)")
            continue
        declared, for_tests = declared_dependencies(root, module)
        for name in sorted(declared):
            if FLOORS.get(name, 99) >= FLOORS[module]:
                findings.add(home / "CMakeLists.txt", 1, f'"{module}" (floor {FLOORS[module]}) depends on "{name}" '
                                                         f"(floor {FLOORS.get(name)}), expected a lower floor")
            if module in PURE and name not in PURE[module]:
                findings.add(home / "CMakeLists.txt", 1, f'pure module "{module}" depends on "{name}", '
                                                         f'expected only {", ".join(sorted(PURE[module]))}')
        used = check_includes(root, files, module, declared, for_tests, findings)
        for name in sorted(declared - used):
            findings.add(home / "CMakeLists.txt", 1, f'"{module}" declares "{name}" and never includes it')
        check_readme(root, home / "README.md", findings)


def check_includes(root, files, module, declared, for_tests, findings):
    used = set()
    for path in files:
        if path.parts[:2] != ("src", module) or path.suffix not in (".h", ".cc", ".py"):
            continue
        is_test = path.stem.endswith(("_test", "_fixture")) or "testing" in path.parts or path.stem.startswith("test_")
        for number, line in enumerate((root / path).read_text(errors="replace").splitlines(), 1):
            found = re.match(r'\s*#include "([^"]+)"', line)
            if not found:
                continue
            target = found.group(1).split("/")[0]
            if "/" not in found.group(1):
                findings.add(path, number, f'include "{found.group(1)}" by its full path, "{module}/{found.group(1)}"')
                continue
            if target == module or target not in FLOORS:
                continue
            used.add(target)
            allowed = declared | (for_tests if is_test else set())
            if target not in allowed:
                findings.add(path, number, f'"{module}" includes "{target}", which its DEPENDS does not name')
            if found.group(1) in ENGINE_DOORS and module not in MAY_INCLUDE_ENGINE:
                findings.add(path, number, f"{found.group(1)} is included by governance, state and app only")
    return used


def check_include_cycles(root, files, findings):
    graph = {}
    for path in files:
        if path.parts[0] != "src" or path.suffix != ".h":
            continue
        name = "/".join(path.parts[1:])
        graph[name] = re.findall(r'^\s*#include "([^"]+)"', (root / path).read_text(errors="replace"), re.M)
    state = {}

    def visit(name, trail):
        if state.get(name) == "done" or name not in graph:
            return
        if state.get(name) == "open":
            circle = " > ".join(trail[trail.index(name):] + [name])
            findings.add(pathlib.Path("src") / name, 1, f"include circle: {circle}")
            return
        state[name] = "open"
        for target in graph[name]:
            visit(target, trail + [name])
        state[name] = "done"

    for name in sorted(graph):
        visit(name, [])


FUNCTION_START = re.compile(r"^(\s{0,4})(?!namespace|class|struct|enum|union|extern|#|//|return|else|for\b|while\b|if\b|switch\b|do\b|case\b)"
                            r"[A-Za-z_~\[:<(].*\)\s*(const|noexcept|override|final|mutable|->\s*[\w:<>&*, ]+|\s)*\{\s*$")


def indent_of_signature(lines, last):
    """Of the line where the signature begins that ends in line `last`: parameters and initialisers may stand on lines of their own."""
    first, open_parentheses = last, 0
    while True:
        open_parentheses += lines[first].count(")") - lines[first].count("(")
        is_initialiser = lines[first].lstrip().startswith(":")
        if (open_parentheses <= 0 and not is_initialiser) or first == 0:
            return re.match(r"\s*", lines[first]).group()
        first -= 1


def check_lengths(root, path, findings):
    lines = (root / path).read_text(errors="replace").splitlines()
    if len(lines) > FILE_LINES_MAX:
        findings.add(path, FILE_LINES_MAX, f"{len(lines)} lines, expected at most {FILE_LINES_MAX}: split it by idea")
    if path.suffix not in (".cc", ".h"):
        return
    number = 0
    while number < len(lines):
        found = FUNCTION_START.match(lines[number])
        if found:
            indent = indent_of_signature(lines, number)
            end = number + 1
            while end < len(lines) and not re.match(rf"^{indent}\}}", lines[end]):
                end += 1
            length = end - number + 1
            if length > FUNCTION_LINES_MAX:
                findings.add(path, number + 1, f"function of {length} lines, expected at most {FUNCTION_LINES_MAX}")
            number = end if indent == "" else number + 1
        else:
            number += 1


def check_names(root, path, findings):
    if BANNED_FILE.search(path.name) and path.parts[0] in ("src", "console"):
        findings.add(path, 1, "file name says nothing about its one idea: no utils, helper, manager, misc, common")
    if path.suffix not in (".cc", ".h"):
        return
    for number, line in enumerate((root / path).read_text(errors="replace").splitlines(), 1):
        if BANNED_NAME.search(line):
            findings.add(path, number, f"name what it does instead: {line.strip()}")
        if path.suffix == ".h" and number == 1 and line.strip() != "#pragma once":
            findings.add(path, 1, "a header begins with #pragma once")


def check_readme(root, path, findings):
    if not (root / path).exists():
        findings.add(path, 1, "is missing; every module has a README")
        return
    lines = (root / path).read_text().splitlines()
    headings = [line[3:].strip() for line in lines if line.startswith("## ")]
    if headings != README_HEADINGS:
        findings.add(path, 1, f'headings are {headings}, expected {README_HEADINGS}')
    if len(lines) > README_LINES_MAX:
        findings.add(path, len(lines), f"{len(lines)} lines, expected at most {README_LINES_MAX}")


def check_architecture(root, findings):
    path = pathlib.Path("docs/architecture.md")
    if not (root / path).exists():
        findings.add(path, 1, "is missing")
    elif len((root / path).read_text().splitlines()) > ARCHITECTURE_LINES_MAX:
        findings.add(path, ARCHITECTURE_LINES_MAX, f"expected at most {ARCHITECTURE_LINES_MAX} lines")


def check(root):
    findings = Findings()
    files = tracked(root)
    check_modules(root, files, findings)
    check_include_cycles(root, files, findings)
    for path in files:
        if path.suffix in (".cc", ".h", ".py", ".sh", ".ts", ".tsx") and "testdata" not in path.parts:
            check_lengths(root, path, findings)
            check_names(root, path, findings)
    check_architecture(root, findings)
    return findings.lines


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parents[2])
    lines = check(root)
    for line in lines:
        print(line)
    print(f"tidy: {len(lines)} findings" if lines else "tidy: the house rules hold")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
