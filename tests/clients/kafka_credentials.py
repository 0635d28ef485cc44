"""kafka-configs sets and deletes the password of a user; clients sign in by it as long as it is there."""
import os
import subprocess

import kafka_commands
import kafka_tools

USER = "configured-app"


class Passwords:
    """What an administrator does with Kafka's own tool, and what clients find then."""

    def __init__(self, tool, place, directory):
        self.tool, self.place, self.directory = tool, place, directory
        self.administrator = kafka_tools.properties_of(place, directory / "administrator.properties", "root")

    def configure(self, *change):
        """Why it failed, or None."""
        done = subprocess.run([*self.tool, "kafka.admin.ConfigCommand", "--alter", *change, "--entity-type", "users", "--entity-name", USER,
                               "--bootstrap-server", self.place.bootstrap, "--command-config", str(self.administrator)],
                              capture_output=True, text=True, timeout=60, check=False)
        return None if done.returncode == 0 else f"kafka-configs: {done.stdout.strip()[-300:]}"

    def java_signs_in(self, password):
        settings = kafka_tools.properties_of(self.place, self.directory / "user.properties", USER, password)
        done = subprocess.run([*self.tool, "org.apache.kafka.tools.ClusterTool", "cluster-id", "--bootstrap-server", self.place.bootstrap,
                               "--config", str(settings)], capture_output=True, text=True, timeout=60, check=False)
        return done.returncode == 0

    def kcat_signs_in(self, password):
        settings = {"security.protocol": "SASL_SSL", "ssl.ca.location": self.place.authority, "sasl.mechanisms": "SCRAM-SHA-256",
                    "sasl.username": USER, "sasl.password": password}
        done = subprocess.run(["kcat", "-L", "-m", "3", "-b", self.place.bootstrap, *(word for pair in settings.items() for word in ("-X", "%s=%s" % pair))],
                              capture_output=True, text=True, timeout=60, env=dict(os.environ, KCAT_CONFIG=os.devnull), check=False)
        return done.returncode == 0

    def difference(self):
        """The first thing that is not as it must be, or None."""
        first, second = "SCRAM-SHA-256=[iterations=4096,password=first-secret]", "SCRAM-SHA-256=[password=second-secret]"
        for change, password, lets_in in ((("--add-config", first), "first-secret", True), (("--add-config", second), "second-secret", True),
                                          (None, "first-secret", False), (("--delete-config", "SCRAM-SHA-256"), "second-secret", False)):
            failed = change and self.configure(*change)
            if failed:
                return failed
            found = {"Java": self.java_signs_in(password), "kcat": self.kcat_signs_in(password)}
            if found != {"Java": lets_in, "kcat": lets_in}:
                return f"after {change or 'that'}, {password} lets in: {found}, expected {lets_in}"
        return None


def run(report, place, directory):
    kafka_commands.judged(report, "kafka-configs (kafka 4.1.1) sets a password by which clients sign in until it is deleted",
                          lambda tool: Passwords(tool, place, directory).difference())
