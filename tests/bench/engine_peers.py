#!/usr/bin/env python3
"""Measure the in-process engine beside its peers (peers.py): same file, same
threads, in turn, in one run; print medians and, for each peer, the ratio.

usage: engine_peers.py ARENA [WEIGHTS...] [-t 1,2] [-p 128,512] [-n 128]
                       [-b 2,16] [-d 2048] [-r 5] [--peers llama.cpp,OpenVINO]
                       [--bandwidth PROGRAM]

Each peer is brought once, by itself.  Where that fails, or a peer cannot load a
file, it says why, and the others are measured.  Without WEIGHTS: all that are in
arena's own folder, the default ones brought there first.

Rows:  pp N     reading a prompt of N tokens
       tg N     writing N tokens, one after the other
       tg N xB  the same for B sequences at once, all tokens counted
       tg N @D  writing N tokens after D that are there already
The limit of tg is how often the file can be read in a second, by what PROGRAM
(bandwidth.c) tells of the memory.  At the end the first two files write at
once, as in a battle.
All evaluate the same number of tokens from an empty cache; what a peer cannot
leave out stands in its own file.
"""
import argparse
import glob
import json
import os
import platform
import re
import signal
import statistics
import subprocess
import sys

import peers


# --- our side, and the table ----------------------------------------------

def ours(arena, path, n_threads, n_prompt, n_gen, n_batch, depth):
    command = [arena, "bench", path, "-t", str(n_threads), "-r", "1",
               "-p", str(n_prompt), "-n", str(n_gen), "-b", str(n_batch),
               "--depth", str(depth), "--json"]
    out = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(out.stdout)[0]["samples_ts"][0]


def own_weights(arena):
    """The weights in the data folder; the default ones are brought there."""
    subprocess.run([arena, "models", "pull", "--default"], stdout=sys.stderr,
                   check=True)
    data = (os.environ.get("XDG_DATA_HOME") or
            os.path.expanduser("~/.local/share"))
    return sorted(glob.glob(os.path.join(data, "arena", "weights", "*.gguf")))


class Peer:
    """An engine beside ours; what it cannot do is said once and left out."""

    def __init__(self, kind):
        self.kind = kind
        self.python = self.process = None
        self.without_amx = False
        try:
            self.python = peers.python_with(kind)
        except peers.Missing as why:
            self.tell(why)

    def tell(self, text):
        print(f"{self.kind.name}: {text}", flush=True)

    def open(self, path, n_threads):
        """Loads a file and tries it."""
        self.process = None
        if not self.python:
            return
        try:
            self.process = peers.Process(self.kind, self.python, path,
                                         n_threads)
            self.process.measure(64, 1, 1, 0)
        except peers.Died as why:
            self.process = None
            self.tell(why)
            if (why.signal == signal.SIGILL and self.kind.without_amx and
                    not self.without_amx):
                self.leave_out_amx()
                self.open(path, n_threads)

    def leave_out_amx(self):
        self.without_amx = True
        try:
            self.python = peers.python_with(self.kind, without_amx=True)
            self.tell("from here on a build without AMX")
        except peers.Missing as why:
            self.python = None
            self.tell(f"no build without AMX: {why}")

    def measure(self, *work):
        """Tokens/s, or None."""
        try:
            return self.process and self.process.measure(*work)
        except peers.Died as why:
            self.process = None
            self.tell(why)
            return None

    def close(self):
        if self.process:
            self.process.close()


def compare(arena, path, others, n_threads, rows, repeats):
    for name, *work in rows:
        us, them = [], [[] for _ in others]
        for _ in range(repeats):
            us.append(ours(arena, path, n_threads, *work))
            for one, peer in zip(them, others):
                one.append(peer.measure(*work))
        line = f"{n_threads:7}  {name:11} {statistics.median(us):8.1f}"
        for one in them:
            if None in one:
                line += f"{'-':>14}{'-':>7}"
                continue
            ratio = statistics.median(x / y for x, y in zip(us, one))
            line += f"{statistics.median(one):14.1f}{ratio:7.2f}"
        print(line, flush=True)


def print_machine():
    """What ratios depend on."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as f:
            text = f.read()
    except OSError:
        text = ""
    name = re.search(r"^model name\s*:\s*(.*)$", text, re.M)
    model = re.search(r"^model\s*:\s*(.*)$", text, re.M)
    wide = [w for w in ("avx2", "avx512f", "avx512_vnni", "amx_int8")
            if re.search(rf"^flags.*\b{w}\b", text, re.M)]
    print(f"{name[1] if name else platform.machine()}"
          f"{', model ' + model[1] if model else ''}; "
          f"{os.cpu_count()} cores; {' '.join(wide)}; "
          f"load {os.getloadavg()[0]:.1f}", flush=True)


def print_limit(program, path, n_threads):
    out = subprocess.run([program, str(n_threads)], capture_output=True,
                         text=True, check=True)
    gigabytes = float(out.stdout)
    limit = gigabytes * 1e9 / os.path.getsize(path)
    print(f"{n_threads:7}  limit of tg {limit:8.1f}  the file, at "
          f"{gigabytes:.1f} GB/s", flush=True)


def write_at_once(arena, paths, threads):
    print("\nTwo models writing at once", flush=True)
    for t in threads:
        subprocess.run([arena, "bench", *paths, "-t", str(t), "-n", "128"],
                       check=True)


def numbers(text):
    return [int(x) for x in text.split(",") if x]


def main():
    a = argparse.ArgumentParser()
    a.add_argument("arena")
    a.add_argument("weights", nargs="*")
    a.add_argument("-t", type=numbers, default=[1, 2])
    a.add_argument("-p", type=numbers, default=[128, 512])
    a.add_argument("-n", type=numbers, default=[128])
    a.add_argument("-b", type=numbers, default=[2, 16])
    a.add_argument("-d", type=numbers, default=[2048])
    a.add_argument("-r", type=int, default=5)
    a.add_argument("--peers", default=",".join(k.name for k in peers.KINDS))
    a.add_argument("--bandwidth")
    a = a.parse_args()
    rows = [(f"pp {p}", p, 0, 1, 0) for p in a.p]
    rows += [(f"tg {n}", 0, n, 1, 0) for n in a.n]
    rows += [(f"tg 32 x{b}", 0, 32, b, 0) for b in a.b]
    rows += [(f"tg 32 @{d}", 0, 32, 1, d) for d in a.d]
    wanted = a.peers.split(",") if a.peers else []
    unknown = set(wanted) - {k.name for k in peers.KINDS}
    if unknown:
        sys.exit(f"there is no peer called {', '.join(sorted(unknown))}; there "
                 f"are {', '.join(k.name for k in peers.KINDS)}")
    print_machine()
    others = [Peer(k) for k in peers.KINDS if k.name in wanted]
    others = [peer for peer in others if peer.python]
    weights = a.weights or own_weights(a.arena)
    for path in weights:
        print(f"\n{os.path.basename(path)}, medians of {a.r}, tokens/s")
        for t in a.t:
            for peer in others:
                peer.open(path, t)
            print("threads  row            arena" + "".join(
                f"{peer.kind.name:>14}  ratio" for peer in others), flush=True)
            compare(a.arena, path, others, t, rows, a.r)
            for peer in others:
                peer.close()
            if a.bandwidth:
                print_limit(a.bandwidth, path, t)
    if len(weights) > 1:
        write_at_once(a.arena, weights[:2], a.t)


if __name__ == "__main__":
    main()
