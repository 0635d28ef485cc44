#!/usr/bin/env python3
"""./dev demo: the whole company Quokka Incorporated through one Myelin, killed and reorganised in mid traffic, compared with the truth."""
import argparse
import contextlib
import pathlib
import shutil
import signal
import sys
import tempfile
import time

import company as company_side
import kept
import measured
import oracle
import platform_process
import segments
import transformation
import truth as truth_side

ROOT = pathlib.Path(__file__).resolve().parents[2]
FIRST, SECOND = ROOT / "examples" / "quokka", ROOT / "examples" / "quokka-mesh"
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Story:
    """One run: what is started, what is done to it, what is left in its directory."""

    def __init__(self, arguments, directory):
        self.arguments, self.directory = arguments, directory
        self.plan_path = FIRST / "traffic.json"
        self.plan = truth_side.load_plan(self.plan_path)
        self.platform = platform_process.Platform(arguments.myelin, directory, settings=platform_process.SETTINGS)
        self.people = [person["principal"] for person in self.plan["people"]]
        self.kills, self.complaints, self.company, self.act = [], [], None, None
        self.table = Table() if arguments.table else None

    def open(self):
        ready = self.platform.start()
        note(f"Myelin is ready after {ready * 1000:.0f} ms: Kafka (TLS, SCRAM) at {self.platform.bootstrap}")
        principals = [entry["principal"] for entry in self.plan["applications"]]
        self.platform.enrol(self.people[0], self.people[1:] + principals)
        note(f"{len(principals)} clients of the company and {len(self.people)} people have credentials of their own")
        note(f"console: {self.platform.url}/console/  (sign in as {self.people[0]}, password in {self.platform.password_of(self.people[0])})")
        self.platform.command("apply", str(FIRST), "--yes", "--message", "the company as it is", user=self.people[0])
        client = company_side.Client(self.platform.bootstrap, self.platform.authority, self.platform.passwords)
        self.company = company_side.Company(self.plan_path, self.directory / "truth", self.arguments.application, client,
                                            self.arguments.seed, self.arguments.pace)
        self.company.start()
        self.act = transformation.Transformation(self.platform, self.company, self.plan, FIRST, SECOND)

    def kill_and_restart(self):
        self.kills.append(self.platform.kill())
        (self.directory / "kills").write_text(",".join(map(str, self.kills)))
        note("kill -9 of Myelin in mid traffic")
        ready = self.platform.start()
        note(f"Myelin is back after {ready * 1000:.0f} ms")

    def disturb(self):
        """Client restarts and rebalances: a group grows, two members restart, the group shrinks."""
        second = self.company.start_second_instance("sales-unifier")
        self.watch(4)
        for principal in ("pos-ingest-eu", "sales-unifier"):
            code = self.company.restart(principal)
            if code != 0:
                self.complaints.append(f"{principal} did not stop in order for its restart: exit code {code}")
        self.watch(2)
        second.signal(signal.SIGTERM)
        code = second.wait(45)
        if code != 0:
            self.complaints.append(f"the second instance of sales-unifier did not stop in order: exit code {code}")
        note("clients restarted, group sales-unifier rebalanced")

    def watch(self, seconds):
        """Lets the company work; says what moves."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            time.sleep(min(left, 2.0))
            self.company.refresh()
            if self.table and left > 1:
                self.table.show(self.platform.asked_by(self.people[0]))

    def transform(self):
        """The second act, under the same traffic."""
        self.act.before()
        note("the company takes its second shape; myelin plan examples/quokka-mesh --allow-delete says:")
        print(self.act.plan_text(), flush=True)
        said = self.act.switch()
        note(f"myelin apply, while everybody writes and reads: {said}")

    def run(self):
        seconds = self.arguments.seconds
        self.watch(seconds * 0.5)
        if self.arguments.restarts:
            self.disturb()
        self.kill_and_restart()
        self.watch(seconds * 0.2)
        self.transform()
        self.watch(seconds * 0.3)
        self.act.after()
        self.complaints += self.act.complaints
        note("draining: producers finish, readers read to the end")
        self.complaints += self.company.drain()
        self.complaints += self.company.stop()
        self.wait_for_compaction()

    def wait_for_compaction(self, seconds=60):
        """Until nothing is left to take out; what is there after all is a difference."""
        truth, deadline = truth_side.load_truth(self.company.logs), time.monotonic() + seconds
        while time.monotonic() < deadline:
            with contextlib.suppress(FileNotFoundError):  # a segment was replaced while it was looked at
                if kept.is_settled(self.plan, truth, segments.read_log(self.platform.data / "log")):
                    return
            time.sleep(0.5)

    def compare(self):
        answer = measured.collect(self.platform.asked_by(self.people[0]), self.plan) | {"shapes": self.act.told}
        oracle.keep(answer, self.directory / "answer.json")
        result = oracle.compare(self.plan, truth_side.load_truth(self.company.logs), segments.read_log(self.platform.data / "log"),
                                answer, self.kills, list(self.act.shapes.values()))
        for complaint in self.complaints:
            result.equal(f"the run itself: {complaint}", "no", "yes")
        return oracle.show(result, self.arguments.different)


class Table:
    """Per squad: what it wrote and was served, as Myelin measures it, and how fast that grows."""

    def __init__(self):
        self.before, self.at = {}, time.monotonic()

    def show(self, server):
        totals = {}
        for line in server.get("/api/v1/usage", group_by="squad,direction")["lines"]:
            totals[line["squad"] or "(nobody)", line["measure"]] = line["amount"]
        now = time.monotonic()
        elapsed = now - self.at
        print(f"\n  {'squad':22} {'written':>9} {'per s':>7} {'bytes':>11}   {'served':>9} {'per s':>7} {'bytes':>11}")
        for squad in sorted({name for name, _ in totals}):
            cells = []
            for counted, sized in (("appended_records", "appended_bytes"), ("served_offsets", "served_bytes")):
                count, size = totals.get((squad, counted), 0), totals.get((squad, sized), 0)
                rate = (count - self.before.get((squad, counted), 0)) / elapsed
                cells.append(f"{count:>9} {rate:>7.0f} {size:>11}")
            print(f"  {squad:22} {'   '.join(cells)}", flush=True)
        self.before, self.at = totals, now


def note(text):
    print(f"==> {text}", flush=True)


def arguments_of(command_line):
    parser = argparse.ArgumentParser(prog="./dev demo", description=__doc__.split(": ", 1)[1])
    parser.add_argument("--myelin", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--application", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--seed", type=int, default=1, help="of the records (default 1)")
    parser.add_argument("--seconds", type=float, default=60, help="how long the story lasts (default 60)")
    parser.add_argument("--pace", type=float, default=10, help="seconds of the company's time in one (default 10)")
    parser.add_argument("--restarts", action="store_true", help="also restart clients and rebalance a group")
    parser.add_argument("--data", help="new directory to keep everything in (default: a temporary one, removed at the end)")
    parser.add_argument("--leave", action="store_true", help="end after the comparison even on a terminal")
    parser.add_argument("--no-table", dest="table", action="store_false", help="no live table")
    parser.add_argument("--different", action="store_true", help="of the comparison, show only lines that differ")
    parser.add_argument("--only-check-arguments", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args(command_line)
    if given.seconds <= 0 or given.pace <= 0:
        parser.error("--seconds and --pace are above 0")
    return given


def run(arguments, directory):
    story, code = Story(arguments, directory), 130
    try:
        story.open()
        story.run()
        code = story.compare()
        if sys.stdout.isatty() and not arguments.leave:
            note(f"still serving at {story.platform.url}/console/ until Ctrl-C")
            story.platform.process.wait()
    except KeyboardInterrupt:
        print()
    finally:
        # What was started is stopped, also when asked a second time or by a terminal that is gone.
        for number in STOP_SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        if story.company:
            story.company.kill()
        story.platform.stop()
    return code


def main():
    arguments = arguments_of(sys.argv[1:])
    if arguments.only_check_arguments:
        return 0
    directory = pathlib.Path(arguments.data or tempfile.mkdtemp(prefix="quokka-")).resolve()
    directory.mkdir(parents=True, exist_ok=True)
    if any(directory.iterdir()):
        sys.exit(f"dev demo: {directory} is not empty; give a new directory")
    for number in STOP_SIGNALS:
        signal.signal(number, signal.default_int_handler)
    try:
        return run(arguments, directory)
    finally:
        if not arguments.data:
            shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
