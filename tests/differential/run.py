"""Myelin alone, against what a real Kafka answered; --write puts down anew how Myelin differs, for a person to read."""
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "wire"))

from comparison import DIFFERENCES, KAFKA_ANSWERS, answers_of, differing, unlike  # noqa: E402
from answers import Answers  # noqa: E402
from reasons import REASONS, reason_of  # noqa: E402
from suite import Suite, check  # noqa: E402

suite = Suite()


@suite.test
def bad_input_is_answered_as_kafka_answers_it_but_for_what_is_listed(bench):
    kafka = Answers.read(KAFKA_ANSWERS)
    found = differing(answers_of(bench, kafka.ranges()), kafka)
    if "--write" in sys.argv:
        found.write(DIFFERENCES)
    wrong = unlike(found, Answers.read(DIFFERENCES))
    check(not wrong, f"{len(wrong)} cases are not as listed in {DIFFERENCES.name}: {'; '.join(wrong[:5])}")


@suite.test
def every_difference_has_its_reason_and_every_reason_a_difference(_):
    kafka, listed = Answers.read(KAFKA_ANSWERS), Answers.read(DIFFERENCES)
    given = {(name, case, version): reason_of(name, case, kafka[name, case, version], outcome) for (name, case, version), outcome in listed.found.items()}
    without = [f"{name} {version}: {case}: {kafka[name, case, version]} / {listed[name, case, version]}"
               for (name, case, version), reason in given.items() if reason is None]
    check(not without, f"{len(without)} differences without a reason: {'; '.join(without[:5])}")
    idle = [reason.text for reason in REASONS if reason not in given.values()]
    check(not idle, f"reasons without a difference: {idle}")


suite.run(sys.argv[1])
