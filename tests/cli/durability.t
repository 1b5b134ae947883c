#!/usr/bin/env python3
"""Votes that were acknowledged are there, once, whatever happened to the
programs that gave them.  ARENA_TEST_LONG=1: as long as before a release."""
import json
import os
import random
import struct
import sys
import time

sys.path.insert(0, 'tests')
import tap

rng = random.Random(20261124)


def db_of(name):
    return os.path.join(tap.scratch, name + '.db')


def some_vote():
    verdict = rng.choice(['a', 'b', 'tie', 'bad'])
    return ['m%d' % rng.randrange(4), 'n%d' % rng.randrange(4), verdict]


def record(db, key, *more, vote=None, **options):
    return tap.start('record', *(vote or some_vote()), '--id', key,
                     '--db', db, *more, **options)


def stored_ids(db):
    result = tap.run('history', '--json', '-n', '1000000', '--db', db)
    return [row['id'] for row in json.loads(result.stdout)]


def whole(db, name):
    result = tap.run('db', 'check', '--db', db)
    tap.ok(result.returncode == 0, name, result.stdout, result.stderr)


def acknowledged(process):
    out, err = process.communicate()
    return out.startswith(b'recorded')


# --- kill -9 -----------------------------------------------------------------

def typical_seconds(db):
    times = []
    for i in range(5):
        begin = time.monotonic()
        record(db, 'warm-%d' % i).communicate()
        times.append(time.monotonic() - begin)
    return sorted(times)[2]


def kill_cycles(n):
    """A ledger of what was acknowledged is kept here, outside the programs;
    each cycle kills its writers at a random moment of their work."""
    db = db_of('killed')
    seconds = typical_seconds(db)
    acked, started = set(), set('warm-%d' % i for i in range(5))
    n_cut = 0
    for cycle in range(n):
        keys = ['c%d-w%d' % (cycle, w) for w in range(1 + cycle % 8)]
        writers = [record(db, key) for key in keys]
        # Not a wait for something: the moment of the kill is the test.
        time.sleep(rng.uniform(0, 3) * seconds)
        for writer in writers:
            writer.kill()
        for key, writer in zip(keys, writers):
            started.add(key)
            if acknowledged(writer):
                acked.add(key)
            else:
                n_cut += 1
    stored = stored_ids(db)
    tap.ok(len(stored) == len(set(stored)), 'kills double no vote')
    tap.ok(acked <= set(stored), 'kills lose no acknowledged vote',
           sorted(acked - set(stored))[:10])
    tap.ok(set(stored) <= started, 'kills make no vote up')
    tap.ok(0 < n_cut and 0 < len(acked), 'some were cut off, some not',
           n_cut, len(acked))
    whole(db, 'after %d kills the database is whole' % n)


# --- many at once --------------------------------------------------------------

def concurrent_writers(n_writers, n_votes):
    db = db_of('concurrent')
    failures = []
    todo = [['w%d-%d' % (w, i) for i in range(n_votes)]
            for w in range(n_writers)]
    running = {}
    readers = []
    while any(todo) or running:
        for w in range(n_writers):
            if w in running and running[w].poll() is not None:
                if not acknowledged(running[w]):
                    failures.append(running[w].returncode)
                del running[w]
            if w not in running and todo[w]:
                running[w] = record(db, todo[w].pop())
        readers = [r for r in readers if r.poll() is None or
                   r.returncode and failures.append(r.communicate()[1])]
        if not readers and os.path.exists(db) and os.path.getsize(db):
            readers.append(tap.start('leaderboard', '--db', db))
        if running: # until one of them has ended
            os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOWAIT)
    for reader in readers:
        if reader.wait() != 0:
            failures.append(reader.communicate()[1])
    tap.ok(not failures, '%d voters and readers at once: none fails'
           % n_writers, *failures[:5])
    tap.ok(len(stored_ids(db)) == n_writers * n_votes, 'no vote is lost')
    whole(db, 'and the database is whole')


def same_id(n_ids, n_times):
    db = db_of('same')
    replies, failures = [], []
    for i in range(n_ids):
        vote = some_vote()
        processes = [record(db, 'key-%d' % i, '--json', vote=vote)
                     for _ in range(n_times)]
        for process in processes:
            out, err = process.communicate()
            if process.returncode == 0:
                replies.append(json.loads(out))
            else:
                failures.append(err)
    tap.ok(not failures, '%d at once make and use one database' % n_times,
           *failures[:5])
    first = [r for r in replies if not r['duplicate']]
    tap.ok(len(first) == n_ids and len(replies) == n_ids * n_times,
           'the same id %d times at once counts once' % n_times, replies[:3])
    tap.ok(sorted(stored_ids(db)) == sorted('key-%d' % i for i in
                                            range(n_ids)), 'each is stored')
    board = json.loads(tap.run('leaderboard', '--json', '--db', db).stdout)
    tap.ok(board['n_votes'] == n_ids, 'and rated once', board['n_votes'])


def killed_as_it_was_made():
    """The state that a kill leaves between the first page of a new database
    and the last: one page, and a journal that takes all of them back."""
    db = db_of('half')
    record(db, 'first', vote=some_vote()).wait()
    with open(db, 'r+b') as f:
        page = int.from_bytes(f.read(18)[16:18], 'big')
        f.truncate(page)
    header = b'\xd9\xd5\x05\xf9\x20\xa1\x63\xd7' + struct.pack(
        '>iIIII', 0, 1, 0, 512, page) # no record, of a file without pages
    with open(db + '-journal', 'wb') as f:
        f.write(header.ljust(512, b'\0'))
    again = record(db, 'again', vote=some_vote())
    _, err = again.communicate()
    tap.ok(again.returncode == 0, 'a kill as the database is made: it is '
           'made anew', again.returncode, err)
    tap.ok(stored_ids(db) == ['again'], 'and takes votes')
    whole(db, 'and is whole')


kill_cycles(2000 if tap.long_test else 200)
concurrent_writers(16 if tap.long_test else 8, 500 if tap.long_test else 50)
same_id(100 if tap.long_test else 10, 16 if tap.long_test else 8)
killed_as_it_was_made()
tap.done()
