"""Serves files on loopback as a download site does, with its faults.

    file_server.py FOLDER PORT_FILE LOG

Files have ETags (their content's hash) and ranges.  /plain/ redirects to http;
/missing is 404; /page answers a web page.  Below /twin/ a file is another one
with the same tag.  A path below /cut/ breaks off in the middle where the whole
file is asked for; so do /wrong/, which sends the rest from the beginning of the
file, /new/, which has another tag by then, and /short/ and /long/, which end
the rest early or late, without a length.
LOG gets a line for each request: path, range, status.
"""
import hashlib
import http.server
import os
import sys

FOLDER, PORT_FILE, LOG = sys.argv[1:]


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def note(self, status):
        with open(LOG, "a", encoding="ascii") as log:
            log.write(f"{self.path} {self.headers.get('Range', '-')} "
                      f"{status}\n")

    def answer(self, status, body, headers=(), cut=False):
        self.note(status)
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[:len(body) // 2] if cut else body)
        self.close_connection = cut

    def answer_rest(self, kind, body, start, tag):
        rest = body[start:]
        if kind == "wrong":
            start, rest = 0, body
        if kind == "new":
            tag = '"new"'
        headers = [("ETag", tag), ("Content-Range",
                   f"bytes {start}-{len(body) - 1}/{len(body)}")]
        if kind not in ("short", "long"):
            self.answer(206, rest, headers)
            return
        self.note(206)
        self.send_response(206)
        for name, value in headers + [("Connection", "close")]:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(rest[:5] if kind == "short" else rest + b"more")

    def do_GET(self):
        if self.path.startswith("/plain/"):
            port = self.server.server_address[1]
            self.answer(302, b"", [("Location", f"http://127.0.0.1:{port}/"
                                    + self.path[len("/plain/"):])])
            return
        if self.path.startswith("/page"):
            self.answer(200, b"<html>Please log in</html>")
            return
        kind = self.path.split("/")[1]
        path = os.path.join(FOLDER, os.path.basename(self.path))
        if not os.path.isfile(path):
            self.answer(404, b"not here")
            return
        with open(path, "rb") as source:
            body = source.read()
        tag = '"' + hashlib.sha256(body).hexdigest()[:16] + '"'
        if kind == "twin":
            body = b"GGUF" + body[:3:-1]
        asked = self.headers.get("Range")
        if asked and self.headers.get("If-Range") == tag:
            start = int(asked.split("=")[1].rstrip("-"))
            if start >= len(body):
                self.answer(416, b"", [("Content-Range",
                                        f"bytes */{len(body)}")])
                return
            self.answer_rest(kind, body, start, tag)
            return
        cut = kind in ("cut", "wrong", "new", "short", "long") and not asked
        self.answer(200, body, [("ETag", tag)], cut)


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
with open(PORT_FILE + ".new", "w", encoding="ascii") as out:
    out.write(str(server.server_address[1]))
os.rename(PORT_FILE + ".new", PORT_FILE)
server.serve_forever()
