#!/usr/bin/env python3
"""Measure the in-process engine beside llama.cpp: same file, same threads, in
turn, in one run; print medians and the ratio.

usage: engine_peers.py ARENA [WEIGHTS...] [-t 1,2] [-p 128,512] [-n 128]
                       [-b 2,16] [-d 2048] [-r 5] [--bandwidth PROGRAM]

llama_peer.py brings the peer, once, by itself.  Where that fails it says why,
and arena is measured alone.  Without WEIGHTS: all that are in arena's own
folder, the default ones brought there first.

Rows:  pp N     reading a prompt of N tokens
       tg N     writing N tokens, one after the other
       tg N xB  the same for B sequences at once, all tokens counted
       tg N @D  writing N tokens after D that are there already
The limit of tg is how often the file can be read in a second, by what PROGRAM
(bandwidth.c) tells of the memory.  At the end the first two files write at
once, as in a battle.
Both sides evaluate the same number of tokens from an empty cache and choose
none: sampling is left out on both.
"""
import argparse
import glob
import json
import os
import statistics
import subprocess
import sys

from llama_peer import Missing, llama_python


# --- the peer's side: one Python with llama.cpp in it, driven by lines -----

def peer_main(path, n_threads):
    """Reads "n_prompt n_gen n_batch depth" lines, answers tokens/s each."""
    import ctypes
    import time
    import llama_cpp as c

    quiet = c.llama_log_callback(lambda *_: None)
    c.llama_log_set(quiet, ctypes.c_void_p(0))
    c.llama_backend_init()
    model = c.llama_model_load_from_file(path.encode(),
                                         c.llama_model_default_params())
    vocab = c.llama_model_get_vocab(model)
    n_vocab = c.llama_vocab_n_tokens(vocab)

    def decode(ctx, batch, tokens, wanted):
        """tokens: (id, position, sequence); wanted: logits of which."""
        batch.n_tokens = len(tokens)
        for i, (token, position, sequence) in enumerate(tokens):
            batch.token[i] = token
            batch.pos[i] = position
            batch.n_seq_id[i] = 1
            batch.seq_id[i][0] = sequence
            batch.logits[i] = wanted(i)
        if c.llama_decode(ctx, batch) != 0:
            raise RuntimeError("llama_decode failed")

    def measure(n_prompt, n_gen, n_batch, depth):
        p = c.llama_context_default_params()
        p.n_ctx = (n_prompt + n_gen + depth + 8) * n_batch
        p.n_batch = p.n_ubatch = 512
        p.n_seq_max = n_batch
        p.n_threads = p.n_threads_batch = n_threads
        ctx = c.llama_init_from_model(model, p)
        batch = c.llama_batch_init(512, 0, n_batch)
        at = 0

        def read(n, at):
            for first in range(0, n, 512):
                chunk = range(first, min(n, first + 512))
                decode(ctx, batch, [((7 * k + 3) % n_vocab, at + k, 0)
                                    for k in chunk],
                       lambda i: i == len(chunk) - 1)
            return at + n

        decode(ctx, batch, [(1, 0, 0)], lambda i: True)  # warm up
        c.llama_memory_clear(c.llama_get_memory(ctx), True)
        if depth:
            at = read(depth, 0)
        began = time.perf_counter()
        if n_prompt:
            at = read(n_prompt, at)
        for k in range(n_gen):
            decode(ctx, batch, [((11 * k + 5 + s) % n_vocab, at + k, s)
                                for s in range(n_batch)], lambda i: True)
        c.llama_synchronize(ctx)
        spent = time.perf_counter() - began
        c.llama_batch_free(batch)
        c.llama_free(ctx)
        return (n_prompt + n_gen * n_batch) / spent

    for line in sys.stdin:
        print(measure(*map(int, line.split())), flush=True)


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
    """llama.cpp on a file, in a process of its own; none: answers None."""

    def __init__(self, python, path, n_threads):
        self.process = python and subprocess.Popen(
            [python, os.path.abspath(__file__), "--peer", path,
             str(n_threads)],
            text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def measure(self, *work):
        if not self.process:
            return None
        print(*work, file=self.process.stdin, flush=True)
        return float(self.process.stdout.readline())

    def close(self):
        if self.process:
            self.process.stdin.close()
            self.process.wait()


def compare(arena, path, peer, n_threads, rows, repeats):
    for name, *work in rows:
        us, them = [], []
        for _ in range(repeats):
            us.append(ours(arena, path, n_threads, *work))
            them.append(peer.measure(*work))
        line = f"{n_threads:7}  {name:11} {statistics.median(us):8.1f} "
        if peer.process:
            ratios = [x / y for x, y in zip(us, them)]
            line += (f"{statistics.median(them):10.1f} "
                     f"{statistics.median(ratios):7.2f}")
        else:
            line += f"{'-':>10} {'-':>7}"
        print(line, flush=True)


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
    if sys.argv[1:2] == ["--peer"]:
        return peer_main(sys.argv[2], int(sys.argv[3]))
    a = argparse.ArgumentParser()
    a.add_argument("arena")
    a.add_argument("weights", nargs="*")
    a.add_argument("-t", type=numbers, default=[1, 2])
    a.add_argument("-p", type=numbers, default=[128, 512])
    a.add_argument("-n", type=numbers, default=[128])
    a.add_argument("-b", type=numbers, default=[2, 16])
    a.add_argument("-d", type=numbers, default=[2048])
    a.add_argument("-r", type=int, default=5)
    a.add_argument("--bandwidth")
    a = a.parse_args()
    rows = [(f"pp {p}", p, 0, 1, 0) for p in a.p]
    rows += [(f"tg {n}", 0, n, 1, 0) for n in a.n]
    rows += [(f"tg 32 x{b}", 0, 32, b, 0) for b in a.b]
    rows += [(f"tg 32 @{d}", 0, 32, 1, d) for d in a.d]
    try:
        python = llama_python()
    except Missing as why:
        python = None
        print(f"arena alone, without llama.cpp: {why}", flush=True)
    weights = a.weights or own_weights(a.arena)
    for path in weights:
        print(f"\n{os.path.basename(path)}, medians of {a.r}, tokens/s")
        print("threads  row            arena  llama.cpp   ratio", flush=True)
        for t in a.t:
            peer = Peer(python, path, t)
            compare(a.arena, path, peer, t, rows, a.r)
            peer.close()
            if a.bandwidth:
                print_limit(a.bandwidth, path, t)
    if len(weights) > 1:
        write_at_once(a.arena, weights[:2], a.t)


if __name__ == "__main__":
    main()
