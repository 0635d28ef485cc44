"""What the company knows to be true: the plan and the truth logs of all applications, summed up for the oracle."""
import collections
import dataclasses
import json
import pathlib


def load_plan(path):
    return json.loads(pathlib.Path(path).read_text())


def lines_of(directory):
    """Every line of every truth log; the half line of a killed process is dropped."""
    for path in sorted(pathlib.Path(directory).glob("*.jsonl")):
        principal = client = None
        for text in path.read_text().splitlines():
            try:
                line = json.loads(text)
            except json.JSONDecodeError:
                continue
            if line["event"] == "start":
                principal, client = line["principal"], line["client_id"]
            yield principal, client, line


@dataclasses.dataclass
class Keyed:
    """A record of a topic that keeps the latest of each key, as its writer knows it."""
    writer: str
    sequence: int
    key: str
    bytes: int  # of the value; -1: a tombstone
    crc: int


@dataclasses.dataclass
class Moment:
    """Offsets that reached a reader at a time."""
    t: int
    first: int
    next: int


@dataclasses.dataclass
class Ended:
    """Sequences of one writer and topic, by how the transaction that they were in ended."""
    committed: set = dataclasses.field(default_factory=set)
    aborted: set = dataclasses.field(default_factory=set)


@dataclasses.dataclass
class Truth:
    acked: collections.Counter = dataclasses.field(default_factory=collections.Counter)    # (topic, principal): records
    crc_sum: collections.Counter = dataclasses.field(default_factory=collections.Counter)  # (topic, principal)
    sequences: dict = dataclasses.field(default_factory=lambda: collections.defaultdict(set))  # (topic, principal)
    refused: collections.Counter = dataclasses.field(default_factory=collections.Counter)  # (topic, principal)
    received: collections.Counter = dataclasses.field(default_factory=collections.Counter)  # (topic, principal): records
    committed: dict = dataclasses.field(default_factory=dict)  # (group, topic, partition): offset
    first_committed: dict = dataclasses.field(default_factory=dict)  # (group, topic, partition): time in ms
    committed_by: set = dataclasses.field(default_factory=set)  # (group, topic, principal)
    readers: set = dataclasses.field(default_factory=set)      # (topic, principal, client id)
    triples: set = dataclasses.field(default_factory=set)      # (producer, topic, consumer)
    denied: set = dataclasses.field(default_factory=set)       # (principal, resource, operation)
    ended: dict = dataclasses.field(default_factory=lambda: collections.defaultdict(Ended))  # (topic, principal)
    ends: dict = dataclasses.field(default_factory=lambda: collections.defaultdict(list))  # principal: times at which its transactions ended
    seen: dict = dataclasses.field(default_factory=lambda: collections.defaultdict(set))  # (topic, writer, reader): sequences
    acks: list = dataclasses.field(default_factory=list)       # (time in ms, topic, principal, sequences)
    given_up: list = dataclasses.field(default_factory=list)   # (time in ms, topic, principal)
    first_received: dict = dataclasses.field(default_factory=dict)  # (topic, principal): time in ms
    keyed: dict = dataclasses.field(default_factory=lambda: collections.defaultdict(dict))  # topic: {(partition, offset): Keyed}
    libraries: dict = dataclasses.field(default_factory=dict)  # principal: "name version"
    moments: dict = dataclasses.field(default_factory=lambda: collections.defaultdict(list))  # (topic, principal, partition): Moments

    def received_before(self, kill_ms, topic, principal, window_ms, partition=None):
        """Offsets that reached a reader, from one partition or from all, in the window that ends with a kill. Who answers in transactions
        takes up what reached it before the kill when the transaction has ended that the kill interrupted."""
        until = min((t for t in self.ends[principal] if t > kill_ms), default=kill_ms) + SLACK_MS
        return sum(moment.next - moment.first for (*where, of), moments in self.moments.items() for moment in moments
                   if where == [topic, principal] and partition in (None, of) and kill_ms - window_ms <= moment.t <= until)


# A truth line is up to 200 ms younger than what it tells.
SLACK_MS = 300


def load_truth(directory):
    truth = Truth()
    for principal, client, line in lines_of(directory):
        take(truth, principal, client, line)
    return truth


def sequences_in(ranges):
    return {sequence for first, last in ranges for sequence in range(first, last + 1)}


def take(truth, principal, client, line):
    event = line["event"]
    if event == "start":
        truth.libraries[principal] = f'{line["library"]} {line["library_version"]}'
    elif event == "acked":
        where = line["topic"], principal
        truth.acked[where] += line["records"]
        truth.crc_sum[where] += line["crc_sum"]
        truth.sequences[where] |= sequences_in(line["ranges"])
        truth.acks.append((line.get("t", 0), *where, sequences_in(line["ranges"])))
    elif event == "refused":
        truth.refused[line["topic"], principal] += 1
        truth.given_up.append((line.get("t", 0), line["topic"], principal))
    elif event == "received":
        truth.received[line["topic"], principal] += line["records"]
        truth.readers.add((line["topic"], principal, client))
        first = truth.first_received.get((line["topic"], principal), line["t"])
        truth.first_received[line["topic"], principal] = min(first, line["t"])
        moments = truth.moments[line["topic"], principal, line["partition"]]
        if moments and moments[-1].next < line["from"]:
            moments[-1].next = line["from"]  # markers and what was given up or compacted came along unseen
        moments.append(Moment(line["t"], line["from"], line["to"] + 1))
        for origin in line["origins"]:
            truth.triples.add((origin, line["topic"], principal))
        for origin, ranges in line.get("sequences", {}).items():
            truth.seen[line["topic"], origin, principal] |= sequences_in(ranges)
    elif event == "transaction":
        truth.ends[principal].append(line["t"])
        ended = truth.ended[line["topic"], principal]
        (ended.committed if line["outcome"] == "committed" else ended.aborted).update(sequences_in(line["ranges"]))
    elif event == "keyed":
        truth.keyed[line["topic"]][line["partition"], line["offset"]] = Keyed(principal, line["sequence"], line["key"], line["bytes"], line["crc"])
    elif event == "committed":
        where = line["group"], line["topic"], line["partition"]
        truth.committed[where] = max(line["offset"], truth.committed.get(where, 0))
        truth.first_committed[where] = min(line["t"], truth.first_committed.get(where, line["t"]))
        truth.committed_by.add((line["group"], line["topic"], principal))
    elif event == "denied":
        truth.denied.add((principal, f'{line["resource_type"]} {line["resource"]}', line["operation"]))


def by_plant(plan, plant):
    return [entry["principal"] for entry in plan["applications"] if plant in entry["plants"]]
