"""A server of the OpenAI protocol over HTTP/2 and TLS that ends its answers as
the model of a request says.

    http2_server.py PORT_FILE LOG PEM

Frames are written byte by byte (RFC 9113), so that they can be wrong.  LOG gets
a line a connection, with the protocol that both agreed on, and one a request,
with its connection, stream and model.  The model says what comes behind the
first words:

    whole    the rest
    two      the rest, once two requests wait on this connection
    later    GOAWAY that lets this answer end, and the rest
    reset    RST_STREAM
    goaway   GOAWAY that gives up this answer, and the end of the connection
    close    the end of the connection
    short    the end of the stream, in order
"""
import json
import os
import socketserver
import ssl
import struct
import sys

PORT_FILE, LOG, PEM = sys.argv[1:4]
DATA, HEADERS, RST_STREAM, SETTINGS, PING, GOAWAY = 0, 1, 3, 4, 6, 7
END_STREAM, ACK, END_HEADERS = 1, 1, 4
INTERNAL_ERROR = 2
STATUS_200 = b"\x88"  # of the static table of header fields (RFC 7541)


def chunk(text, finish=None):
    choice = {"index": 0, "delta": {"content": text}, "finish_reason": finish}
    return b"data: " + json.dumps({"choices": [choice]}).encode() + b"\n\n"


BEGIN = chunk("Hello ")
REST = chunk("world.") + chunk("", "stop") + b"data: [DONE]\n\n"


def note(words):
    with open(LOG, "a", encoding="utf-8") as log:
        log.write(words + "\n")


class Connection(socketserver.StreamRequestHandler):
    n = 0

    def setup(self):
        super().setup()
        Connection.n += 1
        self.n = Connection.n
        self.bodies = {}  # by stream, not yet whole
        self.waiting = []  # streams

    def frame(self, kind, flags, stream, payload=b""):
        self.wfile.write(struct.pack(">I", len(payload))[1:] +
                         bytes([kind, flags]) + struct.pack(">I", stream) +
                         payload)

    def rest(self, stream):
        self.frame(DATA, END_STREAM, stream, REST)

    def goaway(self, last, why):
        self.frame(GOAWAY, 0, 0, struct.pack(">II", last, why))

    def answer(self, stream, body):
        """Whether the connection goes on."""
        how = json.loads(body)["model"]
        note(f"request {self.n} {stream} {how}")
        self.frame(HEADERS, END_HEADERS, stream, STATUS_200)
        self.frame(DATA, 0, stream, BEGIN)
        if how == "whole":
            self.rest(stream)
        elif how == "two":
            self.waiting.append(stream)
            if len(self.waiting) == 2:
                for one in self.waiting:
                    self.rest(one)
                self.waiting = []
        elif how == "later":
            self.goaway(stream, 0)
            self.rest(stream)
        elif how == "reset":
            self.frame(RST_STREAM, 0, stream, struct.pack(">I", INTERNAL_ERROR))
        elif how == "goaway":
            self.goaway(0, INTERNAL_ERROR)
        elif how == "short":
            self.frame(DATA, END_STREAM, stream)
        return how not in ("goaway", "close")

    def handle(self):
        note(f"connection {self.n} {self.request.selected_alpn_protocol()}")
        self.rfile.read(24)  # the preface
        self.frame(SETTINGS, 0, 0)
        while True:
            head = self.rfile.read(9)
            if len(head) < 9:
                return
            n, kind, flags, stream = struct.unpack(">IBBI", b"\0" + head)
            payload = self.rfile.read(n)
            if kind == SETTINGS and not flags & ACK:
                self.frame(SETTINGS, ACK, 0)
            elif kind == PING and not flags & ACK:
                self.frame(PING, ACK, 0, payload)
            elif kind == DATA:
                self.bodies[stream] = self.bodies.get(stream, b"") + payload
                if flags & END_STREAM and \
                        not self.answer(stream, self.bodies.pop(stream)):
                    return


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True

    def finish_request(self, request, client_address):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(PEM)
        context.set_alpn_protocols(["h2"])
        with context.wrap_socket(request, server_side=True) as inner:
            super().finish_request(inner, client_address)

    def handle_error(self, request, client_address):
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


server = Server(("127.0.0.1", 0), Connection)
with open(PORT_FILE + ".new", "w", encoding="ascii") as out:
    out.write(str(server.server_address[1]))
os.rename(PORT_FILE + ".new", PORT_FILE)
server.serve_forever()
