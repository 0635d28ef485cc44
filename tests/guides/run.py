#!/usr/bin/env python3
"""Does what a guide says and compares what it prints: the files of its ```yaml NAME blocks, the commands of its ```sh
blocks in one shell, and every line of its ```text blocks, which must come out of the commands above it. A guide that
goes on where another ended is done behind that one."""
import contextlib
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "wire"))

from server import free_port  # noqa: E402

BLOCK = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SECONDS = 120
# The guide starts the server in the background and goes on reading; the shell has to wait for it.
READY = "for i in $(seq 600); do curl -sf $MYELIN_SERVER/readyz >/dev/null && break; sleep 0.1; done\n"


CONTINUES = re.compile(r"Go on where\s+\[[^]]+\]\((\S+\.md)\) ended")


def with_those_before(guide):
    """The text of a guide, behind that of the one where it goes on."""
    text = guide.read_text()
    before = CONTINUES.search(text)
    return (with_those_before(guide.parent / before.group(1)) if before else "") + text


def script_of(text, directory):
    """One shell script; prints "@@N" before the commands of block N."""
    lines, expected = ["set -e\n"], []
    for number, (kind, name, body) in enumerate(BLOCK.findall(text)):
        if kind == "sh":
            lines.append(f"echo @@{number}\n{body}" + (READY if "myelin serve" in body else ""))
        elif kind == "text":
            expected.append((number, body.splitlines()))
        elif name:
            path = directory / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(body)
    return "".join(lines) + "echo @@end\n", expected


def run(script, directory, binary):
    environment = {key: value for key, value in os.environ.items() if not key.startswith("MYELIN_")}
    environment |= {"MYELIN_ROOT": str(directory / "root")}
    place = directory / "root" / "build" / "release" / "bin"
    place.mkdir(parents=True)
    (place / "myelin").symlink_to(binary)
    shell = subprocess.Popen(["bash", "-c", script], cwd=directory, env=environment, stdin=subprocess.DEVNULL, text=True,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True)
    lines = []
    try:
        for line in shell.stdout:  # until the script has ended; the server it started holds the pipe open
            lines.append(line.rstrip("\n"))
            if lines[-1] == "@@end":
                break
    finally:
        os.killpg(shell.pid, signal.SIGTERM)
        shell.wait(SECONDS)
        # The server writes to its directory until it has ended.
        deadline = time.monotonic() + SECONDS
        while is_running(shell.pid):
            if time.monotonic() > deadline:
                os.killpg(shell.pid, signal.SIGKILL)
            time.sleep(0.05)
        shell.stdout.close()
    return lines


def is_running(group):
    """Whether a process of the group is left that can still write; one that nobody has waited for can't."""
    for path in pathlib.Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):  # it ended meanwhile
            state, _, its_group = path.read_text().rsplit(")", 1)[1].split()[:3]
            if int(its_group) == group and state != "Z":
                return True
    return False


def missing(printed, expected):
    """Lines that did not come out between the block before them and the next text block."""
    starts = {int(line[2:]): index for index, line in enumerate(printed) if re.fullmatch(r"@@\d+", line)}
    for number, lines in expected:
        begin = max((index for block, index in starts.items() if block < number), default=0)
        for line in lines:
            if line not in printed[begin:]:
                yield line


def main():
    binary = pathlib.Path(sys.argv[1]).resolve()
    failed = False
    for guide in sorted((ROOT / "docs" / "guides").glob("*.md")):
        text = with_those_before(guide)
        if "```sh" not in text:
            continue
        http = free_port()
        text = text.replace("9093", str(free_port())).replace("8080", str(http))
        with tempfile.TemporaryDirectory(prefix="myelin-guide-") as name:
            script, expected = script_of(text, pathlib.Path(name))
            printed = run(f"export MYELIN_SERVER=http://127.0.0.1:{http}\n" + script, pathlib.Path(name), binary)
        absent = list(missing(printed, expected))
        if printed and printed[-1] == "@@end" and not absent:
            print(f"PASS what {guide.name} says is what happens")
            continue
        failed = True
        print("\n".join("  " + line for line in printed))
        print(f"FAIL what {guide.name} says is what happens: " +
              (f'never printed: {absent[0]}' if absent else "its commands stopped before their end"))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
