#!/bin/sh
# arena battle, compare and vote, line by line.
. tests/tap.sh

cp tests/tui/arena.json tests/tui/replay.json "$scratch"
arena() {
    "$ARENA" --config "$scratch/arena.json" --db "$scratch/arena.db" "$@"
}

# The prompt is the first line of stdin, the vote the second.
out=$(printf 'why sorted?\na\n' | arena battle 2>"$scratch/err")
is "$?" 0 "a battle with prompt and vote on stdin"
like "$out" "> why sorted?" "shows the prompt"
like "$out" "--- A ---" "and A"
like "$out" "--- B ---" "and B"
like "$out" "You chose A" "and the verdict"
like "$out" "1000.0 → 1008.0" "and what it changed"
like "$out" "zorblax9" "and the names"
is "$(cat "$scratch/err")" "" "and has no messages"
before=${out%%You chose*}
unlike "$before" "zorblax9" "no name stands before the vote"
unlike "$before" "quuxify3" "neither of them"

# Every word of a vote, and the prompt as an operand.
for word in a b t tie = 1 2 x bad 0 A; do
    ok "\"$word\" is a vote" sh -c "echo $word |
        '$ARENA' --config '$scratch/arena.json' --db '$scratch/w.db' battle hi"
done
out=$(echo s | arena battle "a prompt")
is "$?" 0 "s skips"
like "$out" "Skipped: stored, not rated." "and says so"

# Why, behind the vote; a prompt in the place of a vote is none.
why() { # A database of its own
    "$ARENA" --config "$scratch/arena.json" --db "$scratch/why.db" "$@"
}
printf 'b #clear, too short; it stops\351 half way\n' |
    why battle "why?" >/dev/null
is "$?" 0 "tags and a comment may stand behind the vote"
like "$(why show 1)" "clear, too short; it stops* half way" "which show tells"
ok "as JSON that is JSON" sh -c "'$ARENA' --config '$scratch/arena.json' \
    --db '$scratch/why.db' show --json 1 | python3 -m json.tool"
echo 's #bad prompt' | why battle "why not?" >/dev/null
like "$(why show 2)" "bad prompt" "and behind a skip"
echo 'a better prompt' | why battle "which?" >/dev/null 2>&1
is "$?" 2 "a vote with other words behind it is none"

# No vote, or none that can be understood, loses nothing.
arena battle "and then?" >"$scratch/out" 2>"$scratch/err" </dev/null
is "$?" 1 "without a vote it fails"
like "$(cat "$scratch/err")" "no vote came; battle 3 is kept" "and says why"
echo maybe | arena battle "and then?" >/dev/null 2>"$scratch/err"
is "$?" 2 "a word that is no vote is an error of usage"
like "$(cat "$scratch/err")" '"maybe" is not a vote (a, b, t, x, s)' "that says so"
printf '\n' | arena battle >/dev/null 2>"$scratch/err"
is "$?" 2 "an empty prompt is refused"
printf 'a\n' | arena battle "please fail" >"$scratch/out" 2>"$scratch/err"
is "$?" 5 "a side that fails makes the battle void"
like "$(cat "$scratch/err")" "one side failed, so battle 5 is void" "it says so"
unlike "$(cat "$scratch/err" "$scratch/out")" zorblax9 "without a name"

# All of stdin as the prompt leaves the vote to a terminal; here is none.
printf 'two\nlines\n' | setsid "$ARENA" --config "$scratch/arena.json" \
    --db "$scratch/arena.db" battle - >/dev/null 2>"$scratch/err"
is "$?" 2 "- needs a terminal for the vote"
like "$(cat "$scratch/err")" "no terminal to vote on" "and says so"

# JSON: one object, with what is foreign escaped.
out=$(echo b | arena battle --json "something hostile" 2>/dev/null)
is "$?" 0 "--json"
is "$(printf '%s\n' "$out" | wc -l | tr -d ' ')" 1 "is one line"
case $out in '{"battle":'*'}') ok "of JSON" true ;; *) ok "of JSON" false ;; esac
like "$out" '"verdict":"b"' "with the verdict"
ok "without a raw control or bidi byte" sh -c '! printf "%s" "$1" |
    LC_ALL=C grep -qP "[\x01-\x09\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80\xae"' \
    - "$out"
out=$(echo b | arena battle "something hostile")
ok "nor has the text" sh -c '! printf "%s" "$1" |
    LC_ALL=C grep -qP "[\x01-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80\xae"' \
    - "$out"

# A full disk, or nobody who reads, is noticed.
echo b | arena battle hi >/dev/full 2>"$scratch/err"
is "$?" 1 "output that cannot be written is a failure"
like "$(cat "$scratch/err")" "cannot write to stdout" "that says so"

# Models begin with blank lines; they are kept, and not shown.
out=$(echo a | arena battle "blank lines")
like "$out" "--- A ---
  indented

--- B ---
  indented
" "blank lines at the begin of an answer are not shown"
like "$(arena show 9 --json)" '"text":"\\n \\n\\n  indented"' "but stored"

# By name, never rated.
out=$(arena compare zorblax9 quuxify3 "why sorted?")
is "$?" 0 "compare"
like "$out" "--- A zorblax9 ---" "names A"
like "$out" "--- B quuxify3 ---" "and B"
arena compare zorblax9 quuxify "why?" 2>"$scratch/err"
is "$?" 2 "a model that is not there"
like "$(cat "$scratch/err")" 'did you mean "quuxify3"?' "is guessed"
arena compare zorblax9 zorblax9 "why?" 2>"$scratch/err"
is "$?" 2 "a model does not meet itself"

# Who cannot be asked is left out, and it is said once.
cat >"$scratch/lame.json" <<'END'
{ "models": [
    { "name": "zorblax9", "backend": "replay", "script": "replay.json" },
    { "name": "gone", "backend": "local", "file": "gone.gguf" },
    { "name": "quuxify3", "backend": "replay", "script": "replay.json" },
    { "name": "locked", "backend": "openai", "id": "m", "key_env": "NO_KEY",
      "base_url": "http://127.0.0.1:9/v1" } ] }
END
lame() {
    echo a | "$ARENA" --config "$scratch/lame.json" --db "$scratch/lame.db" "$@"
}
unset NO_KEY
for i in 1 2 3 4 5 6; do
    ok "battle $i is fought" lame battle "why?"
done
unlike "$(lame history)" gone "by those that can be asked"
unlike "$(lame history)" void "and none is void"
lame battle "why?" 2>"$scratch/err" >/dev/null
is "$(wc -l <"$scratch/err" | tr -d ' ')" 2 "a line for each of the others"
like "$(cat "$scratch/err")" "left out: gone: no weights file*arena models pull" \
    "names the file and what to do"
like "$(cat "$scratch/err")" "left out: locked: *NO_KEY" "or the key"
out=$(lame compare zorblax9 gone "why?" 2>&1)
is "$?" 5 "by name it cannot be asked either"
like "$out" "gone*no weights file" "and it is said why"
sed -i 's/replay.json/none.json/' "$scratch/lame.json"
out=$(lame battle "why?" 2>&1)
is "$?" 3 "with fewer than two left there is no battle"
like "$out" "0 of 4 models can be asked*zorblax9*none.json*3 more*config check" \
    "and it is said why"

# Without a config: exit 3 and what to do.
"$ARENA" --db "$scratch/none.db" battle hi </dev/null 2>"$scratch/err"
is "$?" 3 "without a config"
like "$(cat "$scratch/err")" "arena config init" "it says what to do"

done_testing
