"""The server under test: one Myelin process on loopback, and what any server costs."""
import ctypes
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import time

READY = re.compile(r" ready: kafka plaintext://(\S+).* http (\S+)")
PARENT_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG


def command(binary, data, listen="plaintext://127.0.0.1:0"):
    return [str(binary), "serve", "--dev", "--data", str(data), "--listen", listen, "--http", "127.0.0.1:0"]


def end_with_parent():
    """In a child: not to outlive a bench that is killed."""
    ctypes.CDLL(None).prctl(PARENT_DEATH_SIGNAL, signal.SIGKILL)


class Process:
    """A context: a server in a folder of its own; killed and removed at the end, since nobody wants its data."""

    def __init__(self, folder, words, stdout=None):
        self.folder = folder
        self.log = (folder / "log").open("w")
        self.process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=stdout or self.log, stderr=self.log, text=True, preexec_fn=end_with_parent)
        # Linux's CPU clock of another process: nanoseconds, where /proc/PID/stat counts in hundredths of a second.
        self.cpu_clock = (~self.process.pid << 3) | 2

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        if self.process.stdout:
            self.process.stdout.close()
        self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def pid(self):
        return self.process.pid

    def is_running(self):
        return self.process.poll() is None

    def last_words(self):
        return " | ".join((self.folder / "log").read_text(errors="replace").splitlines()[-5:])

    def cpu_s(self):
        """User and system time of all its threads so far."""
        return time.clock_gettime(self.cpu_clock)

    def rss_mb(self):
        status = pathlib.Path(f"/proc/{self.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+) kB", status).group(1)) / 1e3


class Server(Process):
    """Myelin, started on an empty directory."""

    durability = {"os": "myelin.durability=os", "synced": "myelin.durability=synced"}

    def __init__(self, binary, scratch):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="server-", dir=scratch))
        super().__init__(folder, command(binary, folder / "data"), stdout=subprocess.PIPE)
        found = None
        while not found:
            line = self.process.stdout.readline()
            if not line:
                raise SystemExit(f"bench: the server ended before it was ready: {self.last_words()}")
            found = READY.search(line)
        self.address, self.http_address = found.groups()
