#pragma once
// Live rates of the map, sent to browsers once a second while they change. One measurement serves all browsers of a
// principal; nothing is measured while nobody watches.
//
// Threads: any. One thread of its own ticks; it sleeps while there is no stream.
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "api/map_json.h"
#include "base/clock.h"
#include "base/ids.h"
#include "lineage/map.h"
#include "net/http_server.h"

namespace myelin::api {

// Bytes per second by edge, over the last five seconds, from totals read now and then.
class RateWindow {
 public:
  static constexpr std::chrono::seconds kWindow{5};

  // The rates now, of the edges that have any, and of those that had some at the last call.
  [[nodiscard]] EdgeRates measure(const lineage::Map& map, MonotonicTime now);
  [[nodiscard]] const EdgeRates& latest() const { return latest_; }

 private:
  struct Sample {
    MonotonicTime time;
    std::map<std::string, std::int64_t, std::less<>> bytes;  // by edge
  };
  std::deque<Sample> samples_;
  EdgeRates latest_;
};

class MapFeed {
 public:
  using MapOf = std::function<lineage::Map(const PrincipalName&)>;
  static constexpr std::size_t kStreams = 256;

  MapFeed(MapOf map_of, const Clock& clock) : map_of_(std::move(map_of)), clock_(clock) {}
  ~MapFeed() { stop(); }
  MapFeed(const MapFeed&) = delete;
  MapFeed& operator=(const MapFeed&) = delete;

  void start();  // the ticking thread
  void stop();   // ends the streams and the thread

  // False when there are too many streams.
  [[nodiscard]] bool has_room() const;
  void add(const PrincipalName& watcher, std::shared_ptr<net::EventStream> stream);
  // Measures and sends, once. The thread calls it; so do tests.
  void tick();
  // The rates last sent to this principal's browsers.
  [[nodiscard]] EdgeRates latest(const PrincipalName& watcher) const;

 private:
  struct Watcher {
    std::vector<std::shared_ptr<net::EventStream>> streams;
    RateWindow window;
    std::optional<std::int64_t> version;  // of the map last told
  };
  void run();

  MapOf map_of_;
  const Clock& clock_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::map<PrincipalName, Watcher> watchers_;
  std::size_t streams_ = 0;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace myelin::api
