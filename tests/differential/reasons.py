"""Why Myelin answers bad input otherwise than Kafka does. docs/compatibility.md shows this as a table."""
import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Reason:
    what: str  # the input, in words
    text: str
    apis: str = ".*"  # of baselines; a pattern, as are the following
    case: str = ".*"
    kafka: str = ".*"
    here: str = ".*"

    def fits(self, name, case, kafka, here):
        pairs = ((self.apis, name), (self.case, case), (self.kafka, kafka), (self.here, here))
        return all(re.fullmatch(pattern, text) for pattern, text in pairs)


def reason_of(name, case, kafka, here):
    return next((reason for reason in REASONS if reason.fits(name, case, kafka, here)), None)


FAILED_INSIDE = ".*UNKNOWN_SERVER_ERROR.*"
REASONS = [
    Reason("a length or count below −1, 2³²−1 tagged fields", "the connection is closed; Kafka takes every negative number for null or none",
           case=r".*(of length -2|-2 of them|2\^32-1 tags)", here="closed"),
    Reason("a known tagged field with bytes left over", "the connection is closed; Kafka reads on behind the field, in the middle of the next one",
           "Fetch.*", ".*with a byte too many", here="closed"),
    Reason("a partition or topic twice in Produce, Fetch, DeleteRecords and Metadata", "answered, and written, as often as it is there; Kafka takes one of them",
           "(Produce|Fetch|DeleteRecords|Metadata).*", ".*twice"),
    Reason("a topic twice in CreateTopics and CreatePartitions, a group twice in DeleteGroups", "the same codes, in a row for each; Kafka has one row",
           "(CreateTopics|CreatePartitions|DeleteGroups).*", "(topics|groups_names) twice"),
    Reason("a topic to be deleted twice", "it is deleted, and refused the second time; Kafka deletes nothing", "DeleteTopics.*", ".* twice"),
    Reason("an entity of quotas, or a part of it, twice", "see [quotas of clients](#quotas-of-clients)", "AlterClientQuotas", ".* twice"),
    Reason("a setting of a new topic twice", "INVALID_CONFIG; Kafka takes one of them", "CreateTopics", r"topics\.configs twice"),
    Reason("a topic twice in ListOffsets", "INVALID_REQUEST in a row for each; Kafka has one row", "ListOffsets", ".* twice"),
    Reason("a resource twice in AlterConfigs, a protocol twice in JoinGroup 0 to 3", "INVALID_REQUEST, and joined; Kafka never answers, nor what follows on the connection",
           "AlterConfigs|JoinGroup", ".* twice", "never answered.*"),
    Reason("records that are null", "INVALID_RECORD; Kafka never answers, nor what follows on the connection", "Produce.*", r".*\.records null"),
    Reason("bytes after the batch", "CORRUPT_MESSAGE; Kafka leaves them out and says nothing", "Produce", r".*\.records a byte too many"),
    Reason("a compression that is none", "UNSUPPORTED_COMPRESSION_TYPE", "Produce", ".*with compression [57]", FAILED_INSIDE),
    Reason("a partition that is not part of the transaction, in Produce 11", "INVALID_TXN_STATE as before; Kafka says TRANSACTION_ABORTABLE in this one version",
           "Produce: in a transaction", ".*index 1"),
    Reason("a replica that fetches", "read like a consumer's fetch: there are no replicas", "Fetch.*", "replica_id .*"),
    Reason("a leader epoch below −1 in Fetch", "FENCED_LEADER_EPOCH, as in other requests; Kafka takes it for none", "Fetch.*",
           r"topics\.partitions\.current_leader_epoch .*"),
    Reason("sizes below zero, isolation levels that are none and the largest session ids in Fetch and ListOffsets",
           "sizes are none, others read as they would without; Kafka fails (UNKNOWN_SERVER_ERROR)", "(Fetch|ListOffsets).*", kafka=FAILED_INSIDE),
    Reason("operations that are none, a number of partitions beyond all measure, a salted password that is empty, a topic without name or id",
           "INVALID_REQUEST, INVALID_PARTITIONS, UNACCEPTABLE_CREDENTIAL; Kafka fails (UNKNOWN_SERVER_ERROR)",
           "(IncrementalAlterConfigs|CreatePartitions|AlterUserScramCredentials|Metadata).*", r"(?!the header).*", FAILED_INSIDE),
    Reason("a tag twice, or out of order, in the header of AlterConfigs and IncrementalAlterConfigs", "skipped as everywhere; Kafka fails (UNKNOWN_SERVER_ERROR)",
           "(Incremental)?AlterConfigs.*", "the header: .*", FAILED_INSIDE),
    Reason("2³¹−1 partitions", "INVALID_PARTITIONS; Kafka says POLICY_VIOLATION, or names the assignment", "(CreateTopics|CreatePartitions).*", r"topics\.(num_partitions|count) 2147483647"),
    Reason("a time of zero or less to make a change in", "changes are made at once, and told; Kafka makes some and says REQUEST_TIMED_OUT",
           case="timeout_ms .*", kafka=".*REQUEST_TIMED_OUT.*"),
    Reason("a topic's id in Metadata 10 and 11", "answered as in 12; Kafka says INVALID_REQUEST", "Metadata", r"topics\.topic_id unknown"),
    Reason("neither name nor id in DeleteTopics 6", "UNKNOWN_TOPIC_ID; Kafka says INVALID_REQUEST", "DeleteTopics.*", r"topics\.(name null|topic_id zero)"),
    Reason("commits of a member of the newer protocol in OffsetCommit 2 to 8, for what is not there", "UNSUPPORTED_VERSION; Kafka looks for the partition first",
           "OffsetCommit: of a member of the newer protocol", here=".*UNSUPPORTED_VERSION"),
    Reason("a producer's id or epoch below −1, of a transaction", "INVALID_REQUEST; Kafka says that it was fenced", "InitProducerId: of a transaction", "producer_(id|epoch) .*"),
    Reason("no protocol in SyncGroup 5", "as in older versions: who says nothing contradicts nobody; Kafka says INCONSISTENT_GROUP_PROTOCOL", "SyncGroup", "protocol_(type|name) null"),
    Reason("nothing to append to a list that may not be empty", "nothing changes; Kafka says INVALID_CONFIG", "IncrementalAlterConfigs: of a list", ".*value empty"),
    Reason("type, operation or permission 0 of an ACL", "SECURITY_DISABLED with `--dev`, else INVALID_REQUEST; Kafka closes the connection", "(Describe|Create|Delete)Acls", kafka="closed"),
    Reason("names with NUL and values that are no numbers, of quotas", "see [quotas of clients](#quotas-of-clients)", "AlterClientQuotas", r"entries\.(entity\.entity_name|ops\.value) .*"),
    Reason("credentials with odd names, salts or passwords", "see [SCRAM credentials](#scram-credentials-by-kafkas-tools)", "AlterUserScramCredentials", "upsertions.*"),
]
