#!/bin/sh
# While answers stream, only what changed is sent: under three times the text,
# also when the panes follow it.
. tests/tap.sh
. tests/tui/tmux.sh

words="a sentence of ordinary words that a model could have written, "
{
    printf '{ "chunk": 8, "delay_ms": 20, "answers": [ { "text": "begin '
    yes "$words" | head -c 4500 | tr '\n' ' '
    printf 'the end" } ] }'
} >"$scratch/replay.json"

battle() { # COLUMNS ROWS KEYS...
    rm -f "$db"* # nothing that was left there is taken up
    tui_start $1 $2
    tui_wait "Your prompt"
    tui_keys "much" Enter
    tui_wait "begin" "a battle streams at $1x$2, keys: $3 $4 $5"
    shift 2
    [ $# -eq 0 ] || tui_keys "$@"
    before=$(wc -c <"$raw")
    tui_wait "blind, your vote"
    sent=$(($(wc -c <"$raw") - before))
    echo "# $sent bytes for 2 x 4500 of text"
    tui_keys C-c
    tui_wait_end 130 "^C"
}

for size in "80 24" "160 50"; do
    battle $size G Tab G
    ok "few bytes are sent for panes that follow" [ "$sent" -lt 27000 ]
    ok "and all of the text is" [ "$sent" -gt 6000 ]
done
battle 160 50
ok "few bytes are sent for panes that stand" [ "$sent" -lt 27000 ]

done_testing
