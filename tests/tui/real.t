#!/bin/sh
# A battle of real models on the screen: two settings of one weights file, on
# the engine in this process.  ARENA_TEST_WEIGHTS is a folder with weights.
. tests/tap.sh
weights=$(ls "${ARENA_TEST_WEIGHTS:-/nowhere}"/*.gguf 2>/dev/null | tail -1)
[ -n "$weights" ] || skip_all "ARENA_TEST_WEIGHTS names no folder with weights"
weights=$(cd "$(dirname "$weights")" && pwd)/$(basename "$weights")
export TUI_LIMIT="${TUI_LIMIT:-120}"
. tests/tui/tmux.sh

first=$(ls "$ARENA_TEST_WEIGHTS"/*.gguf | head -1)
first=$(cd "$(dirname "$first")" && pwd)/$(basename "$first")
cat >"$scratch/arena.json" <<END
{ "max_tokens": 64, "models": [
    { "name": "zorblax9", "backend": "local", "file": "$weights",
      "temperature": 0 },
    { "name": "quuxify3", "backend": "local", "file": "$first",
      "template": "chatml", "temperature": 0.9 } ] }
END

tui_start 100 30
tui_wait "Your prompt"
tui_keys "Name three colours." Enter
tui_wait "blind, answering" "real models begin to answer"
tui_size 60 24
tui_size 100 30
tui_wait "blind, your vote" "and end"
unlike "$(tui_screen)" zorblax9 "no name is shown"
tui_first_vote a
tui_wait "You chose A. Saved." "the vote is taken"
tui_wait "tok/s" "with speeds"
like "$(tui_screen)" "1008.0" "and ratings"

# Left in the middle: the program does not wait for the models.
tui_keys Enter
tui_wait "Your prompt"
tui_keys "Write a long story about a lighthouse." Enter
tui_wait "blind, answering"
tui_keys q
tui_wait "No vote on this battle yet"
tui_keys q q
tui_wait_end 0 "q leaves while they answer"

done_testing
