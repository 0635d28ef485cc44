"""What clients did and were told, as JSON lines {t, process, type, f, value}: `invoke`, then `ok`, `fail` (it has not happened) or `info`
(nobody knows). `f` is `send`, `poll` or `txn`; `value` is a list of steps: ["send", key, value], with [offset, value] instead of the value
once it is acknowledged, and ["poll", {key: [[offset, value], ...]}]. A key is a partition, a value is unique in the history."""
import dataclasses
import json
import pathlib

OK, FAIL, INFO, INVOKE = "ok", "fail", "info", "invoke"


@dataclasses.dataclass
class Operation:
    """An operation as it ended; one that never did is `info`."""
    process: str
    kind: str
    f: str
    steps: list
    time: float = 0.0

    def sends(self):
        """(key, offset or None, value) in their order."""
        for step in self.steps:
            if step[0] == "send":
                known = isinstance(step[2], list)
                yield step[1], step[2][0] if known else None, step[2][1] if known else step[2]

    def polls(self):
        """(key, offset, value) in their order."""
        for step in self.steps:
            if step[0] == "poll":
                for key, found in step[1].items():
                    for offset, value in found:
                        yield key, offset, value


def operations(events):
    """The operations of each process in their order."""
    ended, under_way = [], {}
    for event in sorted(events, key=lambda event: event["t"]):
        process = event["process"]
        if event["type"] == INVOKE:
            if process in under_way:
                ended.append(under_way.pop(process))
            under_way[process] = Operation(process, INFO, event["f"], event["value"], event["t"])
        else:
            under_way.pop(process, None)
            ended.append(Operation(process, event["type"], event["f"], event["value"], event["t"]))
    return ended + list(under_way.values())


def read(directory):
    """Every history-*.jsonl of a directory; a last line that a killed driver cut short is left out."""
    events = []
    for path in sorted(pathlib.Path(directory).glob("history-*.jsonl")):
        for line in path.read_text().splitlines():
            try:
                events.append(json.loads(line))
            except ValueError:
                continue
    return operations(events)
