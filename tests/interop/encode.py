"""What mitmproxy makes of captures. For each file a JSON array on a line of its own.

    python encode.py entries FLOWFILE…   the entries that savehar makes
    python encode.py save OUT FLOWFILE   nothing, but the file that savehar writes
    python encode.py read FILE…          the flows of flow files or HAR
    python encode.py kept FLOWFILE…      what every format should keep of a flow
    python encode.py same FLOWFILE…      whether mitmproxy, reading and writing twice, writes the same bytes

An entry that savehar cannot make is {"failed"}. Lone surrogates, which stand for bytes that are no text, are printed as
U+FFFD: the tests read JSON with a reader that does not take them. Floats that JSON does not have are strings.
"""

import base64
import io as streams
import json
import math
import sys

from mitmproxy import http, io
from mitmproxy.addons.savehar import SaveHar
from mitmproxy.io import compat


def plain(value):
    if isinstance(value, str):
        return "".join("\ufffd" if 0xD800 <= ord(c) < 0xE000 else c for c in value)
    if isinstance(value, bytes):
        return {"bytes": base64.b64encode(value).decode()}
    if isinstance(value, float) and not math.isfinite(value):
        return repr(value)
    if isinstance(value, dict):
        return {plain(k): plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    return value


def flows(path):
    # The upgrade of old formats remembers what it saw in other files.
    for memory in [compat._websocket_handshakes, compat.client_connections, compat.server_connections]:
        memory.clear()
    with open(path, "rb") as file:
        yield from io.FlowReader(file).stream()


def entries(path):
    servers_seen = set()
    for flow in flows(path):
        if not isinstance(flow, http.HTTPFlow):
            continue
        try:
            yield SaveHar().flow_entry(flow, servers_seen)
        except Exception as error:
            yield {"failed": repr(error)}


def save(out, path):
    with open(out, "w") as file:
        json.dump(SaveHar().make_har(list(flows(path))), file, indent=4)


def read(path):
    for flow in flows(path):
        response = flow.response
        yield {
            "method": flow.request.method,
            "url": flow.request.pretty_url,
            "request_headers": [list(header) for header in flow.request.headers.items(multi=True)],
            "status": response.status_code if response else None,
            "response_body": base64.b64encode(response.raw_content or b"").decode() if response else None,
        }


def as_bytes(value):
    return value.encode() if isinstance(value, str) else value


def kept(path):
    for flow in flows(path):
        if isinstance(flow, http.HTTPFlow):
            state = flow.get_state()
            if state["websocket"]:
                # Old formats hold text as a string, and mitmproxy's upgrade leaves it so.
                messages = state["websocket"]["messages"]
                state["websocket"]["messages"] = [[as_bytes(value) for value in message] for message in messages]
            yield {key: state[key] for key in ["id", "websocket", "timestamp_created", "marked", "comment", "error"]}


def same(path):
    with open(path, "rb") as file:
        before = file.read()
    after = before
    # Twice, since each time metadata of several keys is turned around.
    for _ in range(2):
        out = streams.BytesIO()
        writer = io.FlowWriter(out)
        for flow in io.FlowReader(streams.BytesIO(after)).stream():
            writer.add(flow)
        after = out.getvalue()
    yield after == before


if sys.argv[1] == "save":
    save(*sys.argv[2:])
else:
    answer = {"entries": entries, "read": read, "kept": kept, "same": same}[sys.argv[1]]
    for path in sys.argv[2:]:
        print(json.dumps([plain(line) for line in answer(path)]))
