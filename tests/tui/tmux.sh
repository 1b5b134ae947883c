# tmux.sh: the program in a real terminal, for tests.  After tests/tap.sh:
#
#     tui_start 80 24                   start it (more arguments: its own)
#     tui_keys "What?" Enter            keys by their tmux names
#     tui_wait "your vote"              until that stands on the screen
#     golden voting "the vote screen"   the whole screen, against a file
#
# Nothing sleeps: every wait is for something on the screen or of the process.
# tests/tui/golden/NAME.txt are the screens; UPDATE=1 writes them anew, to be
# read before they are committed.

command -v tmux >/dev/null || skip_all "tmux is not installed"
tui_limit=${TUI_LIMIT:-30} # seconds that a state may take; sanitizers are slow
tmux_in="tmux -S $scratch/tmux -f /dev/null"
trap '$tmux_in kill-server 2>/dev/null; rm -rf "$scratch"' EXIT
export LC_ALL=C.UTF-8 ARENA
unset NO_COLOR TMUX
export VISUAL=true # no test waits in an editor
cp tests/tui/arena.json tests/tui/replay.json "$scratch"
db=$scratch/arena.db
tui_n=0

$tmux_in start-server \; set -g status off \; \
    set -g default-terminal "${TUI_TERM:-tmux-256color}" \; \
    set -g history-limit 5000 \; new-session -d -s keep cat

tui_start() { # COLUMNS ROWS [ARGUMENTS...]
    tui_columns=$1 tui_rows=$2
    shift 2
    tui_run "$tui_columns" "$tui_rows" \
        "\"$ARENA\" --config \"$scratch/arena.json\" --db \"$db\" --seed 1 $*"
}

tui_run() { # COLUMNS ROWS COMMAND: one program, in the terminal
    $tmux_in kill-session -t tui 2>/dev/null
    rm -f "$scratch/pid" "$scratch/status"
    tui_n=$((tui_n + 1))
    raw=$scratch/raw.$tui_n # all that this one writes
    : >"$raw"
    echo "echo \$\$ >'$scratch/pid'; exec $3" >"$scratch/run"
    # The pipe is there before the program writes.
    $tmux_in new-session -d -s tui -x "$1" -y "$2" \
        "read -r go; sh '$scratch/run'; echo \$? >'$scratch/status'; exec cat" \
        \; resize-window -t tui -x "$1" -y "$2" \
        \; pipe-pane -t tui "cat >> \"$raw\"" \; \
        send-keys -t tui Enter
    until_true "$tui_limit" test -s "$scratch/pid"
    tui_pid=$(cat "$scratch/pid")
}

tui_keys() {
    $tmux_in send-keys -t tui "$@"
}

tui_paste() { # TEXT: as a terminal with bracketed paste sends it
    printf %s "$1" | $tmux_in load-buffer -
    $tmux_in paste-buffer -p -d -t tui
}

# In a new database the first vote is to be confirmed.
tui_first_vote() { # KEY
    tui_keys "$1"
    tui_wait ": sure?" "the first vote asks"
    tui_keys Enter
}

tui_screen() {
    $tmux_in capture-pane -p -t tui
}

tui_size() { # COLUMNS ROWS
    $tmux_in resize-window -t tui -x "$1" -y "$2"
}

tui_shows() {
    case $(tui_screen) in *"$1"*) return 0 ;; esac
    return 1
}

tui_wait() { # TEXT [NAME]: a test of its own
    if until_true "$tui_limit" tui_shows "$1"; then
        ok "${2:-the screen shows: $1}" true
    else
        tui_screen >"$scratch/last"
        ok "${2:-the screen shows: $1}" sh -c "cat '$scratch/last'; false"
    fi
}

tui_lacks() {
    ! tui_shows "$1"
}

tui_wait_gone() { # TEXT [NAME]
    ok "${2:-the screen no longer shows: $1}" \
        until_true "$tui_limit" tui_lacks "$1"
}

tui_wait_end() { # STATUS NAME: 128 + N for signal N
    until_true "$tui_limit" test -s "$scratch/status" ||
        tui_screen | sed "s/^/# /"
    is "$(cat "$scratch/status" 2>/dev/null)" "$1" "$2"
}

# Times, speeds and dates are all on a screen that no seed decides.
tui_steady() {
    tui_screen | sed -E \
        -e 's/(answering|waiting…|waiting\.\.\.) +[0-9]+ s/\1  N s/' \
        -e 's/(answering|waiting…|waiting\.\.\.) +[0-9]+ s/\1  N s/' \
        -e 's/first [0-9.]+ s/first N s/' -e 's/ +[0-9]+ tok\/s/  N tok\/s/' \
        -e 's/[0-9]{4}-[0-9]{2}-[0-9]{2}/YYYY-MM-DD/g' -e 's/ +$//'
}

tui_is() {
    tui_steady >"$scratch/screen"
    cmp -s "$1" "$scratch/screen"
}

golden() { # NAME WHAT
    tui_steady >"$scratch/wanted"
    if [ -n "${UPDATE:-}" ]; then
        until tui_is "$scratch/wanted"; do
            tui_steady >"$scratch/wanted"
        done
        cp "$scratch/wanted" "tests/tui/golden/$1.txt"
    fi
    until_true "$tui_limit" tui_is "tests/tui/golden/$1.txt"
    ok "$2 looks as it should" diff -u "tests/tui/golden/$1.txt" \
        "$scratch/screen"
}
