#!/usr/bin/env python3
"""Measure the in-process engine beside llama.cpp: same file, same threads, in
turn, in one run; print medians and the ratio.

usage: engine_peers.py ARENA WEIGHTS... [-t 1,2] [-p 128,512] [-n 128]
                       [-b 2,16] [-d 2048] [-r 5]

The peer comes as the package llama-cpp-python, which carries llama.cpp; it is
installed once into a folder of its own below the cache folder, outside of the
source tree (it compiles for some minutes).  ARENA_BENCH_PYTHON names another
Python that has it.

Rows:  pp N     reading a prompt of N tokens
       tg N     writing N tokens, one after the other
       tg N xB  the same for B sequences at once, all tokens counted
       tg N @D  writing N tokens after D that are there already
Both sides evaluate the same number of tokens from an empty cache and choose
none: sampling is left out on both.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import venv


def peer_python():
    given = os.environ.get("ARENA_BENCH_PYTHON")
    if given:
        return given
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    folder = os.path.join(cache, "arena", "bench", "llama")
    python = os.path.join(folder, "bin", "python")
    done = os.path.join(folder, "installed")
    if not os.path.exists(done):
        print("installing llama-cpp-python into", folder, file=sys.stderr)
        venv.create(folder, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet",
                        "llama-cpp-python"], check=True)
        open(done, "w").close()
    return python


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


def numbers(text):
    return [int(x) for x in text.split(",") if x]


def main():
    if sys.argv[1] == "--peer":
        return peer_main(sys.argv[2], int(sys.argv[3]))
    a = argparse.ArgumentParser()
    a.add_argument("arena")
    a.add_argument("weights", nargs="+")
    a.add_argument("-t", type=numbers, default=[1, 2])
    a.add_argument("-p", type=numbers, default=[128, 512])
    a.add_argument("-n", type=numbers, default=[128])
    a.add_argument("-b", type=numbers, default=[2, 16])
    a.add_argument("-d", type=numbers, default=[2048])
    a.add_argument("-r", type=int, default=5)
    a = a.parse_args()
    rows = [(f"pp {p}", p, 0, 1, 0) for p in a.p]
    rows += [(f"tg {n}", 0, n, 1, 0) for n in a.n]
    rows += [(f"tg 32 x{b}", 0, 32, b, 0) for b in a.b]
    rows += [(f"tg 32 @{d}", 0, 32, 1, d) for d in a.d]
    python = peer_python()
    for path in a.weights:
        print(f"\n{os.path.basename(path)}, medians of {a.r}, tokens/s")
        print("threads  row          arena  llama.cpp   ratio")
        for t in a.t:
            peer = subprocess.Popen([python, os.path.abspath(__file__),
                                     "--peer", path, str(t)], text=True,
                                    stdin=subprocess.PIPE,
                                    stdout=subprocess.PIPE)
            for name, *work in rows:
                us, them = [], []
                for _ in range(a.r):
                    us.append(ours(a.arena, path, t, *work))
                    print(*work, file=peer.stdin, flush=True)
                    them.append(float(peer.stdout.readline()))
                u, v = statistics.median(us), statistics.median(them)
                pairs = [x / y for x, y in zip(us, them)]
                print(f"{t:7}  {name:10} {u:8.1f} {v:10.1f} "
                      f"{statistics.median(pairs):7.2f}", flush=True)
            peer.stdin.close()
            peer.wait()


if __name__ == "__main__":
    main()
