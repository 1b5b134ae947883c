#!/bin/sh
# Lets a local model answer prompts in two ways, then times it as a judge of the
# answers (judge.c).
#
# usage: judge.sh ARENA JUDGE WEIGHTS N
set -eu
arena=$1 judge=$2 weights=$3 n=$4
here=$(mktemp -d)
trap 'rm -rf "$here"' EXIT
cat >"$here/arena.json" <<END
{"models": [
  {"name": "cold", "backend": "local", "file": "$weights", "temperature": 0},
  {"name": "warm", "backend": "local", "file": "$weights", "temperature": 1},
  {"name": "judge", "backend": "local", "file": "$weights"}]}
END
cat data/prompts/general.jsonl data/prompts/facts.jsonl \
    data/prompts/reversal.jsonl | grep -v '"purpose"' >"$here/prompts.jsonl"
"$arena" --config "$here/arena.json" --db "$here/arena.db" --no-input eval \
    "$here/prompts.jsonl" --models cold,warm --limit "$n" --max-tokens 200 \
    --run bench >"$here/out" 2>&1 || { cat "$here/out" >&2; exit 1; }
"$judge" "$here/arena.json" "$here/arena.db" bench judge
