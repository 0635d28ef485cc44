// Prints the records of __consumer_offsets as Kafka's own classes write them, one "name hex" a line.
//   mvn -B dependency:copy-dependencies -DoutputDirectory=DIR
//   java -cp 'DIR/*' OffsetsGolden.java > src/engine/broker/groups/testdata/offsets_records.golden
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.List;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.MessageUtil;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupCurrentMemberAssignmentKey;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupCurrentMemberAssignmentValue;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupMemberMetadataKey;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupMemberMetadataValue;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupMetadataKey;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupMetadataValue;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupTargetAssignmentMemberKey;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupTargetAssignmentMemberValue;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupTargetAssignmentMetadataKey;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupTargetAssignmentMetadataValue;
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
    consumerGroup();
  }

  static void consumerGroup() {
    print("consumer_group_key", MessageUtil.toCoordinatorTypePrefixedBytes(new ConsumerGroupMetadataKey().setGroupId("pricing")));
    print("consumer_member_key",
        MessageUtil.toCoordinatorTypePrefixedBytes(new ConsumerGroupMemberMetadataKey().setGroupId("pricing").setMemberId("m1")));
    print("consumer_target_epoch_key",
        MessageUtil.toCoordinatorTypePrefixedBytes(new ConsumerGroupTargetAssignmentMetadataKey().setGroupId("pricing")));
    print("consumer_target_key",
        MessageUtil.toCoordinatorTypePrefixedBytes(new ConsumerGroupTargetAssignmentMemberKey().setGroupId("pricing").setMemberId("m1")));
    print("consumer_position_key",
        MessageUtil.toCoordinatorTypePrefixedBytes(new ConsumerGroupCurrentMemberAssignmentKey().setGroupId("pricing").setMemberId("m1")));

    value("consumer_group_value", new ConsumerGroupMetadataValue().setEpoch(5).setMetadataHash(0x0102030405060708L), 0);
    value("consumer_group_value_without_topics", new ConsumerGroupMetadataValue().setEpoch(5), 0);
    value("consumer_target_epoch_value", new ConsumerGroupTargetAssignmentMetadataValue().setAssignmentEpoch(5), 0);
    Uuid sales = new Uuid(0x0102030405060708L, 0x090a0b0c0d0e0f10L), stock = new Uuid(0x1112131415161718L, 0x191a1b1c1d1e1f20L);
    value("consumer_target_value", new ConsumerGroupTargetAssignmentMemberValue().setTopicPartitions(List.of(
        new ConsumerGroupTargetAssignmentMemberValue.TopicPartition().setTopicId(sales).setPartitions(List.of(0, 2)),
        new ConsumerGroupTargetAssignmentMemberValue.TopicPartition().setTopicId(stock).setPartitions(List.of(1)))), 0);
    value("consumer_position_value", new ConsumerGroupCurrentMemberAssignmentValue().setMemberEpoch(5).setPreviousMemberEpoch(4)
        .setState((byte) 1)
        .setAssignedPartitions(List.of(new ConsumerGroupCurrentMemberAssignmentValue.TopicPartitions().setTopicId(sales).setPartitions(List.of(0, 2))))
        .setPartitionsPendingRevocation(
            List.of(new ConsumerGroupCurrentMemberAssignmentValue.TopicPartitions().setTopicId(stock).setPartitions(List.of(1)))), 0);
    var member = new ConsumerGroupMemberMetadataValue().setInstanceId("till-7").setRackId(null).setClientId("app").setClientHost("/127.0.0.1")
        .setSubscribedTopicNames(List.of("sales", "stock")).setSubscribedTopicRegex("").setRebalanceTimeoutMs(60000).setServerAssignor("range");
    value("consumer_member_value", member, 0);
    value("consumer_member_value_classic", member.duplicate().setClassicMemberMetadata(
        new ConsumerGroupMemberMetadataValue.ClassicMemberMetadata().setSessionTimeoutMs(45000).setSupportedProtocols(List.of(
            new ConsumerGroupMemberMetadataValue.ClassicProtocol().setName("range").setMetadata(new byte[] {0, 1, 2})))), 0);
  }
}
