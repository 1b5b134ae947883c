#!/bin/sh
# `arena settle`: whether one model is better than another, by the store's votes.
. tests/tap.sh

out=$("$ARENA" settle x y 2>&1)
is "$?" 7 "without a database nothing is settled"

record() { # N A B VERDICT OPTION...
    n=$1
    shift
    while [ "$n" -gt 0 ]; do
        "$ARENA" record "$@" >/dev/null || echo "record failed"
        n=$((n - 1))
    done
}
record 3 x y a
record 1 z x b
out=$("$ARENA" settle x y)
is "$?" 12 "few votes decide nothing: exit status 12"
like "$out" "x cannot yet be told from y" "which is said"
like "$out" "3 votes, one per prompt: 3 won, 0 lost, 0 tied" \
    "by the votes on these two"
like "$out" "more votes to go" "and how many are to go"
out=$("$ARENA" settle z y)
is "$?" 12 "no votes at all decide nothing either"
like "$out" "0 votes" "which is said"
like "$out" "more votes to go, if the two are alike" "they are like no others"

record 6 x y a
record 5 y x b
out=$("$ARENA" settle x y)
is "$?" 0 "enough wins, on either side, decide: exit status 0"
like "$out" "x is better than y" "which is said"
out=$("$ARENA" settle y x)
is "$?" 10 "seen from the other: exit status 10"
like "$out" "y is worse than x" "which is said"
"$ARENA" settle x y --risk 0.0001% >/dev/null
is "$?" 12 "a smaller risk takes more votes"

json=$("$ARENA" settle x y --json)
is "$?" 0 "the status is the verdict's in JSON too"
ok "JSON is JSON" sh -c 'printf %s "$1" | python3 -m json.tool' - "$json"
like "$json" '"model":"x","against":"y","verdict":"better","wins":14,"losses":0' \
    "with verdict and votes"
like "$json" '"lead":null,"lower":' "what is infinite is null"

# The leaderboard says on how few votes the first place depends.
lead() {
    "$ARENA" "$@" --db "$scratch/lead.db"
}
for verdict in a a b a b a a b a b; do
    lead record v w "$verdict" >/dev/null
done
out=$(lead leaderboard)
like "$out" "v leads by 3 votes of 10: without them w would" \
    "the board says what a lead hangs on"
like "$(lead leaderboard --json)" \
    '"lead":{"model":"v","votes":3,"next":"w"}' "in JSON too"
unlike "$(lead leaderboard --method elo)" "leads by" "of Elo it says nothing"

# Only people's votes, unless a judge's are asked for.
record 14 z y b --voter judge:jo
out=$("$ARENA" settle z y)
is "$?" 12 "a judge's votes are nobody's"
"$ARENA" settle z y --voter judge:jo >/dev/null
is "$?" 10 "unless they are asked for"

# One prompt is one observation.
python3 - "$XDG_DATA_HOME/arena/arena.db" <<'EOF'
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute("UPDATE prompts SET text = 'the same'")
db.commit()
EOF
out=$("$ARENA" settle x y)
is "$?" 12 "votes on one prompt are one"
like "$out" "1 vote, one per prompt: 1 won, 0 lost, 0 tied; 13 more on the" \
    "and the rest are named"
like "$("$ARENA" settle x y --risk 1e-9)" \
    "99.9999999% sure at any time: no bound yet" \
    "the least risk is printed with all its digits"

# No difference: all ties, with a wide margin.
record 30 p q tie
out=$("$ARENA" settle p q --margin 150)
is "$?" 11 "no difference that matters: exit status 11"
like "$out" "p is practically equal to q" "which is said"

for wrong in "x" "x x" "x nobody" "x y --margin 0" "x y --risk 0" \
    "x y --risk 5" "x y --risk five" "x y --risk 1e-300" "x y --risk 0.00000001%" \
    "x y --voter jo"; do
    # shellcheck disable=SC2086 # words of a command
    "$ARENA" settle $wrong >/dev/null 2>&1
    is "$?" 2 "settle $wrong is refused"
done
like "$("$ARENA" settle x y --risk 1e-300 2>&1)" "the least is 1e-09" \
    "a risk that is as good as none is told"
like "$("$ARENA" settle x nobody 2>&1)" "no model nobody" "and why is said"

# A log, without a database.
{
    echo model_a,model_b,winner,voter
    for _ in 1 2 3 4 5 6 7 8 9 10; do
        echo "p,q,model_a,ann"
        echo "q,p,model_b,bob"
    done
    for _ in 1 2 3 4 5 6 7 8 9; do echo "p,q,model_b,judge:j"; done
    echo "p,r,model_a,ann"
} >"$scratch/log.csv"
out=$("$ARENA" settle p q --log "$scratch/log.csv" --db "$scratch/none.db")
is "$?" 0 "a log's votes decide"
like "$out" "20 votes, one per prompt: 20 won, 0 lost" "people's alone"
"$ARENA" settle q p --log - <"$scratch/log.csv" >/dev/null
is "$?" 10 "from stdin too"
"$ARENA" settle q r --log "$scratch/log.csv" >/dev/null
is "$?" 12 "two that never met are undecided"
out=$("$ARENA" settle p nobody --log "$scratch/log.csv" 2>&1)
is "$?" 2 "a model that is not in it is refused"
like "$out" "no votes on a model nobody" "which is said"
"$ARENA" settle p q --log "$scratch/log.csv" --category c 2>/dev/null
is "$?" 2 "and what a log cannot be asked"
echo "p,q,banana,ann" >>"$scratch/log.csv"
out=$("$ARENA" settle p q --log "$scratch/log.csv" 2>&1)
is "$?" 6 "a row that cannot be used leaves no verdict's status"
like "$out" "banana" "and is told"

# With a judge, who sees what people see, and on other battles too.
awk 'BEGIN {
    print "battle_id,model_a,model_b,winner,voter"
    srand(5)
    for (i = 0; i < 800; i++) {
        won = rand() < 0.6 ? "model_a" : "model_b"
        said = rand() < 0.9 ? won : "tie"
        if (i < 100) printf "b%d,p,q,%s,ann\n", i, won
        if (i < 100 && i % 20 == 0) printf "b%d,p,q,%s,bob\n", i, won
        printf "b%d,q,p,%s,judge:jo\n", i, \
            said == "tie" ? said : said == "model_a" ? "model_b" : "model_a"
    }
}' >"$scratch/judged.csv"
number() { # KEY of JSON on stdin
    python3 -c 'import json,sys
print(int(1000 * json.load(sys.stdin)[sys.argv[1]]))' "$1"
}
alone=$("$ARENA" settle p q --log "$scratch/judged.csv" --json)
json=$("$ARENA" settle p q --log "$scratch/judged.csv" --with-judge jo --json)
like "$json" '"judge":{"shared":100,"compared":100,"weight":0.' \
    "a judge's verdicts are compared"
like "$json" '"repeated":5,' "of one battle the first vote counts"
ok "and narrow the lead from below" test \
    "$(printf %s "$json" | number lower)" -gt "$(printf %s "$alone" | number lower)"
ok "and from above" test \
    "$(printf %s "$json" | number upper)" -lt "$(printf %s "$alone" | number upper)"
out=$("$ARENA" settle p q --log "$scratch/judged.csv" --with-judge judge:jo)
like "$out" "100 votes, one per prompt" "people's votes are told"
like "$out" "the judge has judged 100 of these battles; 100 are compared with" \
    "and what the judge was good for"
"$ARENA" settle p q --log "$scratch/judged.csv" --with-judge jim >/dev/null 2>&1
is "$?" 1 "a judge without verdicts is refused"
"$ARENA" settle x y --with-judge nobody >/dev/null 2>&1
is "$?" 2 "by the store, too"
"$ARENA" settle x y --with-judge jo --voter judge:jo >/dev/null 2>&1
is "$?" 2 "and --voter beside it"
out=$("$ARENA" settle z y --with-judge jo)
is "$?" 12 "without people's votes nothing is decided"
like "$out" "0 votes" "which is said"

done_testing
