#!/bin/sh
# HTTP/2: answers share a connection, and one that its stream or its connection
# breaks off is an error, never a whole answer.
. tests/tap.sh

command -v openssl >/dev/null || skip_all "no openssl to make a certificate"
openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=here \
    -addext subjectAltName=IP:127.0.0.1 -keyout "$scratch/key" \
    -out "$scratch/crt" 2>/dev/null || exit 1
cat "$scratch/crt" "$scratch/key" >"$scratch/pem"
: >"$scratch/log"
python3 tests/http/http2_server.py "$scratch/port" "$scratch/log" \
    "$scratch/pem" &
server=$!
trap 'kill $server; rm -rf "$scratch"' EXIT
until_true 30 test -e "$scratch/port" || exit 1

export KEY=sk-canary-0123456789
{
    echo '{ "backends": { "here": { "type": "openai", "key_env": "KEY",'
    echo '  "base_url": "https://127.0.0.1:'"$(cat "$scratch/port")"'/v1",'
    echo '  "ca_file": "'"$scratch/crt"'" } }, "models": ['
    for how in whole two later reset goaway close short; do
        echo '{ "name": "'$how'", "backend": "here", "id": "'$how'" },'
    done
    echo '{ "name": "too", "backend": "here", "id": "two", "seed": 1 } ] }'
} >"$scratch/arena.json"
arena() {
    "$ARENA" --config "$scratch/arena.json" --db "$scratch/arena.db" "$@" \
        2>"$scratch/err"
}

out=$(arena generate whole hi)
if ! grep -q "^connection 1 h2$" "$scratch/log"; then
    skip_all "libcurl here does not speak HTTP/2: $(cat "$scratch/log")"
fi
is "$out" "Hello world." "an answer by HTTP/2"
is "$(arena generate later hi)" "Hello world." \
    "an answer that a GOAWAY lets end is whole"
place=127.0.0.1:$(cat "$scratch/port")
for how in reset goaway close; do
    out=$(arena generate $how hi)
    is "$?" 5 "$how: half an answer is an error"
    # libcurl may drop what came just before the end: then it is not "cut off:".
    like "$(cat "$scratch/err")" "the connection to $place broke off" \
        "that says so"
    test $how = reset && like "$(cat "$scratch/err")" \
        "broke off (HTTP/2 stream*INTERNAL_ERROR" "and what HTTP/2 calls it"
done
out=$(arena generate short hi)
is "$?" 5 "a stream that ends in order before the answer does is an error"
like "$(cat "$scratch/err")" "closed the connection before the end" \
    "that says so"

# Both sides of a battle are answered only when both are asked on one connection,
# and more battles are asked there, too.
: >"$scratch/log"
printf 'one\ntwo\nthree\n' >"$scratch/prompts.txt"
ok "answers on one connection at the same time" arena eval \
    "$scratch/prompts.txt" --models two,too -j 2
is "$(grep -c ^connection "$scratch/log")" 1 "one connection"
is "$(grep -c ^request "$scratch/log")" 6 "for six requests"

done_testing
