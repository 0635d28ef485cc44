"""Requests that many tests make, one function each, at a version that is common in the field."""
import uuid

from batch import batches, records_of


def create_topic(connection, topic, partitions=1, configs=None, replication=1):
    answer = connection.request("CreateTopics", 5, {"timeout_ms": 5000, "topics": [{
        "name": topic, "num_partitions": partitions, "replication_factor": replication,
        "configs": [{"name": name, "value": value} for name, value in (configs or {}).items()]}]})
    return answer["topics"][0]["error_code"]


def delete_topic(connection, topic):
    return connection.request("DeleteTopics", 4, {"topic_names": [topic], "timeout_ms": 5000})["responses"][0]["error_code"]


def delete_topic_by_id(connection, identity):
    answer = connection.request("DeleteTopics", 6, {"timeout_ms": 1000, "topics": [{"name": None, "topic_id": identity}]})
    return answer["responses"][0]["error_code"]


def _named(topic, field):
    return {"topic_id" if isinstance(topic, uuid.UUID) else field: topic}


def produce_body(topic, records, partition=0, acks=-1, transactional_id=None):
    return {"transactional_id": transactional_id, "acks": acks, "timeout_ms": 10000,
            "topic_data": [_named(topic, "name") | {"partition_data": [{"index": partition, "records": records}]}]}


def produce(connection, topic, records, partition=0, version=8, **more):
    """The answer for the one partition. From version 13 on `topic` is an id."""
    answer = connection.request("Produce", version, produce_body(topic, records, partition, **more))
    return answer["responses"][0]["partition_responses"][0]


def topic_id(connection, topic):
    return metadata(connection, [topic], version=12)[topic]["topic_id"]


def fetch_body(topic, offset, partition=0, max_wait=0, min_bytes=0, max_bytes=1 << 20, isolation=0, leader_epoch=-1):
    return {"max_wait_ms": max_wait, "min_bytes": min_bytes, "max_bytes": max_bytes, "isolation_level": isolation, "session_epoch": -1,
            "topics": [_named(topic, "topic") | {"partitions": [{"partition": partition, "fetch_offset": offset, "current_leader_epoch": leader_epoch,
                                                                 "partition_max_bytes": max_bytes}]}]}


def fetch(connection, topic, offset, version=11, **more):
    """The answer for the one partition. From version 13 on `topic` is an id."""
    answer = connection.request("Fetch", version, fetch_body(topic, offset, **more))
    return answer["responses"][0]["partitions"][0]


def read_all(connection, topic, partition=0, max_bytes=1 << 20, since=0):
    """Every (offset, value) from the start of the log, or `since` when that is later, to its end."""
    offset, found = max(since, list_offset(connection, topic, -2, partition=partition)["offset"]), []
    since = offset
    while True:
        part = fetch(connection, topic, offset, partition=partition, max_bytes=max_bytes)
        if part["error_code"] != 0:
            raise RuntimeError(f"fetch of {topic}-{partition} at {offset}: error {part['error_code']}")
        records = part["records"]
        whole = batches(records)
        if not whole:
            return found
        found += [entry for entry in records_of(records) if entry[0] >= since]
        offset = whole[-1].base_offset + whole[-1].last_delta + 1


def list_offset(connection, topic, timestamp, partition=0, version=5, leader_epoch=-1):
    answer = connection.request("ListOffsets", version, {"replica_id": -1, "topics": [{
        "name": topic, "partitions": [{"partition_index": partition, "timestamp": timestamp, "current_leader_epoch": leader_epoch}]}]})
    return answer["topics"][0]["partitions"][0]


def producer_id(connection, transactional_id=None):
    return connection.request("InitProducerId", 1, {"transactional_id": transactional_id, "transaction_timeout_ms": 60000})


def commit(connection, group, topic, offset=1, partition=0, note="here"):
    """Without being a member of the group."""
    answer = connection.request("OffsetCommit", 5, {"group_id": group, "generation_id_or_member_epoch": -1, "member_id": "", "topics": [
        {"name": topic, "partitions": [{"partition_index": partition, "committed_offset": offset, "committed_metadata": note}]}]})
    return answer["topics"][0]["partitions"][0]["error_code"]


def metadata(connection, topics=None, version=8, create=False):
    """Topic name → its entry."""
    body = {"topics": None if topics is None else [{"name": topic} for topic in topics], "allow_auto_topic_creation": create}
    return {entry["name"]: entry for entry in connection.request("Metadata", version, body)["topics"]}
