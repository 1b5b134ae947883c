#!/bin/sh
# All actions by name: narrowed by letters, done by Enter.
. tests/tap.sh
. tests/tui/tmux.sh

tui_start 80 24
tui_wait "Your prompt"
tui_keys "let it hang" Enter
tui_wait "no further"
tui_keys :
tui_wait "all actions" ": lists the actions"
unlike "$(tui_screen)" zorblax9 "and no name"
tui_keys stopb
tui_wait "stop both" "letters narrow the list, with others between them, too"
tui_wait "1 of"
tui_keys C-u l
tui_wait "l             the leaderboard" "a key is a name, too"
tui_keys Enter
tui_wait "l: the leaderboard, after the vote." "what does not work says when"
tui_keys : "stop both"
tui_wait "1 of"
tui_keys Enter
tui_wait "blind, your vote" "what works is done"
tui_keys :
tui_wait "all actions"
golden palette "the palette"
tui_keys Down
tui_keys Enter
tui_wait "You chose B: sure?" "Down chooses another"
tui_keys Enter
tui_wait "You chose B. Saved."
tui_keys C-k
tui_wait "all actions" "^K opens it, too"
tui_keys xyzzy
tui_wait "No action has these letters."
tui_keys Enter Escape
tui_wait "You chose B. Saved." "Esc leaves it"

# In a paste on a terminal without bracketed paste nothing is done.
printf ':undo\r' | $tmux_in load-buffer -
$tmux_in paste-buffer -r -d -t tui
tui_wait "What was pasted is ignored here." "a paste chooses nothing"
tui_keys Escape
tui_wait "You chose B. Saved."
tui_keys q q
tui_wait_end 0 "q quits"

done_testing
