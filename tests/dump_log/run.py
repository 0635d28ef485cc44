"""Kafka's DumpLogSegments over DIR/log after a clean stop and after kill -9: every batch, index entry and snapshot is valid.

run.py BINARY. Producers are kcat, one topic per codec; jars come from Maven into build/clients.
"""
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "clients"))
import toolchains  # noqa: E402

CODECS = ("none", "gzip", "snappy", "lz4", "zstd")
RECORDS = 4000
START_SECONDS = 20
SUSPICIOUS = re.compile(r"isvalid: false|mismatch|non.?monotonic|not found|out of order|exception|error", re.IGNORECASE)


class Failure(Exception):
    """The test failed; the message says why."""


class Server:
    """A Myelin on a free port of the loopback interface."""

    def __init__(self, binary, data):
        self.port, http = free_port(), free_port()
        self.log = open(data.parent / "server.log", "ab")
        self.process = subprocess.Popen([binary, "serve", "--dev", "--data", data, "--listen", f"plaintext://127.0.0.1:{self.port}",
                                         "--http", f"127.0.0.1:{http}"], stdout=self.log, stderr=self.log)
        deadline = time.monotonic() + START_SECONDS
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise Failure(f"the server did not start: {(data.parent / 'server.log').read_text()[-800:]}")
            time.sleep(0.05)

    def answers(self):
        return subprocess.run(["kcat", "-L", "-b", f"127.0.0.1:{self.port}", "-m", "2"], capture_output=True, check=False).returncode == 0

    def produce(self, topic, codec, first):
        lines = "".join(f"key{i % 50}:{first + i} {'x' * (i % 200)}\n" for i in range(RECORDS))
        subprocess.run(["kcat", "-P", "-b", f"127.0.0.1:{self.port}", "-t", topic, "-K", ":", "-z", codec, "-X",
                        "enable.idempotence=true"], input=lines, text=True, check=True, capture_output=True, timeout=60)

    def end(self, how):
        self.process.send_signal(how)
        self.process.wait(timeout=30)
        self.log.close()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def dump(jars, directory):
    """What the tool says about one partition, and how many batches it found valid."""
    files = sorted(str(path) for path in directory.iterdir() if path.suffix in (".log", ".index", ".timeindex", ".snapshot"))
    done = subprocess.run(["java", "-Xmx256m", "-XX:TieredStopAtLevel=1", "-cp", f"{jars}/*", "kafka.tools.DumpLogSegments",
                           "--deep-iteration", "--files", ",".join(files)], capture_output=True, text=True, check=False)
    text = done.stdout + done.stderr
    wrong = [line for line in text.splitlines() if SUSPICIOUS.search(line)]
    if done.returncode != 0 or wrong:
        raise Failure(f"{directory.name}: {(wrong or text.splitlines()[-1:] or ['no output'])[0][:300]}")
    return text.count("isvalid: true"), len(re.findall(r"^\| offset: ", text, re.MULTILINE))


def check_partitions(jars, log, expected):
    batches = records = 0
    for directory in sorted(path for path in log.iterdir() if path.is_dir()):
        found = dump(jars, directory)
        batches += found[0]
        if not directory.name.startswith("__"):
            records += found[1]
    if records != expected:
        raise Failure(f"the tool found {records} records, {expected} were acknowledged")
    return batches


def check(binary, jars, place, how, name, expected):
    """Produces with every codec, ends the server, lets the tool read. Returns the records acknowledged so far."""
    server = Server(binary, place / "data")
    for codec in CODECS:
        server.produce(f"dump-{codec}", codec, expected)
        expected += RECORDS
    server.end(how)
    if how == signal.SIGKILL:  # recovery writes the indexes that the kill left out
        Server(binary, place / "data").end(signal.SIGTERM)
    batches = check_partitions(jars, place / "data" / "log", expected)
    print(f"PASS after {name}: {batches} batches valid, {expected} records, indexes and snapshots agree", flush=True)
    return expected


def main():
    binary = pathlib.Path(sys.argv[1]).resolve()
    place = pathlib.Path(tempfile.mkdtemp(prefix="myelin-dump-log-"))
    name = "fetching the tool"
    try:
        jars = toolchains.jars("dump-log", HERE / "pom.xml")
        expected = 0
        for how, name in ((signal.SIGTERM, "a clean stop"), (signal.SIGKILL, "kill -9 and a restart")):
            expected = check(binary, jars, place, how, name, expected)
        return 0
    except toolchains.Missing as missing:
        print(f"SKIP dump tool: {missing}")
        return 0
    except (Failure, subprocess.SubprocessError) as error:
        print(f"FAIL after {name}: {error}")
        return 1
    finally:
        shutil.rmtree(place, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
