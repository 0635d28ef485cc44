#include "engine/broker/disk_reads.h"

#include <utility>

namespace myelin::engine::broker {

void DiskReads::submit(Job job) {
  under_way_.fetch_add(1);
  executor_.submit([this, job = std::move(job)]() mutable {
    job();
    job = nullptr;  // with what it holds of the broker
    under_way_.fetch_sub(1);
  });
}

void DiskReads::drain() {
  executor_.wait_until([this] { return under_way_.load() == 0; });
}

}  // namespace myelin::engine::broker
