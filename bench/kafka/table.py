"""Which figures are compared, what is to be reached in each, and what the samples of a run say about it."""
import contextlib
import statistics
from dataclasses import dataclass
from typing import Callable, Optional


class Pair:
    """One turn of both brokers: their figures and the machine's floors of the same minutes."""

    def __init__(self, kafka, myelin, floors):
        self.kafka, self.myelin, self.floors = kafka, myelin, floors


@dataclass(frozen=True)
class Line:
    group: str
    name: str
    step: str
    figure: str
    unit: str
    goal: str
    bound: Callable[[Pair], float]  # in the figure's unit, computed within each pair
    floor: Optional[Callable[[dict], float]] = None
    is_more_better: bool = False


@dataclass(frozen=True)
class Judged:
    """Medians over the pairs that have the figure; `share` is of what was to be reached, at most 1 when it was."""
    line: Line
    pairs: int
    kafka: Optional[float] = None
    myelin: Optional[float] = None
    ratio: Optional[float] = None
    share: Optional[float] = None
    floor: Optional[float] = None
    why_missing: str = ""

    @property
    def is_reached(self):
        return self.share is not None and self.share <= 1

    @property
    def verdict(self):
        return "not measured" if self.share is None else "reached" if self.is_reached else "MISSED"


def crc(floors):
    return 1 / floors["crc32c_memory_gbs"]


def produce_floor(floors):
    return floors["tcp_receive_s_gb"] + crc(floors) + floors["append_s_gb"]


def sendfile_floor(floors):
    return floors["sendfile_s_gb"]


def cipher_floor(floors):
    return 1 / floors["aes_256_gcm_gbs"]


def quantile_floor(name, quantile="p50"):
    return lambda floors: floors[name][quantile]


def synced_floor(floors):
    return floors["ping_us"]["p50"] + floors["fdatasync_busy_us"]["p50"]


def lines_of(group, step, unit, goal, factor, figures, floor=None, is_more_better=False):
    """Lines whose goal is the same multiple of Kafka's own figure. `figures` are (name, figure)."""
    return [Line(group, name, step, figure, unit, goal, lambda pair, key=figure: factor * pair.kafka[key], floor, is_more_better)
            for name, figure in figures]


def fetch_lines(figures):
    def bound(key):
        return lambda pair: max(0.8 * pair.kafka[key], 1.3 * sendfile_floor(pair.floors))
    return [Line("Large batches", name, step, figure, "CPU-s/GB", "≤ 0.8 × or 1.3 × sendfile", bound(figure), sendfile_floor)
            for name, step, figure in figures]


LINES = [
    *lines_of("Large batches", "produce", "CPU-s/GB", "≤ 0.5 ×", 0.5, [("produce 1 KB × 256, `os`", "produce_1k_s_gb")], produce_floor),
    *fetch_lines([("fetch, catching up, 1 reader", "produce", "fetch_1k_s_gb"), ("fetch, catching up, 3 readers", "produce", "fetch_1k_x3_s_gb"),
                  ("fetch at the tail, 200 MB/s", "tail", "tail_1k_s_gb")]),
    *lines_of("Large batches", "records100", "CPU-s/GB", "≤ 0.6 ×", 0.6, [("produce 100 B × 2,500", "produce_100b_s_gb")], produce_floor),
    *lines_of("Large batches", "codecs", "CPU-s/GB", "≤ 0.5 ×", 0.5,
              [(f"produce 1 KB × 256, {codec}", f"produce_{codec}_s_gb") for codec in ("lz4", "zstd", "gzip", "snappy")]),
    *lines_of("TLS 1.3 with SCRAM", "tls", "CPU-s/GB", "≤ 0.5 ×", 0.5, [("produce 1 KB × 256", "produce_tls_s_gb")],
              lambda floors: produce_floor(floors) + cipher_floor(floors)),
    *lines_of("TLS 1.3 with SCRAM", "tls", "CPU-s/GB", "≤ 0.9 ×", 0.9,
              [("fetch, catching up, 1 reader", "fetch_tls_s_gb"), ("fetch, catching up, 3 readers", "fetch_tls_x3_s_gb")],
              lambda floors: floors["pread_write_s_gb"] + cipher_floor(floors)),
    *lines_of("TLS 1.3 with SCRAM", "tls", "µs CPU", "≤ 1/8 ×", 1 / 8, [("a login", "login_us")]),
    Line("TLS 1.3 with SCRAM", "ack p50, added by TLS", "tls", "tls_added_ack_us", "µs", "≤ 10 µs", lambda pair: 10.0),
    *lines_of("Small requests", "small", "µs CPU", "≤ 1/4 ×", 1 / 4,
              [("produce of 4 × 1 KB", "produce_4_us"), ("empty long poll", "poll_us"), ("offset commit", "commit_us"), ("heartbeat", "heartbeat_us"),
               ("metadata", "metadata_us")]),
    *lines_of("Small requests", "small", "µs CPU", "≤ 1/4 ×", 1 / 4, [("offset commit, Kafka syncing as well", "commit_synced_us")]),
    *lines_of("Small requests", "transactions", "µs CPU", "≤ 1/3 ×", 1 / 3,
              [("transaction of 1,000 × 100 B", "transaction_us"), ("transaction, Kafka syncing as well", "transaction_synced_us")]),
    *lines_of("Small requests", "groups", "µs CPU", "≤ 1/3 ×", 1 / 3,
              [("a commit, of 500 groups each second", "group_commit_us"), ("the same of 500 groups, Kafka syncing as well", "group_commit_synced_us")]),
    *lines_of("Small requests", "connections", "% of a core", "≤ 1/3 ×", 1 / 3,
              [("1,000 connections that wait for records", "idle_connections_cpu_percent")]),
    *lines_of("Latency", "ack", "µs", "≤ 0.35 ×", 0.35, [("ack p50 at 1,000/s, `os`", "ack_us")], quantile_floor("ping_us")),
    *lines_of("Latency", "latency", "µs", "≤ 1/2 ×", 1 / 2, [("ack p99 at 1,000/s", "calm_ack_p99_us"), ("end to end p99 at 1,000/s", "calm_end_to_end_p99_us"),
                                                             ("ack p99 at half of Kafka's saturation", "half_ack_p99_us"),
                                                             ("end to end p99 at half of Kafka's saturation", "half_end_to_end_p99_us")],
              quantile_floor("ping_us", "p99")),
    *lines_of("fsync before every ack", "synced", "µs", "≤ 0.4 ×", 0.4, [("ack p50, 1 producer", "synced_1_us"), ("ack p50, 64 producers", "synced_64_us")],
              synced_floor),
    *lines_of("fsync before every ack", "synced", "records/s", "≥ 5 ×", 5, [("records, 64 producers", "synced_64_per_s")], is_more_better=True),
    *lines_of("Start and memory", "fresh", "ms", "≤ 1/40 ×", 1 / 40, [("start to the first Metadata answer", "start_ms")]),
    *lines_of("Start and memory", "fresh", "CPU-s/GB", "≤ 0.25 ×", 0.25, [("first GB after the start", "first_gb_s")], produce_floor),
    Line("Start and memory", "first GB against the own third", "fresh", "first_gb_s", "CPU-s/GB", "≤ 1.1 × own third",
         lambda pair: 1.1 * pair.myelin["third_gb_s"], produce_floor),
    *lines_of("Start and memory", "fresh", "MB", "≤ 1/9 ×", 1 / 9, [("memory when idle", "rss_idle_mb")]),
    *lines_of("Start and memory", "fresh", "MB", "≤ 1/5 ×", 1 / 5, [("memory with 1,000 partitions in use", "rss_1000_partitions_mb")]),
    *lines_of("Start and memory", "growth", "MB", "≤ 1/5 ×", 1 / 5, [("memory with 10,000 partitions in use", "rss_10000_partitions_grown_mb")]),
]
CURVES = [  # title, x axis, (value, figure)
    ("produce, by partitions", "partitions", [(count, f"produce_{count}_partitions_s_gb") for count in (10, 100, 1000, 10_000)]),
    ("fetch, by partitions", "partitions", [(count, f"fetch_{count}_partitions_s_gb") for count in (10, 100, 1000, 10_000)]),
    ("produce, by connections", "connections", [(count, f"produce_{count}_connections_s_gb") for count in (1, 10, 1000)]),
]
FLAT_WITHIN = 1.5
FLOORS = [
    ("memcpy", lambda floors: floors["memcpy_gbs"], "GB/s"), ("CRC-32C, from memory", lambda floors: floors["crc32c_memory_gbs"], "GB/s"),
    ("AES-256-GCM, 16 KiB records (OpenSSL)", lambda floors: floors["aes_256_gcm_gbs"], "GB/s"),
    ("send to loopback", lambda floors: floors["tcp_send_s_gb"], "CPU-s/GB"), ("receive from loopback", lambda floors: floors["tcp_receive_s_gb"], "CPU-s/GB"),
    ("append to a fresh file", lambda floors: floors["append_s_gb"], "CPU-s/GB"), ("overwrite in the page cache", lambda floors: floors["overwrite_s_gb"], "CPU-s/GB"),
    ("sendfile to loopback", sendfile_floor, "CPU-s/GB"), ("pread 64 KiB + write to loopback", lambda floors: floors["pread_write_s_gb"], "CPU-s/GB"),
    ("ping-pong at 1,000/s, p50", quantile_floor("ping_us"), "µs"), ("ping-pong at 1,000/s, p99", quantile_floor("ping_us", "p99"), "µs"),
    ("fdatasync of 4 KiB back to back, p50", quantile_floor("fdatasync_busy_us"), "µs"),
    ("fdatasync of 4 KiB back to back, p99", quantile_floor("fdatasync_busy_us", "p99"), "µs"),
]


class Samples:
    """All samples of one or more runs, as dictionaries: run, pair, broker (kafka, myelin or machine), step, and figures or an error."""

    def __init__(self, entries):
        self.runs = {entry["run"]: entry for entry in entries if entry["kind"] == "run"}
        self.samples = [entry for entry in entries if entry["kind"] == "sample"]
        self.profiles = [entry for entry in entries if entry["kind"] == "profile"]
        self.by_place = {(entry["run"], entry["pair"], entry["broker"], entry["step"]): entry for entry in self.samples}

    def pairs(self, step):
        """Those in which both brokers and the machine were measured, or a part of it was."""
        found = []
        for run, pair in sorted({(entry["run"], entry["pair"]) for entry in self.samples if entry["step"] == step}):
            parts = [self.by_place.get((run, pair, *place), {}).get("figures") for place in (("kafka", step), ("myelin", step), ("machine", "floors"))]
            if None not in parts:
                found.append(Pair(*parts))
        return found

    def errors(self):
        return [entry for entry in self.samples if "error" in entry]

    def floor(self, of):
        found = [of(entry["figures"]) for entry in self.samples if entry["step"] == "floors" and "error" not in entry]
        return statistics.median(found) if found else None


def judged(line, samples):
    rows = []
    for pair in samples.pairs(line.step):
        with contextlib.suppress(KeyError, ZeroDivisionError):  # a figure that one of the two lacks, or of nothing
            kafka, myelin, bound = pair.kafka[line.figure], pair.myelin[line.figure], line.bound(pair)
            rows.append((kafka, myelin, myelin / kafka, bound / myelin if line.is_more_better else myelin / bound, line.floor(pair.floors) if line.floor else 0))
    if not rows:
        return Judged(line, 0, why_missing="; ".join(sorted({entry["error"] for entry in samples.errors() if entry["step"] == line.step})))
    kafka, myelin, ratio, share, floor = (statistics.median(column) for column in zip(*rows))
    return Judged(line, len(rows), kafka, myelin, ratio, share, floor if line.floor else None)


def missed_steps(samples):
    return {line.step for line in LINES if judged(line, samples).verdict == "MISSED"}


def curve(points, samples):
    """((value, Kafka, Myelin), ...); empty when it was not measured."""
    pairs = [pair for pair in samples.pairs("growth") if all(figure in part for part in (pair.kafka, pair.myelin) for _, figure in points)]
    return [(value, *(statistics.median(getattr(pair, broker)[figure] for pair in pairs) for broker in ("kafka", "myelin")))
            for value, figure in points] if pairs else []


def growth_of(found):
    """Of both, how many times the first value the dearest costs, and whether Myelin's stays flat."""
    kafka, myelin = (max(point[at] for point in found) / found[0][at] for at in (1, 2))
    return kafka, myelin, "reached" if myelin <= FLAT_WITHIN else "MISSED"


def shown(value):
    if value is None:
        return "–"
    size = abs(value)
    return f"{value:,.0f}" if size >= 100 else f"{value:.1f}" if size >= 10 else f"{value:.2f}" if size >= 1 else f"{value:.3f}"
