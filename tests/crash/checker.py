"""Judges a history: offsets give the order of versions, so one pass finds what must never be. The anomalies are those of Jepsen's
tests of Redpanda and Bufstream; sends of two transactions may lie between each other (G0, int-send-skip), which Kafka allows."""
import collections

from history import FAIL, OK


class Log:
    """What is known of the partitions: by whom each value was sent, where it was acknowledged and read."""

    def __init__(self, operations):
        self.operations = operations
        self.sender = {}                                       # (key, value) → operation
        self.at = collections.defaultdict(dict)                # key → offset → value, read by anybody
        self.places = collections.defaultdict(set)             # (key, value) → offsets
        self.anomalies = []
        for operation in operations:
            for key, offset, value in operation.sends():
                self.sender[(key, value)] = operation
                if offset is not None and operation.kind == OK:
                    self._place(key, offset, value)
        self.read = set()
        for operation in operations:
            for key, offset, value in operation.polls():
                self._place(key, offset, value)
                self.read.add((key, value))
                self.at[key][offset] = value

    def _place(self, key, offset, value):
        self.places[(key, value)].add(offset)

    def report(self, name, text):
        self.anomalies.append((name, text))


def inconsistent_offsets(log):
    values = collections.defaultdict(set)
    for (key, value), offsets in log.places.items():
        for offset in offsets:
            values[(key, offset)].add(value)
    for (key, offset), found in values.items():
        if len(found) > 1:
            log.report("inconsistent-offsets", f"{key} offset {offset}: {sorted(found)[:4]}")


def duplicate(log):
    for (key, value), offsets in log.places.items():
        if len(offsets) > 1:
            log.report("duplicate", f"{key} value {value} at {sorted(offsets)[:4]}")


def lost_write_and_unseen(log):
    highest = {key: max(offsets) for key, offsets in log.at.items() if offsets}
    for operation in log.operations:
        if operation.kind != OK:
            continue
        for key, offset, value in operation.sends():
            if (key, value) in log.read:
                continue
            below = offset is not None and offset < highest.get(key, -1)
            log.report("lost-write" if below else "unseen", f"{key} value {value}, acknowledged at {offset}; read up to {highest.get(key)}")


def aborted_read(log):
    for key, value in log.read:
        operation = log.sender.get((key, value))
        if operation is not None and operation.kind == FAIL:
            log.report("G1a", f"{key} value {value} of an operation that failed was read")


def made_up(log):
    """Not among Jepsen's: a value that nobody sent."""
    for key, value in log.read:
        if (key, value) not in log.sender:
            log.report("made-up", f"{key} value {value} was read and never sent")


def precommitted_read(log):
    for operation in log.operations:
        own = {(key, value) for key, _, value in operation.sends()}
        for key, _, value in operation.polls():
            if operation.f == "txn" and (key, value) in own:
                log.report("precommitted-read", f"{key} value {value} was read by the transaction that sends it")


def _goes_back(places, last):
    """(key, offset, before) of the places whose offsets do not go up; `last` remembers the highest of each key."""
    for key, offset, _ in places:
        if offset is None:
            continue
        if offset <= last.get(key, -1):
            yield key, offset, last[key]
        last[key] = max(offset, last.get(key, -1))


def order_inside(log):
    for operation in log.operations:
        if operation.f != "txn" or operation.kind != OK:
            continue
        for key, offset, before in _goes_back(operation.sends(), {}):
            log.report("int-nonmonotonic-send", f"{key} offset {offset} after {before} in one transaction")
        for key, offset, before in _goes_back(operation.polls(), {}):
            log.report("int-nonmonotonic-poll", f"{key} offset {offset} after {before} in one transaction")


def order_of_sends(log):
    last = collections.defaultdict(dict)
    for operation in log.operations:
        if operation.kind == OK:
            for key, offset, before in _goes_back(operation.sends(), last[operation.process]):
                log.report("nonmonotonic-send", f"{operation.process}: {key} offset {offset} after {before}")


def skips(log):
    """Polls of one process, by assignment, see each version between the first and the last."""
    versions = {key: sorted(offsets) for key, offsets in log.at.items()}
    index = {key: {offset: number for number, offset in enumerate(offsets)} for key, offsets in versions.items()}
    last = collections.defaultdict(dict)
    for operation in log.operations:
        inside = {}
        for key, offset, _ in operation.polls():
            for seen, name in ((inside, "int-poll-skip"), (last[operation.process], "poll-skip")):
                if key in seen and offset > seen[key] and index[key][offset] - index[key][seen[key]] > 1:
                    left_out = versions[key][index[key][seen[key]] + 1]
                    log.report(name, f"{operation.process}: {key} from {seen[key]} to {offset}, without {left_out}")
                    break
            if key in last[operation.process] and offset <= last[operation.process][key]:
                log.report("nonmonotonic-poll", f"{operation.process}: {key} offset {offset} after {last[operation.process][key]}")
            inside[key] = last[operation.process][key] = offset


def cycles(log):
    """G1c: transactions that read each other's sends. Edges of versions (ww) are left out: with them it holds G0, which Kafka allows."""
    reads_from = collections.defaultdict(set)
    for operation in log.operations:
        if operation.f != "txn" or operation.kind == FAIL:
            continue
        for key, _, value in operation.polls():
            sender = log.sender.get((key, value))
            if sender is not None and sender is not operation and sender.f == "txn":
                reads_from[id(operation)].add(id(sender))
    state = {}
    for start in list(reads_from):
        stack = [(start, iter(reads_from[start]))]
        if state.get(start):
            continue
        state[start] = "open"
        while stack:
            node, rest = stack[-1]
            following = next(rest, None)
            if following is None:
                state[node] = "done"
                stack.pop()
            elif state.get(following) == "open":
                log.report("G1c", "a cycle of transactions that read each other's sends")
                return
            elif following not in state:
                state[following] = "open"
                stack.append((following, iter(reads_from.get(following, ()))))


CHECKS = (inconsistent_offsets, duplicate, lost_write_and_unseen, aborted_read, made_up, precommitted_read, order_inside, order_of_sends,
          skips, cycles)


def check_history(operations):
    """(name, text) of every anomaly."""
    log = Log(operations)
    for check in CHECKS:
        check(log)
    return log.anomalies
