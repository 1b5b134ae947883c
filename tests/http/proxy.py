"""A proxy on loopback: whatever it is asked for comes from one server here.

    proxy.py PORT_FILE LOG TO [STATUS]

TO is the port of the server.  LOG gets the first line of each request.  With a
STATUS, tunnels (CONNECT) are refused with it.
"""
import os
import select
import socket
import sys
import threading
import urllib.parse

PORT_FILE, LOG, TO = sys.argv[1], sys.argv[2], int(sys.argv[3])
REFUSED = sys.argv[4] if len(sys.argv) > 4 else None


def pass_on(a, b):
    """What either side sends goes to the other, until one has ended."""
    while True:
        for here in select.select([a, b], [], [])[0]:
            data = here.recv(65536)
            if not data:
                return
            (b if here is a else a).sendall(data)


def serve(client):
    head = b""
    while b"\r\n\r\n" not in head:
        data = client.recv(65536)
        if not data:
            return
        head += data
    first, rest = head.split(b"\r\n", 1)
    with open(LOG, "a", encoding="ascii") as log:
        log.write(first.decode() + "\n")
    method, target, version = first.decode().split(" ")
    if method == "CONNECT" and REFUSED:
        client.sendall(f"HTTP/1.1 {REFUSED} No\r\nContent-Length: 0\r\n\r\n"
                       .encode())
        return
    with socket.create_connection(("127.0.0.1", TO)) as server:
        if method == "CONNECT":
            client.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        else:
            url = urllib.parse.urlsplit(target)
            path = urllib.parse.urlunsplit(("", "") + url[2:])
            server.sendall(f"{method} {path} {version}\r\n".encode() + rest)
        pass_on(client, server)


def serve_and_close(client):
    with client:
        try:
            serve(client)
        except OSError:
            pass  # one side is gone


listener = socket.create_server(("127.0.0.1", 0))
with open(PORT_FILE + ".new", "w", encoding="ascii") as out:
    out.write(str(listener.getsockname()[1]))
os.rename(PORT_FILE + ".new", PORT_FILE)
while True:
    threading.Thread(target=serve_and_close, args=(listener.accept()[0],),
                     daemon=True).start()
