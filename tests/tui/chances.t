#!/bin/sh
# How sure the models were of each token: hidden until the vote, then on a key.
. tests/tap.sh
. tests/tui/tmux.sh

cat >"$scratch/replay.json" <<'END'
{ "chunk": 7, "delay_ms": 1, "first_ms": 0, "answers": [
 { "model": "one", "chances": [1, 1, 0.1, 0.4, 0.8, 1],
   "text": "\n\nIt **needs** \u4E2D\u6587 some sorted input." },
 { "text": "Nothing is known of this one." } ] }
END

tui_start 80 24
tui_wait "Your prompt"
tui_keys "Why sorted?" Enter
tui_wait "blind, your vote"
tui_keys p
tui_keys a
tui_wait ": sure?" "before the vote p is about the prompt"
tui_keys Enter
tui_wait "You chose A. Saved."
tui_keys p
tui_wait "2 of 6 tokens under 50%" "after it p tints, and says how much"
tui_wait "not known" "and that nothing is known of the other side"

styled() { # TEXT: it stands on the screen with these escape sequences
    $tmux_in capture-pane -e -p -t tui >"$scratch/styled"
    printf "$1" >"$scratch/want"
    LC_ALL=C grep -aqF -f "$scratch/want" "$scratch/styled"
}
looks() { # TEXT NAME
    ok "$2" until_true "$tui_limit" styled "$1"
}

looks '\033[7m\033[38;5;209m中文' "the least sure token, a wide one"
looks '\033[38;5;215msome' "one less likely than not"
looks '\033[38;5;229msorted' "and one that was nearly sure"
tui_keys w
tui_wait '**needs**' "the source"
looks '**needs** \033[7m\033[38;5;209m中文' "has the same tints"
tui_keys w p
looks 'some sorted input.' "p again takes them off"
like "$("$ARENA" show 1 --db "$db")" "2 of 6 tokens under 50%" \
    "show tells how sure they were"
like "$("$ARENA" show 1 --json --db "$db" | tr -d '[]')" \
    '"chances":4,1.000,10,1.000,7,0.097,5,0.398,7,0.796,7,1.000' \
    "and of each token"
tui_keys p
looks '\033[38;5;229msorted' "tinted once more"
tui_keys u
tui_wait "Withdrawn." "u withdraws the vote"
looks 'some sorted input.' "and takes the tints off"
tui_keys q q
tui_wait "H history"
tui_keys H
tui_wait "Enter open" "the history"
tui_keys Enter
tui_wait "It needs"
tui_keys p
tui_wait "is not known" "has no probabilities while the names are hidden"
like "$("$ARENA" show 1 --json --db "$db")" '"text"' "show"
unlike "$("$ARENA" show 1 --json --db "$db")" chances "has none then"
tui_keys Escape Escape q
tui_wait_end 0 "q quits"

tui_run 80 24 "env NO_COLOR=1 \"$ARENA\" --config \"$scratch/arena.json\" --db \"$db\" --seed 1"
tui_wait "Your prompt"
tui_keys "Why sorted?" Enter
tui_wait "blind, your vote"
tui_keys a
tui_wait "You chose A. Saved."
tui_keys p
looks '\033[7m中文' "without colours, in reverse"
looks '\033[4msome' "and underlined"
tui_keys q q q
tui_wait_end 0 "q quits"

done_testing
