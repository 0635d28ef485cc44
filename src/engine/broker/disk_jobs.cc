#include "engine/broker/disk_jobs.h"

#include <utility>

namespace myelin::engine::broker {

void DiskJobs::submit(Job job) {
  under_way_.fetch_add(1);
  executor_.submit([this, job = std::move(job)]() mutable {
    job();
    job = nullptr;  // with what it holds of the broker
    under_way_.fetch_sub(1);
  });
}

void DiskJobs::drain() {
  executor_.wait_until([this] { return under_way_.load() == 0; });
}

}  // namespace myelin::engine::broker
