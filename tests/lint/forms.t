#!/bin/sh
# docs/FORMS.md names what the readers of files know, and nothing else.
. tests/tap.sh

# The names in `code` of the rows of a table that begin with one of the
# patterns: documented ROW...
documented() {
    for row in "$@"; do
        grep "^| *$row *|" docs/FORMS.md
    done | grep -o '`[^`]*`' | tr -d '`' | sort -u
}

# The strings of a table in the source: from a line with the pattern to one that
# closes it.
strings() { # FILE PATTERN
    sed -n "/$2/,/^ *};\$/p" "$1" | grep -o '"[^"]*"' | tr -d '"' | sort -u
}

same() { # the names of the page, those of the program
    [ -n "$2" ] && [ "$1" = "$2" ] || {
        printf 'page:\n%s\nprogram:\n%s\n' "$1" "$2"
        return 1
    }
}

log=arena/votelog
ok "columns of a log" same "$(documented models verdict \
    'verdict, a column each' weight 'names known' voter)" \
    "$(strings $log/columns.c 'ROLES\[\] = {')"
ok "winner labels" same "$(documented A B tie 'both bad')" \
    "$(strings $log/labels.c '} LABELS\[\] = {')"
ok "forms of objects" same \
    "$(documented 'Chatbot Arena.*' 'logs of judges' arena-hard alpaca_eval 'Open WebUI.*' \
        MT-bench 'ours: .*' | grep -v -e '^--' -e '>>')" \
    "$(strings $log/object.c '} FORMS\[\] = {')"
ok "voters in JSON" same "$(sed -n '/The voter in JSON/,/of a list/p' \
    docs/FORMS.md | grep -o '`[^`]*`' | tr -d '`' | sort -u)" \
    "$(sed -n '/char \*votelog_find_voter/,/^}/p' $log/node.c | grep -o '"[^"]*"' |
        tr -d '"' | sort -u)"
ok "names of answers" same "$(sed -n '/code of answers:/,/or `text`/p' \
    docs/FORMS.md | grep -o '`[^`]*`' | tr -d '`' | sort -u)" \
    "$(strings $log/style.c '^const char .*votelog_answer_names\[\] = {')"

run=arena/run
ok "columns of prompts" same "$(documented 'prompt, in a table' \
    'id, in a table' 'more, in a table')" \
    "$(strings $run/csv.c '} NAMES\[\] = {')"
# The keys are looked up in several functions: each is a string in them.
has_keys() {
    for key in $(documented 'prompt, in JSON' 'id, in JSON' 'more, in JSON'); do
        grep -q "\"$key\"" $run/jsonl.c $run/reference.c \
            $run/temperature.c || {
            echo "no key $key"
            return 1
        }
    done
}
ok "keys of prompts" has_keys
ok "keys that messages name" same "$(documented 'prompt, in JSON')" \
    "$(sed -n 's/^#define KEYS "\(.*\)"/\1/p' $run/jsonl.c |
        sed 's/ or /, /' | tr -d ' ' | tr , '\n' | sort -u)"
ok "keys of finished answers" same \
    "$(documented 'answers of .*')" \
    "$(strings $run/answerfile.c '} FORMS\[\] = {')"
ok "columns of finished answers" same \
    "$(documented 'answer, in a table' 'whose, in both')" \
    "$(strings $run/csv.c 'struct name ANSWER_NAMES\[\] = {')"
ok "keys of their model" same "$(documented 'whose, in both')" \
    "$(strings $run/answerfile.c 'MODEL_KEYS\[\] = {')"

exchange=arena/exchange
# Each form of the list stands in the page, and no other.
forms_of() { # import | export
    sed -n '/^#define FORM_LIST/,/^$/p' $exchange/exchange.c |
        grep -o '    X([a-z_]*)' | tr -d ' X()' | sort -u
}
listed() { # in the page, and those that are not described there
    {
        grep -o '^| import of [a-z_]*' docs/FORMS.md
        grep -o '^| export to [a-z_, ]*' docs/FORMS.md
        echo dpo kto sft
    } | sed 's/^| [a-z]* [a-z]*//' | tr ', ' '\n\n' | grep . | sort -u
}
ok "forms of import and export" same "$(listed)" "$(forms_of)"
# The keys of a form are strings of its file, or of the table's reader.
has_import_keys() {
    for form in lmarena alpaca_eval mt_bench arena_hard open_webui; do
        file=$exchange/${form%_eval}.c
        rows="import of $form"
        [ $form = lmarena ] && rows='\(import of lmarena\|of its raw log\|of the table of 55k\)'
        for key in $(documented "$rows"); do
            grep -q "\"$key\"" "$file" "${file%.c}_read.c" \
                $exchange/foreign.c $log/node.c 2>/dev/null || {
                echo "$form: no key $key"
                return 1
            }
        done
    done
}
ok "keys of imports" has_import_keys

done_testing
