"""A world small enough to check by hand: one writer, one reader, three records, and the segment that holds them."""
import pathlib
import struct
import sys
import zlib

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools" / "quokka"))

import truth as truth_side  # noqa: E402

VALUES = [b"one", b"two", b"three"]


def varint(value):
    """Zig-zag, as in Kafka's records."""
    value = (value << 1) ^ (value >> 63)
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def sized(data):
    return varint(len(data)) + data


def record(delta, value, writer, sequence):
    headers = varint(2) + sized(b"application") + sized(writer.encode()) + sized(b"sequence") + sized(str(sequence).encode())
    body = b"\0" + varint(0) + varint(delta) + varint(-1) + sized(value) + headers
    return varint(len(body)) + body


def batch(base_offset, writer, first_sequence, values, attributes=0):
    payload = b"".join(record(i, value, writer, first_sequence + i) for i, value in enumerate(values))
    if attributes & 7 == 1:
        compressor = zlib.compressobj(wbits=31)
        payload = compressor.compress(payload) + compressor.flush()
    after_length = struct.pack(">ibIhiqqqhii", 0, 2, 0, attributes, len(values) - 1, 0, 0, -1, -1, -1, len(values)) + payload
    return struct.pack(">qi", base_offset, len(after_length)) + after_length


def write_segment(directory, topic, partition, batches):
    folder = pathlib.Path(directory) / f"{topic}-{partition}"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "00000000000000000000.log").write_bytes(b"".join(batches))


PLAN = {"topics": [{"topic": "sale", "owner": "shop"}, {"topic": "quiet", "owner": "shop"}],
        "applications": [
            {"application": "till", "principal": "till-app", "squad": "shop", "plants": [], "reads": [],
             "writes": [{"topic": "sale"}, {"topic": "quiet"}]},
            {"application": "report", "principal": "report-app", "squad": "finance", "plants": [], "writes": [],
             "reads": [{"topic": "sale", "group": "report"}]},
            {"application": "spy", "principal": "spy-app", "squad": "spies", "plants": [], "writes": [], "reads": [],
             "attempts": [{"topic": "sale", "group": "spy"}]}],
        "topics_nobody_reads": ["quiet"]}

SALE_BYTES = len(batch(0, "till-app", 0, VALUES))
QUIET_BYTES = len(batch(0, "till-app", 0, VALUES[:1]))


def make_log(directory):
    write_segment(directory, "sale", 0, [batch(0, "till-app", 0, VALUES)])
    write_segment(directory, "quiet", 0, [batch(0, "till-app", 0, VALUES[:1])])


def make_truth():
    truth = truth_side.Truth()
    lines = [
        ("till-app", {"event": "start", "library": "lib", "library_version": "1"}),
        ("till-app", {"event": "acked", "topic": "sale", "records": 3, "ranges": [[0, 2]], "crc_sum": sum(map(zlib.crc32, VALUES))}),
        ("till-app", {"event": "acked", "topic": "quiet", "records": 1, "ranges": [[0, 0]], "crc_sum": zlib.crc32(VALUES[0])}),
        ("report-app", {"event": "start", "library": "lib", "library_version": "2"}),
        ("report-app", {"event": "received", "t": 10_000, "topic": "sale", "partition": 0, "records": 3, "origins": {"till-app": 3}}),
        ("report-app", {"event": "committed", "t": 11_000, "group": "report", "topic": "sale", "partition": 0, "offset": 3}),
        ("spy-app", {"event": "denied", "resource_type": "topic", "resource": "sale", "operation": "describe"}),
    ]
    for principal, line in lines:
        truth_side.take(truth, principal, principal, {"principal": principal, **line})
    return truth


def make_answer():
    """What an honest Myelin says of this world, written down by hand."""
    def edge(principal, topic, version, **more):
        return {"principal": principal, "topic": topic, "library": "lib", "library_version": version, **more}
    def measured(principal, topic, measure, amount, **more):
        return {"principal": principal, "topic": topic, "measure": measure, "amount": amount, **more}
    return {
        "usage": [measured("till-app", "sale", "appended_records", 3), measured("till-app", "sale", "appended_bytes", SALE_BYTES),
                  measured("till-app", "quiet", "appended_records", 1), measured("till-app", "quiet", "appended_bytes", QUIET_BYTES),
                  measured("report-app", "sale", "served_offsets", 3)],
        "consumed": [measured("report-app", "sale", "consumed_offsets", 3, group="report", partition=0)],
        "differences": [],
        "lineage": {
            "writes": [edge("till-app", "sale", "1"), edge("till-app", "quiet", "1")],
            "reads": [edge("report-app", "sale", "2", client_id="report-app", groups=["report"])],
            "triples": [{"producer": "till-app", "topic": "sale", "consumer": "report-app"}],
            "unused_grants": [], "unknown_principals": []},
        "groups": [{"name": "report", "lag": 0, "partitions": [{"topic": "sale", "partition": 0, "committed": 3, "end": 3, "lag": 0}]}],
        "audit": [{"principal": "spy-app", "resource": "topic sale", "action": "describe", "outcome": "denied"}],
        "who": {"principal till-app": {"application": "till", "squad": "shop"},
                "principal report-app": {"application": "report", "squad": "finance"},
                "principal spy-app": {"application": "spy", "squad": "spies"},
                "topic sale": {"application": "", "squad": "shop"}, "topic quiet": {"application": "", "squad": "shop"}}}
