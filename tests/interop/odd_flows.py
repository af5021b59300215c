"""Writes a flow file of HTTP flows in which everything is odd that HAR has a field for. python odd_flows.py OUT"""

import sys

from mitmproxy import connection, http, io, websocket
from mitmproxy.net import encoding

COOKIES = [
    "one=uno; two=due",
    'a="quoted \\" value; with"; b=; =c; d',
    "a=b; expires=Mon, 24-Aug-2037 00:00:00 GMT; secure, c=d; Path=/x; HttpOnly; SameSite=Lax; Domain=.example",
    'a="unclosed; b=c',
    "\u00a0a=b;\x1c c=d",
    "expires=Mo, x=y",
    "=; ;,,",
]
BODIES = [
    ("text/plain", "café".encode("latin-1")),
    ("text/plain; charset=utf-8", "naïve 🍵".encode()),
    ("text/plain; charset=utf-8", b"caf\xe9 and more text around it"),
    ('text/plain; charset="utf-8"', "é".encode()),
    ("text/html", '<meta charset="shift_jis">日本語'.encode("shift_jis")),
    ("text/html; charset=gbk", "中文㐀".encode("gb18030")),
    ("text/html", "<p>é</p>".encode()),
    ("application/xml", "<?xml version='1.0' encoding='iso-8859-2'?><a>ł</a>".encode("iso-8859-2")),
    ("text/css", '@charset "koi8-r"; /* да */'.encode("koi8-r")),
    ("application/json", '{"é": 1}'.encode()),
    ("text/javascript", "// é".encode()),
    ("text/plain", "\ufeffé".encode("utf-16-le")),
    ("text/plain", "\ufeffé".encode("utf-16-be")),
    ("text/plain", "\ufeffé".encode()),
    ("text/plain; charset=unheard-of", "é".encode()),
    ("text/plain; charset=ascii", "é".encode()),
    ("text/plain; charset=windows-1252", b"\x80uro"),
    ("application/octet-stream", bytes(range(256))),
    ("image/png", b"\x89PNG\r\n\x1a\n" + bytes(100)),
    ("", "ascii " .encode() * 16 + "é".encode() * 3),
    ("nonsense", b""),
    ("application/x-www-form-urlencoded", b"a=b+c&d=%C3%A9&e&=f&&g=%E9"),
    ("Application/X-WWW-Form-Urlencoded; charset=utf-8", "ä=ö".encode()),
]
PATHS = [
    b"/", b"*", b"/a?b=c&d=e=f&g&&h=", b"/a?b=%C3%A9+%2B&c=%zz%4", b"/a#b?c=d", b"/a?b=c#d?e=f", b"/a b?\t=\n&c", b"/a;p?q=r;s",
    b"http://elsewhere.example/x?y=z", b"?", b"",
]
HOSTS = [b"shop.example", b"shop.example:8080", b"SHOP.example", b"", b"192.0.2.1:443", b"a, b"]


def flow(server=None) -> http.HTTPFlow:
    client = connection.Client(peername=("192.0.2.7", 51234), sockname=("127.0.0.1", 8080), timestamp_start=1000.25)
    server = server or connection.Server(address=("shop.example", 80))
    made = http.HTTPFlow(client, server)
    made.timestamp_created = 1000.5
    made.request = http.Request(
        "shop.example", 80, b"GET", b"http", b"", b"/", b"HTTP/1.1", http.Headers(), b"", None, 1000.75, 1001.0
    )
    made.response = http.Response(b"HTTP/1.1", 200, b"OK", http.Headers(), b"", None, 1001.125, 1001.3)
    return made


def flows():
    for cookie in COOKIES:
        made = flow()
        made.request.headers.fields = ((b"Cookie", cookie.encode()), (b"cookie", b"last=1"))
        made.response.headers.fields = ((b"Set-Cookie", cookie.encode()), (b"set-cookie", b"last=1"))
        yield made
    for content_type, body in BODIES:
        for method in ["post", "PUT", "PATCH", "DELETE"]:
            made = flow()
            made.request.method = method
            made.request.headers["Content-Type"] = content_type
            made.request.raw_content = body
            made.response.headers["Content-Type"] = content_type
            made.response.raw_content = body
            yield made
    for name in ["gzip", "deflate", "br", "zstd", "identity", "none", "GZIP", "unheard-of", "utf8"]:
        made = flow()
        text = b"steep for three minutes, then pour; " * 9
        for message in [made.request, made.response]:
            message.headers["Content-Encoding"] = name
            message.headers["Content-Type"] = "text/plain"
            try:
                message.raw_content = encoding.encode(text, name)
            except (ValueError, TypeError):
                message.raw_content = text
        made.request.method = "POST"
        yield made
        broken = flow()
        broken.response.headers["Content-Encoding"] = name
        broken.response.raw_content = b"\x1f\x8b\x08 not what it says"
        yield broken
    for path in PATHS:
        made = flow()
        made.request.data.path = path
        yield made
    for host in HOSTS:
        for version in [b"HTTP/1.1", b"HTTP/2.0", b"HTTP/3"]:
            for authority in [b"", b"authority.example:444"]:
                made = flow()
                made.request.headers.fields = ((b"Host", host),)
                made.request.data.http_version = version
                made.request.data.authority = authority
                made.request.data.scheme = b"https"
                yield made
    connect = flow()
    connect.request.data.method = b"CONNECT"
    connect.request.data.authority = b"shop.example:443"
    yield connect
    for start, end in [(0.1, 0.7), (1795437162.5956361, 1795437162.5962465), (1e9, None), (0.0, 0.0), (-1.5, 3)]:
        made = flow()
        made.request.data.timestamp_start, made.request.data.timestamp_end = start, end
        made.response.data.timestamp_start, made.response.data.timestamp_end = start + 0.3, end
        yield made
    server = connection.Server(address=("shop.example", 80), peername=("2001:db8::1", 80, 0, 0))
    server.timestamp_start, server.timestamp_tcp_setup, server.timestamp_tls_setup = 999.1, 999.7, 999.95
    yield flow(server)
    yield flow(server)
    dropped = flow()
    dropped.response = None
    yield dropped
    streamed = flow()
    streamed.request.method = "POST"
    streamed.request.raw_content = streamed.response.raw_content = None
    yield streamed
    odd = flow()
    odd.response.headers.fields = ((b"Location", b"/a"), (b"location", b"/b"), (b"It's", b'"\\\t'), (b"", b""))
    odd.response.data.reason = b""
    odd.response.data.status_code = 799
    yield odd
    talk = flow()
    talk.websocket = websocket.WebSocketData()
    for content in [b"", "é\u2028\x00\x7f🍵".encode(), b'"\\/']:
        for opcode in [1, 2, 9]:
            talk.websocket.messages.append(websocket.WebSocketMessage(opcode, True, content, 1002.0625))
    yield talk


with open(sys.argv[1], "wb") as file:
    writer = io.FlowWriter(file)
    for number, made in enumerate(flows()):
        # Ids that are the same in each run.
        made.id = f"{number:08}-0000-0000-0000-000000000000"
        writer.add(made)
