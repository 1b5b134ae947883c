#!/usr/bin/env python3
"""Lists fit the terminal that they are printed on."""
import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios

sys.path.insert(0, 'tests')
import tap

DB = os.path.join(tap.scratch, 'w.db')


def on_terminal(columns, *words):
    """What is printed there, line by line."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ,
                struct.pack('HHHH', 24, columns, 0, 0))
    done = subprocess.Popen([tap.arena, *words, '--db', DB], env=tap.env,
                            stdin=subprocess.DEVNULL, stdout=theirs)
    os.close(theirs)
    out = b''
    while True:
        try:
            part = os.read(ours, 65536)
        except OSError: # the end, on Linux
            break
        if not part:
            break
        out += part
    os.close(ours)
    done.wait()
    return out.decode().splitlines()


def fill(*rows):
    name = os.path.join(tap.scratch, 'w.csv')
    with open(name, 'w') as f:
        f.write('model_a,model_b,winner,voter,category,prompt\n')
        for row in rows:
            f.write(','.join(row) + '\n')
    if os.path.exists(DB):
        os.unlink(DB)
    tap.run('import', 'csv', name, '--db', DB)


LONG = 'Which of these many words is the last one of this long sentence?'
NAMES = 'a-model-with-a-long-name-Q4', 'another-model-of-long-names-Q8'

fill((*NAMES, 'model_a', 'human:me', '', LONG),
     (*NAMES, 'tie', 'human:me', '', 'Hi'))
for columns in (80, 100, 160):
    lines = on_terminal(columns, 'history')
    tap.ok(len(lines) == 3 and all(len(line) <= columns for line in lines),
           'each battle is one line on %d columns' % columns,
           '\n'.join(lines))
head = on_terminal(80, 'history')[0]
tap.ok('Prompt' in head and 'Category' not in head and 'Voter' not in head,
       'what says nothing makes room for prompts', head)
head = on_terminal(160, 'history')[0]
tap.ok('Category' in head and 'Voter' in head and 'Flags' in head,
       'a wide one has all columns', head)

fill((*NAMES, 'model_a', 'human:me', 'math', LONG),
     (*NAMES, 'tie', 'human:you', '', 'Hi'))
for columns, has_voter in ((80, False), (100, True)):
    lines = on_terminal(columns, 'history')
    tap.ok('Category' in lines[0] and ('human:you' in lines[1]) == has_voter and
           all(len(line) <= columns for line in lines),
           'categories, and several voters, are told on %d' % columns,
           '\n'.join(lines))
out = tap.run('history', '--db', DB).stdout.decode()
tap.ok('Flags' in out and LONG[:39] + '~' in out, 'a pipe gets all columns',
       out)

# A suspicion is no prompt: it is told whole, on more than one line if need be.
log = os.path.join(tap.scratch, 'log.csv')
with open(log, 'w') as f:
    f.write('model_a,model_b,winner,voter\n')
    for i in range(30):
        f.write('qwen3-8b-instruct-q4,llama-3.2-3b,model_a,fan\n'
                'llama-3.2-3b,qwen3-8b-instruct-q4,model_b,fan\n')
    for i in range(120):
        f.write('qwen3-8b-instruct-q4,llama-3.2-3b,model_%s,you%d\n' %
                ('ab'[i % 2], i // 30))
lines = on_terminal(60, 'voters', log)
tap.ok(any('fan' in line and 'favours qwen3-8b-instruct-q4' in line
           for line in lines), 'what a voter is suspected of is whole',
       '\n'.join(lines))
tap.done()
