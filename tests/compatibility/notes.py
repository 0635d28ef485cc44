"""What there is to say of each API besides its versions, and why the others are not served. Markdown."""

NOTES = {
    "ApiVersions":
        "a newer version is answered in version 0 with UNSUPPORTED_VERSION",
    "SaslHandshake":
        "SCRAM-SHA-256, SCRAM-SHA-512; PLAIN over TLS only",
    "SaslAuthenticate":
        "SCRAM-SHA-256, SCRAM-SHA-512; PLAIN over TLS only",
    "Metadata":
        "one broker, node id 1; a topic is made on first use only with `topics.auto_create` and by who may create it",
    "Produce":
        "versions 0 to 2 are advertised, because old librdkafka needs to see them, and refused; record batches of format 2 only; from 12 on partitions come into a transaction unannounced, version 13 names topics by id",
    "Fetch":
        "from version 13 on by topic id; an id that the client may not describe answers like one that no topic has; [fetch sessions](#fetch-sessions)",
    "ListOffsets":
        "by time, earliest, latest, largest timestamp",
    "CreateTopics":
        "replication factor 1 or −1; others with `topics.replication=clamp`",
    "DeleteTopics":
        "replication factor 1 or −1; others with `topics.replication=clamp`",
    "CreatePartitions":
        "a contract that gives the number decides: another is POLICY_VIOLATION",
    "AlterConfigs":
        "topics only; against a contract: POLICY_VIOLATION; the broker's settings are given at its start",
    "IncrementalAlterConfigs":
        "topics only; against a contract: POLICY_VIOLATION; the broker's settings are given at its start",
    "DeleteRecords":
        "not for topics that are only compacted, as in Kafka",
    "AddPartitionsToTxn":
        "version 4 and later are for brokers; not needed before Produce 12",
    "EndTxn":
        "`transaction.version` 2: with KIP-890 each transaction has an epoch of its own",
    "TxnOffsetCommit":
        "`transaction.version` 2: with KIP-890 each transaction has an epoch of its own",
    "JoinGroup":
        "classic groups, static members",
    "SyncGroup":
        "classic groups, static members",
    "Heartbeat":
        "classic groups, static members",
    "LeaveGroup":
        "classic groups, static members",
    "ConsumerGroupHeartbeat":
        "groups of the newer protocol (KIP-848); before a cluster (`--upstream`) a pattern is INVALID_REGULAR_EXPRESSION; see [below](#groups-of-the-newer-protocol)",
    "ConsumerGroupDescribe":
        "groups of the newer protocol (KIP-848); before a cluster (`--upstream`) a pattern is INVALID_REGULAR_EXPRESSION; see [below](#groups-of-the-newer-protocol)",
    "OffsetDelete":
        "of a classic group while it has no member; what members read is not looked into (Kafka: while no member subscribes to the topic, as here in groups of the newer protocol)",
    "DescribeLogDirs":
        "one directory; for the role platform",
    "DescribeClientQuotas":
        "for the role platform; see [below](#quotas-of-clients)",
    "AlterClientQuotas":
        "for the role platform; see [below](#quotas-of-clients)",
    "ElectLeaders":
        "every partition has its leader: ELECTION_NOT_NEEDED",
    "DescribeAcls":
        "what the model allows, as ACLs; for the role platform; see [access-rules](reference/access-rules.md#as-kafkas-acls)",
    "CreateAcls":
        "with `acl_api=writable`: becomes a grant, where a grant can say it; else POLICY_VIOLATION with the document to edit; see [access-rules](reference/access-rules.md#acls-made-over-kafkas-api)",
    "DeleteAcls":
        "with `acl_api=writable`: those that were made by API; what documents declare is POLICY_VIOLATION with the document to edit; what matches nothing succeeds",
    "AlterPartitionReassignments":
        "one node holds everything: nothing moves",
    "ListPartitionReassignments":
        "one node holds everything: nothing moves",
    "DescribeUserScramCredentials":
        "for the role platform; the credentials of `myelin principal`; see below",
    "AlterUserScramCredentials":
        "for the role platform; the credentials of `myelin principal`; see below",
}

# Kafka's other APIs (4.3), which are not advertised: a request for one closes the connection, as Kafka does with what it does not serve.
NOT_SERVED = {
    "WriteTxnMarkers (27), UpdateMetadata, LeaderAndIsr, StopReplica and others between brokers": "there is one node; nobody else's markers are believed",
    "AlterReplicaLogDirs (34)": "there is one directory",
    "CreateDelegationToken to DescribeDelegationToken (38 to 41)": "principals have credentials of their own",
    "DescribeQuorum (55), UpdateFeatures (57), AddRaftVoter (80), RemoveRaftVoter (81)": "there is no quorum; features are told by ApiVersions",
    "GetTelemetrySubscriptions, PushTelemetry (71, 72)": "no client needs them",
    "ListConfigResources (74)": "client metrics are no resources here; tools ask DescribeConfigs",
    "DescribeTopicPartitions (75)": "clients ask Metadata instead",
    "ShareGroupHeartbeat and the other share groups (76 to 79, 83 to 87, 90 to 92)": "share groups (KIP-932) are not there yet",
    "StreamsGroupHeartbeat, StreamsGroupDescribe (88, 89)": "Kafka Streams uses its classic protocol",
}
