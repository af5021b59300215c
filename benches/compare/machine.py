"""Programs, files, and how a run is measured."""
import functools
import json
import os
import re
import shlex
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
FOLDER = ROOT / "target/bench"
OUT = FOLDER / "out"
WSFLOW = ROOT / "target/release/wsflow"
MAKE_CORPUS = ROOT / "target/release/examples/make_corpus"
MITM2OPENAPI = ROOT / "target/mitm2openapi"
MITM2OPENAPI_VERSION = "0.8.1"

PYTHON_VERSION = """\
from mitmproxy import version
from platform import python_version
print('mitmproxy', version.VERSION, 'on Python', python_version())
"""


def build():
    """Builds wsflow and the maker of files."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for more in ([], ["--example", "make_corpus"]):
        subprocess.run(["cargo", "build", "--release", "--quiet", *more], cwd=ROOT, check=True)


def find_programs():
    """Paths of the programs; None for those that are not here."""
    programs = {name: shutil.which(name) for name in ("sh", "cat", "dd", "rg", "jq")}
    programs["wsflow"] = str(WSFLOW)
    python = os.environ.get("WSFLOW_MITMPROXY", ROOT / "target/mitmproxy/bin/python")
    programs["python"] = str(python) if Path(python).exists() else None
    openapi = MITM2OPENAPI / "bin/mitm2openapi"
    if not openapi.exists():
        which = ["--locked", "--version", MITM2OPENAPI_VERSION, "--root", MITM2OPENAPI]
        subprocess.run(["cargo", "install", "mitm2openapi", *which], check=False)
    programs["mitm2openapi"] = str(openapi) if openapi.exists() else None
    return programs


def commit():
    """The commit that is measured, and whether there is more than it holds."""
    run = subprocess.run(["git", "describe", "--always", "--dirty", "--exclude=*"], cwd=ROOT, capture_output=True, text=True, check=False)
    return run.stdout.strip() or "unknown"


def versions(programs):
    """The versions of the programs, for people."""
    asked = {name: ["--version"] for name in ("wsflow", "rg", "jq", "mitm2openapi")}
    asked["python"] = ["-c", PYTHON_VERSION]
    said = []
    for name, args in asked.items():
        if programs[name]:
            run = subprocess.run([programs[name], *args], capture_output=True, text=True, check=True)
            said.append(run.stdout.splitlines()[0].split(" (")[0])
    return ", ".join(said)


def fill(command, programs, file):
    """The command with paths in place of names."""
    words = [word.replace("{file}", str(file)).replace("{out}", str(OUT)) for word in command]
    return [programs[words[0]], *(programs[word] if word == "wsflow" else word for word in words[1:])]


@functools.cache
def make_file(shape, mib):
    """The path of a file, which is made at the first call, and counted to see that wsflow reads all of it."""
    path = FOLDER / f"{shape}-{mib}.flow"
    made = subprocess.run([MAKE_CORPUS, shape, str(mib), path], capture_output=True, text=True, check=True).stdout
    for what, args in (("messages", ["ls", "-c"]), ("with a needle", ["filter", "~b needle", "-c"])):
        expected = re.search(rf"(\d+) {what}", made)[1]
        found = subprocess.run([WSFLOW, *args, path], capture_output=True, text=True, check=False).stdout.strip()
        if found != expected:
            sys.exit(f"wsflow {' '.join(args)} {path}: found {found}, and not {expected}")
    return path


def make_small_file():
    """The path of a capture of about 25 KB."""
    path = FOLDER / "small.flow"
    capture = (ROOT / "fixtures/conversation.flow").read_bytes()
    path.write_bytes(capture * round(25_000 / len(capture)))
    return path


def make_other_formats(path, command):
    """Makes what a command reads beside the file, and lets the disk come to rest."""
    if any("{file}.ndjson" in word for word in command):
        with open(f"{path}.ndjson", "wb") as out:
            subprocess.run([WSFLOW, "ls", "--json", path], stdout=out, check=True)
    if any("{file}.msgpack" in word for word in command):
        subprocess.run([WSFLOW, "encode", "--force", "-o", f"{path}.msgpack", path], check=True)
    os.sync()


def seconds(command, to_pipe=False):
    """The time that one run takes: by hyperfine if it is here, without a shell."""
    OUT.unlink(missing_ok=True)
    if shutil.which("hyperfine"):
        report = FOLDER / "hyperfine.json"
        options = ["--shell=none", "--ignore-failure", "--runs=1", "--style=none", f"--export-json={report}"]
        where = f"--output={'pipe' if to_pipe else 'null'}"
        said = subprocess.run(["hyperfine", *options, where, shlex.join(command)], capture_output=True, check=False)
        if said.returncode != 0:
            sys.exit(said.stderr.decode())
        result = json.loads(report.read_text())["results"][0]
        check(command, result["exit_codes"][0])
        return result["times"][0]
    start = time.perf_counter()
    stdout = subprocess.PIPE if to_pipe else subprocess.DEVNULL
    with subprocess.Popen(command, stdout=stdout, stderr=subprocess.DEVNULL) as process:
        while to_pipe and process.stdout.read(1 << 16):
            pass
    taken = time.perf_counter() - start
    check(command, process.returncode)
    return taken


def check(command, code):
    """Ends when a command did not do its work: what fails is quick. `rg` and `filter` end with 1 where nothing matches."""
    if code not in (0, 1):
        sys.exit(f"{shlex.join(command)} ended with {code}")
    if any(str(OUT) in word for word in command) and not OUT.exists():
        sys.exit(f"{shlex.join(command)} wrote nothing")


def seconds_to_first_line(command, runs):
    """The median of the times until the first line of the output is there."""
    times = []
    for _ in range(runs + 1):
        start = time.perf_counter()
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
            process.stdout.readline()
            times.append(time.perf_counter() - start)
    return statistics.median(times[1:])


def own_memory(process):
    """RssAnon of a process and of its children, in bytes: what they take beside the files that they map."""
    try:
        status = Path(f"/proc/{process}/status").read_text()
        children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    except OSError:
        return 0
    found = re.search(r"^RssAnon:\s*(\d+) kB", status, re.MULTILINE)
    return (int(found[1]) << 10 if found else 0) + sum(own_memory(child) for child in children)


def highest_memory(command):
    """The most memory of its own that a run was seen to have, in MiB."""
    OUT.unlink(missing_ok=True)
    highest = 0
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        while process.poll() is None:
            highest = max(highest, own_memory(process.pid))
            time.sleep(0.0005)
    return highest / 2**20
