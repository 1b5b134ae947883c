"""llama.cpp, or ik_llama.cpp, as a process that engine_peers.py drives.

usage: peer_llama.py PACKAGE WEIGHTS THREADS

PACKAGE is llama_cpp or ik_llama_cpp.  Says "ready", then reads lines
"n_prompt n_gen n_batch depth" and answers each with tokens/s.
"""
import ctypes
import importlib
import sys
import time


def load(package):
    """The functions of the library, by their names in C."""
    if package == "ik_llama_cpp":
        return importlib.import_module("ik_llama_cpp._ctypes_api")
    c = importlib.import_module(package)
    quiet = c.llama_log_callback(lambda *_: None)
    c.llama_log_set(quiet, ctypes.c_void_p(0))
    c.kept = quiet
    return c


def clear(c, ctx):
    if hasattr(c, "llama_memory_clear"):
        c.llama_memory_clear(c.llama_get_memory(ctx), True)
    else:
        c.llama_kv_cache_clear(ctx)


class Runner:
    def __init__(self, c, path, n_threads):
        params = c.llama_model_default_params()
        self.is_ik = hasattr(params, "repack_tensors")
        if self.is_ik:
            params.repack_tensors = True  # its own advice for speed: -rtr 1
        self.c = c
        self.n_threads = n_threads
        self.model = c.llama_model_load_from_file(path.encode(), params)
        if not self.model:
            raise RuntimeError(f"cannot load {path}")
        vocab = c.llama_model_get_vocab(self.model)
        self.n_vocab = c.llama_vocab_n_tokens(vocab)

    def decode(self, ctx, batch, tokens, wanted):
        """tokens: (id, position, sequence); wanted: logits of which."""
        batch.n_tokens = len(tokens)
        for i, (token, position, sequence) in enumerate(tokens):
            batch.token[i] = token
            batch.pos[i] = position
            batch.n_seq_id[i] = 1
            batch.seq_id[i][0] = sequence
            batch.logits[i] = wanted(i)
        if self.c.llama_decode(ctx, batch) != 0:
            raise RuntimeError("llama_decode failed")

    def read(self, ctx, batch, n, at):
        for first in range(0, n, 512):
            chunk = range(first, min(n, first + 512))
            self.decode(ctx, batch, [((7 * k + 3) % self.n_vocab, at + k, 0)
                                     for k in chunk],
                        lambda i: i == len(chunk) - 1)
        return at + n

    def measure(self, n_prompt, n_gen, n_batch, depth):
        c = self.c
        p = c.llama_context_default_params()
        p.n_ctx = (n_prompt + n_gen + depth + 8) * n_batch
        if self.is_ik and n_batch > 1:
            p.flash_attn = False  # asserts "S > 0" with several sequences
        p.n_batch = p.n_ubatch = 512
        p.n_seq_max = n_batch
        p.n_threads = p.n_threads_batch = self.n_threads
        ctx = c.llama_init_from_model(self.model, p)
        batch = c.llama_batch_init(512, 0, n_batch)
        self.decode(ctx, batch, [(1, 0, 0)], lambda i: True)  # warm up
        clear(c, ctx)
        at = self.read(ctx, batch, depth, 0)
        began = time.perf_counter()
        at = self.read(ctx, batch, n_prompt, at)
        for k in range(n_gen):
            self.decode(ctx, batch,
                        [((11 * k + 5 + s) % self.n_vocab, at + k, s)
                         for s in range(n_batch)], lambda i: True)
        if hasattr(c, "llama_synchronize"):
            c.llama_synchronize(ctx)
        spent = time.perf_counter() - began
        c.llama_batch_free(batch)
        c.llama_free(ctx)
        return (n_prompt + n_gen * n_batch) / spent


def main():
    c = load(sys.argv[1])
    c.llama_backend_init()
    runner = Runner(c, sys.argv[2], int(sys.argv[3]))
    print("ready", flush=True)
    for line in sys.stdin:
        print(runner.measure(*map(int, line.split())), flush=True)


if __name__ == "__main__":
    main()
