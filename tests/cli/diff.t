#!/usr/bin/env python3
"""`arena diff`: the divergence of two models against one computed here from
all their log-probabilities, where they part, and votes on that alone."""
import json
import math
import os
import subprocess
import sys

sys.path.insert(0, 'tests')
import tap

MODELS = 'tests/engine/models/'
A, B = MODELS + 'llama.gguf', MODELS + 'llama-bf16.gguf'


def write(name, text):
    path = os.path.join(tap.scratch, name)
    with open(path, 'w') as f:
        f.write(text)
    return path


def logprobs(model, ids):
    """After each of the ids, what the model thinks of the whole vocabulary."""
    done = tap.run('generate', model, '--prompt-ids', json.dumps(ids),
                   '--max-tokens', '1', '--logprobs', '1000', '--echo', '--json')
    rows = json.loads(done.stdout)['logprobs']
    return [dict(row['top']) for row in rows]


def kl(a, b):
    return sum(math.exp(a[i]) * (a[i] - b[i]) for i in a)


def along_a_text():
    text = 'a cab can be a bad idea for a dad in the end of the day again'
    path = write('text', text)
    ids = json.loads(subprocess.run(
        [tap.arena, 'tokenize', A], input=text.encode(), env=tap.env,
        stdout=subprocess.PIPE).stdout)
    ids = [1] + ids
    n_ctx, sums, n = 16, 0.0, 0
    for at in range(0, len(ids) - n_ctx + 1, n_ctx):
        chunk = [1] + ids[at + 1:at + n_ctx]
        both = [logprobs(m, chunk) for m in (A, B)]
        for i in range(n_ctx // 2, n_ctx - 1):
            sums += kl(both[0][i], both[1][i])
            n += 1
    done = tap.run('diff', A, B, '--text', path, '--ctx', str(n_ctx), '--json')
    said = json.loads(done.stdout)
    tap.ok(done.returncode == 0 and n > 20 and said['tokens'] == n and
           abs(said['mean_kl'] - sums / n) < 1e-5,
           'the mean KL along a text is what the log-probabilities give',
           done, sums / n, n)
    done = tap.run('diff', A, A, '--text', path, '--ctx', '16', '--json')
    tap.ok(json.loads(done.stdout)['mean_kl'] == 0 and
           json.loads(done.stdout)['same_top'] == 1,
           'of a model from itself it is 0', done)
    done = tap.run('diff', A, B, '--text', path, '--ctx', '4096')
    tap.ok(done.returncode == 2 and b'a chunk takes 4096' in done.stderr,
           'a text that is too short is refused', done)


def along_answers():
    prompts = write('p.jsonl', '{"id":"x","prompt":"a cab"}\n'
                    '{"prompt":"hello there"}\n{"turns":["one","two"]}\n')
    done = tap.run('diff', A, A, prompts, '--json')
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    tap.ok(done.returncode == 0 and len(rows) == 4 and rows[3]['prompts'] == 3
           and rows[3]['identical'] == 3 and rows[3]['mean_kl'] == 0 and
           all(r['first_difference'] is None for r in rows[:3]),
           'a model does not part from itself', done)
    tap.ok(b'1 prompt has several turns' in done.stderr,
           'it is said that only the first turn is asked', done)
    done = tap.run('diff', A, B, prompts, '--json', '--max-tokens', '8')
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    texts = [[json.loads(tap.run('generate', m, p, '--temp', '0', '--json',
                                 '--max-tokens', '8').stdout)['ids']
              for m in (A, B)] for p in ('a cab', 'hello there', 'one')]
    first = [next((i + 1 for i, (a, b) in enumerate(zip(*t)) if a != b), None)
             for t in texts]
    tap.ok([r['first_difference'] for r in rows[:3]] == first and
           rows[0]['id'] == 'x' and any(first),
           'they part where their greedy texts do', done, texts)
    return prompts


def many_at_once():
    """More prompts than are answered at once, of which each says what it says
    alone; and a divergence against one from all log-probabilities."""
    letters = 'abcdefg'
    texts = ['cab %s%s bad%s' % (letters[i % 7], letters[i // 7], ' ad' * (i % 5))
             for i in range(19)]
    lines = [json.dumps({'id': 'n%d' % i, 'prompt': t}) + '\n'
             for i, t in enumerate(texts)]
    done = tap.run('diff', A, B, write('many.jsonl', ''.join(lines)), '--json',
                   '--max-tokens', '12')
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    alone = []
    for i in (0, 15, 16, 18):
        one = tap.run('diff', A, B, write('one.jsonl', lines[i]), '--json',
                      '--max-tokens', '12')
        alone.append(json.loads(one.stdout.splitlines()[0]) |
                     {'prompt': i + 1})
    tap.ok(len(rows) == 20 and rows[-1]['prompts'] == 19 and
           alone == [rows[i] for i in (0, 15, 16, 18)] and
           sum(r['tokens'] for r in rows[:-1]) == rows[-1]['tokens'],
           'a prompt among many has the numbers that it has alone', done, alone)
    made = json.loads(tap.run('generate', A, texts[16], '--temp', '0', '--json',
                              '--max-tokens', '12').stdout)
    chat = json.dumps([{'role': 'user', 'content': texts[16]}])
    ids = json.loads(subprocess.run(
        [tap.arena, 'tokenize', A, '--chat'], input=chat.encode(), env=tap.env,
        stdout=subprocess.PIPE).stdout)['sent']
    both = [logprobs(m, ids + made['ids']) for m in (A, B)]
    n = rows[16]['tokens']
    sums = sum(kl(both[0][i], both[1][i])
               for i in range(len(ids) - 1, len(ids) - 1 + n))
    tap.ok(n >= len(made['ids']) and abs(rows[16]['kl'] - sums / n) < 1e-5,
           'and the divergence that the log-probabilities give', rows[16],
           sums / n)


def votes(prompts):
    done = tap.run('diff', A, B, prompts, '--run', 'quant')
    tap.ok(done.returncode == 0 and b'arena vote quant' in done.stderr,
           'answers that differ become a run', done)
    again = tap.run('diff', A, B, prompts, '--run', 'quant')
    stored = [json.loads(x) for x in
              tap.run('export', 'jsonl').stdout.decode().splitlines()]
    ends = [a for battle in stored for a in battle.get('answers', [])]
    tap.ok(len(ends) > 3 and
           not any({'first_ms', 'total_ms'} & set(a) for a in ends),
           'without times, which many took together', ends[:1])
    vote = tap.run('vote', 'quant', '--plain')
    tap.ok(again.returncode == 0 and vote.stderr.count(b'of 3') == 1 and
           b'llama' not in vote.stdout, 'once, and without names', vote)
    voted = subprocess.run([tap.arena, 'vote', 'quant', '--plain'], input=b'a\n',
                           env=tap.env, stdout=subprocess.PIPE)
    tap.ok(b'llama.gguf (greedy)' in voted.stdout and
           b'llama-bf16.gguf (greedy)' in voted.stdout,
           'which are told after the vote', voted.stdout)
    tap.ok(tap.run('db', 'check').returncode == 0, 'the database is whole')


def refused(prompts):
    for words, status, why in (
            ((A, B), 2, b'PROMPTS or --text'),
            ((A, B, prompts, '--text', prompts), 2, b'PROMPTS or --text'),
            ((A, B, '--text', prompts, '--run', 'x'), 2, b'--text has none'),
            ((A, MODELS + 'gemma2.gguf', prompts), 2, b'different tokens'),
            ((A, 'nosuch.gguf', prompts), 2, b'nosuch.gguf'),
            ((A, B, 'nosuch'), 2, b'nosuch'),
            ((A, A, prompts, '--run', 'same'), 2, b'two models')):
        done = tap.run('diff', *words)
        tap.ok(done.returncode == status and why in done.stderr and
               tap.clear_error(done) is None, 'refused: ' + why.decode(), done)


along_a_text()
prompts = along_answers()
many_at_once()
votes(prompts)
refused(prompts)
tap.done()
