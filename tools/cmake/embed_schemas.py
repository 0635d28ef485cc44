"""Writes a C++ file that holds JSON Schemas as they are.

usage: embed_schemas.py OUTPUT.cc KIND.schema.json...
Equal input gives equal output, byte for byte.
"""
import json
import pathlib
import sys


def main(output, paths):
    rows = []
    for path in paths:
        text = path.read_text()
        json.loads(text)
        rows.append(f'    {{"{path.name.removesuffix(".schema.json")}", R"schema({text})schema"}},')
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text("\n".join(['#include "model/own_schemas.h"', "", "namespace myelin::model {", "",
                                 "std::span<const OwnSchema> own_schemas() {", "  static constexpr OwnSchema kSchemas[] = {",
                                 *rows, "  };", "  return kSchemas;", "}", "", "}  // namespace myelin::model", ""]))


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), [pathlib.Path(name) for name in sys.argv[2:]])
