"""Generates C++ from protocol descriptions.

generate.py message API.txt OUT          writes OUT/kafka/message/<api>.h and .cc
generate.py catalogue OUT API.txt...     writes OUT/kafka/api_key.* and OUT/kafka/messages.*
"""

import sys
from pathlib import Path

import catalogue
import description
import message


def write(path, text):
    # An untouched file spares whoever includes it from being built again.
    if path.exists() and path.read_text() == text:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def main(arguments):
    command = arguments[0] if arguments else ""
    if command == "message" and len(arguments) == 3:
        api = description.parse_api(Path(arguments[1]))
        base = Path(arguments[2]) / "kafka" / "message"
        write(base / f"{api.snake}.h", message.header(api))
        write(base / f"{api.snake}.cc", message.source(api))
    elif command == "catalogue" and len(arguments) > 2:
        apis = description.load(arguments[2:])
        base = Path(arguments[1]) / "kafka"
        write(base / "api_key.h", catalogue.api_key_header(apis))
        write(base / "api_key.cc", catalogue.api_key_source(apis))
        write(base / "messages.h", catalogue.messages_header(apis))
        write(base / "messages.cc", catalogue.messages_source(apis))
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except description.DescriptionError as error:
        sys.exit(str(error))
