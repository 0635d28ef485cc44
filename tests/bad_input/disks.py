"""Disks that are full or may not be written, in a mount namespace of the test's own that ends with it."""
from batch import batch
from errors import KAFKA_STORAGE_ERROR, NONE
from kafka import create_topic, list_offset, metadata, produce, read_all
from mounts import Mounts
from server import Server, refused
from suite import Suite, check, check_code, check_equal, check_in, eventually

suite = Suite()
DISK_MIB = 20
VALUE = bytes(200_000)


def small_disk(bench, directory, extra=""):
    (directory / "data").mkdir()
    return bench.enter(Mounts(f"mount -t tmpfs -o size={DISK_MIB}m tmpfs {directory}/data {extra}"))


def fill(connection, topic, limit=2000):
    """Values by offset that were acknowledged until the first refusal, and that refusal."""
    kept = {}
    for number in range(limit):
        value = b"%06d" % number + VALUE
        answer = produce(connection, topic, batch([value]))
        if answer["error_code"] != NONE:
            return kept, answer["error_code"]
        kept[answer["base_offset"]] = value
    raise AssertionError("the disk never became full")


@suite.test
def a_full_disk_refuses_writes_keeps_reads_and_loses_nothing(bench):
    directory = bench.fresh()
    disk = small_disk(bench, directory)
    server = bench.enter(Server(bench.binary, directory, dev=True, prefix=disk.prefix))
    with server.connect(timeout=30) as connection:
        for topic in ("full", "other"):
            check_code(create_topic(connection, topic), NONE, "create")
        check_code(produce(connection, "other", batch([b"early"]))["error_code"], NONE, "produce")
        kept, code = fill(connection, "full")
        check_code(code, KAFKA_STORAGE_ERROR, "the first refused record")
        check(len(kept) > 20, f"only {len(kept)} records were taken")
        check_equal(dict(read_all(connection, "full")), kept, "what was acknowledged, while the disk is full")
        check("full" in metadata(connection), "metadata")
        check(server.is_running(), "the server ended")
    server.kill()
    check_equal(disk.run(f"mount -o remount,size={2 * DISK_MIB}m {directory}/data").returncode, 0, "making room")
    with Server(bench.binary, directory, dev=True, prefix=disk.prefix, log_name="second.log") as second, second.connect() as connection:
        check_equal(dict(read_all(connection, "full")), kept, "what was acknowledged, after kill -9 and with room again")
        check_equal(read_all(connection, "other"), [(0, b"early")], "the other topic")
        check_code(produce(connection, "full", batch([b"more"]))["error_code"], NONE, "a write after there is room")


@suite.test
def writes_resume_without_a_restart_when_there_is_room_again(bench):
    directory = bench.fresh()
    disk = small_disk(bench, directory)
    server = bench.enter(Server(bench.binary, directory, dev=True, prefix=disk.prefix))
    with server.connect(timeout=30) as connection:
        check_code(create_topic(connection, "resumes"), NONE, "create")
        kept, _ = fill(connection, "resumes")
        check_equal(disk.run(f"mount -o remount,size={2 * DISK_MIB}m {directory}/data").returncode, 0, "making room")
        eventually(lambda: produce(connection, "resumes", batch([b"more"]))["error_code"] == NONE, 30, "a write after there is room")
        found = read_all(connection, "resumes")
        check_equal(dict(found[:-1]), kept, "what was acknowledged before")
        check_equal(found[-1][1], b"more", "the last record")


@suite.test
def a_disk_that_is_full_at_the_start_is_told(bench):
    directory = bench.fresh()
    disk = small_disk(bench, directory, f"&& mkdir {directory}/data/x && dd if=/dev/zero of={directory}/data/x/filler bs=1M 2>/dev/null || true")
    check_in(str(directory / "data"), refused(Server(bench.binary, directory, listen=["sasl_plaintext"], prefix=disk.prefix)))


@suite.test
def a_read_only_directory_is_refused_with_its_path(bench):
    directory = bench.fresh()
    with Server(bench.binary, directory, dev=True) as server, server.connect() as connection:
        create_topic(connection, "was.there")
        produce(connection, "was.there", batch([b"kept"]))
    data = directory / "data"
    mounts = bench.enter(Mounts(f"mount --bind {data} {data} && mount -o remount,ro,bind {data}"))
    message = refused(Server(bench.binary, directory, dev=True, prefix=mounts.prefix, log_name="second.log"))
    check_in(str(data), message)
    check_in("can't be written", message)
    with Server(bench.binary, directory, dev=True, log_name="third.log") as server, server.connect() as connection:
        check_equal(list_offset(connection, "was.there", -1)["offset"], 1, "the end of the log")
