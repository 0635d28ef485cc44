#!/usr/bin/env python3
"""./dev bench model: what the operating model costs: loading, memory, decisions beside Apache Kafka's authoriser, plans, and putting
a model in force under load. See ../README.md."""
import argparse
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[1:1] = [str(HERE.parent), str(ROOT / "tests" / "wire"), str(ROOT / "tests" / "clients")]
import company  # noqa: E402
import process  # noqa: E402
import run as bench  # noqa: E402
import steps  # noqa: E402
import toolchains  # noqa: E402

KAFKA_VERSION = "4.3.1"
COMPANY = {"applications": 2000, "products": 5000, "grants": 20_000}
SMALL = {"applications": 100, "products": 300, "grants": 289}  # 1,000 documents
LARGE = {"applications": 2000, "products": 6000, "grants": 5789}  # 20,000 documents
RATE = 1000  # requests a second beside a change of the model


def arguments():
    parser = argparse.ArgumentParser(prog="./dev bench model", description="What the operating model costs.")
    parser.add_argument("--programs", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--myelin", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--pairs", type=int, default=5, help="turns; medians are taken over them (default 5)")
    parser.add_argument("--quick", action="store_true", help="little of everything, to see that it works; its figures are noise")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="write every sample there")
    parser.add_argument("--only-check-arguments", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.pairs < 1:
        parser.error("--pairs: at least 1")
    return given


class Bench:
    def __init__(self, given, scratch):
        self.lab = steps.Lab(given.programs, given.myelin, scratch, bench.QUICK)
        self.model_program, self.myelin, self.scratch = str(given.programs / "bench_model"), given.myelin, scratch
        self.pairs, self.seconds = (1, 1) if given.quick else (given.pairs, 4)
        self.jars = toolchains.jars("kafka-tools", toolchains.HERE / "kafka_tools" / "pom.xml", f"-Dkafka.version={KAFKA_VERSION}")
        self.folders = {name: scratch / name for name in ("company", "small", "large")}
        self.documents = {name: company.write(self.folders[name], **shape)
                          for name, shape in (("company", COMPANY), ("small", SMALL), ("large", LARGE))}

    def model(self, name, seconds, *questions):
        return self.lab.json([self.model_program, str(self.folders[name]), str(seconds), *questions])

    def loading(self):
        return [{name: self.model(name, 0) for name in ("small", "large")} for _ in range(self.pairs)]

    def decisions(self):
        """Myelin and Kafka in turns, asked the same questions."""
        questions, samples = str(self.scratch / "questions"), []
        java = ["java", "-Xmx1G", "-cp", f"{self.jars}/*", str(HERE / "KafkaAuthorizer.java"), questions, str(self.seconds)]
        for _ in range(self.pairs):
            ours = self.model("company", self.seconds, questions)
            samples.append({"myelin": ours, "kafka": self.lab.json(java)})
        return samples

    def served(self):
        return process.Server(self.myelin, self.scratch)

    def tell(self, running, *words):
        """What `myelin` says of a folder, and how long it took."""
        begun = time.monotonic()
        done = subprocess.run([str(self.myelin), *map(str, words), "--server", running.http_address], capture_output=True, text=True, check=False)
        if done.returncode not in (0, 3):
            raise steps.Failed(f"myelin {words[0]}: {done.stderr.strip()[-300:]}")
        return done.stdout, time.monotonic() - begun

    def plans(self, running):
        """Of the whole company, against 5,000 topics: with nothing to do, and with a hundred topics to change."""
        changed = self.scratch / "changed"
        shutil.copytree(self.folders["company"], changed)
        for number in range(5):
            path = changed / "contracts" / f"contracts-{number}.odcs.yaml"
            path.write_text(path.read_text().replace("property: partitions, value: 1,", "property: partitions, value: 2,"))
        samples = []
        for _ in range(self.pairs):
            told, idle_s = self.tell(running, "plan", self.folders["company"])
            other, changes_s = self.tell(running, "plan", changed)
            if "no changes" not in told or "topics: 0 to create, 100 to change" not in other:
                raise steps.Failed(f"the plans are {told[-200:]} and {other[-200:]}")
            samples.append({"plan_idle_s": idle_s, "plan_changes_s": changes_s})
        return samples

    def swaps(self, running):
        """Acknowledgements at a steady rate, in turns without and with a model put in force again and again."""
        part = self.scratch / "part"
        (part / "grants").mkdir(parents=True)
        grants = (self.folders["company"] / "grants" / "grants-0.yaml").read_text()
        samples = []
        with steps.Topic(self.lab, running, partitions=1) as topic:
            for pair in range(self.pairs):
                quiet = topic.run("latency", rate=RATE, seconds=3 * self.seconds)["ack_us"]
                words = self.lab.load_command("latency", **topic.where, partitions=1, broker_pid=running.pid, rate=RATE, seconds=3 * self.seconds)
                applied = 0
                with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as load:
                    while load.poll() is None:
                        (part / "grants" / "grants-0.yaml").write_text(grants.replace("of the day", f"of day {pair}.{applied}"))
                        self.tell(running, "apply", part, "--yes")
                        applied += 1
                        time.sleep(0.2)
                    swapping = json.loads(load.stdout.read())["ack_us"]
                samples.append({"quiet": quiet, "swapping": swapping, "applied": applied})
        return samples


def median(samples, of):
    return statistics.median(of(sample) for sample in samples)


def line(name, value, unit, most=None, note=""):
    verdict = "" if most is None else f"at most {most:g}  {'reached' if value <= most else 'MISSED'} ({value / most:.2f} of it)"
    print(f"  {name:<56} {bench.report.shown(value):>9} {unit:<5} {verdict}  {note}".rstrip())


def report(made, documents):
    loads, asked, plans, swaps = made["loading"], made["decisions"], made["plans"], made["swaps"]
    ours, theirs = (lambda sample: sample["myelin"]["decide_ns"]), (lambda sample: sample["kafka"]["decide_ns"])
    print(f"\nMedian of {len(asked)}; the company has {documents['company']:,} documents: 20,000 grants, 2,000 principals, 5,000 topics")
    for name, limit in (("small", 200), ("large", 5000)):
        line(f"load and resolve {documents[name]:,} documents", median(loads, lambda sample, n=name: sample[n]["load_ms"]), "ms", limit)
    line("memory for 1,000 documents, of 20,000", median(loads, lambda sample: sample["large"]["resident_mb"]) * 1000 / documents["large"], "MB")
    line("memory of a server with the company in force", made["server_mb"], "MB", None, "with its 5,000 topics")
    line("a decision, warm", median(asked, ours), "ns", 300)
    line("of it, at the least, one lookup of the topic's name", median(asked, lambda sample: sample["myelin"]["lookup_ns"]), "ns")
    line("allocations of all decisions", max(sample["myelin"]["allocations"] for sample in asked), "", None, "expected 0")
    line(f"the same in Apache Kafka {KAFKA_VERSION}'s StandardAuthorizer", median(asked, theirs), "ns")
    line("Myelin / Kafka", median(asked, lambda sample: ours(sample) / theirs(sample)), "×")
    line("questions answered otherwise by Kafka", max(sample["kafka"]["other_answers"] for sample in asked), "", None, "expected 0")
    line("plan over 5,000 topics, no changes", median(plans, lambda sample: sample["plan_idle_s"]), "s", 2)
    line("plan over 5,000 topics, 100 to change", median(plans, lambda sample: sample["plan_changes_s"]), "s", 2)
    for quantile in ("p50", "p99", "p999", "max"):
        line(f"ack at {RATE:,}/s, {quantile}", median(swaps, lambda sample, q=quantile: sample["quiet"][q]), "µs")
        line(f"the same while models are put in force ({swaps[0]['applied']} a turn)", median(swaps, lambda sample, q=quantile: sample["swapping"][q]), "µs")
    # Few acks meet a change of the model: a step of 2 ms is two of a thousand, five times a turn of twelve thousand.
    for quantile in ("p99", "p999"):
        step_us = median(swaps, lambda sample, q=quantile: sample["swapping"][q] - sample["quiet"][q])
        line(f"latency step of a swap, {quantile}", step_us / 1000, "ms", 2)


def main():
    given = arguments()
    if given.only_check_arguments:
        return
    here, load = bench.machine(), os.getloadavg()[0]
    print(f"{here['processor']}, {here['cores']} cores, {here['memory_gb']} GB, Linux {here['kernel']}; load {load:.1f}")
    scratch = pathlib.Path(tempfile.mkdtemp(prefix="myelin-bench-"))
    try:
        made = Bench(given, scratch)
        samples = {}
        print("loading", flush=True)
        samples["loading"] = made.loading()
        print("decisions", flush=True)
        samples["decisions"] = made.decisions()
        with made.served() as running:
            print("putting the company in force", flush=True)
            made.tell(running, "apply", made.folders["company"], "--yes")
            samples["server_mb"] = running.rss_mb()
            print("plans", flush=True)
            samples["plans"] = made.plans(running)
            print("putting it in force under load", flush=True)
            samples["swaps"] = made.swaps(running)
    except steps.Failed as why:
        raise SystemExit(f"bench: {why}") from why
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    report(samples, made.documents)
    if given.json:
        given.json.write_text(json.dumps({"machine": here | {"load": load}, "samples": samples}, indent=1) + "\n")


if __name__ == "__main__":
    main()
