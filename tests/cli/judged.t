#!/bin/sh
# `arena rate --with-judge`: people's ratings, narrowed by a judge's verdicts.
. tests/tap.sh

# 3 models; a judge sees 600 battles, people vote on the first 120 and mostly
# see what it sees; c is the judge's favourite and nobody else's.
awk 'BEGIN {
    srand(7)
    print "battle_id,prompt_id,model_a,model_b,winner,voter"
    split("a b c", name, " ")
    for (i = 0; i < 600; i++) {
        x = 1 + i % 3; y = 1 + (i + 1) % 3
        p = 0.5 + 0.12 * (y - x); u = rand()
        won = u < p ? "model_a" : "model_b"
        verdict = rand() < 0.85 ? won : rand() < 0.5 ? "model_a" : "model_b"
        if (name[x] == "c" && rand() < 0.4) verdict = "model_a"
        if (name[y] == "c" && rand() < 0.4) verdict = "model_b"
        row = sprintf("b%d,p%d,%s,%s", i, i % 50, name[x], name[y])
        if (i < 120) printf "%s,%s,human:h%d\n", row, won, i % 12
        printf "%s,%s,judge:jo\n", row, verdict
        printf "%s,tie,judge:other\n", row
    }
}' >"$scratch/log.csv"
log=$scratch/log.csv
grep -v judge: "$log" >"$scratch/people.csv"

out=$("$ARENA" rate "$log" --with-judge jo)
is "$?" 0 "a log with a judge is rated"
like "$out" "120 votes rated" "by people's votes alone"
like "$out" "excluded: 600 of other judges" "other judges are left out"
like "$out" "with judge jo: 120 votes, worth " "and the footer says the worth"
like "$out" "(120 on battles that it judged; 480 more judged, weight 0." \
    "and of how many verdicts"
is "$("$ARENA" rate "$log" --with-judge judge:jo)" "$out" \
    "judge:NAME is the same judge"

# Narrower than without; the judge's favourite is no better for it.
number() { # NUMBER MODEL KEY: of JSON on stdin
    python3 -c 'import json,sys
d = {m["name"]: m for m in json.load(sys.stdin)["models"]}
print(int(round(d[sys.argv[1]][sys.argv[2]])))' "$1" "$2"
}
"$ARENA" rate "$log" --with-judge jo --json >"$scratch/with"
"$ARENA" rate "$scratch/people.csv" --json >"$scratch/without"
ok "intervals are narrower" sh -c 'test "$1" -lt "$2"' - \
    "$(number c se <"$scratch/with")" "$(number c se <"$scratch/without")"
ok "the judge's favourite is no board's first" sh -c 'test "$1" -lt 1020' - \
    "$(number c rating <"$scratch/with")"
like "$(cat "$scratch/with")" '"judge":{"name":"jo","votes":120,"shared":120,' \
    "JSON has the judge"

# Both orders are averaged: every verdict again, seen from the other side.
awk -F, -v OFS=, '{ print } /judge:jo/ {
    won = $5 == "model_a" ? "model_b" : $5 == "model_b" ? "model_a" : $5
    print $1, $2, $4, $3, won, $6 }' "$log" >"$scratch/both.csv"
is "$("$ARENA" rate "$scratch/both.csv" --with-judge jo)" "$out" \
    "a verdict in both orders counts once, turned"

# p_a takes the verdict's place.
awk -F, -v OFS=, 'NR == 1 { print $0, "p_a"; next }
    /judge:jo/ { print $1, $2, $3, $4, "tie", $6, $5 == "model_a"; next }
    { print $0, "" }' "$log" >"$scratch/soft.csv"
is "$("$ARENA" rate "$scratch/soft.csv" --with-judge jo)" "$out" \
    "p_a says what the winner would"
sed 's/,1$/,1.5/' "$scratch/soft.csv" >"$scratch/wrong.csv"
out=$("$ARENA" rate "$scratch/wrong.csv" --with-judge jo 2>&1)
is "$?" 6 "what is no probability is rejected"
like "$out" "p_a '1.5' is not a probability" "and named"

# The same as JSON lines.
awk -F, 'NR > 1 { printf "{\"battle_id\":\"%s\",\"prompt_id\":\"%s\"," \
    "\"model_a\":\"%s\",\"model_b\":\"%s\",\"winner\":\"%s\"," \
    "\"voter\":\"%s\"}\n", $1, $2, $3, $4, $5, $6 }' "$log" >"$scratch/log.jsonl"
is "$("$ARENA" rate "$scratch/log.jsonl" --with-judge jo)" \
    "$("$ARENA" rate "$log" --with-judge jo)" "JSON lines give the same"

# Clusters.
out=$("$ARENA" rate "$log" --with-judge jo --cluster voter)
like "$out" "clustered by voter" "clusters by voter"
out=$("$ARENA" rate "$log" --with-judge jo --cluster prompt)
like "$out" "clustered by prompt" "and by prompt"
out=$("$ARENA" rate "$scratch/people.csv" --cluster prompt 2>&1)
is "$?" 2 "which needs a judge"

# A judge that knows nothing leaves people's board as it is.
sed '/judge:jo/s/,model_[ab],judge/,tie,judge/' "$log" >"$scratch/dull.csv"
out=$("$ARENA" rate "$scratch/dull.csv" --with-judge jo)
like "$out" "120 votes; the judge does not help, and has no weight" \
    "a judge that knows nothing has no weight"
is "$(echo "$out" | head -4)" "$("$ARENA" rate "$scratch/people.csv" | head -4)" \
    "and changes nothing"

# What cannot be.
out=$("$ARENA" rate "$log" --with-judge jim 2>&1)
is "$?" 1 "a judge who gave no verdict is refused"
like "$out" "no row of the voter judge:jim" "which is said"
out=$("$ARENA" rate "$scratch/people.csv" --with-judge jo 2>&1)
is "$?" 1 "and a log without judges"
grep -v human: "$log" >"$scratch/judges.csv"
out=$("$ARENA" rate "$scratch/judges.csv" --with-judge jo 2>&1)
is "$?" 1 "and a log without people: no board of a judge's votes"
like "$out" "no votes by people" "which is said"
cut -d, -f 3- "$log" >"$scratch/nameless.csv"
out=$("$ARENA" rate "$scratch/nameless.csv" --with-judge jo 2>&1)
is "$?" 1 "a log without battle_id is refused"
like "$out" "no column battle_id" "which is said"
{ cat "$log"; echo "b1,p1,a,d,model_a,human:x"; } >"$scratch/mixed.csv"
out=$("$ARENA" rate "$scratch/mixed.csv" --with-judge jo 2>&1)
is "$?" 1 "a battle of two pairs is refused"
like "$out" "rows of battle b1 have other models" "which is said"
out=$("$ARENA" rate "$log" --with-judge jo --style 2>&1)
is "$?" 2 "--style does not go with a judge"
out=$("$ARENA" rate "$log" --with-judge jo --method elo 2>&1)
is "$?" 2 "nor does Elo"

{ cat "$log"; echo "n9,p9,x,y,model_a,judge:jo"; } \
    >"$scratch/apart.csv"
like "$("$ARENA" rate "$scratch/apart.csv" --with-judge jo)" \
    "480 more judged; 1 of pairs without a person's vote, not used, weight" \
    "what is judged of other pairs is not used, and that is said"

# --- from the store ---------------------------------------------------------

out=$("$ARENA" leaderboard --with-judge jo 2>&1)
is "$?" 7 "without a database there is no board"
folder="$XDG_CONFIG_HOME/arena"
mkdir -p "$folder"
cat >"$folder/arena.json" <<'END'
{ "models": [
  { "name": "m0", "backend": "replay", "id": "m0", "script": "s.json" },
  { "name": "m1", "backend": "replay", "id": "m1", "script": "s.json" },
  { "name": "m2", "backend": "replay", "id": "m2", "script": "s.json" } ] }
END
echo '{ "answers": [ { "model": "m0", "text": "yes" },
    { "model": "m1", "text": "no" }, { "text": "perhaps" } ] }' >"$folder/s.json"
i=0
while [ $i -lt 60 ]; do
    echo "p$i"
    i=$((i + 1))
done >"$scratch/p.txt"
"$ARENA" eval --run r "$scratch/p.txt" >"$scratch/out" 2>&1
yes a | head -40 | "$ARENA" vote r --voter ann >"$scratch/out" 2>&1
yes b | head -40 | "$ARENA" vote r --voter ann >"$scratch/out" 2>&1
out=$("$ARENA" leaderboard --with-judge jo 2>&1)
is "$?" 2 "a judge without votes is refused"
like "$out" "no votes of the judge jo" "which is said"
# The judge votes as ann did, and on the rest.
python3 - "$XDG_DATA_HOME/arena/arena.db" <<'EOF'
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
names = [r[1] for r in db.execute("PRAGMA table_info(votes)")]
rows = {r[names.index("battle_id")]: r
        for r in db.execute("SELECT * FROM votes")}
some = next(iter(rows.values()))
for (battle,) in db.execute("SELECT id FROM battles").fetchall():
    row = dict(zip(names, rows.get(battle, some)))
    row.update(id=None, battle_id=battle, external_id=None)
    if battle not in rows:
        row["verdict"] = "ab"[battle % 2]
    for row["voter"] in ["judge:jo"] + ["judge:other"] * (battle == 1):
        db.execute("INSERT INTO votes (%s) VALUES (%s)" % (
            ", ".join(names), ", ".join("?" * len(names))),
            [row[n] for n in names])
db.commit()
EOF
out=$("$ARENA" leaderboard --with-judge jo)
is "$?" 0 "the store's board with a judge"
like "$out" "80 votes rated; excluded: 1 of other judges" "is of people's votes"
like "$out" "with judge jo: 80 votes, worth [12]" "and says what the judge is worth"
like "$out" "(80 on battles that it judged; 100 more judged" "on which battles"
"$ARENA" db rebuild >"$scratch/out"
is "$("$ARENA" leaderboard --with-judge jo)" "$out" \
    "summed up by pair the verdicts say what they say one by one"
is "$("$ARENA" leaderboard --with-judge jo --since 2001-01-01)" "$out" \
    "as they do since a date"
out=$("$ARENA" leaderboard --with-judge jo --voter human 2>&1)
is "$?" 2 "--voter does not go with it"

# With probabilities: a walk along them, or all votes since a date.
python3 - "$XDG_DATA_HOME/arena/arena.db" <<'EOF'
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
for vote, verdict in db.execute("SELECT id, verdict FROM votes"
                                " WHERE voter LIKE 'judge:%'").fetchall():
    share = 0.55 + vote % 40 / 100
    db.execute("INSERT INTO shares VALUES (?, ?)",
               (vote, share if verdict == "a" else 1 - share))
db.commit()
EOF
soft=$("$ARENA" leaderboard --with-judge jo)
like "$soft" "100 more judged, weight *its probabilities at temperature" \
    "a judge's probabilities get a temperature"
ok "and another board" test "$soft" != "$out"
is "$("$ARENA" leaderboard --with-judge jo --since 2001-01-01)" "$soft" \
    "summed up by pair they say what they say one by one"
# The same in another store, and as a log: one board.
"$ARENA" export jsonl >"$scratch/soft.jsonl" 2>"$scratch/err"
python3 - "$scratch/soft.jsonl" "$scratch/soft.csv" <<'EOF'
import json, sys
with open(sys.argv[2], "w") as out:
    out.write("battle_id,model_a,model_b,winner,voter,p_a\n")
    for n, line in enumerate(open(sys.argv[1])):
        battle = json.loads(line)
        for vote in battle.get("votes", []):
            out.write("%d,%s,%s,%s,%s,%s\n" % (
                n, battle["model_a"], battle["model_b"], vote["winner"],
                vote["voter"], vote.get("p_a", "")))
EOF
"$ARENA" import jsonl "$scratch/soft.jsonl" --db "$scratch/soft.db" \
    >"$scratch/out" 2>&1
is "$("$ARENA" leaderboard --with-judge jo --db "$scratch/soft.db")" "$soft" \
    "and so they do brought into another store"
worth() {
    "$@" --with-judge jo | grep "^with judge"
}
is "$(worth "$ARENA" rate "$scratch/soft.csv")" "$(echo "$soft" |
    grep "^with judge")" "a log's probabilities get the same temperature"
board() {
    "$@" --with-judge jo --json | python3 -c 'import json, sys
d = json.load(sys.stdin)
print([(m["name"], round(m["rating"], 6), round(m["se"], 6))
       for m in sorted(d["models"], key=lambda m: m["name"])],
      round(d["judge"]["worth"], 6))'
}
is "$(board "$ARENA" rate "$scratch/soft.csv")" "$(board "$ARENA" leaderboard)" \
    "and the same ratings"
python3 - "$XDG_DATA_HOME/arena/arena.db" <<'EOF'
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute("DELETE FROM shares WHERE vote_id = (SELECT max(v.id) FROM votes v"
           " WHERE v.voter = 'judge:jo')")
db.commit()
EOF
mixed=$("$ARENA" leaderboard --with-judge jo)
like "$mixed" "100 more judged, weight ?.??)" \
    "if a verdict has none, no temperature is fitted"
is "$("$ARENA" leaderboard --with-judge jo --since 2001-01-01)" "$mixed" \
    "and the verdict counts beside the probabilities"

# Of m0 against m1 each prompt is one battle, and people voted on some.
out=$("$ARENA" settle m0 m1 --with-judge jo)
like "$out" "the judge has judged 60 of these battles; 0 are compared" \
    "settle asks the judge of the store"
shared=$("$ARENA" settle m0 m1 --with-judge jo --json | python3 -c '
import json, sys
d = json.load(sys.stdin)
print(d["wins"] + d["losses"] + d["ties"] - d["judge"]["shared"])')
is "$shared" 0 "who judged all that people voted on"

# A published log: what its judges are worth beside one person's votes.
pandalm=tests/rating/pandalm_judged.csv
like "$("$ARENA" rate "$pandalm" --with-judge gpt-3.5-turbo)" \
    "333 votes, worth 388 (321 on battles that it judged; 653 more" \
    "PandaLM's test set with GPT-3.5"
like "$("$ARENA" rate "$pandalm" --with-judge pandalm-7b)" \
    "333 votes, worth 390 (333 on battles that it judged; 666 more" \
    "and with PandaLM-7B"
like "$("$ARENA" rate "$pandalm")" "333 votes rated; excluded: 1973 of judges" \
    "without a judge their verdicts count nothing"

done_testing
