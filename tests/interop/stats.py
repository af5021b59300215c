"""The figures of flow files, counted by mitmproxy's reader and plain Python: no histogram, nothing merged.

Prints for each file a JSON object per WebSocket connection, and then one for the capture.
"""

import json
import sys
from collections import Counter
from datetime import datetime, timedelta, timezone

from mitmproxy.http import HTTPFlow
from mitmproxy.io import FlowReader

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
NAMES = {0: "continuation", 1: "text", 2: "binary", 8: "close", 9: "ping", 10: "pong"}


def micros(seconds):
    try:
        return (datetime.fromtimestamp(seconds, timezone.utc) - EPOCH) // timedelta(microseconds=1)
    except (ValueError, OverflowError):
        return None


def spread(values, unit):
    if not values:
        return None
    values = sorted(values)
    rank = lambda percent: values[max(-(-len(values) * percent // 100), 1) - 1]
    shown = {"min": values[0], "p50": rank(50), "p90": rank(90), "p99": rank(99), "max": values[-1]}
    shown["mean"] = sum(values) / len(values)
    return {name: value / unit for name, value in shown.items()} | {"exact": len(values) <= 256}


def seconds(micros):
    return micros / 1e6


def figures(connections):
    """`connections` are (position, messages)."""
    messages = [(flow, index, m) for flow, of in connections for index, m in enumerate(of)]
    times = [time for _, _, m in messages if (time := micros(m.timestamp)) is not None]
    gaps, backwards = [], 0
    for _, of in connections:
        before = None
        for message in of:
            time = micros(message.timestamp)
            if time is None:
                continue
            if before is not None and time >= before:
                gaps.append(time - before)
            elif before is not None:
                backwards += 1
            before = time
    side = lambda from_client: [len(m.content) for _, _, m in messages if m.from_client == from_client]
    types = Counter()
    for _, _, m in messages:
        key = (NAMES.get(int(m.type), "other"), m.from_client)
        types[key, "messages"] += 1
        types[key, "bytes"] += len(m.content)
    span = seconds(max(times) - min(times)) if times else None
    size = sum(len(m.content) for _, _, m in messages)
    largest = sorted(messages, key=lambda at: (-len(at[2].content), at[0], at[1]))[:5]
    return {
        "messages": len(messages),
        "bytes": size,
        "client_messages": len(side(True)),
        "client_bytes": sum(side(True)),
        "server_messages": len(side(False)),
        "server_bytes": sum(side(False)),
        "types": sorted(
            [name, from_client, types[(name, from_client), "messages"], types[(name, from_client), "bytes"]]
            for name, from_client in {key for key, _ in types}
        ),
        "dropped": sum(m.dropped for _, _, m in messages),
        "injected": sum(m.injected for _, _, m in messages),
        "first": seconds(min(times)) if times else None,
        "last": seconds(max(times)) if times else None,
        "span": span,
        "messages_per_second": len(messages) / span if span else None,
        "bytes_per_second": size / span if span else None,
        "sizes": spread([len(m.content) for _, _, m in messages], 1),
        "gaps": spread(gaps, 1e6),
        "backwards": backwards,
        "without_time": len(messages) - len(times),
        "largest": [[flow, index, len(m.content)] for flow, index, m in largest],
    }


def connection(index, flow):
    websocket = flow.websocket
    begin, end = micros(flow.request.timestamp_start), websocket.timestamp_end and micros(websocket.timestamp_end)
    return figures([(index, websocket.messages)]) | {
        "flow": index,
        "flow_id": flow.id,
        "close_code": websocket.close_code,
        "closed_by_client": websocket.closed_by_client,
        "duration": seconds(end - begin) if end is not None and end >= begin else None,
    }


def capture(flows):
    codes = Counter(flow.websocket.close_code for _, flow in flows)
    sizes = Counter(len(m.content).bit_length() for _, flow in flows for m in flow.websocket.messages)
    return figures([(index, flow.websocket.messages) for index, flow in flows]) | {
        "connections": len(flows),
        "closes": sorted([-1 if code is None else code, count] for code, count in codes.items()),
        "size_classes": sorted([1 << bits - 1 if bits else 0, count] for bits, count in sizes.items()),
    }


for path in sys.argv[1:]:
    with open(path, "rb") as file:
        flows = [
            (index, flow)
            for index, flow in enumerate(FlowReader(file).stream())
            if isinstance(flow, HTTPFlow) and flow.websocket
        ]
    for index, flow in flows:
        print(json.dumps(connection(index, flow)))
    print(json.dumps(capture(flows)))
