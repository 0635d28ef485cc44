"""The two that are compared: Apache Kafka from Maven and Myelin, each as anybody would start it, on loopback, with a plain listener
and one with TLS 1.3 and SCRAM."""
import contextlib
import hashlib
import os
import pathlib
import shutil
import subprocess
import tempfile
import time

import process
import toolchains
from client import Closed, Connection
from server import Certificates, free_port

KAFKA_VERSION = "4.3.1"
USER, PASSWORD, ITERATIONS = "bench", "bench-secret", 4096
START_TIMEOUT_S = 240
# What kafka-server-start gives the JVM.
JVM = ["-Xmx1G", "-Xms1G", "-server", "-XX:+UseG1GC", "-XX:MaxGCPauseMillis=20", "-XX:InitiatingHeapOccupancyPercent=35",
       "-XX:+ExplicitGCInvokesConcurrent", "-Djava.awt.headless=true"]
CLUSTER = "MkU3OEVBNTcwNTJENDM2Qk"
# Beside addresses and folders all that is not Kafka's default: one node, no waiting for further members, deleted topics give their
# disk space back at once, and a thousand clients may connect at a time.
SETTINGS = {"process.roles": "broker,controller", "node.id": 1, "controller.listener.names": "CONTROLLER",
            "offsets.topic.replication.factor": 1, "transaction.state.log.replication.factor": 1, "transaction.state.log.min.isr": 1,
            "share.coordinator.state.topic.replication.factor": 1, "share.coordinator.state.topic.min.isr": 1,
            "group.initial.rebalance.delay.ms": 0, "log.segment.delete.delay.ms": 1000, "socket.listen.backlog.size": 1024}


class Place:
    """What is made once for all servers of a run."""

    def __init__(self, binary, scratch):
        self.binary, self.scratch = binary, scratch
        self.certificates = Certificates(scratch / "certificates")
        certificate, key = self.certificates.server
        self.keystore = scratch / "certificates" / "kafka.pem"
        self.keystore.write_text(key.read_text() + certificate.read_text())
        self.jars = toolchains.jars("kafka-tools", toolchains.HERE / "kafka_tools" / "pom.xml", f"-Dkafka.version={KAFKA_VERSION}")
        self.java = shutil.which("java")
        self.formatted = None

    def java_version(self):
        told = subprocess.run([self.java, "-version"], capture_output=True, text=True, check=True).stderr
        return told.splitlines()[1].strip()


class Broker(process.Process):
    """Started on an empty directory; there once the first Metadata answer names it."""

    def __init__(self, place):
        folder = pathlib.Path(tempfile.mkdtemp(prefix=f"{self.name}-", dir=place.scratch))
        self.ports = {protocol: free_port() for protocol in ("plaintext", "sasl_ssl", "controller")}
        words = self.words(place, folder)
        begun = time.monotonic()
        super().__init__(folder, words)
        try:
            while not self._answers():
                if not self.is_running() or time.monotonic() > begun + START_TIMEOUT_S:
                    raise RuntimeError(f"{self.name} did not start: {self.last_words()}")
                time.sleep(0.001)
            self.start_ms = (time.monotonic() - begun) * 1e3
        except BaseException:
            self.__exit__()
            raise
        self.address = f"127.0.0.1:{self.ports['plaintext']}"
        self.secure_address = f"sasl_ssl://{USER}:{PASSWORD}@127.0.0.1:{self.ports['sasl_ssl']}"

    def _answers(self):
        try:
            with Connection(self.ports["plaintext"], timeout=5) as probe:
                return bool(probe.request("Metadata", 5, {"topics": None, "allow_auto_topic_creation": False})["brokers"])
        except (OSError, Closed):
            return False

    def add_user(self):
        """Whom the secure listener lets in."""
        salt = os.urandom(16)
        credential = {"name": USER, "mechanism": 1, "iterations": ITERATIONS, "salt": salt,
                      "salted_password": hashlib.pbkdf2_hmac("sha256", PASSWORD.encode(), salt, ITERATIONS)}
        with Connection(self.ports["plaintext"]) as connection:
            answer = connection.request("AlterUserScramCredentials", 0, {"deletions": [], "upsertions": [credential]})
        if answer["results"][0]["error_code"] != 0:
            raise RuntimeError(f"{self.name}: no user: {answer}")


class Kafka(Broker):
    name = "kafka"
    durability = {"os": "", "synced": "flush.messages=1"}

    @contextlib.contextmanager
    def syncing_coordinators(self):
        """Offsets and transactions reach the disk before they are acknowledged, as with Myelin; by Kafka's default they don't."""
        with Connection(self.ports["plaintext"]) as connection:
            self._set_flush(connection, {"config_operation": 0, "value": "1"})
            try:
                yield
            finally:
                self._set_flush(connection, {"config_operation": 1, "value": None})

    @staticmethod
    def _set_flush(connection, change):
        there = connection.request("Metadata", 5, {"topics": None, "allow_auto_topic_creation": False})["topics"]
        coordinators = [topic["name"] for topic in there if topic["name"] in ("__consumer_offsets", "__transaction_state")]
        resources = [{"resource_type": 2, "resource_name": name, "configs": [{"name": "flush.messages"} | change]} for name in coordinators]
        answer = connection.request("IncrementalAlterConfigs", 0, {"resources": resources, "validate_only": False})
        if not resources or any(result["error_code"] != 0 for result in answer["responses"]):
            raise RuntimeError(f"flush.messages of {coordinators}: {answer}")

    def words(self, place, folder):
        settings = dict(SETTINGS)
        settings["listeners"] = ",".join(f"{name.upper()}://127.0.0.1:{port}" for name, port in self.ports.items())
        settings["advertised.listeners"] = settings["listeners"].rsplit(",", 1)[0]
        settings["listener.security.protocol.map"] = "PLAINTEXT:PLAINTEXT,SASL_SSL:SASL_SSL,CONTROLLER:PLAINTEXT"
        settings["controller.quorum.voters"] = f"1@127.0.0.1:{self.ports['controller']}"
        settings["log.dirs"] = folder / "data"
        settings |= {"ssl.keystore.type": "PEM", "ssl.keystore.location": place.keystore, "sasl.enabled.mechanisms": "SCRAM-SHA-256",
                     "listener.name.sasl_ssl.scram-sha-256.sasl.jaas.config": "org.apache.kafka.common.security.scram.ScramLoginModule required;"}
        path = folder / "server.properties"
        path.write_text("".join(f"{name}={value}\n" for name, value in settings.items()))
        java = [place.java, *JVM, "-cp", f"{place.jars}/*"]
        if place.formatted is None:
            done = subprocess.run([*java, "kafka.tools.StorageTool", "format", "-t", CLUSTER, "-c", path], capture_output=True, text=True, check=False)
            if done.returncode != 0:
                raise RuntimeError(f"kafka-storage format: {(done.stdout + done.stderr).strip()[-400:]}")
            place.formatted = place.scratch / "formatted"
            shutil.copytree(folder / "data", place.formatted)
        else:
            shutil.copytree(place.formatted, folder / "data")
        return [*java, "kafka.Kafka", str(path)]


class Myelin(Broker):
    name = "myelin"
    durability = process.Server.durability

    @staticmethod
    def syncing_coordinators():
        """They always do."""
        return contextlib.nullcontext()

    def words(self, place, folder):
        certificate, key = place.certificates.server
        return [*process.command(place.binary, folder / "data", f"plaintext://127.0.0.1:{self.ports['plaintext']}"),
                "--listen", f"sasl_ssl://127.0.0.1:{self.ports['sasl_ssl']}",
                "--set", f"tls.certificate={certificate}", "--set", f"tls.key={key}"]
