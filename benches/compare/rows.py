"""What is measured, against what, and what is to be reached."""
from dataclasses import dataclass

READ_ALL = """\
import sys
from mitmproxy.io import FlowReader
for flow in FlowReader(open(sys.argv[1], 'rb')).stream():
    pass
"""


@dataclass(frozen=True)
class Reference:
    """What wsflow is measured against: its name in the table, and its command."""

    name: str
    command: tuple
    # Takes so long that it is run once, on the first size.
    is_slow: bool = False


@dataclass(frozen=True)
class Row:
    """A row of the table. In a command, {file} is the input and {out} a file that does not exist before each run."""

    work: str
    shapes: tuple
    command: tuple
    reference: Reference
    at_most: float
    to_pipe: bool = False


CHAT, GIANT, HTTP, MIXED = "chat", "giant", "http", "mixed"

RG = Reference("`rg -a -c needle`", ("rg", "-a", "-c", "needle", "{file}"))
CAT = Reference("`cat`", ("cat", "{file}"))
DD = Reference("`dd bs=1M conv=fsync`", ("dd", "if={file}", "of={out}", "bs=1M", "conv=fsync", "status=none"))
JQ = Reference(
    "`jq` on the NDJSON of `ls`",
    ("jq", "-c", 'select((.text // "" | fromjson? | objects | .op) == "alpha")', "{file}.ndjson"),
    is_slow=True,
)
MITMPROXY = Reference("mitmproxy's FlowReader, just reading", ("python", "-c", READ_ALL, "{file}"), is_slow=True)
OPENAPI = Reference(
    "`mitm2openapi discover`",
    ("mitm2openapi", "discover", "-i", "{file}", "-o", "{out}", "-p", "https://feed.example.com"),
    is_slow=True,
)

COUNT = ("wsflow", "ls", "-c", "{file}")
NEEDLE = ("wsflow", "filter", "~b needle", "-c", "{file}")
STATS = ("wsflow", "stats", "{file}")
JSON = ("wsflow", "ls", "--json", "{file}")
TABLE = ("wsflow", "ls", "{file}")
ALPHA = ("wsflow", "filter", '~jq ".op == \\"alpha\\""', "-c", "{file}")
DROP = ("wsflow", "drop", "~msg 0", "-o", "{out}", "{file}")
KEEP = ("wsflow", "filter", "~b needle", "--flows", "--keep-others", "-o", "{out}", "{file}")
PACK = ("wsflow", "encode", "--to", "msgpack", "-o", "-", "{file}")
UNPACK = ("wsflow", "encode", "--to", "flow", "-o", "-", "{file}.msgpack")
HAR = ("wsflow", "encode", "--to", "har", "-o", "-", "{file}")
COUNT_STDIN = ("sh", "-c", 'exec "$0" ls -c < "$1"', "wsflow", "{file}")
JSON_STDIN = ("sh", "-c", 'exec "$0" ls --json < "$1"', "wsflow", "{file}")
JSON_PIPE = ("sh", "-c", 'cat "$1" | "$0" ls --json', "wsflow", "{file}")

LS_COUNT = Reference("`wsflow ls -c FILE`", COUNT)
LS_JSON = Reference("`wsflow ls --json FILE`", JSON)

ROWS = [
    Row("`ls -c`", (CHAT, GIANT), COUNT, RG, 1.0),
    Row("`filter '~b needle' -c`", (CHAT, GIANT), NEEDLE, RG, 1.2),
    Row("`stats`", (CHAT,), STATS, RG, 2.0),
    Row("`ls --json`", (CHAT, GIANT), JSON, CAT, 8),
    Row("`ls`, to a pipe", (CHAT,), TABLE, CAT, 12, to_pipe=True),
    Row("`ls --json`", (HTTP,), JSON, CAT, 0.4),
    Row("`filter '~jq \".op == …\"' -c`", (CHAT,), ALPHA, JQ, 0.5),
    Row("`drop '~msg 0' -o OUT`", (CHAT, GIANT), DROP, DD, 1.5),
    Row("`filter '~b needle' --flows --keep-others -o OUT`", (MIXED,), KEEP, DD, 1.5),
    Row("`encode --to msgpack`", (CHAT,), PACK, LS_JSON, 3),
    Row("`encode --to flow`, from MessagePack", (CHAT,), UNPACK, LS_JSON, 3),
    Row("`encode --to har`", (CHAT,), HAR, LS_JSON, 3),
    Row("`ls -c`", (CHAT,), COUNT, MITMPROXY, 1 / 200),
    Row("`filter '~b needle' -c`", (CHAT,), NEEDLE, MITMPROXY, 1 / 200),
    Row("`ls --json`", (CHAT,), JSON, MITMPROXY, 1 / 60),
    Row("`ls -c`", (CHAT,), COUNT, OPENAPI, 1 / 20),
    Row("`ls -c < FILE`", (CHAT,), COUNT_STDIN, LS_COUNT, 1.5),
    Row("`ls --json < FILE`", (CHAT,), JSON_STDIN, LS_JSON, 1.5),
    Row("`cat FILE \\| wsflow ls --json`", (CHAT,), JSON_PIPE, LS_JSON, 1.5),
]

# Shapes that are measured in all sizes; the others in the first only.
IN_ALL_SIZES = (CHAT, GIANT)

# What the last size may take against the first, beside their own ratio: 1024 MiB take 11 times as long as 100 MiB.
GROWTH = 11 / 10.24

# Memory of its own that a command may have, in MiB. A stream adds its largest flow, which is small in these files.
MEMORY = 48

# Times that stand for themselves, in milliseconds.
SMALL_FILE = 5
FIRST_LINE = 20
