#!/usr/bin/env python3
"""Preferences as the training side reads them: Python's `datasets`, TRL's own
checks of its dataset types, and a step of its trainers (tests/cli/train.py).
Skipped where these are not installed; ARENA_TEST_PYTHON names a Python that
has them."""
import json
import os
import subprocess
import sys

sys.path.insert(0, 'tests')
import tap

PYTHON = os.environ.get('ARENA_TEST_PYTHON') or sys.executable

LOAD = r'''
import json, sys
import datasets
datasets.disable_progress_bars()
rows = datasets.load_dataset("json", data_files=sys.argv[1], split="train",
                             cache_dir=sys.argv[2])
out = {"columns": rows.column_names, "n": len(rows), "first": rows[0]}
try:
    from trl.data_utils import is_conversational, maybe_extract_prompt
    out["conversational"] = is_conversational(rows[0])
except ImportError:
    pass
print(json.dumps(out))
'''


def has(module):
    return subprocess.run([PYTHON, '-c', 'import ' + module],
                          stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL).returncode == 0


def load(form, *words):
    path = os.path.join(tap.scratch, form + '-'.join(words) + '.jsonl')
    done = tap.run('export', form, '-o', path, '--voter', 'all', *words)
    if done.returncode != 0:
        return {'error': done.stderr.decode()}
    loaded = subprocess.run(
        [PYTHON, '-c', LOAD, path, os.path.join(tap.scratch, 'cache')],
        env=dict(tap.env, HF_HUB_OFFLINE='1', HF_HOME=tap.scratch),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if loaded.returncode != 0:
        return {'error': loaded.stderr.decode()[-2000:]}
    return json.loads(loaded.stdout)


def fill():
    rows = [{'instruction': 'Q%d' % i, 'output_1': 'Good\n"%d"' % i,
             'generator_1': 'm', 'output_2': 'Bad \u00e9', 'generator_2': 'n',
             'annotator': i, 'preference': p}
            for i, p in enumerate((1, 2, 1.5, 1))]
    path = os.path.join(tap.scratch, 'a.json')
    with open(path, 'w') as f:
        json.dump(rows, f)
    tap.run('import', 'alpaca_eval', path)


# What is kept of the four votes: a step of training on each.
TRAINED = (
    ('dpo', (), 3),
    ('dpo', ('--conversational',), 3),
    ('dpo', ('--ties',), 4),
    ('kto', (), 6),
    ('kto', ('--conversational',), 6),
    ('sft', (), 3),
)


def train():
    files = {}
    for form, words, n in TRAINED:
        path = os.path.join(tap.scratch, 't' + form + '-'.join(words))
        tap.run('export', form, '-o', path, '--voter', 'all', *words)
        files[form, words] = '%s=%s' % (form, path)
    done = subprocess.run([PYTHON, 'tests/cli/train.py', tap.scratch,
                           *files.values()], env=tap.env,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if done.returncode != 0:
        tap.ok(False, 'trainers of TRL run', done.stderr.decode()[-2000:])
        return
    said = json.loads(done.stdout.splitlines()[-1])
    for form, words, n in TRAINED:
        got = said[files[form, words]]
        tap.ok(got.get('steps') == 1 and got.get('rows') == n,
               ' '.join((form,) + words) + ' is trained on by TRL', got)


CASES = (
    ('dpo', (), ['prompt', 'chosen', 'rejected'], 3, False,
     {'prompt': 'Q0', 'chosen': 'Good\n"0"', 'rejected': 'Bad \u00e9'}),
    ('dpo', ('--ties',), ['prompt', 'chosen', 'rejected', 'tie'], 4, False,
     {'prompt': 'Q0', 'tie': False}),
    ('dpo', ('--conversational',), ['prompt', 'chosen', 'rejected'], 3, True,
     {'prompt': [{'role': 'user', 'content': 'Q0'}]}),
    ('kto', (), ['prompt', 'completion', 'label'], 6, False,
     {'prompt': 'Q0', 'completion': 'Good\n"0"', 'label': True}),
    ('sft', (), ['messages'], 3, True,
     {'messages': [{'role': 'user', 'content': 'Q0'},
                   {'role': 'assistant', 'content': 'Good\n"0"'}]}),
)

fill()
for form, words, columns, n, conversational, first in CASES:
    name = ' '.join((form,) + words)
    if not has('datasets'):
        tap.skip(name + ' is loaded', 'the Python package datasets is not '
                 'installed')
        continue
    got = load(form, *words)
    tap.ok(got.get('columns') == columns and got.get('n') == n and
           all(got['first'][k] == v for k, v in first.items()),
           name + ' is loaded by datasets', got)
    if 'conversational' in got:
        tap.ok(got['conversational'] == conversational,
               name + ' is of the type that TRL takes it for', got)
    else:
        tap.skip(name + ' is checked by TRL', 'the Python package trl is not '
                 'installed')
if has('trl') and has('torch'):
    train()
else:
    tap.skip('trainers of TRL take the files', 'the Python packages trl and '
             'torch are not installed')
tap.done()
