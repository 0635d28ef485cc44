"""Kafka's own command line tools against Myelin. kafka_commands/transcript.txt is what they printed on an Apache Kafka 4.3.1
of one node, with their exit codes, and streams_reset.txt what kafka-streams-application-reset did there; here the same commands in
the same order have to print the same. acls.txt is what kafka-acls printed there with the ACLs that say what model/ says, and
acls_made.txt while it added, listed and removed ACLs; acls_kept.txt and acls_refused.txt are what Myelin says in place of Kafka, to
the role platform and to anybody else, and share_groups.txt what kafka-share-groups says of a cluster that has none."""
import contextlib
import os
import pathlib
import re
import subprocess
import time

import kafka_tools
from server import Server
from suite import Skip

HERE = pathlib.Path(__file__).resolve().parent
TRANSCRIPTS = HERE / "kafka_commands"
NAME = "Kafka's command line tools (kafka-tools 4.1.1) print what they print on Kafka 4.3.1"
NAME_OF_ACLS = "kafka-acls (kafka-tools 4.1.1) prints the model as Kafka 4.3.1 prints its ACLs, and changes nothing"
NAME_OF_MADE_ACLS = "kafka-acls (kafka-tools 4.1.1) adds, lists and removes as on Kafka 4.3.1 where acl_api is writable"
# What differs from node to node, and the padding of tables.
OWN = ((re.compile(r'("logDir":|"log_dirs":\[)"[^"]*"'), r'\1"DIR"'), (re.compile(r"(Cluster ID: )\S+"), r"\1ID"),
       (re.compile(r"127\.0\.0\.1:\d+ *"), "ADDRESS "), (re.compile(r"\b1\d{12}\b *"), "TIME "), (re.compile(r"(TIME \t)\d+ *"), r"\1DURATION "),
       (re.compile(r"(\d+ records sent), .*"), r"\1"), (re.compile(r"(SecurityDisabledException: ).*"), r"\1WHY"), (re.compile(r" +$"), ""),
       (re.compile(r"^ \t"), "\t"))  # of the first of a list


def commands(transcript):
    """(words, lines printed, exit code)."""
    found = []
    for line in (TRANSCRIPTS / transcript).read_text().splitlines():
        if line.startswith("$ "):
            found.append((line[2:].split(), [], None))
        elif line.startswith("= "):
            found[-1] = (*found[-1][:2], int(line[2:]))
        elif found and found[-1][2] is None:
            found[-1][1].append(line)
    return found


def comparable(lines):
    """Tools print what they got in the order of a hash table, and where in their code a failure came up."""
    for pattern, replacement in OWN:
        lines = [pattern.sub(replacement, line) for line in lines]
    return sorted(line for line in lines if line and not line.startswith("\tat "))


def run(words, tool, bootstrap, directory, more):
    """Lines printed, both streams, and the exit code. A word of JSON is what a file holds; the word is its path then."""
    if words[0] == "kcat":
        command, text = [*words, "-b", bootstrap], "".join(f"line {number}\n" for number in range(1, 7))
        environment = dict(os.environ, KCAT_CONFIG=os.devnull)
    else:
        arguments = []
        for word in words[1:]:
            if word.startswith("{"):
                path = directory / "argument.json"
                path.write_text(word)
                word = str(path)
            arguments.append(word)
        address = ["--bootstrap-server", bootstrap]
        if words[0] == "ProducerPerformance":
            address = ["--producer-props", f"bootstrap.servers={bootstrap}"]
        elif words[0] == "TransactionsCommand":  # its own options come before the subcommand
            arguments, address = [*address, *arguments], []
        program = words[0] if words[0].startswith("kafka.") else "org.apache.kafka.tools." + words[0]
        command, text, environment = [*tool, program, *arguments, *address, *more], "", None
    done = subprocess.run(command, input=text, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60, env=environment, check=False)
    return done.stdout.splitlines(), done.returncode


def difference(transcript, tool, bootstrap, directory, more=()):
    for words, lines, code in commands(transcript):
        printed, exit_code = run(words, tool, bootstrap, directory, more)
        if comparable(printed) != comparable(lines) or exit_code != code:
            return f"{' '.join(words)}: exit code {exit_code}, Kafka {code}; printed {comparable(printed)}, Kafka {comparable(lines)}"
    return None


def judged(report, name, judge):
    """Runs `judge` with the tools; it returns what differs, or None."""
    if not report.wanted(name):
        return
    started = time.monotonic()
    try:
        tool = kafka_tools.tools()
    except Skip as missing:
        report.skipped(name, str(missing))
        return
    why = judge(tool)
    report.passed(name) if why is None else report.failed_because(name, why)
    print(f"  {time.monotonic() - started:.1f} s", flush=True)


@contextlib.contextmanager
def own_server(report, binary, directory, **options):
    """One that has nothing yet; behind upstream stands one of its own."""
    with contextlib.ExitStack() as servers:
        extra = []
        if report.engine == "upstream":
            cluster = servers.enter_context(Server(binary, directory / "behind", dev=True))
            extra = ["--upstream", f"127.0.0.1:{cluster.ports['plaintext']}"]
        yield servers.enter_context(Server(binary, directory / "front", extra=extra, **options))


def run_commands(report, binary, directory):
    def judge(tool):
        with own_server(report, binary, directory / "commands", dev=True) as server:
            bootstrap = f"127.0.0.1:{server.ports['plaintext']}"
            found = (difference(name, tool, bootstrap, directory) for name in ("transcript.txt", "streams_reset.txt", "share_groups.txt"))
            return next((why for why in found if why is not None), None)
    judged(report, NAME, judge)


def run_made_acls(report, binary, directory):
    def judge(tool):
        with own_server(report, binary, directory / "made-acls", listen=["sasl_plaintext"], model=HERE / "model", sets=["acl_api=writable"]) as server:
            server.enrol("root")
            settings = directory / "made-acls" / "root.properties"
            settings.write_text("security.protocol=SASL_PLAINTEXT\nsasl.mechanism=SCRAM-SHA-256\n"
                                "sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required "
                                f'username="root" password="{server.passwords["root"]}";\n')
            return difference("acls_made.txt", tool, f"127.0.0.1:{server.ports['sasl_plaintext']}", directory, ["--command-config", str(settings)])
    judged(report, NAME_OF_MADE_ACLS, judge)


def run_acls(report, place, directory):
    """On the Myelin that the clients sign in to."""
    def judge(tool):
        found = None
        for principal, transcript in (("root", "acls.txt"), ("root", "acls_kept.txt"), ("clients-app", "acls_refused.txt")):
            settings = kafka_tools.properties_of(place, directory / f"{principal}.properties", principal)
            found = found or difference(transcript, tool, place.bootstrap, directory, ["--command-config", str(settings)])
        return found
    judged(report, NAME_OF_ACLS, judge)
