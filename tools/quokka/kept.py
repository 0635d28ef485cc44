"""Topics that keep the latest record of each key: what must be left of them, and how long their records were as they came."""
import zlib

BATCH_HEADER = 61


def topics_of(plan):
    return [entry["topic"] for entry in plan["topics"] if "keys" in entry]


def latest(records):
    """The place of the newest record of each key, of records by (partition, offset)."""
    newest = {}
    for partition, offset in sorted(records):
        newest[records[partition, offset].key] = partition, offset
    return newest


def left_of(given, partition, active):
    """Offsets that compaction leaves in a partition: all of the segment that is written to, the newest of each key before it."""
    closed = {where: record for where, record in given.items() if where[0] == partition and where[1] < active}
    return {offset for _, offset in latest(closed).values()} | {offset for of, offset in given if of == partition and offset >= active}


def in_log(log, topic):
    return {(partition, record.offset): record for (of, partition), records in log.records.items() if of == topic for record in records}


def is_settled(plan, truth, log):
    """Whether compaction has nothing left to do."""
    for topic in topics_of(plan):
        given, found = truth.keyed[topic], in_log(log, topic)
        for partition in {partition for of, partition in log.active if of == topic}:
            if {offset for of, offset in found if of == partition} - left_of(given, partition, log.active[topic, partition]):
                return False
    return True


def same_record(given, found):
    return (given.key.encode(), given.sequence, given.writer, given.crc, given.bytes < 0) == \
        (found.key, found.sequence, found.writer, zlib.crc32(found.value or b""), found.value is None)


def batch_bytes(record):
    """Of a batch that holds this record alone, uncompressed, with the company's two headers."""
    headers = [(b"application", record.writer.encode()), (b"sequence", str(record.sequence).encode())]
    parts = [record.key.encode(), *(part for header in headers for part in header)]
    body = 3 + 1 + sum(varint_size(len(part)) + len(part) for part in parts) + varint_size(record.bytes) + max(0, record.bytes)
    return BATCH_HEADER + varint_size(body) + body


def varint_size(number):
    """Zig-zag, as in Kafka's records."""
    number = (number << 1) ^ (number >> 63)
    return max(1, (number.bit_length() + 6) // 7)
