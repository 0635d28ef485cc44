"""Apicurio Registry keeps its schemas in the server, by its Kafka storage: a registry that is killed and begins anew has them all."""
import json
import urllib.error
import urllib.request

import toolchains
from java_process import Program
from server import Server, free_port
from suite import Suite, check, check_equal

suite = Suite()
VERSION = "3.0.9"  # the newest for Java 17
ARCHIVE = f"io/apicurio/apicurio-registry-app/{VERSION}/apicurio-registry-app-{VERSION}-all.tar.gz"
SHA256 = "2b28181501a20cbf6efcd77f9b7153908fc01f3d3a7c32024c0bd9e1b04c8a43"
SUBJECT = "/apis/ccompat/v7/subjects/orders-value/versions"


class Registry(Program):
    def __init__(self, directory, bootstrap):
        self.port = free_port()
        home = toolchains.unpacked("apicurio", ARCHIVE, SHA256)
        settings = {"quarkus.http.host": "127.0.0.1", "quarkus.http.port": self.port, "quarkus.management.enabled": "false",
                    "apicurio.storage.kind": "kafkasql", "apicurio.kafkasql.bootstrap.servers": bootstrap}
        super().__init__(directory / "registry.log", "java", "-Xmx512m", "-XX:TieredStopAtLevel=1", *(f"-D{name}={value}" for name, value in settings.items()),
                         "-jar", str(home / f"apicurio-registry-app-{VERSION}-runner.jar"))

    def ask(self, path, body=None):
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", data=None if body is None else json.dumps(body).encode(),
                                         headers={"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def subjects(self):
        """None while it does not answer yet."""
        try:
            return self.ask("/apis/ccompat/v7/subjects")
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return None


def schema(*fields):
    return json.dumps({"type": "record", "name": "Order", "fields": [{"name": name, "type": ["null", "string"], "default": None} for name in fields]})


@suite.test
def apicurio_registry_has_its_schemas_again_after_a_kill(bench):
    place = bench.fresh()
    server = bench.enter(Server(bench.binary, place, dev=True))
    registry = bench.enter(Registry(place, f"127.0.0.1:{server.ports['plaintext']}"))
    registry.wait(lambda: registry.subjects() is not None, "an answer of the registry")
    ids = [registry.ask(SUBJECT, {"schema": schema(*fields)})["id"] for fields in (("id",), ("id", "shop"), ("id", "shop", "till"))]
    check_equal(len(set(ids)), 3, "ids of three versions")
    registry.kill()
    registry.start()
    registry.wait(lambda: registry.subjects() == ["orders-value"], "the subject after the kill")
    check_equal(registry.ask(SUBJECT), [1, 2, 3], "versions after the kill")
    for version, fields in ((1, ("id",)), (3, ("id", "shop", "till"))):
        found = registry.ask(f"{SUBJECT}/{version}")
        check_equal((found["id"], [field["name"] for field in json.loads(found["schema"])["fields"]]), (ids[version - 1], list(fields)), f"version {version}")
    check(registry.ask(SUBJECT, {"schema": schema("id", "other")})["id"] not in ids, "a new schema got an id that is taken")
