#!/bin/sh
# `arena demo` without a terminal.
. tests/tap.sh

export TMPDIR="$scratch/tmp"
mkdir -p "$TMPDIR"

out=$(printf 'a\nb\n' | "$ARENA" demo 2>"$scratch/messages")
is "$?" 0 "the demo ends well when the votes end"
like "$out" "binary search*You chose A*haiku*You chose B" "battle after battle"
unlike "$(cat "$scratch/messages")" "arena:" "without complaint"
is "$(ls "$TMPDIR")" "" "and leaves nothing behind"
ok "not in the data folder either" test ! -e "$XDG_DATA_HOME/arena/arena.db"
for name in terse wordy dreamy; do
    unlike "${out%%You chose*}" "$name" "before the vote nothing says $name"
done

# Nor when a signal ends it.  A shell lets what it starts with & ignore SIGINT,
# and what nohup started ignores SIGHUP.  The alarm bounds the wait.
mkfifo "$scratch/votes"
for signal in INT TERM HUP; do
    : >"$scratch/out"
    perl -e '$SIG{$_} = "DEFAULT" for qw(INT TERM HUP ALRM); alarm 60;
        exec @ARGV' "$ARENA" demo \
        <"$scratch/votes" >"$scratch/out" 2>&1 &
    demo=$!
    exec 3>"$scratch/votes"
    ok "the demo asks" until_true 30 grep -q -e '--- B' "$scratch/out"
    ok "its database is there" test -s "$TMPDIR"/arena-demo-*/arena.db
    kill -$signal "$demo"
    wait "$demo"
    is "$(kill -l $?)" $signal "SIG$signal ends it"
    exec 3>&-
    is "$(ls "$TMPDIR")" "" "and it leaves nothing behind"
    rm -rf "$TMPDIR"/arena-demo-*
done

# Every prompt has an answer of its own from every model.
python3 - data/demo/prompts.txt data/demo/answers.json <<'END' \
    >"$scratch/missing"
import json, sys
prompts = open(sys.argv[1], encoding="utf-8").read().splitlines()
text = open(sys.argv[2], encoding="utf-8").read()
answers = json.loads(text[text.index("{"):])["answers"]
for p in prompts:
    for m in ("terse", "wordy", "dreamy"):
        n = sum(a["model"] == m and a.get("contains", "\0") in p for a in answers)
        if n != 1:
            print(n, "answers:", m, p)
print("prompts:", len(prompts))
END
is "$(cat "$scratch/missing")" "prompts: 8" "all prompts are answered by all"

"$ARENA" --db "$scratch/x.db" demo >"$scratch/out" 2>&1 </dev/null
is "$?" 2 "the demo has a database of its own"

done_testing
