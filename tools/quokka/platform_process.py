"""Myelin as a process for the demo and the scenarios: certificates, start, sign-ins, kill."""
import os
import pathlib
import secrets
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request

import measured


# Of the company's platform: undeclared topics pass, and compaction is often enough to be seen.
SETTINGS = ["access.undeclared_topics=report", "storage.cleanup_interval_ms=1000"]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def make_certificates(directory):
    """An authority and a server certificate for loopback, by openssl. Returns (authority, certificate, key)."""
    directory.mkdir(parents=True, exist_ok=True)
    authority, authority_key = directory / "ca.pem", directory / "ca.key"
    certificate, key, request, extensions = (directory / name for name in ("server.pem", "server.key", "server.csr", "server.ext"))

    def openssl(*arguments):
        subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)
    new_key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    openssl("req", "-x509", *new_key, "-keyout", authority_key, "-out", authority, "-days", 30, "-subj", "/CN=Quokka Incorporated",
            "-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign,cRLSign")
    openssl("req", *new_key, "-keyout", key, "-out", request, "-subj", "/CN=localhost")
    extensions.write_text("subjectAltName=DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth\n")
    openssl("x509", "-req", "-in", request, "-CA", authority, "-CAkey", authority_key, "-CAcreateserial", "-out", certificate,
            "-days", 30, "-extfile", extensions)
    return authority, certificate, key


class Platform:
    """One Myelin over one data directory, on free loopback ports that stay the same over its restarts. Without a model, what was
    applied is in force."""

    def __init__(self, binary, directory, model=None, settings=(), upstream=None):
        self.binary, self.directory, self.model, self.settings = str(binary), pathlib.Path(directory), model, list(settings)
        self.upstream = upstream  # HOST:PORT of a cluster to stand before; None: the embedded broker
        self.data, self.passwords = self.directory / "data", self.directory / "passwords"
        self.kafka_port, self.http_port = free_port(), free_port()
        self.authority, self.certificate, self.key = make_certificates(self.directory / "tls")
        self.process, self.output = None, self.directory / "myelin.log"
        self.passwords.mkdir(parents=True, exist_ok=True)

    @property
    def bootstrap(self):
        return f"127.0.0.1:{self.kafka_port}"

    @property
    def url(self):
        return f"http://127.0.0.1:{self.http_port}"

    def start(self, seconds=30):
        """Returns after /readyz says so; raises with the end of the output when it does not."""
        command = [self.binary, "serve", "--data", str(self.data), "--listen", f"sasl_ssl://{self.bootstrap}",
                   "--http", f"127.0.0.1:{self.http_port}", "--demo"]
        if self.model:
            command += ["--model", str(self.model)]
        if self.upstream:
            command += ["--upstream", self.upstream]
        for setting in [f"tls.certificate={self.certificate}", f"tls.key={self.key}", *self.settings]:
            command += ["--set", setting]
        with self.output.open("ab") as output:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True)
        started = time.monotonic()
        while time.monotonic() - started < seconds and self.process.poll() is None:
            try:
                with urllib.request.urlopen(f"{self.url}/readyz", timeout=2):
                    return time.monotonic() - started
            except (urllib.error.URLError, OSError):
                time.sleep(0.02)
        raise RuntimeError("Myelin did not become ready:\n" + self.output.read_text()[-2000:])

    def kill(self):
        """kill -9; returns the wall-clock milliseconds."""
        at = int(time.time() * 1000)
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        return at

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def password_of(self, principal):
        path = self.passwords / principal
        if not path.exists():
            handle = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
            os.write(handle, secrets.token_urlsafe(18).encode() + b"\n")
            os.close(handle)
        return path

    def command(self, *arguments, user=None, codes=(0,)):
        """Runs the command line tool, signed in as `user`; returns its output. Raises for other exit codes than `codes`."""
        environment = dict(os.environ, MYELIN_SERVER=self.url)
        if user:
            environment |= {"MYELIN_USER": user, "MYELIN_PASSWORD_FILE": str(self.password_of(user))}
        done = subprocess.run([self.binary, *arguments], env=environment, capture_output=True, text=True)
        if done.returncode not in codes:
            raise RuntimeError(f"myelin {' '.join(arguments)}: {done.stderr.strip() or done.stdout.strip()}")
        return done.stdout

    def enrol(self, first, others):
        """The first start's token makes `first` a platform principal, who then adds the others."""
        self.command("principal", "enrol", first, "--password-file", str(self.password_of(first)),
                     "--token-file", str(self.data / "state" / "enrol"))
        for principal in others:
            self.command("principal", "add", principal, "--password-file", str(self.password_of(principal)), user=first)

    def asked_by(self, principal):
        return measured.Server(self.url, principal, self.password_of(principal).read_text().rstrip("\n"))
