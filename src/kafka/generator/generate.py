#!/usr/bin/env python3
"""Makes the C++ messages from the protocol descriptions: generate.py API_FOLDER OUTPUT_FOLDER [--list]

--list prints the files that would be made, for the build, and writes nothing. Files that would not change are left alone.
"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import description  # noqa: E402
import messages_file  # noqa: E402
import struct_code  # noqa: E402


def outputs(apis):
    yield "kafka/messages.h", lambda: messages_file.header(apis)
    yield "kafka/messages.cc", lambda: messages_file.source(apis)
    for api in apis:
        stem = description.snake(api.name)
        yield f"kafka/message/{stem}.h", lambda api=api: struct_code.header(api)
        yield f"kafka/message/{stem}.cc", lambda api=api: struct_code.source(api)


def main():
    apis = description.parse_folder(sys.argv[1])
    target = pathlib.Path(sys.argv[2])
    if "--list" in sys.argv:
        print(";".join(str(target / name) for name, _ in outputs(apis)))
        return
    for name, make in outputs(apis):
        path, text = target / name, make()
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.read_text() != text:
            path.write_text(text)


if __name__ == "__main__":
    main()
