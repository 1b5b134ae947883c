#!/bin/sh
# Every #include goes along the arrows of docs/ARCHITECTURE.md.
. tests/tap.sh

# FOLDER may include from FOLDERS and what is below them (itself always).
allowed() {
    case $1 in
    base*) echo "" ;;
    rating*) echo "rating/* base/rng.h" ;;
    backends/engine*) echo "backends/engine/* base/*" ;;
    backends*) echo "backends/* base/*" ;;
    arena*) echo "arena/* backends/* rating/* base/*" ;;
    tui*) echo "tui/* arena/* backends/* rating/* base/*" ;;
    *) echo "no rule names $1" ;;
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
    patterns="$1/*.h $(allowed "$1")"
    set +f
    includes "$1" >"$scratch/includes"
    while read -r where header; do
        fits=no
        set -f
        for pattern in $patterns; do
            # A star of a pattern crosses folders.
            case $header in $pattern) fits=yes ;; esac
        done
        set +f
        case "$1 $header" in
        "arena backends/engine/"* | "tui"*" backends/engine/"*) fits=no ;;
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

rooms=$(find base rating backends arena tui -name '*.[ch]' |
    sed 's|/[^/]*$||' | sort -u)
for folder in $rooms; do
    ok "$folder includes along the arrows" check "$folder"
done

system_headers() { # which folders may use a library's header
    bad=0
    for pair in "ncurses:tui/" "sqlite3:arena/ tui/commands/doctor" "curl:backends/ arena/ tui/commands/doctor"; do
        header=${pair%%:*}
        for file in $(grep -lE "^#include <($header)[./a-z0-9]*>" \
            -r base rating backends arena tui 2>/dev/null); do
            fits=no
            for place in ${pair#*:}; do
                case $file in "$place"*) fits=yes ;; esac
            done
            [ $fits = yes ] || { echo "$file includes <$header>"; bad=1; }
        done
    done
    return $bad
}
ok "libraries are used where they belong" system_headers

# The check itself must be able to fail.
mkdir -p "$scratch/tree/base" "$scratch/tree/arena"
echo '#include "arena/x.h"' >"$scratch/tree/base/x.c"
: >"$scratch/tree/arena/x.h"
finds_violation() {
    cd "$scratch/tree" && ! check base
}
ok "a layer violation is found" finds_violation

done_testing
