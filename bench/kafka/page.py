"""The table that is printed, and docs/performance.md with its plots, both made of samples."""
import json
import pathlib

import plots
import table

ROOT = pathlib.Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
KEPT_SAMPLES = DOCS / "performance" / "samples.jsonl"
NEW_SAMPLES = ROOT / "build" / "bench" / "kafka.jsonl"
INTRODUCTION = """# Performance, against Apache Kafka

Apache Kafka and Myelin in turns on one machine, with the same client, the same work and the same flush policy. Figures of
different machines, or of one machine an hour apart, are not comparable; ratios of one run are. This page is made by
`./dev bench kafka --write` of the samples in [performance/samples.jsonl](performance/samples.jsonl); do not edit it.

## Repeat it
```
./dev bench kafka                     all of it, half an hour on two cores; nothing else should run
./dev bench kafka produce tls         only these steps
./dev bench kafka --quick --pairs 1   whether it works; its figures are noise
./dev bench kafka --write             also keep the samples and make this page
./dev bench kafka --keep FILE         the same with the samples that a run left in FILE
./dev bench kafka --page              only make this page of the samples that are kept
```
Kafka comes from Maven. [bench/README.md](../bench/README.md) says how each step works.

## How to read it
- *CPU* is user and system time of the broker's process while the client's load runs. A GB is 10⁹ bytes of values before compression.
- Both brokers run all along, Kafka with a JVM that has done each step before; they take turns step by step (Kafka, Myelin,
  Kafka, Myelin …). The ratio and the verdict are medians of the pairs' own ratios, not ratios of medians.
- The *floor* is what this machine needs at best, measured without either broker in the same minutes: receive + CRC-32C +
  append for a produce, sendfile for a fetch (pread + write + cipher under TLS), a ping-pong for an acknowledgement, and one
  fdatasync more where each is synced.
- Kafka runs with the JVM settings of `kafka-server-start` and its own defaults, but for replication factors of 1, no waiting
  for further group members, a second until a deleted topic's files go, and room for 1,024 connections that it has yet to
  accept. The secure listeners of both have the same certificate (P-256) and the same SCRAM-SHA-256 user with 4,096
  iterations; the client takes TLS 1.3.
- Myelin keeps offsets and transactions on disk before it acknowledges them, always; Kafka by default does not. *Kafka syncing as
  well* is with `flush.messages=1` on its two internal topics for the time of the measurement, so with the same flush policy.
- Records are synced before each acknowledgement by `myelin.durability=synced` and by `flush.messages=1`. Everything else is
  written to the page cache only (`os`), as Kafka does by default. *64 producers* write to 6 partitions, one request in flight each.
- *Half of saturation* is half the rate of single-record requests that Kafka bears from two connections, of the same pair.
  Those latencies count from when a request was due, with a reader at the end of each partition.
- Produce into large batches is held to the goal that was set for recycled segments (≤ 0.5 ×; ≤ 0.6 × without), though Myelin
  recycles none.
"""


def about(head):
    machine = head["machine"]
    busy = f"; load {head['load']} at the begin" + (", so other work ran beside" if head["load"] > 0.5 * machine["cores"] else "")
    return (f"{machine['processor']}, {machine['cores']} cores, {machine['memory_gb']} GB, Linux {machine['kernel']}{busy}. "
            f"Apache Kafka {head['kafka']} on {head['java']} ({head['jvm']}); {head['myelin']}. {head['pairs']} pair{'s' if head['pairs'] > 1 else ''}"
            + (", --quick: too little work for figures." if head["quick"] else "."))


def summary_of(judged, samples):
    """One sentence, or two: how many goals were reached, and which were not."""
    goals = [(f"{found.line.group}: {found.line.name} ({found.share:.2f} of the goal)", found.is_reached) for found in judged if found.share is not None]
    for title, _, points in table.CURVES:
        if found := table.curve(points, samples):
            _, myelin, verdict = table.growth_of(found)
            goals.append((f"Growth: {title} ({myelin:.2f} × its first value)", verdict == "reached"))
    if not goals:
        return "Nothing has been measured yet."
    missed = [name for name, is_reached in goals if not is_reached]
    return f"{len(goals) - len(missed)} of {len(goals)} measured goals are reached." + (f" Missed: {'; '.join(missed)}." if missed else "")


def print_table(samples, steps):
    print("\nThis machine at best")
    for name, of, unit in table.FLOORS:
        print(f"  {name:<40} {table.shown(samples.floor(of)):>9} {unit}")
    lines = [table.judged(line, samples) for line in table.LINES if line.step in steps]
    group = None
    for found in lines:
        line = found.line
        if line.group != group:
            group = line.group
            print(f"\n{group:<42} {'Kafka':>9} {'Myelin':>9} {'ratio':>7} {'floor':>9}")
        if found.share is None:
            print(f"  {line.name:<40} not measured {found.why_missing}")
            continue
        print(f"  {line.name:<40} {table.shown(found.kafka):>9} {table.shown(found.myelin):>9} {found.ratio:>7.3f} {table.shown(found.floor):>9} "
              f"{line.unit:<11} {line.goal:<26} {found.verdict} ({found.share:.2f} of it)")
    for title, axis, points in table.CURVES:
        if found := table.curve(points, samples):
            print(f"\n{title}, CPU-s/GB\n" + "\n".join(f"  {value:>6} {axis:<12} Kafka {table.shown(kafka):>7}  Myelin {table.shown(myelin):>7}"
                                                      for value, kafka, myelin in found))
            print("  dearest / first     Kafka {:>6.2f}×  Myelin {:>6.2f}×  {}".format(*table.growth_of(found)))
    if samples.profiles:
        print("\n" + profiles_of(samples))
    print("\n" + summary_of(lines, samples))


def table_of(group, samples):
    rows = [f"## {group}", "", "| figure | unit | Kafka | Myelin | Myelin / Kafka | floor | to reach | verdict |", "|---|---|---:|---:|---:|---:|---|---|"]
    for line in (line for line in table.LINES if line.group == group):
        found = table.judged(line, samples)
        ratio = "–" if found.ratio is None else f"{found.ratio:.3f}"
        verdict = found.verdict if found.share is None else f"{found.verdict} ({found.share:.2f} of it)"
        rows.append(f"| {line.name} | {line.unit} | {table.shown(found.kafka)} | {table.shown(found.myelin)} | {ratio} | {table.shown(found.floor)} | "
                    f"{line.goal} | {verdict} |")
    return "\n".join(rows)


def curves_of(samples):
    rows = ["## Growth", "", "CPU-s/GB of 16 KB batches, 10 connections unless those are what grows, each reader naming its share of the partitions in every",
            f"fetch. Of Myelin it is to stay within {table.FLAT_WITHIN} × of its first value where Kafka's grows.", "", "| curve | | Kafka | Myelin |", "|---|---:|---:|---:|"]
    for title, axis, points in table.CURVES:
        found = table.curve(points, samples)
        rows += [f"| {title} | {value:,} {axis} | {table.shown(kafka)} | {table.shown(myelin)} |" for value, kafka, myelin in found]
        if found:
            kafka, myelin, verdict = table.growth_of(found)
            rows.append(f"| | dearest / first | {kafka:.2f} × | {myelin:.2f} ×, {verdict} |")
        else:
            rows.append(f"| {title} | not measured | – | – |")
    return "\n".join(rows)


def profiles_of(samples):
    """Where the CPU goes in the steps that have a missed line."""
    missed = table.missed_steps(samples)
    rows = []
    for profile in (entry for entry in samples.profiles if entry["step"] in missed):
        rows.append(f"- *{profile['step']}: {profile['load']}*, {profile['samples']} samples: "
                    + ", ".join(f"{name} {percent:.0f} %" for name, percent in profile["places"].items()) + ". Dearest: "
                    + ", ".join(f"`{name}` {percent:.0f} %" for name, percent in profile["symbols"].items()) + ".")
    return "\n".join(["## Where Myelin's CPU goes in steps with a missed line", "", *(rows or ["No line was missed, or no profile was taken."])])


def floors_of(samples):
    rows = ["## This machine at best", "", "| floor | | unit |", "|---|---:|---|"]
    return "\n".join(rows + [f"| {name} | {table.shown(samples.floor(of))} | {unit} |" for name, of, unit in table.FLOORS])


def markdown(samples):
    groups = list(dict.fromkeys(line.group for line in table.LINES))
    judged = [table.judged(line, samples) for line in table.LINES]
    runs = "\n".join(f"- {head['run']}: {about(head)}" for _, head in sorted(samples.runs.items()))
    parts = [INTRODUCTION, f"## Measured\n{runs}\n\n{summary_of(judged, samples)}\n",
             "![Myelin's part of Kafka's cost, line by line](performance/ratios.svg)\n"]
    parts += [table_of(group, samples) + "\n" for group in groups]
    parts += [curves_of(samples) + "\n\n![What a GB costs as partitions and connections grow](performance/growth.svg)\n", floors_of(samples) + "\n",
              profiles_of(samples) + "\n"]
    return "\n".join(parts)


def files(samples):
    """Path below docs/ and content of all that is made."""
    return {"performance.md": markdown(samples), "performance/ratios.svg": plots.ratios([table.judged(line, samples) for line in table.LINES]),
            "performance/growth.svg": plots.growth([(title, axis, table.curve(points, samples)) for title, axis, points in table.CURVES])}


def read(path):
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def merged(kept, new):
    """The new samples, and of the old ones the steps that were not measured anew, with their runs and floors."""
    anew = {entry["step"] for entry in new if entry["kind"] == "sample" and entry["step"] != "floors"}
    old = [entry for entry in kept if entry["kind"] == "sample" and entry["step"] not in anew]
    runs = {entry["run"] for entry in old if entry["step"] != "floors"}
    profiles = [entry for entry in kept if entry["kind"] == "profile" and entry["step"] not in anew]
    return [entry for entry in kept if entry["kind"] == "run" and entry["run"] in runs] + [entry for entry in old if entry["run"] in runs] + profiles + new


def keep(entries):
    KEPT_SAMPLES.parent.mkdir(parents=True, exist_ok=True)
    KEPT_SAMPLES.write_text("".join(json.dumps(entry) + "\n" for entry in merged(read(KEPT_SAMPLES), entries)))


def write():
    for name, content in files(table.Samples(read(KEPT_SAMPLES))).items():
        (DOCS / name).write_text(content)
        print(f"written: docs/{name}")
