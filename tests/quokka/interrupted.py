"""./dev demo on a terminal, stopped with Ctrl-C in mid story, once more while it cleans up: nothing is left of it."""
import argparse
import os
import pathlib
import pty
import re
import select
import sys
import time

DEMO = pathlib.Path(__file__).resolve().parents[2] / "tools" / "quokka" / "demo.py"
CTRL_C = b"\x03"
# The live table's head, printed when clients are at work.
IN_MID_STORY = re.compile(r"squad +written")
DIRECTORY = re.compile(r"/[^\s,)]*/quokka-\w+")


def processes_of(directory):
    """Command lines that name the directory."""
    found = []
    for path in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:  # it ended meanwhile
            continue
        if directory in words:
            found.append(words[:200])
    return found


def play(command, seconds):
    """Plays the story on a new terminal. Returns its exit code and all that it printed."""
    child, terminal = pty.fork()
    if child == 0:
        os.execv(sys.executable, [sys.executable, *command])
    printed, stopped, deadline = "", False, time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not select.select([terminal], [], [], 1)[0]:
            continue
        try:
            printed += os.read(terminal, 65536).decode(errors="replace")
        except OSError:  # the last one on the terminal has left
            break
        if not stopped and IN_MID_STORY.search(printed):
            stopped = True
            os.write(terminal, CTRL_C + CTRL_C)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status), printed


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--myelin", required=True)
    parser.add_argument("--application", required=True)
    arguments = parser.parse_args()
    code, printed = play(["-u", str(DEMO), "--myelin", arguments.myelin, "--application", arguments.application, "--seconds", "60"], 300)
    print(printed)
    named = DIRECTORY.search(printed)
    if not named:
        sys.exit("the demo never said where its directory is")
    left = processes_of(named.group())
    if left or os.path.exists(named.group()):
        sys.exit(f"left behind: {left or named.group()}")
    if code != 130:
        sys.exit(f"exit code {code}, expected 130")


if __name__ == "__main__":
    main()
