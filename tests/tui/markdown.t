#!/bin/sh
# Answers in Markdown, at three sizes, and their source.
. tests/tap.sh
. tests/tui/tmux.sh

cp tests/tui/markdown.json "$scratch/replay.json"
tui_start 80 24
tui_wait "Your prompt"
tui_keys "Why sorted?" Enter
tui_wait "blind, your vote"
golden markdown "Markdown at 80x24"
raw_has() { # BYTES
    tui_bytes=$(printf "$1")
    LC_ALL=C grep -aqF -- "$tui_bytes" "$raw"
}
ok "keywords have a colour" raw_has '35m'
ok "emphasis is in italics" raw_has '\033[3m'
tui_keys w
tui_wait "## Binary search" "w shows the source"
tui_wait '```python' "with its fences"
golden markdown-source "the source"
tui_keys w
tui_wait_gone "## Binary search" "and w again the Markdown"
tui_size 160 50
tui_wait "This sitting"
golden markdown-wide "Markdown at 160x50"
tui_size 40 12
tui_wait "[A] B"
tui_keys PgDn
tui_wait "python" "one pages through it"
golden markdown-small "Markdown at 40x12"
tui_keys / mid Enter
tui_wait "2 of 8 hits" "/ counts its hits"
tui_keys Tab
tui_wait "A [B]"
tui_size 80 24
tui_wait "mid = " "it stays over a resize"
tui_first_vote a
tui_wait "You chose A"
tui_wait_gone " hits" "the vote ends the search"
tui_keys n
tui_wait " hits" "n takes it up again"
tui_keys Enter
tui_wait "Your prompt"
tui_keys "Why so?" Enter
tui_wait "blind, your vote"
unlike "$(tui_screen)" " hit" "but not in another battle"
tui_keys q q q
tui_wait_end 0 "q quits"

done_testing
