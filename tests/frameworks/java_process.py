"""Programs of Kafka's own distribution, from Maven: a node, a Connect worker, MirrorMaker."""
import pathlib
import subprocess

import toolchains
from client import Connection
from server import free_port
from suite import check, eventually

HERE = pathlib.Path(__file__).resolve().parent
KAFKA = "4.1.1"


def java(main, *words, heap="400m", version=KAFKA):
    """The command of a class among the jars."""
    libraries = toolchains.jars("connect", HERE / "connect" / "pom.xml", *([] if version == KAFKA else [f"-Dkafka.version={version}"]))
    return ["java", f"-Xmx{heap}", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
            "-cp", f"{libraries}/*", main, *map(str, words)]


def properties(path, values):
    path.write_text("".join(f"{name}={value}\n" for name, value in values.items()))
    return path


class Program:
    """Ends with the test; can be killed and started again."""

    def __init__(self, log, *command):
        self.log, self.command, self.process = pathlib.Path(log), command, None

    def start(self):
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        return self

    def __enter__(self):
        return self if self.process else self.start()

    def __exit__(self, *_):
        self.kill()

    def is_running(self):
        return self.process.poll() is None

    def kill(self):
        self.process.kill()
        self.process.wait()

    def wait(self, is_ready, what):
        eventually(lambda: check(self.is_running(), f"the program ended: {self.tail()}") or is_ready(), 90, what)

    def tail(self):
        return " | ".join(self.log.read_text(errors="replace").splitlines()[-6:])[-900:]


class KafkaNode(Program):
    """One node of Apache Kafka, controller and broker, without sign-in on loopback."""

    def __init__(self, directory, is_formatted=False, version=KAFKA, heap="400m", **more):
        """`more` are settings, with _ for the dots of their names."""
        self.port = free_port()
        controller = free_port()
        more = {name.replace("_", "."): value for name, value in more.items()}
        settings = properties(directory / "kafka.properties", {
            "process.roles": "broker,controller", "node.id": 1, "controller.quorum.voters": f"1@127.0.0.1:{controller}",
            "listeners": f"PLAINTEXT://127.0.0.1:{self.port},CONTROLLER://127.0.0.1:{controller}",
            "advertised.listeners": f"PLAINTEXT://127.0.0.1:{self.port}", "controller.listener.names": "CONTROLLER",
            "log.dirs": directory / "kafka", "offsets.topic.replication.factor": 1, "offsets.topic.num.partitions": 1,
            "transaction.state.log.replication.factor": 1, "transaction.state.log.min.isr": 1, "transaction.state.log.num.partitions": 1,
            "group.initial.rebalance.delay.ms": 0} | more)
        if not is_formatted:
            done = subprocess.run(java("kafka.tools.StorageTool", "format", "-t", "MkU3OEVBNTcwNTJENDM2Qk", "-c", settings, version=version),
                                  capture_output=True, text=True, check=False)
            check(done.returncode == 0, f"kafka-storage: {(done.stdout + done.stderr).strip()[-300:]}")
        super().__init__(directory / "kafka.log", *java("kafka.Kafka", settings, heap=heap, version=version))

    def answers(self):
        try:
            with Connection(self.port) as probe:
                return probe.request("Metadata", 8, {"topics": None})["brokers"]
        except OSError:
            return False

    @property
    def bootstrap(self):
        return f"127.0.0.1:{self.port}"
