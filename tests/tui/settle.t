#!/bin/sh
# `arena settle --play` on the full screen: blind votes until it is settled.
. tests/tap.sh
. tests/tui/tmux.sh

for n in 1 2 3 4 5 6 7 8 9; do
    echo "Prompt number $n."
done >"$scratch/nine.txt"
cat >"$scratch/arena.json" <<'END'
{ "models": [
  { "name": "zorblax9", "backend": "replay", "id": "one", "script": "s.json" },
  { "name": "quuxify3", "backend": "replay", "id": "two", "script": "s.json" },
  { "name": "third", "backend": "replay", "id": "three", "script": "s.json" }
] }
END
echo '{ "answers": [ { "text": "Words." } ] }' >"$scratch/s.json"

tui_start 100 24 "settle zorblax9 quuxify3 --margin 400 --play '$scratch/nine.txt'"
tui_wait "Prompt number 1." "the first prompt is asked at once"
tui_wait "blind, your vote"
unlike "$(tui_screen)" zorblax9 "and blind, though the two are known"
tui_first_vote t
tui_wait "votes to go" "after the vote it says how many are to go"
n=1
while tui_shows "to go"; do
    n=$((n + 1))
    tui_keys Enter
    tui_wait "Prompt number $n."
    tui_wait "blind, your vote"
    tui_keys t
    tui_wait "You called it a tie"
done
tui_wait "settled: " "until it is settled"
tui_wait "zorblax9 is practically equal to quuxify3. Enter ends." "how it is"
tui_keys u
tui_wait "Withdrawn." "a vote may be taken back"
tui_keys t
tui_wait "names were seen" "its new one does not count"
tui_keys Enter
n=$((n + 1))
tui_wait "Prompt number $n." "so it goes on"
tui_wait "blind, your vote"
tui_keys t
tui_wait "Enter ends."
tui_keys Enter
tui_wait "0 lost, $((n - 1)) tied" "the verdict stands there at the end"
until_true "$tui_limit" test -s "$scratch/status"
is "$(cat "$scratch/status")" 11 "and is the exit status"

# The battles of a run: what says the same on both sides needs no key.
db=$scratch/run.db
ok "a run of equal answers" "$ARENA" --config "$scratch/arena.json" --db "$db" \
    eval --run r -q --models zorblax9,quuxify3 "$scratch/nine.txt"
tui_start 100 24 "settle zorblax9 quuxify3 --margin 400 --vote r"
tui_wait "Enter ends." "ties settle it without a key"
like "$(tui_screen)" "zorblax9 is practically equal to quuxify3" "how it is"
tui_keys Enter
tui_wait "0 won, 0 lost" "the verdict stands there at the end"
unlike "$(tui_screen)" "9 tied" "and the rest was left"

done_testing
