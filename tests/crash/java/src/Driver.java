import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;

/**
 * A client that writes its history (history.py) to standard output: Driver BOOTSTRAP PROCESS SEED STOP_FILE TOPIC:PARTITIONS...
 *
 * <p>Reads what is committed and sends, in transactions of a few steps, half of them with the offsets that it has read, one in five
 * aborted, until the file is there.
 */
public class Driver {
  /** One step: a send, with its value and, once it is acknowledged, its offset; or a poll, with what it found. */
  private static final class Step {
    TopicPartition to;
    long value;
    Future<RecordMetadata> sent;
    final Map<String, List<String>> found = new HashMap<>();

    long offset() {
      try {
        return sent != null && sent.isDone() ? sent.get().offset() : -1;
      } catch (Exception refused) {
        return -1;
      }
    }

    @Override
    public String toString() {
      if (to == null) {
        List<String> keys = new ArrayList<>();
        found.forEach((key, values) -> keys.add("\"" + key + "\": " + values));
        return "[\"poll\", {" + String.join(", ", keys) + "}]";
      }
      long offset = offset();
      return "[\"send\", \"" + to + "\", " + (offset < 0 ? "" + value : "[" + offset + ", " + value + "]") + "]";
    }
  }

  private final String bootstrap;
  private final String process;
  private final Random chance;
  private final List<TopicPartition> partitions = new ArrayList<>();
  private final KafkaConsumer<String, String> consumer;
  private KafkaProducer<String, String> producer;
  private long next;

  private Driver(String[] arguments) {
    bootstrap = arguments[0];
    process = arguments[1];
    chance = new Random((arguments[2] + process).hashCode());
    next = Long.parseLong(process.substring(process.lastIndexOf('-') + 1)) * 10_000_000L;
    for (int word = 4; word < arguments.length; word++) {
      String[] parts = arguments[word].split(":");
      for (int number = 0; number < Integer.parseInt(parts[1]); number++) partitions.add(new TopicPartition(parts[0], number));
    }
    Properties config = common();
    config.put("group.id", "group-" + process);
    config.put("enable.auto.commit", "false");
    config.put("isolation.level", "read_committed");
    config.put("key.deserializer", "org.apache.kafka.common.serialization.StringDeserializer");
    config.put("value.deserializer", "org.apache.kafka.common.serialization.StringDeserializer");
    consumer = new KafkaConsumer<>(config);
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
  }

  private Properties common() {
    Properties config = new Properties();
    config.put("bootstrap.servers", bootstrap);
    config.put("reconnect.backoff.max.ms", "200");
    config.put("request.timeout.ms", "5000");
    config.put("default.api.timeout.ms", "30000");
    return config;
  }

  private void begin() {
    while (true) {
      try {
        if (producer != null) producer.close(Duration.ZERO);
        Properties config = common();
        config.put("transactional.id", process);
        config.put("transaction.timeout.ms", "10000");
        config.put("linger.ms", "1");
        config.put("max.block.ms", "20000");
        config.put("key.serializer", "org.apache.kafka.common.serialization.StringSerializer");
        config.put("value.serializer", "org.apache.kafka.common.serialization.StringSerializer");
        producer = new KafkaProducer<>(config);
        producer.initTransactions();
        return;
      } catch (KafkaException notYet) {
        System.err.println(notYet);
      }
    }
  }

  private void tell(String type, List<Step> steps) {
    System.out.println("{\"t\": " + System.currentTimeMillis() / 1000.0 + ", \"process\": \"" + process + "\", \"type\": \"" + type
        + "\", \"f\": \"txn\", \"value\": " + steps + "}");
    System.out.flush();
  }

  private void poll(Step step) {
    for (var record : consumer.poll(Duration.ofMillis(100))) {
      step.found.computeIfAbsent(record.topic() + "-" + record.partition(), key -> new ArrayList<>())
          .add("[" + record.offset() + ", " + record.value() + "]");
    }
  }

  private Map<TopicPartition, OffsetAndMetadata> positions() {
    Map<TopicPartition, OffsetAndMetadata> places = new HashMap<>();
    for (TopicPartition partition : partitions) places.put(partition, new OffsetAndMetadata(consumer.position(partition)));
    return places;
  }

  private void runOnce() {
    List<Step> steps = new ArrayList<>();
    for (int count = 1 + chance.nextInt(4); count > 0; count--) {
      Step step = new Step();
      step.to = partitions.get(chance.nextInt(partitions.size()));
      step.value = ++next;
      steps.add(step);
    }
    tell("invoke", steps);
    if (chance.nextInt(10) < 6) steps.add(chance.nextInt(steps.size() + 1), new Step());
    boolean asks = false;
    String end = "fail";
    try {
      producer.beginTransaction();
      for (Step step : steps) {
        if (step.to == null) poll(step);
        else step.sent = producer.send(new ProducerRecord<>(step.to.topic(), step.to.partition(), null, "" + step.value));
      }
      if (chance.nextInt(2) == 0) producer.sendOffsetsToTransaction(positions(), new ConsumerGroupMetadata("group-" + process));
      if (chance.nextInt(5) == 0) {
        producer.abortTransaction();
      } else {
        producer.flush();
        asks = true;
        commit();
        end = "ok";
      }
    } catch (KafkaException failed) {
      System.err.println(failed);
      if (!aborted()) {
        end = asks ? "info" : "fail";
        begin();
      }
    }
    tell(end, steps);
  }

  private void commit() {
    while (true) {
      try {
        producer.commitTransaction();
        return;
      } catch (TimeoutException again) {
        System.err.println(again);
      }
    }
  }

  private boolean aborted() {
    try {
      producer.abortTransaction();
      return true;
    } catch (RuntimeException over) {
      return false;
    }
  }

  public static void main(String[] arguments) {
    System.setOut(new java.io.PrintStream(new java.io.FileOutputStream(java.io.FileDescriptor.out), true, StandardCharsets.UTF_8));
    Driver driver = new Driver(arguments);
    driver.begin();
    while (!Files.exists(Path.of(arguments[3]))) driver.runOnce();
  }
}
