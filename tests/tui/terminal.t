#!/bin/sh
# The terminal is taken over and given back, whatever ends the program; and
# terminals that cannot be used get one clear line.
. tests/tap.sh
. tests/tui/tmux.sh

arena="\"$ARENA\" --config \"$scratch/arena.json\" --db \"$db\" --seed 1"

# Runs the program from a shell that compares the modes before and after.
start_watched() {
    cat >"$scratch/watched" <<END
stty -a >"$scratch/before"
$arena
echo \$? >"$scratch/code"
stty -a >"$scratch/after"
echo over
END
    tui_run 80 24 "sh \"$scratch/watched\""
    tui_wait "Your prompt" "it runs"
}

program_pid() {
    tui_program=$(ps -o pid= --ppid "$tui_pid" | tr -d ' ')
}

paste_is_off() { # what tmux pipes into the file comes after the screen
    [ "$(LC_ALL=C grep -ao '?2004[hl]' "$raw" | tail -1)" = "?2004l" ]
}

given_back() { # NAME
    tui_wait "over"
    ok "$1: the modes are as before" cmp "$scratch/before" "$scratch/after"
    is "$($tmux_in display -p -t tui '#{alternate_on} #{cursor_flag}')" "0 1" \
        "$1: the screen and the cursor are back"
    ok "$1: bracketed paste is off" until_true "$tui_limit" paste_is_off
}

start_watched
tui_keys Escape
tui_wait "q quits"
tui_keys q
given_back "after q"
is "$(cat "$scratch/code")" 0 "q is success"

for signal in TERM INT HUP QUIT; do
    start_watched
    program_pid
    kill -$signal "$tui_program"
    given_back "after SIG$signal"
    is "$(cat "$scratch/code")" 130 "SIG$signal is an interruption"
done

start_watched
program_pid
kill -ABRT "$tui_program"
given_back "after a crash"

# ^Z and fg, from a shell with job control.
cat >"$scratch/rc" <<END
PS1='ready> '
PATH=$PATH
before=$scratch/before after=$scratch/after job=$scratch/job
END
tui_run 80 24 "bash --rcfile \"$scratch/rc\" -i"
tui_wait "ready>"
tui_keys "$arena" Enter
tui_wait "Your prompt"
tui_keys "kept over a stop" C-z
tui_wait "Stopped" "^Z stops it"
is "$($tmux_in display -p -t tui '#{alternate_on} #{cursor_flag}')" "0 1" \
    "and gives the screen back"
tui_keys fg Enter
tui_wait "kept over a stop" "fg brings it back with its text"
tui_keys "!"
tui_wait "kept over a stop!" "and it takes keys"

# While it is stopped, "bg" cannot keep it from the shell, and "kill" ends it.
tui_keys C-z
tui_wait "ready>" "it can be stopped again"
tui_keys 'clear; jobs -p >"$job"' Enter
until_true "$tui_limit" test -s "$scratch/job"
tui_keys "bg" Enter
is_stopped() { grep -q '^State:.T' "/proc/$(cat "$scratch/job")/status"; }
tui_wait "&" "bg lets it go on in the background"
ok "where it stops again" until_true "$tui_limit" is_stopped
tui_keys 'stty -a >"$before"; kill %1' Enter
is_over() { ! test -e "/proc/$(cat "$scratch/job")"; }
ok "kill ends it, although it was stopped" until_true "$tui_limit" is_over
tui_keys Enter
tui_wait "Exit 130" "as an interruption"
is "$($tmux_in display -p -t tui '#{alternate_on} #{cursor_flag}')" "0 1" \
    "and the screen stays the shell's"
tui_keys 'stty -a >"$after"; echo "compared: $?"' Enter
tui_wait "compared: 0"
ok "with its modes" cmp "$scratch/before" "$scratch/after"

# The editor may be stopped and interrupted by keys, as any program.
cat >"$scratch/editor" <<'END'
#!/bin/sh
trap 'echo "interrupted, but here"' INT
echo "an editor"
until read -r line; do :; done # signals end a read
printf '%s\n' "$line" >"$1"
END
chmod +x "$scratch/editor"
tui_keys "clear; VISUAL=$scratch/editor $arena" Enter
tui_wait "Your prompt"
tui_keys C-x
tui_wait "an editor" "^X runs the editor"
tui_keys C-c
tui_wait "interrupted, but here" "^C is the editor's"
tui_keys C-z
tui_wait "Stopped" "^Z stops editor and program"
tui_keys "clear; fg" Enter
tui_wait_gone "Stopped"
tui_wait "editor" "fg goes on"
tui_keys "written after a stop" Enter
tui_wait "Enter sends it." "fg brings the editor back"
tui_wait "written after a stop" "what it leaves is taken"
tui_keys "!"
tui_wait "written after a stop!" "and the program goes on"
tui_keys C-c
tui_wait "ready>" "^C ends it"

# So it may where the config is edited.
sed -i.old 's/>"$1"$/>"$1.said"/' "$scratch/editor"
tui_keys "clear; VISUAL=$scratch/editor $arena config edit; echo \"ended: \$?\"" \
    Enter
tui_wait "an editor" "config edit runs the editor"
tui_keys C-c
tui_wait "interrupted, but here" "^C is the editor's there, too"
tui_keys "written after that" Enter
tui_wait "ended: 0" "and config edit waits for it"
is "$(cat "$scratch/arena.json.said")" "written after that" "as long as it takes"
tui_keys C-c
tui_wait "ready> ^C" "the shell has its keys again"
tui_keys "exit" Enter
tui_wait_end 130 "the shell ends with its status"

# A terminal that vanishes ends the program.
tui_start 80 24
tui_wait "Your prompt"
$tmux_in kill-session -t tui
gone() { ! kill -0 "$tui_pid" 2>/dev/null; }
ok "without its terminal it ends" until_true 10 gone

# At rest it does nothing: its threads are not even woken.
tui_start 80 24
tui_wait "Your prompt"
switches() {
    cat /proc/"$tui_pid"/task/*/status | grep ctxt_switches
}
settled() { # no wake-up while a hundred programs are run
    before=$(switches)
    for i in 1 2 3 4 5 6 7 8 9 10; do
        for j in 1 2 3 4 5 6 7 8 9 10; do
            /bin/true
        done
    done
    [ "$before" = "$(switches)" ]
}
ok "at rest it sleeps" until_true 10 settled
tui_keys C-c
tui_wait_end 130 "^C"

# A megabyte of paste and heaps of noise.
tui_start 80 24
tui_wait "Your prompt"
yes "a line that is pasted over and over again, a megabyte of them" |
    head -c 1000000 | $tmux_in load-buffer -
$tmux_in paste-buffer -p -d -t tui
tui_wait "pasted over and over" "a megabyte can be pasted"
tui_keys C-End "here is the end"
tui_wait "here is the end"
tui_keys Escape
tui_wait "Enter goes on writing"
LC_ALL=C awk 'BEGIN { srand(1); for (i = 0; i < 20000; i++) {
    c = int(rand() * 256)
    if (c != 3 && c != 26 && c != 28 && c != 113) printf "%c", c } }' |
    $tmux_in load-buffer -
$tmux_in paste-buffer -r -d -t tui
tui_keys C-l
alive() { kill -0 "$tui_pid"; }
ok "it outlives 20,000 bytes of noise" alive
kill -TERM "$tui_pid"
tui_wait_end 130 "and still ends in order"
rm -f "$XDG_STATE_HOME/arena/left.json" # whatever screen the noise has opened

# NO_COLOR, --color, and a terminal without colours.
colored='\033\[[0-9;]*3[0-7][0-9;]*m'
has_color() { LC_ALL=C grep -aqP "$colored" "$raw"; }
tui_start 80 24
tui_wait "Your prompt"
ok "there are colours" until_true 10 has_color
tui_run 80 24 "env NO_COLOR=1 $arena"
tui_wait "Your prompt" "NO_COLOR=1 works"
ok "and has no colours" sh -c "! LC_ALL=C grep -aqP '$colored' '$raw'"
tui_run 80 24 "env NO_COLOR=1 $arena --color always"
tui_wait "Your prompt"
ok "--color always has them even so" until_true 10 has_color
tui_run 80 24 "$arena --color never"
tui_wait "Your prompt"
ok "--color never has none" \
    sh -c "! LC_ALL=C grep -aqP '$colored' '$raw'"

# Without UTF-8 only ASCII is sent.
tui_run 80 24 "env LC_ALL=C $arena --db \"$scratch/ascii.db\""
tui_wait "Your prompt" "the C locale works"
tui_keys "plain?" Enter
tui_wait "blind, your vote"
ok "and is sent only ASCII" \
    sh -c "! LC_ALL=C grep -aqP '[\\x80-\\xff]' '$raw'"
golden ascii "the battle in ASCII"

# A UTF-8 locale that is not installed is UTF-8 all the same.
tui_run 80 24 "env LC_ALL=xx_YY.UTF-8 $arena --db \"$scratch/absent.db\""
tui_wait "Your prompt" "a locale that is not there works"
tui_keys "plain?" Enter
tui_wait "blind, your vote"
ok "and is sent more than ASCII" \
    sh -c "LC_ALL=C grep -aqP '[\\x80-\\xff]' '$raw'"
for term in vt100 xterm linux screen; do
    tui_run 80 24 "env TERM=$term $arena"
    tui_wait "Your prompt" "TERM=$term works"
done

# Terminals that cannot do it.
for term in dumb unknown-terminal ""; do
    tui_run 80 24 "env TERM=$term $arena"
    tui_wait_end 2 "TERM=\"$term\" is refused"
    tui_wait "arena battle" "with a hint at what works"
done
out=$("$ARENA" --config "$scratch/arena.json" --db "$db" 2>&1 </dev/null)
is "$?" 2 "without a terminal it is refused"
is "$out" "arena: the full screen needs a terminal; arena battle works \
without one" "in one line"

done_testing
