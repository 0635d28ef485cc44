#!/usr/bin/env python3
"""Sabotage: one entry dropped, one doubled, one wrongly attributed. In what Myelin answered, and in its provenance journal.

As a program: copies a finished story, alters the copy's journal, starts Myelin on it and exits as the oracle does.
The journal's format is docs/formats/provenance-journal.md; this is a reader and writer of its own.
"""
import argparse
import json
import pathlib
import shutil
import struct
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools" / "quokka"))

import measured  # noqa: E402
import oracle  # noqa: E402
import platform_process  # noqa: E402
import segments  # noqa: E402
import shape  # noqa: E402
import truth as truth_side  # noqa: E402


# --- the answer

def written(answer):
    return [line for line in answer["usage"] if line["measure"] == "appended_records"]


def drop_line(answer):
    answer["usage"].remove(written(answer)[0])


def double_line(answer):
    written(answer)[0]["amount"] *= 2


def attribute_line(answer):
    lines = written(answer)
    lines[0]["principal"] = next(line["principal"] for line in lines if line["principal"] != lines[0]["principal"])


def drop_consumed(answer):
    # The largest: a small one may be of a group that had not committed when Myelin was killed, and within its bound.
    answer["consumed"].remove(max(answer["consumed"], key=lambda line: line["amount"]))


def attribute_consumed(answer):
    lines = answer["consumed"]
    lines[0]["principal"] = next(line["principal"] for line in lines if line["principal"] != lines[0]["principal"])


def call_the_first_squad(answer):
    """As if nobody had noticed that the company has another shape."""
    answer["shapes"]["second"]["called"][0] = answer["shapes"]["first"]["called"][0]


def forget_drift(answer):
    answer["shapes"]["second"]["drift"] = {}


ANSWERS = {"the squad of before is called": call_the_first_squad, "mode drift forgotten": forget_drift, "one line dropped": drop_line, "one line doubled": double_line, "one line wrongly attributed": attribute_line,
           "consumption dropped": drop_consumed, "consumption wrongly attributed": attribute_consumed}

# --- the journal

FILE_HEADER = 36
FRAME = struct.Struct(">II")
ATTRIBUTION, APPEND = 1, 2
# kind, sequence, topic id, partition, leader epoch, base offset, count, log bytes, attribution, time, synced offset
APPEND_BODY = struct.Struct(">BQ16siiqIIIqq")
CASTAGNOLI = 0x82F63B78


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (CASTAGNOLI if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def frames_of(content):
    """(position, body) of each frame up to the zeros that are written ahead."""
    at = FILE_HEADER
    while at + FRAME.size <= len(content):
        length, crc = FRAME.unpack_from(content, at)
        body = content[at + FRAME.size:at + FRAME.size + length]
        if length == 0:
            return
        if crc32c(body) != crc:
            raise ValueError(f"frame at {at}: wrong CRC")
        yield at, body
        at += FRAME.size + length


def framed(body):
    return FRAME.pack(len(body), crc32c(body)) + body


def principal_of(attribution):
    """(id, principal) of an attribution's body."""
    number, size = struct.unpack_from(">IH", attribution, 1)
    return number, attribution[7:7 + size].decode()


class Journal:
    """The newest file of a provenance directory, and one append in it by an application that has later neighbours."""

    def __init__(self, directory, writers):
        self.path = max(pathlib.Path(directory).glob("*.journal"))
        self.content = self.path.read_bytes()
        self.frames = list(frames_of(self.content))
        self.names = dict(principal_of(body) for _, body in self.frames if body[0] == ATTRIBUTION)
        self.writers = writers
        appends = [(at, body, APPEND_BODY.unpack(body)) for at, body in self.frames if body[0] == APPEND]
        candidates = [entry for entry in appends if self.names[entry[2][8]] in writers
                      and any(other[2][2:4] == entry[2][2:4] and other[2][5] > entry[2][5] for other in appends)]
        self.victim = candidates[len(candidates) // 2]
        self.last_sequence = max(fields[1] for _, _, fields in appends)

    def replace(self, at, old_size, new):
        self.path.write_bytes(self.content[:at] + new + self.content[at + old_size:])

    def drop(self):
        at, body, _ = self.victim
        self.replace(at, FRAME.size + len(body), b"")

    def repeat(self):
        """The same entry again at the end: harmless, because the last entry for an offset wins, and for no other."""
        at, last = self.frames[-1]
        end = at + FRAME.size + len(last)
        fields = list(self.victim[2])
        fields[1] = self.last_sequence + 1
        self.replace(end, 0, framed(APPEND_BODY.pack(*fields)))

    def double(self):
        at, body, fields = self.victim
        changed = list(fields)
        changed[7] *= 2
        self.replace(at, FRAME.size + len(body), framed(APPEND_BODY.pack(*changed)))

    def attribute(self):
        at, body, fields = self.victim
        named = dict(principal_of(frame) for position, frame in self.frames if frame[0] == ATTRIBUTION and position < at)
        other = next(number for number, name in named.items() if name in self.writers and name != named[fields[8]])
        changed = list(fields)
        changed[8] = other
        self.replace(at, FRAME.size + len(body), framed(APPEND_BODY.pack(*changed)))


JOURNALS = {"one entry dropped": Journal.drop, "one entry's bytes doubled": Journal.double,
            "one entry wrongly attributed": Journal.attribute}
HARMLESS = {"nothing": lambda journal: None, "one entry written twice": Journal.repeat}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--myelin", required=True)
    parser.add_argument("--story", required=True, help="directory of a finished demo")
    parser.add_argument("--what", required=True, choices=[*HARMLESS, *JOURNALS])
    arguments = parser.parse_args()
    story, copy = pathlib.Path(arguments.story), pathlib.Path(tempfile.mkdtemp(prefix="quokka-sabotage-"))
    plan_path = ROOT / "examples" / "quokka" / "traffic.json"
    plan = truth_side.load_plan(plan_path)
    shapes = [shape.Shape(ROOT / "examples" / name / "shape.json", plan) for name in ("quokka", "quokka-mesh")]
    shutil.copytree(story, copy, dirs_exist_ok=True)
    writers = {entry["principal"] for entry in plan["applications"] if entry["writes"]}
    (HARMLESS | JOURNALS)[arguments.what](Journal(copy / "data" / "provenance", writers))
    platform = platform_process.Platform(arguments.myelin, copy, settings=platform_process.SETTINGS)
    try:
        platform.start()
        answer = measured.collect(platform.asked_by(plan["people"][0]["principal"]), plan)
        answer["shapes"] = json.loads((story / "answer.json").read_text())["shapes"]
    finally:
        platform.stop()
    kills = [int(text) for text in (story / "kills").read_text().split(",") if text.strip()]
    result = oracle.compare(plan, truth_side.load_truth(story / "truth"), segments.read_log(story / "data" / "log"), answer, kills, shapes)
    shutil.rmtree(copy)
    return oracle.show(result, only_different=True)


if __name__ == "__main__":
    sys.exit(main())
