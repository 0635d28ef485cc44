#pragma once
// What a request must be before anybody looks at it: addressed to us by a name we go by, and, when it changes
// something, JSON from our own pages or from a program. Stops DNS rebinding and cross-site forgery. Pure.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/http_message.h"

namespace myelin::api {

// The names this server goes by, without port; loopback names are added for requests over loopback.
using HostNames = std::vector<std::string>;

// The problem with the request, or nothing.
[[nodiscard]] std::optional<net::HttpResponse> refuse(const net::HttpRequest& request, const HostNames& names);

// Security headers that every answer carries.
void add_security_headers(net::HttpResponse& response);

// The page's own site wants HTML rather than data: a person opened the address.
[[nodiscard]] bool accepts_html(const net::HttpRequest& request);

}  // namespace myelin::api
