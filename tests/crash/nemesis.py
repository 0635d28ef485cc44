"""What befalls a server, one blow at a time: of a few kinds drawn at random for a while, then a healthy gap, then of others."""
import collections
import errno
import signal
import time

from server import NotStarted

PHASE_SECONDS, HEALTHY_SECONDS = 12, 3
KINDS_AT_A_TIME = 3
CALLS_MAX = 400  # to the disk, until the one that is the last or fails


class Nemesis:
    """`faults` (io_faults.py) are inside the server, whose data lie on `disk` (mounts.py); without a disk nothing is cut or filled."""

    def __init__(self, server, chance, faults, disk):
        self.server, self.chance, self.faults, self.disk = server, chance, faults, disk
        self.done, self.kinds, self.phase_ends = collections.Counter(), [], 0
        self.all_kinds = [self.kill, self.kill_twice, self.kill_at_a_call, self.kill_while_it_starts, self.pause, self.restart, self.disk_error]
        if disk:
            self.all_kinds += [self.cut, self.cut, self.full_disk]

    def _start(self):
        self.faults.cease()
        self.server.start()

    def kill(self):
        self.server.kill()
        self._start()

    def kill_twice(self):
        self.kill()
        self.kill()

    def kill_at_a_call(self):
        self.faults.kill_after(self.chance.randrange(1, CALLS_MAX))
        self._await_end(3)
        self.kill()

    def kill_while_it_starts(self):
        self.server.kill()
        self.faults.kill_after(self.chance.randrange(1, 60))
        try:
            self.server.start()
            self.faults.cease()
        except NotStarted as ended:
            if ended.code != -signal.SIGKILL:
                raise
            self._start()

    def _await_end(self, seconds):
        until = time.monotonic() + seconds
        while self.server.is_running() and time.monotonic() < until:
            time.sleep(0.01)

    def pause(self):
        self.server.process.send_signal(signal.SIGSTOP)
        time.sleep(self.chance.uniform(0.5, 4))
        self.server.process.send_signal(signal.SIGCONT)

    def restart(self):
        self.server.stop()
        self._start()

    def disk_error(self):
        """What could not be written or synced is read-only until the next start."""
        self.faults.fail_after(self.chance.randrange(1, CALLS_MAX), errno.EIO)
        time.sleep(self.chance.uniform(0.5, 2))
        self.kill()

    def cut(self):
        self.server.kill()
        self.disk.cut_power()
        self._start()

    def full_disk(self):
        self.disk.fill()
        time.sleep(self.chance.uniform(0.5, 3))
        if self.chance.random() < 0.5:
            self.server.kill()
            self.disk.free()
            self._start()
        else:
            self.disk.free()

    def strike(self):
        now = time.monotonic()
        if now > self.phase_ends:
            if self.kinds:
                time.sleep(HEALTHY_SECONDS)
            self.kinds = self.chance.sample(self.all_kinds, KINDS_AT_A_TIME)
            self.phase_ends = time.monotonic() + PHASE_SECONDS
        time.sleep(self.chance.uniform(0.5, 2.5))
        blow = self.chance.choice(self.kinds)
        blow()
        self.done[blow.__name__] += 1
