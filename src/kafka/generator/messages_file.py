"""C++ of what all APIs share: keys, the variants of requests and responses, and the way from key and version to a message."""
from description import snake

HEAD = "// Made from src/kafka/api/*.txt. Never edited.\n"


def header(apis):
    includes = "\n".join(f'#include "kafka/message/{snake(api.name)}.h"' for api in apis)
    keys = "\n".join(f"  {api.name} = {api.key}," for api in apis)
    requests = ",\n    ".join(api.request.name for api in apis)
    responses = ",\n    ".join(api.response.name for api in apis)
    return f"""#pragma once
{HEAD}#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <variant>

{includes}

namespace myelin::kafka {{

enum class ApiKey : std::int16_t {{
{keys}
}};

using Request = std::variant<
    {requests}>;
using Response = std::variant<
    {responses}>;

struct ApiDescription {{
  ApiKey key;
  std::string_view name;
  std::int16_t lowest;
  std::int16_t highest;
  std::int16_t flexible_from;  // of request and response; INT16_MAX when no version is
}};

// All APIs that are described, by key.
[[nodiscard]] std::span<const ApiDescription> described_apis();
// Null when the key is not described.
[[nodiscard]] const ApiDescription* described(ApiKey key);
// Both false for keys and versions that are not described.
[[nodiscard]] bool is_described(ApiKey key, std::int16_t version);
[[nodiscard]] bool is_flexible(ApiKey key, std::int16_t version);

// The key must be described; the reader stands behind the header.
[[nodiscard]] Result<Request> decode_request(ApiKey key, std::int16_t version, Reader& reader);
[[nodiscard]] Result<Response> decode_response(ApiKey key, std::int16_t version, Reader& reader);
void encode_request(const Request& request, std::int16_t version, Writer& writer);
void encode_response(const Response& response, std::int16_t version, Writer& writer);
[[nodiscard]] ApiKey key_of(const Request& request);

// Client id included; of an API or version that is not described only the first three fields are read.
struct RequestHeader {{
  std::int16_t api_key = 0;
  std::int16_t api_version = 0;
  std::int32_t correlation_id = 0;
  std::optional<std::string> client_id;
  std::vector<UnknownTag> unknown_tags;

  [[nodiscard]] static Result<RequestHeader> decode(Reader& reader);
  void encode(Writer& writer) const;
}};

// Version 1 (tagged) for flexible versions, except ApiVersions, whose header is always version 0.
struct ResponseHeader {{
  std::int32_t correlation_id = 0;
  std::vector<UnknownTag> unknown_tags;

  [[nodiscard]] static Result<ResponseHeader> decode(Reader& reader, ApiKey key, std::int16_t version);
  void encode(Writer& writer, ApiKey key, std::int16_t version) const;
}};

}}  // namespace myelin::kafka
"""


def decode_function(apis, side, kind):
    cases = "\n".join(f"    case ApiKey::{api.name}: return decoded<{kind}, {getattr(api, side).name}>(reader, version);"
                      for api in apis)
    return f"""Result<{kind}> decode_{side}(ApiKey key, std::int16_t version, Reader& reader) {{
  switch (key) {{
{cases}
  }}
  return fail(Code::Unsupported, "API key {{}} is not described", static_cast<int>(key));
}}
"""


def source(apis):
    rows = "\n".join(
        f'    {{ApiKey::{api.name}, "{api.name}", {api.request.versions.lowest}, {api.request.versions.highest}, '
        f"{'INT16_MAX' if api.request.flexible_from is None else api.request.flexible_from}}},"
        for api in apis)
    keys = ", ".join(f"ApiKey::{api.name}" for api in apis)
    return f"""{HEAD}#include "kafka/messages.h"

#include <algorithm>
#include <array>

namespace myelin::kafka {{
namespace {{

constexpr std::array<ApiDescription, {len(apis)}> kApis{{{{
{rows}
}}}};

template <typename Kind, typename Message>
Result<Kind> decoded(Reader& reader, std::int16_t version) {{
  auto message = Message::decode(reader, version);
  if (!message) return pass(message);
  return Kind(std::move(*message));
}}

void read_tags(Reader& reader, std::vector<UnknownTag>& tags) {{
  for (auto remaining = reader.tags(); remaining > 0 && !reader.failed(); --remaining) {{
    const auto tag = reader.tag();
    reader.keep_unknown(tag, tags);
  }}
}}

void write_tags(Writer& writer, const std::vector<UnknownTag>& tags) {{
  writer.unsigned_varint(static_cast<std::uint32_t>(tags.size()));
  writer.unknown_tags(tags);
}}

}}  // namespace

std::span<const ApiDescription> described_apis() {{ return kApis; }}

const ApiDescription* described(ApiKey key) {{
  const auto found = std::ranges::lower_bound(kApis, key, {{}}, &ApiDescription::key);
  return found != kApis.end() && found->key == key ? &*found : nullptr;
}}

bool is_described(ApiKey key, std::int16_t version) {{
  const auto* api = described(key);
  return api != nullptr && version >= api->lowest && version <= api->highest;
}}

bool is_flexible(ApiKey key, std::int16_t version) {{
  return is_described(key, version) && version >= described(key)->flexible_from;
}}

{decode_function(apis, "request", "Request")}
{decode_function(apis, "response", "Response")}
void encode_request(const Request& request, std::int16_t version, Writer& writer) {{
  std::visit([&](const auto& message) {{ message.encode(writer, version); }}, request);
}}

void encode_response(const Response& response, std::int16_t version, Writer& writer) {{
  std::visit([&](const auto& message) {{ message.encode(writer, version); }}, response);
}}

ApiKey key_of(const Request& request) {{
  constexpr std::array<ApiKey, {len(apis)}> kKeys{{{keys}}};
  return kKeys[request.index()];
}}

Result<RequestHeader> RequestHeader::decode(Reader& reader) {{
  RequestHeader header;
  header.api_key = reader.int16();
  header.api_version = reader.int16();
  header.correlation_id = reader.int32();
  const auto key = static_cast<ApiKey>(header.api_key);
  if (!reader.failed() && is_described(key, header.api_version)) {{
    header.client_id = reader.nullable_string(false);
    if (is_flexible(key, header.api_version)) read_tags(reader, header.unknown_tags);
  }}
  if (reader.failed()) return reader.failure("request header");
  return header;
}}

void RequestHeader::encode(Writer& writer) const {{
  writer.int16(api_key);
  writer.int16(api_version);
  writer.int32(correlation_id);
  writer.nullable_string(client_id, false);
  if (is_flexible(static_cast<ApiKey>(api_key), api_version)) write_tags(writer, unknown_tags);
}}

Result<ResponseHeader> ResponseHeader::decode(Reader& reader, ApiKey key, std::int16_t version) {{
  ResponseHeader header;
  header.correlation_id = reader.int32();
  if (key != ApiKey::ApiVersions && is_flexible(key, version)) read_tags(reader, header.unknown_tags);
  if (reader.failed()) return reader.failure("response header");
  return header;
}}

void ResponseHeader::encode(Writer& writer, ApiKey key, std::int16_t version) const {{
  writer.int32(correlation_id);
  if (key != ApiKey::ApiVersions && is_flexible(key, version)) write_tags(writer, unknown_tags);
}}

}}  // namespace myelin::kafka
"""
