"""Runs the company's tests: the oracle's own, the mesh that it becomes, three seeds of the demo's story, and sabotage that the oracle must find."""
import argparse
import copy
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

import sabotage

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
TOOLS = ROOT / "tools" / "quokka"
FIRST, MESH = ROOT / "examples" / "quokka", ROOT / "examples" / "quokka-mesh"
PLAN = FIRST / "traffic.json"
# Seed, and what happens besides the kill.
STORIES = {"story of seed 1 with a kill": (1, []),
           "story of seed 2 with a kill, client restarts and rebalances": (2, ["--restarts"]),
           "story of seed 3 with a kill, client restarts and rebalances": (3, ["--restarts"])}


class Tests:
    def __init__(self, arguments, directory):
        self.arguments, self.directory, self.failed = arguments, directory, 0

    def wanted(self, name):
        return not self.arguments.tests or any(part in name for part in self.arguments.tests)

    def report(self, name, why, started):
        self.failed += why is not None
        print(f"PASS {name}" if why is None else f"FAIL {name}: {why}")
        print(f"  {time.monotonic() - started:.1f} s", flush=True)

    def run(self, name, command, expected=0):
        """A command is a test; its output is shown when it ends otherwise than expected."""
        if not self.wanted(name):
            return
        started = time.monotonic()
        done = subprocess.run([sys.executable, *map(str, command)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              stdin=subprocess.DEVNULL, errors="replace", cwd=HERE)
        if done.returncode != expected:
            print("\n".join("  " + line for line in done.stdout.splitlines()[-60:]))
        self.report(name, None if done.returncode == expected else f"exit code {done.returncode}, expected {expected}", started)

    def oracle_arguments(self, story):
        kills = (story / "kills").read_text().strip()
        return [TOOLS / "oracle.py", "--plan", PLAN, "--truth", story / "truth", "--log", story / "data" / "log", "--kills", kills, "--different",
                "--shapes", FIRST / "shape.json", MESH / "shape.json"]

    def stories(self):
        for name, (seed, more) in STORIES.items():
            self.run(name, [TOOLS / "demo.py", "--myelin", self.arguments.myelin, "--application", self.arguments.application,
                            "--seed", seed, "--seconds", self.arguments.seconds, "--data", self.directory / f"seed-{seed}",
                            "--leave", "--no-table", "--different", *more])

    def altered_answers(self):
        """What Myelin said in the first story, altered in one place: the oracle exits with 1."""
        story = self.directory / "seed-1"
        if not (story / "answer.json").exists():
            return
        honest = json.loads((story / "answer.json").read_text())
        self.run("the kept answer is equal", [*self.oracle_arguments(story), "--answer", story / "answer.json"])
        for what, alter in sabotage.ANSWERS.items():
            answer = copy.deepcopy(honest)
            alter(answer)
            path = story / "altered.json"
            path.write_text(json.dumps(answer))
            self.run(f"sabotage of the answer: {what}", [*self.oracle_arguments(story), "--answer", path], expected=1)

    def altered_journals(self):
        """The provenance journal of the first story, altered on disk under a Myelin that is started on it."""
        story = self.directory / "seed-1"
        if not (story / "answer.json").exists():
            return
        for what in [*sabotage.HARMLESS, *sabotage.JOURNALS]:
            name = f"sabotage of the provenance journal: {what}, {'equal' if what in sabotage.HARMLESS else 'found'}"
            self.run(name, [HERE / "sabotage.py", "--myelin", self.arguments.myelin, "--story", story, "--what", what],
                     expected=0 if what in sabotage.HARMLESS else 1)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--myelin", required=True)
    parser.add_argument("--application", required=True)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("tests", nargs="*", help="parts of names of tests to run; all without")
    arguments = parser.parse_args()
    directory = pathlib.Path(tempfile.mkdtemp(prefix="quokka-test-"))
    tests = Tests(arguments, directory)
    try:
        tests.run("the second segment reader reads bytes made by hand", ["segments_test.py"])
        tests.run("the oracle finds each way of lying", ["oracle_test.py"])
        tests.run("what a shape makes true is what a hand works out, and each way of lying is found", ["shape_test.py"])
        tests.run("the company becomes a mesh, and its traffic goes on", ["mesh.py", arguments.myelin])
        tests.run("Ctrl-C on a terminal stops the demo and leaves nothing behind",
                  ["interrupted.py", "--myelin", arguments.myelin, "--application", arguments.application])
        tests.stories()
        tests.altered_answers()
        tests.altered_journals()
    finally:
        shutil.rmtree(directory, ignore_errors=True)
    return 1 if tests.failed else 0


if __name__ == "__main__":
    sys.exit(main())
