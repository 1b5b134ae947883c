#!/bin/sh
# Models that a server runs which the arena starts: loading, sharing, crashing,
# and that nothing is left of it in any way out.
. tests/tap.sh

fake=$PWD/tests/http/fake_llama_server.py
starts=$scratch/starts
model() { # NAME FILE MORE
    echo '{ "name": "'"$1"'", "backend": "llama-server", "file": "'"$2"'",'
    echo '  "command": ["python3", "'"$fake"'"], "system": "",'
    echo '  "args": ["--log", "'"$starts"'"'"$4"'] '"$3"' },'
}
touch "$scratch/one.gguf" "$scratch/two.gguf"
{
    echo '{ "models": ['
    model one one.gguf
    model warm one.gguf ', "temperature": 1'
    model two two.gguf ', "context": 512'
    model fails one.gguf '' ', "--how", "fails"'
    model extra one.gguf '' ", $(printf '"%s", ' --extra $(seq 99))"'"100"'
    model dies one.gguf '' ', "--how", "dies"'
    model hangs one.gguf ', "first_token_timeout_s": 0.5' ', "--how", "hangs"'
    echo '{ "name": "none", "backend": "llama-server", "file": "one.gguf",'
    echo '  "command": ["no-such-server"] },'
    echo '{ "name": "replayed", "backend": "replay", "script": "s.json" } ] }'
} >"$scratch/arena.json"

arena() {
    out=$("$ARENA" --config "$scratch/arena.json" "$@" 2>"$scratch/err" \
        </dev/null)
    status=$?
    err=$(cat "$scratch/err")
}
n_starts() { grep -c ^start "$starts"; }
keys() { sed -n 's/^start.* //p' "$starts"; }
# In lists of processes, a word; grep's own has it otherwise.
listed() { grep -sl "[${1%"${1#?}"}]${1#?}" /proc/[0-9]*/cmdline | grep -q .; }
gone() { ! listed "${scratch##*/}"; }

arena generate one "hello there"
is "$status $out" "0 HELLO THERE" "a server is started, waited for and asked"
is "$(n_starts)" 1 "once"
ok "and ended" until_true 5 gone
like "$(cat "$starts")" "*one.gguf None *" "it was given the file"

: >"$starts"
arena generate two hi
is "$status $out" "0 HI" "another model"
like "$(cat "$starts")" "*two.gguf 512 *" "was given the context, too"

arena generate extra hi
is "$(sed -n 's/^extra //p' "$starts")" "$(echo $(seq 100))" \
    "and another one all of its many arguments"

# Models on the same file and arguments share one; others have their own.
: >"$starts"
printf 'a\nb\nc\n' >"$scratch/p.txt"
arena eval --models one,warm,two "$scratch/p.txt"
is "$status" 0 "three models on two files play"
is "$(n_starts)" 2 "with two servers"
is "$(keys | sort -u | wc -l)" 2 "each with a key of its own"
ok "which are ended" until_true 5 gone

# Failures, in words.
: >"$starts"
arena generate fails hi
is "$status" 5 "a server that does not start is an error"
like "$err" "was started twice and did not stay: error: no such modèle" \
    "in its own words"
unlike "$err" "$(printf '\033')" "without its control characters"
is "$(n_starts)" 2 "it was tried twice"
arena generate dies hi
like "$err" "was started twice and did not stay" "so is one that dies"
arena generate hangs hi
like "$err" 'has not loaded within 0.5 s ("first_token_timeout_s")' \
    "and one that never loads"
arena generate none hi
is "$status" 5 "a program that is none"
like "$err" "no-such-server" "is named"
ok "nothing is left of these" until_true 5 gone

# A crash in the middle: that answer fails, the next one has a new server, were
# it asked in the very moment of the crash.
: >"$starts"
echo '{ "answers": [ { "text": "fine" } ] }' >"$scratch/s.json"
printf 'a\nb\ncrash\nc\nd\ne\nf\n' >"$scratch/p.txt"
arena eval -j 1 --models one,replayed "$scratch/p.txt"
like "$out$err" "6 of 7 battles ready, 1 void" \
    "a crash in the middle voids that battle and no other"
ok "the server was started again, if more was to be asked" sh -c \
    "test $(n_starts) = 2 || tail -1 '$starts' | grep -q '^asked crash'"

# Ways out: the key is in no list of processes and no log, and nothing stays.
for signal in TERM HUP KILL; do
    : >"$starts"
    "$ARENA" --config "$scratch/arena.json" generate one slow \
        >/dev/null 2>&1 </dev/null &
    pid=$!
    ok "an answer is under way" until_true 20 grep -q ^asked "$starts"
    key=$(keys)
    ok "its server is in the list of processes" listed "${scratch##*/}"
    ok "its key is not" test ${#key} = 32 -a "$(listed "$key"; echo $?)" = 1
    kill -s $signal $pid
    wait $pid 2>/dev/null
    ok "SIG$signal leaves no server" until_true 5 gone
done
keys >"$scratch/keys"
ok "no key is in the log, the database or elsewhere" \
    sh -c "! grep -rlf '$scratch/keys' '$XDG_DATA_HOME' '$XDG_STATE_HOME'"

# A config that lies around may start nothing.
cp "$scratch/arena.json" "$HOME/arena.json"
out=$(cd "$HOME" && "$ARENA" config check 2>&1)
is "$?" 3 "a found config may not name what is started"
like "$out" "name it with --config" "as is said"

done_testing
