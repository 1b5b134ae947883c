#!/bin/sh
# Why a vote or a skip was given: tags to mark, and a comment.
. tests/tap.sh
. tests/tui/tmux.sh

show() {
    "$ARENA" --config "$scratch/arena.json" --db "$db" show "$1" --json
}

tui_start 80 24
tui_wait "Your prompt"
tui_keys "Why is the sky blue?" Enter
tui_wait "blind, your vote"
tui_keys c
tui_wait "c: say why in your own words, after the vote." "c is for after it"
tui_first_vote a
tui_wait "You chose A. Saved."
tui_keys '#'
tui_wait "0 marked" "# shows tags to mark"
tui_keys clear
tui_wait "›clear" # all of it: Enter that is read with four letters is a paste
tui_wait "[ ] clear"
tui_keys Enter
tui_wait "1 marked" "Enter marks one"
tui_keys "cites a source"
tui_wait "›cites a source"
tui_wait "Enter takes this as a word of your own."
tui_keys Enter
tui_wait "2 marked" "and takes a word of one's own"
tui_keys Space
tui_wait "3 marked" "a space marks, too"
tui_wait "[x] correct"
tui_keys Space
tui_wait "2 marked" "and takes the mark away"
tui_wait "[ ] correct"
golden tags "the tags"
tui_keys Escape
tui_wait "Why: clear, cites a source" "Esc keeps them"
tui_wait "Stored: why you decided so."
tui_keys c
tui_wait "never mind" "c takes a comment"
tui_keys "More to the point, a, b and q too"
tui_wait "and q too"
golden note "the comment"
tui_paste "
"
tui_wait "and q too" "a pasted newline does not end it"
tui_keys BSpace Enter
tui_wait "clear, cites a source; More to the point" "Enter keeps it"
golden reason "the reveal with a reason"
out=$(show 1)
like "$out" '*"tags":"clear,cites a source"*' "the tags are stored"
like "$out" '*"comment":"More to the point, a, b and q too"*' "and the comment"
tui_size 40 12
tui_wait "[A] B"
golden reason-small "the reveal with a reason at 40x12"
tui_size 80 24
tui_wait "─ B  quuxify3"
tui_keys c C-u "another" Escape
tui_wait_gone "never mind"
tui_wait "; More to the point" "Esc leaves a comment as it was"
tui_keys '#' clear
tui_wait "›clear"
tui_wait "[x] clear"
tui_keys Enter
tui_wait "1 marked" "a mark can be taken away"
tui_keys Escape
tui_wait "Why: cites a source; More to the point"

tui_keys Enter
tui_wait "Lately"
tui_keys "hang" Enter
tui_wait "no further"
tui_keys S
tui_wait "S once more skips this battle" "S asks while answers come"
tui_keys S
tui_wait "skipped: why" "S skips, and asks why"
tui_wait "[ ] cites a source" "words of one's own are offered again"
tui_keys "hard to"
tui_wait "›hard to"
tui_wait_gone "bad prompt"
tui_keys Enter
tui_wait "1 marked"
tui_keys Escape
tui_wait "Lately" "then it goes on"
like "$(show 2)" '*"state":"skipped"*"tags":"hard to tell apart"*' \
    "skip and reason are stored"
tui_keys Escape
tui_wait "Enter goes on"
tui_keys H j Enter
tui_wait ": cites a source; More to the point" "the history shows why"
tui_keys q q q
tui_wait_end 0

# The last battle of a queue asks, too, before the program ends.
echo "Why is the sea blue?" >"$scratch/one.txt"
ok "a run" "$ARENA" --config "$scratch/arena.json" --db "$db" eval --run r \
    "$scratch/one.txt"
tui_run 80 24 "\"$ARENA\" --config \"$scratch/arena.json\" --db \"$db\" vote r"
tui_wait "your vote"
tui_keys S
tui_wait "skipped: why" "so does the last one of a queue"
tui_keys "bad prompt"
tui_wait "›bad prompt"
tui_wait_gone "hard to"
tui_keys Enter
tui_wait "1 marked"
tui_keys Escape
tui_wait_end 0 "before the program ends"
like "$(show 3)" '*"state":"skipped"*"tags":"bad prompt"*' "and it is stored"

done_testing
