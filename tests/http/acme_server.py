"""Answers on loopback as the servers of docs/adding-a-backend.md do.

    acme_server.py PORT_FILE LOG

LOG gets a line for each request: the path, the key, and the body.
"""
import http.server
import json
import os
import sys

PORT_FILE, LOG = sys.argv[1:]


class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *args):
        pass

    def answer(self, lines, body=""):
        with open(LOG, "a", encoding="utf-8") as log:
            log.write(f"{self.path} {self.headers['x-acme-key']} {body}\n")
        self.send_response(200)
        self.end_headers()
        for line in lines:
            self.wfile.write(json.dumps(line).encode() + b"\n")

    def do_GET(self):
        self.answer([{"models": [{"id": "two"}, {"id": "one"}]}])

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        prompt = json.loads(body)["talk"][-1]["content"]
        self.answer([{"muse": "hm"}, {"say": "Acme heard: "}, {"say": prompt},
                     {"end": "done", "read": 9, "wrote": 4}], body)


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
with open(PORT_FILE + ".new", "w", encoding="ascii") as out:
    out.write(str(server.server_port))
os.rename(PORT_FILE + ".new", PORT_FILE)
server.serve_forever()
