"""Two judges of a document of our own kinds: Ajv by the schema that the binary prints, and the loader."""
import json
import pathlib
import re
import shutil
import subprocess

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
EXAMPLES = ROOT / "examples" / "documents"
COMPANY = ROOT / "examples" / "quokka"


def myelin(bench, *words):
    return subprocess.run([str(bench.binary), *map(str, words)], capture_output=True, text=True, timeout=60)


def kinds(bench):
    listed = myelin(bench, "schema").stdout.splitlines()
    return [line.split()[0] for line in listed]


def schema(bench, kind):
    return json.loads(myelin(bench, "schema", kind).stdout)


def file_of(kind):
    """AccountabilityModel > accountability-model.yaml"""
    return re.sub(r"(?<!^)(?=[A-Z])", "-", kind).lower() + ".yaml"


def by_ajv(schemas, jobs):
    """One {value, errors} for each (schema's name, text)."""
    asked = json.dumps({"schemas": schemas, "jobs": [{"schema": name, "text": text} for name, text in jobs]})
    done = subprocess.run(["node", HERE / "ajv.cjs"], input=asked, capture_output=True, text=True, timeout=120)
    if done.returncode != 0:
        raise AssertionError(f"Ajv gave up: {done.stderr}")
    return json.loads(done.stdout)


class Loader:
    """The example company, with one document of its own kind in place of what it has."""

    def __init__(self, bench):
        self.binary, self.nothing, self.folder = bench.binary, bench.fresh(), bench.fresh()
        (self.nothing / "org").mkdir()
        for folder in ("org", "contracts", "products", "grants"):
            shutil.copytree(COMPANY / folder, self.folder / folder)
        (self.folder / "myelin").mkdir()

    def errors(self, text, kind, beside=""):
        """What it says about the text. Where the kind is no Policy, the company's own is there as well."""
        for old in (self.folder / "myelin").iterdir():
            old.unlink()
        (self.folder / "myelin" / "judged.yaml").write_text(text)
        if kind != "Policy":
            (self.folder / "myelin" / "policy.yaml").write_text((COMPANY / "myelin" / "policy.yaml").read_text())
        done = subprocess.run([str(self.binary), "diff", str(self.nothing), str(self.folder)], capture_output=True, text=True, timeout=60)
        if done.returncode not in (0, 2, 3):
            raise AssertionError(f"the loader gave up with {done.returncode}: {done.stderr}")
        found = [line for line in done.stderr.splitlines() if line.startswith("myelin/")]
        if (done.returncode == 2) != bool(found):
            raise AssertionError(f"exit code {done.returncode}: {done.stderr[-2000:]}")
        return found
