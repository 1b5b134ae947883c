#!/bin/sh
# The whole way in a real terminal: write, watch, vote, learn, look back, quit.
. tests/tap.sh
. tests/tui/tmux.sh

tui_start 80 24
tui_wait "Your prompt" "it starts with the editor"
golden compose-empty "the first screen"

# Pasting is not typing: newlines neither send nor vote.
tui_paste "Why does binary search
need sorted input?
"
tui_wait "need sorted input?" "a paste arrives"
tui_wait "Your prompt" "its newlines do not send it"
tui_keys BSpace
tui_keys M-Enter "In short."
tui_wait "In short." "Alt-Enter is a new line"
golden compose-text "a prompt of three lines"

tui_keys Enter
tui_wait "blind, " "Enter sends it"
tui_wait "blind, your vote" "both answers come to their end"
unlike "$(tui_screen)" zorblax9 "no name is seen before the vote"
golden vote "the vote screen"
ok "not one byte of a name was sent" \
    sh -c "! grep -aqE 'zorblax9|quuxify3' '$raw'"
ok "nor does the process show one" sh -c "! grep -aqE 'zorblax9|quuxify3' \
    /proc/$tui_pid/comm /proc/$tui_pid/cmdline '$XDG_STATE_HOME/arena/log'"

# What is pasted here is no vote either.
tui_paste "a
"
tui_wait "What was pasted is ignored here." "a paste is no vote"
tui_keys l
tui_wait "l: the leaderboard, after the vote." "a key says when it works"
tui_keys K
tui_wait "K: does nothing here; ? shows the keys." "or that it never does"
tui_keys Enter
tui_wait "Enter: store the vote, once you have chosen one." \
    "so does the one that confirms"
tui_keys a
tui_wait "You chose A: sure?" "the first vote of all asks"
golden first-vote "the first vote"
tui_keys b
tui_wait "b: a vote waits; Enter stores it" "and takes no other meanwhile"
tui_keys Enter
tui_wait "You chose A. Saved." "a votes for A"
golden reveal "the reveal"
tui_size 120 24
tui_wait "Both rank 1: intervals overlap.  A against B so far: 1 to 0" \
    "with room it says how sure the board is"
tui_size 40 10
tui_wait_gone "A against B"
tui_wait "[A] B" "the smallest terminal shows one side at a time"
golden reveal-small "the reveal in the smallest terminal"

tui_keys l
tui_wait "Bradley-Terry" "l shows the leaderboard"
tui_wait "Model"
golden leaderboard-small "the leaderboard in the smallest terminal"
tui_size 80 24
tui_wait "Votes"
golden leaderboard "the leaderboard"
tui_keys m
tui_wait "running Elo  1 vote" "m shows the running Elo"
tui_keys Escape
tui_wait "You chose A. Saved." "Esc goes back"

tui_keys o
tui_wait "(thinking)" "o shows the thinking, after the vote"
tui_keys o
tui_wait_gone "(thinking)"

tui_keys u
tui_wait "Withdrawn. A new vote is no longer blind" "u withdraws the vote"
tui_wait "names seen, your vote" "and the head does not call it blind"
tui_keys b
tui_wait "Saved. The names were seen: not rated." "one may vote again"
unlike "$(tui_screen)" "→" "but that is not rated"
tui_keys a
tui_wait "a: this battle has its vote; u withdraws it." "one vote a battle"

tui_keys '?'
tui_wait "what the keys do now" "? helps"
golden help-reveal "the help at the reveal"
tui_size 40 12
tui_wait_gone "withdraw this vote"
golden help-narrow "in a narrow terminal what keys do stays in its column"
tui_size 80 24
tui_wait "withdraw this vote"
tui_keys q
tui_wait "You chose B" "q leaves the help"

tui_keys Enter
tui_wait "Lately" "Enter goes on to the next prompt"
tui_wait "seen: " "which shows what was lately"

# An earlier prompt comes back with Up.
tui_keys Up
tui_wait "In short." "Up brings an earlier prompt"
tui_keys C-u BSpace C-u BSpace C-u "and now?" Enter
tui_wait "blind, your vote" "a second battle"
tui_keys s
tui_wait "Skipped: stored, not rated." "s skips"

tui_keys Escape
tui_wait "Enter goes on writing" "Esc leaves the editor"
tui_keys H
tui_wait "1 of 2" "H shows the history"
golden history "the history"
tui_keys j Enter
tui_wait "battle 1  " "Enter opens a battle"
golden view "a battle of the past"
tui_keys Escape
tui_wait "2 of 2"
tui_keys / need Enter
tui_wait "1 of 1" "/ finds words in prompts and answers"
tui_keys / C-u "nowhere" Enter
tui_wait "Nothing has these words."
tui_keys Escape Escape
tui_wait "Your prompt" "Esc leaves the search, and the history"
tui_keys q
tui_wait_end 0 "q quits"

tui_start 80 24
tui_wait "Lately" "the second start knows the battles of the first"
tui_keys Escape q
tui_wait_end 0 "and quits"

# A battle of a run that waits for its vote, of models that name themselves.
cat >"$scratch/replay.json" <<'END'
{ "answers": [ { "model": "one", "text": "I am zorblax9, at your service." },
               { "text": "I am another, not zorblax9." } ] }
END
printf 'Who is it?\n' >"$scratch/who.txt"
ok "a run in the same database" "$ARENA" --config "$scratch/arena.json" \
    --db "$db" eval --run r "$scratch/who.txt"
tui_start 80 24
tui_wait "Lately"
tui_keys Escape H
tui_wait "1 of 3"
tui_keys Enter
tui_wait "battle 3  " "the history opens a battle that waits"
tui_wait "I am [hidden], at your service." "which is blind there too"
unlike "$(tui_screen)" zorblax9 "on both sides"
tui_keys Escape Escape Escape q
tui_wait_end 0

done_testing
