#!/bin/sh
# The wheel, if the config asks for the mouse; without it the terminal keeps it.
. tests/tap.sh
. tests/tui/tmux.sh

raw_has() { # BYTES
    bytes=$(printf "$1")
    LC_ALL=C grep -aqF -- "$bytes" "$raw"
}
count() { # BYTES
    bytes=$(printf "$1")
    LC_ALL=C grep -aoF -- "$bytes" "$raw" | wc -l
}
wheel() { # 64 (up) or 65 (down), COLUMN ROW, from 1
    tui_keys -l "$(printf '\033[<%d;%d;%dM' "$1" "$2" "$3")"
}
two_returns() {
    [ "$(count '\033[?1006h')" -ge 2 ]
}
long() { # LETTER: lines with numbers, as JSON
    seq -f "$1%g" 1 60 | paste -sd ' ' | sed 's/ /\\n\\n/g'
}
printf '{ "answers": [ { "text": "%s" } ] }' "$(long line)" \
    >"$scratch/replay.json"

tui_start 80 24
tui_wait "Your prompt"
tui_keys C-c
tui_wait_end 130 "^C"
ok "the mouse stays the terminal's" \
    sh -c "! LC_ALL=C grep -aqE '1000h|1006h' '$raw'"

sed 's|^{ |{ "mouse": true, |' tests/tui/arena.json >"$scratch/arena.json"
tui_start 80 24
tui_wait "Your prompt"
ok "the config asks for it" until_true "$tui_limit" raw_has '\033[?1006h'
ok "and for no more than buttons" until_true "$tui_limit" raw_has '\033[?1000h'
tui_keys "long ones" Enter
tui_wait "blind, your vote"
tui_wait "+"
at_top() { # how many sides are
    [ "$(tui_screen | grep -o 'line1 ' | wc -l)" -eq "$1" ]
}
ok "both begin at the top" at_top 2
wheel 65 60 10
ok "the wheel scrolls one side" until_true "$tui_limit" at_top 1
tui_screen >"$scratch/rows"
like "$(sed -n 4,5p "$scratch/rows")" "*line1 *│*line3 *" \
    "the one under the pointer, by three lines"
wheel 65 20 10
tui_wait_gone "line1 " "and over the other side that one"
wheel 64 20 10
wheel 64 60 10
ok "it scrolls back" until_true "$tui_limit" at_top 2
tui_keys L
wheel 65 20 10
tui_wait_gone "line1 " "both if they are linked"
tui_keys g
ok "as they are by keys" until_true "$tui_limit" at_top 2
wheel 0 20 10
wheel 66 20 10
tui_keys -l "$(printf '\033[<65;1M\033[<a\033[<65;99999;1M\033[<65;1b')"
tui_keys "Tab"
tui_keys "/"
tui_wait "find" "the keys after other buttons and noise are keys"
tui_keys Escape
ok "buttons and noise scroll nothing" at_top 2
tui_wait "blind, your vote" "nor do they vote"

before=$(count '\033[?1006l')
tui_keys C-z
stopped() {
    [ "$(count '\033[?1006l')" -gt "$before" ]
}
ok "a stop gives the mouse back" until_true "$tui_limit" stopped
ok "and asks again when it goes on" until_true "$tui_limit" two_returns
before=$(count '\033[?1006l')
tui_keys C-c
tui_wait_end 130 "^C"
ok "the end gives it back" until_true "$tui_limit" stopped

tui_start 80 24
tui_wait "blind, your vote"
kill -ABRT "$tui_pid"
tui_wait_end 134 "a crash"
ok "gives it back, too" until_true "$tui_limit" raw_has '\033[?1006l\033[?1000l'

done_testing
