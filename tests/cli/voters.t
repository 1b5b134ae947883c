#!/bin/sh
# `arena voters`, and the leaderboard without suspects, from the store and from
# a log.
. tests/tap.sh

out=$("$ARENA" voters 2>&1)
is "$?" 7 "without a database there are no voters"

# Eight honest voters, and one who always takes side A.
n=0
for voter in ann bob cid dan eve fay gus hal; do
    for vote in a b tie b a tie; do
        n=$((n + 1))
        case $((n % 3)) in 0) pair="x y" ;; 1) pair="y z" ;; *) pair="z x" ;;
        esac
        "$ARENA" record $pair $vote --voter $voter >/dev/null ||
            echo "record failed"
    done
done
for i in 1 2 3 4 5 6; do
    "$ARENA" record x y a --voter lefty >/dev/null
    "$ARENA" record y x a --voter lefty >/dev/null
done

out=$("$ARENA" voters)
is "$?" 0 "voters are reported"
like "$out" "9 voters, 60 votes, 1 suspect" "all of them"
like "$(echo "$out" | sed -n 2p)" "human:lefty*side A" \
    "and the one who always takes a side first"
out=$("$ARENA" voters --suspects)
unlike "$out" "human:ann" "or the suspects alone"
json=$("$ARENA" voters --json)
ok "JSON is JSON" sh -c 'printf %s "$1" | python3 -m json.tool' - "$json"
like "$json" '"voter":"human:lefty","votes":12,"slot":{"z":' "with each test"
like "$("$ARENA" voters --csv)" "Voter,Votes" "CSV"

out=$("$ARENA" leaderboard --exclude-suspects)
is "$?" 0 "a leaderboard without suspects"
like "$out" "48 votes rated; excluded: 12 of suspect voters" "leaves them out"
like "$out" "With the suspects:*60 votes rated" "and shows them in too"
out=$("$ARENA" leaderboard --exclude-suspects --json)
like "$out" '"n_votes":48,*"with_suspects":{"method":"bt","n_votes":60' \
    "in JSON both"
ok "which is JSON" sh -c 'printf %s "$1" | python3 -m json.tool' - "$out"
like "$("$ARENA" leaderboard)" "60 votes rated" "nothing was deleted"

# Who is a suspect does not hang on which votes are shown, and the leaderboard
# has the same ones as `voters`.
"$ARENA" record x y b --voter lefty --category odd >/dev/null
"$ARENA" record x y a --voter ann --category odd >/dev/null
out=$("$ARENA" leaderboard --exclude-suspects --category odd)
like "$out" "1 vote*rated; excluded: 1 of suspect voters" \
    "a suspect is left out of one category too"
for i in 1 2 3 4 5 6 7 8; do
    for pair in "x y" "z y" "x z" "y x" "y z" "z x"; do
        case $i in [135]) vote=a ;; [246]) vote=b ;; *) vote=tie ;; esac
        echo "record $pair $vote --voter hasty"
    done
done | while read -r line; do
    # shellcheck disable=SC2086 # words of a command
    "$ARENA" $line >/dev/null
done
unlike "$("$ARENA" voters --suspects)" "hasty" "no time is known: nobody is hasty"
python3 - "$XDG_DATA_HOME/arena/arena.db" <<'EOF'
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute("UPDATE votes SET dwell_ms = CASE voter WHEN 'human:hasty' THEN "
           "CASE WHEN id % 4 = 0 THEN 200 END WHEN 'human:ann' THEN NULL "
           "ELSE 9000 END")
db.commit()
EOF
out=$("$ARENA" voters --suspects)
like "$out" "human:hasty*too fast" "who is, is found by the votes that tell"
like "$("$ARENA" voters --json)" \
    '"voter":"human:hasty","votes":48,*"n_timed":12,"n_fast":12' "which are told"
like "$("$ARENA" leaderboard --exclude-suspects)" \
    "49 votes rated; excluded: 61 of suspect voters" \
    "and the leaderboard leaves him out"
out=$("$ARENA" leaderboard --exclude-suspects --method elo 2>&1)
is "$?" 2 "the running Elo is of all votes"

"$ARENA" record y x a --voter lefty --category his >/dev/null
out=$("$ARENA" leaderboard --exclude-suspects --category his 2>&1)
like "$out" "0 votes rated; excluded: 1 of suspect voters" \
    "all of a category can be left out"
unlike "$out" "no rated vote" "which is then none without votes"

# A log
{
    echo model_a,model_b,winner,voter
    for i in 1 2 3 4 5 6 7 8 9 10; do
        echo "p,q,model_a,v$i"; echo "q,p,model_a,v$i"; echo "p,q,tie,v$i"
        echo "p,q,model_b,v$i"; echo "q,p,model_b,v$i"
        echo p,q,model_b,right; echo q,p,model_b,right
    done
} >"$scratch/log.csv"
out=$("$ARENA" voters "$scratch/log.csv")
is "$?" 0 "a log's voters"
like "$(echo "$out" | sed -n 2p)" "right*side B" "are judged too"
echo p,q,skip,v1 >>"$scratch/log.csv"
out=$("$ARENA" voters "$scratch/log.csv" 2>"$scratch/err")
is "$?" 6 "rows that cannot be used are told by the status"
like "$out" "right*side B" "beside what the others say"
like "$(cat "$scratch/err")" "log.csv:72: unknown winner label 'skip'" \
    "and listed"
out=$("$ARENA" voters tests/rating/evalica_food.csv 2>&1)
is "$?" 1 "a log without voters"
like "$out" "no column voter" "says so"

done_testing
