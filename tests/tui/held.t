#!/bin/sh
# Another program that holds the database does not hold up the screen.
. tests/tap.sh
. tests/tui/tmux.sh

cat >"$scratch/hold.py" <<'END'
"""Has the write lock until its stdin ends."""
import sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute("BEGIN IMMEDIATE")
open(sys.argv[2], "w").write("held\n")
sys.stdin.read()
END
mkfifo "$scratch/hold"
state() {
    python3 -c 'import sqlite3, sys
print(sqlite3.connect(sys.argv[1]).execute(
    "SELECT state FROM battles").fetchone()[0])' "$db"
}

tui_start 80 24
tui_wait "Your prompt"
tui_keys "hang on" Enter
tui_wait "no further" "a battle is on"
python3 "$scratch/hold.py" "$db" "$scratch/held" <"$scratch/hold" &
exec 3>"$scratch/hold"
ok "another program takes the database" \
    until_true "$tui_limit" test -s "$scratch/held"
tui_keys z
tui_wait "Will be tried again: " \
    "answers that cannot be stored are said to be"
tui_wait "your vote" "and can be read"
is "$(state)" open "they are not stored"
tui_keys '?'
tui_wait "what the keys do now" "keys work"
tui_keys q
tui_wait "A better"
exec 3>&-
wait
is_ready() { [ "$(state)" = ready ]; }
ok "they are stored once that is possible" until_true "$tui_limit" is_ready
tui_wait "The answers are stored now." "which is said, too"
tui_first_vote a
tui_wait "You chose A. Saved."
tui_keys q q
tui_wait_end 0 "q quits"

done_testing
