"""Orders to the shim of io_faults.c inside a server: the N-th call from now that changes a file is its last, or fails."""
import mmap
import pathlib
import struct

import toolchains

HERE = pathlib.Path(__file__).resolve().parent
ORDERS = struct.Struct("=QQQQ")  # calls so far, kill at, fail at, with which errno


class IoFaults:
    def __init__(self, place, below):
        path = place / "io-faults"
        path.write_bytes(bytes(ORDERS.size))
        with path.open("r+b") as file:
            self.orders = mmap.mmap(file.fileno(), ORDERS.size)
        library = toolchains.c_library(HERE / "io_faults.c")
        self.prefix = ["env", f"LD_PRELOAD={library}", f"IO_FAULTS={path}", f"IO_FAULTS_BELOW={below}"]

    def calls(self):
        return ORDERS.unpack(self.orders[:])[0]

    def _order(self, *orders):
        self.orders[8:] = struct.pack("=QQQ", *orders)

    def kill_after(self, calls):
        self._order(self.calls() + calls, 0, 0)

    def fail_after(self, calls, error):
        self._order(0, self.calls() + calls, error)

    def cease(self):
        self._order(0, 0, 0)
