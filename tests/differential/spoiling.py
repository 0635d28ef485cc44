"""Everything that can be wrong with one field of a request, field by field as the description has them, and with its frame."""
import copy
import struct
import uuid

import baselines
import messages
from batch import batch
from messages import Raw

UNKNOWN_ID = uuid.UUID("7f0b5e0e-6f0b-4c3e-9d5b-000000000001")
BITS = {"int8": 8, "int16": 16, "int32": 32, "int64": 64}
TWICE = object()  # the entry that the body has, once more
NO_UTF8 = b"\xff\xfe\x80"


def numbers(kind):
    bits = BITS[kind]
    return [-1, -2, 0, 1, 99, -(1 << bits - 1), (1 << bits - 1) - 1]


def may_be_right(field, number):
    """A time that is enough or not, the epoch that a member has on one server and not on the other."""
    return field.name == "timeout_ms" and number in (1, 99) or field.name.endswith("epoch") and number == 1


def wrong_length(flexible, wide, size):
    return Raw(messages.unsigned_varint((size + 1) & 0xFFFFFFFF) if flexible else struct.pack(">i" if wide else ">h", size))


def sized(data, flexible, wide):
    return Raw(messages.length_of(len(data), wide, flexible) + data)


def spoiled_texts(flexible, may_be_null):
    yield "empty", lambda world: ""
    yield "unknown", lambda world: world.fresh("no-such")
    yield "too long", lambda world: world.fresh("long") + "x" * 300
    yield "of odd characters", lambda world: world.fresh("odd") + " /\u00fc\0"
    yield "no text", lambda world: sized(world.fresh("no-text").encode() + NO_UTF8, flexible, False)
    yield "null" if may_be_null else "null, which it can't be", lambda world: wrong_length(flexible, False, -1)
    yield "longer than the frame", lambda world: wrong_length(flexible, False, 32767)
    if not flexible:
        yield "of length -2", lambda world: wrong_length(False, False, -2)


def spoiled_records():
    """Record batches that lie, by what is wrong with them."""
    good = batch([b"value"])
    return {
        "cut in the header": good[:40], "cut in a record": good[:-1], "a byte too many": good + b"\0", "of format 0": batch([b"value"], magic=0), "of format 1": batch([b"value"], magic=1),
        "of format 3": batch([b"value"], magic=3), "with a wrong checksum": batch([b"value"], crc=1), "two batches": good + good,
        "of no record": batch([]), "with a count too large": batch([b"value"], last_delta=5),
        "with a length below its header": good[:8] + struct.pack(">i", 10) + good[12:], "with a length of -1": good[:8] + struct.pack(">i", -1) + good[12:],
        "with a length beyond its end": good[:8] + struct.pack(">i", 1 << 30) + good[12:], "with compression 5": batch([b"value"], attributes=5),
        "with compression 7": batch([b"value"], attributes=7), "of control records": batch([b"value"], attributes=0x20),
        "of a transaction without a producer": batch([b"value"], attributes=0x10),
        "of a producer id nobody gave": batch([b"value"], producer_id=77777, epoch=0, sequence=0),
        "of a producer with sequence -1": batch([b"value"], producer_id=77778, epoch=0, sequence=-1),
        "of a producer with epoch -1": batch([b"value"], producer_id=77779, epoch=-1, sequence=0),
        "of a producer that begins at 5": batch([b"value"], producer_id=77780, epoch=0, sequence=5),
        "with a base offset of 7": batch([b"value"], base_offset=7), "with a timestamp far ahead": batch([b"value"], timestamps=[1 << 45]),
        "larger than is allowed": batch([bytes(1_100_000)]),
    }


SPOILED_RECORDS = spoiled_records()


def spoiled_bytes(field, flexible, may_be_null):
    yield "empty", lambda world: b""
    yield "noise", lambda world: b"noise"
    yield "null" if may_be_null else "null, which it can't be", lambda world: wrong_length(flexible, True, -1)
    yield "longer than the frame", lambda world: wrong_length(flexible, True, 0x7FFFFFFE)
    if not flexible:
        yield "of length -2", lambda world: wrong_length(False, True, -2)
    if field.type == "records":
        for what, records in SPOILED_RECORDS.items():
            yield what, lambda world, records=records: records


def spoiled_arrays(value, flexible, may_be_null):
    if value:
        yield "none", lambda world: []
        yield "twice", lambda world: TWICE
    yield "null" if may_be_null else "null, which it can't be", lambda world: wrong_length(flexible, True, -1)
    yield "2^31-2 of them", lambda world: wrong_length(flexible, True, 0x7FFFFFFE)
    if flexible:
        yield "a count that does not end", lambda world: Raw(b"\xff" * 8)
    else:
        yield "-2 of them", lambda world: wrong_length(False, True, -2)


def spoiled_values(field, value, version, flexible):
    """(what, value of a world) for one field that is no struct."""
    may_be_null = field.nullable is not None and version in field.nullable
    if field.is_array:
        yield from spoiled_arrays(value, flexible, may_be_null)
    elif field.type == "string":
        yield from spoiled_texts(flexible, may_be_null)
    elif field.type in ("bytes", "records"):
        yield from spoiled_bytes(field, flexible, may_be_null)
    elif field.type == "bool":
        yield "the other", lambda world: not value
        yield "2", lambda world: Raw(b"\2")
    elif field.type == "uuid":
        yield "zero", lambda world: uuid.UUID(int=0)
        yield "unknown", lambda world: UNKNOWN_ID
    elif field.type == "float64":
        for number in (-1.0, 0.0, 0.5, float("inf"), float("-inf"), float("nan"), 1e300):
            yield str(number), lambda world, number=number: number
    elif field.type in BITS:
        for number in numbers(field.type):
            if number != value and not may_be_right(field, number):
                yield str(number), lambda world, number=number: number


def spoiled_tags(struct_, version):
    yield "an unknown tag", b"\x01\xce\x4e\x03abc"
    yield "a tag twice", b"\x02\xce\x4e\x00\xce\x4e\x00"
    yield "tags out of order", b"\x02\xce\x4e\x00\xcd\x4e\x00"
    yield "a tag longer than the frame", b"\x01\xce\x4e\xff\xff\xff\x7f"
    yield "2^32-1 tags", b"\xff\xff\xff\xff\x0f"
    yield "a tag of length -1", b"\x01\xce\x4e\xff\xff\xff\xff\x0f"
    for field in struct_.fields:
        if field.tag is not None and version in field.versions:
            number = messages.unsigned_varint(field.tag)
            yield f"{field.name} without content", b"\x01" + number + b"\0"
            yield f"{field.name} with a byte too many", b"\x01" + number + b"\x1e" + bytes(30)


def walk(struct_, body, version, path=()):
    """(path, field, value) of every field of the version; entries of arrays that the body has are walked into."""
    yield path, None, struct_
    for field in struct_.fields:
        if version not in field.versions or field.tag is not None:
            continue
        value = body.get(field.name, messages.default_of(field, version))
        yield (*path, field.name), field, value
        if field.is_array and value:
            if field.is_struct:
                yield from walk(field.struct, value[0], version, (*path, field.name, 0))
            else:
                yield (*path, field.name, 0), single(field), value[0]


def single(field):
    one = copy.copy(field)
    one.is_array, one.nullable = False, None
    return one


def put(body, path, value):
    for step in path[:-1]:
        body = body.setdefault(step, {}) if isinstance(body, dict) else body[step]
    body[path[-1]] = body[path[-1]] * 2 if value is TWICE else value


def text_of(path):
    return ".".join(step for step in path if isinstance(step, str)) or "the request"


def field_cases(name, version, sample):
    """(name, path, value of a world)"""
    flexible = messages.is_flexible(name, version)
    for path, field, value in walk(messages.APIS[name].request.body, sample, version):
        if field is None:
            if flexible:
                for what, tags in spoiled_tags(value, version):
                    yield f"{text_of(path)}: {what}", (*path, messages.TAGS), lambda world, tags=tags: Raw(tags)
            continue
        for what, made in spoiled_values(field, value, version, flexible):
            yield f"{text_of(path)} {what}" + (" (an entry)" if path[-1] == 0 else ""), path, made


def cases(case_name, version, world, correlation):
    """(name, function that makes the payload) of every case of one baseline at one version."""
    name, make = baselines.request_name(case_name), baselines.BASELINES[case_name]

    def encoded(body):
        return messages.encode_request(name, version, body, correlation)

    def whole():
        return encoded(make(world, version))
    yield "valid", whole
    for what, path, made in field_cases(name, version, make(world, version)):
        if case_name != name and path[-1] == "records" and what.rpartition("records ")[2] in SPOILED_RECORDS:
            continue  # once is enough
        def payload(path=path, made=made):
            body = make(world, version)
            put(body, path, made(world))
            return encoded(body)
        yield what, payload
    if case_name == name:
        yield from frame_cases(name, version, whole, correlation)


def frame_cases(name, version, whole, correlation):
    key, flexible = messages.key_of(name), messages.is_flexible(name, version)
    plain = len(messages.request_header(key, version, 1, "wire", flexible))
    start = struct.pack(">hhi", key, version, correlation)
    end = b"\0" if flexible else b""
    yield "a byte follows the request", lambda: whole() + b"\0"
    yield "a client id that is null", lambda: start + b"\xff\xff" + end + whole()[plain:]
    yield "a client id of length -2", lambda: start + b"\xff\xfe" + end + whole()[plain:]
    yield "a client id that is no text", lambda: start + b"\0\3" + NO_UTF8 + end + whole()[plain:]
    yield "a client id longer than the frame", lambda: start + b"\x7f\xff" + end + whole()[plain:]
    if flexible:
        for what, tags in spoiled_tags(messages.APIS[name].request.body, -1):
            yield f"the header: {what}", lambda tags=tags: whole()[:plain - 1] + tags + whole()[plain:]
