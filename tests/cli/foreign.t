#!/usr/bin/env python3
"""Judgments and answers of MT-bench, arena-hard, alpaca_eval and Open WebUI,
in the shape in which they are published: what is stored of them, what is said
not to be, what is refused, and what is written in their forms."""
import gzip
import json
import os
import sqlite3
import sys

sys.path.insert(0, 'tests')
import tap

DB = os.path.join(tap.scratch, 'f.db')

# FastChat, llm_judge: gen_judgment.py (pairs) and gen_model_answer.py.
MT_QUESTIONS = [
    {'question_id': 81, 'category': 'math',
     'turns': ['What is 2+3?', 'Double it.'], 'reference': ['5', '10']},
    {'question_id': 82, 'category': 'writing', 'turns': ['Greet.', 'Again.']},
]


def mt_answers(model, *texts):
    return [{'question_id': 81 + i, 'answer_id': 'a%d' % i, 'model_id': model,
             'choices': [{'index': 0, 'turns': t}], 'tstamp': 1.5}
            for i, t in enumerate(texts)]


def mt_judgment(question, g1, g2, turn=1, a='m', b='n'):
    return {'question_id': question, 'model_1': a, 'model_2': b,
            'g1_winner': g1, 'g2_winner': g2, 'judge': ['j', 'pair-v2'],
            'g1_user_prompt': '...', 'g1_judgment': '... [[A]]',
            'g2_user_prompt': '...', 'g2_judgment': '... [[C]]', 'turn': turn,
            'tstamp': 1700000000.5}


MT = [mt_judgment(81, 'model_1', 'model_1'), mt_judgment(81, 'tie', 'model_2',
                                                         2),
      mt_judgment(82, 'model_2', 'model_2'),
      mt_judgment(82, 'error', 'model_1', 2)]

# arena-hard-auto, gen_judgment.py: game 1 has the baseline as A.
HARD = [
    {'uid': 'u1', 'category': 'hard_prompt', 'judge': 'j', 'model': 'm',
     'baseline': 'b', 'games': [
         {'score': 'B>A', 'judgment': {'answer': '[[B>A]]'}, 'prompt': []},
         {'score': 'A>>B', 'judgment': {'answer': '[[A>>B]]'}, 'prompt': []}]},
    {'uid': 'u2', 'category': 'math', 'judge': 'j', 'model': 'm',
     'baseline': 'b', 'games': [{'score': 'A=B'}, {'score': None}]},
]
HARD_1 = [
    {'question_id': 'q1', 'model': 'm', 'judge': 'j', 'games': [
        {'user_prompt': 'x', 'judgment': '[[A>B]]', 'score': 'A>B'},
        {'user_prompt': 'x', 'judgment': '[[B>A]]', 'score': 'B>A'}]},
]

# alpaca_eval, annotations.json; AlpacaFarm's people are numbers.
ALPACA = [
    {'instruction': 'Say hi', 'output_1': 'Hello', 'generator_1': 'ref',
     'output_2': 'Hi', 'generator_2': 'm', 'dataset': 'd', 'annotator': 'j',
     'preference': 1.25, 'time_per_example': 0.4, 'price_per_example': 0.001,
     'raw_completion': '...'},
    {'instruction': 'Say hi', 'output_1': 'Hello', 'generator_1': 'ref',
     'output_2': 'Hi', 'generator_2': 'm', 'dataset': 'd', 'annotator': 15,
     'preference': 2},
    {'instruction': 'Sort', 'input': '3 1', 'output_1': '1 3',
     'generator_1': 'ref', 'output_2': '3', 'generator_2': 'm',
     'dataset': 'd', 'annotator': 'j', 'preference': 1.5},
    {'instruction': 'Fail', 'output_1': 'x', 'generator_1': 'ref',
     'output_2': 'y', 'generator_2': 'm', 'dataset': 'd', 'annotator': 'j',
     'preference': None},
]


# Open WebUI: models/feedbacks.py, and ResponseMessage.svelte's snapshot.
def webui(number, rating, arena=True, others=('n',), messages=None, rated='r'):
    messages = messages if messages is not None else {
        'q0': {'id': 'q0', 'parentId': None, 'childrenIds': ['a0'],
               'role': 'user', 'content': 'First?'},
        'a0': {'id': 'a0', 'parentId': 'q0', 'childrenIds': ['q'],
               'role': 'assistant', 'content': 'Yes.', 'model': 'm'},
        'q': {'id': 'q', 'parentId': 'a0', 'childrenIds': ['s', 'r'],
              'role': 'user', 'content': 'And then?'},
        's': {'id': 's', 'parentId': 'q', 'childrenIds': [],
              'role': 'assistant', 'content': 'Of N', 'model': 'arena-model',
              'selectedModelId': 'n', 'arena': True},
        'r': {'id': 'r', 'parentId': 'q', 'childrenIds': [],
              'role': 'assistant', 'content': 'Of M', 'model': 'arena-model',
              'selectedModelId': 'm', 'arena': True},
    }
    return {'id': 'f%d' % number, 'user_id': 'me', 'version': 0,
            'type': 'rating', 'created_at': 1700000000,
            'updated_at': 1700000001,
            'data': {'rating': rating, 'model_id': 'm',
                     'sibling_model_ids': list(others) if others else None,
                     'reason': 'accurate', 'comment': 'good', 'tags': ['x'],
                     'details': {'rating': 9}},
            'meta': {'arena': arena, 'chat_id': 'c', 'message_id': rated,
                     'message_index': 4, 'model_id': 'm'},
            'snapshot': {'chat': {'id': 'c', 'chat': {
                'models': ['arena-model'], 'history': {
                    'messages': messages, 'currentId': 'r'}}}}}


def write(name, content):
    path = os.path.join(tap.scratch, name)
    with open(path, 'wb') as f:
        f.write(content if isinstance(content, bytes) else content.encode())
    return path


def lines(rows):
    return ''.join(json.dumps(row) + '\n' for row in rows)


def run(*words):
    return tap.run(*words, '--db', DB)


def fresh():
    for end in ('', '-journal', '-wal', '-shm'):
        if os.path.exists(DB + end):
            os.unlink(DB + end)


def ask(sql):
    db = sqlite3.connect(DB)
    rows = db.execute(sql).fetchall()
    db.close()
    return rows


VOTES = ('SELECT a.name, b.name, v.verdict, v.voter, p.text, p.category, p_a,'
         ' compare FROM votes v JOIN battles t ON t.id = battle_id'
         ' JOIN prompts p ON p.id = prompt_id JOIN models a ON a.id = model_a'
         ' JOIN models b ON b.id = model_b LEFT JOIN shares ON vote_id = v.id'
         ' ORDER BY v.id')
TEXTS = 'SELECT battle_id, turn, side, prompt, text FROM answers ORDER BY 1, 2, 3'


def imported(form, path, *words):
    done = run('import', form, path, '--json', *words)
    return done, json.loads(done.stdout) if done.stdout else {}


def kept(done, report, battles, *said):
    lost = [line for line in done.stderr.decode().splitlines()
            if line.startswith('not kept: ')]
    return (done.returncode == 0 and report['battles'] == battles and
            lost == ['not kept: ' + line for line in said])


def mt_bench():
    fresh()
    questions = write('question.jsonl', lines(MT_QUESTIONS))
    path = write('pair.jsonl', lines(MT))
    done, report = imported('mt_bench', path)
    tap.ok(kept(done, report, 3, '1 verdict that the judge did not give',
                '3 battles whose texts the file does not have'),
           'MT-bench: judgments alone are votes without texts', done)
    tap.ok(ask(VOTES) == [
        ('m', 'n', 'a', 'judge:j', '', '', None, 0),
        ('m', 'n', 'tie', 'judge:j', '', '', None, 0),
        ('m', 'n', 'b', 'judge:j', '', '', None, 0)],
        'orders that disagree are a tie', ask(VOTES))
    done, report = imported('mt_bench', write('p2.jsonl', lines(
        MT[:1] + [mt_judgment(83, 'tie', 'tie')])))
    tap.ok(report['battles'] == 1 and report['known'] == 1,
           'a judgment counts once, in whichever file', done)
    fresh()
    for model, texts in (('m', (['5', '10'], ['Hi', 'Hello'])),
                         ('n', (['6', '12'], ['Ho', 'Hey']))):
        run('answers', write(model, lines(mt_answers(model, *texts))),
            '--prompts', questions)
    done, report = imported('mt_bench', path, '--prompts', questions)
    tap.ok(kept(done, report, 3, '1 verdict that the judge did not give'),
           'with questions and answers', done)
    tap.ok(ask(TEXTS)[:4] == [(1, 1, 0, 'What is 2+3?', '5'),
                              (1, 1, 1, 'What is 2+3?', '6'),
                              (1, 2, 0, 'Double it.', '10'),
                              (1, 2, 1, 'Double it.', '12')] and
           {row[4:6] for row in ask(VOTES)} == {
               ('What is 2+3?\n\nDouble it.', 'math'),
               ('Greet.\n\nAgain.', 'writing')},
           'they have their texts', ask(TEXTS))
    done = run('export', 'mt_bench')
    rows = [json.loads(x) for x in done.stdout.splitlines()]
    tap.ok([(r['question_id'], r['model_1'], r['model_2'], r['g1_winner'],
             r['g2_winner'], r['judge'][0], r['turn'], r['tstamp'])
            for r in rows] == [
        (81, 'm', 'n', 'model_1', 'model_1', 'judge:j', 2, 1700000000.5),
        (81, 'm', 'n', 'tie', 'tie', 'judge:j', 2, 1700000000.5),
        (82, 'm', 'n', 'model_2', 'model_2', 'judge:j', 2, 1700000000.5)],
        'and are written in the form', done)
    done = run('export', 'mt_bench_answers', '--model', 'm')
    tap.ok([(r['question_id'], r['model_id'], r['choices'][0]['turns'])
            for r in map(json.loads, done.stdout.splitlines())] == [
        (81, 'm', ['5', '10']), (82, 'm', ['Hi', 'Hello'])],
        'so are the answers, each once', done)
    out = write('out.jsonl', done.stdout)
    again = run('answers', out, '--prompts', questions)
    tap.ok(again.stdout == b'm: 0 answers stored; 2 already stored\n',
           'which come back as they were', again)
    bad = lines([mt_judgment(81, 'tie', 'tie', a='x' * 1001),
                 mt_judgment(81, 'tie', 'tie', a='y')])
    done = run('import', 'mt_bench', write('long.jsonl', bad), '--prompts',
               questions)
    tap.ok(done.returncode == 6 and b':1: model name' in done.stderr and
           b'imported 1 battle with' in done.stdout,
           'a name that will not do costs its row alone', done)
    tap.ok(run('db', 'check').returncode == 0, 'the database is whole')


def arena_hard():
    fresh()
    done, report = imported('arena_hard', write('h.jsonl', lines(HARD)))
    tap.ok(kept(done, report, 3, '1 verdict that the judge did not give',
                '1 strength of a verdict (it counts as a plain win)',
                '3 battles whose texts the file does not have'),
           'arena-hard: a game is a battle', done)
    tap.ok([row[:6] for row in ask(VOTES)] == [
        ('b', 'm', 'b', 'judge:j', '', 'hard_prompt'),
        ('m', 'b', 'a', 'judge:j', '', 'hard_prompt'),
        ('b', 'm', 'tie', 'judge:j', '', 'math')],
        'with the side that the judge saw first as A', ask(VOTES))
    done = run('export', 'arena_hard')
    rows = [json.loads(x) for x in done.stdout.splitlines()]
    tap.ok([(r['model'], r['baseline'], r['category'],
             [g['score'] for g in r['games']]) for r in rows] == [
        ('m', 'b', 'hard_prompt', ['B>A', 'A>B']),
        ('b', 'm', 'hard_prompt', ['A>B', 'B>A']),
        ('m', 'b', 'math', ['A=B', 'A=B'])], 'and is written so', done)
    fresh()
    path = write('h1.jsonl', lines(HARD_1))
    done, report = imported('arena_hard', path)
    tap.ok(done.returncode == 6 and b'without a name under "baseline"' in
           done.stderr, 'the first edition does not name its baseline', done)
    fresh()
    done, report = imported('arena_hard', path, '--baseline', 'gpt')
    tap.ok([row[:3] for row in ask(VOTES)] == [
        ('gpt', 'm', 'a'), ('m', 'gpt', 'b')], '--baseline does', ask(VOTES))
    fresh()
    questions = write('hq.jsonl', lines([
        {'uid': 'u1', 'category': 'hard_prompt', 'prompt': 'Reverse a list.'}]))
    for model in 'mb':
        run('answers', write('a', lines([
            {'uid': 'u1', 'ans_id': 'x', 'model': model, 'messages': [
                {'role': 'user', 'content': 'Reverse a list.'},
                {'role': 'assistant', 'content': {'answer': 'By ' + model}}]}
        ])))
    done, report = imported('arena_hard', write('h3.jsonl', lines(HARD[:1])),
                            '--prompts', questions)
    tap.ok(ask(TEXTS) == [
        (1, 1, 0, 'Reverse a list.', 'By b'),
        (1, 1, 1, 'Reverse a list.', 'By m'),
        (2, 1, 0, 'Reverse a list.', 'By m'),
        (2, 1, 1, 'Reverse a list.', 'By b')],
        'texts are on the sides of their models', ask(TEXTS))
    done = run('export', 'arena_hard_answers', '--model', 'm')
    rows = [json.loads(x) for x in done.stdout.splitlines()]
    tap.ok(len(rows) == 1 and rows[0]['uid'] == 'u1' and
           rows[0]['messages'] == [
               {'role': 'user', 'content': 'Reverse a list.'},
               {'role': 'assistant', 'content': {'answer': 'By m'}}],
           'answers are written in the form', done)
    done, report = imported('arena_hard', write('h4.jsonl', lines(HARD[1:])),
                            '--prompts', questions)
    tap.ok(done.returncode == 6 and b'to no question of these: "u2"' in
           done.stderr, 'an id without its question is refused', done)


def alpaca():
    fresh()
    done, report = imported('alpaca_eval', write('a.json', json.dumps(ALPACA)))
    tap.ok(kept(done, report, 3, '1 verdict that the judge did not give'),
           'alpaca_eval: annotations', done)
    tap.ok(ask(VOTES) == [
        ('ref', 'm', 'a', 'judge:j', 'Say hi', 'd', 0.75, 0),
        ('ref', 'm', 'b', 'human:15', 'Say hi', 'd', None, 0),
        ('ref', 'm', 'tie', 'judge:j', 'Sort\n\n3 1', 'd', None, 0)],
        "a judge's strength is kept", ask(VOTES))
    done = run('export', 'alpaca_eval')
    rows = json.loads(done.stdout)
    tap.ok([(r['instruction'], r['output_1'], r['generator_1'], r['output_2'],
             r['generator_2'], r['preference'], r['annotator'])
            for r in rows] == [
        ('Say hi', 'Hello', 'ref', 'Hi', 'm', 1.25, 'judge:j'),
        ('Say hi', 'Hello', 'ref', 'Hi', 'm', 2, 'human:15'),
        ('Sort\n\n3 1', '1 3', 'ref', '3', 'm', 1.5, 'judge:j')],
        'and written again', done)
    done = run('export', 'alpaca_outputs', '--model', 'm')
    tap.ok([(r['instruction'], r['output'], r['generator'])
            for r in json.loads(done.stdout)] == [
        ('Say hi', 'Hi', 'm'), ('Sort\n\n3 1', '3', 'm')],
        'outputs: each prompt once', done)
    own = run('export', 'jsonl').stdout
    fresh()
    imported('jsonl', write('own.jsonl', own))
    tap.ok(run('export', 'jsonl').stdout == own and b'"p_a":0.75' in own,
           'our own form keeps the strength')
    fresh()
    people = [dict(ALPACA[1], preference=1.75)]
    done, report = imported('alpaca_eval', write('b.json', json.dumps(people)))
    tap.ok(kept(done, report, 1,
                '1 strength of a verdict (it counts as a plain win)'),
           "a person's strength is said to be lost", done)


def open_webui():
    fresh()
    rows = [webui(1, 1), webui(2, '-1', others=('n', 'o')),
            webui(3, 1, arena=False), webui(4, 1, others=None), webui(5, None),
            webui(6, 1, messages={})]
    done, report = imported('open_webui', write('w.json', json.dumps(rows)))
    tap.ok(kept(done, report, 5, '1 verdict that the judge did not give',
                '1 rating of one answer, without another',
                '2 battles whose texts the file does not have',
                '1 vote of people who knew the names (stored, not rated)'),
           'Open WebUI: feedback', done)
    tap.ok([row[:4] + row[7:] for row in ask(VOTES)] == [
        ('n', 'm', 'b', 'human:me', 0), ('n', 'm', 'a', 'human:me', 0),
        ('m', 'o', 'b', 'human:me', 0), ('n', 'm', 'b', 'human:me', 1),
        ('m', 'n', 'a', 'human:me', 0)],
        'a thumb is a vote against each of the others', ask(VOTES))
    tap.ok(ask(TEXTS)[:4] == [
        (1, 1, 0, 'First?', 'Yes.'), (1, 1, 1, 'First?', 'Yes.'),
        (1, 2, 0, 'And then?', 'Of N'), (1, 2, 1, 'And then?', 'Of M')] and
           ask('SELECT DISTINCT comment FROM votes') == [('good',)],
           'with what was said before', ask(TEXTS))
    loop = webui(7, 1)
    loop['snapshot']['chat']['chat']['history']['messages']['q0'][
        'parentId'] = 'r'
    done, report = imported('open_webui', write('l.json', json.dumps([loop])))
    tap.ok(done.returncode == 0 and report['battles'] == 1,
           'a chat that goes in a circle ends', done)


def round_trip():
    # People and judges; a name that holds a prefix is a name.
    voters = ['human:anna', 'judge:x', 'judge:judge:y']
    def said(text):
        return [{'role': 'user', 'content': 'p'},
                {'role': 'assistant', 'content': text}]
    rows = [{'model_a': 'm', 'model_b': 'n', 'winner': 'model_a', 'judge': v,
             'conversation_a': said('one'), 'conversation_b': said('other')}
            for v in voters]
    source = write('lm.json', json.dumps(rows))
    for form, times in (('alpaca_eval', 1), ('mt_bench', 1), ('arena_hard', 2)):
        fresh()
        imported('lmarena', source)
        out = run('export', form, '--voter', 'all').stdout
        fresh()
        done, report = imported(form, write('back', out))
        tap.ok(report['battles'] == 3 * times and
               ask('SELECT voter, count(*) FROM votes GROUP BY voter') ==
               [(v, times) for v in sorted(voters)],
               form + ': voters come back as they were', done, out)
    fresh()
    done, report = imported('alpaca_eval', write('h.json', json.dumps(
        [dict(ALPACA[0], annotator='human:anna')])))
    tap.ok(kept(done, report, 1,
                '1 strength of a verdict (it counts as a plain win)') and
           ask(VOTES)[0][3] == 'human:anna', 'a person stays one', done)


def refused():
    questions = write('question.jsonl', lines(MT_QUESTIONS))
    good = {'mt_bench': MT[0], 'arena_hard': HARD[0], 'alpaca_eval': ALPACA[0],
            'open_webui': webui(9, 1)}
    cases = [
        ('mt_bench', dict(MT[0], g1_winner='A'), "unknown g1_winner 'A'"),
        ('mt_bench', dict(MT[0], g2_winner=5, g1_winner=''), 'unknown'),
        ('mt_bench', dict(MT[0], model_1=5), 'a name under "model_1"'),
        ('mt_bench', dict(MT[0], model_2='m'), 'self-play'),
        ('mt_bench', {'question_id': 1, 'model': 'm', 'score': 7, 'judge': [
            'j', 'single-v1']}, 'a name under "model_1"'),
        ('arena_hard', dict(HARD[0], games=5), 'without a list "games"'),
        ('arena_hard', dict(HARD[0], games=[{'score': 'A?B'}]),
         "unknown score 'A?B'"),
        ('arena_hard', MT[0], 'a name under "model"'),
        ('alpaca_eval', dict(ALPACA[0], preference=3), 'within 1 to 2'),
        ('alpaca_eval', dict(ALPACA[0], preference='1'), 'within 1 to 2'),
        ('alpaca_eval', dict(ALPACA[0], instruction=5), 'a text "instruction"'),
        ('alpaca_eval', dict(ALPACA[0], output_2=[]), 'no text under "output_2"'
         ),
        ('open_webui', dict(good['open_webui'], data=None), 'no feedback'),
        ('open_webui', webui(9, 1, others=(5,)), 'without a name'),
    ]
    for form, bad, why in cases:
        fresh()
        done, report = imported(form, write('bad', lines([good[form], bad])))
        tap.ok(done.returncode == 6 and report['battles'] >= 1 and
               report['rejected'] == 1 and b'bad:2: ' in done.stderr and
               why.encode() in done.stderr, '%s: %s' % (form, why), done)
    for form, row in good.items():
        text = lines([row])
        for what, content, status in (
                ('a value that is cut', text * 2 + text[:-20], 6),
                ('another kind of value', text * 2 + '[1]\n5\n', 6),
                ('bytes that are no UTF-8', (text * 2).encode() + b'{"a":"\xff"}',
                 6),
                ('a long line', text * 2 + '"' + 'x' * (1 << 20), 6),
                ('CRLF and a byte order mark',
                 '\ufeff' + text.replace('\n', '\r\n') * 2, 0),
                ('gzip', gzip.compress((text * 2).encode()), 0)):
            fresh()
            done, report = imported(form, write('odd', content))
            again = form != 'alpaca_eval' # its rows have no names
            tap.ok(done.returncode == status and report['battles'] + report[
                'known'] == (4 if form == 'arena_hard' else 2) and
                   (report['known'] > 0) == again and
                   (status == 0 or b'odd:3: ' in done.stderr),
                   '%s: %s' % (form, what), done)
    for words, why in ((('export', 'open_webui'), b'cannot be exported'),
                       (('export', 'alpaca_outputs'), b'give --model'),
                       (('export', 'alpaca_eval', '--model', 'm'),
                        b'leave --model out'),
                       (('export', 'alpaca_outputs', '--model', 'nobody'),
                        b'no model "nobody" in the database'),
                       (('export', 'jsonl', '--voter', 'human'),
                        b'jsonl has them all: leave them out'),
                       (('export', 'jsonl', '--since', '2026-01-01'),
                        b'jsonl has them all: leave them out'),
                       (('export', 'alpaca_outputs', '--model', 'm',
                         '--voter', 'human:ann'), b'has answers'),
                       (('export', 'csv', '--voter', 'ann'),
                        b'--voter "ann": want all, human'),
                       (('export', 'csv', '--voter', 'human:'),
                        b'--voter "human:": want all, human'),
                       (('import', 'csv', DB, '--baseline', 'b'),
                        b'--baseline is for arena_hard; leave it out of csv'),
                       (('import', 'mt_bench', DB, '--baseline', 'b'),
                        b'leave it out of mt_bench'),
                       (('import', 'alpaca_eval', DB, '--prompts', questions),
                        b'leave it out of alpaca_eval'),
                       (('import', 'jsonl', DB, '--prompts', questions),
                        b'leave it out of jsonl'),
                       (('import', 'mt_bench_answers', DB),
                        b'arena answers')):
        done = run(*words)
        tap.ok(done.returncode == 2 and why in done.stderr,
               ' '.join(w for w in words if w != DB) + ' is refused', done)


mt_bench()
arena_hard()
alpaca()
open_webui()
round_trip()
refused()
tap.done()
