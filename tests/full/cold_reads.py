"""Reading what has left the page cache: as complete as ever, and nobody else waits for it."""
import os
import threading
import time

from batch import batch
from errors import NONE
from kafka import create_topic, fetch, metadata, produce, read_all
from server import Server
from suite import Suite, check, check_code, check_equal

suite = Suite()
PARTITIONS, BATCHES, VALUE_BYTES = 4, 60, 200_000


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


@suite.test
def cold_partitions_are_read_whole_while_others_are_answered(bench):
    directory = bench.fresh()
    with Server(bench.binary, directory, dev=True) as server, server.connect() as connection:
        check_code(create_topic(connection, "cold", PARTITIONS, {"myelin.durability": "os"}), NONE, "create")
        for partition in range(PARTITIONS):
            for number in range(BATCHES):
                check_code(produce(connection, "cold", batch([value_of(partition, number)]), partition=partition)["error_code"], NONE, "produce")
    with Server(bench.binary, directory, dev=True, log_name="second.log") as server:
        check(drop_pages(directory / "data" / "log") > PARTITIONS * BATCHES * VALUE_BYTES, "the log is smaller than what was written")
        found = {}

        def read(partition):
            with server.connect() as reader:
                found[partition] = read_all(reader, "cold", partition)

        readers = [threading.Thread(target=read, args=(partition,)) for partition in range(PARTITIONS)]
        for reader in readers:
            reader.start()
        slowest = 0
        with server.connect() as connection:
            while any(reader.is_alive() for reader in readers):
                begun = time.monotonic()
                check("cold" in metadata(connection), "metadata")
                slowest = max(slowest, time.monotonic() - begun)
        for reader in readers:
            reader.join()
        print(f"  slowest Metadata answer beside it: {slowest * 1e3:.1f} ms")
        for partition in range(PARTITIONS):
            check_equal(found.get(partition) == list(enumerate(value_of(partition, number) for number in range(BATCHES))), True,
                        f"the records of partition {partition}")
        with server.connect() as connection:
            check_code(fetch(connection, "cold", BATCHES)["error_code"], NONE, "a fetch at the end")
