"""The tables of docs/compatibility.md that a run makes: each stands between two comments, the first of which names its script."""
import pathlib
import re

from suite import check, check_equal

PAGE = pathlib.Path(__file__).resolve().parents[2] / "docs" / "compatibility.md"


def hold(script, made, write=False):
    """Checks the tables of `script` against those just made ({name: lines}); puts them there first where `write` says so."""
    table = re.compile(rf"(<!-- (\w+): made by {script} BINARY --write -->\n).*?(<!-- end -->\n)", re.DOTALL)
    text = PAGE.read_text(encoding="utf-8")
    check_equal(sorted(name for _, name, _ in table.findall(text)), sorted(made), "tables in the page")
    renewed = table.sub(lambda found: found.group(1) + "\n".join(made[found.group(2)]) + "\n" + found.group(3), text)
    if write:
        PAGE.write_text(renewed, encoding="utf-8")
    there, new = PAGE.read_text(encoding="utf-8").splitlines(), renewed.splitlines()
    differing = [line for line in new if line not in there] + [line for line in there if line not in new]
    check(not differing, f"docs/compatibility.md is out of date; {script} BINARY --write makes its tables anew: {differing[:2]}")
