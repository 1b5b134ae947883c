#!/usr/bin/env python3
"""What batches cost: imports beside SQLite's own speed, a run that is there
already, local settings at once beside one after the other, arena diff.

    tests/bench/batch.py ARENA [what ...] [--rows N] [--weights FILE FILE2]

`what`: csv lmarena resume local diff; all by default.  Seconds are of the
processor, for other work on the machine changes those of the clock; both are
printed.  Without --weights the local ones use the data folder's."""
import argparse
import glob
import json
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
import time

parser = argparse.ArgumentParser()
parser.add_argument('arena')
parser.add_argument('what', nargs='*')
parser.add_argument('--rows', type=int, default=1000000)
parser.add_argument('--prompts', type=int, default=200)
parser.add_argument('--weights', nargs='*', default=[])
args = parser.parse_args()
data = os.environ.get('XDG_DATA_HOME') or os.path.expanduser('~/.local/share')
weights = args.weights or sorted(
    glob.glob(os.path.join(data, 'arena/weights/*.gguf')))
scratch = tempfile.TemporaryDirectory(prefix='arena-bench.')
rng = random.Random(1)


def path(name):
    return os.path.join(scratch.name, name)


def run(*words):
    """Seconds of the processor and of the clock, and MiB of memory."""
    begin = time.monotonic()
    with subprocess.Popen([args.arena, *words], stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL) as process:
        out = process.stdout.read()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit('%s: status %d' % (' '.join(words), process.returncode))
    return (used.ru_utime + used.ru_stime, time.monotonic() - begin,
            used.ru_maxrss / 1024, out.decode())


def wanted(what):
    return not args.what or what in args.what


def floor(n_rows, n_texts):
    """Seconds of the processor that Python and SQLite take for as many rows
    in two tables, with texts in a third: what no import into it can go
    below."""
    db = sqlite3.connect(path('floor.db'))
    db.executescript('PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;'
                     'CREATE TABLE b (id INTEGER PRIMARY KEY, p, x, y, s);'
                     'CREATE TABLE v (id INTEGER PRIMARY KEY, b, v, u, t);'
                     'CREATE INDEX i ON v (u);'
                     'CREATE TABLE a (id INTEGER PRIMARY KEY, b, t);')
    text = 'x' * 300
    begin = time.process_time()
    db.executemany('INSERT INTO b VALUES (?, 1, 2, 3, "voted")',
                   ((i,) for i in range(n_rows)))
    db.executemany('INSERT INTO v VALUES (?, ?, "a", ?, 0)',
                   ((i, i, 'human:u%d' % (i % 5000)) for i in range(n_rows)))
    db.executemany('INSERT INTO a VALUES (?, ?, ?)',
                   ((i, i, text) for i in range(n_texts)))
    db.commit()
    seconds = time.process_time() - begin
    db.close()
    os.remove(path('floor.db'))
    return seconds


MODELS = ['model-%02d' % i for i in range(40)]
WINNERS = ('model_a', 'model_b', 'tie', 'tie (bothbad)')
WORDS = [''.join(rng.choices('etaoinshrdlu', k=rng.randint(2, 9)))
         for _ in range(4000)]


def write_csv(f):
    f.write('model_a,model_b,winner,voter\n')
    for i in range(args.rows):
        a, b = rng.sample(MODELS, 2)
        f.write('%s,%s,%s,u%d\n' % (a, b, rng.choice(WINNERS), i % 5000))


def write_lmarena(f):
    def talk(question):
        return [{'role': 'user', 'content': question, 'num_tokens': 12},
                {'role': 'assistant', 'content':
                 ' '.join(rng.choices(WORDS, k=45)), 'num_tokens': 90}]
    for i in range(args.rows):
        a, b = rng.sample(MODELS, 2)
        question = ' '.join(rng.choices(WORDS, k=12))
        f.write('[' if i == 0 else ',\n')
        f.write(json.dumps({
            'question_id': 'q%d' % i, 'model_a': a, 'model_b': b,
            'winner': rng.choice(WINNERS), 'judge': 'user_%d' % (i % 5000),
            'conversation_a': talk(question), 'conversation_b': talk(question),
            'turn': 1, 'anony': True, 'language': 'English',
            'tstamp': 1700000000.5 + i}))
    f.write(']\n')


def imports(form, write, n_texts):
    with open(path('in'), 'w') as f:
        write(f)
    size = os.path.getsize(path('in'))
    cpu, wall, memory, _ = run('import', form, path('in'), '--db',
                               path('i.db'))
    least = floor(args.rows, n_texts)
    print('import %-8s %d rows, %.0f MB: cpu %.1f s, clock %.1f s, %.0f MiB; '
          '%.0f rows/s and %.0f MB/s of cpu; %.1f times the floor of SQLite '
          '(%.1f s)' % (form, args.rows, size / 1e6, cpu, wall, memory,
                        args.rows / cpu, size / cpu / 1e6, cpu / least, least),
          flush=True)
    for name in ('i.db', 'in'):
        os.remove(path(name))


def config(models):
    with open(path('arena.json'), 'w') as f:
        json.dump({'models': models}, f)


def prompts(n):
    with open(path('p.txt'), 'w') as f:
        for i in range(n):
            f.write('Tell me what the number %d is good for.\n' % i)
    return path('p.txt')


def resume():
    """A run of so many stored answers: two models, and half as many prompts."""
    with open(path('s.json'), 'w') as f:
        f.write('{"answers":[{"text":"yes"}]}')
    config([{'name': n, 'backend': 'replay', 'id': n, 'script': 's.json'}
            for n in ('m', 'n')])
    words = ('eval', prompts(args.rows // 2), '--config', path('arena.json'),
             '--db', path('r.db'), '--run', 'r', '-j', '64')
    made = run(*words)
    again = run(*words)
    dry = run(*words, '--dry-run')
    print('resume   %d answers: made cpu %.1f s, clock %.1f s; again cpu '
          '%.2f s, clock %.2f s; dry run cpu %.2f s, clock %.2f s' %
          (args.rows, *made[:2], *again[:2], *dry[:2]), flush=True)


def local():
    config([{'name': 't%d' % i, 'backend': 'local', 'file': weights[0],
             'temperature': 0.2 * i + 0.2, 'max_tokens': 32}
            for i in range(4)])
    words = ('eval', prompts(args.prompts), '--config', path('arena.json'))
    seconds = {}
    for jobs in ('16', '1'):
        seconds[jobs] = run(*words, '--db', path('l%s.db' % jobs), '-j', jobs)
    print('local    %d prompts x 4 settings of %s: at once cpu %.1f s, clock '
          '%.1f s; one after the other %.1f and %.1f s; %.1f and %.1f times' %
          (args.prompts, os.path.basename(weights[0]), *seconds['16'][:2],
           *seconds['1'][:2], seconds['1'][0] / seconds['16'][0],
           seconds['1'][1] / seconds['16'][1]), flush=True)


def diff():
    pair = (weights * 2)[:2]
    cpu, wall, memory, _ = run('diff', *pair, prompts(args.prompts))
    print('diff     %d prompts, %s and %s: cpu %.1f s, clock %.1f s, %.0f MiB'
          % (args.prompts, *map(os.path.basename, pair), cpu, wall, memory),
          flush=True)


if wanted('csv'):
    imports('csv', write_csv, 0)
if wanted('lmarena'):
    imports('lmarena', write_lmarena, 2 * args.rows)
if wanted('resume'):
    resume()
if not weights and (wanted('local') or wanted('diff')):
    print('local and diff need weights: --weights A.gguf B.gguf')
else:
    if wanted('local'):
        local()
    if wanted('diff'):
        diff()
