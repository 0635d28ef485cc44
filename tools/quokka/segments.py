"""Reads the segments of a Kafka log directory: a second reader, written apart from Myelin, for the oracle.

Record batches of format 2 only, uncompressed or gzip: what the company's applications write. Whoever wrote a record is
told by its headers "application" and "sequence".
"""
import collections
import dataclasses
import pathlib
import re
import struct
import sys
import zlib

# base offset, length, leader epoch, magic, crc, attributes, last delta, base time, max time, producer, epoch, sequence, count
BATCH = struct.Struct(">qiibIhiqqqhii")
BEFORE_LENGTH_COUNTS = 12
TRANSACTIONAL, CONTROL = 0x10, 0x20
MARKER_KEY = struct.Struct(">hh")  # version, and 0 for an abort or 1 for a commit
PARTITION = re.compile(r"(.+)-(\d+)$")


@dataclasses.dataclass
class Written:
    """What one writer has in one topic."""
    records: int = 0
    bytes: int = 0
    batches: int = 0
    crc_sum: int = 0
    sequences: collections.Counter = dataclasses.field(default_factory=collections.Counter)
    committed: set = dataclasses.field(default_factory=set)  # sequences in transactions, as their markers say
    aborted: set = dataclasses.field(default_factory=set)
    unended: set = dataclasses.field(default_factory=set)
    answers: collections.Counter = dataclasses.field(default_factory=collections.Counter)  # "topic-partition@offset", committed ones

    def duplicates(self):
        return sorted(sequence for sequence, times in self.sequences.items() if times > 1)


@dataclasses.dataclass
class Record:
    offset: int
    key: bytes | None
    value: bytes | None
    headers: dict

    @property
    def writer(self):
        return self.headers.get("application", "(no application header)")

    @property
    def sequence(self):
        return int(self.headers.get("sequence", -1))


class Bytes:
    def __init__(self, data):
        self.data, self.at = data, 0

    def varint(self):
        shift = value = 0
        while True:
            byte = self.data[self.at]
            self.at += 1
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return (value >> 1) ^ -(value & 1)
            shift += 7

    def take(self, size):
        part = self.data[self.at:self.at + size]
        self.at += size
        return part

    def sized(self):
        size = self.varint()
        return None if size < 0 else self.take(size)


def records_of(header, batch):
    data = Bytes(payload_of(header, batch))
    for _ in range(header[12]):
        size = data.varint()
        end = data.at + size
        data.take(1)
        data.varint()
        offset = header[0] + data.varint()
        key = data.sized()
        value = data.sized()
        headers = {}
        for _ in range(data.varint()):
            name = data.sized().decode()
            headers[name] = (data.sized() or b"").decode()
        if data.at != end:
            raise ValueError("a record's length does not fit its fields")
        yield Record(offset, key, value, headers)


def batches_of(path):
    """(header fields, whole batch) of each batch; stops at a batch that is cut off, as a running server may show one."""
    content = path.read_bytes()
    at = 0
    while at + BATCH.size <= len(content):
        header = BATCH.unpack_from(content, at)
        size = BEFORE_LENGTH_COUNTS + header[1]
        if header[1] <= 0 or at + size > len(content):
            return
        yield header, content[at:at + size]
        at += size


def payload_of(header, batch):
    compression = header[5] & 7
    if compression == 0:
        return batch[BATCH.size:]
    if compression == 1:
        return zlib.decompress(batch[BATCH.size:], 31)
    raise ValueError(f"compression {compression}: the company writes without compression or gzip")


@dataclasses.dataclass
class LogContent:
    written: dict  # (topic, application) -> Written
    ends: dict     # (topic, partition) -> offset after the last record
    records: dict  # (topic, partition) -> its records, in order
    active: dict   # (topic, partition) -> first offset of the segment that is written to


def read_log(directory):
    """All topics below a Kafka log directory, those that start with "__" left out."""
    content = LogContent(collections.defaultdict(Written), {}, {}, {})
    for folder in sorted(pathlib.Path(directory).iterdir()):
        found = PARTITION.match(folder.name)
        if not folder.is_dir() or not found or folder.name.startswith("__"):
            continue
        read_partition(content, folder, found.group(1), int(found.group(2)))
    return content


def read_partition(content, folder, topic, partition):
    content.ends[topic, partition] = 0
    records = content.records.setdefault((topic, partition), [])
    open_transactions = collections.defaultdict(list)  # producer: its records without an end
    for segment in sorted(folder.glob("*.log")):
        content.active[topic, partition] = int(segment.stem)
        for header, batch in batches_of(segment):
            content.ends[topic, partition] = header[0] + header[6] + 1
            if header[3] != 2:
                raise ValueError(f"{topic}: batch at offset {header[0]} has format {header[3]}, expected 2")
            found, producer = list(records_of(header, batch)), header[9]
            if header[5] & CONTROL:
                end_transaction(content.written, topic, open_transactions.pop(producer, []), MARKER_KEY.unpack(found[0].key)[1] == 1)
                continue
            if header[5] & TRANSACTIONAL:
                open_transactions[producer] += found
            records += found
            add_batch(content.written, topic, header[0], found, len(batch))
    for producer in open_transactions:
        for record in open_transactions[producer]:
            content.written[topic, record.writer].unended.add(record.sequence)


def end_transaction(written, topic, records, is_commit):
    for record in records:
        entry = written[topic, record.writer]
        (entry.committed if is_commit else entry.aborted).add(record.sequence)
        if is_commit and "answers" in record.headers:
            entry.answers[record.headers["answers"]] += 1


def add_batch(written, topic, offset, records, size):
    writers = {record.writer for record in records}
    for record in records:
        entry = written[topic, record.writer]
        entry.records += 1
        entry.crc_sum += zlib.crc32(record.value or b"")
        entry.sequences[record.sequence] += 1
    if not records:
        return  # compaction left its header only
    if len(writers) != 1:
        raise ValueError(f"{topic}: batch at offset {offset} has {len(writers)} writers, expected 1")
    entry = written[topic, writers.pop()]
    entry.bytes += size
    entry.batches += 1


def main():
    for (topic, application), entry in sorted(read_log(sys.argv[1]).written.items()):
        print(f"{topic} {application}: {entry.records} records, {entry.bytes} bytes, {entry.batches} batches, "
              f"{len(entry.duplicates())} duplicates")


if __name__ == "__main__":
    main()
