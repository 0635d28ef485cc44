"""Each fault of src/base/sabotage.h is found by the test that is there for it, and no release has any."""
import os
import pathlib
import subprocess
import sys

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TESTS / "wire"))

from suite import Suite, check, check_equal  # noqa: E402

suite = Suite()
BUILD = pathlib.Path(os.environ["SABOTAGE_BUILD"])
SERVER = BUILD / "bin" / "myelin"
CHOICE = "MYELIN_SABOTAGED"


def unit(pattern):
    return [BUILD / "src" / "storage" / "storage_test", f"--gtest_filter={pattern}", "--gtest_brief=1"]


def section(name, *parts):
    return ["bash", TESTS / name / "run.sh", SERVER, *parts]


CUTS = section("full", "power cuts")
CRUCIBLE = section("full", "transactions survive")
FOUND_BY = {
    "ack_before_sync": CUTS,
    "skip_directory_sync": unit("AnyKill.*"),
    "forget_producer_snapshot": unit("Idempotence.*"),
    "roll_off_by_one": CUTS,
    "ignore_crc": section("damage", "verify finds a flipped bit"),
    "drop_aborted": CRUCIBLE,
    "retry_sync": unit("SyncFailure.*"),
    "truncate_at_rot": unit("BitRot.IsFound*"),
    "meter_twice": section("usage", "each measure is what the client did"),
    "keep_revoked_grant": section("conformance", "a grant that ends holds"),
    "trust_topic_ids": section("conformance", "an id that may not be described is refused"),
    "inflate_without_bound": section("bad_input", "a decompression bomb of gzip is refused by a compacted topic"),
}


def run(command, fault=None):
    """(whether it passed, the line that says what did not)."""
    environment = {name: value for name, value in os.environ.items() if name != CHOICE}
    environment |= {"CUTS": "30", "CRUCIBLE_SECONDS": "15"} | ({CHOICE: fault} if fault else {})
    done = subprocess.run([str(word) for word in command], env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          errors="replace", stdin=subprocess.DEVNULL, timeout=600)
    failed = [line.strip() for line in done.stdout.splitlines() if "FAIL" in line]
    check(failed or done.returncode == 0, f"ended with {done.returncode} without saying which test failed: {done.stdout[-300:]}")
    check(failed or "PASS" in done.stdout or "SKIP" in done.stdout, f"ran no test: {done.stdout[-300:]}")
    return not failed, (failed or [""])[0][:200]


def is_found(fault, command):
    def test(_):
        passes, why = run(command, fault)
        check(not passes, "the test passes all the same")
        print(f"  {why}")
    test.__name__ = f"{fault} is found"
    return test


@suite.test
def without_a_fault_the_same_build_passes(_):
    for command in {" ".join(map(str, command)): command for command in FOUND_BY.values()}.values():
        passes, why = run(command)
        check(passes, f"{' '.join(map(str, command))}: {why}")


@suite.test
def a_release_has_no_sabotage_in_it(bench):
    check(CHOICE.encode() in SERVER.read_bytes(), "the build with faults does not read the choice of one: look for another word")
    check_equal([fault for fault in (CHOICE, *FOUND_BY) if fault.encode() in bench.binary.read_bytes()], [], "names of faults in the release")


@suite.test
def every_fault_of_the_source_has_its_test(_):
    source = (TESTS.parent / "src" / "base" / "sabotage.cc").read_text()
    names = source[source.index("kNames{") + 7:source.index("};")]
    check_equal(sorted(FOUND_BY), sorted(name.strip().strip('"') for name in names.split(",")), "faults")


for name, test_command in FOUND_BY.items():
    suite.test(is_found(name, test_command))
suite.main()
