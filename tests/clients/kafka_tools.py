"""Kafka's own test tools against Myelin: verifiable producer and consumers, the compatibility test, and a capture for tshark."""
import contextlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import threading
import time

import toolchains
from server import Server
from suite import Skip

HERE = pathlib.Path(__file__).resolve().parent
RECORDS = 3000


def tools():
    jars = toolchains.jars("kafka-tools", HERE / "kafka_tools" / "pom.xml")
    return ["java", "-Xmx256m", "-XX:TieredStopAtLevel=1", "-cp", f"{jars}/*"]


def properties_of(place, path, user="clients-app", password=None):
    """Of a client that signs in as `user`, by the password that it has from the start unless another is given."""
    password = password or place.password_of(user).read_text(encoding="utf-8").split("\n")[0]
    path.touch(0o600)
    path.write_text("security.protocol=SASL_SSL\nsasl.mechanism=SCRAM-SHA-256\nssl.truststore.type=PEM\n"
                    f"ssl.truststore.location={place.authority}\n"
                    "sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required "
                    f'username="{user}" password="{password}";\n')
    return path


class Consumer:
    """A VerifiableConsumer: its JSON lines, summed up."""

    def __init__(self, command):
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.consumed, self.held, self.committed, self.bad_commits = 0, 0, {}, 0
        self.thread = threading.Thread(target=self.take)
        self.thread.start()

    def take(self):
        for text in self.process.stdout:
            with contextlib.suppress(json.JSONDecodeError):
                self.take_line(json.loads(text))

    def take_line(self, line):
        if line["name"] == "records_consumed":
            self.consumed += line["count"]
        elif line["name"] == "partitions_assigned":
            self.held = len(line["partitions"])
        elif line["name"] == "offsets_committed":
            self.bad_commits += not line["success"]
            for one in line["offsets"] if line["success"] else []:
                self.committed[one["partition"]] = one["offset"]

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
        self.thread.join()


def verify(tool, bootstrap, topic, group, more_producer=(), more_consumer=()):
    """One producer, a second consumer that joins half way. Returns why it failed, or None."""
    consumer_command = [*tool, "org.apache.kafka.tools.VerifiableConsumer", "--bootstrap-server", bootstrap, "--topic", topic,
                        "--group-id", group, "--session-timeout", "10000", *more_consumer]
    consumers = [Consumer(consumer_command)]
    producer = subprocess.run([*tool, "org.apache.kafka.tools.VerifiableProducer", "--bootstrap-server", bootstrap, "--topic", topic,
                               "--max-messages", str(RECORDS), "--throughput", "1000", *more_producer],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=90, check=False)
    acked = sum('"name":"producer_send_success"' in line for line in producer.stdout.splitlines())
    try:
        consumers.append(Consumer(consumer_command))
        deadline = time.monotonic() + 45
        while time.monotonic() < deadline:
            offsets = {}
            for consumer in consumers:
                for partition, offset in list(consumer.committed.items()):
                    offsets[partition] = max(offset, offsets.get(partition, 0))
            if [consumer.held for consumer in consumers] == [2, 2] and sum(offsets.values()) == RECORDS:
                break
            time.sleep(0.1)
    finally:
        for consumer in consumers:
            consumer.stop()
    if acked != RECORDS:
        return f"{acked} of {RECORDS} sends were acknowledged"
    if [consumer.held for consumer in consumers] != [2, 2]:
        return f"the consumers hold {[consumer.held for consumer in consumers]} partitions"
    if sum(offsets.values()) != RECORDS:
        return f"committed offsets sum up to {sum(offsets.values())} of {RECORDS}"
    if any(consumer.bad_commits for consumer in consumers):
        return "a commit failed"
    return None


def run_verifiable(report, place, directory):
    name = "VerifiableProducer and VerifiableConsumer (kafka-tools 4.1.1) through a rebalance"
    if not report.wanted(name):
        return
    started = time.monotonic()
    try:
        tool = tools()
        creator = toolchains.c_program(HERE / "librdkafka")
    except Skip as missing:
        report.skipped(name, str(missing))
        return
    environment = dict(os.environ, BOOTSTRAP=place.bootstrap, CA=str(place.authority), KAFKA_USER="clients-app", RECORDS="0",
                       PASSWORD_FILE=str(place.password_of("clients-app")), TOPIC="clients-verifiable")
    subprocess.run([creator, "create"], env=environment, check=True, capture_output=True)
    settings = properties_of(place, directory / "verifiable.properties")
    why = verify(tool, place.bootstrap, "clients-verifiable", "clients-verifiable",
                 ("--producer.config", str(settings)), ("--consumer.config", str(settings)))
    report.passed(name) if why is None else report.failed_because(name, why)
    print(f"  {time.monotonic() - started:.1f} s", flush=True)


# --- without sign-in and TLS, as --dev serves: tools that know neither, and frames that tshark can read


class Capture:
    """tshark on the loopback interface; None as reason means that it runs."""

    def __init__(self, port, path):
        self.port, self.path, self.reason, self.process = port, path, None, None
        if shutil.which("tshark") is None:
            self.reason = "tshark is not installed"
            return
        self.process = subprocess.Popen(["tshark", "-q", "-i", "lo", "-f", f"tcp port {port}", "-w", path], stdout=subprocess.DEVNULL,
                                        stderr=subprocess.PIPE, text=True)
        time.sleep(2)
        if self.process.poll() is not None:
            self.reason = f"capturing is not permitted: {toolchains.last_words(self.process.stderr.read())}"

    def stop(self):
        if self.process and self.process.poll() is None:
            time.sleep(1)
            self.process.terminate()
            self.process.wait(20)

    def count(self, display_filter):
        done = subprocess.run(["tshark", "-r", self.path, "-d", f"tcp.port=={self.port},kafka", "-Y", display_filter, "-T", "fields", "-e", "frame.number",
                               "-e", "_ws.col.Info"], capture_output=True, text=True, check=False)
        return done.stdout.splitlines()


def compatibility(tool, bootstrap):
    """Kafka's ClientCompatibilityTest. It knows no sign-in. Access control lists are not served, and it is told so."""
    said = {"offsets-for-times-supported": "True", "cluster-id-supported": "True", "expect-record-too-large-exception": "False",
            "num-cluster-nodes": "1", "create-topics-supported": "True", "describe-acls-supported": "True",
            "describe-configs-supported": "True", "idempotent-producer-supported": "True"}
    arguments = [word for name, value in said.items() for word in (f"--{name}", value)]
    done = subprocess.run([*tool, "org.apache.kafka.tools.ClientCompatibilityTest", "--bootstrap-server", bootstrap, "--topic", "compatibility", *arguments],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120, check=False)
    if "SUCCESS." in done.stdout and done.returncode == 0:
        return None
    print("\n".join("  " + line for line in done.stdout.splitlines()[-25:]))
    return f"exit code {done.returncode}: {toolchains.last_words(done.stdout)}"


def kcat_in_the_open(bootstrap):
    def kcat(*arguments, text=""):
        return subprocess.run(["kcat", "-b", bootstrap, *arguments], input=text, capture_output=True, text=True, timeout=40,
                              env=dict(os.environ, KCAT_CONFIG=os.devnull), check=False)
    written = "".join(f"line {i}\n" for i in range(500))
    codecs = ("none", "gzip", "snappy", "lz4", "zstd") * 2
    for codec in codecs:
        kcat("-P", "-t", "open", "-X", f"compression.codec={codec}", text=written)
    read = kcat("-C", "-t", "open", "-o", "beginning", "-e", "-q").stdout
    kcat("-G", "open-kcat", "-e", "-q", "-X", "auto.offset.reset=earliest", "open")
    return None if sorted(read.splitlines()) == sorted(written.splitlines() * len(codecs)) else f"{len(read.splitlines())} of {500 * len(codecs)} lines came back"


def run_in_the_open(report, binary, directory, upstream=None):
    names = {"kcat": "kcat without sign-in, all codecs", "compatibility": "ClientCompatibilityTest (kafka-tools 4.1.1)",
             "capture": "tshark finds no malformed frame in a capture"}
    if not any(report.wanted(name) for name in names.values()):
        return
    try:
        tool = tools()
    except Skip as missing:
        report.skipped(names["compatibility"], str(missing))
        tool = None
    with Server(binary, directory / "open", dev=True, extra=["--upstream", upstream] if upstream else []) as server:
        port = server.ports["plaintext"]
        capture = Capture(port, directory / "capture.pcapng")
        bootstrap = f"127.0.0.1:{port}"
        for name, test in {names["kcat"]: kcat_in_the_open, names["compatibility"]: lambda address: compatibility(tool, address)}.items():
            if tool is None and name == names["compatibility"]:
                continue
            why = test(bootstrap)
            report.passed(name) if why is None else report.failed_because(name, why)
        if tool is not None:
            verify(tool, bootstrap, "open-group", "open-group")
        capture.stop()
    judge_capture(report, names["capture"], capture)


# tshark 4.0 misreads the members' metadata inside these, in requests as librdkafka wrote them too.
MISREAD = ("JoinGroup v5", "SyncGroup v3")


# An answer can't be read whose request a busy machine kept out of the capture: a few, more would be answers to nothing. Nor one
# to a request of a version at which tshark loses its way.
ORPHAN, LOST = "Request Missing", "[Malformed Packet]"
ORPHANS_MAX, ORPHANS_SHARE_MAX = 5, 0.01


def judged(frames):
    """Frames that this tshark can judge: of versions that it does not know it says so, and guesses."""
    unknown = ("Unsupported API version", "Unknown API key", ORPHAN, *MISREAD)
    return [frame for frame in frames if not any(words in frame for words in unknown)]


def orphans_of(frames):
    """How many answers have no request, beyond those that follow from requests of versions tshark does not know."""
    lost = sum(frame.count(LOST) for frame in frames if " Request" in frame and not judged([frame]))
    return max(0, sum(frame.count(ORPHAN) for frame in frames) - lost)


def judge_capture(report, name, capture):
    if capture.reason:
        report.skipped(name, capture.reason)
        return
    every = capture.count("kafka")
    frames, malformed = judged(every), judged(capture.count("_ws.malformed"))
    orphans = orphans_of(every)
    if orphans > max(ORPHANS_MAX, ORPHANS_SHARE_MAX * len(every)):
        report.failed_because(name, f"{orphans} answers in {len(every)} frames have no request in the capture")
    elif malformed:
        report.failed_because(name, f"{len(malformed)} of {len(frames)} frames, the first: {malformed[0]}")
    elif len(frames) < 100:
        report.failed_because(name, f"only {len(frames)} frames of versions that it knows")
    else:
        report.passed(f"{name} ({len(frames)} frames that it can judge, {orphans} answers without their request)")


if __name__ == "__main__":
    sys.exit("run.py runs these")
