"""kcat as Debian has it (librdkafka 2.0.2): every step of tests/clients/README.md. It creates no topics: CREATE does that."""
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import threading
import time

TOPIC, GROUP, DENIED = os.environ["TOPIC"], os.environ["GROUP"], os.environ["DENIED_TOPIC"]
RECORDS = int(os.environ["RECORDS"])
FOLDER = pathlib.Path(tempfile.mkdtemp(prefix="kcat-client-"))
between = 0


def file_with(name, password):
    """kcat's settings in a file: a password is no argument."""
    lines = {"bootstrap.servers": os.environ["BOOTSTRAP"], "client.id": "kcat", "security.protocol": "sasl_ssl",
             "ssl.ca.location": os.environ["CA"], "sasl.mechanism": "SCRAM-SHA-256", "sasl.username": os.environ["KAFKA_USER"],
             "sasl.password": password, "session.timeout.ms": "10000", "heartbeat.interval.ms": "500", "auto.offset.reset": "earliest"}
    path = FOLDER / name
    path.touch(0o600)
    path.write_text("".join(f"{key}={value}\n" for key, value in lines.items()))
    return path


RIGHT = file_with("right", pathlib.Path(os.environ["PASSWORD_FILE"]).read_text(encoding="utf-8").split("\n")[0])
WRONG = file_with("wrong", "not the password")


def kcat(*arguments, text="", conf=RIGHT, seconds=40):
    environment = dict(os.environ, KCAT_CONFIG=os.devnull)
    return subprocess.run(["kcat", "-F", conf, *arguments], input=text, capture_output=True, text=True, timeout=seconds, env=environment, check=False)


def check(condition, why):
    if not condition:
        raise AssertionError(why)


def lines(first, last):
    return "".join(f"key-{i}:value-{i}\n" for i in range(first, last))


def create():
    done = subprocess.run([os.environ["CREATE"], "create"], capture_output=True, text=True, check=False)
    check(done.returncode == 0, done.stdout)


def produce():
    global between
    for half in (0, 1):
        for turn, codec in enumerate(("none", "gzip", "snappy", "lz4", "zstd")):
            size = RECORDS // 10
            first = half * RECORDS // 2 + turn * size
            done = kcat("-P", "-t", TOPIC, "-K:", "-X", f"compression.codec={codec}", "-X", "enable.idempotence=true", text=lines(first, first + size))
            check(done.returncode == 0, done.stderr)
        if half == 0:
            time.sleep(0.5)
            between = int(time.time() * 1000)
            time.sleep(0.5)
    listed = kcat("-L", "-t", TOPIC).stdout
    check("with 4 partitions" in listed, listed)


class Member:
    def __init__(self, seen):
        self.seen, self.held = seen, 0
        environment = dict(os.environ, KCAT_CONFIG=os.devnull)
        self.process = subprocess.Popen(["kcat", "-F", RIGHT, "-u", "-G", GROUP, TOPIC], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                        text=True, env=environment)
        self.threads = [threading.Thread(target=self.take), threading.Thread(target=self.take_news)]
        for thread in self.threads:
            thread.start()

    def take(self):
        for text in self.process.stdout:
            self.seen.add(text.strip())

    def take_news(self):
        for text in self.process.stderr:
            if "assigned:" in text:
                self.held = len(re.findall(r"\[\d+\]", text))

    def stop(self):
        self.process.terminate()
        self.process.wait(20)
        for thread in self.threads:
            thread.join()


def group():
    seen, deadline = set(), time.monotonic() + 60
    members = [Member(seen)]
    try:
        while time.monotonic() < deadline:
            if seen and len(members) == 1:
                members.append(Member(seen))
            if len(seen) == RECORDS and [member.held for member in members] == [2, 2]:
                return
            time.sleep(0.05)
        raise AssertionError(f"{len(seen)} of {RECORDS} records, members hold {[member.held for member in members]} after 60 s")
    finally:
        for member in members:
            member.stop()


def timestamp():
    done = kcat("-C", "-t", TOPIC, "-o", f"s@{between}", "-e", "-q")
    expected = {f"value-{i}" for i in range(RECORDS // 2, RECORDS)}
    check(set(done.stdout.split()) == expected, f"{len(done.stdout.split())} records, not exactly those since the time {done.stderr}")


def denied():
    write = kcat("-P", "-t", DENIED, "-X", "message.timeout.ms=10000", text="no\n")
    check("authorization failed" in write.stderr.lower(), f"a write was answered: {write.stderr}")
    read = kcat("-C", "-t", DENIED, "-e")
    check("authorization failed" in read.stderr.lower(), f"a read was answered: {read.stderr}")


def wrong_password():
    done = kcat("-L", "-m", "10", conf=WRONG)
    check(done.returncode != 0 and "authentication" in done.stderr.lower(), f"the sign-in ended with: {done.stderr}")


for step in (create, produce, group, timestamp, denied, wrong_password):
    try:
        step()
    except Exception as error:  # pylint: disable=broad-except
        print(f"step {step.__name__} failed: {error!r}", flush=True)
        sys.exit(1)
    print(f"step {step.__name__} ok", flush=True)
