"""Every case, sent to one server."""
import messages
from answers import Answers
from baselines import BASELINES, World, request_name
from client import Connection
from outcome import CASE, Observer
from spoiling import cases

CUT = "cut at any byte"


def served(port):
    with Connection(port) as connection:
        return {messages.NAMES.get(row["api_key"]): (row["min_version"], row["max_version"]) for row in connection.request("ApiVersions", 0)["api_keys"]}


def common(one, other):
    """The versions that both serve."""
    return {name: (max(one[name][0], other[name][0]), min(one[name][1], other[name][1])) for name in one if name in other}


def collect(port, ranges, origin, expected=None):
    """What is not as expected is asked a second time: a request may meet a coordinator that is still busy with the one before."""
    answers, observer = Answers(origin), Observer(port)
    with Connection(port, timeout=60) as connection:
        world = World(connection)
        for case_name in BASELINES:
            name = request_name(case_name)
            lowest, highest = ranges.get(name, (0, -1))
            for version in range(lowest, highest + 1):
                for case, payload in cases(case_name, version, world, CASE):
                    key = (case_name, case, version)
                    answers[key] = observer.observe(name, version, payload())
                    if expected and answers[key] != expected[key]:
                        answers[key] = observer.observe(name, version, payload())
                    if case == "valid":
                        answers[case_name, CUT, version] = observer.observe_cuts(name, version, payload())
    observer.close()
    return answers
