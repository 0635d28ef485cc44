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


def main(source, corpus):
    messages(source, corpus)
    batches(source, corpus)
    sign_ins(corpus)
    (corpus / "made").write_text("")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
