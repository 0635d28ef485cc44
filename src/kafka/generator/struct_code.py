"""C++ of one API: its two messages, their structs, reading and writing."""
from description import snake

CPP_TYPES = {"bool": "bool", "int8": "std::int8_t", "int16": "std::int16_t", "uint16": "std::uint16_t",
             "int32": "std::int32_t", "int64": "std::int64_t", "float64": "double", "uuid": "Uuid",
             "string": "std::string", "bytes": "SharedBytes"}
CALLS = {"bool": "boolean", "float64": "float64", "uuid": "uuid"}
SIZES = {"bool": 1, "int8": 1, "int16": 2, "uint16": 2, "int32": 4, "int64": 8, "float64": 8, "uuid": 16}
INTEGERS = {"int8", "int16", "uint16", "int32", "int64"}


def call_of(field_type):
    return CALLS.get(field_type, field_type)


def element_type(field):
    return field.type if field.is_struct else CPP_TYPES[field.type]


def cpp_type(field):
    if field.type == "records":
        return "std::optional<Payload>"
    plain = f"std::vector<{element_type(field)}>" if field.is_array else element_type(field)
    return f"std::optional<{plain}>" if field.nullable else plain


def initialiser(field):
    if field.type == "records":
        return ""
    if field.nullable:
        if field.default == "null":
            return ""
        return f" = {cpp_type(field)[len('std::optional<'):-1]}()"
    if field.is_array or field.is_struct or field.type in ("string", "bytes", "uuid"):
        return f' = "{field.default}"' if field.default and field.type == "string" else ""
    if field.type == "bool":
        return f" = {field.default or 'false'}"
    if field.default == "-9223372036854775808":
        return " = INT64_MIN"
    return f" = {field.default or '0'}"


def size_min(fields, flexible):
    """Fewest bytes one struct can take, over all versions."""
    total = 1 if flexible else 0
    for field in fields:
        if field.tag is None:
            total += 1 if field.is_array or field.is_struct else SIZES.get(field.type, 1)
    return max(1, total)


def element_size_min(field, message):
    if not field.is_struct:
        return SIZES.get(field.type, 1)
    always = [sub for sub in field.fields if sub.versions.lowest <= field.versions.lowest
              and sub.versions.highest >= field.versions.highest]
    return size_min(always, False)


def condition(versions, within):
    """The C++ test that a version lies in a range, or None when it always does."""
    parts = []
    if versions.lowest > within.lowest:
        parts.append(f"version >= {versions.lowest}")
    if versions.highest < within.highest:
        parts.append(f"version <= {versions.highest}")
    return " && ".join(parts) or None


def structs_of(fields):
    """Nested structs, inner ones first, each once."""
    for field in fields:
        if field.is_struct:
            yield from structs_of(field.fields)
            yield field


class Lines:
    def __init__(self):
        self.lines, self.depth = [], 0

    def add(self, text):
        self.lines.append("  " * self.depth + text if text else "")

    def open(self, text):
        self.add(text + " {")
        self.depth += 1

    def close(self, end="}"):
        self.depth -= 1
        self.add(end)

    def text(self):
        return "\n".join(self.lines) + "\n"


def declare(out, fields, flexible):
    for field in fields:
        out.add(f"{cpp_type(field)} {field.name}{initialiser(field)};")
    if flexible:
        out.add("std::vector<UnknownTag> unknown_tags;")
    out.add("void read(Reader& reader, std::int16_t version);")
    out.add("void write(Writer& writer, std::int16_t version) const;")


def declare_message(out, message, about):
    out.add(f"// {about} Versions {message.versions.lowest} to {message.versions.highest}.")
    out.open(f"struct {message.name}")
    done = set()
    for field in structs_of(message.fields):
        if field.type in done:
            continue
        done.add(field.type)
        out.open(f"struct {field.type}")
        declare(out, field.fields, message.flexible_from is not None)
        out.close("};")
    declare(out, message.fields, message.flexible_from is not None)
    out.add(f"[[nodiscard]] static Result<{message.name}> decode(Reader& reader, std::int16_t version);")
    out.add("void encode(Writer& writer, std::int16_t version) const { write(writer, version); }")
    out.close("};")
    out.add("")


def header(api):
    out = Lines()
    out.add("#pragma once")
    out.add(f"// Made from src/kafka/api/{snake(api.name)}.txt. Never edited.")
    for name in ("cstdint", "optional", "string", "vector"):
        out.add(f"#include <{name}>")
    out.add("")
    for name in ("base/bytes.h", "base/result.h", "base/uuid.h", "kafka/reader.h", "kafka/writer.h"):
        out.add(f'#include "{name}"')
    out.add("")
    out.add("namespace myelin::kafka {")
    out.add("")
    declare_message(out, api.request, f"API {api.key}: {api.about}")
    declare_message(out, api.response, f"Answer to {api.request.name}.")
    out.add("}  // namespace myelin::kafka")
    return out.text()


class MessageCode:
    """Definitions of read and write for one message."""

    def __init__(self, out, message):
        self.out, self.message = out, message
        self.flexible = message.flexible_from is not None

    def define(self):
        done = set()
        for field in structs_of(self.message.fields):
            if field.type not in done:
                done.add(field.type)
                self.define_struct(f"{self.message.name}::{field.type}", field.fields, field.versions)
        self.define_struct(self.message.name, self.message.fields, self.message.versions)
        name = self.message.name
        self.out.open(f"Result<{name}> {name}::decode(Reader& reader, std::int16_t version)")
        self.out.add(f"{name} message;")
        self.out.add("message.read(reader, version);")
        self.out.add('if (!reader.failed() && reader.left() != 0) reader.reject("bytes are left over");')
        self.out.add(f'if (reader.failed()) return reader.failure("{name}");')
        self.out.add("return message;")
        self.out.close()
        self.out.add("")

    def flexible_text(self):
        if not self.flexible:
            return "false"
        if self.message.flexible_from <= self.message.versions.lowest:
            return "true"
        return f"version >= {self.message.flexible_from}"

    def define_struct(self, name, fields, within):
        out = self.out
        plain = [field for field in fields if field.tag is None]
        tagged = sorted((field for field in fields if field.tag is not None), key=lambda field: field.tag)
        out.open(f"void {name}::read([[maybe_unused]] Reader& reader, [[maybe_unused]] std::int16_t version)")
        out.add(f"[[maybe_unused]] const bool flexible = {self.flexible_text()};")
        for field in plain:
            self.guarded(field, within, lambda field=field: self.read_value(field))
        if self.flexible:
            self.read_tags(tagged)
        out.close()
        out.add("")
        out.open(f"void {name}::write([[maybe_unused]] Writer& writer, [[maybe_unused]] std::int16_t version) const")
        out.add(f"[[maybe_unused]] const bool flexible = {self.flexible_text()};")
        for field in plain:
            self.guarded(field, within, lambda field=field: self.write_value(field, "writer"))
        if self.flexible:
            self.write_tags(tagged, within)
        out.close()
        out.add("")

    def guarded(self, field, within, body):
        test = condition(field.versions, within)
        if test:
            self.out.open(f"if ({test})")
        body()
        if test:
            self.out.close()

    def read_value(self, field):
        out, name = self.out, field.name
        if field.type == "records":
            out.add(f"{name} = reader.records(flexible);")
        elif field.is_array:
            self.read_array(field)
        elif field.is_struct:
            out.add(f"{name}.read(reader, version);")
        elif field.type in ("string", "bytes"):
            if not field.nullable:
                out.add(f"{name} = reader.{field.type}(flexible);")
            else:
                self.by_nullability(field, f"{name} = reader.nullable_{field.type}(flexible);",
                                    f"{name} = reader.{field.type}(flexible);")
        else:
            out.add(f"{name} = reader.{call_of(field.type)}();")

    def by_nullability(self, field, when_nullable, otherwise):
        test = condition(field.nullable, field.versions)
        if not test:
            self.out.add(when_nullable)
            return
        self.out.open(f"if ({test})")
        self.out.add(when_nullable)
        self.out.depth -= 1
        self.out.open("} else")
        self.out.add(otherwise)
        self.out.close()

    def read_array(self, field):
        out, name = self.out, field.name
        size = element_size_min(field, self.message)
        if field.nullable:
            out.open("")
            test = condition(field.nullable, field.versions)
            nullable = f"reader.nullable_array(flexible, {size})"
            plain = f"std::optional<std::uint32_t>(reader.array(flexible, {size}))"
            out.add(f"const auto element_count = {f'({test}) ? {nullable} : {plain}' if test else nullable};")
            out.add(f"{name}.reset();")
            out.open("if (element_count)")
            out.add(f"auto& elements = {name}.emplace();")
            self.read_elements(field, "elements", "*element_count")
            out.close()
            out.close()
        else:
            out.open("")
            out.add(f"const auto element_count = reader.array(flexible, {size});")
            self.read_elements(field, name, "element_count")
            out.close()

    def read_elements(self, field, target, count):
        out = self.out
        if field.is_struct:
            out.add(f"for (auto remaining = {count}; remaining > 0 && !reader.failed(); --remaining) "
                    f"{target}.emplace_back().read(reader, version);")
            return
        flexible = "flexible" if field.type in ("string", "bytes") else ""
        out.add(f"for (auto remaining = {count}; remaining > 0 && !reader.failed(); --remaining) "
                f"{target}.push_back(reader.{call_of(field.type)}({flexible}));")

    def read_tags(self, tagged):
        out = self.out
        out.open("if (flexible)")
        out.open("for (auto remaining = reader.tags(); remaining > 0 && !reader.failed(); --remaining)")
        out.add("const auto found = reader.tag();")
        out.open("switch (found.tag)")
        for field in tagged:
            out.open(f"case {field.tag}:")
            test = condition(field.versions, self.message.versions)
            if test:
                out.open(f"if ({test})")
            self.read_value(field)
            out.add("reader.end_known(found);")
            if test:
                out.depth -= 1
                out.open("} else")
                out.add("reader.keep_unknown(found, unknown_tags);")
                out.close()
            out.add("break;")
            out.close()
        out.add("default: reader.keep_unknown(found, unknown_tags);")
        out.close()
        out.close()
        out.close()

    def write_value(self, field, writer):
        out, name = self.out, field.name
        if field.type == "records":
            out.add(f"{writer}.records({name}, flexible);")
        elif field.is_array:
            self.write_array(field, writer)
        elif field.is_struct:
            out.add(f"{name}.write({writer}, version);")
        elif field.type in ("string", "bytes"):
            if not field.nullable:
                out.add(f"{writer}.{field.type}({name}, flexible);")
            else:
                empty = "std::string()" if field.type == "string" else "SharedBytes()"
                self.by_nullability(field, f"{writer}.nullable_{field.type}({name}, flexible);",
                                    f"{writer}.{field.type}({name}.value_or({empty}), flexible);")
        else:
            out.add(f"{writer}.{call_of(field.type)}({name});")

    def write_array(self, field, writer):
        out, name = self.out, field.name
        target = name
        if field.nullable:
            test = condition(field.nullable, field.versions)
            null = f"({test}) ? std::nullopt : std::optional<std::size_t>(0)" if test else "std::nullopt"
            out.add(f"{writer}.array({name} ? std::optional<std::size_t>({name}->size()) : ({null}), flexible);")
            out.open(f"if ({name})")
            target = f"*{name}"
        else:
            out.add(f"{writer}.array({name}.size(), flexible);")
        if field.is_struct:
            out.add(f"for (const auto& element : {target}) element.write({writer}, version);")
        else:
            flexible = ", flexible" if field.type in ("string", "bytes") else ""
            out.add(f"for (const auto& element : {target}) {writer}.{call_of(field.type)}(element{flexible});")
        if field.nullable:
            out.close()

    def is_set(self, field, path=""):
        """C++ test that a tagged field differs from its default and must be written."""
        name = path + field.name
        if field.is_array or field.type in ("records", "bytes") or (field.type == "string" and not field.nullable):
            return f"{name}.has_value()" if field.nullable or field.type == "records" else f"{name}.size() != 0"
        if field.nullable:
            return f"{name}.has_value()"
        if field.is_struct:
            tests = [self.is_set(sub, name + ".") for sub in field.fields] + [f"!{name}.unknown_tags.empty()"]
            return "(" + " || ".join(tests) + ")"
        if field.type == "uuid":
            return f"!{name}.is_zero()"
        if field.type == "bool":
            return name if (field.default or "false") == "false" else f"!{name}"
        return f"{name} != {field.default or '0'}"

    def write_tags(self, tagged, within):
        out = self.out
        out.open("if (flexible)")
        out.add("std::size_t tag_count = unknown_tags.size();")
        tests = {}
        for field in tagged:
            version_test = condition(field.versions, self.message.versions)
            tests[field.name] = " && ".join(part for part in (version_test, self.is_set(field)) if part)
            out.add(f"if ({tests[field.name]}) ++tag_count;")
        out.add("writer.unsigned_varint(static_cast<std::uint32_t>(tag_count));")
        for field in tagged:
            out.open(f"if ({tests[field.name]})")
            out.add("Writer tagged_value;")
            self.write_value(field, "tagged_value")
            out.add(f"writer.tagged({field.tag}, tagged_value);")
            out.close()
        out.add("writer.unknown_tags(unknown_tags);")
        out.close()


def source(api):
    out = Lines()
    out.add(f"// Made from src/kafka/api/{snake(api.name)}.txt. Never edited.")
    out.add(f'#include "kafka/message/{snake(api.name)}.h"')
    out.add("")
    out.add("namespace myelin::kafka {")
    out.add("")
    MessageCode(out, api.request).define()
    MessageCode(out, api.response).define()
    out.add("}  // namespace myelin::kafka")
    return out.text()
