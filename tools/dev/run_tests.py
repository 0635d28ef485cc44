#!/usr/bin/env python3
"""Runs the sections of ./dev test and counts.

A section is either built in below or a script tests/NAME/run.sh, called with the release binary, that prints one line
per test: "PASS name", "FAIL name: why" or "SKIP name: why". A script that exits non-zero without a FAIL line counts as
one failure, and one that prints no line at all as well: a section that ran nothing has shown nothing.
"""
import argparse
import json
import os
import pathlib
import re
import subprocess
import sys
import time

RESULT = re.compile(r"^(PASS|FAIL|SKIP) (.+)$")
# In the order in which a reader wants to know; full ones need root, real servers or a long time.
SECTIONS = ["build", "format", "tidy", "unit", "fuzz_replay", "cel", "settings", "scenarios", "bad_input", "differential", "clients", "conformance",
            "compatibility", "dump_log", "crash", "damage", "usage", "apply", "quokka", "openapi", "blueprints", "guides", "performance", "schemas", "validators", "console"]
FULL_SECTIONS = ["frameworks", "librdkafka", "full", "sabotage"]


class Tally:
    def __init__(self):
        self.passed, self.failed, self.skipped = 0, [], []

    def line(self, section, text):
        found = RESULT.match(text)
        if not found:
            return False
        kind, name = found.groups()
        if kind == "PASS":
            self.passed += 1
        elif kind == "FAIL":
            self.failed.append(f"{section}: {name}")
        else:
            self.skipped.append(f"{section}: {name}")
        return True


def run_lines(command, tally, section, cwd):
    """Runs a command, shows its output as it comes, counts its result lines. Returns (exit code, lines counted)."""
    counted = 0
    environment = dict(os.environ, PYTHONUNBUFFERED="1")
    process = subprocess.Popen(command, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                               stdin=subprocess.DEVNULL, env=environment, errors="replace")
    for line in process.stdout:
        sys.stdout.write("  " + line)
        sys.stdout.flush()
        counted += tally.line(section, line.rstrip("\n"))
    return process.wait(), counted



def section_build(context, tally):
    for preset in ("release", "asan"):
        command = ["bash", "-c", f'set -e; . tools/dev/common.sh; build_preset {preset}']
        if preset == "release":
            command[2] = 'set -e; . tools/dev/common.sh; bash tools/dev/console.sh; build_preset release'
        code, _ = run_lines(command, tally, "build", context.root)
        tally.line("build", f"PASS {preset}" if code == 0 else f"FAIL {preset}: does not build")
        if code != 0:
            return


def section_format(context, tally):
    listed = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", "*.cc", "*.h"],
                            cwd=context.root, capture_output=True, text=True, check=True).stdout.split()
    sources = [name for name in listed if (context.root / name).is_file()]
    code, _ = run_lines(["clang-format-19", "--dry-run", "--Werror", *sources], tally, "format", context.root)
    tally.line("format", "PASS clang-format" if code == 0 else "FAIL clang-format: run clang-format-19 -i")


def section_tidy(context, tally):
    code, _ = run_lines([sys.executable, "tests/tidy/tidy.py"], tally, "tidy", context.root)
    tally.line("tidy", "PASS house rules" if code == 0 else "FAIL house rules")
    run_lines([sys.executable, "tests/tidy/tidy_test.py"], tally, "tidy", context.root)


def section_unit(context, tally):
    binaries = sorted(p for p in (context.build / "asan" / "src").glob("*/*_test") if os.access(p, os.X_OK))
    report = context.build / "unit.json"
    for binary in binaries:
        report.unlink(missing_ok=True)
        started = time.monotonic()
        done = subprocess.run([binary, f"--gtest_output=json:{report}", "--gtest_brief=1"], cwd=context.root, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, errors="replace",
                              env=dict(os.environ, ASAN_OPTIONS="detect_leaks=1"), check=False)
        passed, failures = 0, []
        if report.exists():
            for suite in json.loads(report.read_text())["testsuites"]:
                for test in suite["testsuite"]:
                    name = f'{suite["name"]}.{test["name"]}'
                    if test.get("failures"):
                        failures.append(name)
                    elif test.get("result") == "SKIPPED":
                        tally.line("unit", f"SKIP {binary.name} {name}: skipped itself")
                    else:
                        passed += 1
        if done.returncode != 0:
            print("\n".join("  " + line for line in done.stdout.splitlines()[-60:]))
            failures = failures or ["stopped before its end"]
        for _ in range(passed):
            tally.line("unit", "PASS case")
        for name in failures:
            tally.line("unit", f"FAIL {binary.name} {name}")
        print(f"  {binary.name}: {passed} passed, {len(failures)} failed ({time.monotonic() - started:.1f} s)")
    if not binaries:
        tally.line("unit", "FAIL no unit test was built")


def section_fuzz_replay(context, tally):
    """Each fuzz target once over its seeds, the committed ones and those made from golden vectors."""
    targets = sorted(p for p in (context.build / "asan" / "fuzz").glob("*_fuzz") if os.access(p, os.X_OK))
    for target in targets:
        corpora = [p for p in (context.root / "fuzz" / "corpus" / target.name,
                               context.build / "asan" / "fuzz" / "corpus" / target.name) if p.is_dir()]
        done = subprocess.run([target, "-runs=0", "-timeout=10", "-rss_limit_mb=4096", *corpora], text=True, cwd=context.build,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, errors="replace", check=False)
        if done.returncode != 0:
            print("\n".join("  " + line for line in done.stdout.splitlines()[-40:]))
        seeds = sum(1 for corpus in corpora for _ in corpus.iterdir())
        verdict = "PASS" if done.returncode == 0 and seeds > 0 else "FAIL"
        print(f"  {target.name}: {seeds} seeds")
        tally.line("fuzz_replay", f"{verdict} {target.name}" + ("" if verdict == "PASS" else f": exit code {done.returncode}, {seeds} seeds"))
    if not targets:
        tally.line("fuzz_replay", "FAIL no fuzz target was built")


def section_script(name):
    def run(context, tally):
        before = len(tally.failed)
        code, counted = run_lines(["bash", f"tests/{name}/run.sh", str(context.binary)], tally, name, context.root)
        if code != 0 and len(tally.failed) == before:
            tally.line(name, f"FAIL run.sh: exit code {code}")
        elif counted == 0:
            tally.line(name, "FAIL run.sh: ran no test")
    return run


BUILT_IN = {"build": section_build, "format": section_format, "tidy": section_tidy, "unit": section_unit,
            "fuzz_replay": section_fuzz_replay}


class Context:
    def __init__(self, arguments):
        self.root = pathlib.Path(arguments.root)
        self.build = pathlib.Path(arguments.build)
        self.binary = self.build / "release" / "bin" / "myelin"


def chosen(context, names):
    """The sections to run, in order; ends the program where one is unknown."""
    wanted = [name for name in names if name != "full"]
    sections = wanted or SECTIONS + (FULL_SECTIONS if "full" in names else [])
    found = []
    for name in sections:
        if name in BUILT_IN:
            found.append((name, BUILT_IN[name]))
        elif (context.root / "tests" / name / "run.sh").exists():
            found.append((name, section_script(name)))
        elif wanted:
            there_are = ", ".join(name for name in SECTIONS + FULL_SECTIONS if name in BUILT_IN or (context.root / "tests" / name).exists())
            print(f'dev: there is no test section "{name}"; there are: {there_are}', file=sys.stderr)
            sys.exit(2)
    if "build" not in dict(found) and not context.binary.exists():
        found.insert(0, ("build", section_build))
    return found


def main():
    parser = argparse.ArgumentParser(prog="./dev test")
    parser.add_argument("--root", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--build", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--jobs", help=argparse.SUPPRESS)
    parser.add_argument("sections", nargs="*", help="full, or names of sections; all but the full ones without")
    arguments = parser.parse_args()
    context, tally, minutes = Context(arguments), Tally(), []
    for name, section in chosen(context, arguments.sections):
        print(f"==> {name}", flush=True)
        started, before = time.monotonic(), len(tally.failed)
        section(context, tally)
        minutes.append((name, (time.monotonic() - started) / 60))
        if name == "build" and len(tally.failed) > before:
            break
    print("\nminutes per section: " + ", ".join(f"{name} {spent:.1f}" for name, spent in minutes)
          + f"; in all {sum(spent for _, spent in minutes):.1f}")
    for failure in tally.failed:
        print(f"failed: {failure}")
    if tally.skipped:
        print(f"{len(tally.skipped)} skipped: {'; '.join(tally.skipped)}")
    print(f"{tally.passed} passed, {len(tally.failed)} failed")
    skips_fail = bool(os.environ.get("CI")) and bool(tally.skipped)
    if skips_fail:
        print("a skip fails in CI", file=sys.stderr)
    return 1 if tally.failed or tally.passed == 0 or skips_fail else 0


if __name__ == "__main__":
    sys.exit(main())
