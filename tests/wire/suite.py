"""Runs test functions one after the other and prints a line each; a suite's run.sh passes the binary and, to run some
only, parts of names."""
import contextlib
import pathlib
import shutil
import sys
import tempfile
import time
import traceback

from errors import name_of


class Skip(Exception):
    """The machine lacks what the test needs."""


def check(condition, message):
    if not condition:
        raise AssertionError(message)


def check_equal(found, expected, what):
    check(found == expected, f"{what}: {found!r}, expected {expected!r}")


def check_code(found, expected, what):
    check(found == expected, f"{what}: {name_of(found)}, expected {name_of(expected)}")


def check_in(part, text, what="the message"):
    check(part in text, f"{what} lacks {part!r}: {text.strip()[-400:]!r}")


def eventually(condition, seconds=5, what="the condition"):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if condition():
            return
        time.sleep(0.02)
    raise AssertionError(f"{what} did not come true within {seconds} s")


class Suite:
    def __init__(self):
        self.tests = []

    @classmethod
    def of(cls, *modules):
        """The tests of several modules, each with its own `suite`."""
        whole = cls()
        for module in modules:
            whole.tests += module.suite.tests
        return whole

    def test(self, function):
        """The function's name, with spaces, is the test's."""
        self.tests.append((function.__name__.replace("_", " "), function))
        return function

    def main(self):
        """The command line is BINARY [PART OF A NAME...]; a part that no name has is a mistake."""
        for part in sys.argv[2:]:
            if not any(part in name for name, _ in self.tests):
                sys.exit(f"no test here has {part!r} in its name; there are:\n" + "\n".join("  " + name for name, _ in self.tests))
        self.run(sys.argv[1], sys.argv[2:])

    def run(self, binary, wanted=()):
        """The tests that have one of the `wanted` parts in their names, all without; ends the program."""
        directory = pathlib.Path(tempfile.mkdtemp(prefix="myelin-test-"))
        bench = Bench(pathlib.Path(binary).resolve(), directory)
        failed = 0
        try:
            for name, function in self.tests:
                if wanted and not any(part in name for part in wanted):
                    continue
                failed += not self._passes(name, function, bench)
        finally:
            bench.close()
            shutil.rmtree(directory, ignore_errors=True)
        sys.exit(1 if failed else 0)

    @staticmethod
    def _passes(name, function, bench):
        started = time.monotonic()
        try:
            with contextlib.ExitStack() as stack:
                bench.stack = stack
                function(bench)
            line = f"PASS {name}"
        except Skip as why:
            line = f"SKIP {name}: {why}"
        except Exception as error:  # a test may end in any way, and the next one must run
            where = traceback.extract_tb(error.__traceback__)[-1]
            text = " ".join(str(error).split())
            line = f"FAIL {name}: {type(error).__name__} {text} ({pathlib.Path(where.filename).name}:{where.lineno})"
            if not isinstance(error, AssertionError):
                traceback.print_exc(file=sys.stdout)
        print(line)
        spent = time.monotonic() - started
        if spent > 2:
            print(f"  {spent:.1f} s")
        sys.stdout.flush()
        return not line.startswith("FAIL")


class Bench:
    """What a test works with: the binary, a fresh directory, and a server that several tests share."""

    def __init__(self, binary, directory):
        self.binary, self.directory, self.count, self.shared, self.stack = binary, directory, 0, {}, None

    def fresh(self):
        self.count += 1
        path = self.directory / str(self.count)
        path.mkdir()
        return path

    def keep(self, name, make):
        """A thing made once and closed at the end; a server that died is made anew."""
        kept = self.shared.get(name)
        if kept is None or (hasattr(kept, "is_running") and not kept.is_running()):
            self.shared[name] = kept = make()
        return kept

    def enter(self, context):
        """Closed when the test ends."""
        return self.stack.enter_context(context)

    def close(self):
        for kept in self.shared.values():
            if hasattr(kept, "stop"):
                kept.stop()
