// Records of every shape, and of every size that is let in.
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeader;

final class Shapes {
  static final String TOPIC = Client.TOPIC + ".shapes";
  static final int LIMIT = 1048588;  // the default of max.message.bytes, of a batch as it is sent
  static final int AROUND = 72;      // a batch of one record without a key: its head of 61 bytes and what is around a value of more than 8 KiB

  static List<String> found() throws Exception {
    List<String> records = new ArrayList<>();
    TopicPartition only = new TopicPartition(TOPIC, 0);
    try (KafkaConsumer<String, String> consumer = Client.consumer()) {
      consumer.assign(List.of(only));
      consumer.seekToBeginning(List.of(only));
      long end = consumer.endOffsets(List.of(only)).get(only), deadline = System.currentTimeMillis() + 30000;
      while (consumer.position(only) < end && System.currentTimeMillis() < deadline) {
        for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(200))) {
          records.add(record.key() + " = " + record.value() + text(record.headers()));
        }
      }
    }
    return records;
  }

  static String text(Headers headers) {
    StringBuilder all = new StringBuilder();
    for (Header one : headers) all.append(" ").append(one.key()).append(":").append(one.value() == null ? "null" : Arrays.toString(one.value()));
    return all.toString();
  }

  static void run() throws Exception {
    Client.create(TOPIC, 1);
    try (KafkaProducer<String, String> producer = Client.producer(Client.common(), "none")) {
      List<Header> headers = List.of(new RecordHeader("twice", new byte[] {1}), new RecordHeader("twice", new byte[] {2}),
          new RecordHeader("empty", new byte[0]), new RecordHeader("none", (byte[]) null));
      List<Future<RecordMetadata>> answers = List.of(producer.send(new ProducerRecord<>(TOPIC, 0, "key", "value", headers)),
          producer.send(new ProducerRecord<>(TOPIC, 0, "key", null)), producer.send(new ProducerRecord<>(TOPIC, 0, "", "")),
          producer.send(new ProducerRecord<>(TOPIC, 0, null, "no key")));
      for (Future<RecordMetadata> answer : answers) answer.get();
    }
    List<String> records = found();
    Client.check(records.equals(List.of("key = value twice:[1] twice:[2] empty:[] none:null", "key = null", " = ", "null = no key")), "read back as " + records);
  }

  static void large() throws Exception {
    Properties p = Client.common();
    p.put("max.request.size", String.valueOf(2 * LIMIT));
    try (KafkaProducer<String, String> producer = Client.producer(p, "none")) {
      producer.send(new ProducerRecord<>(TOPIC, 0, null, "x".repeat(LIMIT - AROUND))).get();
      producer.send(new ProducerRecord<>(TOPIC, 0, null, "x".repeat(LIMIT - AROUND + 1))).get();
      Client.check(false, "one byte above the limit was let in");
    } catch (ExecutionException refusal) {
      Client.check(refusal.getCause() instanceof RecordTooLargeException, "was answered: " + refusal.getCause());
    }
    List<String> records = found();
    Client.check(records.get(records.size() - 1).equals("null = " + "x".repeat(LIMIT - AROUND)), "the largest record was not read back");
  }
}
