"""Encodes and decodes any API at any version, from the descriptions in src/kafka/api (proved against Kafka's own bytes by
the golden vectors). Messages are dictionaries with the description's field names; what is left out takes its default."""
import pathlib
import struct
import sys
import uuid

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "src" / "kafka" / "generator"))

import description  # noqa: E402

FIXED = {"int8": ">b", "int16": ">h", "uint16": ">H", "int32": ">i", "int64": ">q", "float64": ">d"}


def _load():
    apis = {}
    for path in sorted((ROOT / "src" / "kafka" / "api").glob("*.txt")):
        api = description.parse_api(path)
        apis[api.name] = api
    return apis


APIS = _load()
NAMES = {api.key: name for name, api in APIS.items()}


def key_of(name):
    return APIS[name].key


def is_flexible(name, version):
    flexible = APIS[name].request.flexible
    return flexible is not None and version in flexible


class Raw(bytes):
    """Bytes that stand for a field as they are, whatever its type; under the name TAGS for a struct's tagged fields."""


TAGS = "tagged fields"


class Truncated(Exception):
    """The message ended before its last field."""


class Reader:
    def __init__(self, data):
        self.data, self.at = memoryview(data), 0

    def take(self, size):
        if size < 0 or self.at + size > len(self.data):
            raise Truncated(f"{size} bytes wanted at {self.at} of {len(self.data)}")
        self.at += size
        return bytes(self.data[self.at - size:self.at])

    def number(self, form):
        return struct.unpack(form, self.take(struct.calcsize(form)))[0]

    def unsigned_varint(self):
        value, shift = 0, 0
        while True:
            byte = self.take(1)[0]
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
            shift += 7

    def varint(self):
        value = self.unsigned_varint()
        return (value >> 1) ^ -(value & 1)


def unsigned_varint(value):
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def varint(value):
    return unsigned_varint((value << 1) ^ (value >> 63))


def classic_string(text):
    return struct.pack(">h", -1) if text is None else struct.pack(">h", len(text.encode())) + text.encode()


def default_of(field, version):
    if field.default == "null":
        return None
    if field.is_array:
        return []
    if field.is_struct:
        return {}
    if field.type == "string":
        return (field.default or "").strip('"')
    if field.type in ("bytes", "records"):
        return None if field.nullable and version in field.nullable and field.type == "records" else b""
    if field.type == "bool":
        return field.default == "true"
    if field.type == "uuid":
        return uuid.UUID(int=0)
    return float(field.default or 0) if field.type == "float64" else int(field.default or 0)


def length_of(size, wide, flexible):
    """size None is null; wide lengths are int32 where the version is not flexible."""
    if flexible:
        return unsigned_varint(0 if size is None else size + 1)
    return struct.pack(">i" if wide else ">h", -1 if size is None else size)


def _encode_one(field, value, version, flexible):
    if isinstance(value, Raw):
        return bytes(value)
    if field.is_struct:
        return _encode_struct(field.struct, value, version, flexible)
    if field.type == "bool":
        return b"\1" if value else b"\0"
    if field.type == "uuid":
        return value.bytes
    if field.type in FIXED:
        return struct.pack(FIXED[field.type], value)
    data = value.encode() if isinstance(value, str) else value
    return length_of(None if data is None else len(data), field.type != "string", flexible) + (data or b"")


def _encode_field(field, value, version, flexible):
    if isinstance(value, Raw):
        return bytes(value)
    if field.is_struct and field.nullable and not field.is_array:
        return b"\xff" if value is None else b"\1" + _encode_one(field, value, version, flexible)
    if not field.is_array:
        return _encode_one(field, value, version, flexible)
    if value is None:
        return length_of(None, True, flexible)
    return length_of(len(value), True, flexible) + b"".join(_encode_one(field, entry, version, flexible) for entry in value)


def _encode_struct(body, values, version, flexible):
    unknown = set(values) - {field.name for field in body.fields} - {TAGS}
    if unknown:
        raise KeyError(f"{body.name} has no field {', '.join(sorted(unknown))}")
    out, tagged = b"", []
    for field in body.fields:
        if version not in field.versions:
            continue
        if field.tag is not None:
            if field.name in values:
                tagged.append((field.tag, _encode_field(field, values[field.name], version, flexible)))
            continue
        out += _encode_field(field, values.get(field.name, default_of(field, version)), version, flexible)
    if flexible and TAGS in values:
        out += values[TAGS]
    elif flexible:
        out += unsigned_varint(len(tagged))
        for tag, data in sorted(tagged):
            out += unsigned_varint(tag) + unsigned_varint(len(data)) + data
    return out


def _decode_length(reader, wide, flexible):
    if flexible:
        return reader.unsigned_varint() - 1
    return reader.number(">i" if wide else ">h")


def _decode_one(field, reader, version, flexible):
    if field.is_struct:
        return _decode_struct(field.struct, reader, version, flexible)
    if field.type == "bool":
        return reader.take(1) != b"\0"
    if field.type == "uuid":
        return uuid.UUID(bytes=reader.take(16))
    if field.type in FIXED:
        return reader.number(FIXED[field.type])
    size = _decode_length(reader, field.type != "string", flexible)
    if size < 0:
        return None
    data = reader.take(size)
    return data.decode() if field.type == "string" else data


def _decode_field(field, reader, version, flexible):
    if field.is_struct and field.nullable and not field.is_array and reader.number(">b") < 0:
        return None
    if not field.is_array:
        return _decode_one(field, reader, version, flexible)
    size = _decode_length(reader, True, flexible)
    return None if size < 0 else [_decode_one(field, reader, version, flexible) for _ in range(size)]


def _decode_struct(body, reader, version, flexible):
    values, tags = {}, {}
    for field in body.fields:
        if version not in field.versions:
            continue
        if field.tag is None:
            values[field.name] = _decode_field(field, reader, version, flexible)
        else:
            tags[field.tag] = field
            values[field.name] = default_of(field, version)
    if flexible:
        for _ in range(reader.unsigned_varint()):
            tag = reader.unsigned_varint()
            data = reader.take(reader.unsigned_varint())
            if tag in tags:
                values[tags[tag].name] = _decode_field(tags[tag], Reader(data), version, flexible)
    return values


def request_header(key, version, correlation, client_id, flexible):
    return struct.pack(">hhi", key, version, correlation) + classic_string(client_id) + (b"\0" if flexible else b"")


def encode_request(name, version, body, correlation, client_id="wire"):
    """A request without its length."""
    flexible = is_flexible(name, version)
    message = APIS[name].request.body
    return request_header(key_of(name), version, correlation, client_id, flexible) + _encode_struct(message, body, version, flexible)


def decode_response(name, version, data):
    """(correlation id, body); every byte must be used up."""
    reader, flexible = Reader(data), is_flexible(name, version)
    correlation = reader.number(">i")
    if flexible and name != "ApiVersions" and reader.unsigned_varint() != 0:
        raise ValueError("a response header carries tags that nobody described")
    body = _decode_struct(APIS[name].response.body, reader, version, flexible)
    if reader.at != len(data):
        raise ValueError(f"{name} {version}: {len(data) - reader.at} bytes follow the response")
    return correlation, body
