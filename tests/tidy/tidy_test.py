#!/usr/bin/env python3
"""tidy must bite: each rule broken once in a small tree, and found."""
import pathlib
import shutil
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import tidy  # noqa: E402

README = "# m\n" + "".join(f"## {heading}\ntext\n" for heading in tidy.README_HEADINGS)


def tree(folder):
    """Two modules, base below kafka, that break no rule."""
    for module, depends in (("base", ""), ("kafka", "DEPENDS base")):
        home = folder / "src" / module
        home.mkdir(parents=True)
        (home / "CMakeLists.txt").write_text(f"myelin_module({module}\n  {depends}\n  SOURCES a.cc)\n")
        (home / "README.md").write_text(README)
    (folder / "src/base/a.h").write_text("#pragma once\n")
    (folder / "src/kafka/b.h").write_text('#pragma once\n#include "base/a.h"\n')
    (folder / "docs").mkdir()
    (folder / "docs/architecture.md").write_text("# Architecture\n")


def append(path, text):
    path.write_text(path.read_text() + text)


BREAKS = {
    "an upward include is found": (lambda f: append(f / "src/base/a.h", '#include "kafka/b.h"\n'), "which its DEPENDS does not name"),
    "a dependency on a higher floor is found": (
        lambda f: (f / "src/base/CMakeLists.txt").write_text("myelin_module(base DEPENDS kafka SOURCES a.cc)\n"), "expected a lower floor"),
    "an undeclared include is found": (
        lambda f: (f / "src/kafka/CMakeLists.txt").write_text("myelin_module(kafka SOURCES a.cc)\n"), "which its DEPENDS does not name"),
    "a dependency nobody includes is found": (lambda f: (f / "src/kafka/b.h").write_text("#pragma once\n"), "never includes it"),
    "a module without a floor is found": (lambda f: shutil.copytree(f / "src/base", f / "src/extra"), "has no floor"),
    "an include circle is found": (lambda f: (append(f / "src/kafka/b.h", '#include "kafka/c.h"\n'),
                                             (f / "src/kafka/c.h").write_text('#pragma once\n#include "kafka/b.h"\n')), "include circle"),
    "a long file is found": (lambda f: (f / "src/base/long.cc").write_text("int x;\n" * 801), "expected at most 800"),
    "a long function with parameters on a line of their own is found": (
        lambda f: (f / "src/base/long.cc").write_text("int long_one(\n    int x) {\n  if (x) {\n    }\n" + "  x();\n" * 60 + "}\n"), "function of 64 lines"),
    "a long function is found": (lambda f: (f / "src/base/long.cc").write_text("int long_one() {\n" + "  x();\n" * 60 + "}\n"), "function of 62 lines"),
    "a long member function is found": (
        lambda f: (f / "src/base/long.h").write_text("#pragma once\nstruct S {\n  int long_one() const {\n" + "    x();\n" * 60 + "  }\n};\n"), "function of 62 lines"),
    "a README without its headings is found": (lambda f: (f / "src/base/README.md").write_text("# base\n"), "headings are"),
    "a missing README is found": (lambda f: (f / "src/base/README.md").unlink(), "is missing"),
    "a banned type name is found": (lambda f: append(f / "src/base/a.h", "class TopicManager {};\n"), "name what it does"),
    "a banned file name is found": (lambda f: (f / "src/base/string_utils.h").write_text("#pragma once\n"), "no utils"),
    "a header without pragma once is found": (lambda f: (f / "src/base/c.h").write_text("int x;\n"), "#pragma once"),
    "engine.h is kept from other modules": (lambda f: append(f / "src/kafka/b.h", '#include "engine/engine.h"\n'), "governance, state and app only"),
    "a long architecture page is found": (lambda f: (f / "docs/architecture.md").write_text("x\n" * 201), "at most 200"),
}


def findings_after(change):
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        tree(folder)
        if change:
            change(folder)
        return tidy.check(folder)


def main():
    failed = 0
    clean = findings_after(None)
    print("PASS a clean tree has no finding" if not clean else f"FAIL a clean tree has no finding: {clean}")
    failed += bool(clean)
    for name, (change, expected) in BREAKS.items():
        lines = findings_after(change)
        found = any(expected in line for line in lines)
        print(f"PASS {name}" if found else f"FAIL {name}: got {lines}")
        failed += not found
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
