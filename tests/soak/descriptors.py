"""A server that runs out of descriptors: who is connected is served on, the HTTP side answers, and it recovers at once."""
import os
import socket
import time

from batch import batch
from errors import NONE
from kafka import create_topic, metadata, produce
from server import Server
from suite import Suite, check, check_code, check_equal, eventually

suite = Suite()
DESCRIPTORS = 256
ATTEMPTS = 5_000
HELD = 400
RECOVERED_SECONDS_MAX = 5


def attempt(port):
    """A connection that was tried; None where the system refuses it."""
    one = socket.socket()
    one.setblocking(False)
    try:
        one.connect(("127.0.0.1", port))
    except BlockingIOError:
        return one
    except OSError:
        one.close()
        return None
    return one


@suite.test
def with_256_descriptors_5000_attempts_harm_nobody_who_is_connected(bench):
    limited = ["prlimit", f"--nofile={DESCRIPTORS}:{DESCRIPTORS}"]
    server = bench.enter(Server(bench.binary, bench.fresh(), dev=True, prefix=limited))
    with server.connect() as early:
        check_code(create_topic(early, "kept"), NONE, "create")
        held, slowest = [], 0
        for number in range(ATTEMPTS):
            one = attempt(server.ports["plaintext"])
            if one:
                held.append(one)
            if len(held) > HELD:
                held.pop(0).close()
            if number % 250 == 0:
                begun = time.monotonic()
                check_code(produce(early, "kept", batch([b"through"]))["error_code"], NONE, "a record of an earlier client")
                slowest = max(slowest, time.monotonic() - begun)
                check_equal(server.http("/api/v1/doctor")[0], 200, "status of the HTTP side")
        taken = len(os.listdir(f"/proc/{server.process.pid}/fd"))
        for one in held:
            one.close()
        begun = time.monotonic()

        def is_served():
            try:
                with server.connect(timeout=1) as late:
                    return "kept" in metadata(late)
            except OSError:
                return False
        eventually(is_served, RECOVERED_SECONDS_MAX, "a new client is served")
        print(f"  {ATTEMPTS:,} attempts, {taken} of {DESCRIPTORS} descriptors in use; slowest answer to an earlier client "
              f"{slowest * 1e3:.0f} ms, a new one served after {time.monotonic() - begun:.2f} s")
        check(taken > DESCRIPTORS // 3, "the descriptors never became few")  # the rest is kept for segments
