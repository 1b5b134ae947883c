#!/usr/bin/env python3
"""`arena eval` killed at random moments and started again comes to the set of
answers of a run that nobody killed; nothing that was told is lost, nothing is
made twice.  ARENA_TEST_LONG=1: 200 kills."""
import json
import os
import random
import sqlite3
import sys
import time

sys.path.insert(0, 'tests')
import tap

rng = random.Random(20261128)
N_KILLS = 200 if tap.long_test else 20
prompts = os.path.join(tap.scratch, 'p.jsonl')
config = os.path.join(tap.scratch, 'arena.json')

with open(prompts, 'w') as f:
    for i in range(14):
        turns = ['p%d says %s' % (i, t) for t in 'ab'[:1 + i % 2]]
        f.write(json.dumps({'id': 'p%d' % i, 'turns': turns}) + '\n')
with open(os.path.join(tap.scratch, 's.json'), 'w') as f:
    json.dump({'chunk': 4, 'delay_ms': 2, 'answers': [
        {'contains': 'b', 'text': ['yes and no', 'perhaps', 'never']},
        {'text': ['one two', 'three', 'four five six', 'seven']}]}, f)
with open(config, 'w') as f:
    json.dump({'models': [{'name': 'm%d' % i, 'backend': 'replay',
                           'id': 'm%d' % i, 'script': 's.json'}
                          for i in range(3)]}, f)


def words(db):
    return ['eval', prompts, '--config', config, '--db', db, '--json',
            '--run', 'r', '-j', '3']


def rows(db, sql):
    with sqlite3.connect('file:%s?mode=ro' % db, uri=True, timeout=60) as c:
        return list(c.execute(sql))


def final_set(db):
    return sorted(rows(db, '''
        SELECT p.external_id, ma.name, mb.name, b.state, a.side, a.turn,
               a.round, a.prompt, a.text, a.settings FROM answers a
        JOIN battles b ON b.id = a.battle_id
        JOIN prompts p ON p.id = b.prompt_id
        JOIN models ma ON ma.id = b.model_a
        JOIN models mb ON mb.id = b.model_b'''))


def events(err):
    for line in err.decode().splitlines(keepends=True):
        # The last one may be torn; others are words for people.
        if line.startswith('{') and line.endswith('\n'):
            yield json.loads(line)


def made(db):
    """How many answers there are of each model to each turn: made once, copied
    to two battles.  Two that were made differ in their time."""
    return rows(db, '''
        SELECT count(*), count(DISTINCT text || ' ' || total_ms) FROM answers a
        JOIN battles b ON b.id = a.battle_id
        GROUP BY b.prompt_id, a.turn, iif(a.side = 0, b.model_a, b.model_b)''')


whole = os.path.join(tap.scratch, 'whole.db')
begin = time.monotonic()
result = tap.run(*words(whole))
seconds = time.monotonic() - begin
wanted = final_set(whole)
tap.ok(result.returncode == 0 and len(wanted) == 126,
       'a run that nobody kills', len(wanted), result.stderr)

n_killed = n_runs = 0
n_told = 0
same, told, twice, lost = [], [], [], []
while n_killed < N_KILLS:
    db = os.path.join(tap.scratch, 'killed-%d.db' % n_runs)
    n_runs += 1
    acknowledged = []
    while True:
        process = tap.start(*words(db))
        # Not a wait for something: the moment of the kill is the test.
        if n_killed < N_KILLS:
            time.sleep(rng.uniform(0, 0.8) * seconds)
            process.kill()
        out, err = process.communicate()
        n_killed += process.returncode == -9
        acknowledged += [(e['prompt'], e['model']) for e in events(err)
                         if e['event'] == 'answer']
        if process.returncode == 0:
            break
        if process.returncode != -9:
            tap.ok(False, 'it ends well or by a kill', process.returncode, err)
            tap.done()
    n_told += len(acknowledged)
    same.append(final_set(db) == wanted)
    stored = {(row[0], row[1 + row[4]]) for row in final_set(db)}
    lost += set(acknowledged) - stored
    told += [a for a in acknowledged if acknowledged.count(a) > 1]
    twice += [n for n in made(db) if n != (2, 1)]
    check = tap.run('db', 'check', '--db', db)
    if check.returncode != 0:
        tap.ok(False, 'the database is whole', check.stdout)

tap.ok(all(same), 'after %d kills in %d runs each has the same final set' %
       (n_killed, n_runs))
tap.ok(n_told > 0, 'answers are told as they come', n_told)
tap.ok(not lost, 'no answer that was told is lost', lost[:5])
tap.ok(not told, 'none is told twice', told[:5])
tap.ok(not twice, 'none is made twice for two battles', twice[:5])
tap.done()
