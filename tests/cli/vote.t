#!/bin/sh
# `arena vote`: over the battles of a run, beside other sessions.
. tests/tap.sh

folder="$XDG_CONFIG_HOME/arena"
mkdir -p "$folder"
cat >"$folder/arena.json" <<'END'
{ "models": [
  { "name": "m0", "backend": "replay", "id": "m0", "script": "s.json" },
  { "name": "m1", "backend": "replay", "id": "m1", "script": "s.json" },
  { "name": "m2", "backend": "replay", "id": "m2", "script": "s.json" } ] }
END
cat >"$folder/s.json" <<'END'
{ "answers": [ { "contains": "same", "model": "m2", "text": "No." },
    { "contains": "same", "text": "Just the same." },
    { "model": "m0", "text": "yes" }, { "model": "m1", "text": "no" },
    { "text": "perhaps" } ] }
END
printf 'p1\np2\np3\n' >"$scratch/p.txt"
"$ARENA" eval -j 1 --run r "$scratch/p.txt" >"$scratch/out" 2>&1
is "$?" 0 "a run of three models"

# Battles of one prompt share answers, so they are kept apart.
prompts() {
    grep '^> ' "$scratch/votes" | tr -d '\n> '
}
yes s | head -5 | "$ARENA" vote r >"$scratch/votes" 2>"$scratch/err"
is "$(prompts)" "p1p2p3p1p2p3" "each prompt once before any again"
yes s | "$ARENA" vote r >"$scratch/votes" 2>"$scratch/err"
is "$(prompts)" "p3p1p2p3" "and so where it was left"

# The same person in two terminals.
"$ARENA" eval --run two --models m0,m1 "$scratch/p.txt" >"$scratch/out" 2>&1
shown() { # N FILE
    [ "$(grep -c '^--- B' "$scratch/$2" 2>/dev/null)" -ge "$1" ]
}
begin_session() { # FILE ARGUMENTS...: keys by descriptor 3; at its first battle
    file=$1
    shift
    mkfifo "$scratch/keys.$file"
    "$ARENA" vote "$@" <"$scratch/keys.$file" >"$scratch/$file" \
        2>"$scratch/$file.err" &
    session=$!
    exec 3>"$scratch/keys.$file"
    until_true 60 shown 1 "$file"
}
begin_session votes1 two
echo a | "$ARENA" vote two >"$scratch/other" 2>&1
echo a >&3
until_true 60 shown 2 votes1
echo b >&3
exec 3>&-
wait "$session"; is "$?" 0 "a vote given twice does not end the session"
like "$(cat "$scratch/votes1.err")" "battle 10 has your vote already" "is said"
like "$(cat "$scratch/votes1")" "You chose B (battle 11)" "and the next one counts"

# Another person's vote is not undone by a skip.
begin_session votes2 two
echo a | "$ARENA" vote two --voter bob >"$scratch/other" 2>&1
echo s >&3
exec 3>&-
wait "$session"; is "$?" 0 "nor a skip of what another has voted on"
like "$(cat "$scratch/votes2.err")" "is voted already, by another session" "which says"
unlike "$(cat "$scratch/votes2")" "Skipped" "and skips nothing"

# Nor is it undone by the undo of one's own.
"$ARENA" eval --run three --models m0,m1 "$scratch/p.txt" >"$scratch/out" 2>&1
begin_session votes3 three --voter ann
echo a | "$ARENA" vote three --voter bob >"$scratch/other" 2>&1
echo b >&3
exec 3>&-
wait "$session"
like "$(cat "$scratch/votes3")" "You chose B (battle 13)" "two votes on a battle"
"$ARENA" undo 13 --voter bob >"$scratch/out"
is "$?" 0 "one of the two takes back"
like "$("$ARENA" history --json)" '"verdict":"b","voter":"human:ann"' \
    "what is his, and the other's stays"

# Which battles, and in which order.
printf 'prompt,category\nq1,x\nq2,y\nq3,x\nq4,x\nq5,x\n' >"$scratch/q.csv"
"$ARENA" eval -j 1 --run four "$scratch/q.csv" >"$scratch/out" 2>&1
yes s | head -5 | "$ARENA" vote four --category x >"$scratch/votes" \
    2>"$scratch/err"
is "$(prompts)" "q1q3q4q5q1q3" "a category alone"
like "$(cat "$scratch/err")" "battle 1 of 12" "is counted alone"
"$ARENA" vote four --category z 2>"$scratch/err" </dev/null
like "$(cat "$scratch/err")" "No battle of this run in this category waits" \
    "one that is not there has none"
yes s | "$ARENA" vote four --shuffle --seed 5 >"$scratch/votes" 2>"$scratch/err"
first=$(prompts | cut -c 1-10)
is "$(echo "$first" | fold -w 2 | sort | tr -d '\n')" "q1q2q3q4q5" \
    "shuffled: each prompt once before any again"
unlike "$first" "q2q1q3q4q5" "in another order"

# By what a vote tells: each battle once all the same.
"$ARENA" vote four --order telling --shuffle >"$scratch/votes" 2>"$scratch/err"
is "$?" 2 "two orders at once are refused"
like "$(cat "$scratch/err")" "--shuffle and --order telling are two orders" \
    "with the reason"
printf 'r1\nr2\nr3\nr4\nr5\n' >"$scratch/r.txt"
"$ARENA" eval --run six "$scratch/r.txt" >"$scratch/out" 2>&1
yes a | "$ARENA" vote six --order telling --seed 5 >"$scratch/votes" \
    2>"$scratch/err"
like "$(cat "$scratch/err")" "15 done, 0 to go" "by what a vote tells: all"
is "$(prompts | fold -w 2 | sort | uniq -c | tr -s ' \n' ' ')" \
    " 3 r1 3 r2 3 r3 3 r4 3 r5 " "and each once"

# The same text on both sides is a tie without asking.
printf 'same 1\nsame 2\n' >"$scratch/same.txt"
"$ARENA" eval --run five "$scratch/same.txt" >"$scratch/out" 2>&1
yes a | "$ARENA" vote five >"$scratch/votes" 2>"$scratch/err"
like "$(cat "$scratch/err")" \
    "2 battles had the same text on both sides: stored as ties without asking" \
    "the same text twice is a tie"
like "$(cat "$scratch/err")" "6 done, 0 to go" "and the others are asked"
"$ARENA" vote five >"$scratch/votes" 2>"$scratch/err" </dev/null
like "$(cat "$scratch/err")" "No battle of this run waits" "once"

ok "the database is whole" "$ARENA" db check

done_testing
