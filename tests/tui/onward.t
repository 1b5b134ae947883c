#!/bin/sh
# After the vote the conversation goes on, by name and not rated.
. tests/tap.sh
. tests/tui/tmux.sh

tui_start 80 24
tui_wait "Your prompt"
tui_keys "hello" Enter
tui_wait "blind, your vote"
tui_first_vote a
tui_wait "You chose A. Saved." "the vote is stored"
tui_wait "i go on" "the footer says that one can go on"
tui_keys i
tui_wait "to both, by name, not rated" "i opens the editor"
tui_wait "zorblax9" "the names stay"
tui_keys "more, please" Enter
tui_wait "compared, not rated" "what follows is not rated"
tui_wait "turn 2" "and goes on from what was said"
tui_wait "Enter next" "both have answered"
golden onward "the conversation by name"
tui_keys b
tui_wait "there is no vote" "a vote's key says why it does nothing"
tui_keys @
tui_wait "No command line does the same." \
    "@ does not give the last question as all of it"
tui_keys i "and again" Enter
tui_wait "turn 3" "it goes on as long as one likes"
tui_wait "Enter next" "answered again"
tui_size 40 12
tui_wait "and again"
golden onward-small "the same in a small window"
tui_size 80 24
tui_keys i "hang on" Enter
tui_wait "no further"
tui_keys s
tui_wait "there is no vote; q leaves" "while it answers nothing is skipped"
tui_keys q
tui_wait "Answers are still coming: q once more" "q asks"
tui_keys z
tui_wait "Enter next" "z stops it"
tui_keys Enter
tui_wait "Lately" "Enter goes on to a new battle"
tui_keys C-c
tui_wait_end 130 "^C"

# History has both; ratings and exports have the vote alone.
is "$("$ARENA" --db "$db" history --json | grep -c '"battle"')" 2 \
    "two battles are stored"
is "$("$ARENA" --db "$db" leaderboard --json |
    sed 's/.*"n_votes":\([0-9]*\).*/\1/')" 1 "one vote counts"
show=$("$ARENA" --db "$db" show 2)
like "$show" "more, please" "the second shows what was said after"
like "$show" "hello" "and before"
like "$show" "said before the names were known" "marked as such"
is "$("$ARENA" --db "$db" export lmarena | grep -c conversation_a)" 1 \
    "an export of votes has one"
"$ARENA" --db "$db" export jsonl >"$scratch/out1"
"$ARENA" --db "$scratch/other.db" import jsonl "$scratch/out1" >/dev/null
"$ARENA" --db "$scratch/other.db" export jsonl >"$scratch/out2"
ok "our own form carries all of it" cmp "$scratch/out1" "$scratch/out2"
ok "the sums are right" "$ARENA" --db "$db" db check

# Of a run whose models are not configured any more.
db=$scratch/run.db
echo hello >"$scratch/p.txt"
"$ARENA" --config "$scratch/arena.json" --db "$db" eval --run r -q \
    --models zorblax9,quuxify3 "$scratch/p.txt"
sed 's/zorblax9/renamed/' "$scratch/arena.json" >"$scratch/new.json"
mv "$scratch/new.json" "$scratch/arena.json"
tui_start 80 24 vote r
tui_wait "blind, your vote"
tui_first_vote a
tui_wait "You chose A. Saved."
tui_keys i
tui_wait 'no model "zorblax9"' "nothing is written that cannot be asked"
unlike "$(tui_screen)" "Further question" "the editor stays shut"

done_testing
