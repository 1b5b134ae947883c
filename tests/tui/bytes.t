#!/bin/sh
# While answers stream, only what changed is sent: under three times the text.
. tests/tap.sh
. tests/tui/tmux.sh

words="a sentence of ordinary words that a model could have written, "
{
    printf '{ "chunk": 8, "delay_ms": 20, "answers": [ { "text": "begin '
    yes "$words" | head -c 1500 | tr '\n' ' '
    printf 'the end" } ] }'
} >"$scratch/replay.json"

for size in "80 24" "160 50"; do
    tui_start $size
    tui_wait "Your prompt"
    tui_keys "much" Enter
    tui_wait "begin" "a battle streams at $size"
    before=$(wc -c <"$raw")
    tui_wait "blind, your vote"
    sent=$(($(wc -c <"$raw") - before))
    echo "# $sent bytes for 2 x 1500 of text"
    ok "few bytes are sent" [ "$sent" -lt 9000 ]
    ok "and all of the text is" [ "$sent" -gt 2000 ]
    tui_keys C-c
    tui_wait_end 130 "^C"
done

done_testing
