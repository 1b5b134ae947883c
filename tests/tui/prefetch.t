#!/bin/sh
# Battles over a file of prompts: the next one is made while this one is read.
. tests/tap.sh
. tests/tui/tmux.sh

cat >"$scratch/say" <<END
#!/bin/sh
prompt=\$(cat)
echo "\$prompt" >>"$scratch/asked"
echo "Said to \$prompt."
END
chmod +x "$scratch/say"
printf 'first?\nsecond?\nthird?\n' >"$scratch/three.txt"

config() { # PREFETCH PRICE
    cat >"$scratch/arena.json" <<END
{ "prefetch": "$1", "models": [
  { "name": "zorblax9", "backend": "exec", "command": ["$scratch/say"],
    "input": "text", "price_in": $2, "price_out": $2 },
  { "name": "quuxify3", "backend": "exec", "command": ["$scratch/say"],
    "input": "text", "price_in": $2, "price_out": $2, "system": "x" } ] }
END
    : >"$scratch/asked"
}
asked() { # N: answers were asked for
    [ "$(wc -l <"$scratch/asked")" -ge "$1" ]
}
battles() {
    "$ARENA" history --json --db "$db" | grep -c .
}

config free 0
tui_start 80 24 "tui '$scratch/three.txt'"
tui_wait "prompt 1 of 3" "the file's first prompt is asked at once"
tui_wait "blind, your vote"
tui_wait "Said to first?." "with its answers"
ok "the second is asked meanwhile" until_true "$tui_limit" asked 4
is "$(battles)" 1 "and stands nowhere yet"
tui_first_vote a
tui_wait "You chose A. Saved."
tui_keys Enter
tui_wait "prompt 2 of 3" "Enter goes on"
tui_wait "blind, your vote"
tui_wait "Said to second?." "with what was made ahead"
ok "and the third is asked" until_true "$tui_limit" asked 6
is "$(battles)" 2 "now the second is stored"
unlike "$(tui_screen)" zorblax9 "and blind"
tui_keys q q
tui_wait_end 0 "q leaves"
is "$(battles)" 2 "of the third nothing is left"
is "$(wc -l <"$scratch/asked")" 6 "each was asked once for each side"

config free 1
tui_start 80 24 "tui --limit 2 '$scratch/three.txt'"
tui_wait "prompt 1 of 2" "--limit takes the first ones"
tui_wait "blind, your vote"
tui_keys b
tui_wait "You chose B. Saved."
is "$(wc -l <"$scratch/asked")" 2 "nothing that costs is made ahead"
tui_keys Enter
tui_wait "prompt 2 of 2"
tui_wait "blind, your vote" "but then it is asked"
tui_keys t
tui_wait "Saved."
tui_keys Enter
tui_wait_end 0 "after the last prompt the program ends"

config all 1
tui_start 80 24 "tui '$scratch/three.txt'"
tui_wait "blind, your vote"
ok "unless the config wants it" until_true "$tui_limit" asked 4
tui_keys q q
tui_wait_end 0 "q leaves"

printf '{"turns":["a","b"]}\n' >"$scratch/turns.jsonl"
out=$(printf 'x\n' | "$ARENA" --config "$scratch/arena.json" --db "$db" --plain \
    tui "$scratch/turns.jsonl" 2>&1)
is "$?" 2 "prompts that are more than a message are refused"
like "$out" 'prompt 1 has several turns, which only "arena eval" asks' "and why"
out=$(printf 'a\nb\n' | "$ARENA" --config "$scratch/arena.json" --db "$db" \
    --plain tui --limit 2 "$scratch/three.txt" 2>&1)
is "$?" 0 "--plain takes a file, too"
like "$out" "Said to second?." "and asks prompt after prompt"
done_testing
