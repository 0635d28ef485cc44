"""Writes a C++ file that holds the blueprints' templates as they are.

usage: embed_templates.py OUTPUT.cc FOLDER NAME...
Equal input gives equal output, byte for byte.
"""
import pathlib
import sys


def main(output, folder, names):
    rows = [f'    {{"{name}", R"template({(folder / name).read_text()})template"}},' for name in names]
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text("\n".join(['#include "blueprint/templates.h"', "", "namespace myelin::blueprint {", "",
                                 "std::span<const Template> templates() {", "  static constexpr Template kTemplates[] = {",
                                 *rows, "  };", "  return kTemplates;", "}", "", "}  // namespace myelin::blueprint", ""]))


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3:])
