#!/bin/sh
# While answers come: resize, scroll, stop, follow up; and sides that fail.
. tests/tap.sh
. tests/tui/tmux.sh

tui_start 80 24
tui_wait "Your prompt"
tui_keys "let it hang" Enter
tui_wait "blind, answering"
tui_wait "no further" "text that has come is shown"

# Every size, while both stream: nothing is lost, nothing crashes.
for size in "39 9" "1 1" "500 300" "2 60" "40 10" "200 5" "76 24" "75 24"; do
    tui_size $size
done
for i in 1 2 3 4 5 6 7 8 9 10; do
    for columns in 80 41 120 77 10 66; do
        tui_size $columns $((columns / 3))
    done
done
tui_size 39 9
tui_wait "too small" "a small terminal says so"
tui_size 80 24
tui_wait "no further" "and what there was is there again"
tui_wait "blind, answering" "still streaming"
golden streaming "the streaming screen"
same_on_both() { # "answering 3 s" stands twice in one line
    tui_screen | grep -Eq 'answering +([0-9]+) s .*answering +\1 s '
}
ok "both sides say alike how long they answer" same_on_both
tui_keys s
tui_wait "s once more skips this battle" "s asks while answers come"
tui_keys k

tui_keys z
tui_wait "blind, your vote" "z stops, and what is there can be judged"
tui_keys v
tui_wait "B ─" "v changes the view"
golden stacked "the stacked view"
tui_keys v
tui_wait "[A] B" "v again shows one at a time"
tui_keys Tab
tui_wait "A [B]" "Tab shows the other"
tui_keys v
tui_wait "╮╭" "and v comes round"
tui_keys +
tui_wait "A [B]" "+ shows one side alone"
tui_keys +
tui_wait "╮╭"

tui_keys q
tui_wait "No vote on this battle yet" "q asks before it leaves a battle"
tui_keys i
tui_wait "Further question to both" "i asks a further question"
tui_keys "something long" Enter
tui_wait "turn 2"
tui_wait "blind, your vote" "the second turn ends"
tui_wait "> something long" "the further question stands above its answer"
tui_wait "line 8" "which is shown from its begin"
tui_keys g
tui_wait "no further" "the first turn is still above"
golden follow-up "a conversation"
tui_keys G
tui_wait "the last line" "G goes to the end"
tui_keys L g
tui_wait "linked" "L links the sides"
tui_keys / needle Enter
tui_wait "needle in line 30" "/ finds a word"
tui_keys / sapphire Enter
tui_wait "Not in this answer: sapphire" "or says that it is not there"
tui_keys /
tui_keys Escape
tui_first_vote x
tui_wait "You called both bad" "the vote is on the whole conversation"

# A side that fails makes the battle void, and says no name unasked.
tui_keys Enter
tui_wait "Your prompt"
tui_keys "please fail" Enter
tui_wait "One side failed, so this battle is void" "a failed side voids"
unlike "$(tui_screen)" zorblax9 "no name is shown"
unlike "$(tui_screen)" "said no" "nor the error"
golden void "the void screen"
tui_keys r
tui_wait "blind" "r asks again"
tui_wait "One side failed"
tui_keys E
tui_wait "zorblax9: zorblax9 said no" "E tells why"
tui_keys r
tui_wait "r: not once the names are known" "and then r is not taken"
unlike "$(tui_screen)" "r again" "nor offered"
tui_keys Enter
tui_wait "Your prompt"

# A prompt that is not sent is not lost by one q.
tui_keys "half a thought" Escape
tui_wait "Enter goes on writing"
tui_keys q
tui_wait "The prompt is not sent" "q asks before it drops a prompt"
tui_keys Enter
tui_wait "half a thought"
tui_keys C-c
tui_wait_end 130 "^C ends it"

# A battle that was left without a vote is offered again, blind.
tui_start 80 24
tui_wait "Your prompt"
tui_keys "left alone" Enter
tui_wait "blind, your vote"
tui_keys q q q
tui_wait_end 0 "the second q leaves the battle, the third quits"
tui_start 80 24
tui_wait "A battle waits for your vote" "the next start offers it"
tui_keys Escape
tui_wait "Enter goes on writing"
tui_keys W
tui_wait "blind, your vote" "W takes it up"
unlike "$(tui_screen)" zorblax9 "still without names"
tui_keys b
tui_wait "You chose B. Saved." "and the vote is taken"
tui_keys u
tui_wait "Withdrawn."
tui_keys q q q
tui_wait_end 0 "q quits"
tui_start 80 24
tui_wait "vote undone" "a vote that was undone is called so"
unlike "$(tui_screen)" "waits for your vote" \
    "and its battle is not offered as a blind one"
tui_keys C-c
tui_wait_end 130 "^C"

done_testing
