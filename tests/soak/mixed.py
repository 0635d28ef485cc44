"""A mixed load for long: writers, readers, groups, transactions, topics that come and go, connections and questions over HTTP.
Neither memory nor descriptors grow.

MIXED_MINUTES (150) says how long. The first fifth warms up; the slopes are those of the rest.
"""
import itertools
import os
import threading
import time

from batch import batch
from errors import NONE, OFFSET_OUT_OF_RANGE
from kafka import commit, create_topic, delete_topic, fetch, list_offset, metadata, produce, produce_body, producer_id
from server import Server
from suite import Suite, check, check_code

suite = Suite()
MINUTES = float(os.environ.get("MIXED_MINUTES", "150"))
SAMPLE_SECONDS = 5
BYTES_PER_HOUR_MAX = 1 << 20
TOO_SHORT_MINUTES = 30  # below, caches fill yet and an hour's slope says nothing
KEPT = {"retention.bytes": str(8 << 20), "segment.bytes": str(1 << 20), "myelin.durability": "os"}
# Segments pile up until retention looks: at every sample there are as many.
CLEANED_OFTEN = "storage.cleanup_interval_ms=1000"


class Load:
    """Functions that each do one small thing again and again, on a connection of their own."""

    def __init__(self, server):
        self.server, self.over, self.done, self.failure = server, threading.Event(), {}, None

    def keep_doing(self, work, pause):
        def run():
            try:
                with self.server.connect() as connection:
                    for number in itertools.count():
                        if self.over.is_set():
                            return
                        work(connection, number)
                        self.done[work.__name__] = number + 1
                        time.sleep(pause)
            except Exception as failure:  # told to the test, which fails
                self.failure = failure
        return threading.Thread(target=run, daemon=True)

    def write(self, connection, number):
        values = [b"%d/%d" % (number, one) * 20 for one in range(20)]
        check_code(produce(connection, "mixed", batch(values, compressed=number % 3 == 0), partition=number % 4)["error_code"], NONE, "produce")

    def read(self, connection, number):
        end = list_offset(connection, "mixed", -1, partition=number % 4)["offset"]
        code = fetch(connection, "mixed", max(0, end - 200), partition=number % 4)["error_code"]
        check(code in (NONE, OFFSET_OUT_OF_RANGE), f"fetch: {code}")  # retention may have been quicker

    def transact(self, connection, number):
        answer = producer_id(connection, f"transaction-{number % 50}")
        check_code(answer["error_code"], NONE, "InitProducerId")
        who = {"producer_id": answer["producer_id"], "producer_epoch": answer["producer_epoch"]}
        name = {"transactional_id": f"transaction-{number % 50}"}
        opens = {f"v3_and_below_{field}": value for field, value in (name | who).items()}
        records = batch([b"in a transaction"], attributes=0x10, producer_id=who["producer_id"], epoch=who["producer_epoch"], sequence=0)
        connection.request("AddPartitionsToTxn", 1, opens | {"v3_and_below_topics": [{"name": "mixed", "partitions": [0]}]})
        connection.request("Produce", 8, produce_body("mixed", records, transactional_id=name["transactional_id"]))
        connection.request("EndTxn", 1, name | who | {"committed": number % 3 > 0})

    def count(self, connection, number):
        check_code(commit(connection, f"group-{number % 100}", "mixed", number), NONE, "commit")

    def come_and_go(self, connection, number):
        name = f"short-lived-{number % 10}"
        check_code(create_topic(connection, name), NONE, "create")
        produce(connection, name, batch([b"soon gone"]))
        check_code(delete_topic(connection, name), NONE, "delete")

    def knock(self, _, __):
        with self.server.connect() as other:
            metadata(other)

    def ask(self, _, number):
        self.server.http(("/api/v1/usage?group_by=topic&measure=appended_records", "/api/v1/doctor", "/metrics")[number % 3])

    def threads(self):
        return [self.keep_doing(self.write, 0.005), self.keep_doing(self.write, 0.005), self.keep_doing(self.read, 0.01),
                self.keep_doing(self.transact, 0.02), self.keep_doing(self.count, 0.01), self.keep_doing(self.come_and_go, 0.2),
                self.keep_doing(self.knock, 0.05), self.keep_doing(self.ask, 0.5)]


def slope(samples):
    """Least squares over (seconds, value), per hour."""
    count = len(samples)
    mean_time, mean = sum(at for at, _ in samples) / count, sum(value for _, value in samples) / count
    spread = sum((at - mean_time) ** 2 for at, _ in samples)
    return 3600 * sum((at - mean_time) * (value - mean) for at, value in samples) / spread


@suite.test
def memory_and_descriptors_do_not_grow_under_a_mixed_load(bench):
    server = bench.enter(Server(bench.binary, bench.fresh(), dev=True, sets=[CLEANED_OFTEN]))
    with server.connect() as connection:
        check_code(create_topic(connection, "mixed", 4, KEPT), NONE, "create")
    load, began, resident, descriptors = Load(server), time.monotonic(), [], []
    threads = load.threads()
    for thread in threads:
        thread.start()
    told = began
    while time.monotonic() < began + 60 * MINUTES and load.failure is None:
        time.sleep(SAMPLE_SECONDS)
        at = time.monotonic() - began
        resident.append((at, server.resident_bytes()))
        descriptors.append((at, len(os.listdir(f"/proc/{server.process.pid}/fd"))))
        if time.monotonic() > told + 300:
            told = time.monotonic()
            print(f"  {at / 60:.0f} of {MINUTES:.0f} min: {resident[-1][1] / 1e6:.1f} MB, {descriptors[-1][1]} descriptors", flush=True)
    load.over.set()
    for thread in threads:
        thread.join(30)
    if load.failure:
        raise load.failure
    warm = len(resident) // 5
    memory, files = slope(resident[warm:]), slope(descriptors[warm:])
    print(f"  {MINUTES:g} min, {', '.join(f'{name} {count:,}' for name, count in sorted(load.done.items()))}; {resident[warm][1] / 1e6:.1f} to "
          f"{resident[-1][1] / 1e6:.1f} MB, {memory / (1 << 20):+.2f} MiB/h; {descriptors[-1][1]} descriptors, {files:+.1f}/h")
    if MINUTES < TOO_SHORT_MINUTES:
        print(f"  too short for a verdict on slopes: from {TOO_SHORT_MINUTES} minutes on they are judged")
        return
    check(memory < BYTES_PER_HOUR_MAX, f"memory grows by {memory / (1 << 20):.2f} MiB an hour")
    check(abs(files) < 1, f"descriptors grow by {files:.1f} an hour")
