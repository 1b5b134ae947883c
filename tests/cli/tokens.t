#!/bin/sh
# `arena tokenize`, `generate` and `perplexity` on tiny random weights
# (tests/engine/models), which need no config.
. tests/tap.sh

model=tests/engine/models/llama.gguf
field() { # a part of JSON, as Python writes it
    python3 -c "import json, sys; d = json.loads(sys.argv[1]); print($2)" "$1"
}

# --- tokens ------------------------------------------------------------

ids=$(printf 'a cab' | "$ARENA" tokenize $model)
is "$?" 0 "a text becomes tokens"
is "$ids" "$(echo 6120636162 | "$ARENA" tokenize $model --hex)" \
    "the same in hexadecimal"
is "$(echo "$ids" | "$ARENA" tokenize $model --decode)" 206120636162 \
    "and back, with the space that the tokenizer puts in front"
is "$(printf '61\n\n62\n' | "$ARENA" tokenize $model --hex | wc -l)" 3 \
    "a line for each line"
is "$(field "$(printf 'a</s>' | "$ARENA" tokenize $model --special)" 'd[-1]')" 2 \
    "control tokens are parsed where asked"
unlike "$(printf 'a</s>' | "$ARENA" tokenize $model)" " 2]" "and only there"
is "$(field "$(printf a | "$ARENA" tokenize $model --bos)" 'd[0]')" 1 \
    "the begin token is added where asked"

chat='[{"role": "system", "content": "a"}, {"role": "user", "content": "b"}]'
out=$(echo "$chat" | "$ARENA" tokenize $model --chat --template chatml)
is "$(field "$out" 'd["text"]')" "<|im_start|>system
a<|im_end|>
<|im_start|>user
b<|im_end|>
<|im_start|>assistant" "a conversation is written by the template"
is "$(field "$out" 'd["ids"] == d["sent"]')" True "with its ids"
out=$(echo "$chat" | "$ARENA" tokenize $model --chat --template gemma \
    --no-generation-prompt)
is "$(field "$out" 'd["text"]')" "<start_of_turn>user
a

b<end_of_turn>" "without the answer's begin"
out=$(echo "$chat" | "$ARENA" tokenize $model --chat)
is "$(field "$out" 'd["text"]')" "a

b" "weights without a template complete the plain text"
out=$(echo '[{"role": "user", "content": "</s>"}]' |
    "$ARENA" tokenize $model --chat --template zephyr)
is "$(field "$out" 'd["ids"].count(2), d["sent"].count(2)')" "2 1" \
    "what a person wrote is sent as text"

out=$(printf '[{"role": "user", "content": "a\0b"}]' |
    "$ARENA" tokenize $model --chat 2>&1)
is "$?" 1 "a zero byte in a conversation ends no text"
like "$out" "a zero byte, which no text here may hold" "but is refused"
out=$(echo 6z | "$ARENA" tokenize $model --hex 2>&1)
is "$?" 1 "what is no hexadecimal fails"
like "$out" "stdin:1" "and names the line"
out=$(echo "$chat" | "$ARENA" tokenize $model --chat --template chatmi 2>&1)
is "$?" 3 "an unknown template fails"
like "$out" "chatml" "and the known ones are named"
"$ARENA" tokenize $model --hex --chat </dev/null >/dev/null 2>&1
is "$?" 2 "two ways of reading exclude each other"
for words in "tokenize $model --template chatml" "tokenize $model --no-think" \
    "generate $model x --echo --json" "generate $model x --raw --system y" \
    "generate $model x --raw --no-think" \
    "generate $model --prompt-ids [1] --template chatml"; do
    # shellcheck disable=SC2086
    "$ARENA" $words </dev/null >/dev/null 2>&1
    is "$?" 2 "$words is refused, as a part would do nothing"
done
out=$(echo '[1, 999999]' | "$ARENA" tokenize $model --decode 2>&1)
is "$?" 2 "an id that is none is not dropped"
like "$out" "stdin:1: token 999999 is none of the model's" "but named"

# --- answers -----------------------------------------------------------

gen() {
    "$ARENA" generate $model "$@"
}
out=$(gen "a cab" --max-tokens 12 --temp 0)
is "$?" 0 "weights answer"
is "$out" "$(gen "a cab" --max-tokens 12 --temp 0 --threads 1)" \
    "the same on any number of threads"
is "$(gen "a cab" --max-tokens 12 --seed 5)" \
    "$(gen "a cab" --max-tokens 12 --seed 5 --threads 1)" "and with a seed"
unlike "$(gen "a cab" --max-tokens 30 --seed 5)" \
    "$(gen "a cab" --max-tokens 30 --seed 6)" "another seed, another answer"
is "$(echo "a cab" | gen --max-tokens 12 --temp 0)" "$out" "from stdin, too"
json=$(gen "a cab" --max-tokens 12 --temp 0 --json --logprobs 3)
is "$(field "$json" 'd["text"]')" "$out" "as JSON"
is "$(field "$json" 'len(d["ids"]), len(d["logprobs"])')" "12 12" \
    "with ids and logprobs"
is "$(field "$json" 'all(l["top"][0] == [l["id"], l["logprob"]]
    and len(l["top"]) == 3 for l in d["logprobs"])')" True \
    "of which the likeliest is taken"
is "$(field "$json" 'd["finish"], d["n_out"]')" "length 12" \
    "and how it ended"

# The same keys from a file, a local model of the config, and another backend.
echo '{"answers": [{"text": "Scripted.", "n_in": 3, "n_out": 4}]}' \
    >"$scratch/script.json"
cat >"$scratch/arena.json" <<END
{"models": [
    {"name": "own", "backend": "local", "file": "$PWD/$model"},
    {"name": "other", "backend": "replay", "script": "$scratch/script.json"}]}
END
keys='list(d), d["n_in"] > 0, d["n_out"] >= 0, d["total_ms"] >= 0'
want=$(field "$(gen a --max-tokens 4 --json)" "$keys")
for name in own other; do
    out=$("$ARENA" generate $name a --max-tokens 4 --json \
        --config "$scratch/arena.json")
    is "$(field "$out" "$keys")" "$want" "the same keys in JSON from: $name"
done
is "$(field "$out" 'd["text"], d["ids"], d["n_think"], d["n_out"]')" \
    "Scripted. None None 4" "what a backend does not tell is null"

eight() {
    gen "a cab" --max-tokens 8 --temp 0 "$@"
}
is "$(eight --logit-bias '{" e": 100}')" " e e e e e e e e" \
    "a bias by text"
is "$(eight --logit-bias '{"34": 100}')" " e e e e e e e e" "by number"
out=$(eight)
like "$out" e "without a ban the letter comes"
unlike "$(eight --logit-bias '{"e": -100, " e": -100}')" e "and with it not"

out=$(gen "a cab" --raw --max-tokens 12 --temp 0)
like "$out" "a cab" "--raw prints the prompt, too"
json=$(gen "a cab" --raw --max-tokens 12 --temp 0 --json)
is "$(field "$json" 'd["n_out"]')" $((12 - $(field "$ids" 'len(d)'))) "and counts it"
json=$(gen "" --raw --max-tokens 5 --temp 0 --json)
is "$(field "$json" 'd["n_out"]')" 5 \
    "an empty prompt is one, too"

json=$(gen --json --temp 0 --max-tokens 0 --echo --logprobs 2 \
    --prompt-ids '[1, 5, 6, 7]')
is "$(field "$json" '[l["id"] for l in d["logprobs"]]')" "[5, 6, 7]" \
    "--echo tells of all prompt tokens but the first"
one=$(gen --json --temp 0 --max-tokens 1 --logprobs 2 --prompt-ids '[1, 5]')
is "$(field "$one" 'd["logprobs"][0]["top"]')" \
    "$(field "$json" 'd["logprobs"][1]["top"]')" \
    "and the same as when they come next"

echo '{"type": ["boolean", "null"]}' >"$scratch/schema" # what letters can say
for seed in 1 2 3 4; do
    out=$(gen "x" --schema "$scratch/schema" --seed $seed)
    case $out in true | false | null) held=yes ;; *) held=$out ;; esac
    is "$held" yes "a schema holds the answer (seed $seed)"
done

# --- what is wrong -----------------------------------------------------

fails() { # STATUS PATTERN NAME COMMAND...
    status=$1 pattern=$2 name=$3
    shift 3
    out=$("$@" 2>&1 </dev/null)
    is "$?" "$status" "$name"
    like "$out" "$pattern" "$name: says so"
}
fails 2 "no model and no weights file" "a name of nothing" \
    "$ARENA" generate nothing.gguf hi
# Whatever is wrong with a weights file, it is one status.
fails 5 "is not a GGUF" "a file of something else" \
    "$ARENA" generate tests/tap.sh hi
head -c 3000 $model >"$scratch/cut.gguf"
fails 5 "the file ends" "a file that was cut" \
    "$ARENA" generate "$scratch/cut.gguf" hi
sed 's/llama/zlama/g' $model >"$scratch/arch.gguf"
fails 5 "zlama is not one that" "an unknown architecture" \
    "$ARENA" perplexity "$scratch/arch.gguf" tests/tap.sh
: >"$scratch/empty.gguf"
fails 5 "is empty" "an empty file" "$ARENA" tokenize "$scratch/empty.gguf"
fails 2 "token 4800" "ids beyond the vocabulary" \
    gen --prompt-ids '[1, 4800]'
fails 1 "token ids" "ids that are none" gen --prompt-ids '[1, "x"]'
fails 2 "exclude" "a prompt and ids" gen hi --prompt-ids '[1]'
fails 2 "no tokens" "no ids at all" gen --prompt-ids '[]'
fails 2 "empty" "an empty prompt" gen ""
fails 2 "json" "logprobs without JSON" gen hi --logprobs 2
fails 5 "context" "a prompt beyond the context" gen "a cab a cab" --ctx 4
fails 1 "schema" "a schema that is none" gen hi --schema tests/tap.sh
fails 1 "No such file" "a schema that is not there" gen hi --schema nothing
fails 3 "write it as 4 tokens" "a bias of no token" \
    gen hi --logit-bias '{" eel": 1}'
fails 3 "these weights have 48" "a bias beyond the vocabulary" \
    gen hi --logit-bias '{"4800": 1}'
fails 2 "from -100 to 100" "a bias out of range" \
    gen hi --logit-bias '{"5": 101}'
fails 2 "logit-bias:1:1" "a bias that is no JSON" gen hi --logit-bias x
fails 1 "nothing" "a text that is not there" \
    "$ARENA" perplexity $model nothing
fails 2 "smaller --ctx" "a text that is too short" \
    "$ARENA" perplexity $model tests/tap.sh --ctx 8000

# --- likelihood --------------------------------------------------------

head -c 600 tests/tap.sh >"$scratch/text"
json=$("$ARENA" perplexity $model "$scratch/text" --ctx 32 --json)
is "$(field "$json" 'd["scored_tokens"] == 31 * d["chunks"],
    d["chunks"] == d["n_text_tokens"] // 31')" "True True" \
    "perplexity scores whole chunks after a begin token"
is "$(field "$json" '1 < d["mean_nll"] < 20,
    abs(__import__("math").exp(d["mean_nll"]) - d["ppl"]) < 1e-6')" \
    "True True" "and averages over them"
like "$("$ARENA" perplexity $model "$scratch/text" --ctx 32 2>/dev/null)" \
    "perplexity" "for people, too"

done_testing
