#!/bin/sh
# `arena models pull URL` from a real server: whole, in two halves, changed.
. tests/tap.sh

files="$scratch/files"
mkdir "$files"
python3 -c 'import sys; sys.stdout.buffer.write(b"GGUF" + bytes(range(256)) * 4000)' \
    >"$files/m.gguf"
python3 tests/http/file_server.py "$files" "$scratch/port" "$scratch/log" &
server=$!
trap 'kill $server; rm -rf "$scratch"' EXIT
until_true 20 test -e "$scratch/port" || exit 1
url="http://127.0.0.1:$(cat "$scratch/port")"
weights="$XDG_DATA_HOME/arena/weights"

sum() {
    python3 -c 'import hashlib, sys
print(hashlib.sha256(open(sys.argv[1], "rb").read()).hexdigest())' "$1"
}
pull() {
    out=$("$ARENA" models pull "$@" 2>&1 </dev/null)
    status=$?
}
wanted=$(sum "$files/m.gguf")

pull "$url/m.gguf" --sha256 "$wanted"
is "$status" 0 "a file is pulled"
is "$(sum "$weights/m.gguf")" "$wanted" "whole"
is "$(ls "$weights")" "m.gguf" "and nothing else is left"

pull "$url/m.gguf"
is "$status" 1 "a file that is there is not replaced"
like "$out" "m.gguf is there already" "and it says so"

# Half of it, then the rest.
rm "$weights/m.gguf" "$scratch/log"
pull "$url/cut/m.gguf" --sha256 "$wanted"
is "$status" 5 "a transfer that breaks off is a network error"
like "$out" "pull it again to resume" "that says what to do"
ok "what has come is kept" test -s "$weights/m.gguf.part"
half=$(wc -c <"$weights/m.gguf.part" | tr -d ' ')
pull "$url/cut/m.gguf" --sha256 "$wanted"
is "$status" 0 "the second pull succeeds"
is "$(sum "$weights/m.gguf")" "$wanted" "with the right file"
is "$(tail -1 "$scratch/log")" "/cut/m.gguf bytes=$half- 206" \
    "having asked for the rest only"

# The file changes between two pulls: the halves must not be joined.
rm "$weights/m.gguf"
pull "$url/cut/m.gguf"
printf 'GGUF and now something else' >"$files/m.gguf"
wanted=$(sum "$files/m.gguf")
pull "$url/cut/m.gguf"
is "$status" 0 "a file that changed meanwhile is pulled"
is "$(sum "$weights/m.gguf")" "$wanted" "anew, from its beginning"

# Nor the halves of two files of one name, even with one tag.
rm "$weights/m.gguf"
pull "$url/cut/m.gguf"
pull "$url/twin/m.gguf"
is "$status" 0 "a file of the same name at another address is pulled"
is "$(tail -1 "$scratch/log")" "/twin/m.gguf - 200" "from its beginning"

# What a server sends as the rest may be anything.
rm "$weights/m.gguf"
half=$(($(wc -c <"$files/m.gguf") / 2))
pull "$url/wrong/m.gguf"
pull "$url/wrong/m.gguf"
is "$status" 5 "another part than was asked for is refused"
like "$out" "another part of the file*start over" "and it says so"
pull "$url/new/m.gguf"
pull "$url/new/m.gguf"
is "$status" 5 "a rest with another tag is refused"
like "$out" "has changed at the server*start over" "and it says so"
pull "$url/short/m.gguf"
pull "$url/short/m.gguf"
is "$status" 5 "a rest that ends early is not taken for whole"
like "$out" "ended after $((half + 5)) of $((half * 2 + 1)) bytes" \
    "by what its head has promised"
pull "$url/long/m.gguf"
pull "$url/long/m.gguf"
ok "a rest that is too long is refused" test "$status" != 0
ok "and none of them was stored" test ! -e "$weights/m.gguf"
pull "$url/m.gguf"
is "$(sum "$weights/m.gguf")" "$wanted" "a sane server mends it"

# All was there, and the end of it was not reached, as after a power cut.
mv "$weights/m.gguf" "$weights/m.gguf.part"
mkdir -p "$weights/m.gguf.pull"
printf '%s\n"%s"\n' "$url/m.gguf" "$(echo "$wanted" | cut -c 1-16)" \
    >"$weights/m.gguf.pull/tag"
pull "$url/m.gguf"
is "$status" 0 "a whole part file is accepted"
like "$(tail -1 "$scratch/log")" "/m.gguf bytes=*- 416" "without another byte"
is "$(sum "$weights/m.gguf")" "$wanted" "being the file"

rm "$weights/m.gguf"
pull "$url/m.gguf" --sha256 "$(printf %064d 0)"
is "$status" 1 "another sha256 is refused"
is "$(ls "$weights" | grep -v pull)" "" "and nothing stays"
pull "$url/m.gguf" --sha256 abc
is "$status" 2 "what is no sha256 is a usage error"

pull "$url/page.gguf"
is "$status" 1 "a web page is not taken for weights"
like "$out" "not a GGUF file" "and it says so"
pull "$url/missing.gguf"
is "$status" 5 "404 is a network error"
like "$out" "HTTP 404" "that tells the status"
pull "$url/plain/m.gguf"
is "$status" 5 "a redirect to http is not followed"
pull "$url/m.exe"
is "$status" 2 "an address must name a weights file"
pull "$url/..%2fm.gguf"
is "$status" 2 "with a plain name"
pull "http://192.0.2.1/m.gguf"
is "$status" 2 "plain http is for this machine only"
like "$out" "only https addresses are pulled" "and it says so"
is "$(ls "$weights" | grep -v -e pull -e part)" "" "and nothing was stored"

done_testing
