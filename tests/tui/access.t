#!/bin/sh
# For readers of other kinds: lines that are never drawn over, reduced motion,
# a light background, no colour; and the program that is told of votes.
. tests/tap.sh
. tests/tui/tmux.sh

arena() {
    "$ARENA" --config "$scratch/arena.json" --db "$db" --seed 1 "$@"
}
with() { # A line of the config
    sed "s|^{ |{ $1, |" tests/tui/arena.json >"$scratch/arena.json"
}
raw_has() { # BYTES
    bytes=$(printf "$1")
    LC_ALL=C grep -aqF -- "$bytes" "$raw"
}

# --- line by line -----------------------------------------------------------

out=$(printf 'first\na\nu\nsecond\nt\n\nthird\n' | arena --plain 2>&1)
is "$?" 0 "arena --plain plays line by line"
like "$out" "> first" "it shows the prompt"
like "$out" "--- B ---" "and both answers"
like "$out" "You chose A" "takes a vote"
like "$out" "Withdrew the vote on battle 1" "takes it back"
like "$out" "You called it a tie" "goes on with the next one"
unlike "$out" "third" "and ends with an empty line"
ok "nothing moves the cursor" \
    sh -c "! printf '%s' '$(printf '%s' "$out" | tr -d "'")' | grep -q '[[:cntrl:]]'"
out=$(arena --plain </dev/null 2>&1)
is "$?" 0 "no prompt is no error"
tui_run 80 24 "env TERM=dumb \"$ARENA\" --config \"$scratch/arena.json\" \
--db \"$db\" --seed 1 --plain"
tui_wait "prompt (an empty line leaves" "it works on a dumb terminal"
tui_keys "for a person" Enter
tui_wait "Which is better?"
tui_keys b Enter
tui_wait "You chose B"
tui_keys Enter
tui_wait_end 0 "and ends"
ok "nothing was drawn over there" sh -c "! LC_ALL=C grep -aq '$(printf '\033')' \
'$raw'"
rm -f "$db"*

# What is typed while answers still come is no vote.
cat >"$scratch/late" <<END
#!/bin/sh
cat >/dev/null
while [ -d "$scratch" ] && [ ! -e "$scratch/gate" ]; do sleep 0.1; done
echo "Said late."
END
chmod +x "$scratch/late"
cat >"$scratch/late.json" <<END
{ "models": [
  { "name": "zorblax9", "backend": "exec", "command": ["$scratch/late"],
    "input": "text" },
  { "name": "quuxify3", "backend": "exec", "command": ["$scratch/late"],
    "input": "text", "system": "x" } ] }
END
tui_run 80 24 "\"$ARENA\" --config \"$scratch/late.json\" --db \"$db\" --plain"
tui_wait "prompt (an empty line leaves"
tui_keys "which one?" Enter
tui_wait "A and B are answering ..."
tui_keys tie Enter
ok "a line is typed early" until_true "$tui_limit" raw_has 'tie\r'
touch "$scratch/gate"
tui_wait "What was typed before this question is dropped." "it is dropped"
tui_wait "Which is better?"
tui_keys "b as it is shorter" Enter
tui_wait "Not a vote: want a, b, t, x or s;" "what is no vote is told why"
asks_again() {
    tui_screen | grep -A 1 "Not a vote" | grep -q "Which is better"
}
ok "and asked for again" until_true "$tui_limit" asks_again
tui_keys b Enter
tui_wait "You chose B" "what is typed behind the question is the vote"
tui_keys Enter
tui_wait_end 0 "and ends"
rm -f "$db"*

# --- reduced motion ---------------------------------------------------------

with '"motion": "reduced"'
printf '{ "delay_ms": 40, "chunk": 4, "answers": [ { "text": "%s" } ] }' \
    "$(yes 'begin and go on' | head -40 | tr '\n' ' ')" \
    >"$scratch/replay.json"
tui_start 80 24
tui_wait "Your prompt"
ok "the cursor is told not to blink" until_true "$tui_limit" raw_has '\033[2 q'
tui_keys "slowly" Enter
tui_wait "answering" "answers come"
unlike "$(tui_screen)" "▌" "without a sign of typing"
unlike "$(tui_screen)" "answering  " "or a counter"
whole() { # only whole lines: the width of the pane, or nothing
    tui_screen | sed -n '3,$p' | grep -q "begin and go on begin and go"
}
tui_wait "begin and go on begin" "whole lines appear"
tui_keys C-c
tui_wait_end 130 "^C"
twice() { # tmux gives its cursor back by the same bytes
    [ "$(LC_ALL=C grep -aoF "$(printf '\033[2 q')" "$raw" | wc -l)" -ge 2 ]
}
ok "the cursor is given back" until_true "$tui_limit" twice
cp tests/tui/replay.json "$scratch"

# --- colours ----------------------------------------------------------------

start() { # ENVIRONMENT...
    tui_run 80 24 "env $* \"$ARENA\" --config \"$scratch/arena.json\" \
--db \"$db\" --seed 1"
    tui_wait "Your prompt" "starts with $*"
}
cp tests/tui/arena.json "$scratch"
start TERM=xterm-256color
ok "the terminal is asked for its background" until_true "$tui_limit" raw_has '\033]11;?'
ok "a dark one is assumed" until_true "$tui_limit" raw_has '38;5;37m'
tui_keys -l "$(printf '\033]11;rgb:ffff/ffff/ffff\033\\')"
ok "its reply brings the colours for a light one" \
    until_true "$tui_limit" raw_has '38;5;25m'
tui_keys "typed" Escape
tui_wait "Enter goes on writing" "keys work after it"
unlike "$(tui_screen)" "rgb" "and the reply is no text"
tui_keys C-c
tui_wait_end 130 "^C"
clears() {
    LC_ALL=C grep -aoF "$(printf '\033[2J')" "$raw" | wc -l
}
start TERM=xterm-256color
cleared() { # the pipe may lag behind the screen
    [ "$(clears)" -gt 0 ]
}
ok "the screen was cleared to begin" until_true "$tui_limit" cleared
before=$(clears)
tui_keys -l "$(printf '\033]11;rgb:0000/0000/0000\033\\')"
tui_keys "typed"
tui_wait "typed" "keys work after a reply of a dark one"
is "$(clears)" "$before" "which draws nothing anew"
tui_keys C-c
tui_wait_end 130 "^C"
start TERM=xterm-256color "'COLORFGBG=0;15'"
ok "COLORFGBG tells it, too" until_true "$tui_limit" raw_has '38;5;25m'
ok "and then nobody is asked" sh -c "! LC_ALL=C grep -aqF ']11;?' '$raw'"
with '"theme": "light"'
start TERM=xterm-256color
ok "so does the config" until_true "$tui_limit" raw_has '38;5;25m'
start TERM=xterm
ok "with 8 colours, too" until_true "$tui_limit" raw_has '34m'
cat >"$scratch/direct" <<'END'
direct|as xterm-direct of ncurses-term, use=xterm-256color, RGB, ccc@, initc@,
    colors#0x1000000, pairs#0x7FFF,
    setaf=\E[%?%p1%{8}%<%t3%p1%d%e38\:2\:\:%p1%{65536}%/%d\:%p1%{256}%/%{255}%&%d\:%p1%{255}%&%d%;m,
    setab=\E[%?%p1%{8}%<%t4%p1%d%e48\:2\:\:%p1%{65536}%/%d\:%p1%{256}%/%{255}%&%d\:%p1%{255}%&%d%;m,
END
tic -x -o "$scratch/terminfo" "$scratch/direct"
start TERM=direct "TERMINFO=$scratch/terminfo"
ok "and with all of them" until_true "$tui_limit" raw_has '38:2::0:95:175m'
start TERM=xterm-256color NO_COLOR=1
ok "NO_COLOR has none" sh -c "! LC_ALL=C grep -aqE '38;5|3[0-7]m' '$raw'"
with '"theme": "mono"'
start TERM=xterm-256color
ok "nor has mono" sh -c "! LC_ALL=C grep -aqE '38;5|3[0-7]m' '$raw'"
start TERM=linux
ok "the console is not asked" sh -c "! LC_ALL=C grep -aqF ']11;?' '$raw'"
tui_keys C-c
with '"theme": "pink"'
out=$(arena config check 2>&1)
like "$out" '*"theme"*' "no other theme is taken"

# --- the program that is told of votes --------------------------------------

cat >"$scratch/hook" <<END
#!/bin/sh
cat >>"$scratch/told"
END
chmod +x "$scratch/hook"
with "\"vote_hook\": [\"$scratch/hook\", \"\$(touch $scratch/shell)\"]"
rm -f "$db"* "$XDG_STATE_HOME/arena/left.json"
tui_start 80 24
tui_wait "Your prompt"
tui_keys "for the hook" Enter
tui_wait "blind, your vote"
ok "before the vote nobody is told" [ ! -e "$scratch/told" ]
tui_first_vote a
tui_wait "You chose A"
ok "the program gets the vote" until_true "$tui_limit" test -s "$scratch/told"
like "$(cat "$scratch/told")" \
    '{"battle":1,"prompt":"for the hook","verdict":"a","a":{"model":*' \
    "with the battle as JSON"
ok "it is JSON, a line" python3 -c "import json, sys
lines = open('$scratch/told').read().splitlines()
assert len(lines) == 1 and json.loads(lines[0])['b']['text']"
ok "no shell saw its arguments" [ ! -e "$scratch/shell" ]
tui_keys C-c
tui_wait_end 130 "^C"
printf 'by a line\nb\n' | arena battle >/dev/null 2>&1
like "$(cat "$scratch/told")" '*"by a line","verdict":"b"*' \
    "so it does line by line"
with '"vote_hook": ["false"]'
out=$(printf 'x\na\n' | arena battle 2>&1)
is "$?" 0 "a program that fails fails no vote"
like "$out" "*vote_hook failed (status 1)*" "but it is said"
with '"vote_hook": ["/no/such/program"]'
out=$(printf 'x\na\n' | arena battle 2>&1)
like "$out" "*cannot start /no/such/program*" "as is one that is not there"
with '"vote_hook": "a b"'
out=$(arena config check 2>&1)
like "$out" '*"vote_hook"*' "a string is no list of words"
mkdir "$scratch/found"
with '"vote_hook": ["touch", "owned"]'
cp "$scratch/arena.json" "$scratch/replay.json" "$scratch/found"
out=$(cd "$scratch/found" && printf 'x\na\n' | "$ARENA" --db f.db battle 2>&1)
like "$out" '*"vote_hook" is not allowed*' "a found config has no hook"
ok "and it was not run" [ ! -e "$scratch/found/owned" ]

done_testing
