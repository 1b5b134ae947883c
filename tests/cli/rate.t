#!/bin/sh
# `arena rate`: from a file to a leaderboard, on tests/rating.
. tests/tap.sh

dir=tests/rating
food=$dir/evalica_food.csv

out=$("$ARENA" rate $food)
is "$?" 0 "a log gives a leaderboard"
like "$out" "Tacos" "with its models"
like "$out" "30 votes rated" "and its votes"
like "$out" "prior 1 win and loss a model" "names the prior"
like "$out" "side A won 46.4% of 28 decided votes" "reports the first side"

json=$("$ARENA" rate --json $food)
ok "JSON is JSON" sh -c 'printf %s "$1" | python3 -m json.tool' - "$json"
like "$json" '{"method":"bt","n_votes":30,"models":[{"name":"Tacos","rating":' \
    "JSON has the shape that scripts rely on"
like "$json" '"components":1,"position":{"advantage":' "down to its end"
like "$json" '"prior":1,' "JSON names the prior too"

is "$(cat $food | "$ARENA" rate --json -)" "$json" "stdin gives the same"
is "$("$ARENA" rate --json -j1 $food)" "$("$ARENA" rate --json -j4 $food)" \
    "the number of threads changes nothing"
boot="--ci bootstrap --rounds 200"
is "$("$ARENA" rate --json $boot --seed 7 -j1 $food)" \
    "$("$ARENA" rate --json $boot --seed 7 -j3 $food)" \
    "nor that of bootstrap threads"
unlike "$("$ARENA" rate --json $boot --seed 7 $food)" \
    "$("$ARENA" rate --json $boot --seed 8 $food)" "but the seed does"

out=$("$ARENA" rate --csv $food)
like "$out" "rank,model,rating,lower,upper,se,votes" "CSV has a header"
is "$(echo "$out" | wc -l)" 6 "and a line a model"
like "$("$ARENA" rate --md $food)" "| Rank" "Markdown is a table"
like "$("$ARENA" rate --matrix $food)" "wins-losses-ties" "a matrix"

out=$("$ARENA" rate --against Pizza --rank-intervals $food)
like "$out" "P(better)" "models are compared with one"
like "$out" "(1-" "ranks have intervals"
out=$("$ARENA" rate --anchor Pizza=1500 --json $food)
like "$out" '"name":"Pizza","rating":1500' "an anchor holds"
out=$("$ARENA" rate --by voter $dir/pandalm_human.csv)
like "$out" "== voter: annotator3" "a leaderboard for each value of a column"
out=$("$ARENA" rate --by voter --json $dir/pandalm_human.csv)
like "$out" '"categories":{"annotator1":{"method":"bt","n_votes":999,' \
    "in JSON too"
ok "which stays JSON" sh -c 'printf %s "$1" | python3 -m json.tool' - "$out"
out=$("$ARENA" rate --method elo --k 4 --json $food)
like "$out" '{"method":"elo"' "Elo"
awk 'BEGIN { print "model_a,model_b,winner"; for (i = 0; i < 500000; i++)
    printf "m%d,n%d,%s\n", i * 7 % 31, i % 29, i % 3 ? "model_a" : "tie" }' \
    >"$scratch/long.csv"
one=$("$ARENA" rate --method elo -j 1 --json "$scratch/long.csv")
three=$("$ARENA" rate --method elo -j 3 --json "$scratch/long.csv")
is "$three" "$one" "whose votes keep their order on any number of threads"
like "$out" '"group":null,"bounded":null,' "which has neither groups nor bounds"
like "$out" '"components":null,' "nor components"

# A prior too small to reckon with, and a position that no prior holds
printf '%s\n' model_a,model_b,winner,n x,y,model_a,10000000000000 \
    y,x,model_a,10000000000000 z,x,model_a,3 z,y,model_b,2 >"$scratch/far.csv"
out=$("$ARENA" rate --count n "$scratch/far.csv" 2>&1)
is "$?" 1 "a prior that is lost among the votes"
like "$out" "use a larger one, or a prior of 0" "is not asked for again"
"$ARENA" rate --count n --prior 0 "$scratch/far.csv" >"$scratch/out" 2>&1
is "$?" 0 "which helps"
printf '%s\n' model_a,model_b,winner x,y,a y,x,a >"$scratch/side.csv"
out=$("$ARENA" rate --position --prior 1 "$scratch/side.csv" 2>&1)
like "$out" "fits these votes; leave out the position" "nor where it is given"
unlike "$out" "prior" "and is no help"

# Errors by voter, and style held equal
out=$("$ARENA" rate --cluster voter $dir/pandalm_human.csv)
like "$out" "sandwich clustered by voter" "errors by voter are named"
out=$("$ARENA" rate --cluster voter $food 2>&1)
is "$?" 1 "and need a voter"
like "$out" "no column voter" "which is said"
{
    echo model_a,model_b,winner,tokens_a,tokens_b
    for i in 1 2 3 4 5 6 7 8; do
        echo x,y,model_a,20,10; echo x,y,model_b,20,25; echo y,x,tie,5,6
        echo y,x,model_a,9,3; echo x,y,model_b,7,6; echo y,x,model_a,4,5
    done
} >"$scratch/style.csv"
out=$("$ARENA" rate --style "$scratch/style.csv")
is "$?" 0 "style is held equal"
like "$out" "  tokens: +" "with an effect for each number"
json=$("$ARENA" rate --style --json -j1 "$scratch/style.csv")
like "$json" '"style":{"tokens":{"effect":' "in JSON too"
sed 's/.*/&,-1,3,7/; 1s/,-1,3,7/,change_a,change_b,Tokens_a/; 2s/-1/1e300/' \
    "$scratch/style.csv" | sed '3s/-1,3/1,-5/' >"$scratch/odd.csv"
out=$("$ARENA" rate --style "$scratch/odd.csv")
is "$?" 0 "a number beyond all bounds"
like "$out" "change: *, missing in 1 vote" "is none"
unlike "$out" "1 votes" "and one is no more"
is "$(echo "$out" | grep -c okens)" 1 "and a column that is there twice is one"
out=$("$ARENA" rate --style $food 2>&1)
is "$?" 1 "a log without numbers has no style"

# Odd files
out=$("$ARENA" rate $dir/patho/unknown_label.csv 2>"$scratch/err")
is "$?" 6 "rejected rows are told by the status"
like "$out" "6 votes rated; excluded: 3 rejected" "and in the footer"
like "$(cat "$scratch/err")" \
    "$dir/patho/unknown_label.csv:10: unknown winner label 'skip'" \
    "and listed with line and reason"
out=$("$ARENA" rate $dir/patho/empty_file.csv 2>&1)
is "$?" 1 "an empty file is no log"
like "$out" "empty_file.csv: the file is empty" "and says so"
out=$("$ARENA" rate $dir/patho/header_only.csv 2>&1)
is "$?" 1 "a header alone has no votes"
like "$out" "no votes in it" "and says so"
out=$("$ARENA" rate --prior 0 $dir/patho/all_wins.csv)
like "$out" "above 1185" "an undefeated model has a bound, no rating"
out=$("$ARENA" rate --prior 0 --json $dir/patho/all_wins.csv)
like "$out" '"name":"A","rating":null,' "in JSON null"
out=$("$ARENA" rate $dir/patho/disconnected.csv)
like "$out" "2 groups of models never met" "groups are told apart"
for file in $dir/patho/*.csv; do
    for flags in "" "--prior 0" "--ties davidson" "--ties rao-kupper" \
        "--ties drop" "--position" "--ci bootstrap --rounds 20" \
        "--method elo" "--rank-intervals" "--reweight 9"; do
        "$ARENA" rate --json $flags "$file" >>"$scratch/all" 2>&1
        status=$?
        [ $status -lt 7 ] || echo "$file $flags: $status" >>"$scratch/bad"
        "$ARENA" rate $flags "$file" >>"$scratch/all" 2>&1
    done
done
ok "no odd file ends it badly" test ! -e "$scratch/bad"
ok "and none gives inf or nan" sh -c \
    '! grep -nE "[^a-zA-Z](inf|nan)[^a-zA-Z]" "$1"' - "$scratch/all"

# What a column says of a row's weight is not passed over in silence
printf 'model_a,model_b,winner,weight\na,b,model_a,2\na,b,model_b,1\n' \
    >"$scratch/weight.csv"
like "$("$ARENA" rate "$scratch/weight.csv" 2>&1)" \
    'weight.csv: column weight is not read, each row is one vote; "arena rate --count weight" counts it' \
    "a weight that nobody asked for is told"
unlike "$("$ARENA" rate --count weight "$scratch/weight.csv" 2>&1)" \
    "is not read" "one that is asked for is read"
printf '{"model_a":"a","model_b":"b","winner":"model_%s","weight":%d}\n' a 1 b 2 \
    >"$scratch/weight.json"
like "$("$ARENA" rate "$scratch/weight.json" 2>&1)" \
    'weight.json: the key weight is not read, each object is one vote; counts are read from CSV only' \
    "nor is one in JSON"

# Counts beyond 32 bits are right, beyond 64 bits refused row by row
{
    echo model_a,model_b,winner,n
    echo a,b,model_a,9000000000
    echo b,a,model_a,3000000000
} >"$scratch/big.csv"
out=$("$ARENA" rate --count n --json "$scratch/big.csv")
like "$out" '"n_votes":12000000000,' "12 billion votes"
like "$out" '"name":"a","rating":1095.42' "and their rating"
for i in 1 2 3 4; do
    echo a,b,model_a,1000000000000000000
done >>"$scratch/big.csv"
out=$("$ARENA" rate --count n "$scratch/big.csv" 2>&1)
is "$?" 6 "sums that would wrap round are not rated"
like "$out" "big.csv:5: with 1000000000000000000 more there are too many" \
    "and are told by line"

awk 'BEGIN { print "model_a,model_b,winner,n"; for (i = 0; i < 70000; i++)
    printf "m%d,n,model_a,30000000000000\n", i % 3 }' >"$scratch/many.csv"
one=$("$ARENA" rate --count n -j1 --json "$scratch/many.csv" 2>&1)
like "$one" "many.csv:38432: with 30000000000000 more there are too many" \
    "a long file is bounded as a whole"
is "$("$ARENA" rate --count n -j2 --json "$scratch/many.csv" 2>&1)" "$one" \
    "whatever the number of threads"

# Ties alone do not scatter; that is no certainty
{
    echo model_a,model_b,winner
    i=0
    while [ $i -lt 100 ]; do
        echo a,b,tie
        i=$((i + 1))
    done
} >"$scratch/ties.csv"
out=$("$ARENA" rate "$scratch/ties.csv")
like "$out" "1000  -34/+34" "100 ties have the Hessian's interval"

# JSON that lacks what is asked for
cat >"$scratch/two.jsonl" <<'EOF'
{"model_a":"x","model_b":"y","winner":"model_a","n":1000}
{"model_a":"y","model_b":"x","winner":"model_a","n":1}
EOF
out=$("$ARENA" rate --count n "$scratch/two.jsonl" 2>&1)
is "$?" 1 "objects are not counted more than once"
like "$out" "read from CSV only" "which is said"
out=$("$ARENA" rate --cluster voter "$scratch/two.jsonl" 2>&1)
like "$out" "no vote in it says who gave it" "no voter, no errors by voter"
out=$("$ARENA" rate --by lang "$scratch/two.jsonl" 2>&1)
is "$?" 1 "and no value, no leaderboard by it"
like "$out" "no vote in it has a value of lang" "which is said too"
out=$("$ARENA" rate --style --ridge 1 "$scratch/two.jsonl" 2>&1)
like "$out" "no finite advantage of the first side" "where one side won all"
unlike "$out" "ridge" "a ridge is no help"

# Dropped ties are no votes
out=$(sed '1a\
a,b,model_a\
b,a,model_a' "$scratch/ties.csv" | "$ARENA" rate --ties drop -)
like "$out" "-197/+197 \*" "a model with two votes rated is preliminary"

# Blank lines before the header, whatever its separator
printf '\n\r\nmodel_a;model_b;winner\nx;y;a\ny;x;a\nx;y;z\n' >"$scratch/blank.csv"
out=$("$ARENA" rate "$scratch/blank.csv" 2>"$scratch/err")
like "$out" "2 votes rated" "blank lines may come first"
like "$(cat "$scratch/err")" "blank.csv:6: unknown" "and are counted"

# What goes with one method only
out=$("$ARENA" rate --method elo --anchor a=1 $food 2>&1)
is "$?" 2 "Elo has no anchor"
out=$("$ARENA" rate --k 8 $food 2>&1)
is "$?" 2 "Bradley-Terry has no K"
out=$("$ARENA" rate --method elo $food)
like "$out" "Score    " "Elo has no interval"
unlike "$out" CI "nor a heading for one"

# What is not text is no name
{
    echo model_a,model_b,winner,cat,voter
    printf 'x,y,model_a,a\0b,v\nx,y,model_b,a\200,v\n'
    printf 'y,x,model_a,c,v\0w\ny,x,model_a,c,v\n'
} >"$scratch/nul.csv"
out=$("$ARENA" rate --by cat "$scratch/nul.csv" 2>"$scratch/err")
is "$?" 6 "a category with a NUL or bad UTF-8 costs its row"
like "$(cat "$scratch/err")" "nul.csv:2: a category's name is not UTF-8 text" \
    "which is said"
like "$out" "== cat: c" "and no more"
out=$("$ARENA" rate --cluster voter "$scratch/nul.csv" 2>&1)
like "$out" "nul.csv:4: a voter's name is not UTF-8 text" "voters too"

# A model that only a rejected row knows, and one that a category lacks
printf '%s\n' model_a,model_b,winner,cat x,y,model_a,c1 y,x,model_a,c1 \
    q,q,tie,c1 x,z,tie,c2 >"$scratch/few.csv"
for format in --json --md --csv -j1; do
    out=$("$ARENA" rate --against q $format "$scratch/few.csv" 2>&1)
    is "$?" 2 "nothing is held against a model without a vote ($format)"
    out=$("$ARENA" rate --by cat --against y $format "$scratch/few.csv" 2>&1)
    is "$?" 6 "a category without the model has no differences ($format)"
done
json=$("$ARENA" rate --by cat --ties davidson --json "$scratch/few.csv" \
    2>"$scratch/err")
is "$?" 6 "a category that cannot be rated does not stop the others"
like "$json" '"c2":{"error":"every vote is a tie' "and its place says why"
ok "in JSON" sh -c 'printf %s "$1" | python3 -m json.tool' - "$json"
sed -i.old /^q/d "$scratch/few.csv"
out=$("$ARENA" rate --by cat --ties davidson "$scratch/few.csv" 2>&1)
like "$out" "no ratings: every vote is a tie" "in text too"
like "$out" "1 of 2 values of cat could not be rated" "and it is told"
out=$("$ARENA" rate --ties drop "$scratch/few.csv")
like "$out" "2 votes rated; excluded: 1 tie." "dropped ties are not rated"

# Wrong use
out=$("$ARENA" rate --ties maybe $food 2>&1)
is "$?" 2 "a wrong value is a usage error"
out=$("$ARENA" rate --prior -3 $food 2>&1)
is "$?" 2 "so is a negative prior"
out=$("$ARENA" rate --anchor Pizza $food 2>&1)
is "$?" 2 "and an anchor without a score"
out=$("$ARENA" rate --against Cake $food 2>&1)
is "$?" 2 "and a model that is not there"
like "$out" "has no model Cake" "which is said"
out=$("$ARENA" rate --json --csv $food 2>&1)
is "$?" 2 "and two formats at once"
for words in "--rounds 1000" "--rounds 50 --ci hessian" \
    "--rounds 50 --method elo"; do
    out=$("$ARENA" rate $words $food 2>&1)
    is "$?" 2 "and samples that nobody draws: $words"
    like "$out" "--rounds needs --ci bootstrap" "which is said"
done
for words in "--rank-intervals" "--against Pizza" "--csv --rank-intervals"; do
    out=$("$ARENA" rate --matrix $words $food 2>&1)
    is "$?" 2 "and what a matrix does not show: $words"
    like "$out" "in place of ratings: leave out --" "which is said"
done
out=$("$ARENA" rate --json --matrix --rank-intervals $food)
like "$out" '"rank_best":' "JSON shows both"
out=$("$ARENA" rate --baseline Pizza $food 2>&1)
is "$?" 2 "and a baseline that no row needs"
like "$out" "leave out --baseline" "which is said"
out=$("$ARENA" rate --with-judge j --baseline b $food 2>&1)
is "$?" 2 "or beside a judge"
out=$("$ARENA" rate "$scratch/none.csv" 2>&1)
is "$?" 1 "a file that is not there"
like "$out" "none.csv: cannot open" "is named"

# A number that can be negative: the higher one wins three times of four, and
# says so, on either side of 0.
{
    echo model_a,model_b,winner,logp_a,logp_b
    for i in 1 2 3 4 5 6 7 8; do
        echo x,y,model_a,-3,-5; echo y,x,model_a,-2,-4; echo x,y,model_b,-9,-5
        echo y,x,model_b,-3,-5
    done
    echo x,y,model_b,-3,-5; echo x,y,model_a,-9,-5
} >"$scratch/negative.csv"
sed 's/-3/7/; s/-2/8/; s/-9/1/; s/-5/5/g; s/-4/6/' "$scratch/negative.csv" \
    >"$scratch/positive.csv"
for sign in negative positive; do
    out=$("$ARENA" rate "$scratch/$sign.csv" --style)
    like "$out" "logp: +[1-9]*(95% CI +[1-9]*" "the higher $sign number wins"
done

# What the log says of a vote
cat >"$scratch/named.jsonl" <<'EOF2'
{"model_a":"x","model_b":"y","winner":"model_a","anony":true}
{"model_a":"y","model_b":"x","winner":"model_a","anony":true}
{"model_a":"x","model_b":"y","winner":"model_a","anony":false}
EOF2
out=$("$ARENA" rate "$scratch/named.jsonl")
is "$?" 0 "votes with names known are no mistake"
like "$out" "2 votes rated; excluded: 1 named." "but do not rate"
tail -1 "$scratch/named.jsonl" >"$scratch/all-named.jsonl"
out=$("$ARENA" rate "$scratch/all-named.jsonl" 2>&1)
is "$?" 1 "nothing but such votes"
like "$out" "1 were given with the names known" "is told"
{
    echo generator_1,generator_2,preference
    for i in 1 2 3 4 5 6 7 8 9 10; do echo ref,m,1.4; done
} >"$scratch/soft.csv"
json=$("$ARENA" rate --prior 0 --json "$scratch/soft.csv")
like "$json" '"name":"ref","rating":1035.' "a strength is a weight, not a win"
like "$json" '"wins":0,"losses":0,' "nor is it counted as one"
like "$json" '"weighted":10,"share_won":6' "but as a share"
out=$("$ARENA" rate --prior 0 "$scratch/soft.csv")
like "$out" "10 by weight, neither won nor lost" "which is said"
"$ARENA" rate --prior 0 --json --matrix "$scratch/soft.csv" >"$scratch/board"
is "$("$ARENA" rate --prior 0 --json "$scratch/board")" "$json" \
    "a leaderboard with its records can be rated again"
out=$("$ARENA" rate --method elo --json "$scratch/soft.csv")
like "$out" '"name":"ref","rating":1013.06' "Elo takes a share too"
printf '%s\n' '{"question_id":"q","model":"m","games":[{"score":"A>B"}]}' \
    >"$scratch/games.jsonl"
out=$("$ARENA" rate "$scratch/games.jsonl" 2>&1)
is "$?" 1 "games against a model that is not named"
like "$out" "say --baseline MODEL" "need an option, which is said"
out=$("$ARENA" rate --baseline b "$scratch/games.jsonl")
like "$out" "1 vote rated" "and is enough"
printf '%s\n' model_a,model_b,winner_model_a,winner_model_b,winner_tie \
    x,y,1e-05,0.99,0 >"$scratch/hot.csv"
out=$("$ARENA" rate "$scratch/hot.csv" 2>&1)
is "$?" 1 "a probability in a column of 0 and 1"
like "$out" "winner_model_a is '1e-05', neither 0 nor 1" "is no vote"
printf '[%s,%s,%s]' '{"model_a":"x","model_b":"y","winner":"a"}' \
    '{"model_a":"x","model_b":"y","winner":"perhaps"}' \
    '{"model_a":"y","model_b":"x","winner":"a"}' >"$scratch/one.json"
out=$("$ARENA" rate "$scratch/one.json" 2>&1)
like "$out" "one.json: object 2 (line 1): unknown winner label" \
    "rows of one long line are told apart"
like "$out" "one.json: 1 of 3 rows could not be used" "and counted"

# Names as long as they are, in a pipe
printf '%s\n' model_a,model_b,winner \
    lab/Some-Model-3.3-70B-Instruct-GGUF-UD-Q4_K_XL,lab/Some-Model-3.3-70B-Instruct-GGUF-UD-Q8_K_XL,a \
    >"$scratch/long.csv"
out=$("$ARENA" rate "$scratch/long.csv")
like "$out" "GGUF-UD-Q4_K_XL " "a name that differs at its end"
like "$out" "GGUF-UD-Q8_K_XL " "is told from the other"

# Containers, and what has no style
gzip -c $food >"$scratch/food.csv.gz"
is "$("$ARENA" rate --json "$scratch/food.csv.gz")" \
    "$("$ARENA" rate --json $food)" "gzip is unpacked"
is "$(gzip -c $food | "$ARENA" rate --json -)" \
    "$("$ARENA" rate --json $food)" "from a pipe too"
printf 'PAR1\0\0\0\0PAR1' >"$scratch/votes.data"
out=$("$ARENA" rate "$scratch/votes.data" 2>&1)
is "$?" 1 "Parquet is refused"
like "$out" "the file is Parquet; save it as CSV" "by name, with what to do"
printf '%s\n' model_a,model_b,winner,response_a,response_b \
    x,y,a,,one y,x,a,two, x,y,b,,two y,x,b,one, >"$scratch/half.csv"
out=$("$ARENA" rate --style "$scratch/half.csv" 2>&1)
is "$?" 1 "answers that are missing have no style to be held equal"
like "$out" "no vote has a number or a text of both answers" "which is said"
unlike "$out" "style held equal" "and nothing else"
awk -F, 'function words(n) { return sprintf("%" 2 * n "s", "x") }
    NR == 1 { print "model_a,model_b,winner,response_a,response_b"; next }
    { print $1 "," $2 "," $3 ",\"-" words($4) "\",\"-" words($5) "\"" }' \
    "$scratch/style.csv" >"$scratch/texts.csv"
out=$("$ARENA" rate --style "$scratch/texts.csv")
is "$?" 0 "texts in columns are counted"
like "$out" "  length: +" "by their length"
like "$out" "  bold: never differs" "as far as they differ"

# Of two columns of one name one would be lost.
for more in winner Model_A response_b; do
    printf 'model_a,model_b,winner,response_a,response_b,%s\nx,y,model_a,i,k,y\n' \
        $more >"$scratch/again.csv"
    out=$("$ARENA" rate --style "$scratch/again.csv" 2>&1)
    is "$?" 1 "a second column $more is refused"
    like "$out" "two columns are called" "which is said"
done
out=$("$ARENA" rate "$scratch/again.csv")
is "$?" 0 "a second column of what is not read is none's loss"

# What we print, we read
for w in a a b; do "$ARENA" record x y $w >/dev/null; done
"$ARENA" history --json >"$scratch/own.json"
out=$("$ARENA" rate "$scratch/own.json")
like "$out" "3 votes rated" "the history can be rated"
"$ARENA" show 1 --json >"$scratch/own1.json"
out=$("$ARENA" rate "$scratch/own1.json")
like "$out" "1 vote rated" "so can one battle"
"$ARENA" leaderboard --json >"$scratch/board"
out=$("$ARENA" rate "$scratch/board" 2>&1)
like "$out" "a leaderboard holds no votes; with --matrix" \
    "a leaderboard without records says that it holds none"
"$ARENA" leaderboard --json --matrix >"$scratch/board"
out=$("$ARENA" rate "$scratch/board")
like "$out" "3 votes rated" "with records it can be rated"

done_testing
