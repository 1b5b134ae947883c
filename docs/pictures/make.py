#!/usr/bin/env python3
"""Makes the pictures of the README from the real program in a real terminal.

    make.py ARENA FOLDER

Battle, reveal and recording are of `arena demo`, so that no weights are needed;
leaderboard and report are of the people's votes of PandaLM's test set
(tests/rating/README.md).  Needs tmux, and for the report's picture Chromium."""
import csv
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

import cells

arena, folder = os.path.abspath(sys.argv[1]), sys.argv[2]
scratch = tempfile.mkdtemp(prefix='arena-pictures.')
WAIT_S = 60
FRAME_S = 0.15
MOST_BYTES = 100000


def path(name):
    return os.path.join(scratch, name)


env = {**os.environ, 'LC_ALL': 'C.UTF-8', 'HOME': scratch, 'COLORFGBG': '15;0'}
for name in ('TMUX', 'NO_COLOR', 'XDG_CONFIG_HOME', 'XDG_DATA_HOME'):
    env.pop(name, None)


class Terminal:
    def __init__(self, columns, rows, *words):
        self.size = columns, rows
        self.tmux('-f', '/dev/null', 'new-session', '-d', '-s', 'it',
                  '-x', str(columns), '-y', str(rows),
                  ' '.join("'%s'" % w for w in (arena, *words)), ';',
                  'set', '-g', 'status', 'off', ';',
                  'resize-window', '-t', 'it', '-x', str(columns),
                  '-y', str(rows))

    def tmux(self, *words):
        return subprocess.run(['tmux', '-S', path('tmux'), *words], env=env,
                              check=True, stdout=subprocess.PIPE).stdout

    def keys(self, *words):
        self.tmux('send-keys', '-t', 'it', *words)

    def screen(self):
        return self.tmux('capture-pane', '-e', '-p', '-t', 'it').decode()

    def wait(self, text):
        end = time.monotonic() + WAIT_S
        while True:
            plain = self.tmux('capture-pane', '-p', '-t', 'it').decode()
            if text in plain:
                return
            if time.monotonic() > end:
                sys.exit('make.py: "%s" did not come:\n%s' % (text, plain))
            time.sleep(0.02)

    def close(self):
        self.tmux('kill-server')


def write(name, text):
    with open(os.path.join(folder, name), 'w') as f:
        f.write(text)


def keep(name, terminal):
    write(name, cells.picture(terminal.screen(), *terminal.size))


# --- a battle ----------------------------------------------------------------


class Recorder:
    """Screens with the seconds that they stood, each change one."""

    def __init__(self, terminal):
        self.terminal, self.shots = terminal, []

    def look(self):
        now, screen = time.monotonic(), self.terminal.screen()
        if not self.shots or self.shots[-1][1] != screen:
            self.shots.append([now, screen])

    def until(self, text):
        while text not in self.shots[-1][1]:
            time.sleep(FRAME_S)
            self.look()

    def rest(self, seconds):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            time.sleep(FRAME_S)
            self.look()

    def film(self):
        ends = [at for at, _ in self.shots[1:]] + [time.monotonic()]
        return [(end - at, screen)
                for (at, screen), end in zip(self.shots, ends)]


def battle():
    t = Terminal(96, 24, 'demo', '--seed', '4')
    t.wait('Your prompt')
    r = Recorder(t)
    r.look()
    r.rest(1)
    t.keys('Enter')
    r.until('answering')
    r.rest(1.2)
    keep('battle.svg', t)
    r.until('your vote')
    r.rest(1.5)
    t.keys('a')
    r.until('sure?')
    r.rest(0.8)
    t.keys('Enter')
    r.until('Saved.')
    r.rest(3)
    keep('reveal.svg', t)
    t.close()
    write('recording.svg', cells.film(r.film(), *t.size))


# --- ratings -----------------------------------------------------------------


def ratings():
    with open('tests/rating/pandalm_human.csv') as f:
        rows = list(csv.DictReader(f))
    with open(path('votes.jsonl'), 'w') as f:
        for i, row in enumerate(rows):
            f.write(json.dumps({'model_a': row['model_a'],
                                'model_b': row['model_b'],
                                'winner': row['winner'],
                                'judge': row['voter'],
                                'question_id': str(i)}) + '\n')
    db = path('arena.db')
    subprocess.run([arena, 'import', 'lmarena', path('votes.jsonl'), '--db',
                    db], env=env, check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)
    shutil.copytree('data/demo', path('demo'))
    t = Terminal(96, 13, '--config', path('demo/arena.json'), '--db', db)
    t.wait('Your prompt')
    t.keys('Escape')
    t.wait('Enter')
    t.keys('l')
    t.wait('95%')
    keep('leaderboard.svg', t)
    t.close()
    subprocess.run([arena, 'leaderboard', '--db', db, '--html',
                    path('r.html')], env=env, check=True)
    browser = shutil.which('chromium') or shutil.which('chromium-browser')
    if browser is None:
        print('make.py: report.png stays as it is: there is no Chromium')
        return
    subprocess.run(
        [browser, '--headless', '--no-sandbox', '--disable-gpu',
         '--hide-scrollbars', '--no-first-run', '--disable-dev-shm-usage',
         '--user-data-dir=' + path('profile'), '--window-size=820,740',
         '--screenshot=' + os.path.abspath(os.path.join(folder, 'report.png')),
         'file://' + path('r.html')], check=True, env=env,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


try:
    battle()
    ratings()
finally:
    shutil.rmtree(scratch, ignore_errors=True)
for name in sorted(os.listdir(folder)):
    size = os.path.getsize(os.path.join(folder, name))
    if name.endswith(('.svg', '.png')):
        print('%-16s %6d bytes' % (name, size))
        if size > MOST_BYTES:
            sys.exit('make.py: %s is too large for a repository' % name)
