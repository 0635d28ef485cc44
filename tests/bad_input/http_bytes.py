"""HTTP that is malformed, too large, slow, or means two things at once."""
import socket
import threading
import time

from server import Server
from suite import Suite, check, check_equal, check_in

suite = Suite()


def open_server(bench):
    return bench.keep("http", lambda: Server(bench.binary, bench.fresh(), dev=True).start())


def raw(server, data, seconds=5):
    """Everything that comes back until the server closes or nothing comes for a while."""
    with socket.create_connection(("127.0.0.1", server.http_port), timeout=seconds) as connection:
        try:
            connection.sendall(data)
        except OSError:
            pass
        answer = b""
        try:
            while part := connection.recv(65536):
                answer += part
        except (TimeoutError, ConnectionError):
            pass
        return answer


def status_of(answer):
    return int(answer.split(b" ")[1]) if answer.startswith(b"HTTP/1.1 ") else None


def head(server, *lines, method="GET", path="/healthz", version="HTTP/1.1"):
    return "\r\n".join([f"{method} {path} {version}", f"Host: 127.0.0.1:{server.http_port}", "Connection: close", *lines, "", ""]).encode("latin-1")


def check_well(server):
    check(server.is_running(), "the server ended")
    check_equal(server.http("/healthz")[0], 200, "/healthz")


@suite.test
def requests_that_are_none_are_refused_and_the_connection_ends(bench):
    server = open_server(bench)
    for data in (b"\0" * 100, b"HELLO\r\n\r\n", b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"GET /  HTTP/1.1\r\n\r\n", b"GET / HTTP/1.1\nHost: x\n\n",
                 b"\x16\x03\x01\x00\xc8\x01\x00" + bytes(100), b"GET / HTTP/1.1\r\nHost\r\n\r\n", b"GET / HTTP/1.1\r\n: empty\r\n\r\n",
                 b"GET / HTTP/1.1\r\n Host: folded\r\n\r\n", b"GET / HTTP/1.1\r\nHost : spaced\r\n\r\n"):
        answer = raw(server, data)
        check(status_of(answer) in (None, 400, 421, 505), f"{data[:40]!r} was answered with {answer[:80]!r}")
    check_well(server)


@suite.test
def oversized_requests_are_refused(bench):
    server = open_server(bench)
    for data in (head(server, "X: " + "x" * 200_000), head(server, *[f"X{number}: y" for number in range(5000)]), head(server, path="/" + "p" * 200_000),
                 head(server, "Content-Type: application/json", f"Content-Length: {10 ** 12}", method="POST", path="/api/v1/session"),
                 head(server, "Content-Type: application/json", f"Content-Length: {10 ** 30}", method="POST", path="/api/v1/session")):
        check(status_of(raw(server, data)) in (None, 400, 413, 414, 431), f"{data[:60]!r}… was taken")
    check_well(server)


@suite.test
def requests_with_two_meanings_are_refused(bench):
    server = open_server(bench)
    kind = "Content-Type: application/json"
    for lines in (["Content-Length: 2", "Content-Length: 3"], ["Content-Length: 2", "Transfer-Encoding: chunked"], ["Content-Length: -1"],
                  ["Content-Length: 2, 2x"], ["Content-Length: +2"], ["Content-Length: 0x2"], ["Transfer-Encoding: chunked, identity"],
                  ["Transfer-Encoding: gzip"]):
        answer = raw(server, head(server, kind, *lines, method="POST", path="/api/v1/session") + b"{}")
        check(status_of(answer) in (None, 400, 411, 413, 501), f"{lines} was answered with {answer[:60]!r}")
    hosts = f"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n".encode()
    check_equal(status_of(raw(server, hosts)), 400, "two Host headers")
    check(status_of(raw(server, b"GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n")) in (400, 421), "no Host header")
    check_well(server)


@suite.test
def paths_do_not_lead_out_of_the_console(bench):
    server = open_server(bench)
    for path in ("/console/../../../etc/passwd", "/console/..%2f..%2fetc/passwd", "/console/%2e%2e/%2e%2e/etc/passwd", "/..", "/console/%00", "/%zz",
                 "//evil.example/console", "/console/....//etc/passwd"):
        answer = raw(server, head(server, path=path))
        check(b"root:" not in answer, f"{path} shows a file")
        check(status_of(answer) in (200, 301, 302, 307, 308, 400, 404), f"{path} was answered with {answer[:60]!r}")
    check_well(server)


@suite.test
def slow_requests_are_dropped_and_disturb_nobody(bench):
    server = open_server(bench)
    slow = [socket.create_connection(("127.0.0.1", server.http_port), timeout=5) for _ in range(100)]
    for connection in slow:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: local")
    started = time.monotonic()
    check_well(server)
    check(time.monotonic() - started < 1, "another client had to wait")
    for connection in slow:
        connection.close()


@suite.test
def answers_do_not_carry_what_was_sent_into_their_headers(bench):
    server = open_server(bench)
    answer = raw(server, head(server, path="/api/v1/who/any/x%0d%0aSet-Cookie:%20a=b"))
    check(b"\r\nSet-Cookie" not in answer.split(b"\r\n\r\n")[0], "a header was injected")


@suite.test
def many_askers_at_once_are_all_answered(bench):
    server, wrong = open_server(bench), []

    def ask():
        for _ in range(10):
            status = server.http("/api/v1/topics")[0]
            if status not in (200, 503):
                wrong.append(status)
    threads = [threading.Thread(target=ask) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    check(not wrong, f"statuses {wrong[:5]}")
    check_in("myelin_net_http_requests_total", server.http("/metrics")[2], "/metrics")
