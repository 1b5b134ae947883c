#!/bin/sh
# Copying by OSC 52 and by a command; what is copied is clean and blind.
. tests/tap.sh
. tests/tui/tmux.sh

$tmux_in set -g set-clipboard on
has_text() { $tmux_in show-buffer 2>/dev/null | grep -qF -- "$1"; }
lacks_text() { ! has_text "$1"; }

# Each part begins with a prompt, whatever was left open by the one before.
forget_place() { rm -f "$XDG_STATE_HOME/arena/left.json"; }

tui_start 80 24
tui_wait "Your prompt"
tui_keys "Something hostile, for once?" Enter
tui_wait "blind, your vote"
tui_keys y
tui_wait "Copied answer A, " "y copies the answer with the focus"
ok "the terminal has it" until_true "$tui_limit" has_text "clear <1B>[2J"
ok "with no escape sequence" lacks_text "$(printf '\033')"
tui_keys Tab y
tui_wait "Copied answer B, " "of the other side, too"
ok "the terminal has that" until_true "$tui_limit" has_text "bidi <U+202E>"
tui_keys Y
tui_wait "Copied the prompt, 28 bytes." "Y copies the prompt"
ok "the terminal has it, too" \
    until_true "$tui_limit" has_text "Something hostile, for once?"
tui_keys C-c
tui_wait_end 130 "^C"

# The command line of what a screen shows, quoted for a shell.
forget_place
tui_start 80 24
tui_wait "Your prompt"
tui_keys "What's \$HOME; in it?" Enter
tui_wait "blind, your vote"
tui_keys @
tui_wait "battle 'What'\''s \$HOME; in it?'" "@ shows the command line"
command_is() { # what a shell makes of the copied words
    $tmux_in show-buffer >"$scratch/line"
    (arena() { for word; do echo "$word"; done; }
        . "$scratch/line") | tail -1 | grep -qxF -- "$1"
}
ok "and copies it, quoted" until_true "$tui_limit" \
    command_is "What's \$HOME; in it?"
tui_first_vote t
tui_wait "You called it a tie"
tui_keys H @
tui_wait "arena [its files] history" "so does the history"
tui_keys Escape l @
tui_wait " leaderboard" "and the leaderboard"
tui_keys "?" @
tui_wait "No command line does the same" "the help has none"
tui_keys C-c
tui_wait_end 130 "^C"
rm -f "$db"*

# What was set for the prompt goes with it; a prompt is no option.
forget_place
tui_start 80 24 tui --voter "o\'hara"
tui_wait "Your prompt"
tui_keys C-t
tui_wait "(none)"
tui_keys coding
tui_wait "›coding"
tui_wait " 1 of"
tui_keys Enter
tui_wait " coding ─"
tui_keys -- "-n?" Enter
tui_wait "blind, your vote"
tui_keys @
tui_wait "battle --category coding --voter 'o'\''hara' -- '-n?'" \
    "@ keeps the category and the voter"
ok "and a shell takes it" until_true "$tui_limit" command_is "-n?"
tui_keys C-c
tui_wait_end 130 "^C"
rm -f "$db"*

# A model that names itself is not named by copying, either.
cat >"$scratch/replay.json" <<'END'
{ "answers": [ { "model": "one", "text": "I am zorblax9." },
               { "text": "I am nobody, `so to say`." } ] }
END
with() { # A line of the config
    sed "s|^{ |{ $1, |" tests/tui/arena.json >"$scratch/arena.json"
}
with "\"copy_command\": \"cat >$scratch/copied\""
forget_place
tui_start 80 24
tui_wait "Your prompt"
tui_keys "Who?" Enter
tui_wait "blind, your vote"
copied_both() {
    cat "$scratch/copied" >>"$scratch/both"
    grep -q "hidden" "$scratch/both" && grep -q "so to say" "$scratch/both"
}
tui_keys y
tui_wait "Copied answer A" "a command is run"
cat "$scratch/copied" >"$scratch/both"
tui_keys Tab y
tui_wait "Copied answer B"
ok "and gets both answers, the source of B, and no name in A" copied_both
unlike "$(cat "$scratch/both")" zorblax9 "indeed none"
ok "nothing goes to the terminal then" \
    sh -c "! LC_ALL=C grep -aq ']52;' '$raw'"
tui_keys C-c
tui_wait_end 130 "^C"

with '"copy_command": "exit 3"'
forget_place
tui_start 80 24
tui_wait "Your prompt"
tui_keys "Who?" Enter
tui_wait "blind, your vote"
tui_keys y
tui_wait '"exit 3" failed; nothing was copied.' "a command that fails is told"
tui_keys C-c
tui_wait_end 130 "^C"
with '"copy_command": ""'
forget_place
tui_start 80 24
tui_wait "Your prompt"
tui_keys "Who?" Enter
tui_wait "blind, your vote"
tui_keys y
tui_wait "Copying is off" "an empty command switches it off"
tui_keys C-c
tui_wait_end 130 "^C"

# A config that lies in the current folder must not run programs.
mkdir "$scratch/found"
with '"copy_command": "touch owned"'
mv "$scratch/arena.json" "$scratch/found/arena.json"
out=$(cd "$scratch/found" && "$ARENA" config check 2>&1)
like "$out" "\"copy_command\" is not allowed" "a found config has no command"

done_testing
