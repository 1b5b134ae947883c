#!/bin/sh
# What models, prompts and names send must not reach the terminal as orders.
. tests/tap.sh
. tests/tui/tmux.sh

# raw_lacks BYTES NAME: what the program wrote has no such bytes.
raw_lacks() {
    tui_bytes=$(printf "$1")
    ok "$2" sh -c "! LC_ALL=C grep -aqF -- '$tui_bytes' '$raw'"
}

all_neutral() {
    raw_lacks '\033]52' "no clipboard sequence (OSC 52)"
    raw_lacks '\033]0' "no window title (OSC 0)"
    raw_lacks '\033]8' "no link (OSC 8)"
    raw_lacks '\033P' "no DCS"
    raw_lacks '\033c' "no reset"
    raw_lacks '\302\233' "no C1 CSI"
    raw_lacks '\302\235' "no C1 OSC"
    raw_lacks '\342\200\256' "no bidi override"
    raw_lacks '\342\201\246' "no bidi isolate"
    raw_lacks '\342\200\213' "no zero-width space"
    raw_lacks '\342\200\215' "no joiner"
    raw_lacks '\357\273\277' "no byte order mark"
    raw_lacks '\363\240\201\201' "no tag character"
    raw_lacks '\342\200\250' "no line separator"
    raw_lacks '\314\204\314\205' "no heap of combining marks"
}

tui_start 100 24
tui_wait "Your prompt"
tui_keys "something hostile" Enter
tui_wait "blind, your vote"
golden hostile "a battle of hostile answers"
all_neutral
like "$(tui_screen)" "clear <1B>[2J<1B>[H" "ESC is shown"
like "$(tui_screen)" "中文宽字符" "wide characters are"
tui_first_vote t
tui_wait "You called it a tie. Saved."
tui_keys Escape
tui_keys Enter

# The same from the person: a paste that carries sequences and its own end.
tui_wait "Your prompt"
tui_paste "$(printf 'a\033]52;c;QQ==\007b \342\200\256c\033[201~a\n')"
tui_wait "Your prompt" "it stays in the editor"
tui_wait "a]52;c;QQ==b <U+202E>c" "without its controls"
golden hostile-prompt "a hostile prompt"
tui_keys C-u C-c
tui_wait_end 130 "^C ends the program"
all_neutral

# Names come from the config; errors name them.
name=$(printf 'evil\342\200\256\\u001b]0;owned\\u0007name')
cat >"$scratch/arena.json" <<END
{ "models": [
    { "name": "$name", "backend": "replay", "script": "replay.json",
      "id": "one" },
    { "name": "quuxify3", "backend": "replay", "script": "replay.json",
      "id": "two" } ] }
END
"$ARENA" --config "$scratch/arena.json" --db "$scratch/names.db" compare x y z \
    >"$raw" 2>&1
raw_lacks '\033' "an error line has no escape"
raw_lacks '\342\200\256' "and no bidi override"

done_testing
