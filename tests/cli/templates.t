#!/bin/sh
# Chat templates: by name, from files, with variables; what is said of them.
. tests/tap.sh

model=$PWD/tests/engine/models/llama.gguf
chat='[{"role": "system", "content": "a"}, {"role": "user", "content": "b"}]'
field() { # JSON EXPRESSION
    printf '%s\n' "$1" | python3 -c "import json, sys; d = json.load(sys.stdin); print($2)"
}
place="$XDG_CONFIG_HOME/arena"
mkdir -p "$place"
cat >"$place/mine.jinja" <<'END'
{%- if messages[0].role == 'system' %}{{ raise_exception('no system') }}{% endif %}
{%- for m in messages %}<{{ m.content }}>{% endfor -%}
{{ effort }} {{ strftime_now('%Y-%m-%d') }} {{ enable_thinking }}
END
printf 'a\n\n{%% frobnicate %%}' >"$place/broken.jinja"
cat >"$place/arena.json" <<END
{ "models": [
    { "name": "bare", "backend": "local", "file": "$model" },
    { "name": "named", "backend": "local", "file": "$model",
      "template": "qwen3" },
    { "name": "mine", "backend": "local", "file": "$model",
      "template": "mine.jinja", "template_args": { "effort": "low" },
      "think": true } ] }
END

out=$(echo "$chat" | "$ARENA" tokenize mine --chat --seed 1)
is "$(field "$out" 'd["text"]')" "<a

b>low 2024-07-26 True" "a file, its variables, and the day that --seed fixes"
like "$(field "$out" 'd["template"]')" \
    "*/mine.jinja: no system turn: the text goes into the first user's; thinking can be switched; today's date" \
    "which template it was, and what differs"
out=$(echo "$chat" | "$ARENA" tokenize mine --chat)
like "$(field "$out" 'd["text"]')" "*low $(date -u +%Y-%m-%d) True" \
    "without it, today's date"

cat >"$place/needs.jinja" <<'END'
{{ need.x }}{% for m in messages %}[{{ m.content }}]{% endfor %}
END
args() { # TEMPLATE_ARGS
    cat >"$place/args.json" <<END
{ "models": [ { "name": "needs", "backend": "local", "file": "$model",
    "template": "$place/needs.jinja", "template_args": $1 } ] }
END
    echo "$chat" | "$ARENA" --config "$place/args.json" tokenize needs --chat 2>&1
}
is "$(field "$(args '{ "need": { "x": "N" } }')" 'd["text"]')" "N[a][b]" \
    "a template that needs a variable gets it"
like "$(args '{ "other": 1 }')" "*needs.jinja: line 1: 'need' is undefined*" \
    "and is refused without"
like "$(args '{ "messages": [] }')" \
    "*\"template_args\" cannot set \"messages\"*" "messages are no variable"

out=$("$ARENA" models list)
is "$?" 0 "models are listed"
like "$out" "bare *found *template none: the bare text is completed" \
    "with the template of each"
like "$out" "named *template qwen3: thinking can be switched" "by name"
is "$("$ARENA" models list --json | python3 -c 'import json, sys
print(json.load(sys.stdin)["models"][1]["template"])')" \
    "qwen3: thinking can be switched" "as JSON, too"
out=$("$ARENA" config check)
is "$?" 0 "check finds nothing wrong"
like "$out" "*mine: template *mine.jinja: no system turn*" "and says which"

sed 's/mine.jinja/broken.jinja/' "$place/arena.json" >"$place/new" &&
    mv "$place/new" "$place/arena.json"
out=$(echo "$chat" | "$ARENA" tokenize mine --chat 2>&1)
is "$?" 3 "a template that cannot be read is a config error"
like "$out" "*broken.jinja: line 3: the statement {% frobnicate %} is not supported; for another, set \"template\" to a file or to one of *chatml*" \
    "which names line, construct and what to do"
out=$("$ARENA" config check 2>&1)
is "$?" 3 "check finds it"
like "$out" "*mine: *broken.jinja: line 3*1 of 3 models cannot be asked*" \
    "and says so"
out=$("$ARENA" models list 2>&1)
is "$?" 0 "models list goes on"
like "$out" "*left out: mine: *broken.jinja: line 3*" "and says so, too"

done_testing
