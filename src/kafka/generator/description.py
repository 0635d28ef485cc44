"""Reads the protocol description: one text file per API, see docs/formats/protocol-description.md."""

import re
from dataclasses import dataclass, field
from pathlib import Path

SCALARS = ("bool", "int8", "int16", "uint16", "int32", "int64", "float64", "uuid")
VARIABLE = ("string", "bytes", "records")
LAST = 32767  # an open range ends here


class DescriptionError(Exception):
    """What is wrong, with file and line."""


@dataclass(frozen=True)
class Versions:
    lowest: int
    highest: int

    def __contains__(self, version):
        return self.lowest <= version <= self.highest

    def within(self, outer):
        return Versions(max(self.lowest, outer.lowest), min(self.highest, outer.highest))


@dataclass
class Field:
    name: str
    type: str  # a scalar, string, bytes, records, or the name of a struct
    is_array: bool
    versions: Versions
    nullable: Versions | None = None
    tag: int | None = None
    default: str | None = None
    struct: "Struct | None" = None

    @property
    def is_struct(self):
        return self.type not in SCALARS + VARIABLE


@dataclass
class Struct:
    name: str
    fields: list = field(default_factory=list)


@dataclass
class Message:
    name: str  # ProduceRequest
    versions: Versions
    flexible: Versions | None
    body: Struct

    def structs(self):
        """The nested structs, inner ones first; one that several fields share comes once."""
        found = []

        def walk(struct):
            for entry in struct.fields:
                if entry.is_struct and not any(entry.struct is known for known in found):
                    walk(entry.struct)
                    found.append(entry.struct)

        walk(self.body)
        return found


@dataclass
class Api:
    key: int
    name: str  # Produce
    snake: str
    request: Message
    response: Message


def snake_case(name):
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def parse_versions(text):
    match = re.fullmatch(r"(\d+)(\+|-(\d+))?", text)
    if not match:
        raise ValueError(f"versions {text!r}: write 3, 3-5 or 3+")
    lowest = int(match[1])
    if match[2] is None:
        return Versions(lowest, lowest)
    return Versions(lowest, LAST if match[2] == "+" else int(match[3]))


def parse_field(text, message_versions):
    match = re.fullmatch(r"([a-z][a-z0-9_]*): (\[?)([A-Za-z][A-Za-z0-9]*)(\]?)(?:  (.+))?", text)
    if not match or bool(match[2]) != bool(match[4]):
        raise ValueError(f"{text!r}: write 'name: type' or 'name: [type]', two spaces, then attributes")
    result = Field(match[1], match[3], bool(match[2]), message_versions)
    if result.type[0].islower() and result.is_struct:
        raise ValueError(f"type {result.type!r} is unknown; use {', '.join(SCALARS + VARIABLE)} or a StructName")
    nullable = None
    for attribute in (match[5] or "").split(", ") if match[5] else []:
        word, _, rest = attribute.partition(" ")
        if word[0].isdigit():
            result.versions = parse_versions(attribute).within(message_versions)
        elif word == "nullable":
            nullable = parse_versions(rest) if rest else Versions(0, LAST)
        elif word == "tag":
            result.tag = int(rest)
        elif word == "default":
            result.default = rest
        else:
            raise ValueError(f"attribute {attribute!r} is unknown; use versions, nullable, tag or default")
    if result.type == "records":
        nullable = Versions(0, LAST)
    if nullable:
        result.nullable = nullable.within(result.versions)
    check_field(result)
    return result


def check_field(entry):
    if entry.nullable and entry.type in SCALARS and not entry.is_array:
        raise ValueError(f"{entry.name}: a number, bool or uuid can't be nullable")
    if entry.default == "null" and not entry.nullable:
        raise ValueError(f"{entry.name}: default null needs nullable")
    if entry.is_struct and not entry.is_array and entry.nullable and entry.nullable != entry.versions:
        raise ValueError(f"{entry.name}: a struct is nullable in all its versions or in none")


def parse_api(path):
    lines = path.read_text().splitlines()
    api = None
    messages = {}
    stack = []  # (indentation, struct that takes fields there)
    for number, line in enumerate(lines, 1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        indentation = len(line) - len(line.lstrip(" "))
        try:
            if indentation == 0 and text.startswith("api "):
                _, key, name = text.split(" ")
                api = (int(key), name)
            elif indentation == 0:
                message = parse_message(text, api[1])
                messages[text.split(" ")[0]] = message
                stack = [(2, message.body)]
            else:
                while stack and stack[-1][0] > indentation:
                    stack.pop()
                if not stack or stack[-1][0] != indentation:
                    raise ValueError("indentation must be two spaces deeper than the struct's line")
                entry = parse_field(text, message.versions)
                stack[-1][1].fields.append(entry)
                if entry.is_struct:
                    entry.struct = Struct(entry.type)
                    stack.append((indentation + 2, entry.struct))
        except (ValueError, TypeError) as error:
            raise DescriptionError(f"{path}:{number}: {error}") from error
    if api is None or set(messages) != {"request", "response"}:
        raise DescriptionError(f"{path}: expected an api line, a request and a response")
    result = Api(api[0], api[1], snake_case(api[1]), messages["request"], messages["response"])
    for message in messages.values():
        share_structs(message.body, {})
    check_api(path, result)
    return result


def share_structs(struct, described):
    """A struct without fields is the one of that name which was described above it."""
    for entry in struct.fields:
        if not entry.is_struct:
            continue
        if not entry.struct.fields:
            entry.struct = described.get(entry.type, entry.struct)
        else:
            described[entry.type] = entry.struct
            share_structs(entry.struct, described)


def check_api(path, api):
    if api.request.versions != api.response.versions:
        raise DescriptionError(f"{path}: request and response must have the same versions")
    if path.stem != api.snake:
        raise DescriptionError(f"{path}: the file of {api.name} is called {api.snake}.txt")
    for message in (api.request, api.response):
        names = [struct.name for struct in message.structs()]
        if len(names) != len(set(names)):
            raise DescriptionError(f"{path}: {message.name} names two structs alike")
        if any(not struct.fields for struct in message.structs()):
            raise DescriptionError(f"{path}: {message.name} has a struct without fields")


def parse_message(text, api_name):
    match = re.fullmatch(r"(request|response) (\d+-\d+)(?: flexible (\d+\+))?", text)
    if not match:
        raise ValueError(f"{text!r}: write 'request 0-9 flexible 6+'")
    versions = parse_versions(match[2])
    flexible = parse_versions(match[3]).within(versions) if match[3] else None
    return Message(api_name + match[1].capitalize(), versions, flexible, Struct(api_name + match[1].capitalize()))


def load(paths):
    apis = [parse_api(Path(path)) for path in paths]
    return sorted(apis, key=lambda api: api.key)
