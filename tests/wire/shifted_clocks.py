"""The clocks of a server shifted while it runs (clocks.c), so that years pass in seconds and wall clocks jump."""
import mmap
import pathlib
import struct
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.append(str(HERE.parent / "clients"))

import toolchains  # noqa: E402

MINUTE, HOUR, YEAR = 60, 3600, 365 * 86400


class Clocks:
    def __init__(self, place):
        path = place / "clocks"
        path.write_bytes(bytes(16))
        with path.open("r+b") as file:
            self.shifts = mmap.mmap(file.fileno(), 16)
        self.wall = self.both = 0
        self.prefix = ["env", f"LD_PRELOAD={toolchains.c_library(HERE / 'clocks.c')}", f"CLOCKS={path}"]

    def _set(self):
        self.shifts[:] = struct.pack("=qq", self.wall * 10**9, self.both * 10**9)

    def jump(self, seconds):
        self.wall += seconds
        self._set()

    def let_pass(self, seconds):
        """In steps, each long enough for the server's own threads to see it."""
        for _ in range(seconds // MINUTE):
            self.both += MINUTE
            self._set()
            time.sleep(0.15)
        time.sleep(1.5)
