"""Decompression bombs of each codec, built by hand from the formats: where records must be looked into they are refused, and memory stays
within the limit."""
import struct
import threading
import zlib

from batch import batch, now_ms, seal
from errors import NONE
from kafka import create_topic, list_offset, produce
from messages import unsigned_varint, varint
from server import Server
from suite import Suite, check, check_code, check_equal

suite = Suite()
DECOMPRESSED_MAX = 64 << 20
BOMB = 160 << 20
STORAGE_THREADS = 4  # look-ups under way at a time; each holds what it has and what it grows into
BESIDE = 32 << 20  # the batch as it lies in the log, and the blocks that a codec works on
BATCH_MAX = 16 << 20  # snappy makes no more than 22 bytes of one, so its bomb is large
GZIP, SNAPPY, LZ4, ZSTD = 1, 2, 3, 4
LATEST = -1


def in_gzip(head, zeros):
    compressor = zlib.compressobj(9, zlib.DEFLATED, 31)
    payload, chunk = compressor.compress(head), bytes(1 << 20)
    for _ in range(zeros >> 20):
        payload += compressor.compress(chunk)
    return payload + compressor.compress(bytes(zeros & (1 << 20) - 1)) + compressor.flush()


def in_snappy(head, zeros):
    """A raw block: its length, a literal, and copies of 64 bytes from 64 bytes before."""
    literal = head + bytes(64)
    copies, rest = divmod(zeros - 64, 64)
    copy = struct.pack("<BH", 63 << 2 | 2, 64)
    last = struct.pack("<BH", rest - 1 << 2 | 2, 64) if rest else b""
    return unsigned_varint(len(head) + zeros) + bytes([61 << 2]) + struct.pack("<H", len(literal) - 1) + literal + copy * copies + last


def in_lz4(head, zeros):
    """A frame of blocks of at most 4 MiB without checksums: the head as it is, then blocks of one match each."""
    frame = b"\x04\x22\x4d\x18\x60\x70\x73" + struct.pack("<I", len(head) | 1 << 31) + head
    while zeros:
        size = min(zeros, 4 << 20)
        zeros -= size
        if size < 64:
            frame += struct.pack("<I", size | 1 << 31) + bytes(size)
            continue
        # One literal, a match as long as it takes, and the five literals that a block ends with.
        full, rest = divmod(size - 1 - 5 - 19, 255)
        block = b"\x1f\0" + struct.pack("<H", 1) + b"\xff" * full + bytes([rest]) + b"\x50" + bytes(5)
        frame += struct.pack("<I", len(block)) + block
    return frame + bytes(4)


def in_zstd(head, zeros):
    """A frame with a window of 128 KiB: the head as it is, then blocks of one byte repeated."""
    def block(kind, size, content, is_last=0):
        return (size << 3 | kind << 1 | is_last).to_bytes(3, "little") + content
    frame = b"\x28\xb5\x2f\xfd\0\x38" + block(0, len(head), head)
    full, rest = divmod(zeros, 128 << 10)
    return frame + block(1, 128 << 10, b"\0") * full + block(1, rest, b"\0", is_last=1)


CODECS = {"gzip": (GZIP, in_gzip), "snappy": (SNAPPY, in_snappy), "lz4": (LZ4, in_lz4), "zstd": (ZSTD, in_zstd)}


def bomb(codec, size=BOMB):
    """One record whose value is `size` zeros, and every length in it is true."""
    number, compressed = CODECS[codec]
    head = b"\0\0\0" + varint(1) + b"k" + varint(size)
    # The count of headers is one zero more.
    return seal(compressed(varint(len(head) + size + 1) + head, size + 1), 1, attributes=number, first_timestamp=now_ms())


def open_topic(bench, name, **configs):
    server = bench.enter(Server(bench.binary, bench.fresh(), dev=True))
    connection = bench.enter(server.connect(timeout=60))
    settings = {"max.message.bytes": str(BATCH_MAX)} | {key.replace("_", "."): value for key, value in configs.items()}
    check_code(create_topic(connection, name, configs=settings), NONE, "create")
    return server, connection


def refuse(bench, codec):
    server, connection = open_topic(bench, "keyed", cleanup_policy="compact")
    check_code(produce(connection, "keyed", bomb(codec, 1000))["error_code"], NONE, "the same with a thousand zeros")
    before, hostile = server.resident_bytes(), bomb(codec)
    check(len(hostile) < BOMB // 20, f"the bomb has {len(hostile)} bytes")
    check(produce(connection, "keyed", hostile)["error_code"] != NONE, "the bomb was taken")
    grown = server.peak_bytes() - before - 2 * len(hostile)
    check(grown < 3 * DECOMPRESSED_MAX, f"memory grew by {grown >> 20} MiB")
    check_code(produce(connection, "keyed", batch([b"good"]))["error_code"], NONE, "a good record after the bomb")
    check_equal(list_offset(connection, "keyed", LATEST)["offset"], 2, "records")


@suite.test
def a_decompression_bomb_of_gzip_is_refused_by_a_compacted_topic(bench):
    refuse(bench, "gzip")


@suite.test
def a_decompression_bomb_of_snappy_is_refused_by_a_compacted_topic(bench):
    refuse(bench, "snappy")


@suite.test
def a_decompression_bomb_of_lz4_is_refused_by_a_compacted_topic(bench):
    refuse(bench, "lz4")


@suite.test
def a_decompression_bomb_of_zstd_is_refused_by_a_compacted_topic(bench):
    refuse(bench, "zstd")


@suite.test
def a_decompression_bomb_of_each_codec_does_not_harm_who_looks_up_times(bench):
    server, connection = open_topic(bench, "times")
    first = now_ms()
    check_code(produce(connection, "times", batch([b"before"], timestamps=[first - 10_000]))["error_code"], NONE, "produce")
    for codec in CODECS:
        check_code(produce(connection, "times", bomb(codec))["error_code"], NONE, f"produce of the bomb of {codec}: its header is honest")
    check_code(produce(connection, "times", batch([b"after"], timestamps=[first + 60_000]))["error_code"], NONE, "produce")
    before = server.resident_bytes()

    def look_up():
        with server.connect(timeout=60) as other:
            list_offset(other, "times", first - 5)
    threads = [threading.Thread(target=look_up) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    grown = server.peak_bytes() - before
    check(grown < STORAGE_THREADS * (2 * DECOMPRESSED_MAX + BESIDE), f"eight look-ups at a time made memory grow by {grown >> 20} MiB")
    check_equal(list_offset(connection, "times", first - 10_000)["offset"], 0, "the record before the bombs")
    check_equal(list_offset(connection, "times", first + 50_000)["offset"], 1 + len(CODECS), "the record after the bombs")
