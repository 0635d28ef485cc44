"""A world small enough to check by hand: a writer, a reader, three records and the segment that holds them; a screen that
answers them in transactions, of which it gives one up; and a table of articles that was compacted."""
import pathlib
import struct
import sys
import zlib

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools" / "quokka"))

import truth as truth_side  # noqa: E402

VALUES = [b"one", b"two", b"three"]
TRANSACTIONAL, CONTROL = 0x10, 0x20


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


def nullable(data):
    return varint(-1) if data is None else sized(data)


def record(delta, value, headers, key=None):
    encoded = b"".join(sized(name.encode()) + sized(text.encode()) for name, text in headers.items())
    body = b"\0" + varint(0) + varint(delta) + nullable(key) + nullable(value) + varint(len(headers)) + encoded
    return varint(len(body)) + body


def batch(base_offset, writer, first_sequence, values, attributes=0, keys=None, answers=None, producer=-1):
    payload = b""
    for i, value in enumerate(values):
        headers = {"application": writer, "sequence": str(first_sequence + i)} | ({"answers": answers[i]} if answers else {})
        payload += record(i, value, headers, keys[i] if keys else None)
    return framed(base_offset, attributes, producer, len(values), payload)


def marker(offset, producer, commits):
    """How a transaction ends in the log."""
    return framed(offset, TRANSACTIONAL | CONTROL, producer, 1, record(0, b"\0" * 6, {}, struct.pack(">hh", 0, int(commits))))


def framed(base_offset, attributes, producer, count, payload):
    if attributes & 7 == 1:
        compressor = zlib.compressobj(wbits=31)
        payload = compressor.compress(payload) + compressor.flush()
    after_length = struct.pack(">ibIhiqqqhii", 0, 2, 0, attributes, count - 1, 0, 0, producer, -1, -1, count) + payload
    return struct.pack(">qi", base_offset, len(after_length)) + after_length


def write_segment(directory, topic, partition, batches, base=0):
    folder = pathlib.Path(directory) / f"{topic}-{partition}"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{base:020}.log").write_bytes(b"".join(batches))


PLAN = {"topics": [{"topic": "sale", "owner": "shop"}, {"topic": "quiet", "owner": "shop"}, {"topic": "verdict", "owner": "shop"},
                   {"topic": "article", "owner": "shop", "keys": 3}],
        "applications": [
            {"application": "till", "principal": "till-app", "squad": "shop", "plants": [], "reads": [],
             "writes": [{"topic": "sale"}, {"topic": "quiet"}, {"topic": "article"}]},
            {"application": "screen", "principal": "screen-app", "squad": "shop", "plants": [],
             "transactions": {"id": "screen", "records": 3, "abort_every": 2, "answers": "sale"},
             "reads": [{"topic": "sale", "group": "screen"}], "writes": [{"topic": "verdict"}]},
            {"application": "report", "principal": "report-app", "squad": "finance", "plants": [], "writes": [],
             "reads": [{"topic": "sale", "group": "report"}, {"topic": "verdict", "group": "report"}]},
            {"application": "spy", "principal": "spy-app", "squad": "spies", "plants": [], "writes": [], "reads": [],
             "attempts": [{"topic": "sale", "group": "spy"}]}],
        "topics_nobody_reads": ["quiet"]}

SALE_BYTES = len(batch(0, "till-app", 0, VALUES))
QUIET_BYTES = len(batch(0, "till-app", 0, VALUES[:1]))

# Verdicts 0 and 1 are given up; 2, 3 and 4 are committed. Each transaction has a marker behind it.
ANSWERS = ["sale-0@0", "sale-0@1", "sale-0@2"]
GIVEN_UP = batch(0, "screen-app", 0, [b"?", b"?"], TRANSACTIONAL, answers=ANSWERS[:2], producer=7)
COMMITTED = batch(3, "screen-app", 2, [b"pass", b"stop", b"pass"], TRANSACTIONAL, answers=ANSWERS, producer=7)
VERDICTS = [GIVEN_UP, marker(2, 7, False), COMMITTED, marker(6, 7, True)]

# What was written about articles, each in a batch of its own: key and value by offset. The segment that is written to begins at 5.
ARTICLES = [(b"a", b"a1"), (b"b", b"b1"), (b"a", b"a2"), (b"c", b"c1"), (b"b", None), (b"a", b"a3"), (b"a", b"a4")]
ARTICLES_ACTIVE = 5
# a1 gave way to a2, b1 to the tombstone. a3 stays, though a4 is newer, for nothing before the active segment knows of either.
ARTICLES_LEFT = [2, 3, 4, 5, 6]
# Sequence and offset are the same number. 61 bytes of header; a record of 1 byte of length, 3 of attributes and deltas, 2 of key, 3 of
# value (1 of a tombstone), 1 of the number of headers, 12 + 9 of the application, 9 + 2 of the sequence.
ARTICLES_BYTES = 6 * (61 + 1 + 3 + 2 + 3 + 1 + 21 + 11) + (61 + 1 + 3 + 2 + 1 + 1 + 21 + 11)


def article(offset):
    key, value = ARTICLES[offset]
    return batch(offset, "till-app", offset, [value], keys=[key])


def make_articles(directory, left=tuple(ARTICLES_LEFT)):
    write_segment(directory, "article", 0, [article(offset) for offset in left if offset < ARTICLES_ACTIVE])
    write_segment(directory, "article", 0, [article(offset) for offset in left if offset >= ARTICLES_ACTIVE], base=ARTICLES_ACTIVE)


def make_log(directory):
    write_segment(directory, "sale", 0, [batch(0, "till-app", 0, VALUES)])
    write_segment(directory, "quiet", 0, [batch(0, "till-app", 0, VALUES[:1])])
    write_segment(directory, "verdict", 0, VERDICTS)
    make_articles(directory)


def make_truth():
    truth = truth_side.Truth()
    verdicts = {"topic": "verdict", "records": 5, "ranges": [[0, 4]], "crc_sum": sum(map(zlib.crc32, (b"?", b"?", b"pass", b"stop", b"pass")))}
    lines = [
        ("till-app", {"event": "start", "library": "lib", "library_version": "1"}),
        ("till-app", {"event": "acked", "topic": "sale", "records": 3, "ranges": [[0, 2]], "crc_sum": sum(map(zlib.crc32, VALUES))}),
        ("till-app", {"event": "acked", "topic": "quiet", "records": 1, "ranges": [[0, 0]], "crc_sum": zlib.crc32(VALUES[0])}),
        ("till-app", {"event": "acked", "topic": "article", "records": 7, "ranges": [[0, 6]],
                      "crc_sum": sum(zlib.crc32(value or b"") for _, value in ARTICLES)}),
        *(("till-app", {"event": "keyed", "topic": "article", "partition": 0, "offset": offset, "sequence": offset, "key": key.decode(),
                        "bytes": -1 if value is None else len(value), "crc": zlib.crc32(value or b"")})
          for offset, (key, value) in enumerate(ARTICLES)),
        ("screen-app", {"event": "start", "library": "lib", "library_version": "1"}),
        ("screen-app", {"event": "received", "t": 10_000, "topic": "sale", "partition": 0, "from": 0, "to": 2, "records": 3, "origins": {"till-app": 3}}),
        ("screen-app", {"event": "acked", **verdicts}),
        ("screen-app", {"event": "transaction", "t": 9_000, "topic": "verdict", "outcome": "aborted", "ranges": [[0, 1]]}),
        ("screen-app", {"event": "transaction", "t": 9_000, "topic": "verdict", "outcome": "committed", "ranges": [[2, 4]]}),
        ("screen-app", {"event": "committed", "t": 11_000, "group": "screen", "topic": "sale", "partition": 0, "offset": 3}),
        ("report-app", {"event": "start", "library": "lib", "library_version": "2"}),
        ("report-app", {"event": "received", "t": 10_000, "topic": "sale", "partition": 0, "from": 0, "to": 2, "records": 3, "origins": {"till-app": 3}}),
        ("report-app", {"event": "received", "t": 10_000, "topic": "verdict", "partition": 0, "from": 3, "to": 5, "records": 3, "origins": {"screen-app": 3},
                        "sequences": {"screen-app": [[2, 4]]}}),
        ("report-app", {"event": "committed", "t": 11_000, "group": "report", "topic": "sale", "partition": 0, "offset": 3}),
        ("report-app", {"event": "committed", "t": 11_000, "group": "report", "topic": "verdict", "partition": 0, "offset": 6}),
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
    def consumed(principal, topic, group, amount):
        return measured(principal, topic, "consumed_offsets", amount, group=group, partition=0)
    def place(topic, committed, end):
        return {"topic": topic, "partition": 0, "committed": committed, "end": end, "lag": end - committed}
    return {
        "usage": [measured("till-app", "sale", "appended_records", 3), measured("till-app", "sale", "appended_bytes", SALE_BYTES),
                  measured("till-app", "quiet", "appended_records", 1), measured("till-app", "quiet", "appended_bytes", QUIET_BYTES),
                  measured("report-app", "sale", "served_offsets", 3), measured("screen-app", "sale", "served_offsets", 3),
                  # What was given up was written all the same, and was sent to a reader that left it out.
                  measured("screen-app", "verdict", "appended_records", 5),
                  measured("screen-app", "verdict", "appended_bytes", len(GIVEN_UP) + len(COMMITTED)),
                  measured("report-app", "verdict", "served_offsets", 7),
                  measured("till-app", "article", "appended_records", 7), measured("till-app", "article", "appended_bytes", ARTICLES_BYTES)],
        "consumed": [consumed("report-app", "sale", "report", 3), consumed("screen-app", "sale", "screen", 3),
                     consumed("report-app", "verdict", "report", 6)],
        "differences": [],
        "lineage": {
            "writes": [edge("till-app", "sale", "1"), edge("till-app", "quiet", "1"), edge("till-app", "article", "1"),
                       edge("screen-app", "verdict", "1")],
            "reads": [edge("report-app", "sale", "2", client_id="report-app", groups=["report"]),
                      edge("screen-app", "sale", "1", client_id="screen-app", groups=["screen"]),
                      edge("report-app", "verdict", "2", client_id="report-app", groups=["report"])],
            "triples": [{"producer": "till-app", "topic": "sale", "consumer": "report-app"},
                        {"producer": "till-app", "topic": "sale", "consumer": "screen-app"},
                        {"producer": "screen-app", "topic": "verdict", "consumer": "report-app"}],
            "unused_grants": [], "unknown_principals": []},
        "groups": [{"name": "report", "lag": 1, "partitions": [place("sale", 3, 3), place("verdict", 6, 7)]},
                   {"name": "screen", "lag": 0, "partitions": [place("sale", 3, 3)]}],
        "audit": [{"principal": "spy-app", "resource": "topic sale", "action": "describe", "outcome": "denied"}],
        "who": {"principal till-app": {"application": "till", "squad": "shop"},
                "principal screen-app": {"application": "screen", "squad": "shop"},
                "principal report-app": {"application": "report", "squad": "finance"},
                "principal spy-app": {"application": "spy", "squad": "spies"},
                **{f"topic {topic}": {"application": "", "squad": "shop"} for topic in ("sale", "quiet", "verdict", "article")}}}
