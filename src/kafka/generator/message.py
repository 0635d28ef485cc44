"""Writes the C++ of one API: structs in a header, decode and encode in a source file."""

from description import Versions

NOTE = "// Generated from src/kafka/api/{}.txt; change that file instead."

CPP_TYPES = {
    "bool": "bool",
    "int8": "std::int8_t",
    "int16": "std::int16_t",
    "uint16": "std::uint16_t",
    "int32": "std::int32_t",
    "int64": "std::int64_t",
    "float64": "double",
    "uuid": "Uuid",
    "string": "std::string",
    "bytes": "SharedBytes",
    "records": "Payload",
}
METHODS = {"bool": "boolean"}
WIRE_SIZES = {"bool": 1, "int8": 1, "int16": 2, "uint16": 2, "int32": 4, "int64": 8, "float64": 8, "uuid": 16}


def method(type_name):
    return METHODS.get(type_name, type_name)


def element_type(entry):
    return CPP_TYPES.get(entry.type, entry.type)


def cpp_type(entry):
    inner = element_type(entry)
    if entry.is_array:
        inner = f"std::vector<{inner}>"
    return f"std::optional<{inner}>" if entry.nullable else inner


def initializer(entry):
    """What stands after the member's name: Kafka's default."""
    if entry.nullable:
        # A records field without a value is null; other nullable fields say so in their description.
        if entry.default == "null" or entry.type == "records":
            return ""
        return "{std::in_place}"
    if entry.is_array or entry.is_struct:
        return ""
    if entry.type == "bool":
        return " = " + (entry.default or "false")
    if entry.type in ("string", "bytes", "uuid"):
        return ""
    default = entry.default or "0"
    # The smallest 32-bit number has no literal of its own.
    return " = INT32_MIN" if default == str(-(2**31)) else f" = {default}"


def condition(versions, outer, name="version"):
    """A C++ condition for `version` being in `versions`, given that it is in `outer`; None when always true."""
    parts = []
    if versions.lowest == versions.highest and versions != outer:
        return f"{name} == {versions.lowest}"
    if versions.lowest > outer.lowest:
        parts.append(f"{name} >= {versions.lowest}")
    if versions.highest < outer.highest:
        parts.append(f"{name} <= {versions.highest}")
    return " && ".join(parts) or None


def wire_size_min(struct, message, version):
    """The fewest bytes that an encoded struct takes in this version."""
    flexible = message.flexible is not None and version in message.flexible
    size = 1 if flexible else 0
    for entry in struct.fields:
        if version not in entry.versions or entry.tag is not None:
            continue
        if entry.is_array or entry.type in ("bytes", "records"):
            size += 1 if flexible else 4
        elif entry.type == "string":
            size += 1 if flexible else 2
        elif entry.is_struct:
            size += 1 if entry.nullable else wire_size_min(entry.struct, message, version)
        else:
            size += WIRE_SIZES[entry.type]
    return size


def element_size_min(entry, message):
    versions = range(entry.versions.lowest, entry.versions.highest + 1)
    if entry.is_struct:
        return max(1, min(wire_size_min(entry.struct, message, version) for version in versions))
    return WIRE_SIZES.get(entry.type, 1)


class Code:
    """Lines with indentation."""

    def __init__(self):
        self.lines = []
        self.depth = 0

    def __call__(self, text=""):
        self.lines.append("  " * self.depth + text if text else "")

    def open(self, text):
        self(text)
        self.depth += 1

    def close(self, text="}"):
        self.depth -= 1
        self(text)

    def text(self):
        return "\n".join(self.lines) + "\n"


def members(code, struct, message):
    for entry in struct.fields:
        code(f"{cpp_type(entry)} {entry.name}{initializer(entry)};{versions_note(entry, message)}")
    if message.flexible:
        code("std::vector<UnknownTag> unknown_tags;")


def versions_note(entry, message):
    if entry.versions == message.versions:
        return ""
    if entry.versions.highest == message.versions.highest:
        return f"  // {entry.versions.lowest}+"
    return f"  // {entry.versions.lowest}-{entry.versions.highest}"


def header(api):
    code = Code()
    code("#pragma once")
    code(NOTE.format(api.snake))
    for name in ("cstdint", "optional", "string", "vector"):
        code(f"#include <{name}>")
    code()
    code('#include "kafka/reader.h"')
    code('#include "kafka/writer.h"')
    code()
    code("namespace myelin::kafka {")
    for message in (api.request, api.response):
        code()
        code.open(f"struct {message.name} {{")
        for struct in message.structs():
            code.open(f"struct {struct.name} {{")
            members(code, struct, message)
            code.close("};")
        members(code, message.body, message)
        code()
        code(f"[[nodiscard]] static Result<{message.name}> decode(Reader& in, std::int16_t version);")
        code("void encode(Writer& out, std::int16_t version) const;")
        code.close("};")
    code()
    code("}  // namespace myelin::kafka")
    return code.text()


class Codec:
    """The read and write functions of one message."""

    def __init__(self, code, message):
        self.code = code
        self.message = message
        self.flexible = None
        if message.flexible:
            self.flexible = condition(message.flexible, message.versions) or "true"
        self.flex = "flexible" if message.flexible else "false"

    def qualified(self, struct):
        return self.message.name if struct is self.message.body else f"{self.message.name}::{struct.name}"

    def literal(self, struct, entry_name):
        return f'"{self.qualified(struct).replace("::", ".")}.{entry_name}"'

    def structs(self):
        return self.message.structs() + [self.message.body]

    def prologue(self):
        if self.message.flexible:
            self.code(f"[[maybe_unused]] const bool flexible = {self.flexible};")

    def guarded(self, versions, outer, body):
        test = condition(versions, outer)
        if test:
            self.code.open(f"if ({test}) {{")
        body()
        if test:
            self.code.close()

    # Reading

    def read_struct(self, struct):
        code = self.code
        code.open(f"void read(Reader& in, [[maybe_unused]] std::int16_t version, {self.qualified(struct)}& to) {{")
        self.prologue()
        for entry in struct.fields:
            if entry.tag is None:
                self.guarded(entry.versions, self.message.versions, lambda e=entry: self.read_field(struct, e))
        self.read_tags(struct)
        code.close()
        code()

    def read_field(self, struct, entry):
        code, name = self.code, f"to.{entry.name}"
        literal = self.literal(struct, entry.name)
        if entry.is_array:
            self.read_array(entry, name, literal)
        elif entry.is_struct and entry.nullable:
            code(f"{name}.reset();")
            code(f"if (in.int8({literal}) >= 0) read(in, version, {name}.emplace());")
        elif entry.is_struct:
            code(f"read(in, version, {name});")
        elif entry.type == "records":
            code(f"{name} = in.records({self.flex}, {literal});")
        elif entry.type in ("string", "bytes"):
            if not entry.nullable:
                code(f"{name} = in.{entry.type}({self.flex}, {literal});")
                return
            test = condition(entry.nullable, entry.versions)
            nullable = f"{name} = in.nullable_{entry.type}({self.flex}, {literal});"
            if test is None:
                code(nullable)
                return
            code.open(f"if ({test}) {{")
            code(nullable)
            code.close("} else {")
            code.depth += 1
            code(f"{name} = in.{entry.type}({self.flex}, {literal});")
            code.close()
        else:
            code(f"{name} = in.{method(entry.type)}({literal});")

    def read_array(self, entry, name, literal):
        code = self.code
        size = element_size_min(entry, self.message)
        inner = f"{self.message.name}::{entry.type}" if entry.is_struct else element_type(entry)
        call = f"({self.flex}, {{{size}, sizeof({inner})}}, {literal})"
        if entry.nullable:
            test = condition(entry.nullable, entry.versions)
            if test is None:
                code.open(f"if (const auto count = in.nullable_array{call}) {{")
            else:
                code.open(f"if (const auto count = {test} ? in.nullable_array{call} : in.array{call}) {{")
            code(f"{name}.emplace(*count);")
            self.read_elements(entry, f"*{name}", literal)
            code.close("} else {")
            code.depth += 1
            code(f"{name}.reset();")
            code.close()
        else:
            code(f"{name}.resize(in.array{call});")
            self.read_elements(entry, name, literal)

    def read_elements(self, entry, name, literal):
        code = self.code
        code.open(f"for (auto& element : {name}) {{")
        code("if (in.failed()) break;")
        if entry.is_struct:
            code("read(in, version, element);")
        elif entry.type in ("string", "bytes"):
            code(f"element = in.{entry.type}({self.flex}, {literal});")
        else:
            code(f"element = in.{method(entry.type)}({literal});")
        code.close()

    def read_tags(self, struct):
        if not self.message.flexible:
            return
        code = self.code
        literal = self.literal(struct, "tags")
        known = [entry for entry in struct.fields if entry.tag is not None]
        if not known:
            code(f"if (flexible) in.unknown_tags(to.unknown_tags, {literal});")
            return
        code("if (!flexible) return;")
        code.open(f"for (auto left = in.tags({literal}); left > 0 && !in.failed(); --left) {{")
        code(f"const auto tag = in.tag({literal});")
        for entry in sorted(known, key=lambda e: e.tag):
            test = condition(entry.versions, self.message.flexible)
            code.open(f"if (tag.tag == {entry.tag}{' && ' + test if test else ''}) {{")
            self.read_field(struct, entry)
            code(f"in.end_known(tag, {self.literal(struct, entry.name)});")
            code("continue;")
            code.close()
        code(f"in.keep_unknown(tag, to.unknown_tags, {literal});")
        code.close()

    # Writing

    def write_struct(self, struct):
        code = self.code
        used = "" if struct.fields else "[[maybe_unused]] "
        code.open(
            f"void write({used}Writer& out, [[maybe_unused]] std::int16_t version, "
            f"{used}const {self.qualified(struct)}& from) {{"
        )
        self.prologue()
        for entry in struct.fields:
            if entry.tag is None:
                self.guarded(entry.versions, self.message.versions, lambda e=entry: self.write_field(e))
        self.write_tags(struct)
        code.close()
        code()

    def write_field(self, entry):
        code, name = self.code, f"from.{entry.name}"
        if entry.is_array:
            self.write_array(entry, name)
        elif entry.is_struct and entry.nullable:
            code(f"out.int8(static_cast<std::int8_t>({name} ? 1 : -1));")
            code(f"if ({name}) write(out, version, *{name});")
        elif entry.is_struct:
            code(f"write(out, version, {name});")
        elif entry.type == "records":
            code(f"out.records({name}, {self.flex});")
        elif entry.type in ("string", "bytes"):
            if not entry.nullable:
                code(f"out.{entry.type}({name}, {self.flex});")
                return
            test = condition(entry.nullable, entry.versions)
            nullable = f"out.nullable_{entry.type}({name}, {self.flex});"
            if test is None:
                code(nullable)
                return
            code.open(f"if ({test}) {{")
            code(nullable)
            code.close("} else {")
            code.depth += 1
            code(f"out.{entry.type}({name}.value_or({element_type(entry)}()), {self.flex});")
            code.close()
        else:
            code(f"out.{method(entry.type)}({name});")

    def write_array(self, entry, name):
        code = self.code
        if not entry.nullable:
            code(f"out.array({name}.size(), {self.flex});")
            self.write_elements(entry, name)
            return
        code.open(f"if ({name}) {{")
        code(f"out.array({name}->size(), {self.flex});")
        self.write_elements(entry, f"*{name}")
        code.close("} else {")
        code.depth += 1
        test = condition(entry.nullable, entry.versions)
        if test is None:
            code(f"out.null_array({self.flex});")
        else:
            code.open(f"if ({test}) {{")
            code(f"out.null_array({self.flex});")
            code.close("} else {")
            code.depth += 1
            code(f"out.array(0, {self.flex});")
            code.close()
        code.close()

    def write_elements(self, entry, name):
        if entry.is_struct:
            call = "write(out, version, element)"
        elif entry.type in ("string", "bytes"):
            call = f"out.{entry.type}(element, {self.flex})"
        else:
            call = f"out.{method(entry.type)}(element)"
        self.code(f"for (const auto& element : {name}) {call};")

    def present(self, entry):
        """Whether a tagged field differs from its default, as a C++ condition."""
        name = f"from.{entry.name}"
        if entry.is_struct and not entry.is_array and not entry.nullable:
            parts = [f"{name}.{inner.name} != {inner.default or 0}" for inner in entry.struct.fields]
            return f"({' || '.join(parts)} || !{name}.unknown_tags.empty())"
        if entry.nullable:
            if entry.default != "null":
                raise ValueError(f"{entry.name}: a nullable tagged field has default null")
            test = f"{name}.has_value()"
        elif entry.is_array or entry.type == "string":
            test = f"!{name}.empty()"
        elif entry.type == "uuid":
            test = f"!{name}.is_zero()"
        elif entry.type == "bool":
            test = f"{name} != {entry.default or 'false'}"
        else:
            test = f"{name} != {entry.default or 0}"
        return test

    def write_tags(self, struct):
        if not self.message.flexible:
            return
        code = self.code
        known = sorted((e for e in struct.fields if e.tag is not None), key=lambda e: e.tag)
        if not known:
            code("if (flexible) out.unknown_tags(from.unknown_tags);")
            return
        code("if (!flexible) return;")
        code("auto tags = static_cast<std::uint32_t>(from.unknown_tags.size());")
        for entry in known:
            test = condition(entry.versions, self.message.flexible)
            expression = f"{test} && {self.present(entry)}" if test else self.present(entry)
            code(f"const bool has_{entry.name} = {expression};")
            code(f"if (has_{entry.name}) ++tags;")
        code("out.unsigned_varint(tags);")
        code("std::size_t unknown = 0;")
        for entry in known:
            code(f"unknown = out.unknown_tags_below(from.unknown_tags, unknown, {entry.tag});")
            code.open(f"if (has_{entry.name}) {{")
            code(f"const auto begun = out.begin_tag({entry.tag});")
            self.write_field(entry)
            code("out.end_tag(begun);")
            code.close()
        code("out.unknown_tags_below(from.unknown_tags, unknown, Writer::kAllTags);")

    def entry_points(self):
        code, message = self.code, self.message
        lowest, highest = message.versions.lowest, message.versions.highest
        code.open(f"Result<{message.name}> {message.name}::decode(Reader& in, std::int16_t version) {{")
        code.open(f"if (version < {lowest} || version > {highest}) {{")
        code(f'return undescribed_version("{message.name}", version, {lowest}, {highest});')
        code.close()
        code(f"{message.name} message;")
        code("read(in, version, message);")
        code("if (in.failed()) return in.failure();")
        code("return message;")
        code.close()
        code()
        code.open(f"void {message.name}::encode(Writer& out, std::int16_t version) const {{")
        code(f"CHECK(version >= {lowest} && version <= {highest});")
        code("write(out, version, *this);")
        code.close()
        code()


def source(api):
    code = Code()
    code(NOTE.format(api.snake))
    code(f'#include "kafka/message/{api.snake}.h"')
    code()
    code('#include "base/check.h"')
    code()
    code("namespace myelin::kafka {")
    code("namespace {")
    code()
    codecs = [Codec(code, message) for message in (api.request, api.response)]
    for codec in codecs:
        for struct in codec.structs():
            codec.read_struct(struct)
        for struct in codec.structs():
            codec.write_struct(struct)
    code("}  // namespace")
    code()
    for codec in codecs:
        codec.entry_points()
    code("}  // namespace myelin::kafka")
    return code.text()
