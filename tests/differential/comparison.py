"""What Myelin answers, beside what Kafka answered."""
import pathlib

from answers import Answers
from collecting import collect
from server import Server

HERE = pathlib.Path(__file__).resolve().parent
KAFKA_VERSION = "4.3.1"
KAFKA_ANSWERS = HERE / f"kafka-{KAFKA_VERSION}.answers"
DIFFERENCES = HERE / "differences.answers"


def open_server(bench):
    """Everybody may do everything, as on a Kafka without an authorizer."""
    return bench.enter(Server(bench.binary, bench.fresh(), dev=True, sets=["topics.auto_create=off"]))


def answers_of(bench, ranges, expected=None):
    return collect(open_server(bench).ports["plaintext"], ranges, "Myelin, where Apache Kafka answers otherwise", expected)


def differing(found, kafka):
    """What of the answers is not Kafka's."""
    differences = Answers(found.origin)
    for key, outcome in found.found.items():
        if outcome != kafka[key]:
            differences[key] = outcome
    return differences


def unlike(found, listed):
    """A line for each case in which two sets of answers are not the same."""
    return [f"{name} {version}: {case}: {found[name, case, version] or 'as Kafka, or not asked'}, listed {listed[name, case, version] or 'nothing'}"
            for name, case, version in dict.fromkeys([*found.found, *listed.found]) if found[name, case, version] != listed[name, case, version]]
