#!/usr/bin/env python3
"""A model with "best_of" is asked several times, and one answer is taken."""
import json
import os
import sqlite3
import sys

sys.path.insert(0, 'tests')
import tap


def path(name):
    return os.path.join(tap.scratch, name)


def write(name, text):
    with open(path(name), 'w') as f:
        f.write(text)
    return path(name)


# Asked over and over, it says 42 three times out of four, and it fails on p2
# once in a while; each of its answers costs 0.001 and has 7 tokens.
write('s.json', json.dumps({'answers': [
    {'model': 'j', 'text': 'Number 2 is best.'},
    {'model': 'mute', 'text': 'They are all fine.'},
    {'contains': 'p9', 'error': 'no power'},
    {'text': ['It says\nAnswer: 42', 'Answer: 41', 'Answer: **42**',
              'well\nAnswer: 42.0'], 'n_in': 10, 'n_out': 7, 'cost': 0.001}]}))


def config(*models):
    return write('arena.json', json.dumps({'models': [
        dict({'backend': 'replay', 'id': 'm', 'script': 's.json'}, **m)
        for m in models]}))


CONFIG = ({'name': 'one'}, {'name': 'best', 'best_of': 9},
          {'name': 'judged', 'best_of': 4, 'best_judge': 'j'},
          {'name': 'unjudged', 'best_of': 4, 'best_judge': 'mute'},
          {'name': 'j', 'id': 'j'}, {'name': 'mute', 'id': 'mute'})
NAMES = 'one,best,judged,unjudged'


def rows(sql):
    with sqlite3.connect(path('o.db')) as db:
        return list(db.execute(sql))


def play(*words):
    return tap.run('eval', write('p.txt', '\n'.join('p%d' % i for i in
                                                    range(8))),
                   '--config', path('arena.json'), '--db', path('o.db'),
                   '--models', NAMES, *words)


def of(name, what):
    return rows("SELECT DISTINCT %s FROM answers a JOIN battles b ON b.id ="
                " a.battle_id LEFT JOIN asides s ON s.answer_id = a.id"
                " WHERE (SELECT name FROM models WHERE id = iif(a.side = 0,"
                " model_a, model_b)) = '%s'" % (what, name))


config(*CONFIG)
done = play()
tap.ok(done.returncode == 0, 'a run with them', done)
texts = [t for (t,) in of('best', "a.prompt || ': ' || a.text")]
tap.ok(len(texts) == 8 and not any('41' in t for t in texts),
       'the answer that most agree on is taken', texts)
tap.ok(any('41' in t for (t,) in of('one', 'a.text')),
       'where one alone is wrong at times')
tap.ok(of('best', 'n_in, n_out, round(cost, 6)') == [(90, 63, 0.009)],
       'tokens and cost are those of all', of('best', 'n_in, n_out, cost'))
tap.ok(of('best', 'first_ms - total_ms') == [(0,)],
       'and nothing is there before all are')
notes = {n for (n,) in of('judged', 'note')}
tap.ok(notes == {'number 2 of 4, chosen by its judge'}, 'a judge chooses',
       notes)
notes = {n for (n,) in of('unjudged', 'note')}
tap.ok(all('which agrees most with the others (its judge named none)' in n
           for n in notes), 'or else they agree', notes)
tap.ok(all('"best_of":4' in s and '"best_judge":"j"' in s
           for (s,) in of('judged', 'a.settings')),
       'it is a part of who the model is')
done = play()
tap.ok(b' 0 answers made' in done.stdout, 'such answers are found again', done)
done = play('--dry-run', '--json', '--run', 'other', '--fresh')
calls = {m['name']: m['calls'] for m in json.loads(done.stdout)['models']}
tap.ok(calls == {'one': 8, 'best': 72, 'judged': 40, 'unjudged': 40},
       'a dry run counts all calls', done)
done = tap.run('eval', write('q.txt', 'p9'), '--config', path('arena.json'),
               '--db', path('o.db'), '--models', 'one,best')
tap.ok(done.returncode == 6 and b'best: no power' in done.stderr,
       'one whose answers all fail has failed', done)

# A budget is for all of the answers.
priced = [dict(m, price_in=0, price_out=1) for m in CONFIG]
config(*priced)
done = tap.run('eval', write('q.txt', 'p-new'), '--config', path('arena.json'),
               '--db', path('o.db'), '--models', 'one,best', '--budget',
               '0.002')
tap.ok(done.returncode == 6 and b'could go beyond the budget' in done.stderr,
       'a budget that one answer fits in, but not nine', done)

# What a prompt's temperature of 0 makes of it, and that generate asks once.
config(*CONFIG)
cold = write('cold.jsonl', '{"prompt": "p1", "required_temperature": 0}\n'
             '{"prompt": "p2", "required_temperature": 0.5}\n')
done = tap.run('eval', cold, '--config', path('arena.json'), '--db',
               path('o.db'), '--models', 'one,best', '--run', 'cold')
said = [line for line in done.stderr.splitlines() if b'likely equal' in line]
tap.ok(len(said) == 1 and said[0].startswith(b'best: its 9 tries') and
       b' 1 prompt of temperature 0' in said[0],
       'tries that will be equal are told', done)
done = tap.run('generate', 'best', 'p1', '--config', path('arena.json'))
tap.ok(done.returncode == 0 and b'not the best of 9' in done.stderr,
       'generate says that it asks once', done)

for why, model in (
        ('"best_of" needs a temperature above 0',
         {'name': 'x', 'best_of': 2, 'temperature': 0}),
        ('"best_judge" needs "best_of"', {'name': 'x', 'best_judge': 'one'}),
        ('there is no model "ono" to be its "best_judge"; did you mean "one"?',
         {'name': 'x', 'best_of': 2, 'best_judge': 'ono'})):
    config({'name': 'one'}, model)
    done = tap.run('config', 'check', '--config', path('arena.json'))
    tap.ok(done.returncode == 3 and why.encode() in done.stderr + done.stdout,
           'refused: ' + why, done)
tap.done()
