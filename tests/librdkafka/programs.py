"""librdkafka's test runner, built once from the distribution's source package."""
import os
import pathlib
import re
import shutil

import toolchains
from suite import Skip

VERSION = "2.0.2"
SOURCES = (pathlib.Path("/etc/apt/sources.list.d/debian.sources"), pathlib.Path("/etc/apt/sources.list.d/ubuntu.sources"),
           pathlib.Path("/etc/apt/sources.list"))
# What the tests start beside themselves, by the path they know it by in Kafka's own archive.
SCRIPTS = {"kafka-topics.sh": "org.apache.kafka.tools.TopicCommand"}


def sources_of(text):
    """The distribution's list of packages, changed to name sources."""
    return re.sub(r"^Types: deb$", "Types: deb-src", re.sub(r"^deb ", "deb-src ", text, flags=re.MULTILINE), flags=re.MULTILINE)


def fetch(directory):
    """Unpacks the source package, by an apt of its own: the machine's keeps its settings."""
    listed = next((path for path in SOURCES if path.exists() and path.read_text().strip()), None)
    if listed is None or shutil.which("apt-get") is None:
        raise Skip("there is no apt with sources of Debian or Ubuntu here")
    own = directory / "apt"
    for folder in ("lists/partial", "cache/archives/partial", "sources"):
        (own / folder).mkdir(parents=True)
    (own / "sources" / listed.with_suffix(".sources" if listed.suffix == ".sources" else ".list").name).write_text(sources_of(listed.read_text()))
    options = [word for name, value in {"Dir::Etc::sourcelist": os.devnull, "Dir::Etc::sourceparts": own / "sources", "Dir::State::lists": own / "lists",
                                        "Dir::Cache": own / "cache", "APT::Sandbox::User": "root"}.items() for word in ("-o", f"{name}={value}")]
    toolchains.run("apt-get", *options, "update", cwd=directory)
    toolchains.run("apt-get", *options, "--only-source", "source", "librdkafka", cwd=directory)
    found = directory / f"librdkafka-{VERSION}"
    if not found.is_dir():
        raise Skip(f"the distribution's librdkafka is not {VERSION}, whose tests are listed here")
    return found


def build(directory):
    toolchains.apt("dpkg-dev", "make", "g++", "rapidjson-dev", "libssl-dev", "zlib1g-dev", "libzstd-dev")
    source = fetch(directory)
    print(f"  building librdkafka {VERSION} and its tests", flush=True)
    toolchains.run("./configure", "--disable-gssapi", cwd=source)
    for folder, *target in (("src",), ("src-cpp",), ("tests", "test-runner")):
        toolchains.run("nice", "make", "-j2", "-C", source / folder, *target)
    for path in (source / "tests" / "test-runner", source / "src" / "librdkafka.so.1", source / "src-cpp" / "librdkafka++.so.1",
                 source / "src" / "statistics_schema.json"):
        shutil.copy(path, directory / path.name)
    shutil.rmtree(source)
    shutil.rmtree(directory / "apt")


def runner():
    """A directory with test-runner, the libraries it runs with and the schema of its statistics."""
    return toolchains.prepared("librdkafka-tests", [VERSION, pathlib.Path(__file__)], build)


def scripts(directory, tool):
    """Kafka's scripts, as far as the tests call them; `tool` is the command that runs a class of Kafka's tools."""
    (directory / "bin").mkdir(parents=True)
    words = " ".join(f"'{word}'" for word in tool)
    for name, program in SCRIPTS.items():
        path = directory / "bin" / name
        path.write_text(f'#!/bin/sh\nexec {words} {program} "$@"\n')
        path.chmod(0o755)
    return directory
