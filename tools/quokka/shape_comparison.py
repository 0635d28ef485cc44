"""Two shapes of the company side by side: what Myelin said of each, beside what the oracle makes of shape and plan; and what the
clients' own records say of the switch between them."""
import collections
import datetime

import kept
import segments
import shape as shape_side
import truth as truth_side

# Clocks of one machine, a truth line that is up to 200 ms younger than what it tells, and the making of two HTTP requests.
ACCESS_SLACK_SECONDS = 5
# What follows an apply belongs to it: sessions that are open feel it within a second.
FELT_MS = 2000


def compare(result, first, second, truth, log, told):
    """`first` and `second` are Shapes, `told` is what a Transformation collected."""
    both = [(first, told["first"]), (second, told["second"])]
    compare_called(result, first.plan, both)
    compare_consents(result, both)
    compare_access(result, first, second, truth, told)
    compare_drift(result, both)
    compare_congruence(result, first.plan, both)
    compare_switch(result, first.plan, truth, log, told["switch"])


def before_and_after(result, what, expected, measured):
    result.equal(what, " > ".join(str(one or "nobody") for one in expected), " > ".join(str(one or "nobody") for one in measured))


def compare_called(result, plan, both):
    for number, failure in enumerate(plan["failures"]):
        what = f'called for {failure["failure"]} of {failure["topic"]} ({failure["what"]})'
        before_and_after(result, what, [shape.called(failure["topic"], failure["failure"]) for shape, _ in both],
                         [told["called"][number] for _, told in both])


def compare_consents(result, both):
    topics = sorted({failure["topic"] for failure in both[0][0].plan["failures"] if both[0][0].topics[failure["topic"]]["owner"]})
    for topic in topics:
        before_and_after(result, f"approvals for another contract of {topic}", [shape.topics[topic]["owner"] for shape, _ in both],
                         [", ".join(told["consents"].get(topic, [])) for _, told in both])
        before_and_after(result, f"approvals for another mode of {topic}", [", ".join(sorted(shape.say_in_the_mode(topic))) for shape, _ in both],
                         [", ".join(told["mode_consents"].get(topic, [])) for _, told in both])


def compare_access(result, first, second, truth, told):
    """The request is the same in both shapes; only in one of them it leads to a record."""
    request, both = first.plan["request"], (told["first"]["access"] or {}, told["second"]["access"] or {})
    states = {"approve": "applied", "reject": "rejected"}
    name = f'{request["application"]} asks for {request["product"]}'
    before_and_after(result, f"{name}, which is", [states[shape.answers["answer"]] for shape in (first, second)],
                     [access.get("state") for access in both])
    before_and_after(result, f"{name}, and whose it is to answer", [shape.holder(request["topic"], "approve") for shape in (first, second)],
                     [access.get("provider") for access in both])
    before_and_after(result, f"{name}, and reads", ["no" if shape.answers["answer"] == "reject" else "yes" for shape in (first, second)],
                     ["yes" if access.get("first_record") else "no" for access in both])
    read_at = truth.first_received.get((request["topic"], request["principal"]))
    if read_at is None or not both[1].get("first_record"):
        result.equal(f"{name}: seconds to the first record", "some", "none")
        return
    result.near(f"{name}: seconds to the first record", round((read_at - min(read_at, told["asked"]["second"])) / 1000, 1),
                round(seconds_between(both[1]["asked"], both[1]["first_record"]), 1), ACCESS_SLACK_SECONDS, "as its client saw it")


def seconds_between(begin, end):
    begin, end = (datetime.datetime.fromisoformat(text.replace("Z", "+00:00")) for text in (begin, end))
    return (end - begin).total_seconds()


def acts_in(shape):
    """(topic, whose duty it is, squad that acted) of what people and applications do in a shape, and of the apply that made it."""
    request = shape.plan["request"]
    yield request["topic"], shape.holder(request["topic"], "approve"), shape.squads[shape.answers["by"]]
    for act in shape.told["acts"]:
        yield act["topic"], shape.holder(act["topic"], act["duty"]), shape.squads[act["by"]]


def compare_drift(result, both):
    expected = []
    counted = collections.defaultdict(lambda: [0, 0])
    for shape, _ in both:
        for topic, due, squad in acts_in(shape):
            product = shape.topics[topic]["product"]
            counted[product][0] += squad != due
            counted[product][1] += 1
        expected.append({product: list(counts) for product, counts in counted.items()})
    for product in sorted({product for drift in [*expected, *(told["drift"] for _, told in both)] for product in drift}):
        before_and_after(result, f"mode drift of {product} until then, actions by others of all",
                         [drift_text(drift, product) for drift in expected], [drift_text(told["drift"], product) for _, told in both])


def drift_text(drift, product):
    by_others, actions = drift.get(product, (0, 0))
    return f"{by_others} of {actions}"


def compare_congruence(result, plan, both):
    reads = [shape_side.reads_of(plan), shape_side.reads_of(shape_side.with_request(plan))]
    expected = [shape.edges(seen) for (shape, _), seen in zip(both, reads)]
    for (_, told), edges, when in zip(both, expected, ("before", "after")):
        result.same_set(f"edge between squads {when}", edges, {tuple(edge) for edge in told["edges"]})
    before_and_after(result, "congruence, declared edges of all",
                     [f"{len(shape.declared(edges))} of {len(edges)}" for (shape, _), edges in zip(both, expected)],
                     [f'{told["congruence"]["declared"]} of {told["congruence"]["edges"]}' for _, told in both])


def compare_switch(result, plan, truth, log, switch):
    """By the clients' own records: everybody went on, and nobody lost a record or was refused one."""
    begin, end = switch["began"], switch["ended"] + FELT_MS
    during = [ack[1:] for ack in truth.acks if begin <= ack[0] <= end and ack[1] not in kept.topics_of(plan)]
    found = sum(len(sequences & log.written.get((topic, principal), segments.Written()).sequences.keys()) for topic, principal, sequences in during)
    result.equal("switch: somebody wrote meanwhile", "yes", "yes" if during else "no")
    result.equal("switch: records acknowledged meanwhile, in the log", sum(len(sequences) for *_, sequences in during), found)
    result.equal("switch: records that a client gave up, then or ever", 0, len(truth.given_up))
    allowed = {(write["topic"], entry["principal"]) for entry in plan["applications"] for write in entry["writes"]}
    allowed |= shape_side.reads_of(shape_side.with_request(plan))
    refused = sorted(f"{principal} {resource}" for principal, resource, _ in truth.denied
                     if (resource.removeprefix("topic "), principal) in allowed)
    result.equal("switch: clients that were refused what they may", "none", ", ".join(refused) or "none")
    result.equal("switch: clients that no longer write after it", "none", quiet_after(switch, [(t, principal) for t, _, principal, _ in truth.acks]))
    stalls = truth_side.by_plant(plan, "consumer_stalls")
    received = [(moment.t, principal) for (_, principal, _), moments in truth.moments.items() for moment in moments if principal not in stalls]
    result.equal("switch: clients that no longer read after it", "none", quiet_after(switch, received))


def quiet_after(switch, seen):
    """Names of those who were seen, (time in ms, principal), and not after the switch."""
    return ", ".join(sorted({principal for _, principal in seen} - {principal for t, principal in seen if t > switch["ended"]})) or "none"
