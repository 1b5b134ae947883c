#!/usr/bin/env python3
"""One small set of battles (tests/exchange/battles.jsonl) in each form that
arena writes, byte for byte as it is kept beside it; and each form that arena
reads, read back."""
import os
import sqlite3
import sys

sys.path.insert(0, 'tests')
import tap

KEPT = 'tests/exchange/'
FORMS = (
    ('battles.jsonl', 'jsonl'), ('csv.csv', 'csv'),
    ('lmarena.json', 'lmarena'), ('alpaca_eval.json', 'alpaca_eval'),
    ('mt_bench.jsonl', 'mt_bench'), ('arena_hard.jsonl', 'arena_hard'),
    ('alpaca_outputs.json', 'alpaca_outputs', '--model', 'm'),
    ('mt_bench_answers.jsonl', 'mt_bench_answers', '--model', 'm'),
    ('arena_hard_answers.jsonl', 'arena_hard_answers', '--model', 'm'),
    ('dpo.jsonl', 'dpo', '--ties'),
    ('dpo_conversational.jsonl', 'dpo', '--conversational'),
    ('kto.jsonl', 'kto'), ('sft.jsonl', 'sft'))

# Both sides, the verdict, who gave it.
VOTES = [('m', 'n', 'a', 'human:anna'), ('n', 'm', 'b', 'human:anna'),
         ('m', 'o', 'tie', 'human:anna'), ('o', 'n', 'bad', 'human:anna'),
         ('m', 'n', 'a', 'judge:j')]
WITHOUT_BAD = VOTES[:3] + VOTES[4:]
SWAPPED = {'a': 'b', 'b': 'a', 'tie': 'tie'}
READ = {
    'jsonl': VOTES, 'lmarena': VOTES,
    'csv': VOTES[:4], # it has only the end of a conversation, which is refused
    'alpaca_eval': VOTES[:3], # conversations of several turns have no place
    'mt_bench': WITHOUT_BAD,
    'arena_hard': [game for a, b, verdict, voter in WITHOUT_BAD # two orders
                   for game in ((a, b, verdict, voter),
                                (b, a, SWAPPED[verdict], voter))],
}


def read(path):
    with open(path, 'rb') as f:
        return f.read()


def votes(db):
    con = sqlite3.connect(db)
    rows = con.execute(
        'SELECT a.name, b.name, verdict, voter FROM votes v'
        ' JOIN battles t ON t.id = battle_id JOIN models a ON a.id = model_a'
        ' JOIN models b ON b.id = model_b ORDER BY v.id').fetchall()
    con.close()
    return rows


db = os.path.join(tap.scratch, 'all.db')
done = tap.run('import', 'jsonl', KEPT + 'battles.jsonl', '--db', db)
tap.ok(done.returncode == 0, 'the battles are read', done)
for name, form, *words in FORMS:
    done = tap.run('export', form, *words, '--voter', 'all', '--db', db)
    tap.ok(done.returncode == 0 and done.stdout == read(KEPT + name),
           name + ' is written as it is kept', done.stdout.decode())
for name, form, *words in FORMS:
    if form not in READ:
        continue
    back = os.path.join(tap.scratch, form + '.db')
    done = tap.run('import', form, KEPT + name, '--db', back)
    tap.ok(done.returncode == (6 if form == 'csv' else 0) and
           votes(back) == READ[form],
           name + ' gives the votes that it has', done, votes(back))
tap.done()
