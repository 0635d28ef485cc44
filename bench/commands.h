#pragma once
// The commands of bench_load; each prints one JSON object.
#include "bench/options.h"

namespace myelin::bench {

void create_topic(const Options& options);
void delete_topic(const Options& options);
void produce(const Options& options);
void fetch(const Options& options);
void measure_latency(const Options& options);
void measure_paced(const Options& options);
void repeat_requests(const Options& options);
void keep_connections(const Options& options);
void run_transactions(const Options& options);
void log_in(const Options& options);
// Starts the command that follows "--", waits for its first Metadata answer, stops it.
void measure_start(const Options& options, char** command);

}  // namespace myelin::bench
