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
    libraries: dict = dataclasses.field(default_factory=dict)  # principal: "name version"
    moments: list = dataclasses.field(default_factory=list)    # (time, topic, principal, partition, records received)

    def received_before(self, kill_ms, topic, principal, window_ms, partition=None):
        """Records that reached a reader, from one partition or from all, in the window that ends with a kill."""
        return sum(records for t, *where, of, records in self.moments
                   if where == [topic, principal] and partition in (None, of) and kill_ms - window_ms <= t <= kill_ms + SLACK_MS)


# A truth line is up to 200 ms younger than what it tells.
SLACK_MS = 300


def load_truth(directory):
    truth = Truth()
    for principal, client, line in lines_of(directory):
        take(truth, principal, client, line)
    return truth


def take(truth, principal, client, line):
    event = line["event"]
    if event == "start":
        truth.libraries[principal] = f'{line["library"]} {line["library_version"]}'
    elif event == "acked":
        where = line["topic"], principal
        truth.acked[where] += line["records"]
        truth.crc_sum[where] += line["crc_sum"]
        for first, last in line["ranges"]:
            truth.sequences[where].update(range(first, last + 1))
    elif event == "refused":
        truth.refused[line["topic"], principal] += 1
    elif event == "received":
        truth.received[line["topic"], principal] += line["records"]
        truth.readers.add((line["topic"], principal, client))
        truth.moments.append((line["t"], line["topic"], principal, line["partition"], line["records"]))
        for origin in line["origins"]:
            truth.triples.add((origin, line["topic"], principal))
    elif event == "committed":
        where = line["group"], line["topic"], line["partition"]
        truth.committed[where] = max(line["offset"], truth.committed.get(where, 0))
        truth.first_committed[where] = min(line["t"], truth.first_committed.get(where, line["t"]))
        truth.committed_by.add((line["group"], line["topic"], principal))
    elif event == "denied":
        truth.denied.add((principal, f'{line["resource_type"]} {line["resource"]}', line["operation"]))


def by_plant(plan, plant):
    return [entry["principal"] for entry in plan["applications"] if plant in entry["plants"]]
