#!/usr/bin/env python3
"""Two remote answers of 100 tokens a second each on the full screen, pace
"live": how long after the server's write() a token reaches the terminal, what
the arena takes of one core meanwhile, and how many bytes it sends for the text.

    remote_screen.py ARENA PACED_SERVER [TOKENS]

The terminal is a pseudo-terminal; both ends read the same monotonic clock.
Times are taken at 200x60, where the text fits (a token that is there already
cannot be told from one that comes); at 80x24 the panes follow the text.
"""
import fcntl
import json
import os
import pty
import re
import select
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time

from paced import Server

arena, program = map(os.path.abspath, sys.argv[1:3])
n_tokens = int(sys.argv[3]) if len(sys.argv) > 3 else 500
TOKEN_MS = 10
WAIT_S = 30
TICKS = os.sysconf("SC_CLK_TCK")


class Terminal:
    def __init__(self, folder, columns, rows):
        self.seen = b""
        self.n_bytes = 0
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ,
                        struct.pack("HHHH", rows, columns, 0, 0))
            os.environ.update(TERM="xterm-256color", LC_ALL="C.UTF-8",
                              HOME=folder, COLORFGBG="15;0",
                              XDG_STATE_HOME=folder)
            os.execv(arena, [arena, "--config", folder + "/arena.json",
                             "--db", folder + "/arena.db"])

    def read(self):
        """What came, and when; nothing for WAIT_S ends the program."""
        if not select.select([self.fd], [], [], WAIT_S)[0]:
            sys.exit("remote_screen.py: silence; last: %r" % self.seen[-300:])
        got = os.read(self.fd, 65536)
        at_ns = time.monotonic_ns()
        self.n_bytes += len(got)
        self.seen = (self.seen + got)[-65536:]
        return got, at_ns

    def wait(self, text):
        while text not in self.seen:
            self.read()

    def spent_s(self):
        """Processor time so far; schedstat counts in ns, a line a thread."""
        spent = 0
        for task in os.listdir("/proc/%d/task" % self.pid):
            with open("/proc/%d/task/%s/schedstat" % (self.pid, task)) as f:
                spent += int(f.read().split()[0])
        return spent / 1e9

    def close(self):
        os.kill(self.pid, signal.SIGTERM)
        os.waitpid(self.pid, 0)
        os.close(self.fd)


def watch(t, arrived):
    """Reads until both answers have ended; notes when each token came."""
    token = re.compile(rb"[ab][0-9]{4}(?![0-9])")
    rest = b""
    while b"your vote" not in t.seen:
        got, at_ns = t.read()
        rest += got
        for found in token.findall(rest):
            arrived.setdefault(found.decode(), at_ns)
        rest = rest[-5:]


def measure(columns, rows):
    folder = tempfile.mkdtemp(prefix="arena-bench.")
    stamps = os.path.join(folder, "stamps")
    server = Server(program, token_ms=TOKEN_MS, tokens=n_tokens,
                    stamps=stamps)
    arrived = {}
    try:
        with open(os.path.join(folder, "arena.json"), "w") as f:
            json.dump({"pace": "live", "models": [
                server.model("first"), server.model("second")]}, f)
        t = Terminal(folder, columns, rows)
        t.wait(b"Your prompt")
        os.write(t.fd, b"go on\r")
        t.wait(b"a0000")
        t.seen = b""
        n_before, spent_before = t.n_bytes, t.spent_s()
        began = time.monotonic()
        watch(t, arrived)
        wall, spent = time.monotonic() - began, t.spent_s() - spent_before
        n_bytes = t.n_bytes - n_before
        t.close()
        server.close()
        with open(stamps) as f:
            sent = {word: int(at_ns) for word, at_ns in map(str.split, f)}
    finally:
        shutil.rmtree(folder)
    print("%dx%d: 2 x %d tokens in %.1f s; %.2f%% of a core; %.2f bytes sent "
          "for one of text" % (columns, rows, n_tokens, wall,
                               100 * spent / wall,
                               n_bytes / (2 * n_tokens * len(" a0000"))))
    return sorted((arrived[w] - sent[w]) / 1e6 for w in arrived if w in sent)


late = measure(200, 60)
print("        write to screen: median %.1f ms, 99%% %.1f ms, most %.1f ms; "
      "%d of %d tokens found" % (late[len(late) // 2],
                                 late[99 * (len(late) - 1) // 100], late[-1],
                                 len(late), 2 * n_tokens))
measure(80, 24)
