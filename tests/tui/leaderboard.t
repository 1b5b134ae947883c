#!/bin/sh
# The leaderboard at three widths, with names that differ at their ends.
. tests/tap.sh
. tests/tui/tmux.sh

record() {
    "$ARENA" --config "$scratch/arena.json" --db "$db" record "$@" >/dev/null
}
long=smollm2-135m-instruct-q4_1
for i in 1 2 3; do
    record $long-temp0.7 $long-temp0.0 a && record qwen3-8b $long-temp0.0 a &&
        record qwen3-8b $long-temp0.7 tie
done
record qwen3-8b $long-temp0.7 a --category coding --voter human:ann &&
    record qwen3-8b $long-temp0.7 b --category coding &&
    record qwen3-8b $long-temp0.7 b --voter judge:gpt
ok "votes are recorded" [ $? = 0 ]
tui_start 40 12
tui_wait "Your prompt"
tui_keys Escape
tui_wait "Enter goes on"
tui_keys l
tui_wait "Score" "at 40 columns there are scores"
golden leaderboard-narrow "the leaderboard at 40x12"
tui_keys Tab
tui_wait "Tab head to head" "Tab shows the intervals as bars"
golden intervals-narrow "the intervals at 40x12"
tui_keys Tab
tui_wait "against"
golden matrix-narrow "head to head at 40x12"
tui_keys j l
tui_wait "3 won, 0 lost, 0 tied" "j and l choose a pair"
tui_keys h h
tui_wait "1 won, 1 lost, 3 tied"
tui_keys Tab
tui_wait "was 1"
golden course-narrow "the course of a rating at 40x12"
tui_keys Tab
tui_wait "has told its speed" "without speeds there is nothing to draw"
tui_keys Tab
tui_wait "has told its cost" "nor without costs"
tui_keys Tab
tui_wait "Rank  Model" "and then the table again"
tui_size 80 24
tui_wait "Win%"
golden leaderboard-names "the leaderboard at 80x24"
tui_keys Tab
tui_wait "Tab head to head"
golden intervals "the intervals at 80x24"
tui_keys Tab
tui_wait " against "
golden matrix "head to head at 80x24"
tui_keys Enter
tui_wait "was 1" "Enter shows how a rating went"
golden course "the course of a rating at 80x24"
tui_keys Escape
tui_wait "against" "Esc goes back to what it came from"
tui_keys v v v v
tui_wait "Win%"
tui_size 160 50
tui_wait "$long-temp0.7 " "at 160 columns no name is cut"
golden leaderboard-wide "the leaderboard at 160x50"
tui_keys Tab
tui_wait "Tab head to head"
golden intervals-wide "the intervals at 160x50"
tui_keys Tab
tui_wait " against "
golden matrix-wide "head to head at 160x50"
tui_keys Tab
tui_wait "was 1"
golden course-wide "the course of a rating at 160x50"
tui_keys Tab Tab Tab
tui_wait "Win%"

# Which votes count.
pick() { # KEY LETTERS: the list of the key, and of it what has the letters
    tui_keys "$1"
    tui_wait "Enter do it"
    tui_keys "$2"
    tui_wait " 1 of "
    tui_keys Enter
}
tui_size 80 24
tui_wait_gone "Ranks"
tui_keys c
tui_wait "votes of all categories" "c lists the categories"
golden pick "a list to pick from"
tui_keys cod
tui_wait "1 of 3"
tui_keys Enter
tui_wait "Only votes:  category coding" "letters and Enter pick one"
tui_wait "Bradley-Terry  2 votes"
tui_keys m
tui_wait "The running Elo is over all votes" "m says why it does not work now"
pick w ann
tui_wait "Only votes:  category coding  by human:ann"
tui_wait "Bradley-Terry  1 vote"
golden leaderboard-filter "a leaderboard of some votes"
pick s 24
tui_wait "  since 2"
tui_keys @
tui_wait "leaderboard --category coding --voter human:ann" \
    "@ is the command line of that"
pick w judge
tui_wait "No rated vote is of this kind." "there may be none"
pick c "all cat"
pick w "all peop"
pick s "all t"
tui_wait "Bradley-Terry  11 votes" "the first of each list is all"
tui_wait_gone "Only votes" "and nothing tells of a filter"
tui_keys q q
tui_wait_end 0 "q goes back, and quits"

# Ratings against speed and cost.
battle() { # NUMBER MODEL MODEL MS MS COST COST: the first one wins
    printf '{"battle":%d,"model_a":"%s","model_b":"%s","state":"voted",' \
        "$1" "$2" "$3"
    printf '"prompt":"p","created_ms":1,"answers":['
    printf '{"side":"a","turn":1,"round":1,"prompt":"p","text":"x",'
    printf '"finish":"stop","n_in":1,"n_out":101,"cost":%s,"first_ms":100,' "$6"
    printf '"total_ms":%d},{"side":"b","turn":1,"round":1,"prompt":"p",' "$4"
    printf '"text":"y","finish":"stop","n_in":1,"n_out":101,"cost":%s,' "$7"
    printf '"first_ms":100,"total_ms":%d}],"votes":[{"vote":%d,' "$5" "$1"
    printf '"winner":"model_a","voter":"human:me","created_ms":1,'
    printf '"elo":[16,10,400,1000]}],"unrated":[]}\n'
}
{
    echo '{"type":"arena","schema_version":1,"models":[],"runs":[]}'
    battle 1 big-and-slow small 5100 1100 0.02 0
    battle 2 big-and-slow "$long" 5100 2100 0.02 0.001
    battle 3 "$long" small 2100 1100 0.001 0
} >"$scratch/trade.jsonl"
db=$scratch/trade.db
ok "battles that took time and money" "$ARENA" --db "$db" import jsonl \
    "$scratch/trade.jsonl"
record "not-timed" small b
tui_start 80 24
tui_wait "Your prompt"
tui_keys Escape
tui_wait "Enter goes on"
tui_keys l
tui_wait "Win%"
tui_keys Tab Tab Tab Tab
tui_wait "rating against speed"
golden speed "ratings against speed at 80x24"
tui_keys @
tui_wait "leaderboard --svg speed" "@ is the command line of that"
tui_keys G
tui_wait "speed not known" "a model may have none"
tui_keys g Tab
tui_wait "rating against cost"
golden cost "ratings against cost at 80x24"
tui_size 40 12
tui_wait "big-and-slow  "
golden cost-narrow "ratings against cost at 40x12"
tui_size 160 50
tui_wait "j next model"
golden cost-wide "ratings against cost at 160x50"
tui_keys q q
tui_wait_end 0 "q goes back, and quits"

done_testing
