// Prints the records of __consumer_offsets as Kafka's own classes write them, one "name hex" a line.
//   mvn -B dependency:copy-dependencies -DoutputDirectory=DIR
//   java -cp 'DIR/*' OffsetsGolden.java > src/engine/broker/groups/testdata/offsets_records.golden
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.List;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.MessageUtil;
import org.apache.kafka.coordinator.group.generated.GroupMetadataKey;
import org.apache.kafka.coordinator.group.generated.GroupMetadataValue;
import org.apache.kafka.coordinator.group.generated.OffsetCommitKey;
import org.apache.kafka.coordinator.group.generated.OffsetCommitValue;

public class OffsetsGolden {
  static void print(String name, byte[] bytes) {
    System.out.println(name + " " + HexFormat.of().formatHex(bytes));
  }

  static void value(String name, ApiMessage message, int version) {
    print(name, MessageUtil.toVersionPrefixedBytes((short) version, message));
  }

  public static void main(String[] args) {
    print("offset_commit_key", MessageUtil.toCoordinatorTypePrefixedBytes(
        new OffsetCommitKey().setGroup("pricing").setTopic("shop.sales.v1").setPartition(3)));
    print("group_metadata_key",
        MessageUtil.toCoordinatorTypePrefixedBytes(new GroupMetadataKey().setGroup("pricing")));

    var commit = new OffsetCommitValue().setOffset(1234567890123L).setLeaderEpoch(7)
        .setMetadata("note").setCommitTimestamp(1750000000000L);
    value("offset_commit_value_3", commit, 3);
    value("offset_commit_value_4", commit.duplicate().setTopicId(
        new Uuid(0x0102030405060708L, 0x090a0b0c0d0e0f10L)), 4);
    value("offset_commit_value_4_plain", commit, 4);
    value("offset_commit_value_1", new OffsetCommitValue().setOffset(5).setMetadata("")
        .setCommitTimestamp(1750000000000L).setExpireTimestamp(1750000060000L), 1);
    value("offset_commit_value_2", new OffsetCommitValue().setOffset(6).setMetadata("m")
        .setCommitTimestamp(1750000000000L), 2);
    value("offset_commit_value_0", new OffsetCommitValue().setOffset(8).setMetadata("m")
        .setCommitTimestamp(1750000000000L), 0);

    var members = List.of(
        new GroupMetadataValue.MemberMetadata().setMemberId("app-1").setGroupInstanceId(null)
            .setClientId("app").setClientHost("/127.0.0.1").setRebalanceTimeout(300000)
            .setSessionTimeout(45000).setSubscription(new byte[] {0, 1, 2}).setAssignment(new byte[] {9}),
        new GroupMetadataValue.MemberMetadata().setMemberId("app-2").setGroupInstanceId("till-7")
            .setClientId("app").setClientHost("/127.0.0.1").setRebalanceTimeout(60000)
            .setSessionTimeout(10000).setSubscription(new byte[0]).setAssignment(new byte[0]));
    var group = new GroupMetadataValue().setProtocolType("consumer").setGeneration(42).setProtocol("range")
        .setLeader("app-1").setCurrentStateTimestamp(1750000000000L).setMembers(members);
    value("group_metadata_value_3", group, 3);
    value("group_metadata_value_4", group, 4);
    value("group_metadata_value_3_empty", new GroupMetadataValue().setProtocolType("consumer").setGeneration(43)
        .setProtocol(null).setLeader(null).setCurrentStateTimestamp(1750000000000L), 3);
    var old = List.of(new GroupMetadataValue.MemberMetadata().setMemberId("app-1").setClientId("app")
        .setClientHost("/127.0.0.1").setSessionTimeout(45000).setSubscription(new byte[] {1})
        .setAssignment(new byte[] {2}));
    value("group_metadata_value_0", new GroupMetadataValue().setProtocolType("consumer").setGeneration(1)
        .setProtocol("range").setLeader("app-1").setMembers(old), 0);
  }
}
