"""Prints each record of a flow file as mitmproxy upgrades it, as a JSON object per line.

    python upgrade.py FILE

{"state"}, or {"error"} where the upgrade fails. If mitmproxy does not take the state as a flow, `refused` says why. Bytes
are {"$bytes": base64} and floats {"$float": repr}.
"""

import base64
import copy
import json
import sys

from mitmproxy.flow import Flow
from mitmproxy.io import compat, tnetstring


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


def line(record):
    try:
        state = compat.migrate_flow(record)
    except Exception as error:
        return {"error": repr(error)}
    told = {"state": tagged(state)}
    try:
        Flow.from_state(copy.deepcopy(state))
    except Exception as error:
        told["refused"] = repr(error)
    return told


with open(sys.argv[1], "rb") as file:
    while file.peek(1).strip():
        print(json.dumps(line(tnetstring.load(file)), allow_nan=False))
