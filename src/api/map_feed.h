#pragma once
// Live rates of the map, sent to browsers once a second while they change. One measurement serves all browsers of a
// principal; nothing is measured while nobody watches.
//
// Threads: any. One thread of its own ticks; it sleeps while there is no stream.
#include <condition_variable>
#include <cstddef>
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

// One browser that watches.
struct MapStream {
  std::shared_ptr<net::EventStream> events;
  std::function<bool()> may_watch;  // asked before each sending: a revoked password ends the stream
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
  void add(const PrincipalName& watcher, MapStream stream);
  // Measures and sends, once. The thread calls it; so do tests.
  void tick();

 private:
  struct Watcher {
    std::vector<MapStream> streams;
    EdgeRates told;                       // rates that are not zero
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
