"""File systems of a test's own, in a mount namespace that ends with it, and disks whose power can be cut."""
import fcntl
import os
import pathlib
import shutil
import struct
import subprocess
import uuid

from suite import Skip

SHUTDOWN = 0x8004587D  # EXT4_IOC_SHUTDOWN and XFS_IOC_GOINGDOWN
WITHOUT_FLUSHING_THE_LOG = 2
BOOT_ID = "/proc/sys/kernel/random/boot_id"
SIZE_MIB = 512
MAKE = {"ext4": ["mkfs.ext4", "-q", "-m", "0", "-E", "lazy_itable_init=0,nodiscard"], "xfs": ["mkfs.xfs", "-q", "-K"]}


class Mounts:
    """A process that holds a mount namespace until it or the test ends; `prefix` makes a command run within."""

    def __init__(self, script):
        self.own = ["-m"] if os.geteuid() == 0 else ["-U", "-r", "-m"]
        self.holder = subprocess.Popen(["unshare", *self.own, "sh", "-ec", f"{script}; echo ready; exec cat"], stdin=subprocess.PIPE,
                                       stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if self.holder.stdout.readline().strip() != "ready":
            why = self.holder.stderr.read().strip()
            self.__exit__()
            raise Skip(f"this machine lets nobody mount here: {why}")
        enter = ["-m"] if os.geteuid() == 0 else ["-U", "-m", "--preserve-credentials"]
        self.prefix = ["nsenter", "-t", str(self.holder.pid), *enter]

    def run(self, script):
        return subprocess.run([*self.prefix, "sh", "-c", script], capture_output=True, text=True, timeout=60)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.holder.kill()
        self.holder.wait()
        for stream in (self.holder.stdin, self.holder.stdout, self.holder.stderr):
            stream.close()


class LoopDisk(Mounts):
    """A small file system whose power can be cut, and which can be filled. It is mounted at `where`, and lies in a file, below `place`."""

    def __init__(self, place, kind):
        if os.geteuid() != 0:
            raise Skip("a file system of the test's own on a loop device needs root")
        if shutil.which(MAKE[kind][0]) is None:
            raise Skip(f"{MAKE[kind][0]} is not installed")
        self.where, self.image, self.boot_id = place / "disk", place / "disk.image", place / "boot_id"
        self.where.mkdir()
        self._boot()
        with self.image.open("wb") as image:
            image.truncate(SIZE_MIB << 20)
        subprocess.run([*MAKE[kind], str(self.image)], check=True, capture_output=True)
        self.mount = f"mount -t {kind} -o loop {self.image} {self.where}"
        super().__init__(f"{self.mount} && mount --bind {self.boot_id} {BOOT_ID}")
        self.inside = pathlib.Path(f"/proc/{self.holder.pid}/root{self.where}")

    def __exit__(self, *_):
        self.run(f"umount -l {self.where}")
        super().__exit__()
        self.image.unlink(missing_ok=True)

    def _boot(self):
        self.boot_id.write_text(f"{uuid.uuid4()}\n")

    def cut_power(self):
        """What no sync has brought to the disk is gone, and the machine has booted again. Nobody has a file open any more."""
        directory = os.open(self.inside, os.O_RDONLY)
        fcntl.ioctl(directory, SHUTDOWN, struct.pack("I", WITHOUT_FLUSHING_THE_LOG))
        os.close(directory)
        self._boot()
        done = self.run(f"umount {self.where} && {self.mount}")
        if done.returncode != 0:
            raise RuntimeError(f"after a power cut: {done.stderr.strip()}")

    def fill(self):
        """To the last byte that is free."""
        with (self.inside / "filler").open("ab") as filler:
            step = 64 << 20
            while step >= 4096:
                try:
                    os.posix_fallocate(filler.fileno(), os.fstat(filler.fileno()).st_size, step)
                except OSError:
                    step //= 2

    def free(self):
        (self.inside / "filler").unlink(missing_ok=True)
