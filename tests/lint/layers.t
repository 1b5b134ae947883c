#!/bin/sh
# Every #include goes along the arrows of docs/ARCHITECTURE.md.
. tests/tap.sh

# FOLDER may include from FOLDERS (itself always).
allowed() {
    case $1 in
    base) echo "" ;;
    rating) echo "base/rng.h" ;;
    backends/engine) echo "base/*" ;;
    backends) echo "backends/engine/* base/*" ;;
    arena) echo "backends/*.h rating/* base/*" ;;
    tui) echo "tui/commands/* tui/screens/* arena/* backends/*.h rating/* base/*" ;;
    tui/commands | tui/screens) echo "tui/* arena/* backends/*.h rating/* base/*" ;;
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
            # A star of a pattern does not cross folders, but in tui/*.
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

for folder in base rating backends/engine backends arena tui tui/commands \
    tui/screens; do
    ok "$folder includes along the arrows" check "$folder"
done

system_headers() { # which folders may use a library's header
    bad=0
    for pair in "ncurses:tui/screens/ tui/" "sqlite3:arena/ tui/commands/doctor" "curl:backends/ arena/ tui/commands/doctor"; do
        header=${pair%%:*}
        for file in $(grep -lE "^#include <($header)[./a-z0-9]*>" \
            base/*.[ch] rating/*.[ch] backends/*.[ch] backends/engine/*.[ch] \
            arena/*.[ch] tui/*.[ch] tui/*/*.[ch] 2>/dev/null); do
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
