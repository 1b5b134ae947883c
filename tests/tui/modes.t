#!/bin/sh
# What the config changes, voting on a run, thinking aloud, the first start.
. tests/tap.sh
. tests/tui/tmux.sh

with() { # SETTINGS: the config with these lines in front
    sed "s/^{ /{ $1, /" tests/tui/arena.json >"$scratch/arena.json"
}

# A vote that has to be confirmed is none before.
with '"confirm_vote": true'
tui_start 80 24
tui_wait "Your prompt"
tui_keys "confirm?" Enter
tui_wait "blind, your vote"
tui_keys a
tui_wait "You chose A: sure?" "with confirm_vote a asks"
unlike "$(tui_screen)" zorblax9 "and names nobody"
golden confirm "the question"
tui_keys Escape
tui_wait_gone "sure?" "Esc takes it back"
tui_keys t
tui_wait "You called it a tie: sure?"
tui_keys Enter
tui_wait "You called it a tie. Saved." "Enter confirms"
tui_keys q q
tui_wait_end 0 "q quits"

# With vote_early a vote is taken while answers still come.
with '"vote_early": true'
tui_start 80 24
tui_wait "Your prompt"
tui_keys "hang on" Enter
tui_wait "A better" "with vote_early the vote is open early"
tui_keys b
tui_wait "You chose B. Saved." "and taken"
tui_keys q q
tui_wait_end 0 "q quits"

# Held, nothing is seen of either side before both are done.
with '"pace": "hold"'
tui_start 80 24
tui_wait "Your prompt"
tui_keys "hang on" Enter
tui_wait "waiting…" "with pace hold both sides wait"
unlike "$(tui_screen)" "So far" "and show nothing"
golden hold "the wait"
tui_keys z
tui_wait "So far" "until they are done"
tui_keys s
tui_wait "Skipped"
tui_keys C-c
tui_wait_end 130 "^C"
cp tests/tui/arena.json "$scratch/arena.json"

# Thinking that came as text goes when it is known for what it is.
tui_start 80 24
tui_wait "Your prompt"
tui_keys "think aloud" Enter
tui_wait "blind, your vote"
tui_wait "Thought of it."
unlike "$(tui_screen)" "nobody should see" "thinking is not part of the answer"
tui_keys a
tui_wait "Saved."
tui_keys o
tui_wait "Let me think aloud" "but can be read after the vote"
tui_keys q q
tui_wait_end 0 "q quits"

# Why a battle is void is told when asked, also where there was no error.
tui_start 80 24
tui_wait "Your prompt"
tui_keys "be mute" Enter
tui_wait "this battle is void"
unlike "$(tui_screen)" "empty" "why is not told unasked"
tui_keys E
tui_wait "is quuxify3: an empty answer" "E tells"
tui_keys q q
tui_wait_end 0 "q quits"

# Two by name, side by side, from the command line's eval: a run to vote on.
printf 'why sorted?\nand what else?\n' >"$scratch/prompts.txt"
ok "a run is fought" "$ARENA" --config "$scratch/arena.json" --db "$db" -q \
    eval "$scratch/prompts.txt" --run night
tui_start 80 24 vote night
tui_wait "battle 1 of 2" "arena vote shows the first battle of the run"
unlike "$(tui_screen)" zorblax9 "blind"
tui_keys a
tui_wait "You chose A. Saved."
tui_keys Enter
tui_wait "battle 2 of 2" "then the second"
tui_keys s
tui_wait_end 0 "and ends after the last"
out=$("$ARENA" --config "$scratch/arena.json" --db "$db" vote night 2>&1)
is "$out" "No battle of this run waits for a vote." "then none is left"

# The last one of all is another's by the time of the key.
ok "another run" "$ARENA" --config "$scratch/arena.json" --db "$db" -q \
    eval "$scratch/prompts.txt" --run late --pairs sample:1
tui_start 80 24 vote late
tui_wait "battle 1 of 1"
echo b | "$ARENA" --config "$scratch/arena.json" --db "$db" vote late \
    --voter bob >"$scratch/out" 2>&1
tui_keys s
tui_wait_end 0 "what another has voted on ends the screen too"
tui_wait "is voted already, by another session" "which is said behind it"

# The editor of the person, once it is left, has not sent anything.
cat >"$scratch/editor" <<'END'
#!/bin/sh
printf 'written elsewhere\n' >"$1"
END
chmod +x "$scratch/editor"
tui_run 80 24 "env VISUAL=\"$scratch/editor\" \"$ARENA\" \
    --config \"$scratch/arena.json\" --db \"$db\""
tui_wait "Your prompt"
tui_keys C-x
tui_wait "written elsewhere" "^X brings what an editor wrote"
tui_wait "Enter sends it." "and waits for Enter"
tui_keys C-c
tui_wait_end 130 "^C"

# Who cannot be asked is left out, and said to be.
sed 's/"models": \[/&{ "name": "gone", "backend": "local", "file": "gone.gguf" },/' \
    tests/tui/arena.json >"$scratch/arena.json"
tui_start 80 24
tui_wait "left out: gone: no weights file" "a model without weights is left out"
tui_wait "2 of 3 models" "and counted so"
tui_keys "why?" Enter
tui_wait "blind, your vote" "the others fight"
unlike "$(tui_screen)" "left out" "and it is said once"
tui_keys q q q
tui_wait_end 0 "q quits"

# One battle in lines says what it waits for, while it waits.
cp tests/tui/arena.json "$scratch/arena.json"
battle="\"$ARENA\" --config \"$scratch/arena.json\" --db \"$db\" battle"
tui_run 80 24 "$battle hang"
tui_wait "A and B are answering" "a plain battle says that it waits"
tui_keys C-c
tui_run 80 24 "$battle 'why sorted?'"
tui_wait "Which is better?"
unlike "$(tui_screen)" "are answering" "and no longer, once both are there"
tui_keys t Enter
tui_wait "You called it a tie"
tui_run 80 24 "$battle --plain hang"
tui_wait "A and B are answering ..." "in plain letters with --plain"
tui_keys C-c

# Without a config the first start offers one, or says what to do where nothing
# was found (a server may run on this machine); "no" writes nothing.
tui_run 80 24 "\"$ARENA\""
offered() { tui_shows "[Y/n]" || test -s "$scratch/status"; }
ok "without a config it offers one, or ends" until_true "$tui_limit" offered
tui_keys n Enter
until_true "$tui_limit" test -s "$scratch/status"
like " 3 130 " " $(cat "$scratch/status") " "it ends with a status that says so"
ok "and writes no config" test ! -e "$XDG_CONFIG_HOME/arena/arena.json"
out=$("$ARENA" 2>&1 </dev/null)
is "$?" 3 "with nobody to ask, a missing config comes before the terminal"
like "$out" "arena config init" "and what to run is said"

done_testing
