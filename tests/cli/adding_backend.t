#!/bin/sh
# docs/adding-a-backend.md: all code in it is taken out, built and played with.
. tests/tap.sh

command -v make >/dev/null || skip_all "no make to build a backend"
root=$PWD
build=${ARENA%/*}
variant=${build##*/}
[ -e "$build/flags" ] || skip_all "no build folder"

# The block of code under the line that names the file.
block() {
    awk -v name="\`$1\`:" '$0 == name { found = 1; next }
        found && /^```/ { if (inside) exit; inside = 1; next }
        inside' "$root/docs/adding-a-backend.md"
}
play() { # CONFIG NAME_A NAME_B: a battle, with its answers in $out
    out=$(echo a | "$arena" --config "$1" --db "$scratch/arena.db" \
        battle "one two" 2>&1)
    status=$?
    like "$out" "$2" "$2 is in it"
    like "$out" "$3" "and so is $3"
}

# Scripts, in Python and in shell.
mkdir "$scratch/page"
for file in answer.py answer.sh arena.json acme.json; do
    block "$file" >"$scratch/page/$file"
    ok "the page has $file" test -s "$scratch/page/$file"
done
cd "$scratch/page" || exit 1
arena=$ARENA
play arena.json mirror echo
is "$status" 0 "two scripts play a battle"
like "$out" "two one" "the one in Python answers"
like "$out" "You said: one two" "and the one in shell"
out=$("$arena" --config arena.json models test mirror echo)
is "$?" 0 "both pass the test of models"

# A backend in C: one file and one word.  The other objects are as they were, as
# the word changes but the list of backends.
mkdir "$scratch/tree"
cd "$scratch/tree" || exit 1
for folder in arena backends base data rating scripts tests tui Makefile; do
    cp -Rp "$root/$folder" .
done
mkdir -p "build/$variant"
cp -Rp "$build/obj" "$build/flags" "$build/formats.c" "build/$variant"
block backends/kinds/acme.c >backends/kinds/acme.c
block backends/backend.h >"$scratch/word"
ok "the page changes one line" sh -c \
    'test "$(cut -c 1 "$0" | tr -d "\n")" = -+' "$scratch/word"
old=$(sed -n 's/^-//p' "$scratch/word")
is "$(grep -cxF "$old" backends/backend.h)" 1 "which is there"
python3 - backends/backend.h "$scratch/word" <<'END'
import os, sys
name, change = sys.argv[1:]
old, new = (line[1:] for line in open(change, encoding="utf-8"))
before = os.stat(name)
text = open(name, encoding="utf-8").read().replace(old, new)
open(name, "w", encoding="utf-8").write(text)
os.utime(name, ns=(before.st_atime_ns, before.st_mtime_ns))
END
touch backends/backend.c
block tests/http/protocols.h >"$scratch/row"
awk -v row="$scratch/row" '{ print } /^static const struct protocol protocols/ {
    while ((getline line <row) > 0) print line }' \
    "$root/tests/http/protocols.h" >tests/http/protocols.h
ok "it is built with the rest" make -s VARIANT="$variant" WERROR=1 \
    CC="$(sed 's/ -I\. .*//' "$build/flags")" all \
    "build/$variant/unit/test_conformance"
ok "and stands what servers do wrong" env \
    "$scratch/tree/build/$variant/unit/test_conformance"
like "$(cat "$scratch/tap.out")" "framing*content*ends*acme*openai" \
    "in a row of the table"

cd "$root" || exit 1
python3 tests/http/acme_server.py "$scratch/port" "$scratch/log" &
server=$!
trap 'kill $server; rm -rf "$scratch"' EXIT
until_true 30 test -e "$scratch/port" || exit 1
cd "$scratch/page" || exit 1
sed "s/7300/$(cat "$scratch/port")/" acme.json >here.json
arena=$scratch/tree/build/$variant/arena
export ACME_KEY=sk-canary-0123456789
play here.json acme-1 mirror
is "$status" 0 "the server and the script play a battle"
like "$out" "Acme heard: one two" "the server answers"
is "$(cat "$scratch/log")" "/generate $ACME_KEY {\"model\":\"one\",\
\"talk\":[{\"role\":\"user\",\"content\":\"one two\"}],\"limit\":512,\
\"temperature\":0.5}" "and was asked as the page says"
out=$("$arena" --config here.json models list --backend mine)
is "$out" "one
two" "its models are listed"

done_testing
