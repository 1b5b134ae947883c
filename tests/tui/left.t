#!/bin/sh
# The program opens where it was left.
. tests/tap.sh
. tests/tui/tmux.sh

end_by() { # SIGNAL
    kill -"$1" "$tui_pid"
    tui_wait_end 130 "SIG$1 ends it"
}

tui_start 80 24
tui_wait "Your prompt"
tui_keys "How do weevils" M-Enter "winter"
tui_wait "winter"
tui_keys C-t
tui_wait "(none)"
tui_keys coding
tui_wait "1 of"
tui_keys Enter
tui_wait " coding ─"
tui_keys Escape
tui_wait "Enter goes on writing"
tui_keys q
tui_wait "The prompt is not sent"
tui_keys q
tui_wait_end 0 "q leaves it"
tui_start 80 24
tui_wait "winter" "what was written is there again"
tui_wait " coding ─" "and its category"
tui_keys " ?" Enter
tui_wait "blind, your vote"
end_by HUP
tui_start 80 24
tui_wait "blind, your vote" "a battle that waited for its vote is, too"
unlike "$(tui_screen)" "follow up" "and it offers no further question"
tui_keys i
tui_wait "i: this battle is as it was stored" "for it takes none"
tui_wait "› How do weevils" "with its prompt"
unlike "$(tui_screen)" zorblax9 "and still blind"
tui_first_vote a
tui_wait "Saved."
tui_keys Enter
tui_wait "Your prompt"
tui_keys "hang in there" Enter
tui_wait "no further"
end_by TERM
tui_start 80 24
tui_wait "│ hang in there" "a prompt without its answers is there to send"
tui_keys C-u Escape
tui_wait "Enter goes on writing"
tui_keys H
tui_wait "1 of 2"
tui_keys / weevils
tui_wait "/weevils"
tui_keys Enter
tui_wait "1 of 1"
end_by HUP
tui_start 80 24
tui_wait "1 of 1" "the history opens again"
tui_wait "/weevils" "with its search"
tui_keys Enter
tui_wait "battle 1  "
end_by TERM
tui_start 80 24
tui_wait "battle 1  " "and a battle of it"
tui_keys Escape Escape Escape
tui_wait "Your prompt" "over the first screen"
tui_keys Escape
tui_wait "Enter goes on writing"
tui_keys l
tui_wait "Bradley-Terry"
end_by HUP
tui_start 80 24
tui_wait "Bradley-Terry" "so does the leaderboard"
tui_keys q
tui_wait "Your prompt"
tui_keys "not for others"
tui_wait "not for others"
end_by HUP
db=$scratch/other.db
tui_start 80 24
tui_wait "Your prompt"
unlike "$(tui_screen)" "not for others" "another database begins anew"
tui_keys Escape
tui_wait "Enter goes on writing"
tui_keys q
tui_wait_end 0
echo '{' >"$XDG_STATE_HOME/arena/left.json"
tui_start 80 24
tui_wait "left.json:" "a damaged file is told"
tui_keys Escape
tui_wait "Enter goes on writing"
tui_keys q
tui_wait_end 0
is "$(stat -c %a "$XDG_STATE_HOME/arena/left.json")" 600 "nobody else reads it"

done_testing
