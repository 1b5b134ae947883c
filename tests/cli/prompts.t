#!/bin/sh
# The prompt sets that come with arena, found by name, and right answers to
# them: counted by model, by direction and by pair of models.
. tests/tap.sh

folder="$XDG_CONFIG_HOME/arena"
mkdir -p "$folder"

# What every set keeps: an id a prompt, references that are words or numbers.
sets=$(python3 - data/prompts <<'END'
import collections, glob, json, os, sys
for path in sorted(glob.glob(os.path.join(sys.argv[1], "*"))):
    lines = [json.loads(line) for line in open(path, encoding="utf-8")]
    head, prompts = lines[0], lines[1:]
    assert list(head) == ["purpose"] and head["purpose"], path
    ids = [p["id"] for p in prompts]
    assert len(set(ids)) == len(ids), path
    texts = [json.dumps(p.get("turns", p.get("prompt"))) for p in prompts]
    assert len(set(texts)) == len(texts), path
    for p in prompts:
        for turn in p.get("turns", [p.get("prompt")]):
            assert turn == turn.strip(), p["id"]
            assert "  " not in turn or "\n    " in turn, p["id"]
    categories = collections.Counter(p["category"] for p in prompts)
    print(os.path.basename(path), len(prompts), sum("turns" in p for p in
          prompts), sum("reference" in p for p in prompts),
          *sorted(categories.items()) if len(categories) < 9 else "")
END
)
is "$?" 0 "all sets keep the form"
like "$sets" "deliberate.jsonl 40 0 40 " "deliberate has answers"
like "$sets" "facts.jsonl 80 0 80 " "facts has answers"
like "$sets" "general.jsonl 80 36 " "general has several turns in many"
for category in coding extraction humanities math reasoning roleplay stem \
    writing; do
    like "$sets" "('$category', 10)" "and ten of $category"
done
like "$sets" "mini.jsonl 10 0 " "mini is small"
like "$sets" "reversal.jsonl 80 0 80 ('backward', 40) ('forward', 40)" \
    "reversal asks both ways"

# A model that knows every fact forward only, one that knows all, and one that
# knows nothing.
python3 - data/prompts/reversal.jsonl >"$folder/s.json" <<'END'
import json, sys
answers = []
for line in open(sys.argv[1], encoding="utf-8"):
    p = json.loads(line)
    if "prompt" not in p:
        continue
    right = p["reference"]
    right = right if isinstance(right, str) else right[0][0]
    answers.append({"prompt": p["prompt"], "model": "all",
                    "text": "That is %s." % right})
    if p["category"] == "forward":
        answers.append({"prompt": p["prompt"], "model": "one",
                        "text": right.upper()})
json.dump({"answers": answers + [{"text": "I do not know."}]}, sys.stdout)
END
cat >"$folder/arena.json" <<'END'
{ "models": [
  { "name": "none", "backend": "replay", "id": "none", "script": "s.json" },
  { "name": "one", "backend": "replay", "id": "one", "script": "s.json" },
  { "name": "all", "backend": "replay", "id": "all", "script": "s.json" } ] }
END
(cd "$scratch" && "$ARENA" eval reversal --run r --pairs baseline:all) \
    >"$scratch/out" 2>"$scratch/messages" </dev/null
is "$?" 0 "a set is found by its name"
like "$(cat "$scratch/messages")" "in both directions" "and says its purpose"
out=$(tr -s ' ' <"$scratch/out")
like "$out" "right answers to the 80 prompts with a reference" \
    "right answers are told"
like "$out" "all 80/80 100.0 95.4 to 100.0 40/40 40/40" "the best model first"
like "$out" "one 40/80 50.0 39.3 to 60.7 40/40 0/40" \
    "with intervals, both directions side by side"
like "$out" "one 40 0 -50.0 -60.7 to -38.4" "and the difference, by prompt"
like "$out" "one 0 40 0 0" "one can be said one way only"

json=$(cd "$scratch" && "$ARENA" eval reversal --run r --pairs baseline:all \
    --json 2>/dev/null </dev/null | tail -n 1)
is "$(echo "$json" | python3 -c 'import json, sys
a = json.load(sys.stdin)["accuracy"]
one = a["models"][1]
print(a["prompts"], one["name"], one["right"], one["answered"], one["share"],
      round(one["lower"], 3), one["categories"]["backward"]["right"],
      one["directions"])
print({k: v if type(v) is not float else round(v, 5)
       for k, v in a["pairs"][2].items() if k != "p"})')" \
    "80 one 40 80 0.5 0.393 0 {'both': 0, 'first_only': 40, 'second_only': 0, 'neither': 0}
{'first': 'one', 'second': 'all', 'both': 40, 'first_only': 0, 'second_only': 40, 'neither': 0, 'difference': -0.5, 'lower': -0.60703, 'upper': -0.38358}" \
    "the same in JSON, of answers that were there"

# Every set is read, and its references agree with themselves.
for set in deliberate facts general; do
    python3 - "data/prompts/$set.jsonl" >"$folder/s.json" <<'END'
import json, sys
def text(r):
    return r if isinstance(r, str) else r[0] if r else "-"
answers = []
for line in open(sys.argv[1], encoding="utf-8"):
    p = json.loads(line)
    if "purpose" in p:
        continue
    turns = p.get("turns", [p.get("prompt")])
    right = p.get("reference", "-")
    right = right if isinstance(right, list) else [right]
    for turn, r in zip(turns, right):
        answers.append({"prompt": turn, "text": "1. So:\nAnswer: " + text(r)})
json.dump({"answers": answers + [{"text": "-"}]}, sys.stdout)
END
    n=$(grep -c '"reference"' "data/prompts/$set.jsonl")
    out=$("$ARENA" eval "$set" --models one,all 2>/dev/null </dev/null |
        tr -s ' ')
    like "$out" "one $n/$n 100.0" "all references of $set can be met"
done

out=$("$ARENA" eval generel 2>&1 </dev/null)
is "$?" 2 "an unknown set is a usage error"
like "$out" "the sets are: deliberate, facts, general, mini, reversal" \
    "that lists them"

done_testing
