"""Packs the built console into an assembler file and the table that describes it.

usage: embed_console.py OUTPUT_FOLDER [BUILT_CONSOLE]
Without a built console the table is empty. Equal input gives equal output, byte for byte.
"""
import gzip
import hashlib
import pathlib
import sys

CONTENT_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".woff2": "font/woff2",
}


def main(output, built):
    output.mkdir(parents=True, exist_ok=True)
    files = sorted(path for path in built.rglob("*") if path.is_file()) if built else []
    files = [path for path in files if not path.name.startswith(".")]
    files.sort(key=lambda path: path.relative_to(built).as_posix())
    data, symbols, rows = [".section .rodata"], [], []
    for index, path in enumerate(files):
        name = path.relative_to(built).as_posix()
        content = path.read_bytes()
        packed = output / f"file{index}.gz"
        packed.write_bytes(gzip.compress(content, compresslevel=9, mtime=0))
        symbol = f"myelin_console_file{index}"
        data += [f".global {symbol}", f".hidden {symbol}", f"{symbol}:", f'.incbin "{packed}"']
        symbols.append(f"extern const unsigned char {symbol}[];")
        kind = CONTENT_TYPES[path.suffix]
        etag = hashlib.sha256(content).hexdigest()[:16]
        immutable = "true" if name.startswith("assets/") else "false"
        rows.append(f'    {{"{name}", "{kind}", "W/\\"{etag}\\"", {immutable}, {{{symbol}, {packed.stat().st_size}}}, {len(content)}}},')
    data.append('.section .note.GNU-stack,"",@progbits')
    (output / "console_data.S").write_text("\n".join(data) + "\n")
    table = "\n".join(['#include "api/console_files.h"', "", 'extern "C" {'] + symbols + ["}", "", "namespace myelin::api {", ""])
    table += "\nstd::span<const ConsoleFile> embedded_console() {\n"
    if rows:
        table += "  static const ConsoleFile kFiles[] = {\n" + "\n".join(rows) + "\n  };\n  return kFiles;\n}\n"
    else:
        table += "  return {};\n}\n"
    (output / "console_table.cc").write_text(table + "\n}  // namespace myelin::api\n")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 and sys.argv[2] else None)
