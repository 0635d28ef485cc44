"""What is done to the server, and what each step says: one function a step, each answers figures by name."""
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

import process

PARTITIONS = 6
LARGE, HUNDRED_BYTES, SMALL = 256, 2500, 4  # records in a batch
TAIL_MB_PER_S = 200
STARTS = 3
LOADED_PARTITIONS = 1000
PAGE = 4096
PART_MB = 1000  # of the first and the tenth GB
TOUCHED_BYTES_MAX = 32 << 30
STEP_TIMEOUT_S = 300


class Failed(Exception):
    """A step that did not come to its end has no figure."""


class Lab:
    """The measuring programs, their sizes, and where they may write."""

    def __init__(self, programs, binary, scratch, sizes):
        self.floors_program = str(programs / "bench_floors")
        self.load_program = str(programs / "bench_load")
        self.path_program = str(programs / "bench_path")
        self.programs, self.binary, self.scratch, self.sizes = programs, binary, scratch, sizes
        self.topics = 0

    def floors(self, *only):
        seconds = self.sizes["ping_s"]
        return self.json([self.floors_program, str(self.scratch), str(self.sizes["step_mb"]), str(seconds), *only])

    def load_command(self, command, *arguments, **options):
        words = [self.load_program, command]
        for name, value in options.items():
            words += ["--" + name.replace("_", "-"), str(value)]
        return words + list(arguments)

    def load(self, command, *arguments, **options):
        return self.json(self.load_command(command, *arguments, **options))

    def json(self, words):
        try:
            done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=STEP_TIMEOUT_S)
        except subprocess.TimeoutExpired as late:
            raise Failed(f"{' '.join(words)}: not done within {STEP_TIMEOUT_S} s") from late
        if done.returncode != 0:
            raise Failed(f"{' '.join(words)}: {done.stderr.strip() or f'exit code {done.returncode}'}")
        return json.loads(done.stdout)


class Topic:
    """A context: a topic of its own for one step, deleted at the end so that its pages are free again."""

    def __init__(self, lab, running, durability="os", partitions=PARTITIONS, address=None):
        """`durability` is os or synced; each server says which setting of a topic that is."""
        lab.topics += 1
        self.lab, self.running, self.partitions = lab, running, partitions
        self.where = {"address": address or running.address, "topic": f"bench-{lab.topics}"}
        lab.load("create", **self.where, partitions=partitions, config=running.durability[durability])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.lab.load("delete", **self.where)

    def run(self, command, **options):
        """One load; its figures and the CPU seconds the server spent on it."""
        return self.lab.load(command, **self.where | {"partitions": self.partitions, "broker_pid": self.running.pid} | options)


def costs(name, done, payload_bytes=None):
    """Per GB of payload (1e9 bytes, keys and framing not counted) and per million records."""
    return {f"{name}_s_gb": done["cpu_s"] / (payload_bytes or done["bytes"]) * 1e9,
            f"{name}_s_million": done["cpu_s"] / done["records"] * 1e6,
            f"{name}_mb_s": (payload_bytes or done["bytes"]) / done["wall_s"] / 1e6}


def start(lab):
    figures = []
    for _ in range(STARTS):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="start-", dir=lab.scratch))
        figures.append(lab.load("start", "--", *process.command(lab.binary, folder / "data"))["start_ms"])
        shutil.rmtree(folder)
    return {"start_ms": sorted(figures)[STARTS // 2]}


def idle(running):
    time.sleep(1)
    return {"rss_idle_mb": running.rss_mb()}


def first_and_tenth(lab, running):
    """Ten equal parts right after the start, each into a topic of its own. Each finds pages of the page cache that were just
    given back, by the topic before it or, for the first, by a file of the same size."""
    scratch, chunk = lab.scratch / "before-first.scratch", bytes(1_000_000)
    with open(scratch, "wb", buffering=0) as file:
        for _ in range(PART_MB):
            file.write(chunk)
    scratch.unlink()
    parts = []
    for _ in range(10):
        with Topic(lab, running) as topic:
            done = topic.run("produce", megabytes=PART_MB, batch=LARGE)
            parts.append(done["cpu_s"] / done["bytes"] * 1e9)
    return {"first_gb_s": parts[0], "tenth_gb_s": parts[9], "first_to_tenth": parts[0] / parts[9]}


def throughput(lab, running, name, *, address=None, megabytes=None, readers=(1,), **shape):
    """Produce as fast as answers come, then read it all, with each of these numbers of readers."""
    figures = {}
    with Topic(lab, running, address=address) as topic:
        written = topic.run("produce", megabytes=megabytes or lab.sizes["step_mb"], **shape)
        figures |= costs(f"produce_{name}", written)
        for number in readers:
            read = topic.run("fetch", records=written["records"], readers=number)
            figures |= costs(f"fetch_{name}" + (f"_x{number}" if number > 1 else ""), read, number * written["bytes"])
    return figures


def tail(lab, running, megabytes=None):
    """A paced producer alone, then with a reader at the log's end: the difference is the reader's."""
    pace = {"megabytes": megabytes or lab.sizes["step_mb"], "batch": LARGE, "megabytes_per_s": TAIL_MB_PER_S}
    with Topic(lab, running) as topic:
        alone = topic.run("produce", **pace)
    with Topic(lab, running) as topic:
        words = lab.load_command("fetch", **topic.where, partitions=PARTITIONS, records=alone["records"])
        before = running.cpu_s()
        with subprocess.Popen(words, stdout=subprocess.DEVNULL) as reader:
            both = topic.run("produce", **pace)
            if reader.wait() != 0:
                raise Failed("the tail reader failed")
        both["cpu_s"] = running.cpu_s() - before
    both["cpu_s"] -= alone["cpu_s"]
    return costs("tail_1k", both)


def small_requests(lab, running):
    with Topic(lab, running) as topic:
        done = topic.run("produce", megabytes=lab.sizes["small_mb"], batch=SMALL)
        return {"small_request_us": done["cpu_s"] / done["requests"] * 1e6, "small_requests_per_s": done["requests"] / done["wall_s"]}


def latencies(lab, running):
    """Ping-pong and fdatasync right beside, on the same minute's machine."""
    floors = lab.floors("ping")
    figures = {f"beside_{name}": floors[name] for name in ("ping_us", "fdatasync_us", "fdatasync_busy_us")}
    for level, rate in (("os", 1000), ("synced", 200)):
        with Topic(lab, running, durability=level, partitions=1) as topic:
            figures[f"ack_{level}_us"] = topic.run("latency", rate=rate, seconds=lab.sizes["latency_s"])["ack_us"]
    return figures


def loaded(lab):
    """Memory with many partitions that were written and read by many connections."""
    with process.Server(lab.binary, lab.scratch) as running, Topic(lab, running, partitions=LOADED_PARTITIONS) as topic:
        written = topic.run("produce", megabytes=lab.sizes["loaded_mb"], batch=16, connections=20)
        topic.run("fetch", records=written["records"], connections=20)
        return {"rss_loaded_mb": running.rss_mb()}


def governance_path(lab):
    """The path around an engine that does nothing, in one process, without sockets and disk."""
    done = lab.json([lab.path_program, str(lab.sizes["path_requests"])])
    return {"path_request_us": done["through_path_us"] - done["direct_us"]}


def available_bytes():
    """Of the machine, or of the container where that is less."""
    available = int(re.search(r"^MemAvailable: +(\d+) kB$", pathlib.Path("/proc/meminfo").read_text(), re.MULTILINE).group(1)) * 1024
    group = pathlib.Path("/sys/fs/cgroup")
    try:
        return min(available, int((group / "memory.max").read_text()) - int((group / "memory.current").read_text()))
    except (OSError, ValueError):  # no container, or one without a limit
        return available


def touch_memory():
    """Memory that a virtual machine has never used, or has given back to its host since, costs its next user up to ten times a
    page that is there, whoever that is."""
    size = min(int(0.9 * available_bytes()), TOUCHED_BYTES_MAX) // PAGE * PAGE
    program = f"import mmap; memory = mmap.mmap(-1, {size}, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS); memory[::{PAGE}] = bytes(1) * ({size} // {PAGE})"
    subprocess.run([sys.executable, "-c", program], check=True)


def one_round(lab, say):
    """Everything once. The floors come first and again beside the latencies."""
    touch_memory()
    say("floors")
    figures = {"floors": lab.floors()}
    say("start, memory")
    figures |= start(lab)
    figures |= loaded(lab)
    with process.Server(lab.binary, lab.scratch) as running:
        figures |= idle(running)
        touch_memory()
        say("first and tenth GB")
        figures |= first_and_tenth(lab, running)
        touch_memory()
        say("produce and fetch")
        figures |= throughput(lab, running, "1k", readers=(1, 3), batch=LARGE)
        figures |= throughput(lab, running, "1k_lz4", batch=LARGE, compression="lz4")
        figures |= throughput(lab, running, "100b", batch=HUNDRED_BYTES, record_bytes=100)
        figures |= throughput(lab, running, "100b_lz4", batch=HUNDRED_BYTES, record_bytes=100, compression="lz4")
        say("tail")
        figures |= tail(lab, running)
        say("small requests, latencies")
        figures |= small_requests(lab, running)
        figures |= governance_path(lab)
        figures |= latencies(lab, running)
    return figures
