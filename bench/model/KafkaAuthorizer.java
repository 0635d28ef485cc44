// How long Apache Kafka's StandardAuthorizer takes to decide the questions that bench_model wrote, and whether it decides
// them as Myelin did. One JSON object.
//   java -cp JARS KafkaAuthorizer.java QUESTIONS SECONDS
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.metrics.Metrics;
import org.apache.kafka.common.metrics.internals.PluginMetricsImpl;
import org.apache.kafka.common.network.ClientInformation;
import org.apache.kafka.common.network.ListenerName;
import org.apache.kafka.common.requests.RequestHeader;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.RequestContext;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.common.security.auth.KafkaPrincipal;
import org.apache.kafka.common.security.auth.SecurityProtocol;
import org.apache.kafka.metadata.authorizer.StandardAcl;
import org.apache.kafka.metadata.authorizer.StandardAuthorizer;
import org.apache.kafka.server.authorizer.Action;
import org.apache.kafka.server.authorizer.AuthorizableRequestContext;
import org.apache.kafka.server.authorizer.AuthorizationResult;

public final class KafkaAuthorizer {
  record Question(AuthorizableRequestContext context, List<Action> actions, boolean expected) {}

  private static AuthorizableRequestContext connectionOf(String principal) throws Exception {
    return new RequestContext(new RequestHeader(ApiKeys.FETCH, (short) 12, "client", 1), "1", InetAddress.getLoopbackAddress(),
        new KafkaPrincipal(KafkaPrincipal.USER_TYPE, principal), new ListenerName("SASL"), SecurityProtocol.SASL_PLAINTEXT,
        ClientInformation.EMPTY, false);
  }

  private static long decide(StandardAuthorizer authorizer, List<Question> questions) {
    long other = 0;
    for (Question question : questions) {
      boolean allowed = authorizer.authorize(question.context(), question.actions()).get(0) == AuthorizationResult.ALLOWED;
      if (allowed != question.expected()) ++other;
    }
    return other;
  }

  public static void main(String[] arguments) throws Exception {
    StandardAuthorizer authorizer = new StandardAuthorizer();
    authorizer.configure(Map.of());
    authorizer.withPluginMetrics(new PluginMetricsImpl(new Metrics(), Map.of()));
    Map<Uuid, StandardAcl> acls = new HashMap<>();
    List<Question> questions = new ArrayList<>();
    Map<String, AuthorizableRequestContext> connections = new HashMap<>();
    for (String line : Files.readAllLines(Path.of(arguments[0]))) {
      String[] words = line.split(" ");
      if (words[0].equals("acl")) {
        acls.put(Uuid.randomUuid(), new StandardAcl(ResourceType.TOPIC, words[2], PatternType.LITERAL, "User:" + words[1], "*",
            AclOperation.READ, AclPermissionType.ALLOW));
        continue;
      }
      if (!connections.containsKey(words[1])) connections.put(words[1], connectionOf(words[1]));
      // Neither logged when allowed nor when denied: only the decision is compared.
      Action action = new Action(AclOperation.READ, new ResourcePattern(ResourceType.TOPIC, words[2], PatternType.LITERAL), 1, false, false);
      questions.add(new Question(connections.get(words[1]), List.of(action), words[3].equals("1")));
    }
    authorizer.loadSnapshot(acls);
    authorizer.completeInitialLoad();
    long seconds = Long.parseLong(arguments[1]);
    long other = 0;
    for (long until = System.nanoTime() + seconds * 1_000_000_000L; System.nanoTime() < until; ) other = decide(authorizer, questions);
    var cpu = ManagementFactory.getThreadMXBean();
    long asked = 0;
    long begun = cpu.getCurrentThreadCpuTime();
    for (long until = System.nanoTime() + seconds * 1_000_000_000L; System.nanoTime() < until; asked += questions.size()) {
      decide(authorizer, questions);
    }
    double nanoseconds = (cpu.getCurrentThreadCpuTime() - begun) / (double) asked;
    System.out.printf(java.util.Locale.ROOT, "{\"acls\":%d,\"decide_ns\":%.1f,\"other_answers\":%d}%n", acls.size(), nanoseconds, other);
  }
}
