#!/bin/sh
# Completion in real shells: verbs, options, their words, models, runs, keys.
. tests/tap.sh
. tests/tui/tmux.sh

export XDG_CONFIG_HOME="$scratch/config" XDG_DATA_HOME="$scratch/data"
mkdir -p "$scratch/config/arena" "$scratch/data/arena" "$scratch/bin"
ln -s "$ARENA" "$scratch/bin/arena"
sed 's/quuxify3/two words/' tests/tui/arena.json \
    >"$scratch/config/arena/arena.json"
cp tests/tui/replay.json "$scratch/config/arena"
"$ARENA" eval mini --run first-run -q </dev/null >/dev/null 2>&1

cat >"$scratch/ask" <<'END'
eval "$(arena completion bash)"
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
_arena
printf '%s\n' "${COMPREPLY[@]}"
END
bash_offers() { # WORDS...: the last one is being written
    PATH="$scratch/bin:$PATH" bash "$scratch/ask" arena "$@" | tr '\n' ' '
}
is "$(bash_offers le)" "leaderboard " "a verb"
is "$(bash_offers leaderboard --meth)" "--method " "an option of its verb"
is "$(bash_offers leaderboard --method '')" "bt elo " "the words of an option"
is "$(bash_offers --color al)" "always " "of a global one, before the verb"
is "$(bash_offers --color always lead)" "leaderboard " "a verb behind one"
is "$(bash_offers vote f)" "first-run " "a run"
is "$(bash_offers export --run f)" "first-run " "a run as an option's value"
is "$(bash_offers compare z)" "zorblax9 " "a model"
is "$(bash_offers compare zorblax9 two)" 'two\ words ' "one with a blank"
is "$(bash_offers record A B t)" "tie " "the word of a third operand"
is "$(bash_offers record --voter me A B t)" "tie " \
    "an option's value is no operand"
is "$(bash_offers config sch)" "schema " "a word of a synopsis"
is "$(bash_offers models add x tempe)" "temperature= " "a key of a model"
is "$(bash_offers help und)" "undo " "a verb for help"
is "$(bash_offers rate "")" " " "no file: the shell offers them"
is "$(bash_offers show --no-such "")" " " "nothing is known of what is not"

# Every verb, as the scripts have them: from the same table as the help.
for verb in $("$ARENA" completion values VERB); do
    "$ARENA" help "$verb" >/dev/null || echo "$verb"
done >"$scratch/unknown"
is "$(cat "$scratch/unknown")" "" "all that is offered is a verb"
for shell in bash zsh fish; do
    "$ARENA" completion $shell >"$scratch/$shell"
    if command -v $shell >/dev/null; then
        ok "$shell takes its script" $shell -n "$scratch/$shell"
    fi
done

# At the prompt of a real bash, by Tab.
cat >"$scratch/rc" <<END
PS1='ready> '
PATH=$scratch/bin:$PATH
export XDG_CONFIG_HOME=$XDG_CONFIG_HOME XDG_DATA_HOME=$XDG_DATA_HOME
eval "\$(arena completion bash)"
END
tui_run 80 24 "bash --rcfile \"$scratch/rc\" -i"
tui_wait "ready>"
tui_keys "arena vo" Tab
tui_wait "arena vote" "Tab completes a verb"
tui_keys " fi" Tab
tui_wait "arena vote first-run" "and a run"
if command -v fish >/dev/null; then
    out=$(PATH="$scratch/bin:$PATH" fish --no-config -c \
        "source $scratch/fish; complete -C 'arena vote f'" 2>/dev/null)
    like "$out" "first-run*" "fish offers a run, too"
fi
if command -v zsh >/dev/null; then
    cat >"$scratch/.zshrc" <<END
PS1='ready> '
PATH=$scratch/bin:$PATH
autoload -Uz compinit && compinit -u -d $scratch/zcompdump
eval "\$(arena completion zsh)"
END
    tui_run 80 24 "env ZDOTDIR=\"$scratch\" zsh -i"
    tui_wait "ready>"
    tui_keys "arena vote f" Tab
    tui_wait "arena vote first-run" "and zsh"
fi

done_testing
