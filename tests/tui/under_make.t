#!/bin/sh
# Started by make and a shell script, as `make run` does: one ^Z stops them all
# and one fg brings them back.
. tests/tap.sh
. tests/tui/tmux.sh

command -v make >/dev/null || skip_all "make is not installed"
cat >"$scratch/script" <<END
#!/bin/sh
"$ARENA" --config "$scratch/arena.json" --db "$db"
echo "the script ends: \$?"
END
cat >"$scratch/makefile" <<END
.PHONY: run inner
run:
	@true && \$(MAKE) --no-print-directory inner && sh "$scratch/script"
inner:
	@true
END
cat >"$scratch/rc" <<'END'
PS1='ready> '
END
tui_run 80 24 "bash --rcfile \"$scratch/rc\" -i"
tui_wait "ready>"
tui_keys "make -C '$scratch' run" Enter
tui_wait "Your prompt"
tui_keys "hang" Enter
tui_wait "no further"
for time in "" " again"; do
    tui_keys C-z
    tui_wait "Stopped" "^Z stops it$time"
    is "$($tmux_in display -p -t tui '#{alternate_on} #{cursor_flag}')" "0 1" \
        "and gives the screen back$time"
    tui_keys "clear; fg" Enter
    tui_wait "no further" "one fg brings it back$time"
    tui_keys '?'
    tui_wait "what the keys do now" "and it takes keys$time"
    tui_keys q
    tui_wait "no further"
done
tui_keys q
tui_wait "No vote on this battle yet"
tui_keys q
tui_wait "Your prompt"
tui_keys q
tui_wait "the script ends: 0" "q ends it, and the script goes on"
tui_wait "ready>"

done_testing
