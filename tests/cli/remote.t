#!/bin/sh
# Models on servers, as a person sees them: answers, thinking, errors, settings.
. tests/tap.sh

python3 tests/http/chat_server.py "$scratch/port" "$scratch/log" &
server=$!
trap 'kill $server; rm -rf "$scratch"' EXIT
until_true 20 test -e "$scratch/port" || exit 1
port=$(cat "$scratch/port")
export KEY=sk-canary-0123456789 PART=part-9876543210

{
    echo '{ "backends": { "mine": { "type": "openai",'
    echo '  "base_url": "http://127.0.0.1:'"$port"'/plain/v1",'
    echo '  "key_env": "KEY", "key_header": "api-key",'
    echo '  "headers": { "X-Part": "p-${PART}" }, "query": { "v": "1 2" },'
    echo '  "max_parallel": 1 } }, "models": ['
    for name in plain zip think late cut busy scope loading trickle; do
        echo '{ "name": "'$name'", "backend": "openai", "id": "m",'
        echo '  "base_url": "http://127.0.0.1:'"$port/$name"'/v1",'
        echo '  "key_env": "KEY"'
        [ "$name" != trickle ] || echo ', "stall_timeout_s": 0.2'
        echo '},'
    done
    echo '{ "name": "mine", "backend": "mine", "id": "m" } ] }'
} >"$scratch/arena.json"

generate() {
    out=$("$ARENA" --config "$scratch/arena.json" generate "$@" \
        2>"$scratch/err" </dev/null)
    status=$?
    err=$(cat "$scratch/err")
}

generate plain hi
is "$status $out" "0 Hello world." "a server answers"
generate plain hi --json
like "$out" '"n_in": 9, "n_out": 4, "n_think": 1' "its counts are told"

generate think hi
is "$out" "Hello world." "thinking in tags is hidden"
generate late hi
is "$out" "Hello world." "thinking that nothing opened is hidden"
generate late hi --show-thinking
is "$out" "hm, so

Hello world." "--show-thinking shows it before the answer"
generate think hi --show-thinking --json
like "$out" '"thinking": "hm, so"' "and in JSON"

generate zip hi
is "$status" 5 "a compressed answer is refused"
like "$err" "compressed answer (gzip)" "in words"
generate cut hi
is "$status" 5 "an answer without its end is an error"
like "$err" "cut off" "that says so"
generate scope hi
is "$status" 4 "a refused key is an error of its own"
like "$err" "This key has no scope for models. Checked KEY" \
    "the server's words come first, then advice"
generate busy hi
is "$status" 5 "a wait of two hours is not kept"
like "$err" "It asks to wait 2 h 0 min 0 s" "the time is named"
is "$(grep -c /busy/ "$scratch/log")" 1 "and nothing asked again"
generate loading hi
is "$out" "Hello world." "a server here that is loading is waited for"
generate trickle hi
is "$status" 5 "keep-alives do not go on for ever"
like "$err" '"stall_timeout_s"' "the limit is named"

generate mine hi
is "$out" "Hello world." "an entry of backends is enough"
seen=$(grep "/plain/v1/chat/completions?v=1%202 " "$scratch/log")
like "$seen" "X-Part=p-$PART" "with headers, variables in them"
like "$seen" "api-key=$KEY" "the key in its own header"
unset PART
generate mine hi
is "$status" 4 "a variable that is not set is an error"
like "$err" "PART is not set" "that names it"

export PART=part-9876543210
models() {
    out=$("$ARENA" --config "$scratch/arena.json" models "$@" 2>"$scratch/err")
    status=$?
    err=$(cat "$scratch/err")
}
models list --backend mine
is "$out" "m-1
m-2" "a server is asked for its list"
models list --backend mine --json
is "$out" '{"backend":"mine","models":["m-1","m-2"]}' "as JSON"
models list --backend local
is "$status" 3 "what is no server has no list"
models list --backend nobody
is "$status" 3 "an unknown backend is an error of the config"
models test plain
like "$out" "ok*plain*s, first token*Hello world." \
    "a test tells the speed"
models test scope
like "$out" "error*scope*no scope for models" "or what is wrong"

# A logged conversation: both models are sent the assistant's words as they are,
# and what they said themselves only where the file has no answer.
cat >"$scratch/given.jsonl" <<'END'
{"messages": [
  {"role": "system", "content": "Be short."},
  {"role": "user", "content": "big ->"},
  {"role": "assistant", "content": " small\n"},
  {"role": "user", "content": "hot ->"}]}
{"prompt": [
  {"role": "user", "content": "a"}, {"role": "assistant", "content": "b"},
  {"role": "user", "content": "c"}, {"role": "user", "content": "d"}]}
END
: >"$scratch/log"
"$ARENA" --config "$scratch/arena.json" --db "$scratch/given.db" eval \
    "$scratch/given.jsonl" --models plain,think --run given \
    >/dev/null 2>"$scratch/err" </dev/null
is "$?" 0 "a conversation with given answers is asked"
sent=$(python3 - "$scratch/log" <<'END'
import json, sys
sent = {}
for line in open(sys.argv[1], encoding="utf-8"):
    path, body = line.split(" ", 1)[0], line[line.index("{"):]
    talk = " ".join(f"{m['role'][0]}:{m['content']!r}"
                    for m in json.loads(body)["messages"])
    sent.setdefault(path.split("/")[1], set()).add(talk)
for name in sorted(sent):
    print(name, *sorted(sent[name]), sep="\n")
END
)
talks="s:'Be short.' u:'big ->' a:' small\\n' u:'hot ->'
u:'a' a:'b' u:'c'
u:'a' a:'b' u:'c' a:'Hello world.' u:'d'"
is "$sent" "plain
$talks
think
$talks" "and sent as it is given, the same to both models"

kept=$(grep -r -l "$KEY" "$HOME" "$XDG_CONFIG_HOME" "$XDG_DATA_HOME" \
    "$XDG_STATE_HOME" "$XDG_CACHE_HOME" "$scratch/err")
is "$kept" "" "the key stands in no file"

done_testing
