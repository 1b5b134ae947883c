#!/bin/sh
# Every #include goes along the arrows of docs/ARCHITECTURE.md.
. tests/tap.sh

# FOLDER may include from FOLDERS and what is below them (itself always).
allowed() {
    case $1 in
    base) echo "" ;;
    rating | rating/*) echo "rating/* base/rng.h base/err.h" ;;
    backends/engine | backends/engine/*) echo "backends/engine/* base/*" ;;
    backends | backends/*) echo "backends/* base/*" ;;
    arena | arena/*) echo "arena/* backends/* rating/* base/*" ;;
    tui | tui/*) echo "tui/* arena/* backends/* rating/* base/*" ;;
    *) return 1 ;;
    esac
}

# "FILE:LINE INCLUDED" for each include of ours.
includes() {
    grep -n '^ *# *include *"' "$1"/*.[ch] /dev/null 2>/dev/null |
        sed 's/^\([^:]*:[0-9]*\):[^"]*"\([^"]*\)".*/\1 \2/'
}

check() {
    bad=0
    set -f
    patterns="$1/*.h $(allowed "$1")" || { echo "no rule names $1"; bad=1; }
    set +f
    includes "$1" >"$scratch/includes"
    while read -r where header; do
        fits=no
        set -f
        for pattern in $patterns; do # a star crosses folders
            case $header in $pattern) fits=yes ;; esac
        done
        set +f
        case "$1 $header" in # the engine has one face, for backends alone
        "arena"*" backends/engine/"* | "tui"*" backends/engine/"*) fits=no ;;
        esac
        if [ "$fits" = no ]; then
            echo "$where: $1 may not include $header"
            bad=1
        elif [ ! -e "$header" ]; then
            echo "$where: no such file: $header"
            bad=1
        fi
    done <"$scratch/includes"
    return $bad
}

all="base rating backends arena tui"
rooms=$(find $all -name '*.[ch]' | sed 's|/[^/]*$||' | sort -u)
for folder in $rooms; do
    ok "$folder includes along the arrows" check "$folder"
done

no_other_folder() { # of sources
    find . -name '*.[ch]' | sed 's|^\./||' |
        grep -vE '^(base|rating|backends|arena|tui|tests|build)/' |
        { ! grep .; }
}
ok "no source lies where no rule looks" no_other_folder

ok "there is no circle" tests/lint/rooms circles

# Between the lines ```map and ``` of a text.
drawn() {
    sed -n '/^```map$/,/^```$/p' "$1" | grep -v '^```'
}
map_is_true() {
    drawn docs/ARCHITECTURE.md >"$scratch/drawn"
    tests/lint/rooms map | diff "$scratch/drawn" -
}
ok "docs/ARCHITECTURE.md draws the map as it is" map_is_true

# PATTERN PLACES: only files that begin with one of the places include it.
only_in() {
    bad=0
    for file in $(grep -rlE "^ *# *include +[<\"]($1)[>\"]" $all); do
        fits=no
        for place in $2; do
            case $file in "$place"*) fits=yes ;; esac
        done
        [ $fits = yes ] || { echo "$file includes $1"; bad=1; }
    done
    return $bad
}
ok "ncurses is used by the terminal" only_in "n?curses[./a-z0-9]*" "tui/"
ok "SQLite is used by one driver" only_in "sqlite3.h" "arena/store/db_sqlite.c"
ok "libcurl is used by transfers" only_in "curl/[a-z]*.h" \
    "backends/remote/ arena/ tui/commands/doctor"
ok "what hides names is used by what keeps battles blind" \
    only_in "arena/blind/(leak|words).h" "arena/battle/ arena/blind/"
raw_answers="arena/store/answers.h"
raw_readers="arena/battle/ arena/blind/ arena/store/"
ok "answers are read raw by what keeps battles blind" \
    only_in "$raw_answers" "$raw_readers"
ok "so are whole battles by what writes them to files" \
    only_in "arena/store/bulk.h" "arena/exchange/ arena/store/"
ok "so is an answer on its way" \
    only_in "arena/battle/(answer|private).h" \
    "arena/battle/ arena/run/ arena/judge/"
inside="db|private|models|battles|ratings|usage|schema|report"
inside="$inside|inserts|replay|ratings_batch|paircounts"
ok "the driver and the inside of the store are used by the store" \
    only_in "arena/store/($inside).h" "arena/store/"

# The checks themselves must be able to fail.
mkdir -p "$scratch/tree/base" "$scratch/tree/arena/attic" "$scratch/tree/tests"
cp -r tests/lint "$scratch/tree/tests"
echo '#include "arena/x.h"' >"$scratch/tree/base/x.c"
echo '#include "arena/attic/y.h"' >"$scratch/tree/arena/x.h"
echo '#include "arena/x.h"' >"$scratch/tree/arena/attic/y.h"
finds_violation() {
    cd "$scratch/tree" && ! check base
}
finds_raw_reader() {
    mkdir -p "$scratch/tree/tui" &&
        echo "#include \"$raw_answers\"" >"$scratch/tree/tui/show.c" &&
        cd "$scratch/tree" && ! only_in "$raw_answers" "$raw_readers"
}
finds_unruled() {
    cd "$scratch/tree" && ! check attic
}
finds_circle() {
    cd "$scratch/tree" && ! tests/lint/rooms circles >/dev/null
}
ok "a layer violation is found" finds_violation
ok "a screen that reads answers raw is found" finds_raw_reader
ok "a room without a rule is found" finds_unruled
ok "a circle is found" finds_circle

done_testing
