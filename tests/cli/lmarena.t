#!/usr/bin/env python3
"""Chatbot Arena's logs in each shape that was published, and as people have
them: what is read is read as it is meant, what is not is said."""
import json
import os
import sqlite3
import sys

sys.path.insert(0, 'tests')
import tap

DB = os.path.join(tap.scratch, 'o.db')


def talk(*texts):
    return [{'role': ('user', 'assistant')[i % 2], 'content': t}
            for i, t in enumerate(texts)]


def battle(**more):
    o = {'question_id': 'q1', 'model_a': 'm', 'model_b': 'n',
         'winner': 'model_a', 'judge': 'u1', 'conversation_a': talk('p', 'a'),
         'conversation_b': talk('p', 'b'), 'anony': True,
         'tstamp': 1700000000.5}
    o.update(more)
    return {k: v for k, v in o.items() if v != 'ABSENT'}


def read(text):
    """Imports a file with this text: its result, and what is stored."""
    for name in (DB, DB + '-wal', DB + '-shm'):
        if os.path.exists(name):
            os.remove(name)
    path = os.path.join(tap.scratch, 'log')
    with open(path, 'w', newline='') as f:
        f.write(text)
    done = tap.run('import', 'lmarena', path, '--db', DB)
    with sqlite3.connect(DB) as db:
        votes = list(db.execute(
            'SELECT v.verdict, v.voter, b.compare, v.created_ms FROM votes v'
            ' JOIN battles b ON b.id = v.battle_id ORDER BY v.id'))
        texts = list(db.execute(
            'SELECT side, turn, prompt, text FROM answers ORDER BY battle_id,'
            ' side, turn'))
    return done, votes, texts


def one(o):
    return read(json.dumps([o]))


PLAIN = ([('a', 'human:u1', 0, 1700000000500)],
         [(0, 1, 'p', 'a'), (1, 1, 'p', 'b')])

# The raw log: votes between chats; what stands before the offset is examples.
state = {'model_name': 'm', 'conv_id': 'c1', 'offset': 2,
         'messages': [['U', 'x'], ['A', 'y'], ['U', 'p'], ['A', 'a']]}
raw = {'type': 'leftvote', 'tstamp': 1700000000.5, 'models': ['', ''],
       'ip': 'u1', 'states': [state, {
           'model_name': 'n', 'conv_id': 'c2', 'offset': 0,
           'messages': [['U', 'p'], ['A', 'b']]}]}
done, *stored = read('\n'.join(json.dumps(o) for o in (
    raw, dict(raw, type='chat'), {'type': 'upvote', 'states': [state]})))
tap.ok(done.returncode == 0 and stored == list(PLAIN) and
       b'2 rows that are not a battle' in done.stdout, 'the raw log', done,
       stored)
done, votes, _ = read(json.dumps(dict(raw, models=['m', 'n'])))
tap.ok([v[2] for v in votes] == [1] and b'knew the names' in done.stderr,
       'a battle with names in it is not rated', done, votes)
del state['messages'][-1]
done, votes, _ = read(json.dumps(raw))
tap.ok(done.returncode == 6 and not votes, 'one without an answer is refused',
       done)

# 55k battles: a table, texts in lists.
done, votes, texts = read(
    'id,model_a,model_b,prompt,response_a,response_b,winner_model_a,'
    'winner_model_b,winner_tie\r\n'
    '1,m,n,"[""p"",""q""]","[""a"",""=b""]","[""c"",null]",0,1,0\r\n'
    '2,m,n,"[""r""]","[""d""]","[""e\nf""]",0,0,1\r\n'
    '3,m,n,"[""s""]","[""d""]","[""e""]",0,0,0\r\n'
    '4,m,n,"[""s""]","[""d"",""g""]","[""e""]",0,0,1\r\n')
tap.ok([v[0] for v in votes] == ['b', 'tie'] and texts == [
    (0, 1, 'p', 'a'), (0, 2, 'q', '=b'), (1, 1, 'p', 'c'), (1, 2, 'q', ''),
    (0, 1, 'r', 'd'), (1, 1, 'r', 'e\nf')], 'the table of 55k', votes, texts)
tap.ok(done.returncode == 6 and b':5: not one of winner_' in done.stderr and
       b':6: not as many answers as prompts' in done.stderr,
       'whose wrong rows are named', done)
done, votes, _ = read('a,b,c\n1,2,3\n')
tap.ok(done.returncode == 1 and b'neither JSON nor a table' in done.stderr,
       'another table is refused', done)

# The newer sets.
part = [{'type': 'text', 'text': 'p', 'image': None}]
done, votes, texts = one(battle(
    question_id='ABSENT', judge='ABSENT', tstamp='ABSENT', anony='ABSENT',
    id='x', evaluation_session_id='u1', winner='both_bad',
    timestamp='2023-11-14 22:13:20.5',
    conversation_a=[{'role': 'user', 'content': part}] + talk('p', 'a')[1:]))
tap.ok(votes == [('bad', 'human:u1', 0, 1700000000500)] and
       texts == PLAIN[1], 'the set of 140k', done, votes, texts)

for what, more in (
        ('conversations in texts', {
            'conversation_a': json.dumps(talk('p', 'a')),
            'conversation_b': json.dumps(talk('p', 'b'))}),
        ('a time as a text', {'tstamp': '1700000000.5'}),
        ('a time in milliseconds', {'tstamp': 1700000000500}),
        ('a time with a zone', {'tstamp': '2023-11-14T23:13:20.500+01:00'}),
        ('a winner by name', {'winner': ' m '}),
        ('a judge in a list', {'judge': ['u1', 'pair']})):
    done, *stored = one(battle(**more))
    tap.ok(done.returncode == 0 and stored == list(PLAIN), what, done, stored)
for value in ('False', 0, 'no', False):
    done, votes, _ = one(battle(anony=value))
    tap.ok([v[2] for v in votes] == [1], 'names known: anony is %r' % value,
           done, votes)

for why, more in (
        ('neither yes nor no', {'anony': 'perhaps'}),
        ('asked different things', {'conversation_b': talk('z', 'b')}),
        ('not texts of user and assistant', {
            'conversation_a': talk('p', 'a', 'q')}),
        ('not texts of user and assistant', {'conversation_a': 'p: a'}),
        ('not texts of user and assistant', {'conversation_a': [
            {'role': 'user', 'content': [{'type': 'image'}]}] +
            talk('p', 'a')[1:]}),
        ('a label and the name of the other', {'model_b': 'model_a'}),
        ("unknown winner label 'x'", {'winner': 'x'})):
    done, votes, _ = one(battle(**more))
    tap.ok(done.returncode == 6 and not votes and why.encode() in done.stderr,
           'refused: ' + why, done, votes)

for why, more in (('verdict that', {'winner': None}),
                  ('time that cannot be read', {'tstamp': 'today'}),
                  ('weight of a row (it', {'weight': 3})):
    done, votes, _ = one(battle(**more))
    tap.ok(done.returncode == 0 and len(votes) == (why != 'verdict that') and
           b'not kept: 1 ' + why.encode() in done.stderr,
           'counted: ' + why, done, votes)
done, votes, _ = read(json.dumps([battle(question_id=i) for i in (7, 7, 8)]))
tap.ok(len(votes) == 2 and b'1 already stored' in done.stdout,
       'a number is an id too', done)
done, votes, _ = read('[' + json.dumps(battle()) + ',\n')
tap.ok(done.returncode == 6 and len(votes) == 1 and
       b'the list has no end: the file is cut off' in done.stderr,
       'a list that is cut off between two battles', done)
tap.done()
