"""Prints each flow that mitmproxy's FlowReader reads in files, as a JSON object per line.

    python flows.py FILE...

{"file"} in front of the flows of a file, then {"state"}, a flow's state as mitmproxy would write it, or {"error"} where
reading ends. Bytes are {"$bytes": base64} and floats {"$float": repr}.
"""

import base64
import json
import sys

from mitmproxy.io import FlowReader


def tagged(value):
    if isinstance(value, bytes):
        return {"$bytes": base64.b64encode(value).decode()}
    if isinstance(value, float):
        return {"$float": repr(value)}
    if isinstance(value, (list, tuple)):
        return [tagged(item) for item in value]
    if isinstance(value, dict):
        return {key: tagged(item) for key, item in value.items()}
    return value


for name in sys.argv[1:]:
    print(json.dumps({"file": name}))
    with open(name, "rb") as file:
        try:
            for flow in FlowReader(file).stream():
                print(json.dumps({"state": tagged(flow.get_state())}, allow_nan=False))
        except Exception as error:
            print(json.dumps({"error": repr(error)}))
