#!/bin/sh
# What CONVENTIONS ask of every file and a machine can see.
. tests/tap.sh

code=$(find base rating backends arena tui tests -name '*.[ch]' | sort)
ours=$(echo "$code" | grep -v '^tests/')
scripts="scripts/* .ci/* tests/run tests/*.sh tests/*/*.t"
texts="*.md docs/*.md docs/adr/*.md"

# Prints what offends; succeeds where nothing does.
none() {
    ! grep -nE "$@"
}

ok "no tabs in code" none "$(printf '\t')" $code
ok "no space at the end of a line" none ' +$' $code $scripts $texts Makefile
ok "no carriage returns" none "$(printf '\r')" $code $scripts $texts

long_lines() { # 80 columns; a character counts as one
    for file in $code; do
        awk -v f="$file" 'length($0) > 80 && !/https?:\/\// {
            gsub(/[\200-\277]/, "") # mawk counts bytes: drop continuations
            # A text that is printed may need the room of its quotes.
            if (length($0) > ($0 ~ /"[,;) ]*$/ ? 84 : 80)) print f ":" NR ": " length($0) " columns"
        }' "$file"
    done | { ! grep .; }
}
ok "lines are 80 columns at most" long_lines

files_short() {
    wc -l $code | awk '$2 != "total" && $1 > 600 { print; bad = 1 }
        END { exit bad }'
}
ok "files are 600 lines at most" files_short

# A function's body is what stands between a "{" and a "}" in the first column.
functions_short() {
    awk 'FNR == 1 { open = 0 }
        /^[a-zA-Z].*\(/ { name = $0; first = FNR }
        /^\{/ { open = FNR }
        /^\}/ && open {
            if (FNR - first + 1 > 80) {
                print FILENAME ":" first ": " FNR - first + 1 " lines: " name
                bad = 1
            }
            open = 0
        }
        END { exit bad }' "$@"
}
# (A test's function is often one long table.)
ok "functions are 80 lines at most" functions_short $ours

guards() {
    bad=0
    for file in $(echo "$code" | grep '\.h$'); do
        name=$(basename "$file" .h | tr a-z A-Z)
        grep -q "^#ifndef [A-Z0-9_]*${name}_H$" "$file" ||
            { echo "$file: no include guard FOLDER_${name}_H"; bad=1; }
        head -1 "$file" | grep -qE '^/\* [^ ]+ [^ ]+ [^ ]+' ||
            { echo "$file:1: begin with a comment: what it is for"; bad=1; }
    done
    return $bad
}
ok "headers say what they are and are guarded" guards

own_header_first() { # x.c includes x.h before anything else
    bad=0
    for file in $(echo "$ours" | grep '\.c$'); do
        header=${file%.c}.h
        [ -e "$header" ] || continue
        first=$(grep -m1 '^#include' "$file")
        case $first in
        "#include \"$header\"" | *private.h\") ;;
        *) echo "$file: includes $first before its own header"; bad=1 ;;
        esac
    done
    return $bad
}
ok "a file includes its own header first" own_header_first

# Comments and strings may name them; calls may not be there.
calls() { # PATTERN FILE...
    pattern=$1
    shift
    for file in "$@"; do
        sed -e 's/"\([^"\\]\|\\.\)*"/""/g' -e 's,/\*.*\*/,,' -e 's,//.*,,' \
            -e '/^ \* /d' -e '/^ *\/\* /d' "$file" |
            grep -nE "(^|[^a-zA-Z0-9_.>])($pattern) *\(" | sed "s,^,$file:,"
    done | { ! grep .; }
}
ok "no unbounded string calls" \
    calls 'strcpy|strcat|sprintf|vsprintf|gets|strtok|atoi|atof|atol|alloca' $code
ok "nothing exits or aborts outside tui/main and mem" \
    calls 'exit|abort|_exit|quick_exit' \
    $(echo "$ours" | grep -v -e '^tui/' -e '^base/mem.c$')
ok "nothing prints outside tui/" \
    calls 'printf|puts|putchar|fputs|perror|vprintf' \
    $(echo "$ours" | grep -v -e '^tui/' -e '^base/mem.c$')
ok "no typedef of structs" none '^typedef struct' $ours
ok "no marks of unfinished work" \
    none '\<(TODO|FIXME|XXX|HACK)\>' $code
ok "no fast-math" none 'ffast-math|Ofast' Makefile $ours

# The checks must be able to fail.
cat >"$scratch/long.c" <<END
static int f(void)
{
$(yes '    g();' | head -80)
}
END
echo '    strcpy(a, b);' >"$scratch/call.c"
echo '    my_strcpy(a, b); /* strcpy(a, b) */' >"$scratch/fine.c"
fails() { ! "$@"; }
ok "a long function is found" fails functions_short "$scratch/long.c"
ok "a forbidden call is found" fails calls strcpy "$scratch/call.c"
ok "and only a call" calls strcpy "$scratch/fine.c"

done_testing
