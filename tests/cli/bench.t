#!/bin/sh
# arena bench: what it measures is real, whatever the numbers.
. tests/tap.sh

model=tests/engine/models/llama.gguf
out=$("$ARENA" bench $model -p 8,16 -n 4 -t 1,2 -b 1,3 -r 2 --json)
is "$?" 0 "a small model is measured"
told=$(printf '%s' "$out" | python3 -c '
import json, statistics, sys
rows = json.load(sys.stdin)
kinds = sorted((r["n_threads"], r["n_sequences"], r["n_prompt"], r["n_gen"])
               for r in rows)
want = sorted((t, b, p, n) for t in (1, 2) for b in (1, 3)
              for p, n in ((8, 0), (16, 0), (0, 4)))
assert kinds == want, kinds
for r in rows:
    s = r["samples_ts"]
    assert len(s) == 2 and min(s) > 0, s
    assert abs(r["avg_ts"] - statistics.mean(s)) < 1e-6 * max(s)
    assert abs(r["stddev_ts"] - statistics.stdev(s)) < 1e-6 * max(s)
    assert r["model_filename"] == "llama.gguf"
print(len(rows))')
is "$told" 12 "one row for each test, with its runs, mean and deviation"

out=$("$ARENA" bench $model -p 0 -n 4 -t 1 -r 1 --depth 20)
is "$(printf '%s\n' "$out" | wc -l)" 2 "a table has a head and a line a test"

out=$("$ARENA" bench $model tests/engine/models/qwen2.gguf -n 4 -t 2 -r 3 --json)
is "$?" 0 "two models at once are measured"
told=$(printf '%s' "$out" | python3 -c '
import json, sys
[r] = json.load(sys.stdin)
assert r["model_filenames"] == ["llama.gguf", "qwen2.gguf"], r
a, b = r["alone_ts"]
c, d = r["together_ts"]
assert min(c, d) > 0 and abs(sum(r["time"]) - 1) < 0.01, r
assert r["kept"] > 0 and r["of_halves"] > 0, r
print(r["n_gen"], r["n_threads"])')
is "$told" "4 2" "each alone, both together, and their shares of the time"
"$ARENA" bench $model $model $model 2>"$scratch/said"
is "$?" 2 "three are too many"

said=$("$ARENA" bench $model -t 1,x 2>&1)
is "$?" 2 "a list that is none is a usage error"
like "$said" '*--threads: "1,x"*' "which names it"
"$ARENA" bench $model -b 0 2>"$scratch/said"
is "$?" 2 "no sequences cannot be measured"
"$ARENA" bench "$scratch/none.gguf" 2>"$scratch/said"
is "$?" 2 "a file that is not there is told"
done_testing
