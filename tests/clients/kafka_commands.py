"""Kafka's own command line tools against Myelin. kafka_commands/transcript.txt is what they printed on an Apache Kafka 4.3.1
of one node, with their exit codes; here the same commands in the same order have to print the same."""
import contextlib
import os
import pathlib
import re
import subprocess
import time

import kafka_tools
import toolchains
from server import Server
from suite import Skip

HERE = pathlib.Path(__file__).resolve().parent
TRANSCRIPT = HERE / "kafka_commands" / "transcript.txt"
# What differs from node to node, and the padding of tables.
OWN = ((re.compile(r'("logDir":|"log_dirs":\[)"[^"]*"'), r'\1"DIR"'), (re.compile(r"(Cluster ID: )\S+"), r"\1ID"),
       (re.compile(r"127\.0\.0\.1:\d+ *"), "ADDRESS "), (re.compile(r" +$"), ""))


def commands():
    """Of the transcript: (words, lines printed, exit code)."""
    found = []
    for line in TRANSCRIPT.read_text().splitlines():
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


def tools():
    """By the command's first word, what comes before the command's own words. kafka-configs is part of Kafka's core."""
    core = toolchains.jars("dump-log", HERE.parent / "dump_log" / "pom.xml")
    package, config = "org.apache.kafka.tools.", "ConfigCommand"
    return lambda name: [*kafka_tools.java_with(core), "kafka.admin." + name] if name == config else [*kafka_tools.tools(), package + name]


def run(words, tool, bootstrap, directory):
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
        command, text, environment = [*tool(words[0]), *arguments, "--bootstrap-server", bootstrap], "", None
    done = subprocess.run(command, input=text, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60, env=environment, check=False)
    return done.stdout.splitlines(), done.returncode


def difference(tool, bootstrap, directory):
    for words, lines, code in commands():
        printed, exit_code = run(words, tool, bootstrap, directory)
        if comparable(printed) != comparable(lines) or exit_code != code:
            return f"{' '.join(words)}: exit code {exit_code}, Kafka {code}; printed {comparable(printed)}, Kafka {comparable(lines)}"
    return None


def run_commands(report, binary, directory):
    """On a cluster that has nothing yet; behind upstream stands one of its own."""
    name = "Kafka's command line tools (kafka-tools 4.1.1) print what they print on Kafka 4.3.1"
    if not report.wanted(name):
        return
    started = time.monotonic()
    try:
        tool = tools()
    except Skip as missing:
        report.skipped(name, str(missing))
        return
    with contextlib.ExitStack() as servers:
        extra = []
        if report.engine == "upstream":
            cluster = servers.enter_context(Server(binary, directory / "behind-commands", dev=True))
            extra = ["--upstream", f"127.0.0.1:{cluster.ports['plaintext']}"]
        server = servers.enter_context(Server(binary, directory / "commands", dev=True, extra=extra))
        why = difference(tool, f"127.0.0.1:{server.ports['plaintext']}", directory)
    report.passed(f"{name} ({len(commands())} commands)") if why is None else report.failed_because(name, why)
    print(f"  {time.monotonic() - started:.1f} s", flush=True)
