"""Starts that must not happen, each with a message that says what to do; and how a running server stops."""
import os
import shutil
import signal
import socket
import subprocess
import threading
import time

from batch import batch
from client import Closed
from errors import NONE
from kafka import create_topic, fetch_body, produce, read_all
from server import Server, refused
from suite import Suite, check, check_code, check_equal, check_in

suite = Suite()


@suite.test
def a_mistyped_command_line_is_told_the_nearest_word(bench):
    for words, expected in (
        ("topcs", '"myelin" has no command "topcs"; did you mean "topics"?'),
        ("serve --dta here", '"myelin serve" has no option --dta; did you mean "--data"?'),
        ("serve --data here", "--listen is required"),
        ("principal ad till-app", '"myelin principal" has no command "ad"; did you mean "add"?'),
        ("doctor now", '"myelin doctor" takes no further word, but there is "now"'),
        ("topics --output xml", '--output: "xml" is unknown; use table, json, yaml or csv'),
    ):
        told = subprocess.run([str(bench.binary), *words.split()], capture_output=True, text=True, timeout=10, check=False)
        check_equal(told.returncode, 2, words)
        check_equal(told.stderr.splitlines()[0], "myelin: " + expected, words)


@suite.test
def a_directory_in_use_is_refused_and_its_user_is_not_disturbed(bench):
    directory = bench.fresh()
    with Server(bench.binary, directory, dev=True) as first:
        second = Server(bench.binary, directory, dev=True, log_name="second.log")
        message = refused(second)
        check_in(str(second.data), message)
        check_in("in use by another process", message)
        with first.connect() as connection:
            check_code(create_topic(connection, "still.there"), NONE, "create")


@suite.test
def a_directory_of_a_newer_format_is_refused(bench):
    directory = bench.fresh()
    Server(bench.binary, directory, dev=True).start().stop()
    path = directory / "data" / "state" / "format"
    head, _, version = path.read_text().strip().rpartition(" ")
    path.write_text(f"{head} {int(version) + 1}\n")
    message = refused(Server(bench.binary, directory, dev=True, log_name="second.log"))
    check_in(f"has format {int(version) + 1}", message)
    check_in("use a newer program", message)


@suite.test
def a_directory_of_something_else_is_refused(bench):
    directory = bench.fresh()
    (directory / "data" / "state").mkdir(parents=True)
    (directory / "data" / "state" / "format").write_text("somebody else's file\n")
    check_in("damaged", refused(Server(bench.binary, directory)))


@suite.test
def a_data_directory_that_is_a_file_is_refused(bench):
    directory = bench.fresh()
    (directory / "data").write_text("not a directory")
    check_in(str(directory / "data"), refused(Server(bench.binary, directory, dev=True)))


@suite.test
def a_port_in_use_is_refused_with_the_address(bench):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        message = refused(Server(bench.binary, bench.fresh(), dev=True, listen=[f"plaintext://127.0.0.1:{port}"]))
        check_in(f"127.0.0.1:{port}", message)
        check_in("in use", message)


@suite.test
def a_start_that_fails_late_leaves_the_directory_as_a_clean_stop_does(bench):
    directory = bench.fresh()
    refused(Server(bench.binary, directory, listen=["sasl_ssl"]))
    with Server(bench.binary, directory, listen=["sasl_plaintext"], log_name="second.log") as server:
        check("unclean stop" not in server.log_path.read_text(), "the start after it speaks of an unclean stop")


@suite.test
def plaintext_is_refused_outside_dev(bench):
    check_in("--dev", refused(Server(bench.binary, bench.fresh(), listen=["plaintext"])))


@suite.test
def sasl_plaintext_is_refused_beyond_loopback(bench):
    for host in ("0.0.0.0", "[::]"):
        check_in("loopback", refused(Server(bench.binary, bench.fresh(), listen=[f"sasl_plaintext://{host}:0"])))


@suite.test
def dev_is_refused_beyond_loopback(bench):
    for protocol in ("plaintext", "sasl_plaintext"):
        check_in("loopback", refused(Server(bench.binary, bench.fresh(), dev=True, listen=[f"{protocol}://0.0.0.0:0"])))


@suite.test
def plain_http_is_refused_beyond_loopback(bench):
    check_in("loopback", refused(Server(bench.binary, bench.fresh(), dev=True, http="0.0.0.0:0")))


@suite.test
def a_listener_that_is_none_is_refused(bench):
    for text in ("carrier://127.0.0.1:0", "sasl_ssl://127.0.0.1:99999", "sasl_ssl://127.0.0.1", "sasl_ssl://:x"):
        check_in("--listen", refused(Server(bench.binary, bench.fresh(), listen=[text])))


@suite.test
def dev_is_refused_on_a_directory_that_it_did_not_make(bench):
    directory = bench.fresh()
    Server(bench.binary, directory, listen=["sasl_plaintext"]).start().stop()
    check_in("--dev", refused(Server(bench.binary, directory, dev=True, log_name="second.log")))


@suite.test
def a_dev_directory_never_serves_in_earnest(bench):
    directory = bench.fresh()
    Server(bench.binary, directory, dev=True).start().stop()
    check_in("--dev", refused(Server(bench.binary, directory, listen=["sasl_plaintext"], log_name="second.log")))
    check_in("--dev", refused(Server(bench.binary, directory, listen=["sasl_plaintext"], extra=["--demo"], log_name="third.log")))


@suite.test
def demo_marks_new_directories_only_and_lets_nobody_in_by_itself(bench):
    directory = bench.fresh()
    with Server(bench.binary, directory, listen=["sasl_plaintext"], extra=["--demo"]) as server:
        check_equal(server.http("/api/v1/topics")[0], 403, "HTTP before enrolment")
    with Server(bench.binary, directory, listen=["sasl_plaintext"], extra=["--demo"], log_name="second.log"):
        pass
    other = bench.fresh()
    Server(bench.binary, other, listen=["sasl_plaintext"]).start().stop()
    check_in("demo", refused(Server(bench.binary, other, listen=["sasl_plaintext"], extra=["--demo"], log_name="second.log")))


@suite.test
def dev_says_so_in_a_banner(bench):
    with Server(bench.binary, bench.fresh(), dev=True) as server:
        check_in("dev mode", server.log_path.read_text(), "the output")


@suite.test
def a_removed_directory_does_not_bring_the_server_down(bench):
    with Server(bench.binary, bench.fresh(), dev=True) as server:
        with server.connect() as connection:
            check_code(create_topic(connection, "gone"), NONE, "create")
            shutil.rmtree(server.data / "log")
            create_topic(connection, "after.the.loss")
            produce(connection, "gone", batch([b"lost?"]))
        check(server.is_running(), "the server ended")
        with server.connect() as connection:
            connection.request("ApiVersions", 0)


@suite.test
def sigterm_answers_what_is_owed_and_exits_with_0_and_a_second_start_serves_it(bench):
    directory = bench.fresh()
    with Server(bench.binary, directory, dev=True) as server:
        connection, waiting = bench.enter(server.connect()), bench.enter(server.connect())
        check_code(create_topic(connection, "drained"), NONE, "create")
        owed = waiting.send("Fetch", 11, fetch_body("drained", 0, max_wait=1500, min_bytes=1))
        check_code(produce(connection, "drained", batch([b"kept"], ))["error_code"], NONE, "produce")
        waiting.receive("Fetch", 11, owed)
        owed = waiting.send("Fetch", 11, fetch_body("drained", 1, max_wait=1500, min_bytes=1))
        time.sleep(0.1)
        server.process.send_signal(signal.SIGTERM)
        answer = waiting.receive("Fetch", 11, owed)
        check_code(answer["responses"][0]["partitions"][0]["error_code"], NONE, "the fetch that was under way")
        check(waiting.is_closed_by_server(), "the connection stays open after its last answer")
        check_equal(server.process.wait(10), 0, "exit code")
    with Server(bench.binary, directory, dev=True, log_name="second.log") as server:
        check("unclean" not in server.log_path.read_text(), "the second start found an unclean stop")
        with server.connect() as connection:
            check_equal(read_all(connection, "drained"), [(0, b"kept")], "records")


@suite.test
def no_new_connection_is_taken_while_stopping(bench):
    with Server(bench.binary, bench.fresh(), dev=True) as server:
        waiting = bench.enter(server.connect())
        create_topic(waiting, "slow.stop")
        waiting.send("Fetch", 11, fetch_body("slow.stop", 0, max_wait=2000, min_bytes=1))
        time.sleep(0.1)
        server.process.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        try:
            with server.connect(timeout=1) as late:
                check(late.is_closed_by_server(1), "a connection made while stopping is served")
        except (ConnectionError, Closed, TimeoutError):
            pass


@suite.test
def a_second_signal_stops_at_once(bench):
    with Server(bench.binary, bench.fresh(), dev=True) as server:
        waiting = bench.enter(server.connect())
        create_topic(waiting, "impatient")
        waiting.send("Fetch", 11, fetch_body("impatient", 0, max_wait=20_000, min_bytes=1))
        time.sleep(0.1)
        started = time.monotonic()
        server.process.send_signal(signal.SIGTERM)
        time.sleep(0.2)
        if server.is_running():
            server.process.send_signal(signal.SIGINT)
        server.process.wait(5)
        check(time.monotonic() - started < 5, "the second signal was not heard")


@suite.test
def clients_that_come_and_go_during_a_stop_do_not_keep_it(bench):
    with Server(bench.binary, bench.fresh(), dev=True) as server:
        port, stop = server.ports["plaintext"], threading.Event()
        def hammer():
            while not stop.is_set():
                try:
                    with socket.create_connection(("127.0.0.1", port), timeout=1) as raw:
                        raw.sendall(os.urandom(50))
                except OSError:
                    time.sleep(0.01)
        threads = [threading.Thread(target=hammer) for _ in range(4)]
        for thread in threads:
            thread.start()
        time.sleep(0.3)
        code = server.stop(10)
        stop.set()
        for thread in threads:
            thread.join()
        check_equal(code, 0, "exit code")
