#include "api/request.h"

#include <gtest/gtest.h>

#include "api/problem.h"
#include "api/request_guard.h"
#include "document/parse.h"

namespace myelin::api {
namespace {

net::HttpRequest request_for(std::string method, std::string host, net::HttpHeaders headers = {}) {
  net::HttpRequest request;
  request.method = std::move(method);
  request.path = "/api/v1/principals";
  request.headers = std::move(headers);
  request.headers.add("Host", std::move(host));
  request.is_loopback = true;
  request.body = request.method == "POST" ? "{}" : "";
  return request;
}

int refused(const net::HttpRequest& request, const HostNames& names = {"myelin.example.org"}) {
  const auto response = refuse(request, names);
  return response ? response->status : 0;
}

TEST(RequestGuard, TakesLoopbackNamesOverLoopbackAndConfiguredNames) {
  for (const char* host : {"127.0.0.1:8080", "localhost:8080", "LOCALHOST", "[::1]:8080", "Myelin.Example.org"}) {
    EXPECT_EQ(refused(request_for("GET", host)), 0) << host;
  }
}

TEST(RequestGuard, RefusesNamesItDoesNotGoBy) {
  for (const char* host : {"evil.example", "127.0.0.1.evil.example", "", "myelin.example.org.evil.example"}) {
    EXPECT_EQ(refused(request_for("GET", host)), 421) << host;
  }
  auto from_outside = request_for("GET", "localhost");
  from_outside.is_loopback = false;
  EXPECT_EQ(refused(from_outside), 421);
}

TEST(RequestGuard, WantsJsonFromWhatChangesSomething) {
  EXPECT_EQ(refused(request_for("POST", "localhost")), 415);
  EXPECT_EQ(refused(request_for("POST", "localhost", {{"Content-Type", "text/plain"}})), 415);
  EXPECT_EQ(refused(request_for("POST", "localhost", {{"Content-Type", "application/x-www-form-urlencoded"}})), 415);
  EXPECT_EQ(refused(request_for("POST", "localhost", {{"Content-Type", "Application/JSON; charset=utf-8"}})), 0);
  EXPECT_EQ(refused(request_for("POST", "localhost", {{"Content-Type", "application/vnd.schemaregistry.v1+json"}})), 0);
  EXPECT_EQ(refused(request_for("DELETE", "localhost")), 0) << "there is no body to have a type";
}

TEST(RequestGuard, RefusesOtherSites) {
  const auto post = [](const char* name, const char* value) {
    return request_for("POST", "localhost:8080", {{"Content-Type", "application/json"}, {name, value}});
  };
  EXPECT_EQ(refused(post("Origin", "http://localhost:8080")), 0);
  EXPECT_EQ(refused(post("Origin", "https://localhost:8080")), 403) << "another scheme is another origin";
  EXPECT_EQ(refused(post("Origin", "http://evil.example")), 403);
  EXPECT_EQ(refused(post("Origin", "null")), 403);
  EXPECT_EQ(refused(post("Sec-Fetch-Site", "cross-site")), 403);
  EXPECT_EQ(refused(post("Sec-Fetch-Site", "same-origin")), 0);
}

TEST(Problem, SaysWhatWhereWhyAndWhatNext) {
  const auto response = problem(Error{Code::NotFound, "no topic 'x'; did you mean 'y'?"}, "/api/v1/who/topic/x");
  EXPECT_EQ(response.status, 404);
  EXPECT_EQ(response.content_type, "application/problem+json");
  EXPECT_EQ(
      as_text(response.body.view()),
      R"({"type":"/problems/not_found","title":"The named thing does not exist","status":404,)"
      R"("detail":"no topic 'x'; did you mean 'y'?","instance":"/api/v1/who/topic/x","next":"myelin topics, myelin who NAME"})"
      "\n");
}

TEST(QueryNumber, KeepsToItsRange) {
  net::HttpRequest request;
  EXPECT_EQ(query_number(request, "limit", {1, 10, 5}).value(), 5);
  request.query["limit"] = "10";
  EXPECT_EQ(query_number(request, "limit", {1, 10, 5}).value(), 10);
  for (const char* wrong : {"11", "0", "-1", "ten", "1.5", "1 "}) {
    request.query["limit"] = wrong;
    EXPECT_EQ(query_number(request, "limit", {1, 10, 5}).error().code, Code::Invalid) << wrong;
  }
}

TEST(UsageColumns, AreThoseNamedOrAllButTheHour) {
  net::HttpRequest request;
  EXPECT_FALSE(usage_columns(request)->hour);
  EXPECT_TRUE(usage_columns(request)->squad);
  request.query["group_by"] = "topic,hour";
  EXPECT_TRUE(usage_columns(request)->hour);
  EXPECT_TRUE(usage_columns(request)->topic);
  EXPECT_FALSE(usage_columns(request)->squad);
  request.query["group_by"] = "topic,colour";
  EXPECT_EQ(usage_columns(request).error().message,
            "group_by: 'colour' is no column; use principal, squad, topic, direction, hour, group, partition, client");
}

TEST(UsageFilter, RefusesWhatItCannotRead) {
  net::HttpRequest request;
  request.query["direction"] = "sideways";
  EXPECT_EQ(usage_filter(request).error().code, Code::Invalid);
  request.query["direction"] = "read";
  request.query["from"] = "yesterday";
  EXPECT_EQ(usage_filter(request).error().code, Code::Invalid);
  request.query["from"] = "2026-11-21T04:00:00Z";
  EXPECT_EQ(usage_filter(request)->from, from_unix_milliseconds(1795233600000));
}

TEST(BodyObject, TakesOnlyKnownMembersWithinItsLimit) {
  net::HttpRequest request;
  request.body = R"({"name":"till","password":"x"})";
  EXPECT_TRUE(body_object(request, 100, {"name", "password"}).has_value());
  EXPECT_EQ(body_object(request, 100, {"name"}).error().message, "the body's member 'password' is unknown");
  EXPECT_EQ(body_object(request, 10, {"name", "password"}).error().code, Code::TooLarge);
  request.body = "[1]";
  EXPECT_EQ(body_object(request, 100, {}).error().code, Code::Invalid);
  request.body = "{";
  EXPECT_EQ(body_object(request, 100, {}).error().code, Code::Invalid);
}

TEST(RequiredText, RefusesWhatIsMissingOrNoString) {
  const auto body = document::parse_json(R"({"name":7,"empty":""})").value();
  EXPECT_FALSE(required_text(body, "name").has_value());
  EXPECT_FALSE(required_text(body, "empty").has_value());
  EXPECT_FALSE(required_text(body, "absent").has_value());
}

}  // namespace
}  // namespace myelin::api
