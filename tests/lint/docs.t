#!/bin/sh
# The texts say what is true: verbs, targets, files and links exist; every verb
# is in the man page and has a help that fits a terminal.
. tests/tap.sh

texts="README.md CONTRIBUTING.md SECURITY.md CHANGELOG.md $(find docs -name '*.md')"
verbs=$("$ARENA" help | sed -n '/^verbs/,/^$/s/^  \([a-z]*\) .*/\1/p')

man_page() {
    mandoc -T lint -W warning docs/arena.1 >"$scratch/lint" 2>&1
    ! grep -v 'mandoc.db' "$scratch/lint"
}
ok "the man page is well formed" man_page

in_man_page() {
    bad=0
    for verb in $verbs; do
        grep -qE "^\.It Cm $verb( |\$)" docs/arena.1 ||
            { echo "docs/arena.1: no .It Cm $verb"; bad=1; }
    done
    return $bad
}
ok "every verb is in the man page" in_man_page

man_page_is_true() {
    bad=0
    for verb in $(sed -n '/^.Sh VERBS/,/^.Sh OPTIONS/s/^\.It Cm \([a-z]*\).*/\1/p' \
        docs/arena.1); do
        echo "$verbs" | grep -qx "$verb" ||
            { echo "docs/arena.1: there is no verb $verb"; bad=1; }
    done
    return $bad
}
ok "and no other" man_page_is_true

config_keys() { # of the file $1, a JSON Schema
    sed -n 's/^ *"\([a-z_]*\)": { ..*/\1/p' "$1" | sort -u
}
keys_are_described() { # in the man page $1, as .Cm and the like, or in JSON
    bad=0
    for key in $(config_keys data/arena.schema.json); do
        grep -qE "^\.(It Cm|Cm|Dq|Ql) (.*[^a-z_])?$key([^a-z_]|\$)|(\"|dq)$key(\"|.\(dq)" "$1" ||
            { echo "$1: nothing about the key $key"; bad=1; }
    done
    return $bad
}
ok "every key of the config is in the man page" keys_are_described docs/arena.1
grep -v min_p docs/arena.1 >"$scratch/arena.1"
not() { ! "$@"; }
ok "one that is not is found" not keys_are_described "$scratch/arena.1"

helps() {
    bad=0
    for verb in $verbs; do
        "$ARENA" help "$verb" >"$scratch/help" || bad=1
        head -1 "$scratch/help" | grep -q "^usage: arena $verb" ||
            { echo "$verb: no usage"; bad=1; }
        sed -n 2p "$scratch/help" | grep -q . ||
            { echo "$verb: no summary"; bad=1; }
        awk -v verb="$verb" 'length($0) > 80 {
            print verb ": help line over 80 columns: " $0; bad = 1 }
            /^options/ { options = 1; next }
            options && NF && !/^  / {
            print verb ": not under its option: " $0; bad = 1 }
            END { exit bad }' "$scratch/help" || bad=1
    done
    return $bad
}
ok "every verb has a help that fits" helps

# Lines in code blocks that begin with arena or make, and `arena verb` in text.
commands_exist() {
    bad=0
    for text in $texts; do
        awk '/^```/ { code = !code; next }
            code { sub(/^\$ /, ""); sub(/ *#.*/, ""); print }
            !code { while (match($0, /`(arena|make) [^`]*`/)) {
                print substr($0, RSTART + 1, RLENGTH - 2)
                $0 = substr($0, RSTART + RLENGTH) } }' "$text" |
            sed -n 's/^\(arena\|make\) \([a-z][a-z-]*\)\( .*\)\{0,1\}$/\1 \2/p' |
            sort -u >"$scratch/commands"
        while read -r program word; do
            case $program in
            arena) echo "$verbs" | grep -qx "$word" ;;
            make) grep -qhE "^$word:" Makefile tests/*/*.mk ;;
            esac || { echo "$text: there is no \"$program $word\""; bad=1; }
        done <"$scratch/commands"
    done
    return $bad
}
ok "commands in the texts exist" commands_exist

links_exist() {
    bad=0
    for text in $texts; do
        for link in $(grep -oE '\]\([^)#]+' "$text" | sed 's/^](//' |
            grep -v '^[a-z]*:'); do
            [ -e "$(dirname "$text")/$link" ] ||
                { echo "$text: no such file: $link"; bad=1; }
        done
    done
    return $bad
}
ok "links in the texts lead to files" links_exist

folders_exist() { # of the table in ARCHITECTURE.md
    bad=0
    for folder in $(sed -n 's/^| `\([a-z/]*\/\)` |.*/\1/p' docs/ARCHITECTURE.md); do
        [ -d "$folder" ] || { echo "no folder $folder"; bad=1; }
    done
    return $bad
}
ok "folders in docs/ARCHITECTURE.md exist" folders_exist

targets_have_help() {
    for target in all run test bench check fuzz lint format coverage install \
        uninstall dist help deps clean; do
        make -s help | grep -q "make $target " || { echo "$target"; return 1; }
    done
}
ok "make help lists the targets" targets_have_help

done_testing
