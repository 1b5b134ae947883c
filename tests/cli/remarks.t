#!/bin/sh
# What a weights file lacks is said before it answers: in one line, by every
# command that uses it, and not at all if there is nothing to say.
. tests/tap.sh

# A byte-level BPE without tokenizer.ggml.pre: 258 tokens, one layer of zeros.
cat >"$scratch/write.py" <<'END'
import struct, sys
U32, BOOL, STR, ARR, I32 = 4, 7, 8, 9, 5
def text(s):
    return struct.pack("<Q", len(s.encode())) + s.encode()
def value(t, v):
    if t == STR:
        return text(v)
    if t == U32:
        return struct.pack("<I", v)
    return struct.pack("<IQ", t[1], len(v)) + b"".join(
        text(x) if t[1] == STR else struct.pack("<i", x) for x in v)
shown = [b for b in range(256) if 33 <= b < 127 or 161 <= b < 173 or b > 173]
rest = [b for b in range(256) if b not in shown]
letters = [chr(b) if b in shown else chr(256 + rest.index(b)) for b in range(256)]
n = 16
keys = [("general.architecture", STR, "llama")] + [
    ("llama." + k, U32, v) for k, v in (
        ("context_length", 64), ("embedding_length", n), ("block_count", 1),
        ("feed_forward_length", n), ("attention.head_count", 2))] + [
    ("tokenizer.ggml.model", STR, "gpt2"),
    ("tokenizer.ggml.tokens", (ARR, STR), ["<|end|>"] + letters + ["12"]),
    ("tokenizer.ggml.token_type", (ARR, I32), [3] + [1] * 257),
    ("tokenizer.ggml.merges", (ARR, STR), ["1 2"])]
if len(sys.argv) > 2:
    keys.append(("tokenizer.ggml.pre", STR, sys.argv[2]))
if len(sys.argv) > 3:
    keys.append(("tokenizer.chat_template", STR, sys.argv[3]))
tensors = [("token_embd.weight", (n, 258)), ("output_norm.weight", (n,))] + [
    ("blk.0.%s.weight" % t, d) for t, d in (
        ("attn_norm", (n,)), ("ffn_norm", (n,)), ("attn_q", (n, n)),
        ("attn_k", (n, n)), ("attn_v", (n, n)), ("attn_output", (n, n)),
        ("ffn_gate", (n, n)), ("ffn_up", (n, n)), ("ffn_down", (n, n)))]
out = struct.pack("<4sIQQ", b"GGUF", 3, len(tensors), len(keys))
for name, t, v in keys:
    out += text(name) + struct.pack("<I", ARR if type(t) is tuple else t)
    out += value(t, v)
at = 0
for name, dims in tensors:
    out += text(name) + struct.pack("<I", len(dims))
    out += struct.pack("<%dQIQ" % len(dims), *dims, 0, at)
    size = 4
    for d in dims:
        size *= d
    at += size + -size % 32
open(sys.argv[1], "wb").write(out + bytes(-len(out) % 32 + at))
END
python3 "$scratch/write.py" "$scratch/silent.gguf"
python3 "$scratch/write.py" "$scratch/said.gguf" qwen2
cp tests/engine/models/llama.gguf "$scratch/plain.gguf"
cp tests/engine/models/llama.gguf "$scratch/some-instruct.gguf"

stderr_of() { # COMMAND...: what it says there; stdin is a short text
    echo "a1234 b" | "$ARENA" "$@" 2>&1 >/dev/null
}
pre="tokenizer.ggml.pre" plain="has no chat template"

like "$(stderr_of tokenize "$scratch/silent.gguf")" "silent.gguf: *$pre" \
    "tokenize says that the pre-tokenizer is missing"
like "$(stderr_of generate "$scratch/silent.gguf" --max-tokens 1)" "$pre" \
    "and generate"
printf 'a1234 b a1234 b a1234 b' >"$scratch/text"
like "$(stderr_of perplexity "$scratch/silent.gguf" "$scratch/text" --ctx 8)" \
    "$pre" "and perplexity"
is "$(stderr_of tokenize "$scratch/silent.gguf" -q)" "" "but not with -q"
is "$(stderr_of tokenize "$scratch/said.gguf")" "" \
    "nothing is said of a file that names it"

like "$(stderr_of generate "$scratch/some-instruct.gguf" --max-tokens 1)" \
    "$plain" "an instruct model without a template is told of"
is "$(stderr_of generate "$scratch/plain.gguf" --max-tokens 1)" "" \
    "a base model is not"
is "$(stderr_of generate "$scratch/some-instruct.gguf" --max-tokens 1 \
    --template none)" "" "nor one that is to have none"
is "$(stderr_of generate "$scratch/some-instruct.gguf" --max-tokens 9 --raw)" \
    "" "nor one whose template is not asked for"

# Settings that another one switches off, or does not switch on.
like "$(stderr_of generate "$scratch/plain.gguf" --max-tokens 1 \
    --mirostat-tau 5 --top-k 3 --typical-p 0.5)" \
    '"top_k" does nothing beside "mirostat_tau"*"typical_p" does nothing' \
    "a cut beside Mirostat is told of"
is "$(stderr_of generate "$scratch/plain.gguf" --max-tokens 1 \
    --mirostat-tau 0 --top-k 3)" "" "but not if Mirostat is off"
like "$(stderr_of generate "$scratch/plain.gguf" --max-tokens 1 \
    --dry-base 2 --mirostat-eta 0.2)" \
    '"mirostat_eta" does nothing without*"dry_base" does nothing without' \
    "and so is a part of what is off"
is "$(stderr_of generate "$scratch/plain.gguf" --max-tokens 1 \
    --dry-base 2 --dry-multiplier 1 --mirostat-eta 0.2 --mirostat-tau 5)" "" \
    "but not of what is on"

cat >"$scratch/arena.json" <<END
{"models": [
    {"name": "silent", "backend": "local", "file": "$scratch/silent.gguf"},
    {"name": "tuned", "backend": "local", "file": "$scratch/some-instruct.gguf"},
    {"name": "base", "backend": "local", "file": "$scratch/plain.gguf"}]}
END
config="--config $scratch/arena.json --db $scratch/arena.db"
# shellcheck disable=SC2086
out=$("$ARENA" config check $config 2>&1)
is "$?" 0 "config check is content with such models"
like "$out" "silent: *$pre" "but tells of the pre-tokenizer"
like "$out" "tuned: *$plain" "and of the template"
unlike "$out" "base: the file" "and of nothing else"
# shellcheck disable=SC2086
out=$("$ARENA" config check $config --json)
is "$(python3 -c 'import json, sys; d = json.loads(sys.argv[1])
print(d["ok"], d["problems"], [r["model"] for r in d["remarks"]])' "$out")" \
    "True [] ['silent', 'tuned']" "as JSON, too"
# shellcheck disable=SC2086
out=$("$ARENA" models test $config)
like "$out" "$pre" "models test tells of the pre-tokenizer"
like "$out" "$plain" "and of the template"
# shellcheck disable=SC2086
out=$(echo a | "$ARENA" battle hi $config --no-input 2>&1)
like "$out" "silent: *$pre" "a battle tells of all that may be drawn"
like "$out" "tuned: *$plain" "before it begins"
# shellcheck disable=SC2086
out=$("$ARENA" compare base tuned hi $config 2>&1)
like "$out" "tuned: *$plain" "a comparison of its two models"
unlike "$out" "silent:" "and of no other"

# A template that cannot be used: the model is left out before the first battle.
python3 "$scratch/write.py" "$scratch/odd.gguf" qwen2 "{% frobnicate %}"
sed "s/silent.gguf/odd.gguf/; s/\"silent\"/\"odd\"/" "$scratch/arena.json" \
    >"$scratch/odd.json"
# shellcheck disable=SC2086
out=$(echo a | "$ARENA" battle hi --config "$scratch/odd.json" \
    --db "$scratch/odd.db" --no-input --seed 1 2>&1)
is "$?" 0 "the others fight"
like "$out" "left out: odd: *template" "a template that cannot be used is told of"

done_testing
