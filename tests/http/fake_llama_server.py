#!/usr/bin/env python3
"""Stands in for llama.cpp's server: takes its arguments, loads for a while,
wants the key of its environment, and answers with the last message in capitals.

    fake_llama_server.py --model FILE --host H --port P [--log FILE] [--how WORD]

LOG gets a line a start and a question.  The word: "fails" ends at once; "dies" ends while it
loads; "hangs" never loads.  A message "crash" ends it in the middle of an
answer, "slow" is answered for ever.
"""
import argparse
import http.server
import json
import os
import sys
import time

parser = argparse.ArgumentParser()
parser.add_argument("--model", default="")
parser.add_argument("--ctx-size")
parser.add_argument("--host", required=True)
parser.add_argument("--port", type=int, required=True)
parser.add_argument("--log", default="/dev/null")
parser.add_argument("--how", default="")
parser.add_argument("--extra", nargs="*", default=[])
parser.add_argument("--environ", default="/dev/null")
args = parser.parse_args()
key = os.environ["LLAMA_API_KEY"]
started = time.monotonic()


def note(words):
    with open(args.log, "a", encoding="utf-8") as log:
        log.write(words + "\n")


note(f"start {args.model} {args.ctx_size} {key}")
if args.extra:
    note("extra " + " ".join(args.extra))
with open(args.environ, "w", encoding="utf-8") as out:
    out.writelines(f"{name}={value}\n" for name, value in os.environ.items())
if args.how == "fails":
    os.write(2, b"error: no such mod\xc3\xa8le\x1b[2J\n")
    sys.exit(1)


def loads():
    return args.how == "hangs" or time.monotonic() - started < 0.3


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *words):
        pass

    def send(self, status, tree):
        body = json.dumps(tree).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        if args.how == "dies":
            os._exit(7)
        if loads():
            self.send(503, {"error": {"code": 503, "message": "Loading model",
                                      "type": "unavailable_error"}})
        else:
            self.send(200, {"status": "ok"})

    def chunk(self, text, finish=None):
        choice = {"index": 0, "delta": {"content": text},
                  "finish_reason": finish}
        line = "data: " + json.dumps({"choices": [choice]}) + "\n\n"
        self.wfile.write(line.encode())
        self.wfile.flush()

    def crash(self):
        """The port still takes connections, for which nobody is there, until
        the end was noticed and the group is ended."""
        if os.fork() == 0:
            for fd in (1, 2, self.connection.fileno()):
                os.close(fd)
            while True:
                time.sleep(1)
        os._exit(9)

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers["Authorization"] != "Bearer " + key:
            self.send(401, {"error": {"message": "Invalid API Key"}})
            return
        text = json.loads(body)["messages"][-1]["content"]
        note("asked " + text)
        self.send_response(200)
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        self.chunk(text.upper())
        if text == "crash":
            self.crash()
        while text == "slow":
            self.chunk(".")
            time.sleep(0.02)
        self.chunk("", "stop")
        self.wfile.write(b"data: [DONE]\n\n")


class Server(http.server.ThreadingHTTPServer):
    def handle_error(self, request, client_address):
        pass  # a client that hangs up is its own affair


Server((args.host, args.port), Handler).serve_forever()
