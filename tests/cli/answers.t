#!/usr/bin/env python3
"""Answers that were made elsewhere: each form in its published shape, what is
left out and said, what is refused, and blind votes on them."""
import gzip
import json
import os
import sqlite3
import sys

sys.path.insert(0, 'tests')
import tap

# The shapes are those of FastChat (llm_judge, gen_model_answer.py), of
# arena-hard-auto (gen_answer.py, both editions) and of alpaca_eval (outputs).
QUESTIONS = [
    {'question_id': 81, 'category': 'math',
     'turns': ['What is 2+3?', 'Double it.'], 'reference': ['5', '10']},
    {'question_id': 82, 'category': 'writing', 'turns': ['Greet.', 'Again.']},
]
COUNTS = {'token_len': 4, 'header_count': {'h1': 0}, 'bold_count': {'**': 0}}
MT_BENCH = [
    {'question_id': 81, 'answer_id': 'a1', 'model_id': 'm', 'tstamp': 1.5,
     'choices': [{'index': 0, 'turns': ['5', '10']}]},
    {'question_id': 82, 'answer_id': 'a2', 'model_id': 'm', 'tstamp': 1.5,
     'choices': [{'index': 0, 'turns': ['Hi.', 'Hello.']}]},
]
HARD_1 = [
    {'question_id': 'q1', 'answer_id': 'a', 'model_id': 'h', 'tstamp': 1.5,
     'choices': [{'index': 0, 'turns': [
         {'content': 'Use a loop.', 'token_len': 4}]}]},
]
HARD_2 = [
    {'uid': 'u1', 'ans_id': 'a', 'model': 'h', 'tstamp': 1.5,
     'metadata': COUNTS, 'messages': [
         {'role': 'user', 'content': 'Reverse a list.'},
         {'role': 'assistant', 'content': {'answer': 'Use a loop.'}}]},
]
ALPACA = [
    {'dataset': 'd', 'instruction': 'Say hi', 'output': 'Hi', 'generator': 'p'},
    {'dataset': 'd', 'instruction': 'Sort', 'input': '3 1', 'output': '1 3',
     'generator': 'p'},
]


def write(name, text):
    path = os.path.join(tap.scratch, name)
    with open(path, 'wb') as f:
        f.write(text if isinstance(text, bytes) else text.encode())
    return path


def lines(rows):
    return ''.join(json.dumps(row) + '\n' for row in rows)


def take(path, *words):
    return tap.run('answers', path, *words)


def stored():
    db = sqlite3.connect(os.path.join(tap.env['XDG_DATA_HOME'], 'arena',
                                      'arena.db'))
    rows = db.execute('SELECT m.name, prompt, turn, asked, f.text'
                      ' FROM finished f JOIN models m ON m.id = model_id'
                      ' ORDER BY f.id').fetchall()
    db.close()
    return rows


def says(done, status, *texts):
    out = (done.stdout + done.stderr).decode()
    return (done.returncode == status and all(t in out for t in texts) and
            (status == 0 or tap.clear_error(done) is None))


def forms():
    questions = write('question.jsonl', lines(QUESTIONS))
    done = take(write('m.jsonl', lines(MT_BENCH)), '--prompts', questions)
    tap.ok(says(done, 0, 'm: 2 answers stored\n'), 'MT-bench answers', done)
    tap.ok(stored() == [
        ('m', 'What is 2+3?\n\nDouble it.', 1, 'What is 2+3?', '5'),
        ('m', 'What is 2+3?\n\nDouble it.', 2, 'Double it.', '10'),
        ('m', 'Greet.\n\nAgain.', 1, 'Greet.', 'Hi.'),
        ('m', 'Greet.\n\nAgain.', 2, 'Again.', 'Hello.')],
        'each turn stands under its question', stored())
    asked = write('hard.jsonl', lines([
        {'question_id': 'q1', 'cluster': 'c',
         'turns': [{'content': 'Reverse a list.'}]}]))
    done = take(write('h1.jsonl', lines(HARD_1)), '--prompts', asked)
    tap.ok(says(done, 0, 'h: 1 answer stored\n'), 'arena-hard, first edition',
           done)
    done = take(write('h2.jsonl', lines(HARD_2)))
    tap.ok(says(done, 0, 'h: 0 answers stored; 1 already stored\n'),
           'arena-hard, second edition: the same answer', done)
    done = take(write('p.json', json.dumps(ALPACA)))
    tap.ok(says(done, 0, 'p: 2 answers stored\n') and
           ('p', 'Sort\n\n3 1', 1, 'Sort\n\n3 1', '1 3') in stored(),
           "alpaca_eval's outputs", done)
    table = '\ufeffprompt,answer\r\n"Say, hi","Hi, ""you"""\r\nBye,Ciao\r\n'
    done = take(write('t.csv', table), '--model', 't')
    tap.ok(says(done, 0, 't: 2 answers stored\n') and
           ('t', 'Say, hi', 1, 'Say, hi', 'Hi, "you"') in stored(),
           'a table with a byte order mark and CRLF', done)
    done = take(write('t.csv.gz', gzip.compress(table.encode())), '--model',
                't')
    tap.ok(says(done, 0, '0 answers stored; 2 already stored'),
           'and packed', done)
    done = take(write('i.csv', 'id,model,output\n81,i,five\n'), '--prompts',
                write('one.jsonl', lines([{'id': 81, 'prompt': 'X?'}])))
    tap.ok(says(done, 0, 'i: 1 answer stored') and
           ('i', 'X?', 1, 'X?', 'five') in stored(), 'a table with ids', done)
    done = take(write('k.jsonl', lines([
        {'id': 81, 'model': 'i', 'output': 'five', 'put': 1, 'ext': 2}])),
        '--prompts', os.path.join(tap.scratch, 'one.jsonl'))
    tap.ok(says(done, 0, '1 already stored'),
           'a key that is only the end of a known one has no words', done)
    done = tap.run('answers', '--json')
    tap.ok([json.loads(x) for x in done.stdout.splitlines()] == [
        {'model': 'h', 'prompts': 1}, {'model': 'i', 'prompts': 1},
        {'model': 'm', 'prompts': 2}, {'model': 'p', 'prompts': 2},
        {'model': 't', 'prompts': 2}], 'without a file all are listed', done)


def left_out():
    rows = [{'prompt': 'a', 'output': 'A'}, {'prompt': 'a', 'output': 'A'},
            {'prompt': 'b', 'output': ''}, {'prompt': 'c', 'output': None},
            {'prompt': 'd', 'output': '$ERROR$'}]
    done = take(write('l.jsonl', lines(rows)), '--model', 'l', '--json')
    tap.ok(done.returncode == 0 and json.loads(done.stdout) == {
        'model': 'l', 'stored': 1, 'known': 0, 'repeated': 1, 'empty': 3,
        'choices_left_out': 0}, 'what is left out is counted', done)
    two = [dict(MT_BENCH[0], model_id='two', choices=[
        {'index': 0, 'turns': ['5', '10']}, {'index': 1, 'turns': ['6', '7']}])]
    done = take(write('two.jsonl', lines(two)), '--prompts',
                os.path.join(tap.scratch, 'question.jsonl'))
    tap.ok(says(done, 0, 'two: 1 answer stored; 1 further choice left out'),
           'so are further choices', done)


def refused():
    before = stored()
    good = {'prompt': 'a', 'output': 'A', 'model': 'x'}
    questions = os.path.join(tap.scratch, 'question.jsonl')
    cases = [
        ('ids alone', lines(MT_BENCH), (), ':1: ', '--prompts'),
        ('an unknown id', lines([dict(MT_BENCH[0], question_id=7)]),
         ('--prompts', questions), ':1: ', 'no question has the id 7'),
        ('too few turns', lines([dict(MT_BENCH[0], choices=[
            {'turns': ['5']}])]), ('--prompts', questions), ':1: ', '1 turn answered'),
        ('other words under an id', lines([
            {'id': 81, 'prompt': 'other', 'output': 'y'}]),
         ('--prompts', questions), ':1: ', 'not those of the question 81'),
        ('two models', lines([good, dict(good, prompt='b', model='y')]), (),
         ':2: ', 'of "y"'),
        ('another answer', lines([good, dict(good, output='B')]), (), ':2: ',
         'another answer'),
        ('no answer', lines([good, {'prompt': 'b', 'model': 'x'}]), (), ':2: ',
         'no answer in it'),
        ('no prompt', lines([good, {'output': 'b', 'model': 'x'}]), (), ':2: ',
         'names its prompt by an id alone'),
        ('a number as answer', lines([dict(good, output=5)]), (), ':1: ',
         'is not text'),
        ('a number as messages', lines([{'messages': 5}]), (), ':1: ',
         'is not a list'),
        ('a question without its answer', lines([{'messages': [
            {'role': 'user', 'content': 'a'}]}]), (), ':1: ', 'no answer'),
        ('two answers in turn', lines([{'messages': [
            {'role': 'user', 'content': 'a'},
            {'role': 'assistant', 'content': 'b'},
            {'role': 'assistant', 'content': 'c'}]}]), (), ':1: ', 'in turn'),
        ('an image', lines([{'messages': [
            {'role': 'user', 'content': [{'type': 'image'}]}]}]), (), ':1: ',
         'other than text'),
        ('an answer to several turns', lines([{'turns': ['a', 'b'],
                                               'output': 'x'}]), (), ':1: ',
         'several turns with one answer'),
        ('a cell for several turns', 'turns,output\n"[""a"",""b""]",x\n', (),
         ':2: ', 'several turns with one answer'),
        ('choices without turns', lines([dict(MT_BENCH[0], choices=[{}])]),
         ('--prompts', questions), ':1: ', '"turns"'),
        ('a file that is cut', lines([good])[:-9], (), ':1:', ''),
        ('a list that is cut', '[' + lines([good]), (), ':', ''),
        ('a row without object', '{"prompt":"a","output":"A"}\n[1]\n', (),
         ':2', ''),
        ('plain text', 'hello\nyou\n', (), '', 'neither JSON nor a table'),
        ('an empty file', '', (), '', ''),
        ('a table without answers', 'prompt,x\na,b\n', (), ':1: ',
         'a column answer'),
        ('a short row', 'prompt,answer\na\n', (), ':2: ', '1 field, '),
        ('UTF-16', '\ufeffa'.encode('utf-16'), (), '', 'UTF-16'),
        ('bytes that are no UTF-8', b'{"prompt":"\xff","output":"b"}\n', (),
         ':1: ', 'UTF-8'),
        ('no name', lines([{'prompt': 'a', 'output': 'A'}]), None, '',
         '--model'),
    ]
    for what, text, words, *want in cases:
        path = write('bad', text)
        words = ('--model', 'bad', *words) if words is not None else ()
        done = take(path, *words)
        tap.ok(says(done, 2 if what == 'no name' else 1, *want),
               what + ' is refused', done)
    tap.ok(stored() == before, 'and nothing of it is stored')
    done = take(write('other.jsonl', lines([
        {'prompt': 'Bye', 'output': 'So long'}])), '--model', 't')
    tap.ok(says(done, 1, 'answer 1: the model has another answer'),
           'an answer is not replaced', done)
    folder = os.path.join(tap.env['XDG_CONFIG_HOME'], 'arena')
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, 'arena.json'), 'w') as f:
        json.dump({'models': [{'name': 'live', 'backend': 'replay',
                               'script': 's.json'}]}, f)
    with open(os.path.join(folder, 's.json'), 'w') as f:
        json.dump({'answers': [{'text': 'Well met.'}]}, f)
    done = take(write('live.jsonl', lines([
        {'prompt': 'a', 'output': 'b'}])), '--model', 'live')
    tap.ok(says(done, 2, 'the config has a model "live"'),
           "a name of the config's is refused", done)


def fights():
    prompts = write('prompts.jsonl', lines([
        {'prompt': 'Say, hi'}, {'prompt': 'Bye'}]))
    write('u.jsonl', lines([{'prompt': 'Say, hi', 'output': 'Good day'}]))
    take(os.path.join(tap.scratch, 'u.jsonl'), '--model', 'u')
    done = tap.run('eval', prompts, '--json')
    end = json.loads(done.stdout)
    tap.ok(done.returncode == 0 and end['battles'] == 2 and
           end['made'] == 2 and end['found'] == 2,
           'a model with an answer to each prompt meets the others', done)
    run = end['run']
    vote = tap.run('vote', run, '--plain')
    tap.ok(b'Well met.' in vote.stdout and b'Ciao' in vote.stdout or
           b'Hi, "you"' in vote.stdout, 'and its answers are voted on', vote)
    tap.ok(b'live' not in vote.stdout + vote.stderr,
           'without a name', vote.stdout)
    done = tap.run('eval', prompts, '--models', 't,u', '--json')
    end = json.loads(done.stdout)
    tap.ok(done.returncode == 6 and end['ready'] == 1 and end['void'] == 1 and
           b'have none to this prompt' in done.stderr,
           'one without an answer is void', done)
    take(write('u2.jsonl', lines([{'prompt': 'Bye', 'output': 'Farewell'}])),
         '--model', 'u')
    done = tap.run('eval', prompts, '--models', 't,u', '--json')
    tap.ok(done.returncode == 0 and json.loads(done.stdout)['ready'] == 2,
           'until there is one', done)
    done = tap.run('eval', prompts, '--models', 't,u', '--dry-run', '--json')
    tap.ok(done.returncode == 0 and b'"calls":0' in done.stdout,
           'a dry run asks nobody', done)
    tap.ok(tap.run('db', 'check').returncode == 0, 'the database is whole')


forms()
left_out()
refused()
fights()
tap.done()
