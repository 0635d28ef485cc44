"""Grants while the server's clocks are shifted: one that ended stays ended, one that has not begun does not begin by a jump."""
import datetime

import company
from company import GRANT, apply, changed, folder_of
from consent import read
from errors import NONE, TOPIC_AUTHORIZATION_FAILED
from server import Server
from shifted_clocks import HOUR, MINUTE, YEAR, Clocks
from suite import Suite, check_code, check_equal, check_in, eventually

suite = Suite()


def stamp(seconds):
    """So long after now."""
    return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


def granted(bench, field, seconds):
    """(clocks, server) of the company whose grant has one more time."""
    place = bench.fresh()
    clocks = Clocks(place)
    server = bench.enter(Server(bench.binary, place, listen=["sasl_plaintext"], prefix=clocks.prefix))
    server.enrol("petra", company.PEOPLE)
    apply(server, folder_of(bench, changed(GRANT, "description:", f'{field}: "{stamp(seconds)}"\ndescription:')))
    return clocks, server


def code(server):
    with server.connect("invoicer") as reader:
        return read(reader)


def jumps(server):
    return server.metric("myelin_clock_jumps_total", "petra")


@suite.test
def a_grant_that_ended_stays_ended_when_the_wall_clock_goes_back(bench):
    clocks, server = granted(bench, "endTimestamp", 30 * MINUTE)
    check_code(code(server), NONE, "a read while the grant is live")
    clocks.let_pass(31 * MINUTE)
    check_code(code(server), TOPIC_AUTHORIZATION_FAILED, "a read after its end")
    for back in (HOUR, 10 * YEAR):
        clocks.jump(-back)
        check_code(code(server), TOPIC_AUTHORIZATION_FAILED, f"a read with the clock {back} s back")
        eventually(lambda: jumps(server) > 0, what="the jump is counted")
        check_in("the wall clock jumped", server.log_path.read_text(), "the log")
        server.stop()
        server.start()
        check_code(code(server), TOPIC_AUTHORIZATION_FAILED, f"a read after a start with the clock {back} s back")
        eventually(lambda: jumps(server) == 1, what="the start under a wrong clock is counted")
        clocks.jump(back)
        check_code(code(server), TOPIC_AUTHORIZATION_FAILED, "a read with the clock right again")


@suite.test
def a_grant_begins_by_the_time_that_passed(bench):
    clocks, server = granted(bench, "startTimestamp", 30 * MINUTE)
    for ahead in (HOUR, 10 * YEAR):
        clocks.jump(ahead)
        check_code(code(server), TOPIC_AUTHORIZATION_FAILED, f"a read with the clock {ahead} s ahead")
        clocks.jump(-ahead)
    clocks.let_pass(31 * MINUTE)
    check_code(code(server), NONE, "a read after its start")
    clocks.jump(-HOUR)
    check_code(code(server), NONE, "a read with the clock an hour back: what began goes on")


@suite.test
def a_grant_is_over_for_as_long_as_a_clock_ahead_says_so_and_somebody_is_told(bench):
    clocks, server = granted(bench, "endTimestamp", 30 * MINUTE)
    clocks.jump(HOUR)
    check_code(code(server), TOPIC_AUTHORIZATION_FAILED, "a read with the clock an hour ahead")
    eventually(lambda: jumps(server) == 1, what="the jump is counted")
    told = server.tool("doctor", user="petra", check=False).stdout
    check_in("the wall clock jumped: 36", told, "what doctor says")
    check_in("grants end by the wall clock and none begins by it", told, "what doctor says")
    clocks.jump(-HOUR)
    check_code(code(server), NONE, "a read with the clock right again")
    eventually(lambda: "the wall clock says again what time has passed" in server.log_path.read_text(), what="the log tells that it is over")
    check_equal(server.log_path.read_text().count("the wall clock jumped"), 1, "lines of the log that tell of the jump")
