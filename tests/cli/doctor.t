#!/bin/sh
# `arena doctor` finds what is wrong; `arena completion` fits the shells.
. tests/tap.sh

out=$("$ARENA" doctor 2>&1 </dev/null)
is "$?" 0 "a fresh machine has nothing to mend"
like "$out" "warn*terminal*" "but for the terminal"
like "$out" "processor  *cores" "the processor is looked at"
like "$out" "ok*sqlite*3." "libraries are shown with versions"
like "$out" "warn*config*none yet" "no config yet"
like "$out" "ok*database*none yet" "no database yet"
like "$out" "ok*weights*smollm2-135m: not here" "no weights yet"
ok "as JSON, an object a line" sh -c '"$0" doctor --json </dev/null |
    python3 -c "import json, sys
rows = [json.loads(line) for line in sys.stdin]
assert {\"ok\", \"warn\"} == {r[\"finding\"] for r in rows}
assert [r for r in rows if r[\"what\"] == \"sqlite\" and r[\"text\"]]"' "$ARENA"
ok "and nothing was made" test ! -e "$XDG_DATA_HOME/arena/arena.db"

mkdir -p "$XDG_CONFIG_HOME/arena"
config="$XDG_CONFIG_HOME/arena/arena.json"
cat >"$config" <<'END'
{ "models": [ { "name": "lonely", "backend": "local", "file": "gone.gguf" } ] }
END
out=$("$ARENA" doctor 2>&1 </dev/null)
is "$?" 1 "a missing weights file is something to mend"
like "$out" "fail*model*lonely: no weights file *gone.gguf*arena models pull" \
    "and says how"
like "$out" "warn*config*1 model, and a battle needs two" "one is too few"

echo '{ "modles": [] }' >"$config"
out=$("$ARENA" doctor 2>&1 </dev/null)
is "$?" 1 "a wrong config is something to mend"
like "$out" "fail*config*modles" "and where"
rm "$config"

mkdir -p "$XDG_DATA_HOME/arena"
echo "this is no database" >"$XDG_DATA_HOME/arena/arena.db"
before=$(cat "$XDG_DATA_HOME/arena/arena.db")
out=$("$ARENA" doctor 2>&1 </dev/null)
is "$?" 1 "what is no database is something to mend"
like "$out" "fail*database*arena.db" "and which"
is "$(cat "$XDG_DATA_HOME/arena/arena.db")" "$before" "and it is not touched"
out=$(ARENA_DATA="$scratch/nowhere" "$ARENA" doctor 2>&1 </dev/null)
like "$out" "fail*data*ARENA_DATA" "a program without its data says so"

# libcurl is loaded when it is needed, so that it can be missing is new then.
mkdir "$scratch/lib"
echo x >"$scratch/lib/libcurl.so.4"
broken() { # ARGUMENTS...: the program where libcurl cannot be loaded
    LD_LIBRARY_PATH="$scratch/lib" "$ARENA" "$@" 2>&1 </dev/null
}
like "$(broken doctor)" "fail*libcurl*libcurl.so.4" "a broken libcurl is told"
cat >"$scratch/remote.json" <<'END'
{ "models": [ { "name": "far", "backend": "openai", "id": "x",
                "base_url": "http://127.0.0.1:1/v1" } ] }
END
out=$(broken --config "$scratch/remote.json" models)
is "$?" 3 "and ends what needs it"
like "$out" "far*libcurl.so.4" "with a line that names it"
ok "and nothing else" sh -c "LD_LIBRARY_PATH='$scratch/lib' '$ARENA' version"

# Completion, in the shell itself where it is there.
"$ARENA" completion bash >"$scratch/bash"
if command -v bash >/dev/null; then
    out=$(bash -c '. "$1"; COMP_WORDS=("$2" mo); COMP_CWORD=1; _arena
        echo "${COMPREPLY[*]}"' - "$scratch/bash" "$ARENA")
    is "$out" "models" "bash completes a verb"
    out=$(bash -c '. "$1"; COMP_WORDS=(arena -v models --sh); COMP_CWORD=3
        _arena; echo "${COMPREPLY[*]}"' - "$scratch/bash")
    is "$out" "--sha256" "and an option"
fi
"$ARENA" completion zsh >"$scratch/zsh"
like "$(cat "$scratch/zsh")" "'models:list, add" "zsh gets summaries"
if command -v zsh >/dev/null; then
    ok "that zsh can read" zsh -n "$scratch/zsh"
fi
"$ARENA" completion fish >"$scratch/fish"
like "$(cat "$scratch/fish")" "-a models -d 'list, add" "so does fish"
if command -v fish >/dev/null; then
    ok "that fish can read" fish -n "$scratch/fish"
fi
"$ARENA" completion csh >/dev/null 2>&1
is "$?" 2 "another shell is a usage error"

done_testing
