#!/usr/bin/env python3
"""Import and export: our own form comes back as it was; foreign forms say what
they leave out; an interrupted import goes on; wrong rows are named."""
import json
import os
import random
import resource
import signal
import sqlite3
import subprocess
import sys
import time

sys.path.insert(0, 'tests')
import tap


def path(name):
    return os.path.join(tap.scratch, name)


def remove(*names):
    for name in names:
        for end in ('', '-journal', '-wal', '-shm'):
            if os.path.exists(path(name) + end):
                os.unlink(path(name) + end)


def write(name, text):
    with open(path(name), 'w') as f:
        f.write(text)
    return path(name)


def read(name):
    with open(path(name), 'rb') as f:
        return f.read()


def rows(db, sql):
    con = sqlite3.connect(path(db))
    found = con.execute(sql).fetchall()
    con.close()
    return found


def make_store(name):
    remove(name)
    con = sqlite3.connect(path(name))
    with open('tests/store/version3.sql') as f:
        con.executescript(f.read())
    # Texts that must come through: quotes, controls, other scripts.
    con.execute("UPDATE answers SET text = ?, thinking = ?, cost = 0.1,"
                " n_in = 7, request_id = 'r', first_ms = 12 WHERE id = 1",
                ('a "quoted" \\ line\n\ttab \x1b[0m \u202e \u00e9 \U0001f600',
                 'think'))
    con.execute("UPDATE answers SET finish = 'error', error_status = 5,"
                " error = 'no answer' WHERE id = 25")
    con.commit()
    con.close()
    tap.run('db', 'rebuild', '--db', path(name))
    con = sqlite3.connect(path(name)) # of today's version
    con.execute("INSERT INTO asides VALUES (1, 4, 'without seed')")
    con.execute("INSERT INTO asides VALUES (2, NULL, 'without seed')")
    con.execute("INSERT INTO chances SELECT id, '!' || char(32 +"
                " length(CAST(text AS BLOB))) FROM answers WHERE id = 2")
    con.execute("INSERT INTO rhythms SELECT id, '250+1 40+' ||"
                " (length(CAST(text AS BLOB)) - 1) FROM answers WHERE id = 2")
    con.execute("INSERT INTO reasons VALUES (1, 1, 'human:me', 'clear', 'a',"
                " 5), (2, 1, 'human:me', '', 'b\n\u202e', 6)")
    con.commit()
    con.close()


def run(*words):
    return tap.run(*[str(word) for word in words])


def same_boards(a, b):
    wrong = []
    for words in (['--method', 'bt'], ['--method', 'elo'],
                  ['--category', 'math'], ['--voter', 'judge:gpt']):
        boards = [run('leaderboard', '--json', *words, '--db', path(db)).stdout
                  for db in (a, b)]
        if boards[0] != boards[1] or not boards[0]:
            wrong.append((words, boards))
    return wrong


def round_trip():
    make_store('a.db')
    first = run('export', 'jsonl', '--db', path('a.db'))
    write('one.jsonl', first.stdout.decode())
    remove('b.db')
    done = run('import', 'jsonl', path('one.jsonl'), '--db', path('b.db'))
    tap.ok(done.returncode == 0 and
           done.stdout == b'imported 18 battles with 11 votes\n',
           'our own form is imported', done)
    again = run('export', 'jsonl', '--db', path('b.db'))
    tap.ok(first.stdout == again.stdout and first.stdout.count(b'\n') == 19,
           'and exported again it is the same to the last byte')
    wrong = same_boards('a.db', 'b.db')
    tap.ok(not wrong, 'the leaderboards are the same to the last digit', *wrong)
    check = run('db', 'check', '--db', path('b.db'))
    tap.ok(check.returncode == 0, 'and the database is whole', check)
    columns = ('battle_id, turn, round, side, prompt, text, thinking, settings,'
               ' finish, error_status, error, n_in, n_out, n_think, cost,'
               ' load_ms, first_ms, total_ms, request_id')
    wrong = [sql for sql in (
        'SELECT id, name, description FROM models',
        'SELECT battle_id, turn, round, side, n_cached, note FROM asides'
        ' JOIN answers ON id = answer_id ORDER BY 1, 2, 3, 4',
        'SELECT battle_id, turn, round, side, tokens FROM chances'
        ' JOIN answers ON id = answer_id ORDER BY 1, 2, 3, 4',
        'SELECT battle_id, turn, round, side, pieces FROM rhythms'
        ' JOIN answers ON id = answer_id ORDER BY 1, 2, 3, 4',
        'SELECT id, name, settings FROM runs',
        'SELECT b.id, text, category, external_id, run_id, model_a, model_b,'
        ' state, probability, compare, pace, b.created_ms FROM battles b'
        ' JOIN prompts p ON p.id = prompt_id',
        'SELECT %s FROM answers ORDER BY battle_id, turn, round, side' %
        columns,
        'SELECT * FROM votes', 'SELECT * FROM withdrawals',
        'SELECT * FROM ratings', 'SELECT * FROM rating_history',
        'SELECT * FROM pair_counts', 'SELECT * FROM pair_totals',
        'SELECT * FROM reasons',
        'SELECT model_id, n_first, first_ms, n_cost FROM answer_sums',
    ) if rows('a.db', sql) != rows('b.db', sql)]
    tap.ok(not wrong, 'every row came through', *wrong)
    twice = run('import', 'jsonl', path('one.jsonl'), '--db', path('b.db'))
    tap.ok(twice.returncode == 2 and b'already' in twice.stderr and
           rows('b.db', 'SELECT count(*) FROM battles') == [(18,)],
           'the same file counts once', twice)
    rated = run('rate', path('one.jsonl'), '--json')
    boards = [{m['name']: m['rating'] for m in json.loads(x)['models']}
              for x in (rated.stdout, run('leaderboard', '--json', '--db',
                                          path('a.db')).stdout)]
    tap.ok(rated.returncode == 0 and boards[0].keys() == boards[1].keys() and
           all(abs(boards[0][k] - boards[1][k]) < 1e-6 for k in boards[0]),
           'arena rate makes the same ratings of it', rated)


def wrong_bytes():
    """What counts the bytes of a text goes with wrong ones."""
    make_store('d.db')
    con = sqlite3.connect(path('d.db'))
    con.execute("UPDATE answers SET text = CAST(X'61FF62' AS TEXT)"
                " WHERE id = 2")
    con.execute("UPDATE rhythms SET pieces = '5+3'")
    con.execute("UPDATE chances SET tokens = '!#'")
    con.commit()
    con.close()
    write('bytes.jsonl', run('export', 'jsonl', '--db', path('d.db'))
          .stdout.decode())
    remove('e.db')
    done = run('import', 'jsonl', path('bytes.jsonl'), '--db', path('e.db'))
    tap.ok(done.returncode == 0 and
           rows('e.db', "SELECT count(*) FROM answers"
                " WHERE text = 'a\ufffdb'") == [(1,)] and
           rows('e.db', 'SELECT count(*) FROM rhythms') == [(0,)],
           'a text with wrong bytes comes through without its rhythm', done)
    write('odd.jsonl', open(path('one.jsonl')).read()
          .replace('"rhythm":"250', '"rhythm":"250+1 250'))
    remove('e.db')
    done = run('import', 'jsonl', path('odd.jsonl'), '--db', path('e.db'))
    tap.ok(done.returncode == 6 and b'"rhythm" is not of this text' in
           done.stderr, 'a rhythm of another text is refused', done)


def beside_others():
    """Into a store that has battles: numbers move up, and all is whole."""
    remove('c.db')
    for i in range(5):
        run('record', 'm%d' % (i % 3), 'elder', 'a', '--db', path('c.db'))
    done = run('import', 'jsonl', path('one.jsonl'), '--db', path('c.db'))
    check = run('db', 'check', '--db', path('c.db'))
    tap.ok(done.returncode == 0 and check.returncode == 0 and
           rows('c.db', 'SELECT count(*), max(id) FROM battles') ==
           [(23, 23)], 'battles come after those that are there', done, check)
    # The votes have ids of their own; the second file is another one.
    write('more.jsonl', read('one.jsonl').decode() + '\n')
    more = run('import', 'jsonl', path('more.jsonl'), '--db', path('c.db'))
    tap.ok(more.returncode == 0 and b'3 already stored' in more.stdout,
           'votes with an id count once, whatever the file', more)


def battle_line(i, vote=None, **more):
    line = {'battle': i, 'model_a': 'm%d' % (i % 7), 'model_b': 'n%d' % (i % 5),
            'state': 'voted', 'prompt': 'p%d' % (i % 50), 'created_ms': i,
            'answers': [], 'unrated': [],
            'votes': [{'vote': vote or i, 'voter': 'human:v%d' % (i % 9),
                       'winner': ('model_a', 'model_b', 'tie')[i % 3],
                       'created_ms': i, 'elo': [16, 10, 400, 1000]}]}
    line.update(more)
    return json.dumps(line) + '\n'


def wrong_rows():
    good = battle_line(1)
    bad = {
        'another key': battle_line(2, flavour='mint'),
        'no number': battle_line(3, created_ms='today'),
        'no state': battle_line(4, state='won'),
        'self-play': battle_line(5, model_b='m5'),
        'no JSON': '{"battle": 6, "model_a\n',
        'another form': '{"model": "x"}\n',
        'a NUL': battle_line(7, prompt='a\0b'),
        'a list': '[1, 2]\n',
        'a voter': battle_line(8).replace('human:v8', 'v8'),
        'an unknown run': battle_line(9, run='r'),
        'twice': battle_line(10).replace('"state"', '"state": "void", "state"'),
        'a vote twice': battle_line(13, votes=[
            {'voter': 'human:v', 'winner': 'tie', 'created_ms': 1,
             'elo': [16, 10, 400, 1000]}] * 2),
        'no name': battle_line(14, model_a=''),
        'Elo without an end': battle_line(15).replace('[16,', '[1e999,'),
        'Elo that is no number': battle_line(16).replace('[16, 10,',
                                                         '[16, -10,'),
        'a number too large': battle_line(11, created_ms=1e300),
    }
    wrong = []
    for name, line in bad.items():
        remove('w.db')
        text = write('w.jsonl', good + line + battle_line(12))
        result = run('import', 'jsonl', text, '--db', path('w.db'))
        said = result.stderr.decode()
        if (result.returncode != 6 or ':2: ' not in said or
                b'imported 2 battles' not in result.stdout or
                '\x1b' in said or
                run('db', 'check', '--db', path('w.db')).returncode):
            wrong.append((name, result))
    tap.ok(not wrong, '%d wrong rows are named and left out' % len(bad), *wrong)
    remove('w.db')
    text = write('w.jsonl', '\ufeff' + good.replace('\n', '\r\n') +
                 battle_line(2).strip())
    result = run('import', 'jsonl', text, '--db', path('w.db'))
    tap.ok(result.returncode == 0 and b'imported 2' in result.stdout,
           'a byte order mark, CRLF and no last line break are good', result)
    text = write('w.jsonl', '{"type":"arena","schema_version":99,"models":[],'
                 '"runs":[]}\n' + battle_line(2))
    result = run('import', 'jsonl', text, '--db', path('w.db'))
    tap.ok(result.returncode == 1 and b'schema_version 99' in result.stderr,
           'a newer version is refused', result)
    for words, status, word in (
            (['import', 'jsonl', path('none')], 1, b'none'),
            (['import', 'josnl', text], 2, b'did you mean "jsonl"'),
            (['export', 'nothing'], 2, b'there are: jsonl')):
        result = run(*words, '--db', path('a.db'))
        tap.ok(result.returncode == status and word in result.stderr and
               not tap.clear_error(result), ' '.join(words[:2]) + ' says why',
               result)


# It is read twice, so a pipe would give nothing, or never end.
def no_plain_file():
    os.mkfifo(path('pipe'))
    for name in (path('pipe'), tap.scratch, '-'):
        done = run('import', 'csv', name, '--db', path('n.db'))
        tap.ok(done.returncode == 1 and b'is no plain file' in done.stderr,
               'what is no plain file is refused', done)
    done = run('import', 'csv', path('none'), '--db', path('n.db'))
    tap.ok(done.stderr.count(b'none: ') == 1, 'a file is named once', done)


def killed():
    """kill -9 at any moment, and the same command again: the same store."""
    rng = random.Random(5)
    n = 12000
    order = list(range(1, n + 1))
    rng.shuffle(order) # votes in another order than battles
    text = write('k.jsonl', ''.join(battle_line(i, order[i - 1])
                                    for i in range(1, n + 1)))
    remove('whole.db')
    began = time.monotonic()
    run('import', 'jsonl', text, '--db', path('whole.db'))
    took = time.monotonic() - began
    whole = run('export', 'jsonl', '--db', path('whole.db')).stdout
    tap.ok(whole.count(b'\n') == n + 1, 'a file of %d battles' % n)
    wrong = []
    for i in range(40 if tap.long_test else 8):
        remove('k.db')
        for attempt in range(4):
            p = subprocess.Popen([tap.arena, 'import', 'jsonl', text, '--db',
                                  path('k.db')], env=tap.env,
                                 stdout=subprocess.DEVNULL,
                                 stderr=subprocess.DEVNULL)
            try:
                p.wait(rng.uniform(0, took))
            except subprocess.TimeoutExpired:
                p.kill()
                p.wait()
            if os.path.exists(path('k.db')):
                check = run('db', 'check', '--db', path('k.db'))
                if check.returncode:
                    wrong.append((i, attempt, check))
        run('import', 'jsonl', text, '--db', path('k.db'))
        if run('export', 'jsonl', '--db', path('k.db')).stdout != whole:
            wrong.append((i, 'differs'))
    tap.ok(not wrong, 'killed and begun again, nothing is lost or doubled',
           *wrong[:3])


def full_disk():
    """No file may grow behind what the first batch needs."""
    first = 5000
    text = write('f.jsonl', ''.join(battle_line(i) for i in range(1, 16001)))
    write('part.jsonl', ''.join(battle_line(i) for i in range(1, first + 1)))
    remove('part.db', 'f.db')
    run('import', 'jsonl', path('part.jsonl'), '--db', path('part.db'))
    most = os.path.getsize(path('part.db')) * 3 // 2

    def no_room():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    done = subprocess.run([tap.arena, 'import', 'jsonl', text, '--db',
                           path('f.db')], env=tap.env, preexec_fn=no_room,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    check = run('db', 'check', '--db', path('f.db'))
    tap.ok(done.returncode == 7 and
           b'all up to row %d is stored' % first in done.stderr and
           not tap.clear_error(done) and check.returncode == 0 and
           rows('f.db', 'SELECT count(*) FROM votes') == [(first,)],
           'what is stored before the disk is full is said', done, check)
    done = run('import', 'jsonl', text, '--db', path('f.db'))
    tap.ok(done.returncode == 0 and
           b'continued after row %d' % first in done.stdout and
           rows('f.db', 'SELECT count(*) FROM votes') == [(16000,)] and
           run('db', 'check', '--db', path('f.db')).returncode == 0,
           'and the rest comes when there is room', done)


def conversation(side, *turns):
    return [{'side': side, 'turn': i + 1, 'round': 1, 'prompt': p, 'text': t,
             'finish': 'stop'} for i, (p, t) in enumerate(turns)]


def make_votes():
    """A store with one vote of each kind that an export treats in its way."""
    def line(i, answers, verdict, **more):
        vote = {'voter': 'human:ann', 'winner': verdict, 'created_ms': 1000 * i,
                'elo': [16, 10, 400, 1000]}
        vote.update(more.pop('vote', {}))
        rated = not (more.get('compare') or vote.get('seen') or
                     vote.get('leak') or vote.get('withdrawn_by'))
        o = {'battle': i, 'model_a': 'x', 'model_b': 'y', 'state': 'voted',
             'prompt': 'p', 'created_ms': 1000 * i, 'answers': answers,
             'votes': [vote] if rated else [],
             'unrated': [] if rated else [vote]}
        o.update(more)
        return json.dumps(o) + '\n'
    one = conversation('a', ('p', '=1+1')) + conversation('b', ('p', 'no'))
    same = (conversation('a', ('p', 'h'), ('q', 'yes')) +
            conversation('b', ('p', 'h'), ('q', 'no')))
    other = (conversation('a', ('p', 'h'), ('q', 'yes')) +
             conversation('b', ('p', 'i'), ('q', 'no')))
    judge = {'voter': 'judge:j'}
    text = ''.join([
        line(1, one, 'model_a'), line(2, one, 'model_b', category='c'),
        line(3, one, 'tie'), line(4, one, 'tie (bothbad)'),
        line(5, same, 'model_b'), line(6, other, 'model_a'),
        line(7, [], 'model_a'), line(8, one, 'model_a', vote=judge),
        line(9, one, 'model_a', vote={'seen': True}),
        line(10, one, 'model_a', vote={'leak': True}),
        line(11, one, 'model_a', compare=True),
        line(12, one, 'model_a', vote={'withdrawn_by': 'human:ann',
                                       'withdrawn_ms': 5}),
    ])
    remove('v.db')
    done = run('import', 'jsonl', write('v.jsonl', text), '--db', path('v.db'))
    tap.ok(done.returncode == 0 and b'12 battles' in done.stdout,
           'votes of each kind', done)


def export(form, *words):
    result = run('export', form, *words, '--db', path('v.db'))
    return result.stdout.decode(), result.stderr.decode()


def user(*texts):
    roles = ('user', 'assistant')
    return [{'role': roles[i % 2], 'content': t} for i, t in enumerate(texts)]


def answer(text):
    return [{'role': 'assistant', 'content': text}]


def preferences():
    make_votes()
    expected = {
        ('dpo',): [
            {'prompt': 'p', 'chosen': '=1+1', 'rejected': 'no'},
            {'prompt': 'p', 'chosen': 'no', 'rejected': '=1+1'}],
        ('dpo', '--ties', '--conversational', '--voter', 'human:ann'): [
            {'prompt': user('p'), 'chosen': answer('=1+1'),
             'rejected': answer('no'), 'tie': False},
            {'prompt': user('p'), 'chosen': answer('no'),
             'rejected': answer('=1+1'), 'tie': False},
            {'prompt': user('p'), 'chosen': answer('=1+1'),
             'rejected': answer('no'), 'tie': True},
            {'prompt': user('p', 'h', 'q'), 'chosen': answer('no'),
             'rejected': answer('yes'), 'tie': False}],
        ('kto',): [
            {'prompt': 'p', 'completion': '=1+1', 'label': True},
            {'prompt': 'p', 'completion': 'no', 'label': False},
            {'prompt': 'p', 'completion': '=1+1', 'label': False},
            {'prompt': 'p', 'completion': 'no', 'label': True},
            {'prompt': 'p', 'completion': '=1+1', 'label': False},
            {'prompt': 'p', 'completion': 'no', 'label': False}],
        ('sft', '--voter', 'all'): [
            {'messages': user('p', '=1+1')}, {'messages': user('p', 'no')},
            {'messages': user('p', 'h', 'q', 'no')},
            {'messages': user('p', 'h', 'q', 'yes')},
            {'messages': user('p', '=1+1')}],
        ('dpo', '--category', 'c'): [
            {'prompt': 'p', 'chosen': 'no', 'rejected': '=1+1'}],
        ('dpo', '--voter', 'judge'): [
            {'prompt': 'p', 'chosen': '=1+1', 'rejected': 'no'}],
    }
    for words, want in expected.items():
        out, said = export(*words)
        got = [json.loads(x) for x in out.splitlines()]
        tap.ok(got == want, ' '.join(words) + ' gives its rows', got, said)
    out, said = export('dpo')
    for count in ('1 tie\n', '1 vote for both bad', '1 vote of other voters',
                  '1 vote after the names were seen',
                  '1 vote on answers that told their model',
                  '1 vote on a battle with names',
                  '1 vote that was taken back',
                  '1 vote on a battle without stored answers',
                  '2 conversations of several turns'):
        tap.ok('left out: ' + count in said, 'left out: ' + count, said)
    out, said = export('dpo', '--conversational')
    tap.ok('left out: 1 conversation whose earlier turns differ' in said,
           'a history that is not shared gives no pair', said)
    out, said = export('kto', '--category', 'none')
    tap.ok(out == '' and 'warning' not in said, 'no row is no warning', said)
    tap.ok('0 rows, of 0 battles' in said and
           'is of the category "none"' in said,
           'a category that no battle has is named', said)
    out, said = export('kto', '--since', '1970-01-01')
    tap.ok('is of the category' not in said and 'warning' not in said, 'both classes are no warning')
    remove('bad.db')
    bad = battle_line(1, answers=conversation('a', ('p', 's')) +
                      conversation('b', ('p', 't')))
    run('import', 'jsonl', write('bad.jsonl', bad.replace(
        '"model_b", "created_ms"', '"tie (bothbad)", "created_ms"')), '--db',
        path('bad.db'))
    result = run('export', 'kto', '--db', path('bad.db'))
    tap.ok(result.stdout.count(b'false') == 2 and
           b'warning: all rows have the label false' in result.stderr,
           'rows of one class are a warning', result)
    result = run('export', 'dpo', '-o', path('out.jsonl'), '--db', path('v.db'))
    info = json.loads(result.stderr.decode().splitlines()[-1])
    tap.ok(info['out'] == {'file_name': 'out.jsonl', 'ranking': True,
                           'columns': {'prompt': 'prompt', 'chosen': 'chosen',
                                       'rejected': 'rejected'}} and
           read('out.jsonl').count(b'\n') == 2,
           'a file comes with its entry for LLaMA-Factory', result)
    result = run('export', 'dpo', '--conversational', '-o', path('talk.jsonl'),
                 '--db', path('v.db'))
    tap.ok(b'leave out --conversational' in result.stderr,
           'or with the word that it cannot read it', result)
    remove('same.db')
    run('import', 'lmarena', write('same.json', json.dumps(
        [{'question_id': 'q%d' % i, 'model_a': 'x', 'model_b': 'y',
          'winner': w, 'conversation_a': user('p%d' % i, 'same'),
          'conversation_b': user('p%d' % i, 'same')}
         for i, w in enumerate(('model_a', 'tie', 'tie (bothbad)'))])), '--db',
        path('same.db'))
    for words, n, n_rows in ((('dpo',), 1, 0), (('dpo', '--ties'), 2, 0),
                             (('kto',), 1, 2), (('sft',), 0, 1)):
        result = run('export', *words, '--db', path('same.db'))
        said = b'left out: %d pair%s of the same text' % (
            n, b'' if n == 1 else b's')
        tap.ok(result.stdout.count(b'\n') == n_rows and
               (n == 0 or said in result.stderr),
               '%s: pairs of the same text' % ' '.join(words), result)
    remove('turns.db')
    run('import', 'jsonl', write('turns.jsonl', battle_line(
        3, answers=conversation('a', ('p', 'h'), ('q', 'yes')) +
        conversation('b', ('p', 'i'), ('q', 'yes')))), '--db', path('turns.db'))
    result = run('export', 'kto', '--conversational', '--db', path('turns.db'))
    tap.ok(result.stdout.count(b'\n') == 2,
           'the same text behind other turns is another answer', result)
    for form, word in (('csv', '--ties'), ('kto', '--ties'),
                       ('lmarena', '--conversational')):
        result = run('export', form, word, '--db', path('v.db'))
        tap.ok(result.returncode == 2 and tap.clear_error(result) is None and
               b'leave it out of ' + form.encode() in result.stderr,
               '%s has no use for %s' % (form, word), result)
    try:
        import datasets
    except ImportError:
        return tap.skip('datasets loads the files',
                        'the Python package datasets is not installed')
    rows = datasets.load_dataset('json', data_files=path('out.jsonl'))
    tap.ok(rows['train'].num_rows == 2, 'datasets loads the file')


def tables():
    out, said = export('csv')
    lines = out.split('\r\n')
    tap.ok(lines[0] == 'battle_id,model_a,model_b,winner,voter,category,prompt,'
           'answer_a,answer_b,turns,created_ms' and
           lines[1] == '1,"x","y","model_a","human:ann","","p","\'=1+1","no",1,'
           '1000' and len(lines) == 10,
           'CSV, in which no cell is a formula', lines)
    write('v.csv', out.replace('2,"h"', ''))
    keep = ''.join(x + '\r\n' for x in lines if ',2,' not in x[-8:])
    remove('csv.db')
    done = run('import', 'csv', write('v.csv', keep), '--db', path('csv.db'))
    again = run('export', 'csv', '--db', path('csv.db')).stdout.decode()
    def cells(text):
        return [x.split(',', 1)[1] for x in text.split('\r\n') if x]
    tap.ok(done.returncode == 0 and cells(again) == cells(keep),
           'CSV comes back as it was', done)
    odd = ("model_a;winner;model_b;prompt;answer_a;answer_b\n"
           "x;model_a;y;p;'=a;''@b\n")
    remove('odd.db')
    run('import', 'csv', write('odd.csv', odd), '--db', path('odd.db'))
    tap.ok(rows('odd.db', 'SELECT text FROM answers ORDER BY side') ==
           [('=a',), ("'@b",)], 'one quote is taken away')
    remove('odd.db')
    done = run('import', 'csv', write('odd.csv', '\ufeff\r\nsep=;\r\n' + odd),
               '--db', path('odd.db'))
    tap.ok(done.returncode == 0 and b'imported 1 battle with' in done.stdout,
           'a byte order mark and what stands before a header pass by', done)
    for text, word in (('model_a,model_b\nx,y\n', 'no column winner'),
                       ('model_a,model_b,winner,lang\nx,y,tie,en\n',
                        'column "lang"'), ('', 'no header')):
        remove('odd.db')
        result = run('import', 'csv', write('odd.csv', text), '--db',
                     path('odd.db'))
        tap.ok(result.returncode == 1 and word in result.stderr.decode() and
               not tap.clear_error(result), 'a table with ' + word, result)
    text = ('model_a,model_b,winner,turns\nx,y,won,1\nx,y,tie\nx,x,tie,1\n'
            'x,y,tie,2\nx,\xff,tie,1\nx,y,tie,1\n')
    remove('odd.db')
    with open(path('odd.csv'), 'wb') as f:
        f.write(text.encode('latin-1'))
    result = run('import', 'csv', path('odd.csv'), '--db', path('odd.db'))
    said = result.stderr.decode()
    tap.ok(result.returncode == 6 and all(':%d: ' % n in said
                                          for n in range(2, 7)) and
           b'imported 1 battle with' in result.stdout,
           'wrong rows of a table are named', result)
    text = 'model_a,model_b,winner\n"x,b,model_a\n' + 'x,y,model_b\n' * 3
    remove('odd.db')
    result = run('import', 'csv', write('odd.csv', text), '--db',
                 path('odd.db'))
    rated = json.loads(run('rate', path('odd.csv'), '--json').stdout)
    tap.ok(result.returncode == 6 and b'imported 3 battles' in result.stdout and
           result.stderr.count(b'\n') == 2 and
           b':2: a quote that is never closed' in result.stderr and
           rated['n_votes'] == 3 and rated['excluded']['rejected'] == 1,
           'a stray quote costs its row only, as in rate', result, rated)


def lmarena():
    out, said = export('lmarena')
    votes = json.loads(out)
    tap.ok(len(votes) == 8 and votes[4] == {
        'question_id': 'arena-5000-5', 'model_a': 'x', 'model_b': 'y',
        'winner': 'model_b', 'judge': 'human:ann',
        'conversation_a': user('p', 'h', 'q', 'yes'),
        'conversation_b': user('p', 'h', 'q', 'no'), 'turn': 2, 'anony': True,
        'tstamp': 5}, 'Chatbot Arena\'s form', votes[4])
    remove('lm.db')
    done = run('import', 'lmarena', write('lm.json', out), '--db',
               path('lm.db'))
    wrong = [x for x in ('SELECT side, turn, prompt, text FROM answers',
                         'SELECT model_a, model_b, state FROM battles')
             if sorted(rows('lm.db', x)) != sorted(rows('v.db', x + (
                 ' WHERE %s < 9' % ('battle_id' if 'answers' in x else 'id'))))]
    tap.ok(done.returncode == 0 and not wrong, 'is imported with its texts',
           done, *wrong)
    boards = [json.loads(run('leaderboard', '--json', '--db', path(db)).stdout)
              for db in ('lm.db', 'v.db')]
    tap.ok([m['rating'] for m in boards[0]['models']] ==
           [m['rating'] for m in boards[1]['models']],
           'and gives the same leaderboard')
    again = run('import', 'lmarena', write('lm2.json', out + ' '), '--db',
                path('lm.db'))
    tap.ok(again.returncode == 0 and b'8 already stored' in again.stdout,
           'a question counts once', again)
    newer = [{'id': 'n1', 'model_a': 'x', 'model_b': 'y', 'winner': 'both_bad',
              'judge_hash': 'abc', 'conversation_a': [
                  {'role': 'user', 'content': [{'type': 'text', 'text': 'p'}]},
                  {'role': 'assistant',
                   'content': [{'type': 'text', 'text': 'a'},
                               {'type': 'text', 'text': 'b'}]}],
              'conversation_b': user('p', 'z')},
             {'id': 'n2', 'model_a': 'x', 'model_b': 'y', 'winner': 'model_a',
              'anony': False, 'conv_a': user('p', 'k'),
              'conv_b': user('p', 'l')},
             {'id': 'n3', 'model_a': 'x', 'model_b': 'y', 'winner': 'model_a',
              'conversation_a': [{'role': 'tool', 'content': 'p'}],
              'conversation_b': []}]
    remove('lm.db')
    done = run('import', 'lmarena', write('lm.json', json.dumps(newer)), '--db',
               path('lm.db'))
    tap.ok(done.returncode == 6 and b'imported 2' in done.stdout and
           rows('lm.db', "SELECT verdict, voter FROM votes ORDER BY id") ==
           [('bad', 'human:abc'), ('a', 'human:unknown')] and
           rows('lm.db', 'SELECT text FROM answers WHERE id = 1') ==
           [('ab',)] and
           rows('lm.db', 'SELECT sum(n_a + n_bad) FROM pair_totals') == [(1,)],
           'newer shapes are read; battles with names are not rated', done)


def names_again():
    """Of two columns of one name one would be lost."""
    for form, header in (
            ('csv', 'model_a,model_b,winner,Winner'),
            ('csv', 'model_a,model_b,winner, model_b '),
            ('lmarena', 'model_a,model_b,winner_model_a,winner_model_b,'
                        'winner_tie,winner_tie')):
        done = run('import', form, write('again.csv', header + '\nx,y,1\n'),
                   '--db', path('again.db'))
        tap.ok(done.returncode == 1 and
               b'again.csv: two columns are called "' in done.stderr and
               tap.clear_error(done) is None,
               '%s: a second column of a name is refused' % form, done)


names_again()
round_trip()
preferences()
tables()
lmarena()
beside_others()
wrong_bytes()
wrong_rows()
no_plain_file()
killed()
full_disk()
tap.done()
