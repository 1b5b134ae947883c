#!/usr/bin/env python3
"""Make the tiny random models of every architecture, and what they must say.

usage: make_models.py [FOLDER]        (FOLDER: tests/engine/models beside this)

Needs the Python packages gguf, numpy and llama-cpp-python (any recent version;
it is the independent implementation that computes the expected logits, with
F32 caches and without flash attention).  The committed files are enough for
the tests: this script says where they come from and makes them again.

Every model has few enough parameters to be committed (10 to 250 kB), weights
from a fixed seed, and settings that make each peculiarity of its architecture
matter within 24 tokens: windows of 8, soft caps that bite, norms that are not
1.  NAME.gguf is the model, logits.json has for each NAME the token ids and the
logits after some of them.
"""
import json
import os
import sys

import gguf
import numpy as np

SEED = 20261124
N_VOCAB = 48
N_TOKENS = 24
POSITIONS = [0, 1, 7, 12, 23]

# One line a model: the architecture, what differs from DEFAULTS in its
# hyperparameters, and which optional parts it has.
DEFAULTS = dict(n_embd=16, n_head=2, n_kv=1, head=8, n_ff=24, n_layer=3,
                base=10000.0, eps=1e-5)
MODELS = {
    "llama": dict(arch="llama", head_weights=True),
    "llama-tied": dict(arch="llama", base=100000.0),
    "llama3-rope": dict(arch="llama", base=500000.0, rope_freqs=True),
    "llama-linear": dict(arch="llama", scaling=("linear", 4.0)),
    "llama-yarn": dict(arch="llama", scaling=("yarn", 4.0), orig_ctx=8),
    "llama-betas": dict(arch="llama", scaling=("yarn", 4.0), orig_ctx=32,
                        betas=(6.0, 0.5)),
    "llama-f16": dict(arch="llama", dtype="F16"),
    "llama-bf16": dict(arch="llama", dtype="BF16"),
    "qwen2": dict(arch="qwen2", qkv_bias=True),
    "qwen3": dict(arch="qwen3", head=12, qk_norm="head"),
    "qwen3moe": dict(arch="qwen3moe", qk_norm="head", experts=(4, 2)),
    "gemma2": dict(arch="gemma2", window=8, post_norms=True, n_layer=4,
                   soft_caps=(2.0, 3.0)),
    "gemma3": dict(arch="gemma3", window=8, post_norms=True, n_layer=7,
                   qk_norm="head", base=1000000.0),
    "gemma3-keys": dict(arch="gemma3", window=8, post_norms=True, n_layer=4,
                        qk_norm="head", pattern=3, base_local=300.0),
    "phi3": dict(arch="phi3", merged=True, head_weights=True),
    # As converters write them: without rope.scaling.type.  (A context here has
    # 256 tokens, for llama.cpp rounds up to that.)
    "phi3-long": dict(arch="phi3", merged=True, long_rope=1.25, orig_ctx=8),
    "phi3-short": dict(arch="phi3", merged=True, long_rope=1.25, orig_ctx=256,
                       rot=6),
    "smollm3": dict(arch="smollm3", n_layer=4, base=5000000.0),
    "olmo2": dict(arch="olmo2", qk_norm="full", post_norms=True,
                  pre_norms=False, head_weights=True),
    # As converters write OLMo 3: layers with a window are not stretched.
    "olmo3": dict(arch="olmo2", qk_norm="full", post_norms=True, n_layer=5,
                  pre_norms=False, head_weights=True, window=8,
                  pattern=[True, True, True, False, True],
                  scaling=("yarn", 4.0), orig_ctx=8),
    "granite": dict(arch="granite", granite=(12.0, 0.22, 0.2, 8.0)),
    "mixed-32": dict(arch="llama", n_embd=32, head=16, n_ff=32, n_layer=2,
                     types=["Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "IQ4_NL"]),
    "mixed-256": dict(arch="llama", n_embd=256, head=64, n_kv=2, n_head=4,
                      n_ff=256, n_layer=1,
                      types=["Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K",
                             "IQ4_XS", "Q4_K"]),
}


class Maker:
    """Writes one model; every tensor comes from one random sequence."""

    def __init__(self, path, name):
        self.name = name
        self.m = {**DEFAULTS, **MODELS[name]}
        self.arch = self.m["arch"]
        self.rng = np.random.default_rng([SEED, *name.encode()])
        self.w = gguf.GGUFWriter(path, self.arch)
        self.n_typed = 0

    def blocks(self, rows, cols, kind):
        """Random raw blocks of a type, with scales that keep values small."""
        block, size = gguf.GGML_QUANT_SIZES[kind]
        n = rows * cols // block
        raw = self.rng.integers(0, 256, (n, size), dtype=np.uint8)
        half = {"Q4_0": [0], "Q4_1": [0, 2], "Q5_0": [0], "Q5_1": [0, 2],
                "Q8_0": [0], "IQ4_NL": [0], "Q2_K": [80, 82], "Q3_K": [108],
                "Q4_K": [0, 2], "Q5_K": [0, 2], "Q6_K": [208], "IQ4_XS": [0]}
        scale = {"Q4_0": 0.03, "Q4_1": 0.03, "Q5_0": 0.015, "Q5_1": 0.015,
                 "Q8_0": 0.002, "IQ4_NL": 0.002, "Q2_K": 0.004, "Q3_K": 0.002,
                 "Q4_K": 0.0003, "Q5_K": 0.00015, "Q6_K": 0.00005,
                 "IQ4_XS": 0.00005}
        for i, at in enumerate(half[kind.name]):
            s = self.rng.uniform(0.5, 1.5, n) * scale[kind.name]
            if i == 1:  # the minimum of the types that have one
                s *= -7.5 if kind.name.endswith("_1") else 7.5
            raw[:, at:at + 2] = s.astype("<f2").view(np.uint8).reshape(n, 2)
        return raw.reshape(rows, -1)

    def matrix(self, name, rows, cols, scale=None, experts=0):
        types = self.m.get("types")
        if types and cols % 32 == 0 and name != "token_embd.weight":
            kind = gguf.GGMLQuantizationType[types[self.n_typed % len(types)]]
            self.n_typed += 1
            self.w.add_tensor(name, self.blocks(rows, cols, kind),
                              raw_dtype=kind)
            return
        shape = (experts, rows, cols) if experts else (rows, cols)
        v = self.rng.normal(0, scale or 1 / np.sqrt(cols), shape)
        v = v.astype(np.float32)
        if self.m.get("dtype") == "F16":
            v = v.astype(np.float16)
        if self.m.get("dtype") == "BF16":
            kind = gguf.GGMLQuantizationType.BF16
            self.w.add_tensor(name, gguf.quants.quantize(v, kind),
                              raw_dtype=kind)
            return
        self.w.add_tensor(name, v)

    def vector(self, name, n, mean):
        v = self.rng.normal(mean, 0.3, n).astype(np.float32)
        self.w.add_tensor(name, v)

    def hyperparameters(self):
        m, w = self.m, self.w
        w.add_context_length(64)
        w.add_embedding_length(m["n_embd"])
        w.add_block_count(m["n_layer"])
        w.add_feed_forward_length(m["n_ff"])
        w.add_head_count(m["n_head"])
        w.add_head_count_kv(m["n_kv"])
        w.add_key_length(m["head"])
        w.add_value_length(m["head"])
        w.add_rope_dimension_count(m.get("rot", m["head"]))
        w.add_layer_norm_rms_eps(m["eps"])
        w.add_rope_freq_base(m["base"])
        w.add_vocab_size(N_VOCAB)
        if "window" in m:
            w.add_sliding_window(m["window"])
        if "pattern" in m:
            w.add_sliding_window_pattern(m["pattern"])
        if "base_local" in m:
            w.add_float32(f"{self.arch}.rope.freq_base_swa", m["base_local"])
        if "betas" in m:
            w.add_rope_scaling_yarn_beta_fast(m["betas"][0])
            w.add_rope_scaling_yarn_beta_slow(m["betas"][1])
        if "soft_caps" in m:
            w.add_attn_logit_softcapping(m["soft_caps"][0])
            w.add_final_logit_softcapping(m["soft_caps"][1])
        if "scaling" in m:
            w.add_rope_scaling_type(gguf.RopeScalingType(m["scaling"][0]))
            w.add_rope_scaling_factor(m["scaling"][1])
        if "orig_ctx" in m:
            w.add_rope_scaling_orig_ctx_len(m["orig_ctx"])
        if "long_rope" in m:
            w.add_rope_scaling_attn_factors(m["long_rope"])
        if "experts" in m:
            w.add_expert_count(m["experts"][0])
            w.add_expert_used_count(m["experts"][1])
            w.add_expert_feed_forward_length(m["n_ff"])
        if "granite" in m:
            embedding, residual, attention, logits = m["granite"]
            w.add_embedding_scale(embedding)
            w.add_residual_scale(residual)
            w.add_attention_scale(attention)
            w.add_logit_scale(logits)

    def vocabulary(self):
        names = ["<unk>", "<s>", "</s>", "\u2581"]
        names += [chr(ord("a") + i) for i in range(26)]
        names += ["\u2581" + chr(ord("a") + i) for i in range(18)]
        kinds = [2, 3, 3] + [1] * (N_VOCAB - 3)
        self.w.add_tokenizer_model("llama")
        self.w.add_tokenizer_pre("default")
        self.w.add_token_list([n.encode() for n in names])
        self.w.add_token_scores([-float(i) for i in range(N_VOCAB)])
        self.w.add_token_types(kinds)
        self.w.add_bos_token_id(1)
        self.w.add_eos_token_id(2)
        self.w.add_unk_token_id(0)

    def attention(self, b):
        m = self.m
        n, q, kv = m["n_embd"], m["n_head"] * m["head"], m["n_kv"] * m["head"]
        if m.get("merged"):
            self.matrix(b + "attn_qkv.weight", q + 2 * kv, n)
        else:
            for part, rows in (("q", q), ("k", kv), ("v", kv)):
                self.matrix(b + f"attn_{part}.weight", rows, n)
                if m.get("qkv_bias"):
                    self.vector(b + f"attn_{part}.bias", rows, 0)
        if m.get("qk_norm"):
            full = m["qk_norm"] == "full"
            self.vector(b + "attn_q_norm.weight", q if full else m["head"], 1)
            self.vector(b + "attn_k_norm.weight", kv if full else m["head"], 1)
        self.matrix(b + "attn_output.weight", n, q)

    def feed_forward(self, b):
        m = self.m
        n, f = m["n_embd"], m["n_ff"]
        if "experts" in m:
            e = m["experts"][0]
            self.matrix(b + "ffn_gate_inp.weight", e, n)
            for part, rows, cols in (("gate", f, n), ("up", f, n),
                                     ("down", n, f)):
                self.matrix(b + f"ffn_{part}_exps.weight", rows, cols,
                            experts=e)
            return
        if m.get("merged"):
            self.matrix(b + "ffn_up.weight", 2 * f, n)
        else:
            self.matrix(b + "ffn_gate.weight", f, n)
            self.matrix(b + "ffn_up.weight", f, n)
        self.matrix(b + "ffn_down.weight", n, f)

    def write(self):
        m, n = self.m, self.m["n_embd"]
        self.w.add_name("random")  # some readers act on known names
        self.hyperparameters()
        self.vocabulary()
        self.matrix("token_embd.weight", N_VOCAB, n, scale=1.0)
        if "rope_freqs" in m:
            v = np.array([1, 2, 4, 8], np.float32)[:m["head"] // 2]
            self.w.add_tensor("rope_freqs.weight", v)
        if "long_rope" in m:
            for name in ("long", "short"):
                v = self.rng.uniform(1, 6, m.get("rot", m["head"]) // 2)
                self.w.add_tensor(f"rope_factors_{name}.weight",
                                  v.astype(np.float32))
        for i in range(m["n_layer"]):
            b = f"blk.{i}."
            if m.get("pre_norms", True):
                self.vector(b + "attn_norm.weight", n, 1)
            self.attention(b)
            if m.get("post_norms"):
                self.vector(b + "post_attention_norm.weight", n, 1)
            if m.get("pre_norms", True):
                self.vector(b + "ffn_norm.weight", n, 1)
            self.feed_forward(b)
            if m.get("post_norms"):
                self.vector(b + "post_ffw_norm.weight", n, 1)
        self.vector("output_norm.weight", n, 1)
        if m.get("head_weights"):
            self.matrix("output.weight", N_VOCAB, n)
        self.w.write_header_to_file()
        self.w.write_kv_data_to_file()
        self.w.write_tensors_to_file()
        self.w.close()


def expand(path):
    """The same model with every matrix as F32: quantization is no excuse."""
    r = gguf.GGUFReader(path)
    out = path + ".f32"
    w = gguf.GGUFWriter(out, r.fields["general.architecture"].contents())
    for f in r.fields.values():
        if f.name.startswith("GGUF.") or f.name == "general.architecture":
            continue
        kind = f.types[0]
        sub = f.types[-1] if kind == gguf.GGUFValueType.ARRAY else None
        w.add_key_value(f.name, f.contents(), kind, sub_type=sub)
    for t in r.tensors:
        v = gguf.quants.dequantize(t.data, t.tensor_type)
        w.add_tensor(t.name, np.asarray(v, np.float32))
    w.write_header_to_file()
    w.write_kv_data_to_file()
    w.write_tensors_to_file()
    w.close()
    return out


def expected(path, ids, betas):
    import llama_cpp
    # llama.cpp reads these keys with some architectures only.
    fast, slow = betas
    model = llama_cpp.Llama(path, n_ctx=64, n_batch=64, logits_all=True,
                            verbose=False, type_k=0, type_v=0,
                            flash_attn=False, n_threads=1,
                            yarn_beta_fast=fast, yarn_beta_slow=slow)
    model.eval(ids)
    logits = model.scores[:len(ids)].astype(np.float64)
    return {str(p): [float(f"{x:.7g}") for x in logits[p]] for p in POSITIONS}


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    folder = sys.argv[1] if len(sys.argv) > 1 else os.path.join(here, "models")
    os.makedirs(folder, exist_ok=True)
    ids = [1] + [int(x) for x in
                 np.random.default_rng(SEED).integers(3, N_VOCAB,
                                                      N_TOKENS - 1)]
    out = {"source": "tests/engine/make_models.py; logits by llama.cpp with "
                     "F32 caches on the weights expanded to F32",
           "ids": ids, "models": {}}
    for name in MODELS:
        path = os.path.join(folder, name + ".gguf")
        Maker(path, name).write()
        plain = expand(path)
        out["models"][name] = expected(plain, ids,
                                        MODELS[name].get("betas", (32, 1)))
        os.remove(plain)
        print(name, os.path.getsize(path))
    with open(os.path.join(folder, "logits.json"), "w") as f:
        rows = ",\n".join(f" {json.dumps(k)}: {json.dumps(v)}"
                          for k, v in out["models"].items())
        f.write('{"source": %s,\n"ids": %s,\n"models": {\n%s\n}}\n' % (
            json.dumps(out["source"]), json.dumps(out["ids"]), rows))


main()
