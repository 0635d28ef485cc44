"""Myelin as a process: certificates, start on free loopback ports, sign-ins, stop, kill."""
import base64
import json
import os
import pathlib
import re
import select
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request

from client import Connection

READY = re.compile(r"^myelin \S+ ready: kafka (.+) http (\S+)$")


def free_port():
    """For a server that keeps its port over restarts, or is told of before it starts; any other takes port 0."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)


class Certificates:
    """An authority and what it signs. Keys are elliptic, made in milliseconds."""

    def __init__(self, directory):
        self.directory = pathlib.Path(directory)
        self.directory.mkdir(parents=True, exist_ok=True)
        self.authority = self.directory / "ca.pem"
        openssl("req", "-x509", *self._new_key(self.directory / "ca.key"), "-out", self.authority, "-days", 30, "-subj", "/CN=Test authority",
                "-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign,cRLSign")
        self.server = self.make("server", "localhost")

    @staticmethod
    def _new_key(path):
        return ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", path]

    def make(self, name, common_name, days=30):
        """(certificate, key); days below zero make an expired one."""
        certificate, key, request, extensions = (self.directory / f"{name}.{end}" for end in ("pem", "key", "csr", "ext"))
        openssl("req", *self._new_key(key), "-out", request, "-subj", f"/CN={common_name}")
        extensions.write_text("subjectAltName=DNS:localhost,IP:127.0.0.1\n")
        openssl("x509", "-req", "-in", request, "-CA", self.authority, "-CAkey", self.directory / "ca.key", "-CAcreateserial",
                "-out", certificate, "-days", days, "-extfile", extensions)
        return certificate, key


class NotStarted(Exception):
    def __init__(self, code, output):
        super().__init__(f"exit code {code}: {output.strip()[-600:]}")
        self.code, self.output = code, output


class Server:
    """One `myelin serve`. `listen` are protocols; each gets a free port, kept in `ports`."""

    def __init__(self, binary, directory, *, listen=("plaintext",), model=None, dev=False, sets=(), extra=(), certificates=None,
                 log_name="myelin.log", prefix=(), http="127.0.0.1:0"):
        self.binary, self.directory = str(binary), pathlib.Path(directory)
        self.directory.mkdir(parents=True, exist_ok=True)
        self.data, self.passwords = self.directory / "data", {}
        self.listen, self.model, self.dev, self.sets, self.extra = list(listen), model, dev, list(sets), list(extra)
        self.certificates, self.prefix, self.http_listen = certificates, list(prefix), http
        self.log_path = self.directory / log_name
        self.ports, self.http_port, self.process = {}, None, None

    def command(self):
        words = [*self.prefix, self.binary, "serve", "--data", str(self.data), "--http", self.http_listen]
        for protocol in self.listen:
            words += ["--listen", protocol if "://" in protocol else f"{protocol}://127.0.0.1:0"]
        if self.model:
            words += ["--model", str(self.model)]
        if self.dev:
            words.append("--dev")
        sets = list(self.sets)
        if self.certificates:
            sets += [f"tls.certificate={self.certificates.server[0]}", f"tls.key={self.certificates.server[1]}",
                     f"tls.client_ca={self.certificates.authority}"]
        for setting in sets:
            words += ["--set", setting]
        return words + self.extra

    def start(self, seconds=60):
        """Returns when the ready line came; NotStarted when the process ended before."""
        log = self.log_path.open("ab")
        self.process = subprocess.Popen(self.command(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log)
        log.close()
        os.set_blocking(self.process.stdout.fileno(), False)
        seen, until = b"", time.monotonic() + seconds
        while time.monotonic() < until:
            select.select([self.process.stdout], [], [], 0.2)
            part = self.process.stdout.read()
            if part:
                seen += part
                with self.log_path.open("ab") as log:
                    log.write(part)
            for line in seen.decode(errors="replace").splitlines():
                found = READY.match(line)
                if found:
                    return self._ready(found)
            if part is not None and not part and self.process.poll() is not None:
                raise NotStarted(self.process.returncode, self.log_path.read_text(errors="replace"))
        self.process.kill()
        self.process.wait()
        raise NotStarted(None, "not ready in time: " + self.log_path.read_text(errors="replace"))

    def _ready(self, found):
        for address in found.group(1).split(" "):
            protocol, _, rest = address.partition("://")
            self.ports[protocol] = int(rest.rsplit(":", 1)[1])
        self.http_port = int(found.group(2).rsplit(":", 1)[1])
        self.http_url = found.group(2)
        return self

    def __enter__(self):
        return self if self.process else self.start()

    def __exit__(self, *_):
        self.stop()

    def is_running(self):
        return self.process is not None and self.process.poll() is None

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def stop(self, seconds=60):
        """SIGTERM; the exit code. None when it had to be killed."""
        if not self.is_running():
            return self.process.returncode if self.process else None
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            return None

    def _memory(self, name):
        text = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(rf"^{name}:\s+(\d+) kB$", text, re.MULTILINE).group(1)) * 1024

    def resident_bytes(self):
        return self._memory("VmRSS")

    def peak_bytes(self):
        """The most that was resident at a time, since the start."""
        return self._memory("VmHWM")

    # ---- people ----

    def tool(self, *arguments, user=None, secret=None, check=True):
        """Runs the command line tool as `user`; a secret goes in on standard input."""
        environment = dict(os.environ, MYELIN_SERVER=self.http_url)
        if user:
            path = self.directory / f"password-{user}"
            path.write_text(self.passwords[user] + "\n")
            environment |= {"MYELIN_USER": user, "MYELIN_PASSWORD_FILE": str(path)}
        done = subprocess.run([self.binary, *map(str, arguments)], env=environment, capture_output=True, text=True,
                              input=None if secret is None else secret + "\n", timeout=60)
        if check and done.returncode != 0:
            raise RuntimeError(f"myelin {' '.join(map(str, arguments))}: {done.stderr.strip() or done.stdout.strip()}")
        return done

    def enrol(self, first, others=()):
        """The first principal, by the one-time token; it then adds the others."""
        self.passwords[first] = f"{first}-secret"
        self.tool("principal", "enrol", first, "--token-file", self.data / "state" / "enrol", secret=self.passwords[first])
        self.administrator = first
        for name in others:
            self.add(name)

    def add(self, name):
        self.passwords[name] = f"{name}-secret"
        self.tool("principal", "add", name, user=self.administrator, secret=self.passwords[name])

    # ---- connections ----

    def connect(self, user=None, *, protocol=None, mechanism="SCRAM-SHA-256", **options):
        """A connection, signed in when `user` is given; by the first listener unless told otherwise."""
        protocol = protocol or self.listen[0].partition("://")[0]
        if protocol in ("ssl", "sasl_ssl"):
            options.setdefault("authority", self.certificates.authority)
        connection = Connection(self.ports[protocol], **options)
        if user:
            if mechanism == "PLAIN":
                connection.sign_in_plain(user, self.passwords[user])
            else:
                connection.sign_in(user, self.passwords[user], mechanism)
        return connection

    def http(self, path, *, user=None, password=None, method="GET", body=None, headers=None):
        """(status, headers, parsed body or text)."""
        headers = dict(headers or {})
        if user:
            secret = password if password is not None else self.passwords[user]
            headers["Authorization"] = "Basic " + base64.b64encode(f"{user}:{secret}".encode()).decode()
        data = None
        if body is not None:
            data = body if isinstance(body, bytes) else json.dumps(body).encode()
            headers.setdefault("Content-Type", "application/json")
        request = urllib.request.Request(self.http_url + path, data=data, headers=headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return answer.status, answer.headers, _parsed(answer)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.headers, _parsed(error)

    def doctor(self):
        """The findings of the server's own checks, by the check's name."""
        return {entry["name"]: entry for entry in self.http("/api/v1/doctor")[2]["checks"]}

    def metric(self, name, user=None):
        """The sum of a metric's series."""
        status, _, text = self.http("/metrics", user=user)
        if status != 200:
            raise RuntimeError(f"/metrics answered {status}")
        return sum(float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if re.match(rf"{name}(\{{| )", line))


def refused(server, code=1):
    """What a server says that must not start, and ends with this exit code instead."""
    try:
        with server.start(seconds=20):
            raise AssertionError("the server started")
    except NotStarted as error:
        if error.code != code:
            raise AssertionError(f"exit code {error.code}, expected {code}: {error.output[-300:]}") from error
        return error.output


def _parsed(answer):
    text = answer.read().decode(errors="replace")
    return json.loads(text) if "json" in (answer.headers.get("Content-Type") or "") and text else text
