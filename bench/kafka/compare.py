#!/usr/bin/env python3
"""./dev bench kafka: Apache Kafka and Myelin in turns on this machine, the same client and the same work. See ../README.md."""
import argparse
import contextlib
import functools
import json
import os
import pathlib
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[1:1] = [str(HERE.parent), str(ROOT / "tests" / "wire"), str(ROOT / "tests" / "clients")]
import brokers  # noqa: E402
import causes  # noqa: E402
import page  # noqa: E402
import run as bench  # noqa: E402
import steps  # noqa: E402
import table  # noqa: E402
import work  # noqa: E402
from suite import Skip  # noqa: E402

FREE_GB = 12
STEP_ERRORS = (steps.Failed, RuntimeError, OSError, ValueError, ArithmeticError, LookupError, subprocess.SubprocessError)


def arguments():
    parser = argparse.ArgumentParser(prog="./dev bench kafka", description="Compares Myelin with Apache Kafka on this machine.",
                                     epilog=f"Steps: {', '.join(work.NAMES)}. Without names all of them.")
    parser.add_argument("--programs", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--myelin", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("steps", nargs="*", metavar="STEP", help="only these")
    parser.add_argument("--pairs", type=int, default=5, help="turns of both; medians are taken over them (default 5)")
    parser.add_argument("--quick", action="store_true", help="little of everything, to see that it works; its figures are noise")
    parser.add_argument("--samples", type=pathlib.Path, metavar="FILE", default=page.NEW_SAMPLES,
                        help=f"all samples go there as they come (default {page.NEW_SAMPLES.relative_to(ROOT)})")
    parser.add_argument("--write", action="store_true", help="then keep the samples and make docs/performance.md and its plots of them; "
                        "of what was kept before, only the steps that were measured anew are replaced")
    parser.add_argument("--page", action="store_true", help="measure nothing, make the page of the samples that are kept")
    parser.add_argument("--keep", type=pathlib.Path, metavar="FILE", help="measure nothing, do with the samples in FILE what --write does after a run")
    parser.add_argument("--scratch", type=pathlib.Path, metavar="DIR", help="where data directories lie (default: the temporary directory)")
    parser.add_argument("--only-check-arguments", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    for name in given.steps:
        if name not in work.NAMES:
            parser.error(f'there is no step "{name}"; there are: {", ".join(work.NAMES)}')
    if given.pairs < 1:
        parser.error("--pairs: at least 1")
    if given.keep and not given.keep.is_file():
        parser.error(f"--keep: there is no file {given.keep}; a run leaves its samples in {page.NEW_SAMPLES.relative_to(ROOT)}")
    return given


class Journal:
    """Every sample, in the file as soon as there is one: what was measured outlives whatever comes after."""

    def __init__(self, path, head):
        path.parent.mkdir(parents=True, exist_ok=True)
        self.file, self.run, self.entries = path.open("w"), head["run"], []
        self.add(head)

    def add(self, entry):
        self.entries.append(entry)
        self.file.write(json.dumps(entry) + "\n")
        self.file.flush()

    def sample(self, pair, broker, step, measure):
        """`measure` yields figures; what goes wrong is noted beside those that came before."""
        begun = time.monotonic()
        entry = {"kind": "sample", "run": self.run, "pair": pair, "broker": broker, "step": step, "figures": {}}
        try:
            for figures in measure():
                entry["figures"] |= rounded(figures)
        except STEP_ERRORS as why:
            entry["error"] = f"{type(why).__name__}: {why}"[:400]
            print(f"  FAILED {step} on {broker}: {entry['error']}", flush=True)
        self.add(entry | {"seconds": round(time.monotonic() - begun, 1)})


def rounded(value):
    """Six digits: more is noise, and the file is kept."""
    return {name: rounded(part) for name, part in value.items()} if isinstance(value, dict) else float(f"{value:.6g}")


class Contest:
    """Both brokers, which run all along; one that dies is started anew."""

    def __init__(self, place, lab, journal, stack):
        self.place, self.lab, self.journal, self.stack = place, lab, journal, stack
        self.running = {}

    def broker(self, kind):
        running = self.running.get(kind)
        if running is None or not running.is_running():
            if running is not None:
                print(f"  {kind.name} ended and is started anew, without having been warmed: {running.last_words()}", flush=True)
            running = self.running[kind] = self.stack.enter_context(kind(self.place))
            running.add_user()
        return running

    def measure(self, step, kind, lab):
        if step in work.WARM:
            return work.WARM[step](lab, self.broker(kind))
        return work.OWN_BROKER[step](lab, functools.partial(kind, self.place))

    def turn(self, pair, step):
        told = []
        for kind in (brokers.Kafka, brokers.Myelin):
            begun = time.monotonic()
            self.journal.sample(pair, kind.name, step, lambda kind=kind: self.measure(step, kind, self.lab))
            told.append(f"{kind.name} {time.monotonic() - begun:.0f} s")
        print(f"  {step}: {', '.join(told)}", flush=True)

    def warm_up(self, names):
        """Each step once with little work, and nothing noted: the JVM compiles what is used."""
        quick = steps.Lab(self.lab.programs, self.lab.binary, self.lab.scratch, work.QUICK)
        quick.half_rate, quick.topics = None, 1_000_000
        for step in (name for name in names if name in work.WARM):
            for kind in (brokers.Kafka, brokers.Myelin):
                try:
                    for _ in self.measure(step, kind, quick):
                        pass
                except STEP_ERRORS as why:
                    print(f"  FAILED {step} on {kind.name}: {why}", flush=True)


def contest(given, names, place, journal):
    lab = steps.Lab(given.programs, given.myelin, place.scratch, work.QUICK if given.quick else work.FULL)
    begun = time.monotonic()
    with contextlib.ExitStack() as stack:
        both = Contest(place, lab, journal, stack)
        if any(name in work.WARM for name in names):
            print("warming up", flush=True)
            both.warm_up(names)
        for pair in range(1, given.pairs + 1):
            print(f"pair {pair} of {given.pairs}, {time.monotonic() - begun:.0f} s", flush=True)
            lab.half_rate = None
            try:
                steps.touch_memory()
            except subprocess.SubprocessError as why:
                print(f"  the free memory was not used before: {why}", flush=True)
            journal.sample(pair, "machine", "floors", lambda: [lab.floors(), {"load": os.getloadavg()[0]}])
            for step in names:
                if step != "growth" or pair <= work.GROWTH_PAIRS_MAX:
                    both.turn(pair, step)
        print("profiles of what was missed", flush=True)
        missed = table.missed_steps(table.Samples(journal.entries))
        for profile in causes.profiles_of(lab, [name for name in names if name in missed and name != "growth"],
                                          lambda step, sampling: both.measure(step, brokers.Myelin, sampling)):
            journal.add(profile | {"run": journal.run})


def head_of(given, place):
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    version = subprocess.run([str(given.myelin), "--version"], capture_output=True, text=True, check=True).stdout.strip()
    commit = subprocess.run(["git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False).stdout.strip()
    return {"kind": "run", "run": now, "machine": bench.machine(), "load": round(os.getloadavg()[0], 2), "kafka": brokers.KAFKA_VERSION,
            "java": place.java_version(), "jvm": " ".join(brokers.JVM), "myelin": f"{version} ({commit})" if commit else version,
            "pairs": given.pairs, "quick": given.quick}


def stop_at(signals):
    """So that servers and folders go, whoever says stop."""
    def stop(number, _):
        raise KeyboardInterrupt(signal.Signals(number).name)
    for number in signals:
        signal.signal(number, stop)


def main():
    given = arguments()
    if given.only_check_arguments:
        return 0
    if given.keep or given.page:
        if given.keep:
            page.keep(page.read(given.keep))
        page.write()
        return 0
    stop_at((signal.SIGTERM, signal.SIGHUP))
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))  # for a thousand connections of the client
    names = [name for name in work.NAMES if name in given.steps or not given.steps]
    scratch = pathlib.Path(tempfile.mkdtemp(prefix="myelin-bench-kafka-", dir=given.scratch))
    begun = time.monotonic()
    try:
        free = shutil.disk_usage(scratch).free
        if free < FREE_GB * 1e9:
            raise SystemExit(f"bench: {scratch} has {free / 1e9:.1f} GB free, expected {FREE_GB}; name another with --scratch")
        place = brokers.Place(given.myelin, scratch)
        head = head_of(given, place)
        print(page.about(head), flush=True)
        journal = Journal(given.samples, head)
        try:
            contest(given, names, place, journal)
        except KeyboardInterrupt:
            print("\nstopped; what was measured so far:", flush=True)
            given.write = False
    except Skip as why:
        raise SystemExit(f"bench: Apache Kafka can't be had here: {why}") from why
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    page.print_table(table.Samples(journal.entries), set(names))
    print(f"\n{time.monotonic() - begun:.0f} s; all samples are in {given.samples}")
    if given.write:
        page.keep(journal.entries)
        page.write()
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt as why:
        sys.exit(f"bench: stopped {why}")
