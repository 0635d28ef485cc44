"""Runs the real clients: each signs in with SCRAM over TLS to a Myelin of its model, and does the steps of README.md."""
import argparse
import contextlib
import dataclasses
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

import kafka_tools
import toolchains

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "tools" / "quokka"))

import platform_process  # noqa: E402

STEPS = ("create", "produce", "group", "timestamp", "denied", "wrong_password")
WORDS = {"create": "creates a topic", "produce": "produces with its codecs", "group": "consumes in a group through a rebalance",
         "timestamp": "reads by timestamp", "denied": "is refused what it has no grant for", "wrong_password": "is refused with a wrong password"}
SECONDS = 240


@dataclasses.dataclass
class Client:
    name: str
    prepare: object                # () -> command
    steps: tuple = STEPS
    more: dict = dataclasses.field(default_factory=dict)


def clients():
    c = HERE / "librdkafka" / "client.c"
    pom, source = HERE / "java" / "pom.xml", HERE / "java" / "src" / "Client.java"

    def jvm(version):
        return ["java", "-Xmx256m", "-XX:TieredStopAtLevel=1", "-cp",
                toolchains.java_program(f"java-{version}", pom, source, f"-Dkafka.version={version}"), "Client"]
    return [
        Client("librdkafka 2.0.2 (C)", lambda: [toolchains.c_program(c)]),
        Client("kcat (librdkafka 2.0.2)", lambda: [sys.executable, HERE / "kcat" / "client.py"], more={"CREATE": lambda: toolchains.c_program(c)}),
        Client("confluent-kafka 2.16.1 (Python)", lambda: [toolchains.venv("confluent-kafka==2.16.1") / "bin" / "python", HERE / "confluent_kafka" / "client.py"]),
        Client("kafka-clients 3.9.1 (Java)", lambda: jvm("3.9.1")),
        Client("kafka-clients 4.1.1 (Java)", lambda: jvm("4.1.1")),
        Client("kafkajs 2.2.4 (JavaScript)", lambda: [toolchains.node()[0], HERE / "kafkajs" / "client.js"],
               more={"MODULES": lambda: toolchains.node_modules(HERE / "kafkajs" / "package.json")}),
        Client("sarama 1.43.3 (Go)", lambda: [toolchains.go_program(HERE / "sarama")]),
        Client("rskafka 0.6 (Rust)", lambda: [toolchains.rust_program(HERE / "rskafka")], steps=tuple(step for step in STEPS if step != "group")),
    ]


class Report:
    def __init__(self, wanted):
        self.wanted_parts, self.failed = wanted, 0

    def wanted(self, name):
        return not self.wanted_parts or any(part.lower() in name.lower() for part in self.wanted_parts)

    def passed(self, name):
        print(f"PASS {name}", flush=True)

    def failed_because(self, name, why):
        self.failed += 1
        print(f"FAIL {name}: {why}", flush=True)

    def skipped(self, name, why):
        print(f"SKIP {name}: {why}", flush=True)


def environment_of(client, place, number):
    tag = f"clients-{os.getpid()}-{number}"
    return dict(os.environ, BOOTSTRAP=place.bootstrap, CA=str(place.authority), KAFKA_USER="clients-app",
                PASSWORD_FILE=str(place.password_of("clients-app")), TOPIC=f"{tag}.events", GROUP=f"{tag}-group",
                DENIED_TOPIC="others.secret", RECORDS="2000", **{name: str(make()) for name, make in client.more.items()})


def run_client(report, place, client, number):
    started = time.monotonic()
    try:
        command = [str(part) for part in client.prepare()]
        environment = environment_of(client, place, number)
    except toolchains.Missing as missing:
        report.skipped(client.name, str(missing))
        return
    prepared = time.monotonic()
    try:
        output = subprocess.run(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
                                stdin=subprocess.DEVNULL, timeout=SECONDS, check=False).stdout
    except subprocess.TimeoutExpired as late:
        output = (late.stdout or b"").decode(errors="replace") + f"\nstep failed: not done after {SECONDS} s"
    lines = output.splitlines()
    for step in client.steps:
        name = f"{client.name} {WORDS[step]}"
        if f"step {step} ok" in lines:
            report.passed(name)
        else:
            why = next((line for line in lines if line.startswith(f"step {step} failed")), None)
            report.failed_because(name, why or f"not reached; its last words: {lines[-1] if lines else 'none'}")
    print(f"  {client.name}: {prepared - started:.1f} s to prepare, {time.monotonic() - prepared:.1f} s to run", flush=True)


class Existing:
    """A server that is already there, with clients-app and others-app and the denied topic: to check the clients themselves."""

    def __init__(self, bootstrap, authority, passwords):
        self.bootstrap, self.authority, self.passwords = bootstrap, authority, pathlib.Path(passwords)

    def password_of(self, principal):
        return self.passwords / principal


@contextlib.contextmanager
def governed(binary, directory):
    """Myelin with TLS, SCRAM and the model beside this file; the topic that the clients may not touch exists."""
    place = platform_process.Platform(binary, directory, HERE / "model", ["groups.initial_rebalance_delay_ms=0"])
    try:
        place.start()
        place.enrol("root", ["clients-app", "others-app"])
        creator = Client("", None)
        environment = environment_of(creator, place, 0) | {"KAFKA_USER": "others-app", "TOPIC": "others.secret",
                                                           "PASSWORD_FILE": str(place.password_of("others-app"))}
        subprocess.run([toolchains.c_program(HERE / "librdkafka" / "client.c"), "create"], env=environment, check=True, capture_output=True)
        yield place
    finally:
        place.stop()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--myelin", help="the binary to start")
    parser.add_argument("--existing", nargs=3, metavar=("BOOTSTRAP", "CA", "PASSWORDS"), help="a server that is there instead")
    parser.add_argument("names", nargs="*", help="parts of names of clients; all without")
    arguments = parser.parse_args()
    report, directory = Report(arguments.names), pathlib.Path(tempfile.mkdtemp(prefix="clients-"))
    chosen = [(number, client) for number, client in enumerate(clients(), 1) if report.wanted(client.name)]
    try:
        if arguments.existing:
            around = contextlib.nullcontext(Existing(*arguments.existing))
        else:
            around = governed(arguments.myelin, directory / "governed")
        with around as place:
            for number, client in chosen:
                run_client(report, place, client, number)
            kafka_tools.run_verifiable(report, place, directory)
        if arguments.myelin:
            kafka_tools.run_in_the_open(report, arguments.myelin, directory)
    finally:
        shutil.rmtree(directory, ignore_errors=True)
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(main())
