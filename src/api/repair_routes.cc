// Routes that look after what rests on disk: what is damaged, letting readers pass, and reading all of it.
#include <fmt/core.h>

#include <chrono>

#include "api/json_object.h"
#include "api/problem.h"
#include "api/request.h"
#include "api/server.h"

namespace myelin::api {
namespace {

constexpr auto kProgressEvery = std::chrono::milliseconds(500);

document::Node damage_json(const governance::DamagedOffsets& damage) {
  return JsonObject()
      .text("topic", damage.topic.text())
      .number("partition", damage.partition)
      .number("first_offset", damage.first_offset)
      .number("last_offset", damage.next_offset - 1)
      .number("offsets", damage.next_offset - damage.first_offset)
      .text("file", damage.file)
      .number("position", static_cast<std::int64_t>(damage.position))
      .number("bytes", static_cast<std::int64_t>(damage.bytes))
      .boolean("skipped", damage.skipped)
      .node();
}

document::Node progress_json(const governance::VerifyProgress& progress) {
  return JsonObject()
      .number("partitions", static_cast<std::int64_t>(progress.partitions))
      .number("partitions_total", static_cast<std::int64_t>(progress.partitions_total))
      .number("bytes", static_cast<std::int64_t>(progress.bytes))
      .number("bytes_total", static_cast<std::int64_t>(progress.bytes_total))
      .node();
}

net::HttpResponse damage_response(const Result<std::vector<governance::DamagedOffsets>>& damage, const Query& query) {
  if (!damage) return problem(damage.error(), query.request.path);
  const auto tree = JsonObject().add("items", json_list(*damage, damage_json)).node();
  return net::http_response(200, "application/json", document::json(tree) + "\n");
}

// The number in a query or body member "partition", when there is one.
Result<std::optional<std::int32_t>> partition_in(const document::Node& body) {
  const auto* member = body.find("partition");
  if (member == nullptr) return std::nullopt;
  const auto number = document::as_integer(*member);
  if (!number || *number < 0 || *number > INT32_MAX) {
    return fail(Code::Invalid, "the body's member 'partition' is not a number from 0 to {}", INT32_MAX);
  }
  return static_cast<std::int32_t>(*number);
}

// What a verification has to say, as events; the stream opens with the first of them, so that a refusal can be an
// ordinary answer.
class VerifyEvents {
 public:
  VerifyEvents(net::HttpReply reply, const Clock& clock) : reply_(std::move(reply)), clock_(clock) {}

  bool progress(const governance::VerifyProgress& progress) {
    if (stream_ && stream_->closed()) return false;
    const auto now = clock_.monotonic();
    if (stream_ && now - last_ < kProgressEvery) return true;
    last_ = now;
    return send("progress", progress_json(progress));
  }
  void found(const governance::DamagedOffsets& damage) { send("damage", damage_json(damage)); }
  void end(const Result<governance::VerifyProgress>& outcome, const std::string& path) {
    if (outcome) {
      send("done", progress_json(*outcome));
    } else if (stream_) {
      send("failed", JsonObject().text("detail", outcome.error().message).node());
    } else {
      auto refused = problem(outcome.error(), path);
      add_security_headers(refused);
      return reply_.send(std::move(refused));
    }
    stream_->close();
  }

 private:
  bool send(std::string_view event, const document::Node& data) {
    if (!stream_) {
      net::HttpResponse headers;
      add_security_headers(headers);
      stream_ = reply_.start_events(headers.headers);
    }
    return stream_->send(event, document::json(data));
  }

  net::HttpReply reply_;
  const Clock& clock_;
  std::shared_ptr<net::EventStream> stream_;
  MonotonicTime last_;
};

}  // namespace

net::HttpResponse Server::damage(const Query& query) const {
  const auto partition = query_number(query.request, "partition", {0, INT32_MAX, -1});
  if (!partition) return problem(partition.error(), query.request.path);
  governance::PartitionChoice choice{TopicName(query.parameter("name")), std::nullopt};
  if (*partition >= 0) choice.partition = static_cast<std::int32_t>(*partition);
  return damage_response(services_.repair.damaged(asker_of(query), choice), query);
}

net::HttpResponse Server::repair_topic(const Query& query) {
  const auto body = body_object(query.request, kBodyBytes, {"skip", "partition"});
  if (!body) return problem(body.error(), query.request.path);
  const auto* skip = body->find("skip");
  if (skip == nullptr || document::as_boolean(*skip) != true) {
    return problem({Code::Invalid, "the only repair is to let readers pass: the body's member 'skip' must be true"},
                   query.request.path);
  }
  const auto partition = partition_in(*body);
  if (!partition) return problem(partition.error(), query.request.path);
  return damage_response(services_.repair.skip(asker_of(query), {TopicName(query.parameter("name")), *partition}),
                         query);
}

void Server::verify_topics(Query query, net::HttpReply reply) {
  services_.blocking([this, query = std::move(query), reply = std::move(reply)]() mutable {
    VerifyEvents events(std::move(reply), services_.clock);
    auto body = body_object(query.request, kBodyBytes, {"topic"});
    if (!body) return events.end(pass(body), query.request.path);
    std::optional<TopicName> topic;
    if (body->find("topic") != nullptr) {
      auto name = required_text(*body, "topic");
      if (!name) return events.end(pass(name), query.request.path);
      topic.emplace(*name);
    }
    const auto outcome = services_.repair.verify(
        asker_of(query), topic,
        {.progress = [&](const governance::VerifyProgress& progress) { return events.progress(progress); },
         .found = [&](const governance::DamagedOffsets& damage) { events.found(damage); }});
    events.end(outcome, query.request.path);
  });
}

}  // namespace myelin::api
