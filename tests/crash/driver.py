"""What the drivers share: how a history is written, values that are unique, and the names of partitions."""
import json
import time


class History:
    """Of one process, to standard output; see history.py."""

    def __init__(self, process):
        self.process = process

    def write(self, kind, f, value):
        print(json.dumps({"t": time.time(), "process": self.process, "type": kind, "f": f, "value": value}), flush=True)


class Values:
    """Unique in the run: the process's number comes first."""

    def __init__(self, process):
        self.next = int(process.split("-")[-1]) * 10_000_000

    def __call__(self):
        self.next += 1
        return self.next


def partitions_of(words):
    """Topic and number of each partition of TOPIC:PARTITIONS..."""
    return [(topic, number) for topic, count in (word.split(":") for word in words) for number in range(int(count))]


def key_of(topic, partition):
    return f"{topic}-{partition}"
