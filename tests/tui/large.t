#!/bin/sh
# Answers of a megabyte each, side by side, stay readable while they come.
. tests/tap.sh
. tests/tui/tmux.sh

words="words of a long answer, with a few 宽字符 in them and an é or two; "
{
    printf '{ "chunk": 2048, "delay_ms": 1, "answers": [ { "text": "begin '
    yes "$words" | head -c 1000000 | LC_ALL=C tr '\n' ' ' |
        iconv -c -f UTF-8 -t UTF-8
    printf '\\n\\nthe very end" } ] }'
} >"$scratch/replay.json"

tui_start 80 24
tui_wait "Your prompt"
tui_keys "much" Enter
tui_wait "blind, answering"
tui_wait "begin words"
tui_keys G
tui_wait "end" "one can follow while it comes"
tui_keys k k k
tui_keys g
tui_wait "begin words" "and go back to the top"
tui_size 120 40
tui_wait "This sitting" "resize while it comes"
tui_size 61 20
tui_wait "begin words"
tui_size 80 24
tui_wait "blind, your vote" "it comes to its end"
tui_keys G
tui_wait "the very end" "and the end is there"
tui_keys / "VERY END" Enter
tui_wait "the very end" "and found"
tui_first_vote b
tui_wait "You chose B. Saved." "and judged"
tui_keys q q
tui_wait_end 0 "q quits"

done_testing
