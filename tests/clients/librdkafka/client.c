// librdkafka as Debian has it, from C: every step of tests/clients/README.md.
#include "steps.h"

static int g_delivered, g_failed;
static rd_kafka_resp_err_t g_last_error;
static void on_delivery(rd_kafka_t* handle, const rd_kafka_message_t* message, void* opaque) {
  (void)handle;
  (void)opaque;
  if (message->err) {
    ++g_failed;
    g_last_error = message->err;
  } else {
    ++g_delivered;
  }
}

// The first half is an hour older than the second. Each codec in turn, idempotent, acks=all.
static void produce(const char* topic, int records, int64_t old_ms, int64_t new_ms) {
  const char* codecs[] = {"none", "gzip", "snappy", "lz4", "zstd"};
  g_delivered = 0;
  for (int half = 0; half < 2; ++half) {
    for (int codec = 0; codec < 5; ++codec) {
      rd_kafka_conf_t* conf = client_conf(password());
      set(conf, "enable.idempotence", "true");
      set(conf, "compression.type", codecs[codec]);
      set(conf, "linger.ms", "20");
      rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
      rd_kafka_t* handle = start(RD_KAFKA_PRODUCER, conf);
      for (int i = half * records / 2 + codec; i < (half + 1) * records / 2; i += 5) {
        char key[32], value[64];
        const int key_size = snprintf(key, sizeof key, "key-%d", i),
                  size = snprintf(value, sizeof value, "value-%d", i);
        rd_kafka_producev(handle, RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_KEY(key, (size_t)key_size),
                          RD_KAFKA_V_VALUE(value, (size_t)size), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
                          RD_KAFKA_V_TIMESTAMP(half == 0 ? old_ms : new_ms), RD_KAFKA_V_END);
      }
      if (rd_kafka_flush(handle, 30000)) fail("produce", "not everything was answered in 30 s");
      rd_kafka_destroy(handle);
    }
  }
  if (g_delivered != records) fail("produce", rd_kafka_err2str(g_last_error));
  printf("step produce ok\n");
}

static int index_of(const rd_kafka_message_t* message) {
  char text[64] = {0};
  memcpy(text, message->payload, message->len < sizeof text - 1 ? message->len : sizeof text - 1);
  return atoi(text + strlen("value-"));
}

// One member reads, a second joins, both hold partitions, every record is seen, the offsets are committed.
static void group(const char* topic, const char* name, int records) {
  rd_kafka_t* members[2] = {join(topic, name, NULL, NULL), NULL};
  char* seen = calloc((size_t)records, 1);
  int count = 0, shared = 0;
  const time_t deadline = time(NULL) + 60;
  while (time(NULL) < deadline && (count < records || !shared)) {
    if (members[1] == NULL && count > 0) members[1] = join(topic, name, NULL, NULL);
    for (int m = 0; m < 2 && members[m] != NULL; ++m) {
      rd_kafka_message_t* message = rd_kafka_consumer_poll(members[m], 50);
      if (message == NULL) continue;
      if (!message->err && !seen[index_of(message)]) {
        seen[index_of(message)] = 1;
        ++count;
      }
      rd_kafka_message_destroy(message);
    }
    shared = members[1] != NULL && partitions_of(members[0]) == 2 && partitions_of(members[1]) == 2;
  }
  if (count < records) fail("group", "not every record was seen in 60 s");
  if (!shared) fail("group", "the two members did not share the partitions in 60 s");
  for (int m = 0; m < 2; ++m) {
    const rd_kafka_resp_err_t code = rd_kafka_commit(members[m], NULL, 0);
    if (code && code != RD_KAFKA_RESP_ERR__NO_OFFSET) fail("group", rd_kafka_err2str(code));
    rd_kafka_consumer_close(members[m]);
    rd_kafka_destroy(members[m]);
  }
  free(seen);
  printf("step group ok\n");
}

// From the offsets for a time between the halves: exactly the second half.
static void timestamp(const char* topic, int records, int64_t between_ms) {
  rd_kafka_conf_t* conf = client_conf(password());
  set(conf, "group.id", need("GROUP"));
  set(conf, "enable.partition.eof", "true");
  rd_kafka_t* handle = start(RD_KAFKA_CONSUMER, conf);
  rd_kafka_topic_partition_list_t* list = rd_kafka_topic_partition_list_new(4);
  for (int p = 0; p < 4; ++p) rd_kafka_topic_partition_list_add(list, topic, p)->offset = between_ms;
  const rd_kafka_resp_err_t code = rd_kafka_offsets_for_times(handle, list, 15000);
  if (code) fail("timestamp", rd_kafka_err2str(code));
  rd_kafka_assign(handle, list);
  int count = 0, ends = 0;
  const time_t deadline = time(NULL) + 30;
  while (ends < 4 && time(NULL) < deadline) {
    rd_kafka_message_t* message = rd_kafka_consumer_poll(handle, 200);
    if (message == NULL) continue;
    if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) ++ends;
    if (!message->err) {
      if (index_of(message) < records / 2) fail("timestamp", "a record from before the time was read");
      ++count;
    }
    rd_kafka_message_destroy(message);
  }
  if (count != records / 2) fail("timestamp", "not every record since the time was read");
  rd_kafka_topic_partition_list_destroy(list);
  rd_kafka_consumer_close(handle);
  rd_kafka_destroy(handle);
  printf("step timestamp ok\n");
}

static rd_kafka_t* begin_as(const char* transactional_id) {
  rd_kafka_conf_t* conf = client_conf(password());
  set(conf, "transactional.id", transactional_id);
  rd_kafka_t* handle = start(RD_KAFKA_PRODUCER, conf);
  rd_kafka_error_t* error = rd_kafka_init_transactions(handle, 30000);
  if (error != NULL) fail("transactions", rd_kafka_error_string(error));
  return handle;
}

static void need_done(rd_kafka_error_t* error) {
  if (error != NULL) fail("transactions", rd_kafka_error_string(error));
}

static void copy(rd_kafka_t* producer, const char* topic, const char* word) {
  for (int i = 0; i < 50; ++i) {
    char value[64];
    const int size = snprintf(value, sizeof value, "%s-%d", word, i);
    rd_kafka_producev(producer, RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_PARTITION(0), RD_KAFKA_V_VALUE(value, (size_t)size),
                      RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END);
  }
}

static void read_committed(const char* topic) {
  rd_kafka_conf_t* conf = client_conf(password());
  set(conf, "group.id", need("GROUP"));
  set(conf, "isolation.level", "read_committed");
  set(conf, "enable.partition.eof", "true");
  rd_kafka_t* handle = start(RD_KAFKA_CONSUMER, conf);
  rd_kafka_topic_partition_list_t* list = rd_kafka_topic_partition_list_new(1);
  rd_kafka_topic_partition_list_add(list, topic, 0)->offset = 0;
  rd_kafka_assign(handle, list);
  int count = 0, at_end = 0;
  const time_t deadline = time(NULL) + 30;
  while (!at_end && time(NULL) < deadline) {
    rd_kafka_message_t* message = rd_kafka_consumer_poll(handle, 200);
    if (message == NULL) continue;
    at_end = message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF;
    if (!message->err &&
        (message->len < 6 || memcmp(message->payload, "value-", 6) != 0 || index_of(message) != count++)) {
      fail("transactions", "a record was read that no transaction committed there");
    }
    rd_kafka_message_destroy(message);
  }
  if (count != 50) fail("transactions", "not every committed record was read");
  rd_kafka_topic_partition_list_destroy(list);
  rd_kafka_consumer_close(handle);
  rd_kafka_destroy(handle);
}

static void transactions(const char* topic, const char* transactional_id) {
  char copies[300], group_name[300];
  snprintf(copies, sizeof copies, "%s.copies", topic);
  snprintf(group_name, sizeof group_name, "%s-copies", need("GROUP"));
  create(copies, 1);
  rd_kafka_consumer_group_metadata_t* reader = rd_kafka_consumer_group_metadata_new(group_name);
  rd_kafka_topic_partition_list_t* offsets = rd_kafka_topic_partition_list_new(1);
  rd_kafka_t* producer = begin_as(transactional_id);
  rd_kafka_topic_partition_list_add(offsets, topic, 0)->offset = 7;
  need_done(rd_kafka_begin_transaction(producer));
  copy(producer, copies, "aborted");
  need_done(rd_kafka_send_offsets_to_transaction(producer, offsets, reader, 30000));
  need_done(rd_kafka_abort_transaction(producer, 30000));
  offsets->elems[0].offset = 50;
  need_done(rd_kafka_begin_transaction(producer));
  copy(producer, copies, "value");
  need_done(rd_kafka_send_offsets_to_transaction(producer, offsets, reader, 30000));
  need_done(rd_kafka_commit_transaction(producer, 30000));
  rd_kafka_t* heir = begin_as(transactional_id);
  need_done(rd_kafka_begin_transaction(producer));
  copy(producer, copies, "zombie");
  rd_kafka_error_t* refusal = rd_kafka_commit_transaction(producer, 30000);
  if (refusal == NULL || !rd_kafka_error_is_fatal(refusal))
    fail("transactions", "a producer whose id was taken over was not refused for good");
  rd_kafka_error_destroy(refusal);
  rd_kafka_destroy(producer);
  rd_kafka_destroy(heir);
  rd_kafka_consumer_group_metadata_destroy(reader);
  rd_kafka_topic_partition_list_destroy(offsets);
  read_committed(copies);
  printf("step transactions ok\n");
}

static void denied(const char* topic) {
  rd_kafka_conf_t* conf = client_conf(password());
  rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
  set(conf, "message.timeout.ms", "15000");
  rd_kafka_t* producer = start(RD_KAFKA_PRODUCER, conf);
  g_failed = 0;
  rd_kafka_producev(producer, RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_VALUE("no", 2),
                    RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END);
  rd_kafka_flush(producer, 20000);
  if (g_failed != 1 || g_last_error != RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED)
    fail("denied", "a write was not refused as such");
  rd_kafka_destroy(producer);
  rd_kafka_t* consumer = join(topic, need("GROUP"), NULL, NULL);
  int refused = 0;
  const time_t deadline = time(NULL) + 20;
  while (!refused && time(NULL) < deadline) {
    rd_kafka_message_t* message = rd_kafka_consumer_poll(consumer, 200);
    if (message == NULL) continue;
    refused = message->err == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED;
    rd_kafka_message_destroy(message);
  }
  if (!refused) fail("denied", "a read was not refused as such");
  rd_kafka_consumer_close(consumer);
  rd_kafka_destroy(consumer);
  printf("step denied ok\n");
}

static int g_rejected;
static void on_error(rd_kafka_t* handle, int code, const char* reason, void* opaque) {
  (void)handle;
  (void)reason;
  (void)opaque;
  if (code == RD_KAFKA_RESP_ERR__AUTHENTICATION) g_rejected = 1;
}

static void wrong_password(void) {
  rd_kafka_conf_t* conf = client_conf("not the password");
  rd_kafka_conf_set_error_cb(conf, on_error);
  rd_kafka_t* handle = start(RD_KAFKA_PRODUCER, conf);
  for (int i = 0; i < 150 && !g_rejected; ++i) rd_kafka_poll(handle, 100);
  if (!g_rejected) fail("wrong_password", "was not told that the sign-in failed");
  rd_kafka_destroy(handle);
  printf("step wrong_password ok\n");
}

int main(int argc, char** argv) {
  setvbuf(stdout, NULL, _IOLBF, 0);
  const char* topic = need("TOPIC");
  const int records = atoi(need("RECORDS"));
  const int64_t now = (int64_t)time(NULL) * 1000;
  create(topic, argc > 2 ? atoi(argv[2]) : 4);
  printf("step create ok\n");
  if (argc > 1 && strcmp(argv[1], "create") == 0) return 0;
  produce(topic, records, now - 7200000, now - 3600000);
  shapes(topic);
  large(topic);
  group(topic, need("GROUP"), records);
  rebalances(topic, need("GROUP"));
  static_member(topic, need("GROUP"));
  timestamp(topic, records, now - 5400000);
  transactions(topic, need("TRANSACTIONAL_ID"));
  denied(need("DENIED_TOPIC"));
  wrong_password();
  return 0;
}
