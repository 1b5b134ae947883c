#!/usr/bin/env python3
"""A model of every backend, and a battle of every two of them, from the prompt
to the stored vote: texts, hidden names, how the answers ended."""
import itertools
import json
import os
import subprocess
import sys
import time

sys.path.insert(0, 'tests')
import tap

PROMPT = 'Why is the sky so high?'
REMOTE = ('openai', 'responses', 'anthropic', 'gemini', 'ollama')
THOUGHT = 'What was asked?'


def path(*parts):
    return os.path.abspath(os.path.join(*parts))


def start_server():
    port = os.path.join(tap.scratch, 'port')
    server = subprocess.Popen([sys.executable, 'tests/http/every_server.py',
                               port])
    end = time.monotonic() + 60
    while not os.path.exists(port) and time.monotonic() < end:
        time.sleep(0.02)
    with open(port, encoding='ascii') as f:
        return server, 'http://127.0.0.1:' + f.read()


def make_models(base):
    """No name, id or word of these tells a backend."""
    heard = 'Heard: ' + PROMPT
    script = path(tap.scratch, 'replay.json')
    with open(script, 'w', encoding='utf-8') as f:
        json.dump({'answers': [{'text': heard, 'thinking': 'Hm.'}]}, f)
    with open(path(tap.scratch, 'one.gguf'), 'wb'):
        pass
    rows = [{'backend': kind, 'id': 'muse', 'base_url': base,
             'key_env': 'PAIRS_KEY'} for kind in REMOTE]
    rows += [
        {'backend': 'llama-server', 'file': path(tap.scratch, 'one.gguf'),
         'command': [sys.executable, path('tests/http/fake_llama_server.py')]},
        {'backend': 'exec', 'input': 'text',
         'command': ['sh', '-c', 'printf "Heard: "; cat']},
        {'backend': 'local', 'file': path('tests/engine/models/llama.gguf'),
         'template': 'chatml', 'temperature': 0},
        {'backend': 'replay', 'script': script},
    ]
    for i, row in enumerate(rows):
        row['name'] = 'zorblax%d' % i
    return rows


def configure(name, models):
    with open(path(tap.scratch, name), 'w', encoding='utf-8') as f:
        json.dump({'max_tokens': 12, 'models': models}, f)
    return path(tap.scratch, name)


def arena(config, *words, stdin=None):
    return subprocess.run(
        [tap.arena, '--config', config, *words], input=stdin,
        stdin=None if stdin else subprocess.DEVNULL, capture_output=True,
        env=tap.env, timeout=300, encoding='utf-8')


def expected(row, config):
    """What a model says when it is asked alone, and how that ends."""
    out = arena(config, 'generate', row['name'], PROMPT, '--seed', '1',
                '--json')
    if out.returncode != 0:
        tap.ok(False, row['backend'] + ' answers', out.stderr)
        tap.done()
    answer = json.loads(out.stdout)
    return answer['text'], answer['finish']


def play(i, pair, said, config):
    names = [row['name'] for row in pair]
    kinds = ' and '.join(row['backend'] for row in pair)
    two = configure('two.json', pair)
    out = arena(two, 'battle', '--seed', str(i), PROMPT, stdin='a\n')
    before, _, after = out.stdout.partition('You chose A')
    tap.ok(out.returncode == 0 and after, kinds + ' play', out.stdout,
           out.stderr)
    tap.ok('zorblax' not in before and THOUGHT not in out.stdout,
           'no name and no thought is seen before the vote', before)
    shown = json.loads(arena(config, 'show', str(i), '--json').stdout)
    answers = {shown['model_' + a['side']]: (a['text'], a['finish'])
               for a in shown['answers']}
    wanted = {name: said[name] for name in names}
    tap.ok(answers == wanted, 'both texts and ends are stored', answers,
           wanted)
    tap.ok((shown['state'], shown['verdict'], shown['leaked']) ==
           ('voted', 'a', False), 'and so is the vote', shown)


tap.env['PAIRS_KEY'] = 'sk-canary-0123456789'
server, base = start_server()
try:
    models = make_models(base)
    config = configure('arena.json', models)
    said = {row['name']: expected(row, config) for row in models}
    for row in models:
        text, finish = said[row['name']]
        if row['backend'] in REMOTE:
            tap.ok(text == 'A héron spoke for muse. Heard: ' + PROMPT and
                   finish == 'stop', row['backend'] + ' is read whole', text)
    for i, pair in enumerate(itertools.combinations(models, 2), 1):
        play(i, pair, said, config)
    board = json.loads(arena(config, 'leaderboard', '--json').stdout)
    tap.ok(len(board['models']) == len(models), 'all are on the board',
           board)
    checked = arena(config, 'db', 'check')
    tap.ok(checked.returncode == 0, 'the store is whole', checked.stderr)
finally:
    server.kill()
    server.wait()
tap.done()
