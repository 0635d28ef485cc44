#include "kafka/header.h"

namespace myelin::kafka {
namespace {

bool has_tags(ApiKey key, std::int16_t version) { return key != ApiKey::ApiVersions && is_flexible(key, version); }

}  // namespace

Result<RequestHeader> RequestHeader::decode(Reader& in) {
  RequestHeader header;
  header.api_key = in.int16("request header api_key");
  header.api_version = in.int16("request header api_version");
  header.correlation_id = in.int32("request header correlation_id");
  // The client id kept its 16-bit length when headers became flexible.
  header.client_id = in.nullable_string(false, "request header client_id");
  if (is_flexible(static_cast<ApiKey>(header.api_key), header.api_version)) {
    in.unknown_tags(header.unknown_tags, "request header tags");
  }
  if (in.failed()) return in.failure();
  return header;
}

void RequestHeader::encode(Writer& out) const {
  out.int16(api_key);
  out.int16(api_version);
  out.int32(correlation_id);
  out.nullable_string(client_id, false);
  if (is_flexible(static_cast<ApiKey>(api_key), api_version)) out.unknown_tags(unknown_tags);
}

Result<ResponseHeader> ResponseHeader::decode(Reader& in, ApiKey key, std::int16_t version) {
  ResponseHeader header;
  header.correlation_id = in.int32("response header correlation_id");
  if (has_tags(key, version)) in.unknown_tags(header.unknown_tags, "response header tags");
  if (in.failed()) return in.failure();
  return header;
}

void ResponseHeader::encode(Writer& out, ApiKey key, std::int16_t version) const {
  out.int32(correlation_id);
  if (has_tags(key, version)) out.unknown_tags(unknown_tags);
}

}  // namespace myelin::kafka
