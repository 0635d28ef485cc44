#include "net/http_message.h"

#include <algorithm>
#include <memory>

#include "net/ascii.h"

namespace myelin::net {

std::string_view HttpHeaders::get(std::string_view name) const {
  const auto found = std::ranges::find_if(fields_, [&](const auto& field) { return ascii_equal(field.first, name); });
  return found == fields_.end() ? std::string_view() : std::string_view(found->second);
}

bool HttpHeaders::has(std::string_view name) const { return count(name) > 0; }

std::size_t HttpHeaders::count(std::string_view name) const {
  return static_cast<std::size_t>(
      std::ranges::count_if(fields_, [&](const auto& field) { return ascii_equal(field.first, name); }));
}

SharedBytes http_body(std::string text) {
  const auto owner = std::make_shared<const std::string>(std::move(text));
  return {owner, as_bytes(*owner)};
}

HttpResponse http_response(int status, std::string content_type, std::string body) {
  HttpResponse response;
  response.status = status;
  response.content_type = std::move(content_type);
  response.body = http_body(std::move(body));
  return response;
}

}  // namespace myelin::net
