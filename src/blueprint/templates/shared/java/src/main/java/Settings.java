import java.util.List;
import java.util.Properties;

/** How to reach Kafka: from the environment, so that no password stands in a file. */
final class Settings {
  private static final String PRINCIPAL = "@PRINCIPAL@";

  private Settings() {}

  static Properties fromEnvironment() {
    List<String> missing = List.of("KAFKA_BOOTSTRAP", "KAFKA_CA", "KAFKA_PASSWORD").stream()
        .filter(name -> System.getenv(name) == null || System.getenv(name).isEmpty()).toList();
    if (!missing.isEmpty()) {
      System.err.println("set " + String.join(", ", missing) + ": README.md says to what");
      System.exit(1);
    }
    Properties settings = new Properties();
    settings.put("bootstrap.servers", System.getenv("KAFKA_BOOTSTRAP"));
    settings.put("security.protocol", "SASL_SSL");
    settings.put("ssl.truststore.type", "PEM");
    settings.put("ssl.truststore.location", System.getenv("KAFKA_CA"));
    settings.put("sasl.mechanism", "SCRAM-SHA-512");
    settings.put("sasl.jaas.config", "org.apache.kafka.common.security.scram.ScramLoginModule required username="
        + quoted(System.getenv().getOrDefault("KAFKA_USER", PRINCIPAL)) + " password=" + quoted(System.getenv("KAFKA_PASSWORD")) + ";");
    settings.put("client.id", PRINCIPAL);
    return settings;
  }

  private static String quoted(String text) {
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }
}
