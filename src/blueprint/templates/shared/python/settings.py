"""How to reach Kafka: from the environment, so that no password stands in a file."""
import os
import sys

PRINCIPAL = "@PRINCIPAL@"


def settings(**more):
    """librdkafka's settings with `more`; an underscore stands for a point."""
    missing = [name for name in ("KAFKA_BOOTSTRAP", "KAFKA_CA", "KAFKA_PASSWORD") if not os.environ.get(name)]
    if missing:
        sys.exit(f"set {', '.join(missing)}: README.md says to what")
    reach = {
        "bootstrap.servers": os.environ["KAFKA_BOOTSTRAP"],
        "security.protocol": "SASL_SSL",
        "ssl.ca.location": os.environ["KAFKA_CA"],
        "sasl.mechanism": "SCRAM-SHA-512",
        "sasl.username": os.environ.get("KAFKA_USER", PRINCIPAL),
        "sasl.password": os.environ["KAFKA_PASSWORD"],
        "client.id": PRINCIPAL,
    }
    return reach | {name.replace("_", "."): value for name, value in more.items()}
