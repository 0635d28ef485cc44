"""./dev soak: long tests, one part after the other, each with its progress, its figures and a verdict."""
import argparse
import os
import pathlib
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
TESTS = HERE.parent


class Part:
    """A command that prints a line for each test; `sizes` are the environment variables that say how much it does."""

    def __init__(self, what, command, **sizes):
        self.what, self.command, self.sizes = what, command, sizes


def own(*names):
    return [sys.executable, "-u", HERE / "tests.py", "{binary}", *names]


def section(name, *words):
    return ["bash", TESTS / name / "run.sh", "{binary}", *words]


PARTS = {
    "kills": Part("1,000 times kill -9 under idempotent producers", section("crash", "1000"), CRUCIBLE_SECONDS="45"),
    "cuts": Part("10,000 power cuts on ext4 and XFS", own("power cuts"), CUTS="10000"),
    "transactions": Part("30 minutes of transactions against all that the crucible knows (CRUCIBLE_SECONDS=7200 for two hours)",
                         section("full", "transactions survive"), CRUCIBLE_SECONDS="1800"),
    "rebalances": Part("500 rebalances with kills", own("committed offsets never go back"), REBALANCES="500"),
    "descriptors": Part("256 descriptors and 5,000 attempts to connect", own("256 descriptors")),
    "frames": Part("10,000 peers that announce the largest frame", own("announce the largest frame"), CROWD="10000"),
    "connections": Part("10,000 idle connections, 1,000 active ones, 10,000 TLS handshakes", own("idle connections", "tls handshakes"), CROWD="10000"),
    "clocks": Part("clocks that jump by hours and years", own("a clock that jumps", "both clocks")),
    "bombs": Part("decompression bombs", section("bad_input", "bomb")),
    "oversize": Part("lies about lengths, and frames too large", section("bad_input", "frame", "lie about a length")),
    "neighbour": Part("a squad at 10 times its quota beside one at its pace", own("10 times its quota"), NEIGHBOUR_ROUNDS="5"),
    "restarts": Part("100 rolling restarts under load", own("restarts under load"), RESTARTS="100"),
    "mixed": Part("150 minutes of mixed load", own("mixed load"), MIXED_MINUTES="150"),
}


def run(name, part, binary):
    """The verdict of a part in a line."""
    print(f"==> {name}: {part.what}", flush=True)
    began = time.monotonic()
    environment = {"PYTHONDONTWRITEBYTECODE": "1"} | part.sizes | os.environ
    command = [str(word).replace("{binary}", binary) for word in part.command]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
                               env=environment)
    told = {"PASS": 0, "FAIL": 0, "SKIP": 0}
    for line in process.stdout:
        print("  " + line, end="", flush=True)
        if line[:4] in told:
            told[line[:4]] += 1
    code = process.wait()
    good = code == 0 and told["FAIL"] == 0 and told["PASS"] > 0
    verdict = "PASS" if good and told["SKIP"] == 0 else "SKIP" if good or (code == 0 and told["SKIP"]) else "FAIL"
    line = f"{verdict} {name}: {part.what}; {told['PASS']} passed, {told['FAIL']} failed, {told['SKIP']} skipped, {(time.monotonic() - began) / 60:.1f} min"
    print(line, flush=True)
    return line


def main():
    parser = argparse.ArgumentParser(prog="./dev soak", formatter_class=argparse.RawDescriptionHelpFormatter,
                                     epilog="parts:\n" + "\n".join(f"  {name:13} {part.what}" for name, part in PARTS.items())
                                     + "\n\nEnvironment variables choose other sizes: "
                                     + ", ".join(sorted({size for part in PARTS.values() for size in part.sizes})))
    parser.add_argument("binary", help=argparse.SUPPRESS)
    parser.add_argument("parts", nargs="*", metavar="PART", help="all without")
    arguments = parser.parse_args()
    unknown = [name for name in arguments.parts if name not in PARTS]
    if unknown:
        parser.error(f'there is no part "{unknown[0]}"; there are: {", ".join(PARTS)}')
    lines = [run(name, PARTS[name], str(pathlib.Path(arguments.binary).resolve())) for name in arguments.parts or PARTS]
    print("\n" + "\n".join(lines))
    failed = sum(line.startswith("FAIL") for line in lines)
    print(f"{sum(line.startswith('PASS') for line in lines)} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
