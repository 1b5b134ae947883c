#!/bin/sh
# Models on servers, as a person sees them: answers, thinking, errors, settings.
. tests/tap.sh

python3 tests/http/chat_server.py "$scratch/port" "$scratch/log" &
server=$!
trap 'kill $server; rm -rf "$scratch"' EXIT
until_true 20 test -e "$scratch/port" || exit 1
port=$(cat "$scratch/port")
export KEY=sk-canary-0123456789 PART=part-9876543210 SIGNS=pq+rs/tu=vw+xy/z1

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
    echo '{ "name": "tell", "backend": "openai", "id": "m",'
    echo '  "base_url": "http://127.0.0.1:'"$port"'/tell/v1",'
    echo '  "query": { "key": "${SIGNS}" } },'
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

for words in "--template chatml" "--tokenizer t" "--threads 1"; do
    # shellcheck disable=SC2086
    generate plain hi $words
    is "$status" 2 "$words is refused, which only local models have"
done
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
both=$("$ARENA" --config "$scratch/arena.json" generate cut hi 2>&1 </dev/null)
like "$both" "
arena: " "on a line of its own"
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

generate tell hi
like "$err" "/completions?key=[[]key] " "a key that an address escapes is hidden"

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
# An id that is not whole is completed from that list, if it is one model's.
cp "$scratch/arena.json" "$scratch/more.json"
add() {
    out=$("$ARENA" --config "$scratch/more.json" models add "$@" 2>"$scratch/err")
    status=$?
    err=$(cat "$scratch/err")
}
id_of() {
    "$ARENA" --config "$scratch/more.json" models list --json |
        python3 -c 'import json, sys
print(*[m["id"] for m in json.load(sys.stdin)["models"]
        if m["name"] == sys.argv[1]])' "$1"
}
add one backend=mine id=m-2
is "$status $(id_of one)" "0 m-2" "an id that is whole stays"
add two backend=mine id=m
is "$status" 2 "the beginning of two is an error"
like "$err" '2 models of the server begin with "m": m-1, m-2; name one' \
    "that names both"
add two backend=mine
is "$status" 2 "so is none"
like "$err" 'begin with "": m-1, m-2' "which could be each"
add two backend=openai "base_url=http://127.0.0.1:$port/sole/v1" id=so
is "$status $(id_of two)" "0 sole-1" "the beginning of one is completed"
like "$err" "id sole-1" "as is said"
add three backend=openai "base_url=http://127.0.0.1:$port/sole/v1"
is "$status $(id_of three)" "0 sole-1" "and so is none, if there is one"
add four backend=mine id=other
is "$status $(id_of four)" "0 other" "what is not listed stays"
add five backend=ollama base_url=http://127.0.0.1:1 id=x
is "$status $(id_of five)" "0 x" "and so does all if nobody is there"
add six backend=ollama base_url=http://127.0.0.1:1
is "$status" 5 "but then an id is wanted"
like "$err" "no id, and the server was asked for its models in vain: cannot \
connect" "which is said"
out=$(ARENA_LINE="arena models add x backend=mine id=m" "$ARENA" \
    --config "$scratch/more.json" completion values "...")
is "$out" "id=m-1
id=m-2" "a shell that completes an id asks, too"
if command -v bash >/dev/null; then
    mkdir -p "$XDG_CONFIG_HOME/arena"
    cp "$scratch/more.json" "$XDG_CONFIG_HOME/arena/arena.json"
    out=$("$ARENA" completion bash | bash -c '. /dev/stdin; COMP_CWORD=7
        COMP_WORDS=("$0" models add x backend = mine id = m-)
        COMP_LINE="arena models add x backend=mine id=m-"; COMP_CWORD=9
        COMP_POINT=${#COMP_LINE}; _arena; echo "${COMPREPLY[*]}"' "$ARENA")
    is "$out" "m-1 m-2" "as bash does"
    rm "$XDG_CONFIG_HOME/arena/arena.json"
fi
doctor=$("$ARENA" --config "$scratch/more.json" doctor 2>&1 </dev/null)
like "$doctor" "ok    server     openai at http://127.0.0.1:$port/plain/v1: 2 \
models" "doctor asks the servers of the config"
like "$doctor" "warn  model      four: \"other\" is not among the models of \
http://127.0.0.1:$port/plain/v1" "and looks for their models"
like "$doctor" "fail  server     ollama at http://127.0.0.1:1: cannot connect" \
    "and tells which is not there"
unlike "$doctor" "$KEY" "without its key"
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
