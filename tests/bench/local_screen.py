#!/usr/bin/env python3
"""Two local models stream on the full screen: how soon a key shows its effect,
what the UI's thread takes of one core, and how many bytes go to the terminal
for the bytes of the text.  Share and bytes hold on a busy machine, too; for the keys the time that others
had both cores is told apart.

    local_screen.py ARENA WEIGHTS WEIGHTS [TOKENS]

Limits: 16 ms for 99 keys of 100, 3% of a core, 3 bytes for one."""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

from terminal import Terminal, tell

arena, *weights = map(os.path.abspath, sys.argv[1:4])
n_tokens = int(sys.argv[4]) if len(sys.argv) > 4 else 600
folder = tempfile.mkdtemp(prefix='arena-bench.')
config, db = (os.path.join(folder, f) for f in ('arena.json', 'arena.db'))
QUIET_S = 0.5
KEYS = [k.encode() for k in 'ЖЮ']  # that no English answer has


def begin():
    """A battle whose answers have begun to come."""
    t = Terminal(folder, arena, '--config', config, '--db', db,
                 '--seed', '1')
    t.wait(b'Your prompt')
    t.press(b'Tell a very long story about a lighthouse.\r', b'answering')
    return t


def measure_keys():
    t, times, own = begin(), [], []
    for i in range(200):
        waited_ms = t.waited_ms()
        times.append(t.press(KEYS[i % 2], KEYS[i % 2]))
        own.append(max(0, times[-1] - (t.waited_ms() - waited_ms)))
        t.read(time.monotonic() + 0.013)  # the next meets a frame anywhere
    t.close()
    tell('a key while two models stream', times)
    tell('the same, less waits for a core', own)


def measure_cost():
    t = begin()
    spent_s, n_bytes, began = t.spent_s(), t.n_bytes, time.monotonic()
    seen = b''
    while b'your vote' not in seen:
        seen = seen[-100:] + t.read(time.monotonic() + QUIET_S)
    passed_s = time.monotonic() - began
    spent_s, n_bytes = t.spent_s() - spent_s, t.n_bytes - n_bytes
    t.close()
    said = subprocess.run([arena, 'export', 'jsonl', '--db', db], check=True,
                          stdout=subprocess.PIPE).stdout.splitlines()[-1]
    n_text = sum(len(a['text'].encode()) for a in json.loads(said)['answers'])
    print('%-34s %.1f%% of a core (%.0f ms in %.1f s)' %
          ("the UI's thread meanwhile", 100 * spent_s / passed_s,
           1000 * spent_s, passed_s))
    print('%-34s %.2f bytes a byte of text (%d for %d)' %
          ('to the terminal', n_bytes / n_text, n_bytes, n_text))


try:
    with open(config, 'w') as f:
        json.dump({'confirm_vote': True, 'max_tokens': n_tokens, 'models': [
            {'name': name, 'backend': 'local', 'file': file, 'temperature': 1}
            for name, file in zip(('first', 'second'), weights)]}, f)
    measure_keys()
    measure_cost()
finally:
    shutil.rmtree(folder)
