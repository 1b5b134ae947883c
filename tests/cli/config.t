#!/bin/sh
# `arena config`: where the file is, what holds, what is wrong with it.
. tests/tap.sh

config() { # output in $out, status in $status
    out=$("$ARENA" config "$@" 2>&1 </dev/null)
    status=$?
}
home_config="$XDG_CONFIG_HOME/arena/arena.json"

config path
is "$status" 0 "path succeeds without a config"
is "$out" "$home_config" "and says where it would be"
is "$("$ARENA" config path --json)" \
    "{\"path\":\"$home_config\",\"exists\":false}" "as JSON, too"
config show
is "$status" 3 "show without one is a config error"
like "$out" "arena config init" "and says what to do"

mkdir -p "$XDG_CONFIG_HOME/arena"
cat >"$home_config" <<END
{ // a comment
  "pace": "hold",
  "models": [
    { "name": "m", "backend": "replay", "script": "s.json" },
    { "name": "n", "backend": "replay", "script": "s.json",
      "key_env": "CANARY_ENV" },
  ] }
END
echo '{"answers":[{"text":"yes"}]}' >"$XDG_CONFIG_HOME/arena/s.json"
config check
is "$status" 0 "a good config is good"
like "$out" "2 models, no mistakes" "and it says so"
export CANARY_ENV=sk-canary-4711
config show
is "$status" 0 "show succeeds"
like "$out" '"pace": "hold"' "with what the file says"
like "$out" '"max_tokens": 512' "and with what it does not say"
like "$out" '"key_is_set": true' "and whether keys are there"
unlike "$out" "canary-4711" "but never a key"
echo "$out" | python3 -c 'import json, sys; json.load(sys.stdin)'
is "$?" 0 "as JSON"

is "$("$ARENA" config check --json)" \
    "{\"path\":\"$home_config\",\"n_models\":2,\"problems\":[],\"ok\":true}" \
    "check has JSON"
rm "$XDG_CONFIG_HOME/arena/s.json"
config check
is "$status" 3 "a missing script is found by check"
like "$out" "s.json" "by its name"
like "$("$ARENA" config check --json 2>/dev/null)" \
    '"problems":[{"model":"m","problem":"*s.json*},{"model":"n",*"ok":false}' \
    "in JSON, too"

echo '{ "pcae": 1 }' >"$scratch/bad.json"
out=$("$ARENA" --config "$scratch/bad.json" config check 2>&1)
is "$?" 3 "a mistake is a config error"
is "$out" "arena: $scratch/bad.json: unknown key \"pcae\"; did you mean \"pace\"?" \
    "in one line that names it"

cat >"$scratch/editor" <<'END'
#!/bin/sh
[ "$1" = -w ] && echo '{ "pace": "live" }' >"$2"
END
chmod +x "$scratch/editor"
config_edit() {
    out=$(VISUAL="$scratch/editor -w" "$ARENA" config edit 2>&1)
    status=$?
}
config_edit
is "$status" 0 "an editor with arguments is run"
is "$(cat "$home_config")" '{ "pace": "live" }' "on the file"
printf '#!/bin/sh\necho "{" >"$2"\n' >"$scratch/editor"
config_edit
is "$status" 3 "what was edited wrong is told at once"
like "$out" "$home_config:" "with its place"

# The tables and the schema that is published are the same.
config schema
is "$out" "$(cat data/arena.schema.json)" "the schema is the published one"

config init
is "$status" 3 "init does not write over a config"
like "$out" "exists already" "and says why"
rm "$home_config"
mkdir -p "$XDG_DATA_HOME/arena/weights"
config init
is "$status" 3 "init writes nothing without a yes"
ok "indeed" test ! -e "$home_config"

config sohw
is "$status" 2 "an unknown word is a usage error"
like "$out" "did you mean show?" "with the nearest one"

# A config that lies in the current folder is told, not trusted.
cat >"$scratch/home/arena.json" <<END
{ "models": [ { "name": "x", "backend": "exec", "command": ["sh"] } ] }
END
out=$(cd "$scratch/home" && "$ARENA" config check 2>&1)
is "$?" 3 "a found config may run nothing"
like "$out" "name it with --config" "and it is said how to trust it"

# Somebody without a home folder, as in some containers.  A config in /tmp,
# which all may write to, would be anybody's.
nobody() {
    out=$(cd / && setpriv --reuid=54321 --regid=54321 --clear-groups \
        env -u HOME -u XDG_CONFIG_HOME -u XDG_DATA_HOME -u XDG_STATE_HOME \
        "$scratch/arena" "$@" 2>&1 </dev/null)
    status=$?
}
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
    cp "$ARENA" "$scratch/arena"
    chmod 711 "$scratch"
    nobody config check
    is "$status" 3 "without a home folder no config is looked for"
    like "$out" "set HOME" "and it is said what to do"
    nobody version
    is "$status" 0 "what needs no folder works"
fi

# A program that is not there is found before it is asked.
cat >"$scratch/programs.json" <<'END2'
{ "models": [ { "name": "there", "backend": "exec", "command": ["sh"] },
    { "name": "typo", "backend": "exec", "command": ["./anwser.py"] },
    { "name": "tool", "backend": "llama-server", "args": ["-h"],
      "command": ["no-such-server"] } ] }
END2
out=$("$ARENA" --config "$scratch/programs.json" config check 2>&1)
is "$?" 3 "models whose programs are missing"
like "$out" "typo: cannot run */anwser.py: No such file" "are told: of exec"
like "$out" "tool: cannot run no-such-server: No such file" "of a server"
unlike "$out" "there:" "and no other"

# So is a file that is no adapter.
weights=$PWD/tests/engine/models/llama.gguf
cat >"$scratch/adapter.json" <<END2
{ "models": [ { "name": "bare", "backend": "local", "file": "$weights" },
    { "name": "odd", "backend": "local", "file": "$weights",
      "lora": [ { "file": "$weights" } ] } ] }
END2
out=$("$ARENA" --config "$scratch/adapter.json" config check 2>&1)
is "$?" 3 "weights as an adapter of weights"
like "$out" "odd: $weights: is no adapter" "are told"
like "$out" "1 of 2 models cannot be asked" "and the model is left out"

# All mistakes are told, not the first, and what follows from one is none.
cat >"$scratch/wrong.json" <<'END2'
{ "models": [ { "name": "a", "backend": "replay", "id": "a", "scrip": "s" },
    { "name": "b", "backend": 7 }, { "name": "c", "backend": "nope" } ],
  "paec": "hold", "max_tokens": "many" }
END2
out=$("$ARENA" --config "$scratch/wrong.json" config check 2>&1)
is "$?" 3 "a config with mistakes"
like "$out" 'unknown key "paec"; did you mean "pace"?' "all are told: the first"
like "$out" '"max_tokens"' "the second"
like "$out" 'models?0? "a": unknown key "scrip"' "in a model"
like "$out" 'models?1? "b": "backend"' "in the next one"
like "$out" 'models?2? "c": unknown backend "nope"' "and the last"
like "$out" "wrong.json: 5 mistakes" "and counted"
is "$("$ARENA" --config "$scratch/wrong.json" config check --json 2>/dev/null |
    python3 -c 'import json, sys
print(len(json.load(sys.stdin)["problems"]))')" 5 "in JSON too"
out=$("$ARENA" --config "$scratch/wrong.json" models 2>&1)
like "$out" 'unknown key "paec"' "who only needs the config hears of one"

echo '{ "keys": { "vote_q": "x" } }' >"$scratch/keys.json"
out=$("$ARENA" --config "$scratch/keys.json" config check 2>&1)
is "$?" 3 "an action that there is not"
like "$out" 'unknown action "vote_q"; did you mean "vote_a"?' \
    "is told with the nearest one"
echo '{ "foo": 1, "keys": { "vote_q": "x", "tie": "Entr", "quit": "Q" } }' \
    >"$scratch/keys.json"
out=$("$ARENA" --config "$scratch/keys.json" config check 2>&1)
like "$out" 'unknown key "foo"' "beside another mistake"
like "$out" '"vote_q"' "the action is told"
like "$out" '"Entr" is not a key' "and what is no key"
like "$out" "keys.json: 3 mistakes" "and all are counted"
out=$("$ARENA" --config "$scratch" config check 2>&1)
is "$?" 3 "a folder is no config"

done_testing
