#pragma once
// What stands before every request and response body. Which header version belongs to which message version follows
// from the API: flexible requests have header 2, flexible responses header 1, but ApiVersions always answers with
// header 0, so that a client which knows nothing yet can read it.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "kafka/api_key.h"
#include "kafka/reader.h"
#include "kafka/writer.h"

namespace myelin::kafka {

struct RequestHeader {
  std::int16_t api_key = 0;  // as received: may name no described API
  std::int16_t api_version = 0;
  std::int32_t correlation_id = 0;
  std::optional<std::string> client_id;
  std::vector<UnknownTag> unknown_tags;

  // A key that is not described is read as header 1; whoever dispatches refuses it.
  [[nodiscard]] static Result<RequestHeader> decode(Reader& in);
  void encode(Writer& out) const;
};

struct ResponseHeader {
  std::int32_t correlation_id = 0;
  std::vector<UnknownTag> unknown_tags;

  [[nodiscard]] static Result<ResponseHeader> decode(Reader& in, ApiKey key, std::int16_t version);
  void encode(Writer& out, ApiKey key, std::int16_t version) const;
};

}  // namespace myelin::kafka
