#!/bin/sh
# "kv": keys and values of local models in 8 bits, a player of its own.
. tests/tap.sh

model=tests/engine/models/llama.gguf
text='a cab can be a bad idea for a dad in the end of the day'
cat >"$scratch/arena.json" <<END
{"models": [
  {"name": "half", "backend": "local", "file": "$PWD/$model"},
  {"name": "byte", "backend": "local", "file": "$PWD/$model", "kv": "q8"}]}
END

# probabilities MODEL [OPTIONS]: of all tokens along the text.
probabilities() {
    "$ARENA" --config "$scratch/arena.json" generate "$@" --raw --json \
        --temp 0 --seed 1 --max-tokens 1 --logprobs 3 --echo "$text" |
        sed 's/.*"logprobs"//'
}

half=$(probabilities half)
byte=$(probabilities byte)
like "$half" '"logprob": -' "probabilities are told"
is "$(probabilities "$model")" "$half" "of a file as of a model of it"
is "$(probabilities half --kv f16)" "$half" "halves are what it is by default"
is "$(probabilities half --kv q8)" "$byte" "the option does as the setting"
unlike "$half" "$byte" "bytes are not halves"

out=$("$ARENA" --config "$scratch/arena.json" --db "$scratch/arena.db" \
    models)
like "$out" 'kv "q8"' "arena models names it"

out=$("$ARENA" generate "$model" --kv q4 hi 2>&1)
is "$?" 2 "another word is refused"
like "$out" "q8" "with those that there are"
echo '{"models": [{"name": "m", "backend": "local", "file": "a.gguf",
    "kv": "q4"}]}' >"$scratch/wrong.json"
out=$("$ARENA" --config "$scratch/wrong.json" config check 2>&1)
is "$?" 3 "in the config, too"
like "$out" "kv" "which is named"
like "$out" "q8" "with the words"
echo '{"models": [{"name": "m", "backend": "openai", "id": "x",
    "kv": "q8"}]}' >"$scratch/remote.json"
out=$("$ARENA" --config "$scratch/remote.json" config check 2>&1)
is "$?" 3 "no setting of remote models"
like "$out" "kv" "says so"
done_testing
