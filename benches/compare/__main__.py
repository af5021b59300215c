"""Measures wsflow against the machine and against other programs, on the same files in one run.

    python3 benches/compare [--sizes 100,1024] [--rows WORD,WORD] [--runs 5] [--readme]

Builds wsflow, makes the files (in target/bench), runs the commands that are compared in turn, round after round, and
compares their medians. A first round warms the caches and is not counted; the slowest programs run in one round only. What wsflow does not have yet and programs that
are not here are left out with a note. The table goes to stdout; with --readme into README.md too.

hyperfine takes the times where it is installed. WSFLOW_MITMPROXY names a Python with mitmproxy 12.2.3; without it,
target/mitmproxy/bin/python is tried. mitm2openapi is installed into target/ when it is not there.
"""
import argparse
import datetime
import os
import platform
import statistics
import subprocess
import sys
from dataclasses import dataclass, field

import machine
from rows import FIRST_LINE, GROWTH, IN_ALL_SIZES, MEMORY, ROWS, SMALL_FILE, TABLE, Row


@dataclass
class Result:
    """What was measured of a row in a file: by size in MiB, the medians in seconds and the memory in MiB."""

    row: Row
    shape: str
    seconds: dict = field(default_factory=dict)
    reference: dict = field(default_factory=dict)
    memory: dict = field(default_factory=dict)


def why_not(row, programs):
    """Why a row cannot be measured; nothing when it can."""
    for command in (row.command, row.reference.command):
        if programs[command[0]] is None:
            return f"{command[0]} is not here"
    small = machine.make_small_file()
    machine.make_other_formats(small, row.command)
    machine.OUT.unlink(missing_ok=True)
    tried = subprocess.run(machine.fill(row.command, programs, small), check=False, capture_output=True)
    if tried.returncode in (0, 1):
        return None
    return f"{row.command[0]} says: {tried.stderr.decode().splitlines()[0]}"


def measure(rows, shape, sizes, runs, programs):
    """The results of rows that have the same reference. Their commands run in turn."""
    reference = rows[0].reference
    results = [Result(row, shape) for row in rows]
    taken = {}
    for mib in sizes:
        for row in (*rows, reference):
            machine.make_other_formats(machine.make_file(shape, mib), row.command)
    for number in range(runs + 1):
        for mib in sizes:
            path = machine.make_file(shape, mib)
            jobs = [(row.command, row.to_pipe) for row in rows]
            if not reference.is_slow or (mib == sizes[0] and number == 1):
                jobs.insert(0, (reference.command, False))
            for job in jobs:
                command, to_pipe = job
                seconds = machine.seconds(machine.fill(command, programs, path), to_pipe)
                if number > 0:
                    taken.setdefault((mib, job), []).append(seconds)
    for result in results:
        for mib in sizes:
            command = machine.fill(result.row.command, programs, machine.make_file(shape, mib))
            result.memory[mib] = machine.highest_memory(command)
            result.seconds[mib] = statistics.median(taken[mib, (result.row.command, result.row.to_pipe)])
            if (mib, (reference.command, False)) in taken:
                result.reference[mib] = statistics.median(taken[mib, (reference.command, False)])
    return results


def judged(value, at_most, text):
    """The text, in bold where the value is too high."""
    return text if value <= at_most else f"**{text}**"


def ratio(value, at_most):
    """A ratio, written as its target is: as a part, or as so many times."""
    return f"1/{1 / value:.0f}" if at_most < 0.1 else f"{value:.2f}"


def cells(result, sizes):
    """The cells of a row."""
    row = result.row
    yield from (row.work, result.shape, row.reference.name, ratio(row.at_most, row.at_most))
    for mib in sizes:
        if mib in result.reference:
            value = result.seconds[mib] / result.reference[mib]
            yield judged(value, row.at_most, ratio(value, row.at_most))
        else:
            yield ""
    if len(sizes) > 1:
        if sizes[-1] in result.seconds:
            growth = result.seconds[sizes[-1]] / result.seconds[sizes[0]]
            yield judged(growth, GROWTH * sizes[-1] / sizes[0], f"{growth:.1f}")
        else:
            yield ""
    highest = max(result.memory.values())
    yield judged(highest, MEMORY, f"{highest:.1f}")


def table(results, sizes):
    """The table, in Markdown."""
    head = ["`wsflow`", "file", "measured against", "at most", *(f"{mib} MiB" for mib in sizes)]
    if len(sizes) > 1:
        head.append(f"{sizes[-1]} against {sizes[0]} MiB (at most {GROWTH * sizes[-1] / sizes[0]:.0f})")
    head.append(f"own memory in MiB (at most {MEMORY})")
    lines = [head, ["---"] * len(head), *(list(cells(result, sizes)) for result in results)]
    return ["| " + " | ".join(line) + " |" for line in lines]


def alone(programs, sizes, runs):
    """Times that are measured against nothing."""
    small = machine.make_small_file()
    command = machine.fill(TABLE, programs, small)
    value = statistics.median([machine.seconds(command) for _ in range(10 * runs)]) * 1000
    yield f"`ls` of {small.stat().st_size // 1000} KB, the whole process: {judged(value, SMALL_FILE, f'{value:.1f} ms')} (at most {SMALL_FILE} ms)."
    for mib in sizes:
        command = machine.fill(TABLE, programs, machine.make_file("chat", mib))
        value = machine.seconds_to_first_line(command, runs) * 1000
        yield f"First line of `ls` of {mib} MiB: {judged(value, FIRST_LINE, f'{value:.1f} ms')} (at most {FIRST_LINE} ms)."


def conditions(programs, runs):
    """What has to be known to read the table."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"Measured on {datetime.date.today()} with {os.cpu_count()} cores and {memory:.0f} GiB of memory "
        f"({platform.system()} on {platform.machine()}): commit {machine.commit()}, {machine.versions(programs)}. Figures are ratios of medians of {runs} runs, "
        "taken in turn with warm caches (of jq, mitmproxy and mitm2openapi one run, for they take long, and only of the smallest file); "
        "lower is better, and what is above its target is in bold. Files of http and mixed traffic are measured in one size. "
        "Output goes to `/dev/null`, unless a row says otherwise; that of what is measured against goes there always. "
        "`rg` looks for the word as it is, `~b` in any case."
    )


def write_readme(lines):
    """Puts the lines between the two marks."""
    path = machine.ROOT / "README.md"
    before, rest = path.read_text().split("<!-- speed -->")
    behind = rest.split("<!-- /speed -->")[1]
    path.write_text(before + "\n".join(["<!-- speed -->", *lines, "<!-- /speed -->"]) + behind)


def arguments():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="100", help="sizes of the files in MiB (100)")
    parser.add_argument("--rows", default="", help="only rows that have one of these words")
    parser.add_argument("--runs", type=int, default=5, help="runs of each command, 5 or more (5)")
    parser.add_argument("--readme", action="store_true", help="write the table into README.md too")
    args = parser.parse_args()
    return [int(size) for size in args.sizes.split(",")], args.rows.split(","), max(args.runs, 5), args.readme


def main():
    """Measures and prints."""
    sizes, words, runs, to_readme = arguments()
    machine.build()
    programs = machine.find_programs()
    groups, notes = {}, []
    for row in ROWS:
        if not any(word in f"{row.work} {row.reference.name} {row.shapes}" for word in words):
            continue
        if why := why_not(row, programs):
            notes.append(f"Not measured: {row.work} against {row.reference.name}; {why}.")
            continue
        for shape in row.shapes:
            groups.setdefault((row.reference.name, shape), []).append(row)
    results = []
    for (name, shape), rows in groups.items():
        print(f"{shape}, against {name} …", file=sys.stderr)
        results += measure(rows, shape, sizes if shape in IN_ALL_SIZES else sizes[:1], runs, programs)
    lines = [conditions(programs, runs), "", *table(results, sizes), ""]
    lines += [f"- {line}" for line in [*alone(programs, sizes, runs), *notes]]
    print("\n".join(lines))
    if to_readme:
        write_readme(lines)


if __name__ == "__main__":
    main()
