#!/bin/sh
# --json: every verb gives JSON, or refuses the flag; there is no third way.
. tests/tap.sh

cp tests/tui/arena.json tests/tui/replay.json "$scratch"
config="$scratch/arena.json"
model=tests/engine/models/llama.gguf
arena() {
    "$ARENA" --config "$config" --db "$scratch/arena.db" "$@"
}
echo "why?" >"$scratch/prompts.txt"
echo a | arena battle "why?" >"$scratch/out"
arena eval "$scratch/prompts.txt" --run first >"$scratch/out" 2>&1
printf 'model_a,model_b,winner\nx,y,model_a\ny,x,model_a\n' \
    >"$scratch/votes.csv"
head -c 600 tests/tap.sh >"$scratch/text"

is_json() { # FILE: one value, or one on each line
    python3 -c '
import json, sys
text = open(sys.argv[1]).read()
try:
    json.loads(text)
except ValueError:
    [json.loads(line) for line in text.splitlines()] or sys.exit("nothing")' \
        "$1"
}

gives() { # STDIN ARGUMENTS...: JSON on stdout, and no failure
    printf '%b' "$1" >"$scratch/in"
    shift
    arena "$@" --json <"$scratch/in" >"$scratch/out" 2>"$scratch/err"
    status=$?
    ok "$* --json" test "$status" = 0
    ok "$* --json is JSON" is_json "$scratch/out"
    seen="$seen $1"
}

refuses() { # ARGUMENTS...
    arena "$@" --json </dev/null >"$scratch/out" 2>"$scratch/err"
    is "$?" 2 "$* --json is refused"
    like "$(cat "$scratch/err")" "leave --json out" "$*: and it is said why"
    ok "$*: with nothing on stdout" test ! -s "$scratch/out"
    seen="$seen $1"
}

seen=
refuses tui
refuses completion bash
refuses help
refuses config edit
gives 'a\n' battle "why?"
gives '' compare zorblax9 quuxify3 "why?"
gives 'b\n' vote first
gives '' leaderboard
gives '' rate "$scratch/votes.csv"
gives '' eval "$scratch/prompts.txt" --run first
printf 'prompt,answer\nWhy,So\n' >"$scratch/answers.csv"
gives '' answers "$scratch/answers.csv" --model elsewhere
refuses export csv
arena export csv >"$scratch/table.csv" 2>"$scratch/err"
gives '' import csv "$scratch/table.csv"
gives '' history
gives '' show 1
gives '' undo
gives '' voters
gives '' record zorblax9 quuxify3 a
for i in 1 2 3 4 5 6 7 8; do # so that it is settled, with status 0
    arena record zorblax9 quuxify3 a >"$scratch/out"
done
gives '' settle zorblax9 quuxify3 --risk 45%
gives '' models
gives '' models add third backend=replay script=replay.json
gives '' models test third
gives '' models remove third
echo '{"answers":[{"text":"[[A]]"}]}' >"$scratch/judge.json"
arena models add referee backend=replay script=judge.json >"$scratch/out"
gives '' judge first --judge referee
arena loop "$scratch/prompts.txt" --judge referee --run spin \
    --models zorblax9,quuxify3 --json >"$scratch/out" 2>"$scratch/err"
is "$?" 6 "a loop whose judge sees no difference settles nothing"
ok "loop --json is JSON" is_json "$scratch/out"
seen="$seen loop"
gives '' models pull
gives '' generate $model hi --max-tokens 2
gives 'hi\n' tokenize $model
refuses tokenize $model --decode
gives '6869\n' tokenize $model --hex
gives '' perplexity $model "$scratch/text" --ctx 32
gives '' diff $model $model "$scratch/prompts.txt" --max-tokens 2
gives '' bench $model -p 8 -n 4 -r 1
gives '' config path
gives '' config show
gives '' config check
gives '' config schema
gives '' db path
gives '' db check
gives '' db backup "$scratch/copy.db"
gives '' db rebuild
gives '' doctor
gives '' version

# The demo has a config and a database of its own.
printf 'a\nb\n' | "$ARENA" demo --json >"$scratch/out" 2>"$scratch/err"
ok "demo --json is JSON" is_json "$scratch/out"

# A mistake in the config is what `config check` was asked for.
echo '{ "pcae": 1 }' >"$config"
arena config check --json >"$scratch/out" 2>"$scratch/err"
is "$?" 3 "config check --json of a config with a mistake"
ok "is JSON as well" is_json "$scratch/out"
like "$(cat "$scratch/out")" '{"problems":[{"problem":*pcae*"ok":false}' \
    "and names it"

# No verb was forgotten here.
for verb in $("$ARENA" help | sed -n 's/^  \([a-z]*\)  .*/\1/p'); do
    case "$seen demo " in
    *" $verb "*) ;;
    *) ok "$verb is looked at" false ;;
    esac
done

done_testing
