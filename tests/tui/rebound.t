#!/bin/sh
# Keys of the config: they do what they are bound to, and are shown.
. tests/tap.sh
. tests/tui/tmux.sh

sed 's|^{ |{ "keys": { "vote_a": "1", "vote_b": ["2", "F2"], "tie": "b" }, |' \
    tests/tui/arena.json >"$scratch/arena.json"
tui_start 80 24
tui_wait "Your prompt"
tui_keys "Which keys?" Enter
tui_wait "blind, your vote"
tui_wait "1 A better" "the footer shows the keys of the config"
tui_keys a
tui_wait "does nothing here" "the usual key is no vote any more"
tui_keys b
tui_wait "You called it a tie: sure?" "a key that was another action's is taken"
tui_keys C-c
tui_wait_end 130 "^C"

# Keys of other keyboards, of more bytes than columns or of two columns.
sed 's|^{ |{ "keys": { "vote_a": "ф", "vote_b": "中", "tie": "k" }, |' \
    tests/tui/arena.json >"$scratch/arena.json"
rm -f "$XDG_STATE_HOME/arena/left.json"
tui_start 80 24
tui_wait "Your prompt"
tui_keys "Which keys?" Enter
tui_wait "blind, your vote"
tui_keys "?"
tui_wait "  ф                  A is better" "help keeps its columns for one byte more"
tui_wait "  中                 B is better" "and for two columns"
tui_keys C-c
tui_wait_end 130 "^C"

sed 's|"tie"|"draw"|' "$scratch/arena.json" >"$scratch/wrong.json"
out=$("$ARENA" --config "$scratch/wrong.json" config check 2>&1)
like "$out" 'unknown action "draw"' "an unknown action is refused"

done_testing
