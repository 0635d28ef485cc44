import java.time.Duration;
import java.util.List;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.StringDeserializer;

/** Reads the records of @TOPICS@; its argument is how many. Without one it reads until Ctrl-C. */
public final class Consumer {
  private static final List<String> TOPICS = List.of("@TOPICS@".split(","));
  private static final String GROUP = "@APPLICATION@";

  private Consumer() {}

  public static void main(String[] arguments) {
    long count = arguments.length > 0 ? Long.parseLong(arguments[0]) : Long.MAX_VALUE;
    Properties settings = Settings.fromEnvironment();
    settings.put("group.id", GROUP);
    settings.put("auto.offset.reset", "earliest");
    try (KafkaConsumer<String, String> consumer = new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
      consumer.subscribe(TOPICS);
      for (long read = 0; read < count; ) {
        for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofSeconds(1))) {
          System.out.println(record.topic() + " " + record.value());
          read++;
        }
      }
    } catch (KafkaException refused) { // the close before it committed what was read
      System.err.println(refused.getMessage());
      System.exit(1);
    }
  }
}
