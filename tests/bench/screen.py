#!/usr/bin/env python3
"""What a person waits for with many battles stored: start to first screen, the
leaderboard, the history; and a key to what it shows while two answers stream.
Prints medians and 99th percentiles in ms, of a program on a pseudo-terminal.

    screen.py ARENA [BATTLES]"""
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time

from terminal import Terminal, tell

arena = os.path.abspath(sys.argv[1])
n_battles = int(sys.argv[2]) if len(sys.argv) > 2 else 100000
folder = tempfile.mkdtemp(prefix='arena-bench.')
config, db = (os.path.join(folder, f) for f in ('arena.json', 'arena.db'))


def fill():
    """Two models, and battles that all have a vote."""
    subprocess.run([arena, '--db', db, 'record', 'first', 'second', 'a'],
                   check=True, stdout=subprocess.DEVNULL)
    con = sqlite3.connect(db)
    con.executescript('''
        WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL
            SELECT i + 1 FROM n WHERE i < %d)
        INSERT INTO prompts (id, text, category, created_ms)
            SELECT i + 10, 'prompt ' || i, 'c', i FROM n;
        INSERT INTO battles (id, prompt_id, model_a, model_b, state, compare,
                             pace, created_ms)
            SELECT id - 10, id, 1, 2, 'voted', 0, 'equal', id FROM prompts
            WHERE id > 10;
        INSERT INTO votes (battle_id, verdict, voter, attempt, seen, early,
                           leak, elo_id, created_ms)
            SELECT id, CASE id %% 3 WHEN 0 THEN 'a' WHEN 1 THEN 'b'
                ELSE 'tie' END, 'human:me', 1, 0, 0, 0, 1, created_ms
            FROM battles WHERE id > 1;''' % n_battles)
    con.commit()
    con.close()
    subprocess.run([arena, '--db', db, 'db', 'rebuild'], check=True,
                   stdout=subprocess.DEVNULL)
    with open(config, 'w') as f:
        json.dump({'confirm_vote': True, 'models': [
            {'name': name, 'backend': 'replay', 'script': 'replay.json',
             'id': name} for name in ('first', 'second')]}, f)
    with open(os.path.join(folder, 'replay.json'), 'w') as f:
        json.dump({'chunk': 8, 'delay_ms': 20,
                   'answers': [{'text': 'some words of an answer\n' * 4000}]},
                  f)


try:
    fill()
    starts, boards, courses, voters, histories, keys = ([] for _ in range(6))
    for _ in range(11):
        t = Terminal(folder, arena, '--config', config, '--db', db)
        starts.append(t.wait(b'Your prompt'))
        t.press(b'\x1b', b'goes on writing')
        boards.append(t.press(b'l', b'95%'))
        courses.append(t.press(b'\r', b', was '))
        t.press(b'\x1b', b'95%')
        t.press(b'w', b'human:me')
        t.press(b'me', b'me')
        voters.append(t.press(b'\r', b'Only votes'))
        t.press(b'\x1b', b'Your prompt')
        histories.append(t.press(b'H', b'prompt'))
        t.close()
    t = Terminal(folder, arena, '--config', config, '--db', db)
    t.wait(b'Your prompt')
    t.press(b'go on\r', b'answering')
    for i in range(200):
        keys.append(t.press(b'V', b'V') if i % 2 else t.press(b'Z', b'Z'))
        time.sleep(0.013)  # the key meets a frame at any place
    t.close()
    print('%d battles, a terminal of 80x24:' % n_battles)
    tell('start to the first screen', starts)
    tell('leaderboard', boards)
    tell('course of a rating', courses)
    tell("leaderboard of one person's votes", voters)
    tell('history', histories)
    tell('a key while two answers stream', keys)
finally:
    shutil.rmtree(folder)
