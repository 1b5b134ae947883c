#!/bin/sh
# What commands tell of a battle that waits for its vote: nothing by which its
# models could be known, also where an answer names its model itself.
. tests/tap.sh

folder="$XDG_CONFIG_HOME/arena"
mkdir -p "$folder"
cat >"$folder/arena.json" <<'END'
{ "hide_words": ["plinth"], "models": [
  { "name": "zorblax9", "backend": "replay", "id": "x", "script": "s.json" },
  { "name": "quux7", "backend": "replay", "id": "y", "script": "s.json" } ] }
END
cat >"$folder/s.json" <<'END'
{ "answers": [
  { "model": "x", "text": "I am Zorblax9, not elder5, from Plinth." },
  { "model": "y", "text": "As quux7 I would say: blue." } ] }
END
printf 'Who are you?\n' >"$scratch/p.txt"
# A model of the database that the config does not have any more.
"$ARENA" record elder5 elder6 tie >"$scratch/out" 2>&1
is "$?" 0 "a vote from elsewhere is recorded"
"$ARENA" eval --run r "$scratch/p.txt" >"$scratch/out" 2>&1
is "$?" 0 "a run of two models that name themselves"
id=$("$ARENA" history --unvoted --json |
    sed -n 's/.*"battle":\([0-9]*\).*/\1/p')
ok "its battle waits for a vote" test -n "$id"

hides() { # TEXT WHAT: no name, whatever the case
    lower=$(printf '%s' "$1" | tr '[:upper:]' '[:lower:]')
    for name in zorblax9 quux7 elder5 plinth; do
        unlike "$lower" "$name" "$2 hides $name"
    done
}
out=$("$ARENA" show "$id")
hides "$out" "show"
like "$out" "I am [[]hidden], not [[]hidden], from [[]hidden]." \
    "the rest is there"
hides "$("$ARENA" show "$id" --json)" "show --json"
is "$("$ARENA" history --search zorblax9 2>&1)" "no battles" \
    "a search for a name does not find it"
is "$("$ARENA" history --search blue 2>&1)" "no battles" \
    "nor any other word of an answer"
like "$("$ARENA" history --search who)" "(blind)" "but the prompt"

mv "$folder/arena.json" "$folder/away.json"
unlike "$("$ARENA" show "$id")" "orblax9" "without a config names are hidden"
echo '{' >"$folder/arena.json"
said=$("$ARENA" show "$id" 2>&1)
is "$?" 3 "with a config that cannot be read it shows nothing"
like "$said" "arena.json" "and names it"
mv "$folder/away.json" "$folder/arena.json"

echo a | "$ARENA" vote r >"$scratch/out" 2>&1
is "$?" 0 "a vote"
like "$("$ARENA" show "$id")" "I am Zorblax9, not elder5, from Plinth." \
    "then all is shown"
like "$("$ARENA" history --search blue)" "zorblax9" "and found"

done_testing
