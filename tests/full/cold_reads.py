"""Reading what has left the page cache: as complete as ever, and nobody else waits for it."""
import os
import threading
import time

from batch import batch
from errors import NONE
from kafka import create_topic, fetch, metadata, produce, read_all
from server import Server
from suite import Skip, Suite, check, check_code, check_equal

suite = Suite()
PARTITIONS, BATCHES, VALUE_BYTES = 4, 60, 200_000
ANSWERS_MIN = 10  # to somebody else while the readers read


def value_of(partition, number):
    return f"{partition}/{number}/".encode().ljust(VALUE_BYTES, b".")


def drop_pages(directory):
    """Asks the kernel to forget every file below; returns how many bytes that are."""
    total = 0
    for folder, _, names in os.walk(directory):
        for name in names:
            file = os.open(os.path.join(folder, name), os.O_RDONLY)
            try:
                os.fsync(file)
                total += os.fstat(file).st_size
                os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
            finally:
                os.close(file)
    return total


def bytes_from_disk(process):
    """What the process has made the kernel bring from a disk so far."""
    with open(f"/proc/{process.pid}/io", encoding="ascii") as counters:
        return next(int(line.split()[1]) for line in counters if line.startswith("read_bytes:"))


@suite.test
def cold_partitions_are_read_whole_while_others_are_answered(bench):
    directory = bench.fresh()
    with Server(bench.binary, directory, dev=True) as server, server.connect() as connection:
        check_code(create_topic(connection, "cold", PARTITIONS, {"myelin.durability": "os"}), NONE, "create")
        for partition in range(PARTITIONS):
            for number in range(BATCHES):
                check_code(produce(connection, "cold", batch([value_of(partition, number)]), partition=partition)["error_code"], NONE, "produce")
    with Server(bench.binary, directory, dev=True, log_name="second.log") as server:
        log_bytes = drop_pages(directory / "data" / "log")
        check(log_bytes > PARTITIONS * BATCHES * VALUE_BYTES, "the log is smaller than what was written")
        found, read_before = {}, bytes_from_disk(server.process)

        def read(partition):
            with server.connect() as reader:
                found[partition] = read_all(reader, "cold", partition)

        readers = [threading.Thread(target=read, args=(partition,)) for partition in range(PARTITIONS)]
        started = time.monotonic()
        for reader in readers:
            reader.start()
        slowest, answers = 0, 0
        with server.connect() as connection:
            while any(reader.is_alive() for reader in readers):
                begun = time.monotonic()
                check("cold" in metadata(connection), "metadata")
                slowest, answers = max(slowest, time.monotonic() - begun), answers + 1
        for reader in readers:
            reader.join()
        took, from_disk = time.monotonic() - started, bytes_from_disk(server.process) - read_before
        print(f"  {from_disk / 1e6:.1f} of {log_bytes / 1e6:.1f} MB came from the disk in {took * 1e3:.0f} ms; "
              f"{answers} Metadata answers beside it, the slowest after {slowest * 1e3:.1f} ms")
        for partition in range(PARTITIONS):
            check_equal(found.get(partition) == list(enumerate(value_of(partition, number) for number in range(BATCHES))), True,
                        f"the records of partition {partition}")
        with server.connect() as connection:
            check_code(fetch(connection, "cold", BATCHES)["error_code"], NONE, "a fetch at the end")
        if from_disk < 0.9 * log_bytes:
            raise Skip(f"nothing was cold here: {from_disk} of {log_bytes} bytes of the log came from a disk")
        check(answers >= ANSWERS_MIN, f"only {answers} Metadata answers while the readers read, at least {ANSWERS_MIN} are expected")
