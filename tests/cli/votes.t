#!/bin/sh
# record, history, show, undo, db and leaderboard, from outside.
. tests/tap.sh

db=$scratch/votes.db
arena() {
    "$ARENA" "$@" --db "$db" 2>"$scratch/stderr"
}
said() {
    cat "$scratch/stderr"
}

arena leaderboard; is "$?" 7 "without a database a leaderboard is an error"
like "$(said)" "there is no database yet" "which says so"

out=$(arena record x y a); is "$?" 0 "record succeeds"
is "$out" "recorded battle 1: x 1000.0 -> 1008.0, y 1000.0 -> 992.0" \
    "and says what it did"
arena record y x tie --id k1 --category code >"$scratch/out"
arena record u v a --id k1; is "$?" 2 "another vote of that id is an error"
like "$(said)" 'the id "k1" is of another vote: battle 2, y against x, tie' \
    "that tells the stored one"
out=$(arena record y x tie --id k1); is "$?" 0 "the same id again is no error"
is "$out" "recorded before as battle 2; counted once" "but counts once"
out=$(arena record y z bad --voter judge:j --comment "$(printf 'hm \033[31m')" --json)
like "$out" '"duplicate":false,"battle":3,"vote":3,"voter":"judge:j"' \
    "record prints JSON"

for words in "x y c" "x x a" "x y" "x y a b" "x y a --voter judge:" \
    "x y a --id="; do
    # shellcheck disable=SC2086
    arena record $words; is "$?" 2 "record $words is a usage error"
done
is "$(arena history --json | grep -c battle)" 3 "none of them was stored"

out=$(arena history)
like "$out" "     2  $(date -u +%Y-%m-)" "history shows number and date"
like "$out" "  code      tie   y  x  human:" "category, vote, models, voter"
like "$(arena history --json -n 1)" '"model_a":"y","model_b":"z"' \
    "history prints JSON, newest first"
like "$(arena history -n 1 --offset 2)" "     1  " "and pages"
arena history --run nothing; is "$?" 2 "a run that is not there is an error"

like "$(arena show 2)" "tie by human:" "show tells the vote"
like "$(arena show 2 --json)" '"id":"k1","vote":2,"corrected":false' \
    "and in JSON the id it was recorded with"
like "$(arena show 3)" "why: hm <1B>\[31m" "show tells why, cleaned"
like "$(arena show 3 --json)" '"tags":"","comment":"hm \\u001b' \
    "and so in JSON"
arena show 99; is "$?" 2 "there is no battle 99"
arena show two; is "$?" 2 "nor battle two"

out=$(arena leaderboard)
like "$out" "Rank  Model  Score  95% CI" "leaderboard is a table"
like "$out" "* preliminary. 2 votes rated; excluded: 1 of judges. bt, ties*" \
    "with a footer, in which a judge's vote is none of people's"
like "$(arena leaderboard --json)" '{"method":"bt","n_votes":2,"models":[{' \
    "leaderboard prints JSON"
like "$(arena leaderboard --csv)" "rank,model,rating,lower,upper,se,votes" \
    "CSV"
like "$(arena leaderboard --md)" "| ---: | --- |" "and Markdown"
like "$(arena leaderboard --matrix)" "1-0-1" "and who did how against whom"
like "$(arena leaderboard --method elo)" "elo, K 16" "and the running Elo"
like "$(arena leaderboard --category code)" "1 vote rated" "of a category"
unlike "$(arena leaderboard --category code)" "excluded" \
    "without what is counted over all categories"
unlike "$(arena leaderboard --category code --json)" '"of judges"' \
    "in JSON, too"
arena leaderboard --category cdoe
like "$(said)" 'no rated vote here is of the category "cdoe"' \
    "a category that is none is told of"
arena leaderboard --category cdoe --exclude-suspects
is "$(said | grep -c 'no rated vote')" 1 "once for two boards"
like "$(arena leaderboard --voter judge:j)" "1 vote rated" "of a judge"
like "$(arena leaderboard --voter human)" "2 votes rated" "of all people"
like "$(arena leaderboard --since 2020-01-01)" "2 votes rated" "since a day"
like "$(arena leaderboard --since 2999-01-01)" "0 votes rated" "that is to come"
like "$(arena leaderboard --category none --json)" '"n_votes":0,"models":[]' \
    "of nothing"
arena leaderboard --since 2023-02-29; is "$?" 2 "on a day that was not"
arena leaderboard --voter me; is "$?" 2 "of nobody in particular"
arena leaderboard --method elo --category code
is "$?" 2 "the running Elo is over everything"

mkdir -p "$XDG_CONFIG_HOME/arena"
echo '{"models": [], "elo": {"k": 32}}' >"$XDG_CONFIG_HOME/arena/arena.json"
out=$(arena record p q a)
is "$out" "recorded battle 4: p 1000.0 -> 1016.0, q 1000.0 -> 984.0" \
    "the config says how far a vote moves"
like "$(arena leaderboard)" "Group" "models that never met are in groups"
unlike "$(arena leaderboard --method elo)" "Group" "but have one scale of Elo"
echo '{"elo": {"kk": 32}}' >"$XDG_CONFIG_HOME/arena/arena.json"
arena record p q a; is "$?" 3 "a broken config is an error before a vote"
arena history >"$scratch/out"; is "$?" 0 "but not before looking back"
rm "$XDG_CONFIG_HOME/arena/arena.json"
ok "the votes of both settings replay" arena db check

out=$(arena undo); is "$?" 0 "undo succeeds"
like "$out" "undone: the vote on battle 4" "and takes the last vote"
out=$(arena undo 1 --json)
is "$out" '{"undone":true,"battle":1}' "or the one on a battle"
arena undo 1; is "$?" 2 "once"
arena undo --voter nobody; is "$?" 2 "and not of nobody"
like "$(arena leaderboard)" \
    "1 vote rated; excluded: 2 withdrawn, 1 of judges" \
    "withdrawn votes are told"
like "$(arena history --json)" '"battle":1,"state":"undone"' "and kept"
like "$(arena history)" "4  ????-??-??*undone*p*q" "history says that they were"
like "$(arena show 1)" "battle 1 *undone" "and so does show"
arena undo --voter judge:j >"$scratch/out"; is "$?" 0 "a judge's vote too"

is "$(arena db path)" "$db" "db path tells the file"
like "$(arena db check)" "ok: intact" "db check finds it whole"
like "$(arena db check --json)" '{"problems":[],"ok":true' "and in JSON"
out=$(arena db backup "$scratch/copy.db"); is "$?" 0 "db backup succeeds"
arena db backup "$scratch/copy.db"; is "$?" 7 "never over a file"
ok "the copy is whole" "$ARENA" db check --db "$scratch/copy.db"
is "$("$ARENA" history --json --db "$scratch/copy.db")" \
    "$(arena history --json)" "and the same"
like "$(arena db rebuild)" "votes rated: 1" "db rebuild succeeds"
ok "and leaves it whole" arena db check
arena db chekc; is "$?" 2 "db chekc is a usage error"
like "$(said)" 'did you mean "check"' "with a guess"
arena db backup; is "$?" 2 "as is a backup to nowhere"

# A database's name is a file's, whatever it would mean to SQLite: what is said
# to be recorded is on the disk.
below() { # FOLDER's program
    (cd "$scratch/names" && "$ARENA" "$@" 2>"$scratch/stderr")
}
mkdir "$scratch/names"
below record x y a --db y.db >"$scratch/out"
for name in :memory: file:x.db "file:z?mode=memory"; do
    below record x y b --db "$name" >"$scratch/out"
    is "$?" 0 "a database named $name"
    like "$(below history --json --db "$name")" '"verdict":"b"' "keeps its vote"
done
below db backup file:y.db --db file:x.db >"$scratch/out"
is "$?" 0 "a copy named file:y.db"
is "$(cd "$scratch/names" && ls)" "$(printf '%s\n' :memory: file:x.db file:y.db \
    "file:z?mode=memory" y.db)" "are files of these names"
like "$(below history --json --db y.db)" '"verdict":"a"' \
    "and nothing is written over"
below record x y a --db "" >"$scratch/out"
is "$?" 2 "a database without a name is refused"
like "$(said)" "the database has no name" "which is said"

# A name from outside that would move the cursor or run in a spreadsheet.
esc=$(printf '\033]0;x\007=2+2')
arena record "$esc" "=cmd()" a >"$scratch/out"
for words in leaderboard "leaderboard --csv" "leaderboard --md" history \
    "show 5" "history --json" "leaderboard --json"; do
    # shellcheck disable=SC2086
    arena $words >"$scratch/out"
    cat "$scratch/out" "$scratch/stderr" >"$scratch/both"
    ok "$words: no escapes" sh -c "! grep -q '$(printf '\033')' '$scratch/both'"
done
like "$(arena leaderboard --csv)" ",'=cmd()," "a cell is no formula"

is "$("$ARENA" record -q x q a --db "$scratch/quiet.db")" "" "-q says nothing"
like "$("$ARENA" leaderboard --db "$scratch/quiet.db")" "1 vote rated" \
    "and records all the same"

done_testing
