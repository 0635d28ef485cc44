"""Medians, targets, and the table that is printed."""
import statistics

LOADED_NOTE = "1,000 partitions, written and read by 20 connections"


def at(figures, path):
    for part in path.split("."):
        figures = figures[part]
    return figures


class Rounds:
    """Median over the rounds of a figure, or of anything computed within each round."""

    def __init__(self, rounds):
        self.rounds = rounds

    def median(self, of):
        compute = of if callable(of) else (lambda figures: at(figures, of))
        return statistics.median(compute(figures) for figures in self.rounds)


def crc_s_gb(figures):
    return 1 / at(figures, "floors.crc32c_memory_gbs")


def produce_floor(figures):
    return at(figures, "floors.tcp_receive_s_gb") + crc_s_gb(figures) + at(figures, "floors.append_s_gb")


def ack_os_target(figures):
    return 3 * at(figures, "beside_ping_us.p50")


def ack_synced_target(figures):
    return ack_os_target(figures) + 2 * at(figures, "beside_fdatasync_us.p50")


FLOORS = [
    ("memcpy", "floors.memcpy_gbs", "GB/s"),
    ("CRC-32C, from memory", "floors.crc32c_memory_gbs", "GB/s"),
    ("CRC-32C, in cache", "floors.crc32c_cache_gbs", "GB/s"),
    ("AES-256-GCM, 16 KiB records", "floors.aes_256_gcm_gbs", "GB/s"),
    ("TCP on loopback: send", "floors.tcp_send_s_gb", "CPU-s/GB"),
    ("TCP on loopback: receive", "floors.tcp_receive_s_gb", "CPU-s/GB"),
    ("append to a fresh file, page cache", "floors.append_s_gb", "CPU-s/GB"),
    ("overwrite in page cache", "floors.overwrite_s_gb", "CPU-s/GB"),
    ("sendfile to loopback", "floors.sendfile_s_gb", "CPU-s/GB"),
    ("sendfile to loopback, 3 MiB on request", "floors.sendfile_answers_s_gb", "CPU-s/GB"),
    ("pread 64 KiB + write to loopback", "floors.pread_write_s_gb", "CPU-s/GB"),
    ("append 4 KiB + fdatasync at 200/s, p50", "beside_fdatasync_us.p50", "µs"),
    ("append 4 KiB + fdatasync at 200/s, p99", "beside_fdatasync_us.p99", "µs"),
    ("the same back to back, p50", "beside_fdatasync_busy_us.p50", "µs"),
    ("the same back to back, p99", "beside_fdatasync_busy_us.p99", "µs"),
    ("ping-pong at 1,000/s, p50", "beside_ping_us.p50", "µs"),
    ("ping-pong at 1,000/s, p99", "beside_ping_us.p99", "µs"),
    ("ping-pong back to back, p50", "floors.ping_busy_us.p50", "µs"),
    ("ping-pong back to back, p99", "floors.ping_busy_us.p99", "µs"),
]

# name, figure, unit, at most (a number, or computed within each round), what that is
FIGURES = [
    ("start to the first Metadata answer", "start_ms", "ms", 50, ""),
    ("memory when idle", "rss_idle_mb", "MB", 40, ""),
    ("memory loaded", "rss_loaded_mb", "MB", 200, LOADED_NOTE),
    ("first GB after start / tenth", "first_to_tenth", "×", 1.1, ""),
    ("produce 1 KB × 256, os", "produce_1k_s_gb", "CPU-s/GB", lambda f: 1.3 * produce_floor(f), "1.3 × (receive + CRC + append)"),
    ("", "produce_1k_s_million", "CPU-s/M records", None, ""),
    ("produce 1 KB × 256, lz4", "produce_1k_lz4_s_gb", "CPU-s/GB", None, ""),
    ("", "produce_1k_lz4_s_million", "CPU-s/M records", None, ""),
    ("produce 100 B × 2,500", "produce_100b_s_gb", "CPU-s/GB", None, ""),
    ("", "produce_100b_s_million", "CPU-s/M records", None, ""),
    ("produce 100 B × 2,500, lz4", "produce_100b_lz4_s_gb", "CPU-s/GB", None, ""),
    ("", "produce_100b_lz4_s_million", "CPU-s/M records", None, ""),
    ("fetch 1 KB at the tail, 200 MB/s", "tail_1k_s_gb", "CPU-s/GB", None, ""),
    ("fetch 1 KB catching up, 1 reader", "fetch_1k_s_gb", "CPU-s/GB", lambda f: 1.6 * at(f, "floors.sendfile_s_gb"), "1.6 × sendfile"),
    ("", "fetch_1k_s_million", "CPU-s/M records", None, ""),
    ("fetch 1 KB catching up, 3 readers", "fetch_1k_x3_s_gb", "CPU-s/GB", lambda f: 1.6 * at(f, "floors.sendfile_s_gb"), "1.6 × sendfile"),
    ("fetch 1 KB lz4 catching up", "fetch_1k_lz4_s_gb", "CPU-s/GB", None, ""),
    ("fetch 100 B catching up", "fetch_100b_s_gb", "CPU-s/GB", None, ""),
    ("", "fetch_100b_s_million", "CPU-s/M records", None, ""),
    ("fetch 100 B lz4 catching up", "fetch_100b_lz4_s_gb", "CPU-s/GB", None, ""),
    ("produce request of 4 × 1 KB", "small_request_us", "µs CPU", 12, ""),
    ("of it the governance path, in process", "path_request_us", "µs CPU", None, ""),
    ("ack at 1,000/s, os, p50", "ack_os_us.p50", "µs", ack_os_target, "3 × ping-pong p50"),
    ("ack at 1,000/s, os, p99", "ack_os_us.p99", "µs", None, ""),
    ("ack at 200/s, synced, p50", "ack_synced_us.p50", "µs", ack_synced_target, "that + 2 × fdatasync p50"),
    ("ack at 200/s, synced, p99", "ack_synced_us.p99", "µs", None, ""),
]
SHARE_MAX_PERCENT = 5


def shown(value):
    return f"{value:,.0f}" if value >= 1000 else f"{value:.1f}" if value >= 10 else f"{value:.3f}" if value < 1 else f"{value:.2f}"


def judged(rounds):
    """The figures with their targets; the verdict is the median of each round's own ratio, since machines drift."""
    lines = []
    for name, path, unit, most, what in FIGURES:
        line = {"figure": name or f"{lines[-1]['figure']}", "key": path, "unit": unit, "median": rounds.median(path)}
        if most is not None:
            limit = most if callable(most) else (lambda _, number=most: number)
            line |= {"at_most": rounds.median(limit), "what": what,
                     "ratio": rounds.median(lambda figures, p=path, m=limit: at(figures, p) / m(figures))}
            line["met"] = line["ratio"] <= 1
        lines.append(line)
    return lines


def print_table(rounds, lines, shares):
    print(f"\nThis machine, median of {len(rounds.rounds)}")
    for name, path, unit in FLOORS:
        print(f"  {name:<38} {shown(rounds.median(path)):>9} {unit}")
    print(f"\n{'Myelin, median of ' + str(len(rounds.rounds)):<40} {'measured':>9} {'':<15} {'at most':>9}")
    previous = None
    for line in lines:
        target = ""
        if "at_most" in line:
            target = f"{shown(line['at_most']):>9}  {'reached' if line['met'] else 'MISSED'} ({line['ratio']:.2f} of it)  {line['what']}"
        name = "" if line["figure"] == previous else line["figure"]
        previous = line["figure"]
        print(f"  {name:<38} {shown(line['median']):>9} {line['unit']:<15} {target}".rstrip())
    print_shares(shares)


def print_shares(shares):
    print(f"\nMetering, tracing and provenance in the broker's CPU (at most {SHARE_MAX_PERCENT} % together)")
    if "missing" in shares:
        print(f"  not measured: {shares['missing']}")
        return
    for workload, share in shares.items():
        groups = share["groups_percent"]
        verdict = "reached" if groups["any"] <= SHARE_MAX_PERCENT else "MISSED"
        print(f"  {workload:<38} {groups['any']:>8.1f} %  {verdict}: metering and tracing {groups['meter_and_trace']:.1f} %, "
              f"provenance {groups['provenance']:.1f} %; {share['samples']} samples")
    for workload, share in shares.items():
        print(f"\nWhere the CPU goes: {workload}")
        for name, percent in share["places_percent"].items():
            print(f"  {percent:>6.1f} %  {name}")


def missed(lines, shares):
    names = [line["figure"] for line in lines if not line.get("met", True)]
    if "missing" not in shares:
        names += [f"share of metering, tracing and provenance: {workload}" for workload, share in shares.items()
                  if share["groups_percent"]["any"] > SHARE_MAX_PERCENT]
    return names
