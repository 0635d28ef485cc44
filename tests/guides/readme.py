"""The shapes that README.md shows: headings of tables, words of `who`, names of checks. The figures in it are of a demo."""
import contextlib
import os
import pathlib
import pty
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "wire"))

from batch import batch  # noqa: E402
from errors import NONE  # noqa: E402
from kafka import commit, create_topic, fetch, produce  # noqa: E402
from server import Server  # noqa: E402
from suite import Suite, check, check_code, check_equal  # noqa: E402

suite = Suite()
SHOWN = (ROOT / "README.md").read_text()
TOPIC, WRITER, READER = "fulfilment.shipment", "route-planner", "care-desk"
LIBRARY = {"client_software_name": "wire-client", "client_software_version": "1.2"}
WHO_ASKS = "ada.okafor"  # of the platform


def columns(line):
    """Columns are two spaces apart at least; their names and words have single ones."""
    return re.split(r" {2,}", line.strip())


def shown(command):
    """The lines that README.md prints below this command."""
    return SHOWN.split(f"\n$ {command}\n", 1)[1].split("\n\n")[0].split("\n```")[0].splitlines()


def company(bench):
    """The company of the demo, where one record was written, read and committed."""
    def make():
        server = Server(bench.binary, bench.fresh(), listen=["sasl_plaintext"], model=ROOT / "examples" / "quokka").start()
        server.enrol(WHO_ASKS, [WRITER, READER])
        with server.connect(WRITER) as connection:
            connection.request("ApiVersions", 3, LIBRARY)
            check_code(create_topic(connection, TOPIC, partitions=-1), NONE, "create")
            check_code(produce(connection, TOPIC, batch([b"{}"]))["error_code"], NONE, "produce")
        with server.connect(READER) as connection:
            connection.request("ApiVersions", 3, LIBRARY)
            check_code(fetch(connection, TOPIC, 0)["error_code"], NONE, "fetch")
            check_code(commit(connection, READER, TOPIC, 1), NONE, "commit")
        return server
    return bench.keep("company", make)


def printed(bench, *words):
    """On a terminal, as the README shows it; into a pipe it would be columns between tabs."""
    server = company(bench)
    terminal, inner = pty.openpty()
    with open(terminal, "rb", buffering=0) as screen:
        done = subprocess.Popen([server.binary, *map(str, words)], stdin=subprocess.DEVNULL, stdout=inner, stderr=subprocess.STDOUT,
                                env=dict(os.environ, MYELIN_SERVER=server.http_url, MYELIN_USER=WHO_ASKS,
                                         MYELIN_PASSWORD_FILE=str(server.directory / f"password-{WHO_ASKS}")))
        os.close(inner)
        output = b""
        with contextlib.suppress(OSError):  # how a terminal says that nobody writes to it any more
            while part := screen.read(1 << 16):
                output += part
        check_equal(done.wait(60), 0, f"exit code of {words}")
    return output.decode().splitlines()


@suite.test
def who_of_the_readme_has_the_words_of_who(bench):
    words = list(dict.fromkeys(columns(line)[0] for line in shown(f"myelin who {TOPIC}")))
    check_equal(list(dict.fromkeys(columns(line)[0] for line in printed(bench, "who", TOPIC))), words, "words, in their order")


@suite.test
def tables_of_the_readme_have_the_headings_of_usage_and_lineage(bench):
    for command in ("usage --topic stores.sale", "usage --by squad,direction --squad delivery", "lineage stores.sale"):
        here = command.replace("stores.sale", TOPIC).replace(" --squad delivery", "").split()
        check_equal(columns(printed(bench, *here)[0]), columns(shown(f"myelin {command}")[0]), f"headings of {command}")


@suite.test
def doctor_of_the_readme_has_the_checks_of_doctor(bench):
    lines = printed(bench, "doctor", "--data", company(bench).data)
    check(len(lines) > 1, "doctor prints nothing")
    check_equal([columns(line)[0] for line in lines], [columns(line)[0] for line in shown("myelin doctor --data ./data")], "checks, in their order")


suite.main()
