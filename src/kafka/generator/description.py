"""Reads the protocol descriptions in src/kafka/api/*.txt. The language: docs/formats/protocol-description.md."""
import dataclasses
import pathlib
import re

PRIMITIVES = {"bool", "int8", "int16", "uint16", "int32", "int64", "float64", "uuid", "string", "bytes", "records"}
FIELD = re.compile(r"^(?P<indent> +)(?P<name>[a-z][a-z0-9_]*): (?P<type>\[?[A-Za-z0-9]+\]?)(?:  (?P<facts>.+))?$")


class DescriptionError(Exception):
    pass


@dataclasses.dataclass
class Range:
    lowest: int
    highest: int

    def __contains__(self, version):
        return self.lowest <= version <= self.highest


@dataclasses.dataclass
class Field:
    name: str
    type: str  # a primitive, or the name of a struct
    is_array: bool
    versions: Range
    nullable: Range | None
    default: str | None  # as written; None: the type's own
    tag: int | None
    fields: list  # of a struct

    @property
    def is_struct(self):
        return self.type not in PRIMITIVES


@dataclasses.dataclass
class Message:
    name: str  # ProduceRequest
    versions: Range
    flexible_from: int | None
    fields: list


@dataclasses.dataclass
class Api:
    key: int
    name: str
    about: str
    request: Message
    response: Message


def parse_range(text, within):
    if text.endswith("+"):
        return Range(int(text[:-1]), within.highest)
    if "-" in text:
        lowest, highest = text.split("-")
        return Range(int(lowest), int(highest))
    return Range(int(text), int(text))


def parse_field(found, message, where):
    text = found["type"]
    is_array = text.startswith("[")
    field = Field(found["name"], text.strip("[]"), is_array, message.versions, None, None, None, [])
    facts = [fact.strip() for fact in (found["facts"] or "").split(",") if fact.strip()]
    for fact in facts:  # ranges of "nullable" refer to the field's own range, so that comes first
        if re.fullmatch(r"\d+(\+|-\d+)?", fact):
            field.versions = parse_range(fact, message.versions)
    for fact in facts:
        if fact.startswith("nullable"):
            rest = fact.removeprefix("nullable").strip()
            field.nullable = parse_range(rest, field.versions) if rest else field.versions
        elif fact.startswith("default "):
            field.default = fact.removeprefix("default ")
        elif fact.startswith("tag "):
            field.tag = int(fact.removeprefix("tag "))
        elif not re.fullmatch(r"\d+(\+|-\d+)?", fact):
            raise DescriptionError(f'{where}: "{fact}" is unknown; expected a version range, nullable, default or tag')
    if field.type not in PRIMITIVES and not field.type[0].isupper():
        raise DescriptionError(f'{where}: type "{field.type}" is unknown')
    return field


def parse_message(label, line, name, where):
    found = re.fullmatch(label + r" (\d+)-(\d+)(?: flexible (\d+)\+)?", line)
    if not found:
        raise DescriptionError(f'{where}: expected "{label} LOWEST-HIGHEST [flexible FROM+]", found "{line}"')
    flexible = int(found[3]) if found[3] is not None else None
    return Message(name, Range(int(found[1]), int(found[2])), flexible, [])


def parse(path):
    about, key, name, message, messages, open_lists = [], None, None, None, {}, []
    for number, line in enumerate(path.read_text().splitlines(), 1):
        where = f"{path.name}:{number}"
        if line.startswith("#"):
            about.append(line.lstrip("# "))
        elif line.startswith("api "):
            _, key, name = line.split()
        elif line.startswith(("request ", "response ")):
            label = line.split()[0]
            message = parse_message(label, line, name + label.capitalize(), where)
            messages[label] = message
            open_lists = [message.fields]
        elif line.strip():
            found = FIELD.match(line)
            if not found or message is None:
                raise DescriptionError(f'{where}: expected "name: type  facts", found "{line}"')
            depth = len(found["indent"]) // 2
            if depth > len(open_lists):
                raise DescriptionError(f"{where}: indented under something that is no struct")
            field = parse_field(found, message, where)
            del open_lists[depth:]
            open_lists[-1].append(field)
            if field.is_struct:
                open_lists.append(field.fields)
    if set(messages) != {"request", "response"}:
        raise DescriptionError(f"{path.name}: expected one request and one response")
    return Api(int(key), name, " ".join(about), messages["request"], messages["response"])


def parse_folder(folder):
    return sorted((parse(path) for path in pathlib.Path(folder).glob("*.txt")), key=lambda api: api.key)


def snake(name):
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name).lower()
