"""The server under test: one Myelin process on loopback, and what it costs."""
import pathlib
import re
import shutil
import subprocess
import tempfile
import time

READY = re.compile(r" ready: kafka plaintext://(\S+)")


def command(binary, data):
    return [str(binary), "serve", "--dev", "--data", str(data), "--listen", "plaintext://127.0.0.1:0", "--http", "127.0.0.1:0"]


class Server:
    """A context: started on an empty directory, stopped and removed at the end."""

    def __init__(self, binary, scratch):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="server-", dir=scratch))
        self.log = (self.folder / "log").open("w")
        self.process = subprocess.Popen(command(binary, self.folder / "data"), stdout=subprocess.PIPE, stderr=self.log, text=True)
        found = None
        while not found:
            line = self.process.stdout.readline()
            if not line:
                raise SystemExit(f"bench: the server ended before it was ready:\n{(self.folder / 'log').read_text()}")
            found = READY.search(line)
        self.address = found.group(1)
        # Linux's CPU clock of another process: nanoseconds, where /proc/PID/stat counts in hundredths of a second.
        self.cpu_clock = (~self.process.pid << 3) | 2

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()
        self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def pid(self):
        return self.process.pid

    def cpu_s(self):
        """User and system time of all its threads so far."""
        return time.clock_gettime(self.cpu_clock)

    def rss_mb(self):
        status = pathlib.Path(f"/proc/{self.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+) kB", status).group(1)) / 1e3
