#!/bin/sh
# Prompts to pick from, and what kind they are.
. tests/tap.sh

# One set, so that the screens do not depend on how many prompts there are.
export ARENA_DATA="$scratch/shipped"
cp -r data "$ARENA_DATA"
mv "$ARENA_DATA/prompts/mini.jsonl" "$scratch/mini.jsonl"
rm "$ARENA_DATA"/prompts/*
head -5 "$scratch/mini.jsonl" >"$ARENA_DATA/prompts/mini.jsonl"
. tests/tui/tmux.sh

mkdir -p "$XDG_DATA_HOME/arena/prompts"
cat >"$XDG_DATA_HOME/arena/prompts/mine.jsonl" <<'END'
{"prompt": "How do\nweevils winter?", "category": "zoology"}
{"turns": ["How do weevils fly?", "And why?"], "system": "Be brief."}
END
echo '{"prompt": 7}' >"$XDG_DATA_HOME/arena/prompts/wrong.jsonl"

tui_start 80 24
tui_wait "Your prompt"
tui_keys "What do weevils eat?" Enter
tui_wait "blind, your vote"
tui_keys s
tui_wait "Skipped"
tui_keys C-p
tui_wait "prompts" "^P lists prompts"
tui_wait "wrong.jsonl" "and says what cannot be read"
tui_keys "weevils"
tui_wait " 3 of" "past ones and the user's own"
golden library "the library"
tui_keys Down
tui_wait_gone "wrong.jsonl"
tui_keys C-n C-p
tui_size 40 12
tui_wait_gone "zoology  mine.jsonl"
golden library-small "the library at 40x12"
tui_size 80 24
tui_wait "zoology  mine.jsonl"
tui_keys Enter
tui_wait "weevils winter?" "Enter takes one, with its lines"
tui_wait "Your prompt ─"
tui_wait " zoology ─" "and its category"
golden library-taken "a prompt with its category"
tui_keys Enter
tui_wait "blind, your vote"
tui_first_vote a
tui_wait "Saved."
tui_keys Enter
tui_wait "Your prompt"
like "$("$ARENA" --config "$scratch/arena.json" --db "$db" show 2 --json)" \
    '*"category":"zoology"*' "the battle is of that category"
unlike "$(tui_screen)" " zoology ─" "the next one is not"

tui_keys C-p
tui_wait "prompts"
tui_keys "fly weevils"
tui_wait " 1 of" "words are found in any order"
tui_keys Enter
tui_wait "Without its system prompt. The first of its 2 turns." \
    "it says what is left out"
tui_keys C-t
tui_wait "(none)" "^T lists categories"
tui_wait "zoology" "those of the store, too"
golden category "the categories"
tui_keys "law and order"
tui_wait "Enter takes this as a new one."
tui_keys Enter
tui_wait " law and order ─" "a new one can be made"
tui_keys Enter
tui_wait "blind, your vote"
tui_keys i
tui_wait "Further question to both"
tui_keys C-t
tui_wait "A further question is of the kind of the first one."
tui_keys C-p
tui_wait "prompts"
tui_keys "sky is blue"
tui_wait " 1 of"
tui_keys Enter
tui_wait "sky is blue" "a further question may be picked, too"
tui_keys C-p Escape
tui_wait "sky is blue" "Esc leaves the editor as it was"
tui_keys Escape s
tui_wait "Your prompt"
tui_wait " law and order ─" "a category that was chosen stays"
like "$("$ARENA" --config "$scratch/arena.json" --db "$db" show 3 --json)" \
    '*"category":"law and order"*' "and is that of the battle"
tui_keys Escape q
tui_wait_end 0

done_testing
