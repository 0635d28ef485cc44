// Apache Kafka's own Java client: every step of tests/clients/README.md. Compiled once for each version of kafka-clients.
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.RebalanceInProgressException;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

public class Client {
  interface Step { void run() throws Exception; }

  static final Map<String, String> ENV = System.getenv();
  static final String TOPIC = ENV.get("TOPIC"), GROUP = ENV.get("GROUP"), DENIED = ENV.get("DENIED_TOPIC");
  static final int RECORDS = Integer.parseInt(ENV.get("RECORDS"));
  static final long NOW = System.currentTimeMillis();

  static Properties common(String password) {
    Properties p = new Properties();
    p.put("bootstrap.servers", ENV.get("BOOTSTRAP"));
    p.put("client.id", "kafka-clients-java");
    p.put("security.protocol", "SASL_SSL");
    p.put("ssl.truststore.type", "PEM");
    p.put("ssl.truststore.location", ENV.get("CA"));
    p.put("sasl.mechanism", "SCRAM-SHA-512");
    p.put("sasl.jaas.config", "org.apache.kafka.common.security.scram.ScramLoginModule required username=\""
        + ENV.get("KAFKA_USER") + "\" password=\"" + password + "\";");
    return p;
  }

  static Properties common() throws Exception {
    return common(Files.readAllLines(Path.of(ENV.get("PASSWORD_FILE"))).get(0));
  }

  static KafkaProducer<String, String> producer(Properties p, String codec) {
    p.put("compression.type", codec);
    p.put("linger.ms", "20");
    p.put("max.block.ms", "15000");
    return new KafkaProducer<>(p, new StringSerializer(), new StringSerializer());
  }

  static KafkaConsumer<String, String> consumer(String group, Map<String, String> more) throws Exception {
    Properties p = common();
    p.put("group.id", group);
    p.put("auto.offset.reset", "earliest");
    p.put("enable.auto.commit", "false");
    p.putAll(more);
    return new KafkaConsumer<>(p, new StringDeserializer(), new StringDeserializer());
  }

  static final Map<String, String> CLASSIC = Map.of("session.timeout.ms", "10000", "heartbeat.interval.ms", "500");
  static final Map<String, String> NEWER = Map.of("group.protocol", "consumer");

  static KafkaConsumer<String, String> consumer() throws Exception {
    return consumer(GROUP, CLASSIC);
  }

  static void check(boolean condition, String why) {
    if (!condition) throw new AssertionError(why);
  }

  static void create(String topic, int partitions) throws Exception {
    try (Admin admin = Admin.create(common())) {
      admin.createTopics(List.of(new NewTopic(topic, partitions, (short) 1))).all().get();
      check(admin.listTopics().names().get().contains(topic), "the new topic is not listed");
    }
  }

  static void produce() throws Exception {
    List<Future<RecordMetadata>> answers = new ArrayList<>();
    String[] codecs = {"none", "gzip", "snappy", "lz4", "zstd"};
    for (int half = 0; half < 2; ++half) {
      for (int turn = 0; turn < codecs.length; ++turn) {
        try (KafkaProducer<String, String> producer = producer(common(), codecs[turn])) {
          for (int i = half * RECORDS / 2 + turn; i < (half + 1) * RECORDS / 2; i += codecs.length) {
            answers.add(producer.send(new ProducerRecord<>(TOPIC, null, NOW - (half == 0 ? 7200000L : 3600000L), "key-" + i, "value-" + i)));
          }
        }
      }
    }
    check(answers.size() == RECORDS, answers.size() + " answers");
    for (Future<RecordMetadata> answer : answers) check(answer.get().hasOffset(), "an answer has no offset");
  }

  interface Make { KafkaConsumer<String, String> consumer() throws Exception; }

  static KafkaConsumer<String, String> subscribed(KafkaConsumer<String, String> consumer) {
    consumer.subscribe(List.of(TOPIC));
    return consumer;
  }

  static KafkaConsumer<String, String> newerConsumer() throws Exception {
    return consumer(GROUP + "-newer", NEWER);
  }

  // Kafka's classes before 4.0 have no pattern that the server matches, and this file is compiled for them too.
  static KafkaConsumer<String, String> byPattern(KafkaConsumer<String, String> consumer) throws Exception {
    if (!ENV.containsKey("PATTERNS")) return subscribed(consumer);
    Class<?> type = Class.forName("org.apache.kafka.clients.consumer.SubscriptionPattern");
    Object pattern = type.getConstructor(String.class).newInstance(TOPIC.replace(".", "[.]"));
    KafkaConsumer.class.getMethod("subscribe", type).invoke(consumer, pattern);
    return consumer;
  }

  static void group() throws Exception {
    share(() -> subscribed(consumer()), () -> subscribed(consumer()));
  }

  static void newerGroup() throws Exception {
    share(() -> subscribed(newerConsumer()), () -> byPattern(newerConsumer()));
    Rebalances.run(GROUP + "-newer-load", NEWER);
  }

  // Each member polls in turn: one thread is enough for two consumers.
  static void share(Make first, Make second) throws Exception {
    List<KafkaConsumer<String, String>> members = new ArrayList<>(List.of(first.consumer()));
    Set<String> seen = new HashSet<>();
    boolean shared = false;
    long deadline = System.currentTimeMillis() + 60000;
    while (System.currentTimeMillis() < deadline && !(seen.size() == RECORDS && shared)) {
      for (KafkaConsumer<String, String> member : members) {
        for (ConsumerRecord<String, String> record : member.poll(Duration.ofMillis(100))) seen.add(record.value());
        try {
          member.commitSync();
        } catch (CommitFailedException | RebalanceInProgressException moved) {
          // The partitions are moving; what was read is read again by their new holder.
        }
      }
      if (!seen.isEmpty() && members.size() == 1) {
        members.add(second.consumer());
      }
      shared = members.size() == 2 && members.get(0).assignment().size() == 2 && members.get(1).assignment().size() == 2;
    }
    check(seen.size() == RECORDS, seen.size() + " of " + RECORDS + " records were seen in 60 s");
    check(shared, "the two members did not share the partitions in 60 s");
    Set<TopicPartition> all = new HashSet<>();
    for (KafkaConsumer<String, String> member : members) all.addAll(member.assignment());
    check(members.get(0).committed(all).values().stream().mapToLong(one -> one == null ? 0 : one.offset()).sum() == RECORDS, "the committed offsets do not sum up");
    for (KafkaConsumer<String, String> member : members) member.close();
  }

  static void timestamp() throws Exception {
    try (KafkaConsumer<String, String> consumer = consumer()) {
      Map<TopicPartition, Long> wanted = new HashMap<>();
      for (int p = 0; p < 4; ++p) wanted.put(new TopicPartition(TOPIC, p), NOW - 5400000L);
      Map<TopicPartition, OffsetAndTimestamp> found = consumer.offsetsForTimes(wanted);
      consumer.assign(found.keySet());
      for (Map.Entry<TopicPartition, OffsetAndTimestamp> entry : found.entrySet()) {
        check(entry.getValue().timestamp() == NOW - 3600000L, "the offset found has another time");
        consumer.seek(entry.getKey(), entry.getValue().offset());
      }
      Set<Integer> values = new HashSet<>();
      long deadline = System.currentTimeMillis() + 30000;
      while (values.size() < RECORDS / 2 && System.currentTimeMillis() < deadline) {
        ConsumerRecords<String, String> records = consumer.poll(Duration.ofMillis(200));
        for (ConsumerRecord<String, String> record : records) values.add(Integer.parseInt(record.value().substring("value-".length())));
      }
      check(values.size() == RECORDS / 2 && values.stream().allMatch(i -> i >= RECORDS / 2), values.size() + " records, not exactly those since the time");
    }
  }

  static KafkaProducer<String, String> transactionalProducer() throws Exception {
    Properties p = common();
    p.put("transactional.id", ENV.get("TRANSACTIONAL_ID"));
    KafkaProducer<String, String> producer = producer(p, "none");
    producer.initTransactions();
    return producer;
  }

  static void transactions() throws Exception {
    String copies = TOPIC + ".copies";
    create(copies, 1);
    TopicPartition source = new TopicPartition(TOPIC, 0), target = new TopicPartition(copies, 0);
    KafkaProducer<String, String> producer = transactionalProducer();
    for (String word : List.of("aborted", "value")) {
      boolean commits = word.equals("value");
      producer.beginTransaction();
      for (int i = 0; i < 50; ++i) producer.send(new ProducerRecord<>(copies, "key-" + i, word + "-" + i));
      producer.sendOffsetsToTransaction(Map.of(source, new OffsetAndMetadata(commits ? 50 : 7)), new ConsumerGroupMetadata(GROUP + "-copies"));
      if (commits) producer.commitTransaction(); else producer.abortTransaction();
    }
    KafkaProducer<String, String> heir = transactionalProducer();
    try {
      producer.beginTransaction();
      producer.send(new ProducerRecord<>(copies, "of a zombie"));
      producer.commitTransaction();
      check(false, "a producer whose id was taken over could commit");
    } catch (ProducerFencedException | InvalidProducerEpochException fenced) {
      // As it should be.
    } catch (KafkaException other) {
      check(other.getCause() instanceof ProducerFencedException || other.getCause() instanceof InvalidProducerEpochException, "the fenced producer was told " + other);
    }
    producer.close(Duration.ZERO);
    heir.close();
    try (KafkaConsumer<String, String> consumer = consumer(GROUP + "-copies", Map.of("isolation.level", "read_committed"))) {
      check(consumer.committed(Set.of(source)).get(source).offset() == 50, "the committed offset is not the transaction's");
      consumer.assign(List.of(target));
      consumer.seekToBeginning(List.of(target));
      long end = consumer.endOffsets(List.of(target)).get(target);
      List<String> values = new ArrayList<>(), wanted = new ArrayList<>();
      for (int i = 0; i < 50; ++i) wanted.add("value-" + i);
      long deadline = System.currentTimeMillis() + 30000;
      while (consumer.position(target) < end && System.currentTimeMillis() < deadline) {
        for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(200))) values.add(record.value());
      }
      check(values.equals(wanted), values.size() + " records, not exactly the committed ones");
    }
  }

  static void denied() throws Exception {
    try (KafkaProducer<String, String> producer = producer(common(), "none")) {
      producer.send(new ProducerRecord<>(DENIED, "no")).get();
      check(false, "a write was let through");
    } catch (ExecutionException refusal) {
      check(refusal.getCause() instanceof TopicAuthorizationException, "a write was answered: " + refusal.getCause());
    }
    try (KafkaConsumer<String, String> consumer = consumer()) {
      consumer.subscribe(List.of(DENIED));
      for (int i = 0; i < 50; ++i) consumer.poll(Duration.ofMillis(200));
      check(false, "a read was let through");
    } catch (TopicAuthorizationException refusal) {
      check(refusal.unauthorizedTopics().contains(DENIED), "the refusal names other topics");
    }
  }

  static void wrongPassword() throws Exception {
    try (Admin admin = Admin.create(common("not the password"))) {
      admin.listTopics().names().get();
      check(false, "was let in");
    } catch (ExecutionException refusal) {
      check(refusal.getCause() instanceof SaslAuthenticationException, "the sign-in ended with: " + refusal.getCause());
    }
  }

  static void step(String name, Step run) {
    try {
      run.run();
    } catch (Exception | AssertionError error) {
      System.out.println("step " + name + " failed: " + error);
      System.exit(1);
    }
    System.out.println("step " + name + " ok");
  }

  public static void main(String[] arguments) {
    step("create", () -> create(TOPIC, 4));
    step("produce", Client::produce);
    step("shapes", Shapes::run);
    step("large", Shapes::large);
    step("group", Client::group);
    step("rebalances", () -> { create(Rebalances.TOPIC, 4); Rebalances.run(GROUP + "-load", CLASSIC); });
    step("static_member", Rebalances::staticMember);
    if (ENV.containsKey("NEWER_GROUP")) step("newer_group", Client::newerGroup);
    step("timestamp", Client::timestamp);
    step("transactions", Client::transactions);
    step("denied", Client::denied);
    step("wrong_password", Client::wrongPassword);
  }
}
