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
ok "votes are recorded" [ $? = 0 ]
tui_start 40 12
tui_wait "Your prompt"
tui_keys Escape
tui_wait "Enter goes on"
tui_keys l
tui_wait "Score" "at 40 columns there are scores"
golden leaderboard-narrow "the leaderboard at 40x12"
tui_size 80 24
tui_wait "Win%"
golden leaderboard-names "the leaderboard at 80x24"
tui_size 160 50
tui_wait "$long-temp0.7 " "at 160 columns no name is cut"
golden leaderboard-wide "the leaderboard at 160x50"
tui_keys q q
tui_wait_end 0 "q goes back, and quits"

done_testing
