"""A real mitmdump between a WebSocket client and a server, writing a capture.

    follow.py MITMDUMP CAPTURE

For each number on stdin, a connection with so many messages is made and closed; then the number is printed again.
"""

import asyncio
import base64
import hashlib
import sys

MAGIC = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
CLOSE = 8


def frame(opcode, content, mask):
    head = bytes([0x80 | opcode, len(content) | (0x80 if mask else 0)])
    # A mask of zeros leaves the content as it is.
    return head + (bytes(4) if mask else b"") + content


async def read_frame(reader):
    head = await reader.readexactly(2)
    mask = await reader.readexactly(4) if head[1] & 0x80 else bytes(4)
    content = await reader.readexactly(head[1] & 0x7F)
    return head[0] & 0x0F, bytes(byte ^ mask[i % 4] for i, byte in enumerate(content))


async def serve(reader, writer):
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).split(b"\r\n")
    except asyncio.IncompleteReadError:
        # Somebody looked whether the port is open.
        writer.close()
        return
    headers = dict(line.split(b": ", 1) for line in head[1:] if line)
    key = next(value for name, value in headers.items() if name.lower() == b"sec-websocket-key")
    accept = base64.b64encode(hashlib.sha1(key + MAGIC).digest())
    writer.write(
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n"
    )
    while True:
        opcode, content = await read_frame(reader)
        writer.write(frame(opcode, content, mask=False))
        await writer.drain()
        if opcode == CLOSE:
            writer.close()
            return


async def connect(port, count):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    key = base64.b64encode(bytes(16))
    writer.write(
        b"GET /echo HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " + key + b"\r\n\r\n"
    )
    await reader.readuntil(b"\r\n\r\n")
    # Each message is echoed, so that both sides send.
    for number in range(count // 2):
        writer.write(frame(1, b"message %d" % number, mask=True))
        await read_frame(reader)
    writer.write(frame(CLOSE, (1000).to_bytes(2, "big"), mask=True))
    await read_frame(reader)
    writer.close()


async def until_open(port):
    while True:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.close()
            return
        except OSError:
            await asyncio.sleep(0.1)


async def main():
    mitmdump, capture = sys.argv[1:]
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    upstream = server.sockets[0].getsockname()[1]
    free = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = free.sockets[0].getsockname()[1]
    free.close()
    await free.wait_closed()
    confdir = capture + ".conf"
    proxy = await asyncio.create_subprocess_exec(
        *[mitmdump, "-q", "--mode", f"reverse:http://127.0.0.1:{upstream}", "--listen-host", "127.0.0.1"],
        *["-p", str(port), "-w", capture, "--set", f"confdir={confdir}"],
    )
    try:
        await until_open(port)
        print("open", flush=True)
        while line := await asyncio.to_thread(sys.stdin.readline):
            await connect(port, int(line))
            print(line.strip(), flush=True)
    finally:
        proxy.terminate()
        await proxy.wait()


asyncio.run(main())
