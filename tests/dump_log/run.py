"""Kafka's DumpLogSegments over DIR/log after a clean stop and after kill -9: every batch, index entry and snapshot is valid.

Producers are kcat, one topic per codec; jars come from Maven into build/clients.
"""
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "wire"), str(HERE.parent / "clients")]

import toolchains  # noqa: E402
from server import Server  # noqa: E402
from suite import Suite, check, check_equal  # noqa: E402

suite = Suite()
CODECS = ("none", "gzip", "snappy", "lz4", "zstd")
RECORDS = 4000
SUSPICIOUS = re.compile(r"isvalid: false|mismatch|non.?monotonic|not found|out of order|exception|error", re.IGNORECASE)


def write(server, first=0):
    """Produces with every codec, the records numbered from `first`."""
    lines = "".join(f"key{i % 50}:{first + i} {'x' * (i % 200)}\n" for i in range(RECORDS))
    for codec in CODECS:
        subprocess.run(["kcat", "-P", "-b", f"127.0.0.1:{server.ports['plaintext']}", "-t", f"dump-{codec}", "-K", ":", "-z", codec, "-X",
                        "enable.idempotence=true"], input=lines, text=True, check=True, capture_output=True, timeout=60)


def dump(jars, directory):
    """What the tool says about one partition: how many batches it found valid, and how many records."""
    files = sorted(str(path) for path in directory.iterdir() if path.suffix in (".log", ".index", ".timeindex", ".snapshot"))
    done = subprocess.run(["java", "-Xmx256m", "-XX:TieredStopAtLevel=1", "-cp", f"{jars}/*", "kafka.tools.DumpLogSegments",
                           "--deep-iteration", "--files", ",".join(files)], capture_output=True, text=True, check=False)
    text = done.stdout + done.stderr
    wrong = [line for line in text.splitlines() if SUSPICIOUS.search(line)]
    check(done.returncode == 0 and not wrong, f"{directory.name}: {(wrong or text.splitlines()[-1:] or ['no output'])[0][:300]}")
    return text.count("isvalid: true"), len(re.findall(r"^\| offset: ", text, re.MULTILINE))


def check_partitions(jars, log, expected):
    batches = records = 0
    for directory in sorted(path for path in log.iterdir() if path.is_dir()):
        found = dump(jars, directory)
        batches += found[0]
        if not directory.name.startswith("__"):
            records += found[1]
    check_equal(records, expected, "records that the tool found, against those acknowledged")
    print(f"  {batches} batches valid, {records} records, indexes and snapshots agree")


def check_stop(server):
    check_equal(server.stop(30), 0, "exit code of a clean stop")


@suite.test
def kafkas_dump_tool_finds_nothing_wrong_after_a_clean_stop(bench):
    jars = toolchains.jars("dump-log", HERE / "pom.xml")
    server = bench.enter(Server(bench.binary, bench.fresh(), dev=True))
    write(server)
    check_stop(server)
    check_partitions(jars, server.data / "log", len(CODECS) * RECORDS)


@suite.test
def kafkas_dump_tool_finds_nothing_wrong_after_a_restart_kill_9_and_a_restart(bench):
    jars = toolchains.jars("dump-log", HERE / "pom.xml")
    server = bench.enter(Server(bench.binary, bench.fresh(), dev=True))
    write(server)
    check_stop(server)
    server.start(20)
    write(server, RECORDS)
    server.kill()
    server.start(20)  # recovery writes the indexes that the kill left out
    check_stop(server)
    check_partitions(jars, server.data / "log", 2 * len(CODECS) * RECORDS)


suite.main()
