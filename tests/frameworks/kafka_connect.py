"""Kafka Connect in distributed mode, its three internal topics on the server: a file goes through a topic into another file, while the
worker is killed and started again. The source is exactly-once (transactions), the sink at least once."""
import json
import pathlib
import socket
import urllib.error
import urllib.request

import records_client as client
from java_process import Program, java, properties
from kafka import create_topic
from server import Server, free_port
from suite import Suite, check, check_code, check_equal, eventually

suite = Suite()
LINES = 3000
CONNECT_TOPICS = {"config.storage.topic": "connect-configs", "offset.storage.topic": "connect-offsets", "status.storage.topic": "connect-status"}


class Worker(Program):
    def __init__(self, directory, bootstrap):
        self.port = free_port()
        settings = {"bootstrap.servers": bootstrap, "group.id": "connect", "listeners": f"http://127.0.0.1:{self.port}",
                    "key.converter": "org.apache.kafka.connect.storage.StringConverter",
                    "value.converter": "org.apache.kafka.connect.storage.StringConverter", "offset.flush.interval.ms": 500,
                    "config.storage.replication.factor": -1, "offset.storage.replication.factor": -1, "status.storage.replication.factor": -1,
                    "offset.storage.partitions": 3, "status.storage.partitions": 2, "scheduled.rebalance.max.delay.ms": 1000,
                    "exactly.once.source.support": "enabled", "session.timeout.ms": 6000, "heartbeat.interval.ms": 2000, "plugin.discovery": "service_load"}
        super().__init__(directory / "connect.log",
                         *java("org.apache.kafka.connect.cli.ConnectDistributed", properties(directory / "worker.properties", settings | CONNECT_TOPICS)))

    def ask(self, path, body=None):
        """The parsed answer; None while the worker does not answer yet, or is rebalancing."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", data=None if body is None else json.dumps(body).encode(),
                                         headers={"Content-Type": "application/json"}, method="GET" if body is None else "PUT")
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return json.load(answer)
        except (urllib.error.URLError, ConnectionError, socket.timeout):
            return None

    def configure(self, name, config):
        eventually(lambda: check(self.is_running(), f"the worker ended: {self.tail()}") or self.ask(f"/connectors/{name}/config", config), 90, f"connector {name}")

    def states(self, name):
        status = self.ask(f"/connectors/{name}/status") or {"connector": {}, "tasks": []}
        return [entry.get("state") for entry in (status["connector"], *status["tasks"])]

    def wait_until_running(self, *names):
        for name in names:
            eventually(lambda name=name: self.states(name) == ["RUNNING", "RUNNING"], 90, f"connector {name} running ({self.tail()})")


def lines_of(path):
    return path.read_text().splitlines() if path.exists() else []


@suite.test
def kafka_connect_in_distributed_mode_carries_a_file_through_a_topic(bench):
    place = bench.fresh()
    server = bench.enter(Server(bench.binary, place, dev=True))
    bootstrap = f"127.0.0.1:{server.ports['plaintext']}"
    source, target = pathlib.Path(place / "source.txt"), pathlib.Path(place / "target.txt")
    source.write_text("")
    with server.connect() as connection:
        check_code(create_topic(connection, "lines", 1), 0, "create lines")
        worker = bench.enter(Worker(place, bootstrap))
        worker.configure("source", {"connector.class": "org.apache.kafka.connect.file.FileStreamSourceConnector", "tasks.max": 1, "file": str(source),
                                    "topic": "lines", "batch.size": 100})
        worker.configure("sink", {"connector.class": "org.apache.kafka.connect.file.FileStreamSinkConnector", "tasks.max": 1, "file": str(target),
                                  "topics": "lines"})
        worker.wait_until_running("source", "sink")
        expected = [f"line {number}" for number in range(LINES)]
        with source.open("a") as out:
            out.write("".join(line + "\n" for line in expected[:LINES // 2]))
        eventually(lambda: len(lines_of(target)) >= 100, 60, "the first lines")
        worker.kill()
        with source.open("a") as out:
            out.write("".join(line + "\n" for line in expected[LINES // 2:]))
        worker.start()
        eventually(lambda: expected[-1] in lines_of(target), 120, "the last line")
        arrived = [value for _, value in client.read(bootstrap, "lines")["lines"]]
        check_equal(set(expected) - set(lines_of(target)), set(), "lines that the sink lacks")
        check_equal([line for number, line in enumerate(arrived) if line != expected[min(number, LINES - 1)]][:3], [], "lines out of place in the topic")
        check_equal(len(arrived), LINES, "lines in the topic, each once")
        for topic, found in client.read(bootstrap, *CONNECT_TOPICS.values()).items():
            check(found, f"nothing in {topic}")
