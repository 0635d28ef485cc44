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
SHAPES, LOAD = TOPIC + ".shapes", TOPIC + ".load"
RECORDS = int(os.environ["RECORDS"])
LIMIT = 1048588  # the default of max.message.bytes, of a batch as it is sent
AROUND = 72  # a batch of one record without a key: its head of 61 bytes and what is around a value of more than 8 KiB
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


def create(topic=TOPIC, partitions=4):
    done = subprocess.run([os.environ["CREATE"], "create", str(partitions)], env=dict(os.environ, TOPIC=topic), capture_output=True, text=True, check=False)
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


def shapes():
    create(SHAPES, 1)
    write = ("-P", "-t", SHAPES, "-p", "0", "-K:")
    headers = [word for header in ("twice=1", "twice=2", "empty=", "none") for word in ("-H", header)]
    for done in (kcat(*write, *headers, text="key:value\n"), kcat(*write, "-Z", text="key:\n:no key\n"), kcat(*write, text=":\n")):
        check(done.returncode == 0, done.stderr)
    found = kcat("-C", "-t", SHAPES, "-e", "-q", "-f", "%K %k %S %s %h\n").stdout.splitlines()
    expected = ["3 key 5 value twice=1,twice=2,empty=,none=NULL", "3 key -1  ", "-1  6 no key ", "0  0  "]
    check(found == expected, f"read back as {found}")


def large():
    answers = []
    for size in (LIMIT - AROUND, LIMIT - AROUND + 1):
        path = FOLDER / "value"
        path.write_text("x" * size)
        answers.append(kcat("-P", "-t", SHAPES, "-p", "0", "-X", "message.max.bytes=2000000", "-X", "message.timeout.ms=10000", path))
    check(answers[0].returncode == 0 and "failed" not in answers[0].stderr, f"at the limit: {answers[0].stderr}")
    check("Message size too large" in answers[1].stderr, f"one byte above the limit: {answers[1].stderr}")
    found = kcat("-C", "-t", SHAPES, "-o", "-1", "-e", "-q").stdout
    check(found == "x" * (LIMIT - AROUND) + "\n", f"the largest record was read back with {len(found)} bytes")


class Member:
    """One kcat that prints its records; `seen` takes what it prints."""

    def __init__(self, seen, topic=TOPIC, group_id=GROUP, *more):
        self.seen, self.held, self.events = seen, [], 0
        environment = dict(os.environ, KCAT_CONFIG=os.devnull)
        self.process = subprocess.Popen(["kcat", "-F", RIGHT, "-u", *more, "-G", group_id, topic], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                        text=True, env=environment)
        self.threads = [threading.Thread(target=self.take), threading.Thread(target=self.take_news)]
        for thread in self.threads:
            thread.start()

    def take(self):
        for text in self.process.stdout:
            self.seen.append(text.strip())

    def take_news(self):
        for text in self.process.stderr:
            if "assigned:" in text:
                self.held = re.findall(r"\[\d+\]", text)
                self.events += 1

    def stop(self):
        self.process.terminate()
        self.process.wait(20)
        for thread in self.threads:
            thread.join()


def group():
    seen, deadline = [], time.monotonic() + 60
    members = [Member(seen)]
    try:
        while time.monotonic() < deadline:
            if seen and len(members) == 1:
                members.append(Member(seen))
            if len(set(seen)) == RECORDS and [len(member.held) for member in members] == [2, 2]:
                return
            time.sleep(0.05)
        raise AssertionError(f"{len(set(seen))} of {RECORDS} records, members hold {[member.held for member in members]} after 60 s")
    finally:
        for member in members:
            member.stop()


def until(condition, seconds, why):
    deadline = time.monotonic() + seconds
    while not condition():
        check(time.monotonic() < deadline, f"{why if isinstance(why, str) else why()} in {seconds} s")
        time.sleep(0.05)


def is_still(seen):
    before = len(seen)
    time.sleep(1)
    return len(seen) == before


def rebalances():
    """Members come and go five times while records are written: none is lost, and as kcat commits what it printed none comes twice."""
    create(LOAD)
    seen, writing, pausing, written = [], threading.Event(), threading.Event(), []
    writing.set()
    writer = subprocess.Popen(["kcat", "-F", RIGHT, "-P", "-t", LOAD, "-X", "sticky.partitioning.linger.ms=0"], stdin=subprocess.PIPE, text=True,
                              env=dict(os.environ, KCAT_CONFIG=os.devnull))

    def write():
        while writing.is_set():
            if pausing.is_set():
                time.sleep(0.01)
                continue
            written.append(f"record {len(written)}")
            writer.stdin.write(written[-1] + "\n")
            writer.stdin.flush()
            time.sleep(0.001)
        writer.stdin.close()
    thread = threading.Thread(target=write)
    thread.start()
    members = [Member(seen, LOAD, GROUP + "-load")]
    try:
        for change in ("join", "join", "leave", "join", "leave"):
            until(lambda: sum(len(member.held) for member in members) == 4 and all(member.held for member in members), 60, "the members did not share the partitions")
            time.sleep(0.3)  # for records to come in this shape of the group
            if change == "join":
                members.append(Member(seen, LOAD, GROUP + "-load"))
            else:
                # A kcat that is told to end drops the record in its hand, whose offset it commits: its hands are to be empty.
                pausing.set()
                until(lambda: is_still(seen), 60, "the members read on without end")
                members.pop(0).stop()
                pausing.clear()
        writing.clear()
        thread.join()
        check(writer.wait(30) == 0, "the writer failed")
        listed = kcat("-C", "-t", LOAD, "-e", "-q", "-o", "beginning", "-f", "%s at %p:%o\n").stdout.splitlines()
        stored = dict(line.split(" at ") for line in listed)
        check(sorted(stored) == sorted(written) and len(listed) == len(written), f"{len(written)} records were written, {len(listed)} are stored")
        until(lambda: len(set(seen)) == len(written), 60, lambda: f"left out: {[stored[value] for value in stored if value not in set(seen)]}")
    finally:
        writing.clear()
        thread.join()
        for member in members:
            member.stop()
    check(sorted(seen) == sorted(written), f"{len(seen) - len(written)} records came twice")
    left = kcat("-e", "-q", "-G", GROUP + "-load", LOAD).stdout
    check(left == "", f"the committed offsets are not the ends: {left[:60]}")


def static_member():
    """One that comes back in time gets what it had, and the other is not asked to give anything up."""
    def named(name):
        return Member([], TOPIC, GROUP + "-static", "-X", f"group.instance.id={name}")
    members = [named("leaver"), named("stayer")]
    try:
        until(lambda: [len(member.held) for member in members] == [2, 2], 60, "the members did not share the partitions")
        leaver, events = members[0], members[1].events
        leaver.stop()
        members[0] = named("leaver")
        until(lambda: members[0].held, 60, "it did not come back")
        check(members[0].held == leaver.held, f"held {leaver.held}, came back to {members[0].held}")
        check(members[1].events == events, "the other member was assigned anew")
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


for step in (create, produce, shapes, large, group, rebalances, static_member, timestamp, denied, wrong_password):
    try:
        step()
    except Exception as error:  # pylint: disable=broad-except
        print(f"step {step.__name__} failed: {error!r}", flush=True)
        sys.exit(1)
    print(f"step {step.__name__} ok", flush=True)
