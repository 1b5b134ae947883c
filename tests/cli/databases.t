#!/usr/bin/env python3
"""Databases that are damaged, foreign, newer, hostile or cannot be written:
each gives one clear line and the right status, and is not made worse."""
import os
import random
import shutil
import sqlite3
import subprocess
import sys

sys.path.insert(0, 'tests')
import tap

DATABASE = 7 # the exit status
rng = random.Random(3)
db = os.path.join(tap.scratch, 'arena.db')
good = os.path.join(tap.scratch, 'good.db')

READS = [['leaderboard'], ['leaderboard', '--method', 'elo'],
         ['leaderboard', '--since', '2000-01-01', '--json'],
         ['history', '--search', 'word'], ['history', '--json'],
         ['show', '1'], ['db', 'check']]
WRITES = [['record', 'm1', 'm2', 'a'], ['undo'], ['db', 'rebuild']]


def make_good():
    for i in range(12):
        tap.run('record', 'm%d' % (i % 3), 'n%d' % (i % 4), 'a',
                '--category', 'c%d' % (i % 2), '--id', 'k%d' % i, '--db', good)
    tap.run('undo', '--db', good)
    con = sqlite3.connect(good)
    con.execute("UPDATE prompts SET text = 'a word' WHERE id = 1")
    con.execute("INSERT INTO answers VALUES (1, 1, 1, 1, 0, 'a word',"
                " 'an answer', '', '', 'stop', 0, '', 1, 1, 0, NULL, 0, 1, 1,"
                " '')")
    con.commit()
    con.close()
    tap.run('db', 'rebuild', '--db', good)


def read_bytes(path):
    with open(path, 'rb') as f:
        return f.read()


def put(content):
    for end in ('', '-journal', '-wal', '-shm'):
        if os.path.exists(db + end):
            os.unlink(db + end)
    with open(db, 'wb') as f:
        f.write(content)


def try_all(content, commands, statuses):
    """None of the commands ends by a signal, hangs or says nothing."""
    wrong = []
    for words in commands:
        put(content)
        try:
            result = tap.run(*words, '--db', db, timeout=20)
        except subprocess.TimeoutExpired:
            wrong.append((words, 'hangs'))
            continue
        why = tap.clear_error(result)
        if why or result.returncode not in statuses:
            wrong.append((words, why, result.returncode, result.stderr))
    return wrong


def damaged_cases():
    whole = read_bytes(good)
    page = 4096
    for n in (1, 15, 16, 50, 99, 100, 101, page - 1, page, page + 1,
              2 * page, len(whole) // 2, len(whole) - page, len(whole) - 1):
        yield 'cut to %d bytes' % n, whole[:n]
    for at in (16, 18, 20, 24, 28, 32, 36, 40, 44, 56, 100, 103, 105, 108):
        yield 'header byte %d' % at, whole[:at] + b'\xff' + whole[at + 1:]
    for i in range(1, len(whole) // page):
        yield 'page %d is zeros' % (i + 1), (whole[:i * page] + bytes(page) +
                                             whole[(i + 1) * page:])
        yield 'page %d is noise' % (i + 1), (
            whole[:i * page] + rng.randbytes(page) + whole[(i + 1) * page:])


def damage_is_told():
    wrong, n = [], 0
    for name, content in damaged_cases():
        n += 1
        words = READS + WRITES
        if not tap.long_test:
            words = rng.sample(words, 3)
        for why in try_all(content, words, (0, 2, DATABASE)):
            wrong.append((name, why))
    tap.ok(not wrong, '%d kinds of damage: one clear line or none needed' % n,
           *wrong[:5])
    whole = read_bytes(good)
    silent = [n for n in range(512, len(whole), 4096)
              if try_all(whole[:n], [['db', 'check']], (DATABASE,))]
    tap.ok(not silent, 'a check sees every cut', silent)


def random_bytes(n):
    whole = read_bytes(good)
    wrong = []
    for i in range(n):
        content = bytearray(whole)
        for _ in range(rng.randrange(1, 30)):
            content[rng.randrange(100, len(content))] = rng.randrange(256)
        words = [rng.choice(READS), rng.choice(WRITES)]
        for why in try_all(bytes(content), words, (0, 2, DATABASE)):
            wrong.append((i, why))
    tap.ok(not wrong, '%d files with random bytes' % n, *wrong[:5])


def untouched(content, word, name):
    wrong = []
    for words in READS + WRITES:
        put(content)
        result = tap.run(*words, '--db', db)
        if (result.returncode != DATABASE or tap.clear_error(result) or
                word not in result.stderr or read_bytes(db) != content or
                os.path.exists(db + '-journal')):
            wrong.append((words, result.returncode, result.stderr))
    tap.ok(not wrong, name, *wrong[:5])


def others_files():
    whole = read_bytes(good)
    untouched(whole[:60] + b'\0\0\0\x63' + whole[64:], b'newer version',
              'a newer database is not touched')
    untouched(whole[:68] + b'GPKG' + whole[72:], b'another program',
              'a foreign application_id is not touched')
    untouched(b'not a database, but a text\n' * 100, b'not a database',
              'a text is not touched')


def sql(script):
    put(read_bytes(good))
    con = sqlite3.connect(db)
    con.executescript(script)
    con.commit()
    con.close()
    return read_bytes(db)


def hostile():
    ddl = 'PRAGMA writable_schema=ON;'
    evil = "'\x1b]0;owned\x07\x1b[2J\u202e'"
    cases = {
        'a trigger': 'CREATE TRIGGER t BEFORE INSERT ON votes BEGIN'
                     ' DELETE FROM battles; END',
        'a view for a table': 'DROP TABLE withdrawals;'
                              'CREATE VIEW withdrawals AS SELECT 1 vote_id',
        'another table': 'DROP TABLE ratings; CREATE TABLE ratings (model_id,'
                         ' elo, n_votes)',
        'a virtual table': 'DROP TABLE ratings; CREATE VIRTUAL TABLE ratings'
                           ' USING fts5 (model_id, elo, n_votes)',
        'a view of itself': 'DROP TABLE ratings; CREATE VIEW ratings AS'
                            ' SELECT * FROM ratings',
        'a name with escapes': 'CREATE TRIGGER ' + evil.replace("'", '"') +
                               ' AFTER INSERT ON votes BEGIN SELECT 1; END',
    }
    wrong = []
    for name, script in cases.items():
        for why in try_all(sql(script), READS + WRITES, (DATABASE,)):
            wrong.append((name, why))
    tap.ok(not wrong, 'schemas that are not ours are refused', *wrong[:5])
    wrong = []
    values = {
        'names with escapes': "UPDATE models SET name = name || " + evil,
        'a prompt with escapes': "UPDATE prompts SET text = " + evil +
                                 " || id, category = " + evil + " || id",
        'huge text': "UPDATE prompts SET text = hex(zeroblob(4000000))"
                     " WHERE id = 1",
        'no text': "PRAGMA ignore_check_constraints=ON;"
                   "UPDATE models SET name = ''  WHERE id = 1",
        'a verdict of its own': "PRAGMA ignore_check_constraints=ON;"
                                "UPDATE votes SET verdict = 'c'",
        'a state of its own': "PRAGMA ignore_check_constraints=ON;"
                              "UPDATE battles SET state = 'won'",
        'a battle with itself': "PRAGMA ignore_check_constraints=ON;"
                                "UPDATE battles SET model_b = model_a;"
                                "DELETE FROM pair_counts;"
                                "DELETE FROM pair_totals",
        'counts below zero': "PRAGMA ignore_check_constraints=ON;"
                             "UPDATE pair_counts SET n_a = -5;"
                             "UPDATE pair_totals SET n_a = -5",
        'counts beyond reason': "UPDATE pair_totals SET n_a ="
                                " 9223372036854775807",
        'rows of no battle': "DELETE FROM battles",
        'rows of no model': "DELETE FROM models",
        'ratings beyond reason': "UPDATE ratings SET elo = 9e999;"
                                 "UPDATE elo_params SET k = -9e999",
        'ids at the end': "UPDATE votes SET id = 9223372036854775807"
                          " WHERE id = 12",
    }
    for name, script in values.items():
        for why in try_all(sql(script), READS + WRITES, (0, 1, 2, DATABASE)):
            wrong.append((name, why))
        for words in READS:
            result = tap.run(*words, '--db', db)
            if b'\x1b' in result.stdout or '\u202e'.encode() in result.stdout:
                wrong.append((name, words, 'escapes come through'))
    tap.ok(not wrong, 'values that cannot be are survived', *wrong[:5])


def sealed():
    """Looking back at a battle without a vote tells no more than the texts."""
    canaries = ['zorblax9', 'quuxly7', 'settings-canary', 'thought-canary',
                'request-canary', '4711', 'error-canary']
    put(sql("UPDATE models SET name = 'zorblax9' WHERE id ="
            " (SELECT model_a FROM battles WHERE id = 1);"
            "UPDATE models SET name = 'quuxly7' WHERE id ="
            " (SELECT model_b FROM battles WHERE id = 1);"
            "UPDATE answers SET settings = 'settings-canary', thinking ="
            " 'thought-canary', request_id = 'request-canary', n_out = 4711,"
            " total_ms = 4711, error = 'error-canary';"
            "INSERT INTO withdrawals VALUES (1, 'human:me', 0);"
            "UPDATE battles SET state = 'ready' WHERE id = 1"))
    told = []
    for words in (['show', '1'], ['show', '1', '--json'],
                  ['history', '--unvoted'], ['history', '--search', 'word'],
                  ['history', '--json', '--unvoted']):
        result = tap.run(*words, '--db', db)
        text = (result.stdout + result.stderr).decode()
        told += [(words, c) for c in canaries if c in text]
        if result.returncode or 'a word' not in text:
            told.append((words, result))
    tap.ok(not told, 'a battle without a vote keeps its names', *told)


def limits():
    """A limit on the size of files stands for a full disk: writes fail."""
    wrong = []
    for blocks in (0, 1, 4, 9, 17, 40, 100, 200, 280):
        put(read_bytes(good))
        result = subprocess.run(
            ['sh', '-c', 'ulimit -f %d; shift; exec "$@"' % blocks, 'sh', '-',
             tap.arena, 'record', 'new', 'm1', 'a', '--id', 'after', '--db',
             db], env=tap.env, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
        why = tap.clear_error(result)
        con = sqlite3.connect(db)
        n = con.execute("SELECT count(*) FROM votes WHERE external_id ="
                        " 'after'").fetchone()[0]
        con.close()
        again = tap.run('record', 'new', 'm1', 'a', '--id', 'after', '--db',
                        db)
        check = tap.run('db', 'check', '--db', db)
        if (why or result.returncode not in (0, DATABASE) or
                n != (result.returncode == 0) or again.returncode or
                check.returncode):
            wrong.append((blocks, why, n, result, again, check))
    tap.ok(not wrong, 'where files may not grow, nothing is half stored',
           *wrong[:3])
    put(read_bytes(good))
    wrong = []
    for n in range(3, 12):
        result = subprocess.run(
            ['sh', '-c', 'ulimit -n %d; shift; exec "$@"' % n, 'sh', '-',
             tap.arena, 'record', 'm1', 'm2', 'a', '--db', db],
            env=tap.env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, timeout=60)
        if result.returncode == 127: # not even libraries could be loaded
            continue
        why = tap.clear_error(result)
        if why or (result.returncode == 0) != (b'recorded' in result.stdout):
            wrong.append((n, why, result))
    tap.ok(not wrong, 'few descriptors are an error or enough', *wrong[:3])
    tap.ok(tap.run('db', 'check', '--db', db).returncode == 0,
           'and the database is whole')


def read_only():
    """Whoever may only read, reads; root would be let through."""
    put(read_bytes(good))
    os.chmod(db, 0o444)
    os.chmod(tap.scratch, 0o555)
    become = {'user': 65534, 'group': 65534} if os.geteuid() == 0 else {}
    try:
        probe = subprocess.run(['test', '-x', tap.arena, '-a', '-r', db],
                               **become)
        if probe.returncode != 0:
            return tap.skip('read-only', 'nobody else can reach this folder')
        read = tap.run('leaderboard', '--db', db, **become)
        wrote = tap.run('record', 'm1', 'm2', 'a', '--db', db, **become)
    finally:
        os.chmod(tap.scratch, 0o755)
        os.chmod(db, 0o644)
    tap.ok(read.returncode == 0 and b'm1' in read.stdout,
           'a read-only database is read', read)
    tap.ok(wrote.returncode == DATABASE and b'read-only' in wrote.stderr and
           not tap.clear_error(wrote), 'and not written', wrote)


make_good()
damage_is_told()
random_bytes(2000 if tap.long_test else 100)
others_files()
hostile()
sealed()
limits()
read_only()
tap.done()
