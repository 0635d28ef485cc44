// Members that come and go: five times while records are written, and one that comes back as who it was.
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RebalanceInProgressException;

final class Rebalances {
  static final String TOPIC = Client.TOPIC + ".load";

  final String group;
  final Map<String, String> settings;
  final List<KafkaConsumer<String, String>> members = new ArrayList<>();
  final List<Set<Long>> taken = List.of(new HashSet<>(), new HashSet<>(), new HashSet<>(), new HashSet<>());
  final long[] committed = new long[4], written = new long[4];
  final List<Future<RecordMetadata>> answers = new ArrayList<>();

  Rebalances(String group, Map<String, String> settings) {
    this.group = group;
    this.settings = settings;
  }

  void join() throws Exception {
    KafkaConsumer<String, String> member = Client.consumer(group, settings);
    member.subscribe(List.of(TOPIC));
    members.add(member);
  }

  void write(KafkaProducer<String, String> producer) {
    for (int i = 0; i < 40; ++i) answers.add(producer.send(new ProducerRecord<>(TOPIC, i % 4, null, "x")));
  }

  void countWritten() throws Exception {
    for (Future<RecordMetadata> answer : answers) written[answer.get().partition()] = Math.max(written[answer.get().partition()], answer.get().offset() + 1);
    answers.clear();
  }

  // A record that comes again after its place was committed is a duplicate.
  void take(KafkaConsumer<String, String> member) {
    Map<TopicPartition, OffsetAndMetadata> ends = new HashMap<>();
    for (ConsumerRecord<String, String> record : member.poll(Duration.ofMillis(50))) {
      Client.check(record.offset() >= committed[record.partition()], "a record came again after its place was committed");
      taken.get(record.partition()).add(record.offset());
      ends.put(new TopicPartition(TOPIC, record.partition()), new OffsetAndMetadata(record.offset() + 1));
    }
    try {
      member.commitSync(ends);
      ends.forEach((place, end) -> committed[place.partition()] = Math.max(committed[place.partition()], end.offset()));
    } catch (CommitFailedException | RebalanceInProgressException moved) {
      // The partitions are moving; their next holder begins where the last commit was.
    }
  }

  boolean allHold() {
    return members.stream().noneMatch(member -> member.assignment().isEmpty()) && members.stream().mapToInt(member -> member.assignment().size()).sum() == 4;
  }

  // None is lost, none comes again after it was committed.
  static void run(String group, Map<String, String> settings) throws Exception {
    Rebalances it = new Rebalances(group, settings);
    String[] changes = {"join", "join", "leave", "join", "leave"};
    int done = 0;
    it.join();
    try (KafkaProducer<String, String> producer = Client.producer(Client.common(), "none")) {
      long deadline = System.currentTimeMillis() + 90000;
      while (System.currentTimeMillis() < deadline && !(done == changes.length && Arrays.equals(it.committed, it.written))) {
        if (done < changes.length) it.write(producer); else it.countWritten();
        for (KafkaConsumer<String, String> member : it.members) it.take(member);
        if (done < changes.length && it.allHold()) {
          if (changes[done++].equals("join")) it.join(); else it.members.remove(0).close();
        }
      }
    }
    Client.check(done == changes.length, done + " of " + changes.length + " rebalances in 90 s");
    Set<TopicPartition> places = new HashSet<>();
    for (int p = 0; p < 4; ++p) places.add(new TopicPartition(TOPIC, p));
    Map<TopicPartition, OffsetAndMetadata> found = it.members.get(0).committed(places);
    for (KafkaConsumer<String, String> member : it.members) member.close();
    for (int p = 0; p < 4; ++p) {
      OffsetAndMetadata one = found.get(new TopicPartition(TOPIC, p));
      Client.check(one != null && one.offset() == it.written[p], "partition " + p + ": committed " + one + ", written " + it.written[p]);
      Client.check(it.taken.get(p).size() == it.written[p], "partition " + p + ": " + it.taken.get(p).size() + " of " + it.written[p] + " records were read");
    }
  }

  static KafkaConsumer<String, String> named(String name, List<String> events) throws Exception {
    Map<String, String> settings = new HashMap<>(Client.CLASSIC);
    settings.put("group.instance.id", name);
    KafkaConsumer<String, String> member = Client.consumer(Client.GROUP + "-static", settings);
    member.subscribe(List.of(Client.TOPIC), new ConsumerRebalanceListener() {
      @Override public void onPartitionsRevoked(Collection<TopicPartition> places) { events.add("revoked " + places); }
      @Override public void onPartitionsAssigned(Collection<TopicPartition> places) { events.add("assigned " + places); }
    });
    return member;
  }

  static void holdTwoEach(List<KafkaConsumer<String, String>> members) {
    long deadline = System.currentTimeMillis() + 60000;
    while (members.stream().anyMatch(member -> member.assignment().size() != 2)) {
      Client.check(System.currentTimeMillis() < deadline, "the members did not share the partitions in 60 s");
      for (KafkaConsumer<String, String> member : members) member.poll(Duration.ofMillis(50));
    }
  }

  // One that comes back in time gets what it had, and the other is not asked to give anything up.
  static void staticMember() throws Exception {
    List<String> events = new ArrayList<>();
    KafkaConsumer<String, String> leaver = named("leaver", new ArrayList<>()), stayer = named("stayer", events);
    holdTwoEach(List.of(leaver, stayer));
    List<String> before = List.copyOf(events);
    Set<TopicPartition> held = Set.copyOf(leaver.assignment());
    leaver.close();
    KafkaConsumer<String, String> back = named("leaver", new ArrayList<>());
    holdTwoEach(List.of(back, stayer));
    Client.check(back.assignment().equals(held), "held " + held + ", came back to " + back.assignment());
    Client.check(events.equals(before), "the other member was assigned anew: " + events);
    back.close();
    stayer.close();
  }
}
