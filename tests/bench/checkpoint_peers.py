#!/usr/bin/env python3
"""Measure the engine on float checkpoints beside llama2.c's run.c.

usage: checkpoint_peers.py ARENA [RUN.C] [-n 256] [-r 5]

No package carries run.c: name the file, or set ARENA_BENCH_RUN_C.  It is
compiled into a temporary folder, at -Ofast and at -Ofast -march=native.  The
checkpoints are made here, of random numbers: one smaller than any cache, one
larger than most.  All run on one thread, in turn; medians, tokens/s.
"""
import argparse
import array
import json
import os
import random
import re
import statistics
import struct
import subprocess
import sys
import tempfile

# dim, hidden, layers, heads, kv heads, vocabulary, context
SHAPES = {"0.3 million": (64, 172, 5, 8, 4, 512, 512),
          "85 million": (768, 2048, 12, 12, 12, 512, 512)}
BUILDS = {"-Ofast": ["-Ofast"], "-Ofast native": ["-Ofast", "-march=native"]}


def write_checkpoint(path, shape):
    """Version 0; the same random block over and over is random enough."""
    dim, hidden, layers, heads, kv_heads, vocab, context = shape
    kv = dim // heads * kv_heads
    n = (vocab * dim + dim + context * (dim // heads) +
         layers * (2 * dim + 2 * dim * (dim + kv) + 3 * dim * hidden))
    rng = random.Random(1)
    block = array.array("f", (rng.gauss(0, 0.05) for _ in range(99991)))
    with open(path, "wb") as f:
        f.write(struct.pack("<7i", *shape))
        while n > 0:
            block[:n].tofile(f)
            n -= len(block)


def write_tokenizer(path, n_vocab):
    pieces = [b"<unk>", b"\n<s>\n", b"\n</s>\n"]
    pieces += [b"<0x%02X>" % i for i in range(256)]
    pieces += [b"w%d" % i for i in range(n_vocab - len(pieces))]
    with open(path, "wb") as f:
        f.write(struct.pack("<i", max(map(len, pieces))))
        for p in pieces:
            f.write(struct.pack("<fi", -1, len(p)) + p)


def ours(arena, checkpoint, tokenizer, n):
    out = subprocess.run([arena, "bench", checkpoint, "--tokenizer", tokenizer,
                          "-t", "1", "-p", "0", "-n", str(n), "-r", "1",
                          "--json"], capture_output=True, text=True, check=True)
    return json.loads(out.stdout)[0]["avg_ts"]


def theirs(run, checkpoint, tokenizer, n):
    out = subprocess.run([run, checkpoint, "-z", tokenizer, "-n", str(n)],
                         capture_output=True, text=True, check=True)
    return float(re.search(r"achieved tok/s: ([\d.]+)", out.stderr)[1])


def main():
    a = argparse.ArgumentParser()
    a.add_argument("arena")
    a.add_argument("run_c", nargs="?",
                   default=os.environ.get("ARENA_BENCH_RUN_C"))
    a.add_argument("-n", type=int, default=256)
    a.add_argument("-r", type=int, default=5)
    a = a.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        runs = {}
        if a.run_c:
            for name, flags in BUILDS.items():
                runs[name] = os.path.join(folder, f"run{len(runs)}")
                subprocess.run([os.environ.get("CC", "cc"), *flags, "-o",
                                runs[name], a.run_c, "-lm"], check=True)
        else:
            print("arena alone: no package carries llama2.c; set "
                  "ARENA_BENCH_RUN_C to its run.c")
        print("parameters   arena" +
              "".join(f"  run.c {name}   ratio" for name in runs))
        for name, shape in SHAPES.items():
            checkpoint = os.path.join(folder, "model.bin")
            tokenizer = os.path.join(folder, "tokenizer.bin")
            write_checkpoint(checkpoint, shape)
            write_tokenizer(tokenizer, shape[5])
            rows = [(ours(a.arena, checkpoint, tokenizer, a.n),
                     *(theirs(r, checkpoint, tokenizer, a.n)
                       for r in runs.values())) for _ in range(a.r)]
            line = f"{name:11} {statistics.median(r[0] for r in rows):7.0f}"
            for i, run in enumerate(runs, 1):
                line += (f"{statistics.median(r[i] for r in rows):{8 + len(run)}.0f}"
                         f"{statistics.median(r[0] / r[i] for r in rows):8.2f}")
            print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
