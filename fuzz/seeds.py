"""Makes fuzz seeds from the test data of the code.

seeds.py SOURCE_DIRECTORY CORPUS_DIRECTORY
"""

import struct
import sys
from pathlib import Path


def put(corpus, target, name, content):
    folder = corpus / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content)


def description_of(path):
    """Key and first flexible version of an API; no version is flexible when there is no such word."""
    key = None
    flexible = None
    for line in path.read_text().splitlines():
        words = line.split(" ")
        if words[0] == "api":
            key = int(words[1])
        if words[0] == "request" and "flexible" in words:
            flexible = int(words[words.index("flexible") + 1].rstrip("+"))
    return key, flexible


def messages(source, corpus):
    for path in sorted((source / "src/kafka/testdata/golden").glob("*.txt")):
        key, flexible = description_of(source / "src/kafka/api" / path.name)
        for line in path.read_text().splitlines():
            side, version, kind, rest = line.split(" ", 3)
            if kind == "fields":
                continue
            body = bytes.fromhex(rest)
            name = f"{path.stem}_{version}_{kind}"
            if side == "request":
                header = struct.pack(">hhih", key, int(version), 1, 2) + b"me"
                if flexible is not None and int(version) >= flexible:
                    header += b"\0"
                put(corpus, "kafka_request_fuzz", name, header + body)
            else:
                put(corpus, "kafka_response_fuzz", name, struct.pack(">hh", key, int(version)) + body)


def batches(source, corpus):
    for line in (source / "src/kafka/testdata/batches.txt").read_text().splitlines():
        name, text = line.split(" ")
        content = bytes.fromhex(text)
        put(corpus, "kafka_batch_fuzz", name, content)
        codec = content[22] & 7
        put(corpus, "kafka_decompress_fuzz", name, bytes([codec]) + content[61:])


def sign_ins(corpus):
    """Steps as fuzz/sasl_fuzz.cc reads them: each kind of sign-in right, and each kind of wrong."""

    def step(kind, *payload):
        return struct.pack(">BH", kind, len(payload)) + bytes(payload)

    handshake, first, final, plain, metadata = 2, 3, 4, 5, 6
    mechanisms = {"sha256": 0, "sha512": 1, "plain": 2, "unknown": 3}
    for tls in (0, 1):
        for version in (0, 1):
            for name, mechanism in mechanisms.items():
                begun = bytes([tls]) + step(handshake, version | mechanism << 1)
                label = f"{name}_v{version}_{'tls' if tls else 'plain'}"
                for user in range(5):
                    put(corpus, "sasl_fuzz", f"{label}_scram_{user}", begun + step(first, user) + step(final, user) + step(metadata))
                    put(corpus, "sasl_fuzz", f"{label}_plain_{user}", begun + step(plain, user))
                put(corpus, "sasl_fuzz", f"{label}_repeated_nonce", begun + step(first, 0) + step(final, 128))
                put(corpus, "sasl_fuzz", f"{label}_other_user", begun + step(first, 0) + step(final, 1))
                put(corpus, "sasl_fuzz", f"{label}_spoiled_proof", begun + step(first, 0) + step(final, 0, 90, 0, 1))
                put(corpus, "sasl_fuzz", f"{label}_no_handshake_answer", begun + step(metadata))
    frame = struct.pack(">hhih", 17, 1, 1, 2) + b"me" + struct.pack(">h", 13) + b"SCRAM-SHA-256"
    put(corpus, "sasl_fuzz", "frame", bytes([0]) + step(0, *frame) + step(first, 0) + step(final, 0))
    put(corpus, "sasl_fuzz", "message", bytes([1]) + step(handshake, 5) + step(1, *b"till\0till\0correct horse"))


def own_files(source, corpus):
    """First byte and pieces as fuzz/disk_fuzz.cc reads them; the fields as docs/formats/ lists them."""
    (provenance, journal, scan, producers, catalogue, offsets_key, offsets_value, state, aborted, marker, transaction_key, transaction_value,
     offset_index, time_index, epochs) = range(15)

    def seed(reader, name, content):
        put(corpus, "disk_fuzz", name, bytes([reader]) + content)

    def piece(content, framed=True):
        return struct.pack(">BH", 0 if framed else 1, len(content)) + content

    def text(value):
        return struct.pack(">H", len(value)) + value

    topic, partition, now = bytes(range(16)), struct.pack(">i", 2), 1_750_000_000_000
    attribution = struct.pack(">BI", 1, 0) + text(b"till") + text(b"t1") + text(b"librdkafka") + text(b"2.0.2")
    append = struct.pack(">BQ", 2, 1) + topic + partition + struct.pack(">iqIIIqq", 0, 0, 10, 700, 0, now, 0)
    run = struct.pack(">BQQ", 3, 2, 5) + topic + partition + struct.pack(">iqQQIqqq", 0, 10, 40, 2800, 0, now, now + 9, 10)
    of_state = struct.pack(">B", 4) + topic + partition + struct.pack(">iqqqqqQ", 0, 0, 0, 10, 10, 0, 700)
    quarantine = struct.pack(">B", 5) + topic + partition + struct.pack(">qqqQQB", 3, 5, 0, 210, 350, 0)
    removed = struct.pack(">B", 6) + topic + partition + struct.pack(">qq", 50, now)
    ends, clean = b"\7", struct.pack(">Bq", 8, now)
    for reader in (provenance, journal):
        label = "frames" if reader == provenance else "journal"
        seed(reader, f"{label}_life", b"".join(map(piece, (of_state, ends, attribution, append, run, quarantine, removed, clean))))
        seed(reader, f"{label}_torn", piece(of_state) + piece(ends) + piece(attribution) + piece(append[:30], framed=False))
        seed(reader, f"{label}_hole", piece(of_state) + piece(ends) + piece(bytes(64), framed=False) + piece(attribution) + piece(append))
    for line in (source / "src/kafka/testdata/batches.txt").read_text().splitlines():
        name, hexadecimal = line.split(" ")
        batch = bytes.fromhex(hexadecimal)
        seed(scan, f"scan_{name}", piece(batch))
        seed(scan, f"scan_{name}_torn", piece(batch) + piece(batch[:-3], framed=False))
        seed(scan, f"scan_{name}_hole", piece(batch) + piece(bytes(40), framed=False) + piece(batch))
    producer = struct.pack(">qhiqiqiq", 7, 0, 9, 19, 9, now, -1, -1)
    seed(producers, "producers", struct.pack(">hIi", 1, 0, 2) + producer + producer)
    in_transaction = struct.pack(">qhiqiqiq", 8, 0, 9, 19, 9, now, 3, 10)
    known_by_marker = struct.pack(">qhiqiqiq", 9, 1, -1, -1, 0, now, 3, -1)
    seed(producers, "producers_in_transactions", struct.pack(">hIi", 1, 0, 2) + in_transaction + known_by_marker)
    seed(aborted, "aborted", struct.pack(">hqqqqhqqqq", 0, 7, 2, 9, 4, 0, 8, 4, 12, 13))
    for kind, name in enumerate(("abort", "commit")):
        record = b"\x20\0\0\0\x08" + struct.pack(">hh", 0, kind) + b"\x0c" + struct.pack(">hi", 0, 9) + b"\0"
        header = struct.pack(">qiibIhiqqqhii", 5, 49 + len(record), 0, 2, 0, 0x30, 0, now, now, 7, 3, -1, 1)
        seed(marker, f"marker_{name}", header + record)
        seed(scan, f"scan_marker_{name}", piece(header + record))
    seed(offset_index, "offset_index", struct.pack(">IIII", 9, 700, 1009, 71_000))
    seed(time_index, "time_index", struct.pack(">qIqI", now - 1000, 9, now + 1000, 1009))
    seed(epochs, "leader_epochs", b"0\n3\n0 0\n2 1200\n5 5200\n")
    entries = (b"\1" + topic, b"\2" + topic + struct.pack(">I", 4) + b"sale" + struct.pack(">iqI", 4, now, 0), b"\3" + topic + struct.pack(">q", now),
               struct.pack(">Bq", 4, 1000), b"\5" + topic + struct.pack(">I", 4) + b"sale" + struct.pack(">q", now))
    seed(catalogue, "catalogue", b"".join(map(piece, entries)))
    for line in (source / "src/engine/broker/groups/testdata/offsets_records.golden").read_text().splitlines():
        name, hexadecimal = line.split(" ")
        seed(offsets_key if name.endswith("key") else offsets_value, f"offsets_{name}", bytes.fromhex(hexadecimal))
    seed(transaction_key, "transaction_key", struct.pack(">hh", 0, 4) + b"till")
    head = struct.pack(">qhib", 1000, 7, 60000, 1)
    times = struct.pack(">qq", now + 9, now)
    seed(transaction_value, "transaction_0", struct.pack(">h", 0) + head + struct.pack(">ih4sii", 1, 4, b"sale", 1, 2) + times)
    tags = b"\3" + b"\0\x08" + struct.pack(">q", 999) + b"\1\x08" + struct.pack(">q", 1001) + b"\2\2" + struct.pack(">h", 2)
    seed(transaction_value, "transaction_1", struct.pack(">h", 1) + head + b"\2\5sale\2" + struct.pack(">i", 2) + b"\0" + times + tags)
    seed(state, "state", b"\0\1\0\1\0\1\0" + b"\1\x08\4till\x80\1\2t1")


def groups(corpus):
    """First byte as fuzz/group_fuzz.cc reads it, then Kafka's ConsumerProtocolSubscription and ConsumerProtocolAssignment, and patterns."""
    def text(value):
        return struct.pack(">h", len(value)) + value

    owned = struct.pack(">i", 1) + text(b"sale") + struct.pack(">iii", 2, 0, 3)
    subscription = struct.pack(">i", 2) + text(b"sale") + text(b"stock") + struct.pack(">i", -1)
    put(corpus, "group_fuzz", "subscription_0", b"\0" + struct.pack(">h", 0) + subscription)
    put(corpus, "group_fuzz", "subscription_3", b"\0" + struct.pack(">h", 3) + subscription + owned + struct.pack(">i", 7) + text(b"rack-1"))
    put(corpus, "group_fuzz", "assignment", b"\1" + struct.pack(">h", 1) + owned + struct.pack(">i", -1))
    for number, pattern in enumerate((b"orders.*", b"(a|A-b_c)[.0-9]*", b"(?i)^ORDERS\\.v\\d$", b"(a*)*b{1,1000}")):
        put(corpus, "group_fuzz", f"pattern_{number}", b"\2" + pattern)


def main(source, corpus):
    messages(source, corpus)
    batches(source, corpus)
    sign_ins(corpus)
    own_files(source, corpus)
    groups(corpus)
    (corpus / "made").write_text("")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
