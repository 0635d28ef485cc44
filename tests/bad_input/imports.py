"""A cluster that is imported from and answers nonsense, or goes away: the import says so, and ends well when it is run again."""
import struct
import subprocess

from batch import batch
from errors import NONE
from kafka import create_topic, produce
from server import Server
from suite import Suite, check, check_code, check_equal, check_in
from upstreams import SPOILT, Spoiler, framed

suite = Suite()
VALUE = b"a value that nobody else has"


class Between(Spoiler):
    """All connections to a cluster go through here: it says that its broker is this port."""

    def _answer(self, frame, fetches):
        host = b"127.0.0.1"
        return super()._answer(frame.replace(host + struct.pack(">i", self.cluster_port), host + struct.pack(">i", self.port)), fetches)


def run(bench, between, data):
    return subprocess.run([str(bench.binary), "import", "kafka", "--from", f"127.0.0.1:{between.port}", "--data", str(data), "--dev"],
                          capture_output=True, text=True, timeout=60, check=False)


def cluster(bench):
    server = bench.enter(Server(bench.binary, bench.fresh(), dev=True))
    with server.connect() as connection:
        check_code(create_topic(connection, "orders"), NONE, "create")
        for _ in range(3):
            check_code(produce(connection, "orders", batch([VALUE, VALUE]))["error_code"], NONE, "produce")
    return server


@suite.test
def answers_that_can_not_be_read_end_an_import_that_goes_on_later(bench):
    between = bench.enter(Between(cluster(bench).ports["plaintext"]))
    spoilt = SPOILT | {"with a flipped bit in a record": lambda frame: framed(frame.replace(VALUE, VALUE.upper(), 1)),
                       "with half a batch": lambda frame: framed(frame[:-40])}
    for name, spoil in spoilt.items():
        data = bench.fresh() / "data"
        between.spoil = spoil
        done = run(bench, between, data)
        check_equal(done.returncode, 1, f"exit code after an answer {name} ({done.stdout} {done.stderr})")
        check_equal(done.stderr.count("myelin: "), 1, f"messages after an answer {name}: {done.stderr}")
        between.spoil = None
        done = run(bench, between, data)
        check_equal(done.returncode, 0, f"exit code of the run after an answer {name} ({done.stderr})")
        check_in("orders-0  offsets 0 to 6  6 records", done.stdout)


@suite.test
def a_connection_that_ends_is_made_anew(bench):
    between, ended = bench.enter(Between(cluster(bench).ports["plaintext"])), []

    def end_once(frame):
        if not ended:
            ended.append(frame)
            raise OSError("ended by the test")
        return framed(frame)
    between.spoil = end_once
    done = run(bench, between, bench.fresh() / "data")
    check_equal((done.returncode, len(ended)), (0, 1), f"exit code and connections ended ({done.stderr})")
