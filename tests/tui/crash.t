#!/bin/sh
# A vote that was shown is stored, even if the program is killed at once.
. tests/tap.sh
. tests/tui/tmux.sh

votes=0
for verdict in a b t x a; do
    tui_start 80 24
    tui_wait "Your prompt"
    tui_keys "kill me after $verdict" Enter
    tui_wait "blind, your vote"
    if [ $votes = 0 ]; then tui_first_vote $verdict
    else tui_keys $verdict; fi
    tui_wait "Saved."
    kill -KILL "$tui_pid"
    tui_wait_end 137 "killed after the vote"
    votes=$((votes + 1))
    tui_start 80 24
    tui_wait "$votes vote" "and the vote is there"
    tui_keys C-c
    tui_wait_end 130 "^C"
done

# Killed between prompt and vote: nothing is counted, nothing needs repair.
tui_start 80 24
tui_wait "Your prompt"
tui_keys "killed while it hangs" Enter
tui_wait "no further"
kill -KILL "$tui_pid"
tui_wait_end 137 "killed while streaming"
tui_start 80 24
tui_wait "$votes votes" "no vote was counted"
tui_wait "not finished" "and the battle is said to be unfinished"
tui_keys C-c
tui_wait_end 130 "^C"
unlike "$(cat "$XDG_STATE_HOME"/arena/log 2>/dev/null)" zorblax9 \
    "the log names no model"

done_testing
