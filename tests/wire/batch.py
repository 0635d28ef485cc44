"""Record batches v2: built with every field open to lies, and taken apart."""
import struct
import time
import zlib

from messages import Reader, varint


def _table():
    table = []
    for byte in range(256):
        for _ in range(8):
            byte = byte >> 1 ^ 0x82F63B78 if byte & 1 else byte >> 1
        table.append(byte)
    return table


_TABLE = _table()


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = _TABLE[(crc ^ byte) & 0xFF] ^ crc >> 8
    return crc ^ 0xFFFFFFFF


def now_ms():
    return int(time.time() * 1000)


def _sized(data):
    return varint(-1) if data is None else varint(len(data)) + data


def record(offset_delta, value, key=b"key", timestamp_delta=0, headers=()):
    body = b"\0" + varint(timestamp_delta) + varint(offset_delta) + _sized(key) + _sized(value) + varint(len(headers))
    for name, content in headers:
        body += _sized(name) + _sized(content)
    return varint(len(body)) + body


def gzip(payload):
    compressor = zlib.compressobj(9, zlib.DEFLATED, 31)
    return compressor.compress(payload) + compressor.flush()


def seal(payload, count, *, base_offset=0, attributes=0, last_delta=None, first_timestamp=None, max_timestamp=None, producer_id=-1,
         epoch=-1, sequence=-1, magic=2, crc=None, length=None, leader_epoch=-1):
    """The header around records that are already bytes."""
    first = now_ms() if first_timestamp is None else first_timestamp
    rest = struct.pack(">hiqqqhii", attributes, count - 1 if last_delta is None else last_delta, first,
                       first if max_timestamp is None else max_timestamp, producer_id, epoch, sequence, count) + payload
    body = struct.pack(">ibI", leader_epoch, magic, crc32c(rest) if crc is None else crc) + rest
    return struct.pack(">qi", base_offset, len(body) if length is None else length) + body


def batch(values, *, key=b"key", compressed=False, timestamps=None, **header):
    """A whole batch of values; timestamps are absolute milliseconds, one a value."""
    first = now_ms() if timestamps is None else timestamps[0]
    payload = b"".join(record(delta, value, key, 0 if timestamps is None else timestamps[delta] - first) for delta, value in enumerate(values))
    header.setdefault("first_timestamp", first)
    header.setdefault("max_timestamp", max(timestamps) if timestamps else first)
    if compressed:
        header["attributes"] = header.get("attributes", 0) | 1
        payload = gzip(payload)
    return seal(payload, len(values), **header)


class Batch:
    def __init__(self, data):
        (self.base_offset, self.length, self.leader_epoch, self.magic, self.crc, self.attributes, self.last_delta, self.first_timestamp,
         self.max_timestamp, self.producer_id, self.epoch, self.sequence, self.count) = struct.unpack(">qiibIhiqqqhii", data[:61])
        self.data, self.payload = data, data[61:]

    def values(self):
        payload = zlib.decompress(self.payload, 31) if self.attributes & 7 == 1 else self.payload
        reader, values = Reader(payload), []
        for _ in range(self.count):
            end = reader.varint() + reader.at
            reader.take(1)
            reader.varint(), reader.varint()
            key = reader.varint()
            reader.take(max(key, 0))
            size = reader.varint()
            values.append(None if size < 0 else reader.take(size))
            reader.at = end
        return values

    def is_whole(self):
        return crc32c(self.data[21:]) == self.crc


def batches(data):
    """The whole batches of a fetch's records; a cut one at the end is left out."""
    at, found = 0, []
    while at + 61 <= len(data or b""):
        size = 12 + struct.unpack(">i", data[at + 8:at + 12])[0]
        if at + size > len(data):
            break
        found.append(Batch(data[at:at + size]))
        at += size
    return found


def records_of(data):
    """(offset, value) of all records; for logs that were not compacted."""
    return [(found.base_offset + delta, value) for found in batches(data) for delta, value in enumerate(found.values())]
