#!/bin/sh
# scripts/run, which is what `make run` does after building: weights once, and a
# battle from stdin where there is no terminal.
. tests/tap.sh

python3 tests/cli/make_wheels.py "$scratch" || exit 1
export ARENA_DATA="$scratch/data"
export PIP_CONFIG_FILE=/dev/null PIP_NO_INDEX=1
export PIP_FIND_LINKS="$scratch/index" PIP_DISABLE_PIP_VERSION_CHECK=1
export OLLAMA_HOST=127.0.0.1:1
config="$XDG_CONFIG_HOME/arena/arena.json"
weights="$XDG_DATA_HOME/arena/weights"

run() { # input; stdout in $out, stderr in $said, status in $status
    out=$(printf "$1" | scripts/run "$ARENA" 2>"$scratch/said")
    status=$?
    said=$(cat "$scratch/said")
}

# Nothing can be had: it says what else there is.  (A server that happens to run
# on this machine would be found, so only without one.)
mv "$scratch/index" "$scratch/away"
if "$ARENA" doctor | grep -q 'no Ollama'; then
    run 'Hi\na\n'
    is "$status" 3 "without weights and servers: the config's exit status"
    like "$said" "none of the default weights could be downloaded" "it says so"
    like "$said" "arena models pull --default" "how to try again"
    like "$said" "arena models add" "how to add a server"
    like "$said" "arena demo" "and offers the demo"
    ok "and no config is left" test ! -e "$config"
fi

# A config of the user's own goes on where the download failed.
mkdir -p "${config%/*}"
cat >"$scratch/script.json" <<'END'
{ "answers": [ { "model": "x", "text": "I am one." },
               { "model": "y", "text": "I am two." } ] }
END
cat >"$config" <<END
{ "models": [
    { "name": "first", "backend": "replay", "id": "x", "script": "$scratch/script.json" },
    { "name": "second", "backend": "replay", "id": "y", "script": "$scratch/script.json" } ] }
END
run 'Who are you?\na\n'
is "$status" 0 "a failed download does not stop a game"
like "$said" "could not download" "though it is told"
like "$out" "I am one." "one answer is shown"
like "$out" "I am two." "and the other"
like "$out" "first" "and the names, after the vote"
like "$("$ARENA" leaderboard)" "first" "and the vote counts"

# With an index: brought once, then silent.
python3 tests/cli/make_wheels.py "$scratch" only || exit 1
run 'Who are you?\nt\n'
is "$status" 0 "weights are brought before the game"
ok "into the data folder" test -s "$weights/test.gguf"
rm -rf "$scratch/index"
run 'Who are you?\nb\n'
is "$status" 0 "the second time they are there"
unlike "$said" "test.gguf" "and nothing is said of them"
unlike "$said" "pull" "nor pulled"

run ''
ok "without a prompt there is no battle" test "$status" -ne 0
run 'Who are you?\n'
like "$("$ARENA" history --unvoted)" "(blind)*Who are you?" \
    "without a vote the battle waits for one"

done_testing
