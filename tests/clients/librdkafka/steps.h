#pragma once

// What the steps of librdkafka's client share. Each ends the program when it fails.
#include <librdkafka/rdkafka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static inline const char* need(const char* name) {
  const char* value = getenv(name);
  if (value == NULL) {
    fprintf(stderr, "%s is not set\n", name);
    exit(2);
  }
  return value;
}

static inline void fail(const char* step, const char* why) {
  printf("step %s failed: %s\n", step, why);
  exit(1);
}

static inline void set(rd_kafka_conf_t* conf, const char* name, const char* value) {
  char why[512];
  if (rd_kafka_conf_set(conf, name, value, why, sizeof why) != RD_KAFKA_CONF_OK) fail(name, why);
}

static inline rd_kafka_conf_t* client_conf(const char* password) {
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  set(conf, "bootstrap.servers", need("BOOTSTRAP"));
  set(conf, "client.id", "librdkafka-c");
  set(conf, "security.protocol", "sasl_ssl");
  set(conf, "ssl.ca.location", need("CA"));
  set(conf, "sasl.mechanism", "SCRAM-SHA-512");
  set(conf, "sasl.username", need("KAFKA_USER"));
  set(conf, "sasl.password", password);
  set(conf, "log_level", "0");
  return conf;
}

static inline const char* password(void) {
  static char text[256];
  FILE* file = fopen(need("PASSWORD_FILE"), "r");
  if (file == NULL || fgets(text, sizeof text, file) == NULL) fail("start", "no password");
  fclose(file);
  text[strcspn(text, "\n")] = 0;
  return text;
}

static inline rd_kafka_t* start(rd_kafka_type_t type, rd_kafka_conf_t* conf) {
  char why[512];
  rd_kafka_t* handle = rd_kafka_new(type, conf, why, sizeof why);
  if (handle == NULL) fail("start", why);
  return handle;
}

static inline void create(const char* topic, int partitions) {
  rd_kafka_t* handle = start(RD_KAFKA_PRODUCER, client_conf(password()));
  rd_kafka_NewTopic_t* wanted = rd_kafka_NewTopic_new(topic, partitions, 1, NULL, 0);
  rd_kafka_queue_t* queue = rd_kafka_queue_new(handle);
  rd_kafka_CreateTopics(handle, &wanted, 1, NULL, queue);
  rd_kafka_event_t* event = rd_kafka_queue_poll(queue, 15000);
  if (event == NULL) fail("create", "no answer");
  if (rd_kafka_event_error(event)) fail("create", rd_kafka_event_error_string(event));
  size_t count = 0;
  const rd_kafka_topic_result_t** answers =
      rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event), &count);
  if (count != 1 || rd_kafka_topic_result_error(answers[0]))
    fail("create", rd_kafka_topic_result_error_string(answers[0]));
  rd_kafka_event_destroy(event);
  rd_kafka_queue_destroy(queue);
  rd_kafka_NewTopic_destroy(wanted);
  rd_kafka_destroy(handle);
}

static inline rd_kafka_t* join(const char* topic, const char* group, const char* instance,
                               void (*on_rebalance)(rd_kafka_t*, rd_kafka_resp_err_t, rd_kafka_topic_partition_list_t*,
                                                    void*)) {
  rd_kafka_conf_t* conf = client_conf(password());
  set(conf, "group.id", group);
  set(conf, "auto.offset.reset", "earliest");
  set(conf, "enable.auto.commit", "false");
  set(conf, "session.timeout.ms", "10000");
  set(conf, "heartbeat.interval.ms", "500");
  if (instance != NULL) set(conf, "group.instance.id", instance);
  if (on_rebalance != NULL) rd_kafka_conf_set_rebalance_cb(conf, on_rebalance);
  rd_kafka_t* handle = start(RD_KAFKA_CONSUMER, conf);
  rd_kafka_poll_set_consumer(handle);
  rd_kafka_topic_partition_list_t* topics = rd_kafka_topic_partition_list_new(1);
  rd_kafka_topic_partition_list_add(topics, topic, RD_KAFKA_PARTITION_UA);
  rd_kafka_subscribe(handle, topics);
  rd_kafka_topic_partition_list_destroy(topics);
  return handle;
}

static inline int partitions_of(rd_kafka_t* handle) {
  rd_kafka_topic_partition_list_t* held = NULL;
  rd_kafka_assignment(handle, &held);
  const int count = held->cnt;
  rd_kafka_topic_partition_list_destroy(held);
  return count;
}

void shapes(const char* topic);
void large(const char* topic);
void rebalances(const char* topic, const char* group);
void static_member(const char* topic, const char* group);
