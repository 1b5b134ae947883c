#!/bin/sh
# `arena settle --play` and `--vote`: asking for votes until it is settled.
. tests/tap.sh

folder="$XDG_CONFIG_HOME/arena"
mkdir -p "$folder"
cat >"$folder/arena.json" <<'END'
{ "models": [
  { "name": "m0", "backend": "replay", "id": "m0", "script": "s.json" },
  { "name": "m1", "backend": "replay", "id": "m1", "script": "s.json" },
  { "name": "m2", "backend": "replay", "id": "m2", "script": "s.json" } ] }
END
cat >"$folder/s.json" <<'END'
{ "answers": [ { "model": "m0", "text": "yes" },
    { "model": "m1", "contains": "alike", "text": "yes" },
    { "model": "m1", "text": "no" }, { "text": "perhaps" } ] }
END
awk 'BEGIN { for (i = 1; i <= 60; i++) print "p" i }' >"$scratch/p.txt"

settle() {
    "$ARENA" settle m0 m1 --margin 400 "$@" >"$scratch/out" 2>"$scratch/err"
}
n_shown() {
    grep -c '^> ' "$scratch/out"
}

# New battles.
printf 't\n' | settle --play "$scratch/p.txt"
is "$?" 12 "one vote decides nothing"
like "$(cat "$scratch/out")" "> p1" "the first prompt is asked"
like "$(cat "$scratch/out")" "1 vote, one per prompt: 0 won, 0 lost, 1 tied" \
    "its vote counts"
like "$(cat "$scratch/err")" "votes to go" "and how many are to go is said"
printf 't\n' | settle --play "$scratch/p.txt"
unlike "$(cat "$scratch/out")" "> p1
" "another time a prompt with a vote is not asked again"
like "$(cat "$scratch/out")" "> p2" "the next one is"
yes t | settle --play "$scratch/p.txt"
is "$?" 11 "votes come until it is settled"
like "$(cat "$scratch/err")" "settled: m0 is practically equal to m1" "is said"
ok "and none after that" test "$(n_shown)" -lt 50
for side in a b; do
    ok "m0 was on side $side, too" sh -c "\"\$ARENA\" export jsonl |
        grep -q '\"model_$side\":\"m0\"'"
done
shown=$("$ARENA" settle m0 m1 --margin 400)
settle --play "$scratch/p.txt"
is "$(cat "$scratch/out")" "$shown" "what is settled asks nothing"
printf 'a\n' | "$ARENA" settle m2 m0 --play "$scratch/p.txt" >"$scratch/out" 2>&1
like "$(cat "$scratch/out")" "> p1" "other models have the prompt still to come"

# The battles of a run.
printf 'p1\nalike\nq1\nq2\n' >"$scratch/q.txt"
"$ARENA" eval -j 1 --run r "$scratch/q.txt" >"$scratch/out" 2>&1
out=$("$ARENA" settle m1 m2 --vote r </dev/null 2>"$scratch/err")
like "$out" "> p1" "stored battles are shown"
settle --vote r --margin 1 </dev/null
like "$(cat "$scratch/err")" "1 battle had the same text on both sides: stored as a tie" \
    "the same text twice is a tie"
is "$(n_shown)" 1 "one battle waits for its vote"
like "$(cat "$scratch/out")" "> q" "of those with a new prompt"
yes t | settle --vote r --margin 1
is "$?" 12 "what does not decide"
is "$(n_shown)" 2 "is asked whole"
settle --vote r --margin 1 </dev/null
like "$(cat "$scratch/err")" "r: no prompt is left on which the two have no vote" \
    "and then no more"

# Ties that need no person come in their turn: before all other votes they would
# say that there is no difference.
{
    echo apart
    for n in 1 2 3 4 5 6 7 8 9 10; do
        echo "alike $n"
    done
} >"$scratch/alike.txt"
"$ARENA" eval -j 1 --run alike --db "$scratch/alike.db" "$scratch/alike.txt" \
    >"$scratch/out" 2>&1
settle --vote alike --db "$scratch/alike.db" </dev/null
is "$?" 12 "without a vote nothing is settled"
like "$(cat "$scratch/out")" "> apart" "what differs is asked"
ok "before most of the ties" test "$(grep -c 'without asking' "$scratch/err")" -lt 5
settle --vote alike --db "$scratch/alike.db" <<END
t
END
is "$?" 11 "with ties in their turn it is"
ok "after some of them" test "$(grep -c 'without asking' "$scratch/err")" -lt 10

# A category.
printf '{"prompt":"c1","category":"sums"}\n{"prompt":"c2","category":"tales"}\n' \
    >"$scratch/c.jsonl"
yes t | "$ARENA" settle m1 m2 --play "$scratch/c.jsonl" --category tales \
    >"$scratch/out" 2>&1
is "$(grep '^> ' "$scratch/out")" "> c2" "only prompts of a category"

# What is refused.
settle --play "$scratch/p.txt" --vote r
is "$?" 2 "stored and new battles at once"
settle --play "$scratch/p.txt" --voter human:ann
is "$?" 2 "votes of somebody only"
settle --log "$scratch/p.txt" --vote r
is "$?" 2 "a log"
"$ARENA" settle m0 zz --play "$scratch/p.txt" 2>"$scratch/err"
is "$?" 2 "a model that is not configured"
like "$(cat "$scratch/err")" "zz" "by its name"
settle --vote none --margin 1
is "$?" 2 "a run that is not there"
printf '{"turns":["a","b"]}\n' >"$scratch/t.jsonl"
settle --play "$scratch/t.jsonl" --margin 1
is "$?" 2 "prompts of several turns"
like "$(cat "$scratch/err")" "several turns, which only" "which a run asks"

done_testing
