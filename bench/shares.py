"""Where the server's CPU goes: stacks sampled by perf, each counted for the layers of ours that stand in it."""
import collections
import re
import shutil
import subprocess

import process
import steps

# A sample belongs to a group when any frame of its stack does.
GROUPS = {
    "meter_and_trace": re.compile(r"myelin::(governance::Measurement|governance::Path::meter_and_trace|usage|lineage)::?"),
    "provenance": re.compile(r"myelin::storage::(ProvenanceJournal|provenance)::"),
}
# For the answer to "where does the time go": the first of these that stands in the stack, from the inside out.
PLACES = [
    ("provenance journal", GROUPS["provenance"]),
    ("metering and tracing", GROUPS["meter_and_trace"]),
    ("storage: append to the log", re.compile(r"myelin::storage::.*(append|pwrite|write_)")),
    ("storage: other", re.compile(r"myelin::storage::")),
    ("engine: check batches (CRC)", re.compile(r"check_produced|crc32c|crc32_iscsi")),
    ("engine: other", re.compile(r"myelin::engine::")),
    ("governance: decide and forward", re.compile(r"myelin::governance::")),
    ("gate and kafka: decode, order, encode", re.compile(r"myelin::(gate|kafka)::")),
    ("net: receive", re.compile(r"tcp_recvmsg|sock_recvmsg|recvmsg|__recv")),
    ("net: send", re.compile(r"tcp_sendmsg|sendfile|splice|sendmsg|__send")),
    ("net: wait for events", re.compile(r"epoll")),
    ("net: other", re.compile(r"myelin::net::|boost::asio")),
]
FREQUENCY_HZ = 997


def samples(data):
    """The stacks of a recording: lists of symbols, innermost first."""
    listed = subprocess.run(["perf", "script", "--no-inline", "-F", "ip,sym", "-i", data], capture_output=True, text=True, check=True)
    for block in listed.stdout.split("\n\n"):
        stack = [line.strip().split(" ", 1)[1] for line in block.splitlines() if " " in line.strip()]
        if stack:
            yield stack


def place_of(stack):
    text = "\n".join(stack)
    for name, pattern in PLACES:
        if pattern.search(text):
            return name
    return "other"


def summed(data):
    total, groups, places, symbols = 0, collections.Counter(), collections.Counter(), collections.Counter()
    for stack in samples(data):
        total += 1
        places[place_of(stack)] += 1
        symbols[stack[0]] += 1
        for name, pattern in GROUPS.items():
            groups[name] += any(pattern.search(frame) for frame in stack)
        groups["any"] += any(pattern.search(frame) for frame in stack for pattern in GROUPS.values())
    if total == 0:
        return None
    part = lambda counter, most: {name: round(100 * count / total, 2) for name, count in counter.most_common(most)}  # noqa: E731
    return {"samples": total, "groups_percent": {name: round(100 * groups[name] / total, 2) for name in [*GROUPS, "any"]},
            "places_percent": part(places, 12), "symbols_percent": part(symbols, 12)}


def sampled(lab, pid, load):
    """perf on the server while one load runs: what the load printed, and the shares."""
    data = str(lab.scratch / "perf.data")
    done = subprocess.run(["perf", "record", "-q", "-F", str(FREQUENCY_HZ), "-g", "-p", str(pid), "-o", data, "--", *load],
                          capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise OSError(done.stderr.strip().splitlines()[-1] if done.stderr.strip() else "perf record failed")
    return done.stdout, summed(data)


def recorded(lab, running, topic, command, **options):
    return sampled(lab, running.pid, lab.load_command(command, **topic.where, partitions=topic.partitions, **options))[1]


def measure(lab):
    """Shares by workload, or why they could not be measured."""
    if not shutil.which("perf"):
        return {"missing": "perf is not installed (Debian: linux-perf)"}
    shares = {}
    try:
        with process.Server(lab.binary, lab.scratch) as running, steps.Topic(lab, running) as topic:
            megabytes = lab.sizes["profile_mb"]
            shares["produce, 256 × 1 KB"] = recorded(lab, running, topic, "produce", megabytes=megabytes, batch=steps.LARGE)
            records = megabytes * 1000 // steps.LARGE // 2 * 2 * steps.LARGE
            shares["fetch, catch-up"] = recorded(lab, running, topic, "fetch", records=records)
            shares["produce, 4 × 1 KB"] = recorded(lab, running, topic, "produce", megabytes=lab.sizes["small_mb"], batch=steps.SMALL)
    except (OSError, subprocess.CalledProcessError) as problem:
        return {"missing": f"perf could not sample the server: {problem}"}
    if not all(shares.values()):
        return {"missing": "perf recorded no samples"}
    return shares
