"""Runs librdkafka's own test programs, unmodified, one after the other against a Myelin with --dev; a line each."""
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "wire"), str(HERE.parent / "clients")]

import kafka_tools  # noqa: E402
import made_tables  # noqa: E402
import programs  # noqa: E402
from listed import ATTEMPTS, LEFT_OUT, LONG, QUICK, RACES  # noqa: E402
from server import Server  # noqa: E402
from suite import Skip  # noqa: E402

SECONDS = 180
# Several tests ask for three replicas, and for topics that nobody made. 0118 polls one of two consumers that it subscribed, which ends well
# only where both are in the first generation: with --dev's pause of 0 it fails now and then, on Apache Kafka as well. This is Kafka's default.
SETTINGS = ["topics.replication=clamp", "topics.auto_create=on", "groups.initial_rebalance_delay_ms=3000"]


def verdict(text, name):
    """PASSED, FAILED or SKIPPED, as the runner's table has it, EMPTY where it took no time; None when it did not come so far."""
    found = re.search(rf"^\|\s*{name}\s*\|\s*(\w+)\s*\|\s*([\d.]+)s", text, re.MULTILINE)
    return None if found is None else found.group(1) if float(found.group(2)) > 0 else "EMPTY"


def first_failure(text):
    lines = text.splitlines()
    at = next((number for number, line in enumerate(lines) if "TEST FAILURE" in line), None)
    return " ".join(lines[-1:] if at is None else lines[at + 1:at + 3])[:400]


def run_one(binaries, environment, directory, name):
    """Why it did not pass, or None."""
    try:
        done = subprocess.run([binaries / "test-runner", "-p1", "-Q", "-L"], env=environment | {"TESTS": name}, cwd=directory, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return f"not done after {SECONDS} s"
    text = re.sub(r"\x1b\[[0-9;]*m", "", done.stdout)
    if verdict(text, name) == "PASSED" and done.returncode == 0:
        return None
    return f"{verdict(text, name) or 'no verdict'}, exit code {done.returncode}: {first_failure(text)}"


def run_repeated(binaries, environment, directory, name):
    """As run_one; a program that races with its own client is run until it passes, ATTEMPTS times at most."""
    for attempt in range(ATTEMPTS if name in RACES else 1):
        if attempt:
            print(f"  {name} again: {why}", flush=True)
        why = run_one(binaries, environment, directory, name)
        if why is None:
            return None
    return why


def said_of(name):
    return f"passes, within {ATTEMPTS} times: {RACES[name]}" if name in RACES else "passes"


def lines_of_page():
    """The table of docs/compatibility.md: what is run, and what is not with the reason."""
    return ["| program | |", "|---|---|"] + [f"| {name} | {said} |" for name, said in sorted(
        {name: said_of(name) for name in QUICK + LONG}.items() | LEFT_OUT.items())]


def run_all(binary, names, directory):
    binaries = programs.runner()
    failed = 0
    with Server(binary, directory / "server", dev=True, sets=SETTINGS) as server:
        bootstrap = f"127.0.0.1:{server.ports['plaintext']}"
        (directory / "src").symlink_to(binaries)  # a test reads a schema there, beside its own folder
        place = directory / "tests"
        place.mkdir()
        settings = directory / "test.conf"
        settings.write_text(f"metadata.broker.list={bootstrap}\ntest.topic.random=true\ntest.timeout.multiplier=4\n")
        environment = dict(os.environ, RDKAFKA_TEST_CONF=str(settings), TEST_KAFKA_VERSION="3.1.0", BROKERS=bootstrap, LD_LIBRARY_PATH=str(binaries),
                           KAFKA_PATH=str(programs.scripts(directory / "kafka", kafka_tools.tools())))
        environment.pop("CI", None)  # where it is set, librdkafka leaves tests out
        for name in names:
            started = time.monotonic()
            why = run_repeated(binaries, environment, place, name)
            failed += why is not None
            print(f"PASS librdkafka's {name}" if why is None else f"FAIL librdkafka's {name}: {why}", flush=True)
            print(f"  {time.monotonic() - started:.1f} s", flush=True)
    return failed


def judge_page(write):
    name = "docs/compatibility.md lists librdkafka's programs"
    try:
        made_tables.hold("tests/librdkafka/run.sh", {"librdkafka": lines_of_page()}, write)
    except AssertionError as why:
        print(f"FAIL {name}: {why}")
        return 1
    print(f"PASS {name}")
    return 0


def main():
    binary, *words = sys.argv[1:]
    options, parts = {word for word in words if word.startswith("--")}, [word for word in words if not word.startswith("--")]
    every = QUICK + LONG if "--long" in options or parts else QUICK
    names = [name for name in every if not parts or any(part in name for part in parts)]
    if not names or options - {"--long", "--write"}:
        sys.exit("usage: run.sh BINARY [--long] [--write] [PART OF A NAME...]; the names are in listed.py")
    failed = judge_page("--write" in options)
    with tempfile.TemporaryDirectory(prefix="librdkafka-") as directory:
        try:
            failed += run_all(binary, names, pathlib.Path(directory))
        except Skip as missing:
            print(f"SKIP librdkafka's own test programs: {missing}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
