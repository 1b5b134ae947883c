#!/bin/sh
# `arena models list|add|remove|test`, on scripted models.
. tests/tap.sh

config="$XDG_CONFIG_HOME/arena/arena.json"
cat >"$scratch/script.json" <<'END'
{ "answers": [
    { "model": "good", "text": "Hello \u001b[31mthere." },
    { "model": "bad", "text": "He", "error": "the line broke" } ] }
END

models() { # output in $out, status in $status
    out=$("$ARENA" models "$@" 2>&1 </dev/null)
    status=$?
}

models list
is "$status" 3 "without a config: its exit status"
like "$out" "no arena.json yet" "and what to do"

models add one backend=replay id=good "script=$scratch/script.json"
is "$status" 0 "the first model makes the config"
ok "which is where it should be" test -f "$config"
models add two backend=replay id=bad "script=$scratch/script.json" \
    temperature=0.5 'system=Answer "yes"'
is "$status" 0 "a second one is added"
models add "{\"name\": \"three\", \"backend\": \"local\", \"file\": \"no.gguf\",
    \"top_k\": 4}"
is "$status" 0 "and one as JSON"

models list
is "$status" 0 "they are listed"
is "$("$ARENA" models list 2>/dev/null | wc -l | tr -d ' ')" 3 "each on a line"
like "$out" "two*replay*bad*found*temperature 0.5*\"Answer \"yes\"\"" \
    "with what makes them"
like "$out" "three*local*no.gguf*left out top_k 4" "and which will not play"
like "$out" "left out: three: no weights file*no.gguf*arena models pull" \
    "why, and what to do"
out=$("$ARENA" models list --json | python3 -c 'import json, sys
m = json.load(sys.stdin)["models"]
print(*[x["name"] for x in m], m[0]["problem"],
      "no.gguf" in m[2]["problem"], m[1]["settings"]["temperature"])')
is "$out" "one two three None True 0.5" "as JSON, too"

before=$(cat "$config")
models add one backend=replay "script=$scratch/script.json"
is "$status" 3 "a name that is taken is refused"
models add four backend=replay temprature=1 "script=$scratch/script.json"
is "$status" 3 "a key that is unknown is refused"
like "$out" "did you mean \"temperature\"" "with the nearest"
models add four backend=replay temperature=warm "script=$scratch/script.json"
is "$status" 3 "a value of the wrong type is refused"
models add four backend=replay temperature "script=$scratch/script.json"
is "$status" 2 "what is not KEY=VALUE is a usage error"
models add '{"name": "four",'
is "$status" 2 "broken JSON is refused"
models add
is "$status" 2 "nothing to add is a usage error"
is "$(cat "$config")" "$before" "and the file is as it was"

models test one
is "$status" 0 "a model that answers passes the test"
like "$out" "ok*one*Hello <1B>[31mthere." "and its words are shown, cleaned"
models test one two
is "$status" 6 "one of two that fails: some failed"
like "$out" "error*two*the line broke" "and why"
out=$("$ARENA" models test --json one two 2>/dev/null | python3 -c '
import json, sys
for line in sys.stdin:
    r = json.loads(line)
    print(r["model"], r["ok"], r.get("error"))')
is "$out" "one True None
two False the line broke" "as JSON, an object a line"
models test two
is "$status" 5 "all fail: a backend's error"
models test none
is "$status" 2 "an unknown name is a usage error"

# A file in the current folder that has a configured model's name.
echo "no weights" >"$scratch/one"
out=$(cd "$scratch" && "$ARENA" generate one hi 2>&1)
like "$out" "Hello *there." "a stray file does not hide a model"
out=$(cd "$scratch" && "$ARENA" generate ./one hi 2>&1)
like "$out" "one: is not a GGUF file" "its path means the file"
out=$(cd "$scratch" && "$ARENA" --config /dev/null generate one hi 2>&1)
like "$out" "one: is not a GGUF file" "and so does its name without a config"

models remove two
is "$status" 0 "a model is removed"
is "$out" "removed from $config" "and it is said from where"
models add far backend=ollama id=far:1b
models list
like "$out" "
far                    ollama   far:1b" "a server's model is listed"
is "$(echo "$out" | grep -c 'far.*found')" 0 "but it was not looked for"
is "$(echo "$out" | grep -c ' $')" 0 "and no line ends in spaces"
models remove far
models list extra
is "$(echo "$out" | grep -c ' $')" 0 "nor does a refusal"
models list
unlike "$out" "two" "and gone"
models remove two
ok "a model that is gone cannot be removed again" test "$status" -ne 0
models romeve two
is "$status" 2 "an unknown word is a usage error"
like "$out" "did you mean remove" "with the nearest"

rm "$config"
models add bad backend=nonsense
is "$status" 3 "a first model that is wrong is refused"
ok "and leaves no config behind" test ! -e "$config"

done_testing
