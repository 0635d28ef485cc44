// Members that come and go: five times while records are written, and one that comes back as who it was.
#include "steps.h"

enum { kPartitions = 4, kMembersMax = 4, kChanges = 5, kRecordsMax = 1000000 };

static int64_t g_written[kPartitions], g_committed[kPartitions];
static char* g_taken[kPartitions];

static void on_written(rd_kafka_t* handle, const rd_kafka_message_t* message, void* opaque) {
  (void)handle;
  (void)opaque;
  if (message->err) fail("rebalances", rd_kafka_err2str(message->err));
  if (message->offset >= g_written[message->partition]) g_written[message->partition] = message->offset + 1;
}

static void write_some(rd_kafka_t* writer, const char* topic) {
  for (int i = 0; i < 40; ++i) {
    rd_kafka_producev(writer, RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_PARTITION(i % kPartitions), RD_KAFKA_V_VALUE("x", 1),
                      RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END);
  }
  rd_kafka_poll(writer, 0);
}

// A record that comes again after its place was committed is a duplicate.
static void take(rd_kafka_t* member) {
  rd_kafka_topic_partition_list_t* ends = rd_kafka_topic_partition_list_new(kPartitions);
  for (int i = 0; i < 500; ++i) {
    rd_kafka_message_t* message = rd_kafka_consumer_poll(member, i == 0 ? 50 : 0);
    if (message == NULL) break;
    if (!message->err) {
      const int partition = message->partition;
      if (message->offset < g_committed[partition])
        fail("rebalances", "a record came again after its place was committed");
      if (message->offset >= kRecordsMax) fail("rebalances", "more records than there is room for");
      g_taken[partition][message->offset] = 1;
      const char* topic = rd_kafka_topic_name(message->rkt);
      rd_kafka_topic_partition_t* end = rd_kafka_topic_partition_list_find(ends, topic, partition);
      if (end == NULL) end = rd_kafka_topic_partition_list_add(ends, topic, partition);
      end->offset = message->offset + 1;
    }
    rd_kafka_message_destroy(message);
  }
  // Where it is refused the partitions are moving; their next holder begins where the last commit was.
  if (ends->cnt > 0 && !rd_kafka_commit(member, ends, 0)) {
    for (int i = 0; i < ends->cnt; ++i) {
      const rd_kafka_topic_partition_t* end = &ends->elems[i];
      if (!end->err && end->offset > g_committed[end->partition]) g_committed[end->partition] = end->offset;
    }
  }
  rd_kafka_topic_partition_list_destroy(ends);
}

static void leave(rd_kafka_t* member) {
  rd_kafka_consumer_close(member);
  rd_kafka_destroy(member);
}

static void need_committed(rd_kafka_t* member, const char* topic) {
  rd_kafka_topic_partition_list_t* places = rd_kafka_topic_partition_list_new(kPartitions);
  for (int p = 0; p < kPartitions; ++p) rd_kafka_topic_partition_list_add(places, topic, p);
  if (rd_kafka_committed(member, places, 15000)) fail("rebalances", "the committed offsets were not told");
  for (int p = 0; p < kPartitions; ++p) {
    if (places->elems[p].offset != g_written[p]) fail("rebalances", "the committed offsets are not the ends");
    for (int64_t offset = 0; offset < g_written[p]; ++offset) {
      if (!g_taken[p][offset]) fail("rebalances", "a record was left out");
    }
    free(g_taken[p]);
  }
  rd_kafka_topic_partition_list_destroy(places);
}

// Members come and go while records are written: none is lost, none comes again after it was committed.
void rebalances(const char* base, const char* group) {
  static const char changes[kChanges] = {'+', '+', '-', '+', '-'};
  char topic[300], name[300];
  snprintf(topic, sizeof topic, "%s.load", base);
  snprintf(name, sizeof name, "%s-load", group);
  create(topic, kPartitions);
  for (int p = 0; p < kPartitions; ++p) g_taken[p] = calloc(kRecordsMax, 1);
  rd_kafka_conf_t* conf = client_conf(password());
  rd_kafka_conf_set_dr_msg_cb(conf, on_written);
  rd_kafka_t* writer = start(RD_KAFKA_PRODUCER, conf);
  rd_kafka_t* members[kMembersMax] = {join(topic, name, NULL, NULL)};
  int first = 0, last = 1, done = 0;
  const time_t deadline = time(NULL) + 90;
  while (time(NULL) < deadline && (done < kChanges || memcmp(g_committed, g_written, sizeof g_written) != 0)) {
    if (done < kChanges) {
      write_some(writer, topic);
    } else {
      rd_kafka_flush(writer, 30000);
    }
    int held = 0, idle = 0;
    for (int m = first; m < last; ++m) {
      take(members[m]);
      held += partitions_of(members[m]);
      idle += partitions_of(members[m]) == 0;
    }
    if (done == kChanges || held != kPartitions || idle > 0) continue;
    if (changes[done++] == '+') {
      members[last++] = join(topic, name, NULL, NULL);
    } else {
      leave(members[first++]);
    }
  }
  if (done < kChanges) fail("rebalances", "not five rebalances in 90 s");
  need_committed(members[first], topic);
  for (int m = first; m < last; ++m) leave(members[m]);
  rd_kafka_destroy(writer);
  printf("step rebalances ok\n");
}

static int g_events;
static void on_rebalance(rd_kafka_t* handle, rd_kafka_resp_err_t what, rd_kafka_topic_partition_list_t* places,
                         void* opaque) {
  (void)opaque;
  ++g_events;
  rd_kafka_assign(handle, what == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS ? places : NULL);
}

static void hold_two_each(rd_kafka_t* one, rd_kafka_t* other) {
  const time_t deadline = time(NULL) + 60;
  while (partitions_of(one) != 2 || partitions_of(other) != 2) {
    if (time(NULL) > deadline) fail("static_member", "the members did not share the partitions in 60 s");
    rd_kafka_t* both[] = {one, other};
    for (int m = 0; m < 2; ++m) {
      rd_kafka_message_t* message = rd_kafka_consumer_poll(both[m], 20);
      if (message != NULL) rd_kafka_message_destroy(message);
    }
  }
}

// A bit for each partition. An assignment is given back at once: librdkafka does not end before it is.
static int places_of(rd_kafka_t* member) {
  rd_kafka_topic_partition_list_t* held = NULL;
  rd_kafka_assignment(member, &held);
  int places = 0;
  for (int i = 0; i < held->cnt; ++i) places |= 1 << held->elems[i].partition;
  rd_kafka_topic_partition_list_destroy(held);
  return places;
}

// One that comes back in time gets what it had, and the other is not asked to give anything up.
void static_member(const char* topic, const char* group) {
  char name[300];
  snprintf(name, sizeof name, "%s-static", group);
  rd_kafka_t* leaver = join(topic, name, "leaver", NULL);
  rd_kafka_t* stayer = join(topic, name, "stayer", on_rebalance);
  hold_two_each(leaver, stayer);
  const int before = g_events;
  const int held = places_of(leaver);
  leave(leaver);
  rd_kafka_t* back = join(topic, name, "leaver", NULL);
  hold_two_each(back, stayer);
  if (places_of(back) != held) fail("static_member", "it came back to other partitions");
  if (g_events != before) fail("static_member", "the other member was assigned anew");
  leave(back);
  leave(stayer);
  printf("step static_member ok\n");
}
