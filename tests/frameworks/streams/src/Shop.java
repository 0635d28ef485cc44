import java.time.Duration;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.JoinWindows;
import org.apache.kafka.streams.kstream.Joined;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.StreamJoined;
import org.apache.kafka.streams.kstream.TimeWindows;
import org.apache.kafka.streams.state.WindowStore;

/**
 * A shop's stream application: Shop BOOTSTRAP STATE_DIRECTORY, until it is killed.
 *
 * <p>purchases (user: amount) find their user's region in the table users, are repartitioned by region and summed per
 * region and minute into sums (region@minute: count,sum), one record for each purchase; orders (order: item) meet their
 * payments (order: amount) within five minutes in paid (order: item,amount).
 */
public class Shop {
  private static final Serde<String> TEXT = Serdes.String();
  private static final Duration GRACE = Duration.ofHours(24);

  public static void main(String[] arguments) {
    Properties config = new Properties();
    config.put(StreamsConfig.APPLICATION_ID_CONFIG, "shop");
    config.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, arguments[0]);
    config.put(StreamsConfig.STATE_DIR_CONFIG, arguments[1]);
    config.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
    config.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, 2);
    config.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, 100);
    config.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, 0);
    config.put(StreamsConfig.consumerPrefix(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG), 6000);
    config.put(StreamsConfig.consumerPrefix(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG), "earliest");
    KafkaStreams streams = new KafkaStreams(topology(), config);
    streams.setUncaughtExceptionHandler(error -> {
      System.err.println("stream thread failed: " + error);
      return org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse.REPLACE_THREAD;
    });
    streams.setStateListener((now, before) -> System.out.println(now));
    streams.start();
  }

  private static org.apache.kafka.streams.Topology topology() {
    StreamsBuilder builder = new StreamsBuilder();
    var users = builder.table("users", Consumed.with(TEXT, TEXT));
    builder.stream("purchases", Consumed.with(TEXT, TEXT))
        .join(users, (amount, region) -> region + "," + amount, Joined.with(TEXT, TEXT, TEXT))
        .map((user, joined) -> KeyValue.pair(joined.split(",")[0], joined.split(",")[1]))
        .groupByKey(Grouped.with("by-region", TEXT, TEXT))
        .windowedBy(TimeWindows.ofSizeAndGrace(Duration.ofMinutes(1), GRACE))
        .aggregate(() -> "0,0", (region, amount, sums) -> added(sums, amount),
            Materialized.<String, String, WindowStore<Bytes, byte[]>>as("sums-store").withKeySerde(TEXT).withValueSerde(TEXT))
        .toStream((window, sums) -> window.key() + "@" + window.window().start() / 60_000)
        .to("sums", Produced.with(TEXT, TEXT));
    var payments = builder.stream("payments", Consumed.with(TEXT, TEXT));
    builder.stream("orders", Consumed.with(TEXT, TEXT))
        .join(payments, (item, amount) -> item + "," + amount,
            JoinWindows.ofTimeDifferenceAndGrace(Duration.ofMinutes(5), GRACE),
            StreamJoined.with(TEXT, TEXT, TEXT).withStoreName("orders-payments"))
        .to("paid", Produced.with(TEXT, TEXT));
    return builder.build();
  }

  private static String added(String sums, String amount) {
    String[] parts = sums.split(",");
    return (Long.parseLong(parts[0]) + 1) + "," + (Long.parseLong(parts[1]) + Long.parseLong(amount));
  }
}
