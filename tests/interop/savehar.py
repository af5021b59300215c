"""Prints, as JSON, what mitmproxy's own savehar makes of a flow file: one entry a line.

An entry that savehar cannot make is a line with "failed". Lone surrogates, which stand for bytes that are no text,
are printed as U+FFFD: the tests read JSON with a reader that does not take them.
"""

import json
import math
import sys

from mitmproxy import http, io
from mitmproxy.addons.savehar import SaveHar


def plain(value):
    if isinstance(value, str):
        return "".join("\ufffd" if 0xD800 <= ord(c) < 0xE000 else c for c in value)
    if isinstance(value, float) and not math.isfinite(value):
        return repr(value)
    if isinstance(value, dict):
        return {plain(k): plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    return value


def main(path):
    savehar = SaveHar()
    servers_seen = set()
    with open(path, "rb") as file:
        for flow in io.FlowReader(file).stream():
            if not isinstance(flow, http.HTTPFlow):
                continue
            try:
                entry = savehar.flow_entry(flow, servers_seen)
            except Exception as error:
                entry = {"failed": repr(error)}
            print(json.dumps(plain(entry)))


main(sys.argv[1])
