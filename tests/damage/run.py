"""Rot in a resting segment: what the server, its commands and its clients do about it."""
import json
import pathlib
import shutil
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "wire"))

from batch import batch, batches, records_of  # noqa: E402
from errors import KAFKA_STORAGE_ERROR, NONE  # noqa: E402
from kafka import create_topic, fetch, produce, read_all  # noqa: E402
from server import Server  # noqa: E402
from suite import Skip, Suite, check, check_code, check_equal, check_in, eventually  # noqa: E402

suite = Suite()
VALUES = [f"value-{number}".encode() for number in range(10)]
ROTTEN = 4  # the batch that is hit; every batch holds one record


def flip_last_byte(server, topic, number):
    """In the body of a batch, so that nothing but its CRC tells."""
    path = server.data / "log" / f"{topic}-0" / f"{0:020}.log"
    content = bytearray(path.read_bytes())
    end = sum(len(one.data) for one in batches(bytes(content))[:number + 1])
    content[end - 1] ^= 1
    path.write_bytes(content)


def start_with_rot(bench, **options):
    """A server, freshly started, with one rotten batch that nobody has met yet."""
    directory = bench.fresh()
    first = Server(bench.binary, directory, dev=True)
    with first, first.connect() as connection:
        check_code(create_topic(connection, "orders"), NONE, "create orders")
        check_code(create_topic(connection, "sound"), NONE, "create sound")
        for value in VALUES:
            check_code(produce(connection, "orders", batch([value]))["error_code"], NONE, "produce")
    check_equal(first.process.returncode, 0, "exit code of the clean stop")
    flip_last_byte(first, "orders", ROTTEN)
    return bench.enter(Server(bench.binary, directory, dev=True, **options))


def audited(server, operation):
    rows = json.loads(server.tool("audit", "--output", "json").stdout)["items"]
    return [(row["outcome"], row["resource"], row["detail"]) for row in rows if row["action"] == operation]


@suite.test
def verify_finds_a_flipped_bit_after_a_clean_stop_and_only_then_it_is_known(bench):
    server = start_with_rot(bench)
    connection = bench.enter(server.connect())
    check_equal(json.loads(server.tool("topics", "repair", "orders", "--output", "json").stdout), [], "damage before")
    done = server.tool("topics", "verify", "--output", "json", check=False)
    check_equal(done.returncode, 1, "exit code of a verification that finds damage")
    found = json.loads(done.stdout)
    check_equal([(row["topic"], row["partition"], row["first_offset"], row["last_offset"], row["skipped"]) for row in found],
                [("orders", 0, ROTTEN, ROTTEN, "false")], "damage found")
    check_in("myelin topics repair orders --skip", done.stderr, "what to do next")
    check_code(fetch(connection, "orders", ROTTEN)["error_code"], KAFKA_STORAGE_ERROR, "a fetch of the damaged offset")
    rest = fetch(connection, "orders", ROTTEN + 1)
    check_code(rest["error_code"], NONE, "a fetch behind the damage")
    check_equal([value for _, value in records_of(rest["records"])], VALUES[ROTTEN + 1:], "records behind the damage")
    before = fetch(connection, "orders", 0)
    check_equal([value for _, value in records_of(before["records"])], VALUES[:ROTTEN], "records before the damage")
    check_equal([kind for kind, _, _ in audited(server, "verify")], ["done", "intent"], "audit of the verification")
    doctor = server.tool("doctor", check=False).stdout
    check_in("orders partition 0 offsets 4 to 4", doctor, "doctor")


@suite.test
def verify_of_a_sound_topic_finds_nothing(bench):
    server = start_with_rot(bench)
    done = server.tool("topics", "verify", "sound")
    check_equal((done.returncode, done.stdout), (0, ""), "exit code and findings")
    check_in("1 partitions", done.stderr, "the summary")
    done = server.tool("topics", "verify", "missing", check=False)
    check_equal(done.returncode, 1, "exit code for a topic that is not there")
    check_in("topic missing is not in this server's data directory", done.stderr)


@suite.test
def repair_shows_the_damage_and_with_skip_readers_pass_it_for_good(bench):
    server = start_with_rot(bench)
    connection = bench.enter(server.connect())
    server.tool("topics", "verify", "orders", check=False)
    shown = server.tool("topics", "repair", "orders", "--partition", "0")
    check_in("orders-0/00000000000000000000.log", shown.stdout, "the file")
    check_in("--skip", shown.stderr, "what to do next")
    check_code(fetch(connection, "orders", ROTTEN)["error_code"], KAFKA_STORAGE_ERROR, "showing must not skip")
    wrong = server.tool("topics", "repair", "orders", "--partition", "7", "--skip", check=False)
    check_equal(wrong.returncode, 1, "exit code for a partition that is not there")
    check_in("there is no partition 7", wrong.stderr)

    skipped = json.loads(server.tool("topics", "repair", "orders", "--skip", "--output", "json").stdout)
    check_equal([(row["first_offset"], row["skipped"]) for row in skipped], [(ROTTEN, "true")], "what was skipped")
    rest = VALUES[:ROTTEN] + VALUES[ROTTEN + 1:]
    check_equal([value for _, value in read_all(connection, "orders")], rest, "the whole topic")
    what = "topic orders partition 0 offsets 4 to 4"
    check_equal(audited(server, "skip damage"), [("done", what, ""), ("intent", what, "")], "audit of the repair")
    again = server.tool("topics", "repair", "orders", "--skip", check=False)
    check_equal(again.returncode, 1, "exit code when nothing is left to skip")

    server.kill()
    server.start()
    with server.connect() as later:
        check_equal([value for _, value in read_all(later, "orders")], rest, "the whole topic after kill -9")


@suite.test
def kcat_reads_on_behind_skipped_damage(bench):
    if not shutil.which("kcat"):
        raise Skip("kcat is not installed")
    server = start_with_rot(bench)
    server.tool("topics", "verify", "orders", check=False)
    server.tool("topics", "repair", "orders", "--skip")
    done = subprocess.run(["kcat", "-b", f"127.0.0.1:{server.ports['plaintext']}", "-C", "-t", "orders", "-o", "beginning", "-e", "-q",
                           "-X", "check.crcs=true"], capture_output=True, timeout=60)
    check_equal(done.stdout.split(), VALUES[:ROTTEN] + VALUES[ROTTEN + 1:], "what kcat reads")


@suite.test
def internal_topics_are_verified_and_never_skipped(bench):
    server = start_with_rot(bench)
    check_equal(server.tool("topics", "verify", "__myelin_audit").returncode, 0, "exit code")
    done = server.tool("topics", "repair", "__myelin_audit", "--skip", check=False)
    check_equal(done.returncode, 4, "exit code of a refusal")
    check_in("is internal", done.stderr)


@suite.test
def a_verification_ends_when_its_reader_goes_away(bench):
    server = start_with_rot(bench)
    with server.connect() as connection:
        check_code(create_topic(connection, "large", configs={"myelin.durability": "os"}), NONE, "create large")
        large = batch([bytes(1_000_000)])
        for _ in range(256):  # four seconds at the pace of a verification
            check_code(produce(connection, "large", large)["error_code"], NONE, "produce")
    reader = subprocess.Popen([server.binary, "topics", "verify", "large", "--server", server.http_url], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE)
    eventually(lambda: audited(server, "verify"), what="the intent of the verification")
    busy = server.tool("topics", "verify", "sound", check=False)
    check_equal(busy.returncode, 1, "exit code of a second verification")
    check_in("another verification is under way", busy.stderr)
    reader.kill()
    reader.communicate()
    outcome = ("failed", "topic large", "stopped")
    eventually(lambda: outcome in audited(server, "verify"), seconds=20, what="the outcome")


if __name__ == "__main__":
    suite.main()
