"""Runs the real clients: each signs in with SCRAM over TLS to a Myelin of its model, and does the steps of README.md.
First with the embedded broker, then with the upstream engine in front of a second Myelin."""
import argparse
import contextlib
import dataclasses
import functools
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "wire"), str(HERE.parents[1] / "tools" / "quokka")]

import kafka_commands  # noqa: E402
import kafka_credentials  # noqa: E402
import kafka_tools  # noqa: E402
import made_tables  # noqa: E402
import platform_process  # noqa: E402
import toolchains  # noqa: E402
from server import Server  # noqa: E402
from suite import Skip  # noqa: E402

WORDS = {"create": "creates a topic", "produce": "produces with its codecs", "shapes": "keeps headers, tombstones and empty values",
         "large": "writes up to the limit of a batch and not beyond", "group": "consumes in a group through a rebalance",
         "rebalances": "loses and repeats nothing in five rebalances under load", "static_member": "comes back as a static member to what it held",
         "newer_group": "consumes in a group of the newer protocol", "timestamp": "reads by timestamp", "transactions": "commits and aborts transactions",
         "denied": "is refused what it has no grant for", "wrong_password": "is refused with a wrong password"}
STEPS = tuple(WORDS)
SECONDS = 240
OFTEN = "groups.consumer_heartbeat_interval_ms=300"  # members of the newer protocol learn only when they call


def without(*left_out):
    return tuple(step for step in STEPS if step not in left_out)


ENGINES = ("broker", "upstream")


@dataclasses.dataclass
class Client:
    name: str
    prepare: object                # () -> command
    steps: tuple = without("newer_group")
    remarks: dict = dataclasses.field(default_factory=dict)  # what the table says of a step, beyond that it was done
    more: dict = dataclasses.field(default_factory=dict)

    @functools.cached_property
    def prepared(self):
        """(command, environment), made once however often the client runs."""
        return [str(part) for part in self.prepare()], {name: str(make()) for name, make in self.more.items()}


def clients():
    c = HERE / "librdkafka"
    pom, source = HERE / "java" / "pom.xml", HERE / "java" / "src"

    def jvm(version):
        return ["java", "-Xmx256m", "-XX:TieredStopAtLevel=1", "-cp",
                toolchains.java_program(f"java-{version}", pom, source, f"-Dkafka.version={version}"), "Client"]
    return [
        Client("librdkafka 2.0.2 (C)", lambda: [toolchains.c_program(c)]),
        Client("kcat (librdkafka 2.0.2)", lambda: [sys.executable, HERE / "kcat" / "client.py"],
               steps=without("newer_group", "transactions"), more={"CREATE": lambda: toolchains.c_program(c)}),
        Client("confluent-kafka 2.16.1 (Python)", lambda: [toolchains.venv("confluent-kafka==2.16.1") / "bin" / "python", HERE / "confluent_kafka" / "client.py"],
               steps=STEPS),
        Client("kafka-clients 3.9.1 (Java)", lambda: jvm("3.9.1")),
        Client("kafka-clients 4.1.1 (Java)", lambda: jvm("4.1.1"), steps=STEPS, more={"NEWER_GROUP": lambda: "yes"}),
        Client("kafkajs 2.2.4 (JavaScript)", lambda: [toolchains.node()[0], HERE / "kafkajs" / "client.js"],
               steps=without("static_member", "newer_group"), remarks={"produce": " (gzip only)"}, more={"MODULES": lambda: toolchains.node_modules(HERE / "kafkajs" / "package.json")}),
        Client("sarama 1.43.3 (Go)", lambda: [toolchains.go_program(HERE / "sarama")]),
        Client("rskafka 0.6 (Rust)", lambda: [toolchains.rust_program(HERE / "rskafka")], steps=without("group", "rebalances", "static_member", "newer_group", "transactions")),
    ]


class Report:
    """Prints a line per test, with the engine that it ran on."""

    def __init__(self, wanted):
        self.wanted_parts, self.failed, self.engine = wanted, 0, None
        self.done = {}  # (client, step): True when every engine let it be done

    def named(self, name):
        return f"{name} [{self.engine}]" if self.engine else name

    def wanted(self, name):
        return not self.wanted_parts or any(part.lower() in name.lower() for part in self.wanted_parts)

    def passed(self, name):
        print(f"PASS {self.named(name)}", flush=True)

    def failed_because(self, name, why):
        self.failed += 1
        print(f"FAIL {self.named(name)}: {why}", flush=True)

    def skipped(self, name, why):
        print(f"SKIP {self.named(name)}: {why}", flush=True)


def environment_of(place, number, more):
    tag = f"clients-{os.getpid()}-{number}"
    return dict(os.environ, BOOTSTRAP=place.bootstrap, CA=str(place.authority), KAFKA_USER="clients-app",
                PASSWORD_FILE=str(place.password_of("clients-app")), TOPIC=f"{tag}.events", TRANSACTIONAL_ID=f"{tag}-transactions", GROUP=f"{tag}-group",
                DENIED_TOPIC="others.secret", RECORDS="2000") | more


def run_client(report, place, client, number):
    started = time.monotonic()
    try:
        command, more = client.prepared
    except Skip as missing:
        report.skipped(client.name, str(missing))
        return
    prepared = time.monotonic()
    # Before a cluster patterns are refused.
    patterns = {"PATTERNS": "yes"} if report.engine != "upstream" else {}
    try:
        output = subprocess.run(command, env=environment_of(place, number, more | patterns), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
                                stdin=subprocess.DEVNULL, timeout=SECONDS, check=False).stdout
    except subprocess.TimeoutExpired as late:
        output = (late.stdout or b"").decode(errors="replace") + f"\nstep failed: not done after {SECONDS} s"
    lines = output.splitlines()
    for step in client.steps:
        name = f"{client.name} {WORDS[step]}"
        is_done = f"step {step} ok" in lines
        report.done[client.name, step] = is_done and report.done.get((client.name, step), True)
        if is_done:
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
def governed(binary, directory, upstream):
    """Myelin with TLS, SCRAM and the model beside this file; the topic that the clients may not touch exists."""
    place = platform_process.Platform(binary, directory, HERE / "model", ["groups.initial_rebalance_delay_ms=0", OFTEN], upstream)
    try:
        place.start()
        place.enrol("root", ["clients-app", "others-app"])
        environment = environment_of(place, 0, {"KAFKA_USER": "others-app", "TOPIC": "others.secret",
                                                "PASSWORD_FILE": str(place.password_of("others-app"))})
        subprocess.run([toolchains.c_program(HERE / "librdkafka"), "create"], env=environment, check=True, capture_output=True)
        yield place
    finally:
        place.stop()


def run_clients(report, chosen, place, directory):
    for number, client in enumerate(chosen, 1):
        run_client(report, place, client, number)
    kafka_tools.run_verifiable(report, place, directory)


def topics_in(data):
    """Topics with a log in this data directory, Myelin's own left out."""
    return {path.name.rpartition("-")[0] for path in (data / "log").iterdir() if path.is_dir() and not path.name.startswith("__")}


def judge_place(report, before, behind):
    name = "all records lie in the cluster behind, none before it"
    if topics_in(before):
        report.failed_because(name, f"the front holds {', '.join(sorted(topics_in(before)))}")
    elif "others.secret" not in topics_in(behind):
        report.failed_because(name, "the cluster behind holds no others.secret")
    else:
        report.passed(name)


def run_engine(report, chosen, binary, directory, engine):
    """The whole suite on one engine; behind upstream stands a Myelin of its own, which lets everybody in."""
    directory.mkdir()
    report.engine = engine
    with contextlib.ExitStack() as behind:
        upstream = None
        if engine == "upstream":
            cluster = behind.enter_context(Server(binary, directory / "behind", dev=True, sets=[OFTEN]))
            upstream = f"127.0.0.1:{cluster.ports['plaintext']}"
        with governed(binary, directory / "governed", upstream) as place:
            run_clients(report, chosen, place, directory)
            kafka_credentials.run(report, place, directory)
            kafka_commands.run_acls(report, place, directory)
        if upstream:
            judge_place(report, place.data, directory / "behind" / "data")
        kafka_tools.run_in_the_open(report, binary, directory, upstream)
        kafka_commands.run_commands(report, binary, directory)
        kafka_commands.run_made_acls(report, binary, directory)


def table(report, chosen):
    """What each client did on every engine; a dash is what it has not."""
    def cell(client, step):
        if step not in client.steps:
            return "–"
        return "yes" + client.remarks.get(step, "") if report.done.get((client.name, step)) else "no"
    lines = ["| | " + " | ".join(client.name for client in chosen) + " |", "|---" * (len(chosen) + 1) + "|"]
    return lines + [f"| {words} | " + " | ".join(cell(client, step) for client in chosen) + " |" for step, words in WORDS.items()]


def judge_page(report, chosen, write):
    report.engine, name = None, "docs/compatibility.md says what each client did"
    try:
        made_tables.hold("tests/clients/run.sh", {"clients": table(report, chosen)}, write)
        report.passed(name)
    except AssertionError as why:
        report.failed_because(name, str(why))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--myelin", help="the binary to start")
    parser.add_argument("--engine", choices=ENGINES, action="append", help="only this one; both without")
    parser.add_argument("--existing", nargs=3, metavar=("BOOTSTRAP", "CA", "PASSWORDS"), help="a server that is there instead")
    parser.add_argument("--write", action="store_true", help="put the table of clients into docs/compatibility.md")
    parser.add_argument("names", nargs="*", help="parts of names of clients; all without")
    arguments = parser.parse_args()
    report, directory = Report(arguments.names), pathlib.Path(tempfile.mkdtemp(prefix="clients-"))
    chosen = [client for client in clients() if report.wanted(client.name)]
    try:
        if arguments.existing:
            run_clients(report, chosen, Existing(*arguments.existing), directory)
        else:
            for engine in arguments.engine or ENGINES:
                run_engine(report, chosen, arguments.myelin, directory / engine, engine)
            if not arguments.names and not arguments.engine:
                judge_page(report, chosen, arguments.write)
    finally:
        shutil.rmtree(directory, ignore_errors=True)
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(main())
