#!/usr/bin/env python3
"""The company's outdated client: an application that still reads with kcat and the librdkafka it came with.

Takes the arguments of quokka_app that concern a reader, runs kcat as a group member, and writes the same truth log.
SIGTERM ends kcat, which commits and leaves; SIGUSR1 (stop producing) changes nothing for a reader.
"""
import argparse
import collections
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time

# kcat tells the end of a partition only once, so silence has to stand for it.
QUIET_SECONDS = 1.5
ASSIGNED = re.compile(r"assigned: (.*)$")
PARTITION = re.compile(r"(\S+) \[(\d+)\]")


class TruthLog:
    def __init__(self, path):
        self.file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)

    def line(self, event, **fields):
        text = json.dumps({"t": int(time.time() * 1000), "event": event, **fields}, separators=(",", ":"))
        os.write(self.file, text.encode() + b"\n")


class Reader:
    def __init__(self, truth, group):
        self.truth, self.group = truth, group
        self.lock = threading.Lock()
        self.next = {}        # (topic, partition) -> offset after the last received
        self.pending = {}     # (topic, partition) -> [from, records, bytes, origins]
        self.assigned = False
        self.latest = time.monotonic()
        self.status = None

    def take(self, text):
        message = json.loads(text)
        where = message["topic"], message["partition"]
        headers = message.get("headers", [])
        origin = dict(zip(headers[::2], headers[1::2])).get("application", "")
        with self.lock:
            entry = self.pending.setdefault(where, [message["offset"], 0, 0, collections.Counter()])
            entry[1] += 1
            entry[2] += len(message["payload"] or "")
            entry[3][origin] += 1
            self.next[where] = message["offset"] + 1
            self.latest = time.monotonic()

    def take_news(self, text):
        assigned = ASSIGNED.search(text)
        with self.lock:
            if assigned:
                self.assigned, self.latest = True, time.monotonic()
                held = [f"{topic}-{number}" for topic, number in PARTITION.findall(assigned.group(1))]
                self.truth.line("assigned", group=self.group, partitions=held)
            elif "ERROR" in text:
                self.truth.line("error", what=text.strip())

    def write_truth(self):
        with self.lock:
            for (topic, partition), (first, records, size, origins) in self.pending.items():
                self.truth.line("received", topic=topic, partition=partition, group=self.group, **{"from": first},
                                to=self.next[topic, partition] - 1, records=records, bytes=size, origins=origins)
            self.pending.clear()
            status = self.assigned and time.monotonic() - self.latest > QUIET_SECONDS
        if status != self.status:
            self.status = status
            self.truth.line("status", drained=True, caught_up=status)

    def write_commits(self):
        for (topic, partition), offset in sorted(self.next.items()):
            self.truth.line("committed", group=self.group, topic=topic, partition=partition, offset=offset)


def configuration(arguments):
    """kcat's file, so that no password stands among its arguments."""
    lines = {"bootstrap.servers": arguments.bootstrap, "client.id": arguments.client_id, "auto.offset.reset": "earliest",
             "auto.commit.interval.ms": "1000", "fetch.wait.max.ms": "250", "session.timeout.ms": "10000",
             "heartbeat.interval.ms": "1000", "topic.metadata.refresh.interval.ms": "5000", "log_level": "2"}
    if arguments.user:
        lines |= {"security.protocol": "sasl_ssl" if arguments.ca else "sasl_plaintext", "sasl.mechanism": "SCRAM-SHA-256",
                  "sasl.username": arguments.user,
                  "sasl.password": pathlib.Path(arguments.password_file).read_text().rstrip("\n")}
    if arguments.ca:
        lines["ssl.ca.location"] = arguments.ca
    return "".join(f"{name}={value}\n" for name, value in lines.items())


def start_kcat(arguments, group, topics):
    handle, path = tempfile.mkstemp(prefix="kcat-")
    os.write(handle, configuration(arguments).encode())
    os.close(handle)
    environment = dict(os.environ, KCAT_CONFIG=os.devnull)
    process = subprocess.Popen(["kcat", "-F", path, "-E", "-u", "-J", "-G", group, *topics], stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment, errors="replace")
    return process, path


def arguments_of(command_line):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("plan", "application", "bootstrap", "log"):
        parser.add_argument(f"--{name}", required=True)
    for name in ("seed", "pace", "ca", "user", "password-file"):
        parser.add_argument(f"--{name}")
    return parser.parse_args(command_line)


def main():
    arguments = arguments_of(sys.argv[1:])
    plan = json.loads(pathlib.Path(arguments.plan).read_text())
    application = next(entry for entry in plan["applications"] if entry["principal"] == arguments.application)
    arguments.client_id = application["client_id"]
    group = application["reads"][0]["group"]
    truth = TruthLog(arguments.log)
    version = re.search(r"librdkafka ([\d.]+)", subprocess.run(["kcat", "-V"], capture_output=True, text=True, check=True).stdout)
    truth.line("start", principal=arguments.application, client_id=arguments.client_id, library="librdkafka",
               library_version=version.group(1))
    reader = Reader(truth, group)
    signal.signal(signal.SIGUSR1, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    topics = [read["topic"] for read in application["reads"]]
    code = supervise(arguments, group, topics, reader, stop)
    if code == 0:
        reader.write_commits()
    truth.line("end", code=code)
    return code


def supervise(arguments, group, topics, reader, stop):
    """Starts kcat again whenever it gives up, as it does when a topic is not there yet, until told to stop."""
    while True:
        process, path = start_kcat(arguments, group, topics)
        threads = [threading.Thread(target=lambda: [reader.take(text) for text in process.stdout]),
                   threading.Thread(target=lambda: [reader.take_news(text) for text in process.stderr])]
        for thread in threads:
            thread.start()
        while process.poll() is None:
            if stop.is_set():
                process.terminate()
            reader.write_truth()
            time.sleep(0.2)
        for thread in threads:
            thread.join()
        os.unlink(path)
        reader.write_truth()
        if stop.wait(1):
            return process.returncode


if __name__ == "__main__":
    sys.exit(main())
