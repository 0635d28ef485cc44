"""Writes and reads records by records.py, in its client's own Python."""
import json
import pathlib
import subprocess

import toolchains
from suite import check

HERE = pathlib.Path(__file__).resolve().parent


def command(*words):
    python = toolchains.venv("confluent-kafka==2.16.1") / "bin" / "python"
    return [str(word) for word in (python, HERE / "records.py", *words)]


def write(bootstrap, rows, *words):
    done = subprocess.run(command("write", bootstrap, *words), input="\n".join(map(json.dumps, rows)), text=True, capture_output=True, check=False)
    check(done.returncode == 0, f"writing: {done.stderr.strip()[-300:]}")


def read(bootstrap, *topics):
    """Key and value of every committed record, by topic; those of a partition in their order."""
    done = subprocess.run(command("read", bootstrap, *topics), text=True, capture_output=True, check=False, timeout=120)
    check(done.returncode == 0, f"reading: {done.stderr.strip()[-300:]}")
    found = {topic: [] for topic in topics}
    for topic, _, _, key, value in map(json.loads, done.stdout.splitlines()):
        found[topic].append((key, value))
    return found
