#!/bin/sh
# A battle of the past, shown as its answers came.
. tests/tap.sh
. tests/tui/tmux.sh

look_back() { # opens the newest battle
    tui_start 80 24
    tui_wait "Lately"
    tui_keys Escape H
    tui_wait "1 of "
    tui_keys Enter
    tui_wait "replay" "the footer of a battle of the past has it"
}

tui_start 80 24
tui_wait "Your prompt"
tui_keys "hello" Enter
tui_wait "blind, your vote"
tui_first_vote a
tui_wait "You chose A. Saved."
tui_keys Enter
tui_wait "Lately"
tui_keys C-c
tui_wait_end 130 "^C"

# The same battle, but its first words took an hour.
"$ARENA" --db "$db" export jsonl >"$scratch/one.jsonl" 2>/dev/null
like "$(cat "$scratch/one.jsonl")" '"rhythm":"' "exports tell when pieces came"
sed 's/"rhythm":"[0-9]*+/"rhythm":"3600000+/g' "$scratch/one.jsonl" \
    >"$scratch/slow.jsonl"
sed 's/"rhythm":"[^"]*",*//g; s/,}/}/g' "$scratch/one.jsonl" \
    >"$scratch/none.jsonl"
for name in slow none; do
    ok "the $name one" "$ARENA" --db "$scratch/$name.db" import jsonl \
        "$scratch/$name.jsonl"
done

# At the pace of the test's models it is over in no time.
look_back
tui_keys r
tui_wait "Esc back" "a replay ends"
golden again "the battle afterwards"

db=$scratch/slow.db
tui_keys C-c
tui_wait_end 130 "^C"
look_back
tui_keys r
tui_wait "z to the end" "r begins anew"
golden again-waiting "what has come of a slow one"
tui_keys p
tui_wait "p: does nothing here" "how sure it was is told at the end"
tui_keys z
tui_wait "Esc back" "z goes to the end"
golden again "all of it is there"
tui_keys r
tui_wait "z to the end"
tui_keys Escape
tui_wait "Esc back" "Esc ends the replay alone"
tui_keys C-c
tui_wait_end 130 "^C"

db=$scratch/none.db
look_back
tui_keys r
tui_wait "was not recorded" "of others it is said that nobody knows"
tui_keys C-c
tui_wait_end 130 "^C"

# Before the vote a pace would tell.
db=$scratch/blind.db
tui_start 80 24
tui_wait "Your prompt"
tui_keys "hello" Enter
tui_wait "blind, your vote"
tui_keys q q
tui_wait "Your prompt"
tui_keys C-c
tui_wait_end 130 "^C"
look_back
tui_keys r
tui_wait "Not before its vote" "a blind battle is not replayed"
tui_keys C-c
tui_wait_end 130 "^C"

done_testing
