#!/bin/sh
# A key stands in no log, database, error, core, screen or list of processes,
# however it was given and whatever a server says of it; and no program gets one
# that is not its own.  Each way to give a key has one of its own here.
. tests/tap.sh

export ENV_KEY=sk-env-0123456789abc HEADER_KEY=sk-head-9876543210zyx
export OWN_KEY=sk-own-1357924680mno QUERY_KEY=sk-query-2468013579pqr
export ANTHROPIC_KEY=sk-ant-abcabc123123def GEMINI_KEY=AIza-Gem_99887766AbC
export OLLAMA_KEY=ol-5566778899qwerty RESPONSES_KEY=sk-resp-zxcv987612
export EXEC_KEY=sk-exec-1122334455stu
mkdir "$scratch/kept" "$scratch/said" "$scratch/tmp"
export TMPDIR="$scratch/tmp"
echo sk-command-5544332211vwx >"$scratch/kept/command"
{
    env | sed -n 's/^[A-Z]*_KEY=//p' && cat "$scratch/kept/command"
} >"$scratch/kept/all"
is "$(sort -u "$scratch/kept/all" | wc -l)" 10 "ten keys"

. tests/tui/tmux.sh
python3 tests/http/chat_server.py "$scratch/port" "$scratch/kept/log" &
server=$!
trap '$tmux_in kill-server 2>/dev/null; kill $server; rm -rf "$scratch"' EXIT
until_true 30 test -e "$scratch/port" || exit 1

# An entry of "backends" and a model for each way, on a server that acts so: see
# REPLIES and ECHOES of the server.
ways="env header own query command anthropic gemini ollama responses"
is_first=
entry() { # NAME TYPE PATH KEYS
    echo "$is_first \"$1\": { \"type\": \"$2\", \"base_url\":"
    echo "    \"http://127.0.0.1:$(cat "$scratch/port")/$how$3\", $4 }"
    is_first=,
}
config() { # HOW [MORE MODELS]
    how=$1 is_first=
    echo '{ "backends": {'
    entry env openai /v1 '"key_env": "ENV_KEY"'
    entry header openai /v1 \
        '"headers": { "Authorization": "Bearer ${HEADER_KEY}" }'
    entry own openai /v1 '"key_env": "OWN_KEY", "key_header": "api-key"'
    entry query openai /v1 '"query": { "key": "${QUERY_KEY}" }'
    entry command openai /v1 '"key_command": "cat '"$scratch/kept/command"'"'
    entry anthropic anthropic "" '"key_env": "ANTHROPIC_KEY"'
    entry gemini gemini /v1beta '"key_env": "GEMINI_KEY"'
    entry ollama ollama "" '"key_env": "OLLAMA_KEY"'
    entry responses responses /v1 '"key_env": "RESPONSES_KEY"'
    echo '}, "models": ['
    for way in $ways; do
        echo '{ "name": "by-'"$way"'", "backend": "'"$way"'", "id": "m" },'
    done
    echo "${2-} { \"name\": \"last\", \"backend\": \"env\", \"id\": \"l\" } ] }"
}
use() { # HOW [MORE MODELS]: in place of the config that there was
    config "$@" >"$scratch/arena.json"
}

n=0
arena() {
    n=$((n + 1))
    timeout 60 "$ARENA" --config "$scratch/arena.json" --db "$db" "$@" \
        >"$scratch/said/$n.out" 2>"$scratch/said/$n.err" </dev/null
}

# Servers that tell the key again.
for how in tell deny moved inner noise page name; do
    use "$how"
    for way in $ways; do
        arena -v generate "by-$way" hi
        test $? = 0 && ok "$how: by-$way fails" false
        arena models list --backend "$way"
    done
    echo why >"$scratch/p.txt"
    arena -v eval "$scratch/p.txt" --run "$how" --pairs baseline:last
    arena -v battle why
    arena models test
    arena models list --json
    arena doctor
done
like "$(cat "$scratch"/said/*.err)" "what is this?*[[]key]" \
    "what a server says is told without the key"
like "$(cat "$scratch"/said/*.out)" "m /*[[]key]" "and what it lists"
while read -r key; do
    test "$key" = "$EXEC_KEY" ||
        ok "a server was sent $key" grep -qF -e "$key" "$scratch/kept/log"
done <"$scratch/kept/all"

# Servers that answer, and programs: each gets its own key and no other.
cat >"$scratch/kept/environ.sh" <<END
env >>"$scratch/kept/\$1"
echo fine
echo "complains of \$EXEC_KEY" >&2
END
programs='{ "name": "script", "backend": "exec", "input": "text",
  "command": ["sh", "'"$scratch/kept/environ.sh"'", "script"] },
{ "name": "keyed", "backend": "exec", "key_env": "EXEC_KEY",
  "command": ["sh", "'"$scratch/kept/environ.sh"'", "keyed"] },
{ "name": "failing", "backend": "exec", "key_env": "EXEC_KEY",
  "command": ["sh", "-c", "echo no $EXEC_KEY >&2; exit 3"] },
{ "name": "started", "backend": "llama-server",
  "command": ["python3", "'"$PWD/tests/http/fake_llama_server.py"'"],
  "args": ["--environ", "'"$scratch/kept/started"'"] },'
use plain "$programs"
for way in env header own query command; do
    ok "by-$way: the key is sent" arena -v generate "by-$way" hi
done
for model in script keyed started; do
    ok "$model answers" arena -v generate "$model" hi
done
arena generate failing hi
is "$?" 5 "a program fails"
like "$(cat "$scratch/said/$n.err")" "no [[]key]" \
    "and its words are told without the key"
is "$(grep -cFf "$scratch/kept/all" "$scratch/kept/script")" 0 \
    "a script gets no key"
ok "but the rest of the environment" grep -q "^HOME=$HOME" "$scratch/kept/script"
is "$(grep -Ff "$scratch/kept/all" "$scratch/kept/keyed" | sort -u)" \
    "EXEC_KEY=$EXEC_KEY" "another one its own alone"
is "$(grep -cFf "$scratch/kept/all" "$scratch/kept/started")" 0 \
    "a server that is started gets none"
ok "but a fresh one" grep -q ^LLAMA_API_KEY= "$scratch/kept/started"
sed -n 's/^LLAMA_API_KEY=//p' "$scratch/kept/started" >>"$scratch/kept/all"
(
    unset EXEC_KEY
    arena generate keyed hi
)
is "$?" 4 "a key that is not there is an error of a script, too"

# What was stored.
arena -v eval "$scratch/p.txt" --run all --pairs baseline:last
arena config show
arena history --json
arena show 1
arena export jsonl
ok "a log was written" test -s "$XDG_STATE_HOME/arena/log"
ok "and holds what a program complains of" grep -q 'sh: complains of .key' \
    "$XDG_STATE_HOME/arena/log"

# While an answer comes: lists of processes, and a crash.
use slow
mkdir "$scratch/said/core"
for way in env query command; do
    key=$(sed -n "s/^${way}=//p" <<END
env=$ENV_KEY
query=$QUERY_KEY
command=$(cat "$scratch/kept/command")
END
    )
    (
        cd "$scratch/said/core" && ulimit -c "$(ulimit -H -c)" 2>/dev/null
        exec "$ARENA" -v --config "$scratch/arena.json" --db "$db" generate \
            "by-$way" hi >"$scratch/said/$way.out" 2>"$scratch/said/$way.err" \
            </dev/null
    ) &
    pid=$!
    ok "by-$way is under way" until_true 30 grep -q "/slow/.*$key" \
        "$scratch/kept/log"
    cat /proc/[0-9]*/cmdline >"$scratch/said/$way.list" 2>/dev/null
    ok "it is in the list" grep -qa "by-$way" "$scratch/said/$way.list"
    ok "it would leave no core" grep -q '^Max core file size  *[01] ' \
        "/proc/$pid/limits"
    kill -ABRT "$pid"
    wait "$pid" 2>/dev/null
done
is "$(ls "$scratch/said/core")" "" "nor does it"

# On the screen: an error that tells the key, and a command that copies, which
# may know what this config does not name.
use tell
copy="env -u EXEC_KEY >$scratch/said/copying"
sed '1s|^{ |{ "copy_command": "'"$copy"'", |' \
    "$scratch/arena.json" >"$scratch/kept/copies"
cp "$scratch/kept/copies" "$scratch/arena.json"
tui_start 200 40
tui_wait "Your prompt"
tui_keys "why?" Enter
tui_wait "nothing is rated" "both sides fail"
tui_keys E
tui_wait "what is this?" "the server's words are shown"
tui_screen >"$scratch/said/screen"
tui_keys Y
tui_wait "Copied the prompt" "the prompt is copied"
ok "by the command" grep -q "^HOME=" "$scratch/said/copying"
tui_keys C-c
tui_wait_end 130 "^C"

found=$(cd "$scratch" && grep -rlaFf kept/all --exclude-dir=kept .)
is "$found" "" "no key stands in any of it"

done_testing
