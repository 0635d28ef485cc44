// Records of every shape, and of every size that is let in.
#include "steps.h"

enum {
  kLimit = 1048588,  // the default of max.message.bytes, of a batch as it is sent
  kAround =
      72,  // a batch of one record without a key: its head of 61 bytes and what is around a value of more than 8 KiB
};

static rd_kafka_resp_err_t g_answer;
static void on_answer(rd_kafka_t* handle, const rd_kafka_message_t* message, void* opaque) {
  (void)handle;
  (void)opaque;
  g_answer = message->err;
}

static size_t size_of(const char* text) { return text == NULL ? 0 : strlen(text); }

static rd_kafka_t* producer(void) {
  rd_kafka_conf_t* conf = client_conf(password());
  set(conf, "message.max.bytes", "2000000");
  rd_kafka_conf_set_dr_msg_cb(conf, on_answer);
  return start(RD_KAFKA_PRODUCER, conf);
}

static rd_kafka_t* reader(const char* topic) {
  rd_kafka_conf_t* conf = client_conf(password());
  set(conf, "group.id", need("GROUP"));
  rd_kafka_t* handle = start(RD_KAFKA_CONSUMER, conf);
  rd_kafka_topic_partition_list_t* list = rd_kafka_topic_partition_list_new(1);
  rd_kafka_topic_partition_list_add(list, topic, 0)->offset = 0;
  rd_kafka_assign(handle, list);
  rd_kafka_topic_partition_list_destroy(list);
  return handle;
}

static rd_kafka_message_t* next(const char* step, rd_kafka_t* handle) {
  const time_t deadline = time(NULL) + 30;
  while (time(NULL) < deadline) {
    rd_kafka_message_t* message = rd_kafka_consumer_poll(handle, 200);
    if (message != NULL && !message->err) return message;
    if (message != NULL) rd_kafka_message_destroy(message);
  }
  fail(step, "a record did not come back in 30 s");
  return NULL;
}

static int is(const void* bytes, size_t size, const char* expected) {
  return expected == NULL ? bytes == NULL
                          : bytes != NULL && size == strlen(expected) && memcmp(bytes, expected, size) == 0;
}

static void need_header(const rd_kafka_message_t* message, size_t at, const char* expected_name, const char* expected) {
  rd_kafka_headers_t* headers = NULL;
  const char* name = NULL;
  const void* value = NULL;
  size_t size = 0;
  if (rd_kafka_message_headers(message, &headers) || rd_kafka_header_get_all(headers, at, &name, &value, &size))
    fail("shapes", "a header is missing");
  if (strcmp(name, expected_name) != 0 || !is(value, size, expected))
    fail("shapes", "a header is not as it was written");
}

void shapes(const char* base) {
  static const char* const keys[] = {"key", "key", "", NULL};
  static const char* const values[] = {"value", NULL, "", "no key"};
  char topic[300];
  snprintf(topic, sizeof topic, "%s.shapes", base);
  create(topic, 1);
  rd_kafka_t* writer = producer();
  rd_kafka_headers_t* headers = rd_kafka_headers_new(4);
  rd_kafka_header_add(headers, "twice", -1, "1", 1);
  rd_kafka_header_add(headers, "twice", -1, "2", 1);
  rd_kafka_header_add(headers, "empty", -1, "", 0);
  rd_kafka_header_add(headers, "none", -1, NULL, 0);
  for (int i = 0; i < 4; ++i) {
    rd_kafka_producev(
        writer, RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_PARTITION(0), RD_KAFKA_V_KEY((void*)keys[i], size_of(keys[i])),
        RD_KAFKA_V_VALUE((void*)values[i], size_of(values[i])), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
        RD_KAFKA_V_HEADERS(rd_kafka_headers_copy(i == 0 ? headers : rd_kafka_headers_new(0))), RD_KAFKA_V_END);
  }
  if (rd_kafka_flush(writer, 30000)) fail("shapes", "not everything was answered in 30 s");
  rd_kafka_headers_destroy(headers);
  rd_kafka_destroy(writer);
  rd_kafka_t* handle = reader(topic);
  for (int i = 0; i < 4; ++i) {
    rd_kafka_message_t* message = next("shapes", handle);
    if (!is(message->key, message->key_len, keys[i]) || !is(message->payload, message->len, values[i]))
      fail("shapes", "a record is not as it was written");
    if (i == 0) {
      need_header(message, 0, "twice", "1");
      need_header(message, 1, "twice", "2");
      need_header(message, 2, "empty", "");
      need_header(message, 3, "none", NULL);
    }
    rd_kafka_message_destroy(message);
  }
  rd_kafka_consumer_close(handle);
  rd_kafka_destroy(handle);
  printf("step shapes ok\n");
}

static rd_kafka_resp_err_t write_of(const char* topic, size_t size) {
  rd_kafka_t* writer = producer();
  void* value = calloc(size, 1);
  g_answer = RD_KAFKA_RESP_ERR__TIMED_OUT;
  rd_kafka_producev(writer, RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_PARTITION(0), RD_KAFKA_V_VALUE(value, size),
                    RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END);
  rd_kafka_flush(writer, 30000);
  free(value);
  rd_kafka_destroy(writer);
  return g_answer;
}

void large(const char* base) {
  char topic[300];
  snprintf(topic, sizeof topic, "%s.shapes", base);
  if (write_of(topic, kLimit - kAround) != RD_KAFKA_RESP_ERR_NO_ERROR)
    fail("large", "a batch of the limit was refused");
  if (write_of(topic, kLimit - kAround + 1) != RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE)
    fail("large", "one byte above the limit was not refused as such");
  rd_kafka_t* handle = reader(topic);
  for (size_t size = 0; size != kLimit - kAround;) {
    rd_kafka_message_t* message = next("large", handle);
    size = message->len;
    rd_kafka_message_destroy(message);
  }
  rd_kafka_consumer_close(handle);
  rd_kafka_destroy(handle);
  printf("step large ok\n");
}
