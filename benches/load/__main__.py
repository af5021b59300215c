"""Runs wsflow on captures that are larger than any that is usual, and compares its counts with their maker's.

    python3 benches/load [--cases huge,messages,flows,files] [--size GIB] [--built]

Builds wsflow and the maker, makes one case after the other in target/load, runs the commands, deletes the files, and
writes what was measured into benches/load/FIGURES.md. The largest case needs twice as much disk as `--size` says
(10 GiB by default), the others up to three times their size. Memory is the highest `RssAnon` that was seen: what a map
of the input takes is not the program's own. A count that is not the maker's ends the run with an error.
"""
import argparse
import datetime
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
WSFLOW = TARGET / "release" / "wsflow"
MAKER = TARGET / "release" / "examples" / "make_corpus"
FOLDER = TARGET / "load"
FIGURES = ROOT / "benches" / "load" / "FIGURES.md"

# The name of a case, what it is, the shape of its files, and what has to be in it at least.
CASES = {
    "huge": ("one file of {size} GiB", "mixed", None),
    "messages": ("one connection of 5 million messages", "giant", ("messages", 5_000_000)),
    "flows": ("a million flows", "short", ("flows", 1_000_000)),
    "files": ("200 files at once", "mixed", None),
}
FILES = 200
FILE_MIB = 4

# What is run in every case, and which of the maker's counts it has to print.
COUNTS = [
    (["ls", "-c"], "messages"),
    (["ls", "-c", "--no-mmap"], "messages"),
    (["flows", "--all", "-c"], "flows"),
    (["flows", "-c"], "connections"),
    (["filter", "~b needle", "-c"], "needles"),
]
# What is written where there is room for it, and read again.
COPIES = [["encode", "--to", "flow"], ["encode", "--to", "msgpack"], ["filter", "~all", "--keep-others"]]
# It takes one file, and is what one has for a large file that is damaged.
RECOVER = ["recover"]


class Wrong(Exception):
    """What came out is not what was put in."""


def make(shape, mib, path, seed=1):
    """Makes a capture, and says what is in it."""
    said = subprocess.run([MAKER, shape, str(mib), path, str(seed)], check=True, capture_output=True, text=True).stdout
    names = {"flows": "flows", "connections": "connections", "messages": "messages", "with": "needles", "bytes": "bytes"}
    counts = re.findall(r"(\d+) (flows|connections|messages|with|bytes)", said.rsplit(": ", 1)[1])
    return {names[name]: int(count) for count, name in counts}


def mib_for(shape, count):
    """The size of a capture of a shape that has so many of something."""
    what, least = count
    trial = make(shape, 16, FOLDER / "trial")
    (FOLDER / "trial").unlink()
    if shape == "giant":
        # One connection, whatever its size.
        assert trial["connections"] == 1
    return 16 * least / trial[what] * 1.03


def run(args, files, out=None):
    """Runs wsflow to its end: what it printed, the seconds, and the MiB of its own at most."""
    args = [WSFLOW, *args, *files, *(["-o", out] if out else [])]
    with open(FOLDER / "stdout", "w+b") as stdout:
        begun = time.monotonic()
        with subprocess.Popen(args, stdout=stdout, stderr=subprocess.PIPE) as child:
            highest = 0
            while child.poll() is None:
                try:
                    status = pathlib.Path(f"/proc/{child.pid}/status").read_text(encoding="ascii")
                    highest = max(highest, int(re.search(r"RssAnon:\s*(\d+)", status).group(1)))
                except (OSError, AttributeError):
                    pass
                time.sleep(0.005)
            seconds = time.monotonic() - begun
            said = child.stderr.read().decode()
        if child.returncode != 0:
            raise Wrong(f"{args}: {child.returncode}: {said}")
        stdout.seek(0)
        return stdout.read().decode(), seconds, highest / 1024


def lines_of(name, size):
    """Makes a case, runs what there is to run, and deletes it: the rows of the table."""
    what, shape, count = CASES[name]
    if name == "files":
        files = [FOLDER / f"{number}.flow" for number in range(FILES)]
        parts = [make(shape, FILE_MIB, path, seed + 1) for seed, path in enumerate(files)]
        made = {key: sum(part[key] for part in parts) for key in parts[0]}
    else:
        files = [FOLDER / "f.flow"]
        made = make(shape, mib_for(shape, count) if count else size * 1024, files[0])
    if count and made[count[0]] < count[1]:
        raise Wrong(f"{name}: the maker made {made}")
    title = what.format(size=size)
    row = "| {} | `{}` | {} | {:.1f} s | {:.0f} MiB |".format
    held = "{flows:,} flows, {connections:,} connections, {messages:,} messages, {bytes:,} bytes".format(**made)
    rows = [f"| **{title}** | | {held} | | |"]

    def counted(args, files, expected, note=""):
        text, seconds, memory = run(args, files)
        if text.strip() != str(expected):
            raise Wrong(f"{name}: {args} says {text.strip()}, and {expected} were made")
        rows.append(row("", " ".join(map(str, args)), f"{expected:,}{note}", seconds, memory))

    for args, key in COUNTS:
        counted(args, files, made[key])
    text, seconds, memory = run(["stats", "--json", "--limit", "0"], files)
    if f'"messages":{made["messages"]},' not in text:
        raise Wrong(f"{name}: stats does not count {made['messages']} messages: {text[:300]}")
    rows.append(row("", "stats --json", f"{made['messages']:,}", seconds, memory))
    copies = [*(COPIES if name != "huge" else []), *([RECOVER] if len(files) == 1 else [])]
    for args in copies:
        out = FOLDER / "out.flow"
        _, seconds, memory = run([*args, "--force"], files, out)
        text, _, _ = run(["ls", "-c"], [out])
        if text.strip() != str(made["messages"]):
            raise Wrong(f"{name}: {args} wrote {text.strip()} of {made['messages']} messages")
        rows.append(row("", " ".join(args) + " -o OUT", f"{made['messages']:,} in OUT", seconds, memory))
        out.unlink()
    for path in files:
        path.unlink()
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--cases", default=",".join(CASES))
    parser.add_argument("--size", type=int, default=10, metavar="GIB")
    parser.add_argument("--built", action="store_true", help="run what was built before")
    args = parser.parse_args()
    if not args.built:
        build = ["cargo", "build", "--release", "--bin", "wsflow", "--example", "make_corpus"]
        subprocess.run(build, check=True, cwd=ROOT)
    FOLDER.mkdir(parents=True, exist_ok=True)
    rows = []
    try:
        for name in args.cases.split(","):
            print(name, file=sys.stderr)
            rows += lines_of(name, args.size)
            write(rows)
    except Wrong as error:
        sys.exit(f"{error}")
    finally:
        shutil.rmtree(FOLDER)
    print(FIGURES.read_text(encoding="utf-8"))


def write(rows):
    """Writes the figures of the cases so far."""
    built = datetime.datetime.fromtimestamp(WSFLOW.stat().st_mtime, datetime.timezone.utc)
    FIGURES.write_text(
        "# Load\n\nWritten by `python3 benches/load`. Every count is that of the maker; a run with another one writes "
        "nothing here.\n\n"
        f"{datetime.date.today()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.0f}, wsflow as built {built:%Y-%m-%d %H:%M} UTC; "
        "times are those of a machine that may have been busy.\n\n| case | command | counted | time | memory of its own |\n|---|---|---|---|---|\n"
        + "\n".join(rows)
        + "\n",
        encoding="utf-8",
    )


main()
