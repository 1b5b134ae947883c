"""Answers on loopback as servers of the OpenAI protocol do, with their faults.

    chat_server.py PORT_FILE LOG [PEM]

The first part of a path says how: http://127.0.0.1:PORT/plain/v1 and so on, see
REPLIES.  LOG gets a line for each request: the path, the client's port, its
headers and its body.  With a file of a certificate and its key it speaks TLS.
"""
import gzip
import http.server
import json
import os
import select
import ssl
import sys

PORT_FILE, LOG = sys.argv[1:3]
PEM = sys.argv[3] if len(sys.argv) > 3 else None
n_asked = {}


def chunk(text, finish=None):
    choice = {"index": 0, "delta": {"content": text}, "finish_reason": finish}
    return b"data: " + json.dumps({"choices": [choice]}).encode() + b"\n\n"


USAGE = (b'data: {"choices":[],"usage":{"prompt_tokens":9,'
         b'"completion_tokens":4,"prompt_tokens_details":{"cached_tokens":8},'
         b'"completion_tokens_details":{"reasoning_tokens":1}}}\n\n')
END = chunk("", "stop") + USAGE + b"data: [DONE]\n\n"
HELLO = chunk("Hello ") + chunk("world.")


def error(status, message, **headers):
    return status, headers, json.dumps({"error": {"message": message}}).encode()


def loading(n):
    if n <= 2:
        return error(503, "Loading model")
    return 200, {}, HELLO + END


REPLIES = {
    "plain": lambda n: (200, {}, HELLO + END),
    "zip": lambda n: (200, {"Content-Encoding": "gzip"},
                      gzip.compress(HELLO + END)),
    "think": lambda n: (200, {}, chunk("<think>hm, so</think>") + HELLO + END),
    "late": lambda n: (200, {}, chunk("hm, ") + chunk("so</think>") + HELLO +
                       END),
    "cut": lambda n: (200, {}, HELLO),
    "busy": lambda n: error(429, "Slow down, try again in 2h"),
    "scope": lambda n: error(401, "This key has no scope for models"),
    "loading": loading,
}

# What tells the client again what it was sent: path and headers.
ECHOES = {
    "tell": lambda told: error(400, "what is this? " + told),
    "deny": lambda told: error(401, "what is this? " + told),
    "moved": lambda told: (302, {"Location": "https://example.org/?" + told},
                           told.encode()),
    "inner": lambda told: (200, {}, HELLO + b'data: {"error":' +
                           json.dumps("what is this? " + told).encode() +
                           b"}\n\ndata: [DONE]\n\n"),
    "noise": lambda told: (200, {}, b"what is this? " + told.encode()),
    "page": lambda told: (200, {}, b"<html><title>what is this? " +
                          told.encode() + b"</title>"),
    "name": lambda told: (200, {}, json.dumps(
        {"data": [{"id": "m " + told}], "models": [
            {"name": "m " + told}]}).encode()),
}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def note(self, body):
        with open(LOG, "a", encoding="utf-8") as log:
            headers = " ".join(f"{k}={v}" for k, v in self.headers.items())
            log.write(f"{self.path} client={self.client_address[1]} {headers} "
                      f"{body.decode()}\n")

    def send(self, status, headers, body):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        self.note(b"")
        if self.path.split("/")[1] in ECHOES:
            self.echo(self.path.split("/")[1])
            return
        models = [{"id": "m-2"}, {"id": "m-1"}]
        if self.path.startswith("/sole/"):
            models = [{"id": "sole-1"}]
        self.send(200, {}, json.dumps({"data": models}).encode())

    def trickle(self):
        """Keep-alives after the first word, until the client has enough."""
        self.send_response(200)
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(HELLO)
        while True:
            self.wfile.write(b": ping\n\ndata: {}\n\n")
            self.wfile.flush()
            select.select([], [], [], 0.01)

    def echo(self, name):
        """All that it was told, where one looks for it least."""
        told = " ".join([self.path] + list(self.headers.values()))
        status, headers, body = ECHOES[name](told)
        self.send(status, {"X-Request-Id": told, **headers}, body)

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.note(body)
        name = self.path.split("/")[1]
        n_asked[name] = n_asked.get(name, 0) + 1
        if name in ("trickle", "slow"):
            try:
                self.trickle()
            except OSError:
                self.close_connection = True
            return
        if name in ECHOES:
            self.echo(name)
            return
        self.send(*REPLIES[name](n_asked[name]))


class Server(http.server.ThreadingHTTPServer):
    def finish_request(self, request, client_address):
        """In the connection's own thread, as a handshake may take long."""
        if PEM:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(PEM)
            request = context.wrap_socket(request, server_side=True)
        super().finish_request(request, client_address)

    def handle_error(self, request, client_address):
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


server = Server(("127.0.0.1", 0), Handler)
with open(PORT_FILE + ".new", "w", encoding="ascii") as out:
    out.write(str(server.server_port))
os.rename(PORT_FILE + ".new", PORT_FILE)
server.serve_forever()
