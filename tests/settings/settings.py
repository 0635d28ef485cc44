"""The reference pages are what the binary prints, and a wrong setting is refused with what would be right."""
import pathlib
import re
import subprocess

from server import Server, refused
from suite import Suite, check, check_equal, check_in

ROOT = pathlib.Path(__file__).resolve().parents[2]

suite = Suite()
SETTINGS_MAX = 40


def printed(bench, *words):
    return subprocess.run([bench.binary, *words], capture_output=True, text=True, check=True, timeout=20).stdout


def refusal(bench, *words):
    """The message of a start that must not happen."""
    return refused(Server(bench.binary, bench.fresh(), dev=True, extra=words), code=2)


@suite.test
def the_settings_page_is_what_the_binary_prints(bench):
    page = (ROOT / "docs" / "reference" / "settings.md").read_text()
    check_equal(printed(bench, "settings"), page, "docs/reference/settings.md against `myelin settings`")


@suite.test
def the_access_page_is_what_the_binary_prints(bench):
    page = (ROOT / "docs" / "reference" / "access.md").read_text()
    check_equal(printed(bench, "access-table"), page, "docs/reference/access.md against `myelin access-table`")


def rows(bench):
    lines = [line for line in printed(bench, "settings").splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


@suite.test
def there_are_at_most_forty_settings(bench):
    count = len(rows(bench))
    check(0 < count <= SETTINGS_MAX, f"there are {count} settings, at most {SETTINGS_MAX} are wanted")


@suite.test
def every_setting_has_range_default_and_meaning(bench):
    for row in rows(bench):
        check_equal(len(row), 5, f"columns of {row[0]}")
        check(all(row), f"{row[0]} has an empty column")


@suite.test
def every_number_is_refused_just_outside_its_range(bench):
    for name, unit, span, _, _ in rows(bench):
        numbers = re.fullmatch(r"(0, or )?(\d+) to (\d+)", span)
        if not numbers:
            continue
        zero, lowest, highest = numbers.groups()
        for wrong in (int(lowest) - 1, int(highest) + 1, *((1, -1) if zero else ())):
            check_in(f"not {'0 or ' if zero else ''}a number from {lowest} to {highest}", refusal(bench, "--set", f"{name.strip('`')}={wrong}"))


@suite.test
def a_misspelt_setting_is_answered_with_the_nearest_name(bench):
    check_in("net.connections", refusal(bench, "--set", "net.conections=5"))


@suite.test
def errors_of_a_settings_file_come_together_each_with_its_place(bench):
    path = bench.fresh() / "myelin.yaml"
    path.write_text("log.level: loud\nnet.threads: 2\nnet.nothing: 1\n")
    message = refusal(bench, "--config", str(path))
    check_in(f"{path}:1:1", message)
    check_in(f"{path}:3:1", message)


@suite.test
def a_setting_on_the_command_line_wins_over_the_file(bench):
    path = bench.fresh() / "myelin.yaml"
    path.write_text("net.connections_per_address: 1\n")
    with Server(bench.binary, bench.fresh(), dev=True, sets=["net.connections_per_address=3"], extra=["--config", str(path)]) as server:
        first, second = bench.enter(server.connect()), bench.enter(server.connect())
        for connection in (first, second):
            check_equal(connection.request("ApiVersions", 0)["error_code"], 0, "ApiVersions")
