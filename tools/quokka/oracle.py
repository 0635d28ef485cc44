#!/usr/bin/env python3
"""The oracle: compares what Myelin says with what the company knows, line by line.

The truth is the plan, the applications' truth logs, and the log segments as read by segments.py; what Myelin says comes
over HTTP. Each line is equal, within a bound that is printed, or DIFFERENT; the exit code is 1 if any line is.
"""
import argparse
import collections
import json
import pathlib
import sys

import kept
import measured as measured_side
import segments
import shape
import shape_comparison
import truth as truth_side

EQUAL, WITHIN, DIFFERENT = "equal", "within bound", "DIFFERENT"
KILL_WINDOW_MS = 1000


class Comparison:
    """Lines of what was expected and measured, in tables that are shown one after the other."""

    def __init__(self):
        self.lines, self.tables = [], [("what", 22, 0)]

    def begin_table(self, heading, wide):
        """`wide`: how many characters what was expected and measured may have."""
        self.tables.append((heading, wide, len(self.lines)))

    def equal(self, what, expected, measured):
        self.lines.append((what, expected, measured, EQUAL if expected == measured else DIFFERENT))

    def at_least(self, what, expected, measured, bound, why):
        verdict = DIFFERENT
        if measured >= expected:
            verdict = EQUAL if measured == expected else f"{WITHIN} (>= received)"
        elif measured >= expected - bound:
            verdict = f"{WITHIN} ({bound}: {why})"
        self.lines.append((what, expected, measured, verdict))

    def at_most(self, what, expected, measured, bound, why):
        """Equal, or less by no more than the bound."""
        within = expected - bound <= measured < expected
        self.lines.append((what, expected, measured, EQUAL if measured == expected else f"{WITHIN} ({bound}: {why})" if within else DIFFERENT))

    def near(self, what, expected, measured, bound, why):
        """Equal, or apart by no more than the bound."""
        within = abs(expected - measured) <= bound
        self.lines.append((what, expected, measured, EQUAL if measured == expected else f"{WITHIN} ({bound}: {why})" if within else DIFFERENT))

    def same_set(self, what, expected, measured):
        """One line per member of either set."""
        for member in sorted(expected | measured):
            self.equal(f"{what} {' > '.join(member)}", "yes" if member in expected else "no",
                       "yes" if member in measured else "no")

    def same_values(self, what, expected, measured, default=0):
        for key in sorted(expected.keys() | measured.keys()):
            self.equal(f"{what} {' '.join(str(part) for part in key)}", expected.get(key, default), measured.get(key, default))

    def differences(self):
        return [line for line in self.lines if line[3] == DIFFERENT]


def compare_log(result, plan, truth, log):
    """The log holds what was acknowledged, once each and unaltered: else no other line means anything."""
    for where in sorted(truth.acked.keys() | log.written.keys()):
        topic, principal = where
        if topic in kept.topics_of(plan):
            continue
        entry = log.written.get(where, segments.Written())
        name = f"in the log {topic} {principal}:"
        result.equal(f"{name} records", truth.acked[where], entry.records)
        result.equal(f"{name} content checksum", truth.crc_sum[where], entry.crc_sum)
        missing = len(truth.sequences[where] - entry.sequences.keys())
        result.equal(f"{name} missing, duplicated", "0, 0", f"{missing}, {len(entry.duplicates())}")


def compare_kept(result, plan, truth, log):
    """Of a compacted topic each key's latest record is there, and before the segment that is written to no other."""
    for topic in kept.topics_of(plan):
        given, found = truth.keyed[topic], kept.in_log(log, topic)
        newest, newest_found = kept.latest(given), kept.latest(found)
        tombstones = sum(given[where].bytes < 0 for where in newest.values())
        wrong = [key for key, where in newest.items()
                 if newest_found.get(key.encode()) != where or not kept.same_record(given[where], found[where])]
        result.equal(f"compacted {topic}: records acknowledged, with their place",
                     sum(count for (of, _), count in truth.acked.items() if of == topic), len(given))
        result.equal(f"compacted {topic}: keys", len(newest), len(newest_found))
        result.equal(f"compacted {topic}: keys whose latest record is not the truth's", 0, len(wrong))
        result.equal(f"compacted {topic}: keys that were removed", tombstones,
                     sum(found[where].value is None for where in newest_found.values()))
        result.equal(f"compacted {topic}: something was removed, something taken out", "yes, yes",
                     f"{yes(tombstones)}, {yes(len(found) < len(given))}")
        for partition in sorted(partition for of, partition in log.active if of == topic):
            left = {offset for of, offset in found if of == partition}
            expected = kept.left_of(given, partition, log.active[topic, partition])
            result.equal(f"compacted {topic} {partition}: records left", len(expected), len(left))
            result.equal(f"compacted {topic} {partition}: missing, older than its key's latest", "0, 0", f"{len(expected - left)}, {len(left - expected)}")


def yes(condition):
    return "yes" if condition else "no"


def compare_transactions(result, plan, truth, log):
    """What its writer committed is committed in the log and reached every reader; what was given up is there, and reached nobody."""
    for entry in plan["applications"]:
        transactions, principal = entry.get("transactions"), entry["principal"]
        for topic in [write["topic"] for write in entry["writes"]] if transactions else []:
            name, ended = f"transactions {topic} {principal}", truth.ended[topic, principal]
            written = log.written.get((topic, principal), segments.Written())
            result.equal(f"{name}: some committed, some given up", f'yes, {yes(transactions.get("abort_every"))}',
                         f"{yes(ended.committed)}, {yes(ended.aborted)}")
            result.equal(f"{name}: records committed", len(ended.committed), len(written.committed))
            result.equal(f"{name}: records given up", len(ended.aborted), len(written.aborted))
            result.equal(f"{name}: ended otherwise, without an end", "0, 0",
                         f"{len(ended.committed ^ written.committed)}, {len(written.unended)}")
            for reader in sorted(other["principal"] for other in plan["applications"] for read in other["reads"] if read["topic"] == topic):
                seen = truth.seen[topic, principal, reader]
                result.equal(f"{name}: committed and not seen, given up and seen by {reader}", "0, 0",
                             f"{len(ended.committed - seen)}, {len(ended.aborted & seen)}")
            if "answers" in transactions:
                compare_answers(result, transactions["answers"], principal, written, log)


def compare_answers(result, question, principal, written, log):
    asked = {f"{topic}-{partition}@{record.offset}" for (topic, partition), records in log.records.items() if topic == question
             for record in records}
    result.equal(f"answers of {principal} to {question}", len(asked), len(written.answers))
    repeated = sum(times > 1 for times in written.answers.values())
    result.equal(f"answers of {principal} to {question}: missing, repeated, to nothing", "0, 0, 0",
                 f"{len(asked - written.answers.keys())}, {repeated}, {len(written.answers.keys() - asked)}")


def usage_of(lines, measure):
    return {(line["topic"], line["principal"]): line["amount"] for line in lines if line["measure"] == measure}


def compare_story(result, plan, truth):
    """What the plan says happened: an application that never got to write or read proves nothing by its silence."""
    writes = {(entry["principal"], write["topic"]) for entry in plan["applications"] for write in entry["writes"]}
    reads = {(read["topic"], entry["principal"]) for entry in plan["applications"] for read in entry["reads"]}
    attempts = {(entry["principal"], f'topic {attempt["topic"]}') for entry in plan["applications"]
                for attempt in entry.get("attempts", [])}
    result.same_set("story: wrote", writes, {(principal, topic) for (topic, principal), count in truth.acked.items() if count})
    result.same_set("story: read", reads, {(topic, principal) for topic, principal, _ in truth.readers})
    result.same_set("story: was denied", attempts, {(principal, resource) for principal, resource, _ in truth.denied})


def log_bytes(plan, truth, log):
    """As they were appended; what was compacted since is known by its records alone."""
    size = collections.Counter({key: entry.bytes for key, entry in log.written.items() if key[0] not in kept.topics_of(plan)})
    for topic in kept.topics_of(plan):
        for record in truth.keyed[topic].values():
            size[topic, record.writer] += kept.batch_bytes(record)
    return size


def compare_usage(result, plan, truth, log, answer, kills):
    usage = answer["usage"]
    result.same_values("appended records", {key: count for key, count in truth.acked.items() if count}, usage_of(usage, "appended_records"))
    result.same_values("log bytes", log_bytes(plan, truth, log), usage_of(usage, "appended_bytes"))
    result.equal("usage recomputed from the journals: lines that differ", 0, len(answer["differences"]))
    served = usage_of(usage, "served_offsets")
    for where in sorted(truth.received.keys() | served.keys()):
        bound = sum(truth.received_before(kill, *where, KILL_WINDOW_MS) for kill in kills)
        result.at_least(f"served offsets {' '.join(where)}", truth.received[where], served.get(where, 0), bound,
                        "received in the last second before a kill")


def compare_groups(result, truth, answer, kills):
    committed = {(group["name"], part["topic"], part["partition"]): part["committed"]
                 for group in answer["groups"] for part in group["partitions"] if part["committed"] > 0}
    result.same_values("committed", truth.committed, committed)
    # Every group of the company reads its topics from their first record, so what it consumed is where it stands.
    consumed = collections.Counter()
    for line in answer["consumed"]:
        consumed[line["group"], line["topic"], line["partition"]] += line["amount"]
    for key in sorted(truth.committed.keys() | consumed.keys()):
        group, topic, partition = key
        readers = {principal for name, of, principal in truth.committed_by if (name, of) == (group, topic)}
        begun = [kill for kill in kills if truth.first_committed.get(key, 0) + truth_side.SLACK_MS >= kill]
        bound = sum(truth.received_before(kill, topic, principal, KILL_WINDOW_MS, partition)
                    for kill in begun for principal in readers)
        result.at_most("consumed " + " ".join(map(str, key)), truth.committed.get(key, 0), consumed[key], bound,
                       "read in the last second before a kill, ahead of the group's first commit")
    result.same_set("consumed by", {(group, topic, principal) for group, topic, principal in truth.committed_by},
                    {(line["group"], line["topic"], line["principal"]) for line in answer["consumed"]})


def compare_edges(result, truth, answer):
    lineage = answer["lineage"]
    result.same_set("writes", {(principal, topic) for (topic, principal), count in truth.acked.items() if count},
                    {(edge["principal"], edge["topic"]) for edge in lineage["writes"]})
    result.same_set("reads", truth.readers, {(edge["topic"], edge["principal"], edge["client_id"]) for edge in lineage["reads"]})
    result.same_set("commits", {(topic, principal, group) for group, topic, principal in truth.committed_by},
                    {(edge["topic"], edge["principal"], group) for edge in lineage["reads"] for group in edge["groups"]})
    result.same_set("producer to consumer", truth.triples,
                    {(edge["producer"], edge["topic"], edge["consumer"]) for edge in lineage["triples"]})
    libraries = {}
    for edge in lineage["writes"] + lineage["reads"]:
        libraries.setdefault((edge["principal"],), set()).add(f'{edge["library"]} {edge["library_version"]}')
    seen = {principal for _, principal in truth.acked} | {principal for _, principal, _ in truth.readers}
    result.same_values("client library of", {(principal,): truth.libraries[principal] for principal in seen},
                       {key: ", ".join(sorted(values)) for key, values in libraries.items()}, "none")


def compare_denials(result, truth, answer):
    result.same_set("denied", truth.denied, {(record["principal"], record["resource"], record["action"])
                                             for record in answer["audit"] if record["outcome"] == "denied"})


def compare_who(result, plan, answer):
    for entry in plan["applications"]:
        found = answer["who"][f'principal {entry["principal"]}']
        result.equal(f'who principal {entry["principal"]}: application, squad', f'{entry["application"] or "-"}, {entry.get("squad") or "-"}',
                     f'{(found or {}).get("application") or "-"}, {(found or {}).get("squad") or "-"}')
    for entry in plan["topics"]:
        found = answer["who"][f'topic {entry["topic"]}']
        result.equal(f'who topic {entry["topic"]}: squad', entry["owner"] or "-", (found or {}).get("squad") or "-")


def compare_plants(result, plan, truth, log, answer):
    lineage = answer["lineage"]
    result.equal("principals that nobody owns", sorted(truth_side.by_plant(plan, "unowned_principal")),
                 sorted(entry["principal"] for entry in lineage["unknown_principals"]))
    unused = {entry["consumer"] for entry in lineage["unused_grants"]}
    for principal in truth_side.by_plant(plan, "granted_never_reads"):
        result.equal(f"granted and never read: {principal}", True, principal in unused)
    read = {edge["topic"] for edge in lineage["reads"]}
    for topic in plan["topics_nobody_reads"]:
        result.equal(f"readers of {topic}", "none", "some" if topic in read else "none")
    lag = {group["name"]: group["lag"] for group in answer["groups"]}
    for entry in plan["applications"]:
        for read in entry["reads"] if "consumer_stalls" in entry["plants"] else []:
            behind = sum(log.ends[topic, partition] - offset for (group, topic, partition), offset in truth.committed.items()
                         if (group, topic) == (read["group"], read["topic"]))
            result.equal(f'lag of the stalled group {read["group"]}', behind, lag.get(read["group"]))


def compare(plan, truth, log, answer, kills, shapes=()):
    """`kills`: wall-clock milliseconds at which Myelin was killed. `shapes`: those that the company had, when it changed its shape."""
    result = Comparison()
    if shapes:
        plan = shape.with_request(shapes[-1].as_plan())
    compare_story(result, plan, truth)
    compare_log(result, plan, truth, log)
    compare_kept(result, plan, truth, log)
    compare_transactions(result, plan, truth, log)
    compare_usage(result, plan, truth, log, answer, kills)
    compare_groups(result, truth, answer, kills)
    compare_edges(result, truth, answer)
    compare_denials(result, truth, answer)
    compare_who(result, plan, answer)
    compare_plants(result, plan, truth, log, answer)
    if shapes:
        result.begin_table("before > after", 30)
        shape_comparison.compare(result, *shapes, truth, log, answer["shapes"])
    return result


def keep(answer, path):
    pathlib.Path(path).write_text(json.dumps(answer, indent=1))


def show_table(heading, wide, lines, only_different):
    width = max((len(line[0]) for line in lines), default=0)
    print(f"{heading:{width}}  {'expected':>{wide}}  {'measured':>{wide}}  verdict")
    for what, expected, measured, verdict in lines:
        if verdict == DIFFERENT or not only_different:
            print(f"{what:{width}}  {expected!s:>{wide}}  {measured!s:>{wide}}  {verdict}")


def show(result, only_different=False):
    ends = [begin for _, _, begin in result.tables[1:]] + [len(result.lines)]
    for (heading, wide, begin), end in zip(result.tables, ends):
        show_table(heading, wide, result.lines[begin:end], only_different)
    different = len(result.differences())
    within = sum(line[3].startswith(WITHIN) for line in result.lines)
    print(f"oracle: {len(result.lines)} lines, {len(result.lines) - different - within} equal, {within} within their bound, "
          f"{different} different")
    return 1 if different or not result.lines else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--plan", required=True)
    parser.add_argument("--truth", required=True, help="directory of the truth logs")
    parser.add_argument("--log", required=True, help="Kafka log directory: DIR/log of Myelin's data directory")
    parser.add_argument("--kills", default="", help="wall-clock milliseconds of each kill, parted by commas")
    parser.add_argument("--shapes", nargs="+", default=[], help="files of the shapes that the company had, when it changed its shape")
    parser.add_argument("--answer", help="file with what Myelin said, instead of asking it")
    parser.add_argument("--server", help="Myelin's HTTP address")
    parser.add_argument("--user")
    parser.add_argument("--password-file")
    parser.add_argument("--keep", help="file to write what Myelin said to")
    parser.add_argument("--different", action="store_true", help="show only the lines that differ")
    arguments = parser.parse_args()
    plan = truth_side.load_plan(arguments.plan)
    if arguments.answer:
        answer = json.loads(pathlib.Path(arguments.answer).read_text())
    else:
        password = pathlib.Path(arguments.password_file).read_text().rstrip("\n") if arguments.password_file else None
        answer = measured_side.collect(measured_side.Server(arguments.server, arguments.user, password), plan)
    if arguments.keep:
        keep(answer, arguments.keep)
    kills = [int(text) for text in arguments.kills.split(",") if text]
    shapes = [shape.Shape(path, plan) for path in arguments.shapes]
    result = compare(plan, truth_side.load_truth(arguments.truth), segments.read_log(arguments.log), answer, kills, shapes)
    return show(result, arguments.different)


if __name__ == "__main__":
    sys.exit(main())
