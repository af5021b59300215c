"""Evaluates filter expressions on flow files with mitmproxy's own `flowfilter`.

    python filter.py FILE... < EXPRESSIONS

EXPRESSIONS is a JSON array of strings. The first line printed is an array: for each file how many flows were read and, where
reading failed, why. Then comes a line for each expression: null where mitmproxy refuses it, else for each file an object with
`matched`, the positions of the flows that match, and `raised`, those at which the evaluation fails or takes too long: Python
goes back and forth in a regex for as long as it wants.
"""

import json
import signal
import sys
import warnings

from mitmproxy import flowfilter
from mitmproxy.io import FlowReader, compat


def read(path):
    # What mitmproxy remembers of one file must not meet the next.
    for memory in (compat.client_connections, compat.server_connections, compat._websocket_handshakes):
        memory.clear()
    flows, error = [], None
    with open(path, "rb") as file:
        stream = FlowReader(file).stream()
        while True:
            try:
                flows.append(next(stream))
            except StopIteration:
                break
            except Exception as failure:
                error = repr(failure)
                break
    return flows, error


class TooLong(Exception):
    """An expression took too long on a flow."""


def give_up(*_):
    raise TooLong


def evaluate(expression, captures):
    try:
        parsed = flowfilter.parse(expression)
    except ValueError:
        return None
    answers, is_slow = [], False
    for flows, _ in captures:
        matched, raised = [], []
        for position, flow in enumerate(flows):
            signal.setitimer(signal.ITIMER_REAL, SECONDS)
            try:
                if is_slow:
                    raise TooLong
                if flowfilter.match(parsed, flow):
                    matched.append(position)
            except Exception as failure:
                is_slow |= isinstance(failure, TooLong)
                raised.append(position)
            finally:
                signal.setitimer(signal.ITIMER_REAL, 0)
        answers.append({"matched": matched, "raised": raised})
    return answers


SECONDS = 1
signal.signal(signal.SIGALRM, give_up)
warnings.simplefilter("ignore")
captures = [read(path) for path in sys.argv[1:]]
print(json.dumps([{"flows": len(flows), "error": error} for flows, error in captures]))
for expression in json.load(sys.stdin):
    print(json.dumps(evaluate(expression, captures)))
