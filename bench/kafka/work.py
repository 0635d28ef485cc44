"""What is done to both brokers, one function a step; each yields figures by name as it has them, so that what fails later takes none
of them along. All but `fresh` and `growth` use a broker that has run for a while."""
import time

import steps
from steps import HUNDRED_BYTES, LARGE, SMALL, Failed, Topic

CODECS = ("lz4", "zstd", "gzip", "snappy")
ACK_RATE = 1000  # a second
SINGLE_RECORD = {"batch": 1, "connections": 2}  # what half of Kafka's saturation is half of
GROWTH_BATCH = 16
PARTITION_COUNTS = (10, 100, 1000, 10_000)
CONNECTION_COUNTS = (1, 10, 1000)
GROUPS, IDLE_CONNECTIONS, SYNCED_PRODUCERS = 500, 1000, 64
SETTLE_S = 3
SYNCED_PART = 4  # so many times less work where each request waits for the disk


def per(done, what):
    """Microseconds of the broker's CPU for each."""
    return done["cpu_s"] / done[what] * 1e6


def produce(lab, broker):
    yield steps.throughput(lab, broker, "1k", readers=(1, 3), batch=LARGE)


def tail(lab, broker):
    yield steps.tail(lab, broker, megabytes=lab.sizes["tail_mb"])


def records100(lab, broker):
    yield steps.throughput(lab, broker, "100b", megabytes=lab.sizes["records100_mb"], batch=HUNDRED_BYTES, record_bytes=100)


def codecs(lab, broker):
    for codec in CODECS:
        yield steps.throughput(lab, broker, codec, megabytes=lab.sizes["codec_mb"], readers=(), batch=LARGE, compression=codec)


def ack_p50(lab, broker, address=None):
    with Topic(lab, broker, partitions=1, address=address) as topic:
        return topic.run("latency", rate=ACK_RATE, seconds=lab.sizes["latency_s"])["ack_us"]["p50"]


def ack(lab, broker):
    yield {"ack_us": ack_p50(lab, broker)}


def tls(lab, broker):
    """The same client over TLS 1.3 with SCRAM-SHA-256; the plain ack right beside."""
    yield steps.throughput(lab, broker, "tls", address=broker.secure_address, megabytes=lab.sizes["tls_mb"], readers=(1, 3), batch=LARGE)
    plain, secure = ack_p50(lab, broker), ack_p50(lab, broker, broker.secure_address)
    yield {"tls_ack_us": secure, "tls_added_ack_us": secure - plain}
    done = lab.load("login", address=broker.secure_address, logins=lab.sizes["logins"], broker_pid=broker.pid)
    yield {"login_us": per(done, "logins")}


def small(lab, broker):
    with Topic(lab, broker) as topic:
        done = topic.run("produce", megabytes=lab.sizes["small_mb"], batch=SMALL)
        yield {"produce_4_us": per(done, "requests"), "produce_4_per_s": done["requests"] / done["wall_s"]}
        # Each kind as clients do it: a reader has one poll at a time, the others wait for no answer before the next.
        for kind, connections, in_flight in (("poll", 50, 1), ("commit", 4, 5), ("heartbeat", 4, 5), ("metadata", 4, 5)):
            done = topic.run("repeat", kind=kind, connections=connections, in_flight=in_flight, requests=lab.sizes["small_requests"], wait_ms=10)
            yield {f"{kind}_us": per(done, "requests")}
        with broker.syncing_coordinators():
            done = topic.run("repeat", kind="commit", connections=4, in_flight=5, requests=lab.sizes["small_requests"] // SYNCED_PART)
            yield {"commit_synced_us": per(done, "requests")}


def transactions(lab, broker):
    with Topic(lab, broker) as topic:
        done = topic.run("transactions", producers=4, transactions=lab.sizes["transactions"])
        yield {"transaction_us": per(done, "transactions"), "transactions_per_s": done["transactions"] / done["wall_s"]}
        with broker.syncing_coordinators():
            done = topic.run("transactions", producers=4, transactions=lab.sizes["transactions"] // SYNCED_PART)
            yield {"transaction_synced_us": per(done, "transactions"), "transactions_synced_per_s": done["transactions"] / done["wall_s"]}


def groups(lab, broker):
    with Topic(lab, broker) as topic:
        done = topic.run("connections", kind="commit", connections=GROUPS, interval_ms=1000, seconds=lab.sizes["groups_s"])
        yield {"group_commit_us": per(done, "requests"), "group_commits_per_s": done["requests"] / done["wall_s"]}
        with broker.syncing_coordinators():
            done = topic.run("connections", kind="commit", connections=GROUPS, interval_ms=1000, seconds=lab.sizes["groups_s"])
            yield {"group_commit_synced_us": per(done, "requests"), "group_commits_synced_per_s": done["requests"] / done["wall_s"]}


def connections(lab, broker):
    with Topic(lab, broker) as topic:
        done = topic.run("connections", kind="poll", connections=IDLE_CONNECTIONS, wait_ms=500, seconds=lab.sizes["groups_s"])
        yield {"idle_connections_cpu_percent": done["cpu_s"] / done["wall_s"] * 100}


def latency(lab, broker):
    """Against a schedule, with a reader at the end of each partition. Half of saturation is half of Kafka's, of the same pair."""
    if broker.name == "kafka":
        with Topic(lab, broker) as topic:
            done = topic.run("produce", megabytes=lab.sizes["saturation_mb"], **SINGLE_RECORD)
            lab.half_rate = round(done["requests"] / done["wall_s"] / 2)
    elif lab.half_rate is None:
        raise Failed("Kafka's saturation is not known")
    yield {"half_rate_per_s": lab.half_rate}
    for name, rate, writers in (("calm", ACK_RATE, 1), ("half", lab.half_rate, 2)):
        with Topic(lab, broker, partitions=writers) as topic:
            done = topic.run("paced", rate=rate, connections=writers, seconds=lab.sizes["latency_s"])
            yield {f"{name}_{what}_{quantile}_us": done[f"{what}_us"][quantile] for what in ("ack", "end_to_end") for quantile in ("p50", "p99")}


def synced(lab, broker):
    for producers in (1, SYNCED_PRODUCERS):
        with Topic(lab, broker, durability="synced") as topic:
            done = topic.run("latency", connections=producers, seconds=lab.sizes["synced_s"])
            yield {f"synced_{producers}_us": done["ack_us"]["p50"], f"synced_{producers}_per_s": done["requests"] / done["wall_s"]}


def fresh(lab, start):
    """A broker that was just started: how fast, how large, what its first GB costs and the third, and its memory with 1,000 partitions
    that 20 connections write and read."""
    with start() as broker:
        time.sleep(SETTLE_S)
        yield {"start_ms": broker.start_ms, "rss_idle_mb": broker.rss_mb()}
        for name in ("first", "second", "third"):
            with Topic(lab, broker) as topic:
                done = topic.run("produce", megabytes=lab.sizes["first_mb"], batch=LARGE)
                yield {f"{name}_gb_s": done["cpu_s"] / done["bytes"] * 1e9}
        with Topic(lab, broker, partitions=steps.LOADED_PARTITIONS) as topic:
            written = topic.run("produce", megabytes=lab.sizes["loaded_mb"], batch=GROWTH_BATCH, connections=20)
            topic.run("fetch", records=written["records"], connections=20)
            yield {"rss_1000_partitions_mb": broker.rss_mb()}


def one_record_each(topic):
    """Of 1 KB, and more to few partitions: a produce is at least 1 MB."""
    return topic.run("produce", megabytes=max(1, topic.partitions // 1000), batch=1, connections=10)


def growth(lab, start):
    """What a GB costs with ever more partitions, then with ever more connections to 1,000 partitions, and memory on the way. Every
    partition has a record before, so that no files are made within the measurement."""
    with start() as broker:
        with Topic(lab, broker) as topic:  # to warm up
            done = topic.run("produce", megabytes=lab.sizes["growth_warm_mb"], batch=GROWTH_BATCH, connections=10)
            topic.run("fetch", records=done["records"])
        for count in PARTITION_COUNTS:
            with Topic(lab, broker, partitions=count) as topic:
                first = one_record_each(topic)
                done = topic.run("produce", megabytes=lab.sizes["growth_mb"], batch=GROWTH_BATCH, connections=10)
                read = topic.run("fetch", records=first["records"] + done["records"], connections=10)
                yield {f"produce_{count}_partitions_s_gb": done["cpu_s"] / done["bytes"] * 1e9,
                       f"fetch_{count}_partitions_s_gb": read["cpu_s"] / (first["bytes"] + done["bytes"]) * 1e9, f"rss_{count}_partitions_grown_mb": broker.rss_mb()}
        with Topic(lab, broker, partitions=steps.LOADED_PARTITIONS) as topic:
            one_record_each(topic)
            for count in CONNECTION_COUNTS:
                done = topic.run("produce", megabytes=lab.sizes["growth_mb"], batch=GROWTH_BATCH, connections=count)
                yield {f"produce_{count}_connections_s_gb": done["cpu_s"] / done["bytes"] * 1e9}


WARM = {"produce": produce, "tail": tail, "tls": tls, "small": small, "records100": records100, "codecs": codecs,
        "transactions": transactions, "groups": groups, "connections": connections, "ack": ack, "latency": latency, "synced": synced}
OWN_BROKER = {"fresh": fresh, "growth": growth}
GROWTH_PAIRS_MAX = 2  # it takes minutes, and its curve is of one run of the broker anyway
NAMES = [*WARM, *OWN_BROKER]

FULL = {"step_mb": 1500, "tail_mb": 1000, "tls_mb": 1000, "records100_mb": 500, "codec_mb": 500, "small_mb": 240, "small_requests": 20_000,
        "transactions": 2000, "logins": 150, "latency_s": 4, "groups_s": 5, "synced_s": 3, "saturation_mb": 60, "first_mb": 1000,
        "loaded_mb": 500, "growth_mb": 500, "growth_warm_mb": 1500, "ping_s": 2}
QUICK = {"step_mb": 300, "tail_mb": 200, "tls_mb": 200, "records100_mb": 100, "codec_mb": 100, "small_mb": 60, "small_requests": 4000,
         "transactions": 400, "logins": 30, "latency_s": 1, "groups_s": 2, "synced_s": 1, "saturation_mb": 10, "first_mb": 200,
         "loaded_mb": 200, "growth_mb": 200, "growth_warm_mb": 200, "ping_s": 1}
