import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.StringSerializer;

/** Writes records to @TOPIC@; its argument is how many. */
public final class Producer {
  private static final String TOPIC = "@TOPIC@";

  private Producer() {}

  private static ProducerRecord<String, String> record() {
    String id = UUID.randomUUID().toString();
    return new ProducerRecord<>(TOPIC, id, "{\"id\": \"" + id + "\", \"happened_at\": \"" + Instant.now() + "\"}");
  }

  public static void main(String[] arguments) throws InterruptedException {
    int count = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 10;
    Properties settings = Settings.fromEnvironment();
    settings.put("max.block.ms", "30000");
    try (KafkaProducer<String, String> producer = new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
      List<Future<RecordMetadata>> answers = new ArrayList<>();
      for (int i = 0; i < count; i++) answers.add(producer.send(record()));
      for (Future<RecordMetadata> answer : answers) answer.get();
    } catch (ExecutionException refused) {
      System.err.println(TOPIC + ": " + refused.getCause().getMessage());
      System.exit(1);
    }
    System.out.println("wrote " + count + " records to " + TOPIC);
  }
}
