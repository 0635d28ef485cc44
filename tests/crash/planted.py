"""The checker bites: each anomaly, planted in a good history, is found under its name, and the good history has none."""
import copy

from checker import check_history
from history import FAIL, INFO, OK, Operation
from suite import Suite, check, check_equal

suite = Suite()


def good():
    """Two writers and a reader; keys a and b; offsets of markers are holes."""
    return [
        Operation("w1", OK, "txn", [["send", "a", [0, 1]], ["send", "b", [0, 2]], ["send", "a", [1, 3]]]),
        Operation("w2", OK, "txn", [["poll", {"a": [[0, 1], [1, 3]]}], ["send", "b", [2, 4]]]),
        Operation("w1", FAIL, "txn", [["send", "a", [3, 5]]]),
        Operation("w1", INFO, "txn", [["send", "a", 6]]),
        Operation("w1", OK, "txn", [["send", "a", [7, 7]]]),
        Operation("w3", OK, "send", [["send", "b", [4, 8]]]),
        Operation("reader", OK, "poll", [["poll", {"a": [[0, 1], [1, 3], [7, 7]], "b": [[0, 2]]}]]),
        Operation("reader", OK, "poll", [["poll", {"b": [[2, 4], [4, 8]]}]]),
    ]


def names(operations):
    return sorted({name for name, _ in check_history(operations)})


def planted(expected):
    """A test that the history, after `plant` changed it, has exactly the expected anomalies."""
    def decorate(plant):
        def test(_):
            history = copy.deepcopy(good())
            plant(history)
            check_equal(names(history), sorted(expected), "anomalies")
        test.__name__ = f"the checker finds {expected[0]}: {plant.__name__}"
        return suite.test(test)
    return decorate


@suite.test
def the_checker_finds_nothing_in_a_good_history(_):
    check_equal(check_history(good()), [], "anomalies")
    check(any(operation.kind == INFO for operation in good()), "a good history may have ends that nobody knows")


@planted(["lost-write"])
def an_acknowledged_value_below_the_highest_that_was_read_is_gone(history):
    history[6].steps[0][1]["a"] = [[0, 1], [7, 7]]
    history[1].steps[0][1]["a"] = [[0, 1]]


@planted(["unseen"])
def an_acknowledged_value_at_the_end_is_gone(history):
    history[7].steps[0][1]["b"] = [[2, 4]]


@planted(["duplicate"])
def a_value_lies_twice(history):
    history[7].steps[0][1]["b"].append([9, 8])


@planted(["inconsistent-offsets", "duplicate"])
def two_read_other_values_at_one_offset(history):
    history.append(Operation("other", OK, "poll", [["poll", {"a": [[0, 3]]}]]))


@planted(["G1a"])
def what_was_aborted_is_read(history):
    history[6].steps[0][1]["a"].insert(2, [3, 5])


@planted(["made-up"])
def what_nobody_sent_is_read(history):
    history[7].steps[0][1]["b"].append([9, 99])


@planted(["precommitted-read"])
def a_transaction_reads_its_own(history):
    history[1].steps += [["poll", {"b": [[2, 4]]}]]


@planted(["int-nonmonotonic-send", "nonmonotonic-send"])
def sends_of_a_transaction_change_places(history):
    history[0].steps = [["send", "a", [1, 3]], ["send", "b", [0, 2]], ["send", "a", [0, 1]]]


@planted(["nonmonotonic-send"])
def a_later_send_lies_before_an_earlier_one(history):
    history[4], history[0] = history[0], history[4]


@planted(["int-nonmonotonic-poll", "nonmonotonic-poll"])
def polls_of_a_transaction_go_back(history):
    history[1].steps[0][1]["a"] = [[1, 3], [0, 1]]


@planted(["int-poll-skip"])
def polls_of_a_transaction_leave_one_out(history):
    history[1].steps[0][1]["a"] = [[0, 1], [7, 7]]


@planted(["poll-skip"])
def polls_of_a_process_leave_one_out(history):
    history[6].steps[0][1]["b"], history[7].steps[0][1]["b"] = [[0, 2]], [[4, 8]]
    history.append(Operation("other", OK, "poll", [["poll", {"b": [[2, 4]]}]]))


@planted(["nonmonotonic-poll"])
def polls_of_a_process_go_back(history):
    history.append(Operation("reader", OK, "poll", [["poll", {"b": [[2, 4]]}]]))


@planted(["G1c"])
def transactions_read_each_other(history):
    history[0].steps.append(["poll", {"b": [[2, 4]]}])
