"""The answers of Apache Kafka to bad input, which tests/differential holds Myelin against, are what the real one answers."""
import os

from answers import Answers
from collecting import collect, common, served
from comparison import KAFKA_ANSWERS, KAFKA_VERSION, open_server, unlike
from client import Connection
from errors import NONE
from java_process import KafkaNode
from kafka import producer_id
from suite import Suite, check

suite = Suite()
GROUPS, TRANSACTIONS = 0, 1


def coordinates(kafka):
    """Its internal topics are made when somebody first looks for a coordinator, and are loaded then."""
    with Connection(kafka.port) as client:
        found = [client.request("FindCoordinator", 3, {"key": "first", "key_type": kind})["error_code"] for kind in (GROUPS, TRANSACTIONS)]
        if found != [NONE, NONE] or client.request("OffsetFetch", 5, {"group_id": "first", "topics": None})["error_code"] != NONE:
            return False
        return producer_id(client, "first")["error_code"] == NONE


@suite.test
def apache_kafka_answers_bad_input_as_it_was_put_down(bench):
    kafka = bench.enter(KafkaNode(bench.fresh(), version=KAFKA_VERSION, heap="600m", auto_create_topics_enable="false"))
    kafka.wait(kafka.answers, "an answer of Apache Kafka")
    kafka.wait(lambda: coordinates(kafka), "Apache Kafka's coordinators")
    listed = Answers.read(KAFKA_ANSWERS) if KAFKA_ANSWERS.exists() else None
    ranges = common(served(kafka.port), served(open_server(bench).ports["plaintext"]))
    # Myelin advertises these to old clients, and refuses them.
    ranges["Produce"] = (3, ranges["Produce"][1])
    found = collect(kafka.port, ranges, f"Apache Kafka {KAFKA_VERSION}, one node without an authorizer", listed)
    if os.environ.get("MYELIN_WRITE_ANSWERS"):
        found.write(KAFKA_ANSWERS)
        listed = found
    wrong = unlike(found, listed)
    check(not wrong, f"{len(wrong)} answers are not those of {KAFKA_ANSWERS.name}: {'; '.join(wrong[:5])}")
