#!/usr/bin/env python3
"""The report and its plots: well-formed, self-contained, all names text; what
cannot be asked for together is refused.  (tests/browser opens it.)"""
import json
import os
import re
import stat
import subprocess
import sys
import xml.dom.minidom

sys.path.insert(0, 'tests')
import tap

HOSTILE = '</svg><script src="//x.example/a"></script>&" onload=\'x\''
PLOTS = ('intervals', 'matrix', 'history', 'cost', 'speed', 'seconds', 'price')


def path(name):
    return os.path.join(tap.scratch, name)


def board(*words, db='a.db'):
    return tap.run('leaderboard', '--db', path(db), *words)


def texts(svg):
    """All words of an SVG, and the XML parser's leave."""
    tree = xml.dom.minidom.parseString(svg)
    return [''.join(n.data for n in t.childNodes if n.nodeType == n.TEXT_NODE)
            for t in tree.getElementsByTagName('text')]


for i in range(30):
    tap.run('record', '--db', path('a.db'), '--category', 'c"<d>', '--',
            'first', HOSTILE if i % 3 else 'third', ('a', 'tie', 'b')[i % 7 % 3])

page = path('r.html')
done = board('--html', page, '--category', 'c"<d>')
tap.ok(done.returncode == 0 and done.stdout == b'', '--html writes a file',
       done.stderr)
with open(page, encoding='utf-8') as f:
    html = f.read()
tap.ok(not stat.S_IMODE(os.stat(page).st_mode) & 0o022, 'as any program would')
tap.ok("default-src 'none'" in html and '<script' not in html.lower(),
       'it has a policy and no script')
urls = set(re.findall(r'https?:[^"<\s]*|\bsrc=|\bhref=|url\(|@import', html))
tap.ok(urls <= {'src='} and html.count('src=') == html.count('&lt;script src='),
       'and asks for nothing', urls)
tap.ok('of the category c&quot;&lt;d&gt;' in html, 'it says what it is of')
tap.ok('&lt;/svg&gt;&lt;script' in html, 'a hostile name is text')
for svg in re.findall(r'<svg .*?</svg>', html, re.S):
    texts(svg)
tap.ok(html.count('<svg ') == 3, 'it draws what is known: three plots')
again = board('--html', '-', '--category', 'c"<d>')
cut = re.compile(rb'made on .*? by')
tap.ok(cut.sub(b'', again.stdout) == cut.sub(b'', html.encode()),
       '- writes the same to stdout')

for plot in PLOTS[:3]:
    done = board('--svg', plot)
    tap.ok(done.returncode == 0 and HOSTILE[:5] in
           ''.join(texts(done.stdout.decode())), '--svg %s' % plot, done.stderr)
for plot in PLOTS[3:]:
    done = board('--svg', plot)
    tap.ok(done.returncode == 2 and tap.clear_error(done) is None,
           '--svg %s says that nothing is known' % plot, done.stderr)

# An Elo rating has no interval: none is told.
def points(*words):
    svg = board('--svg', 'intervals', *words).stdout.decode()
    tree = xml.dom.minidom.parseString(svg)
    return [c.firstChild.firstChild.data
            for c in tree.getElementsByTagName('circle')]


tap.ok(all(re.fullmatch(r'\d+, 95% interval \d+ to \d+, \d+ votes', about)
           for about in points()), 'a point tells its interval', points())
elo = points('--method', 'elo')
tap.ok(len(elo) == 3 and all(re.fullmatch(r'\d+, \d+ votes', about)
                             for about in elo),
       'and one without an interval tells none', elo)

# The numbers of the history are those of the running rating.
drawn = texts(board('--svg', 'history').stdout.decode())
tap.ok('vote 30' in drawn and 'first vote' in drawn, 'all votes are in it',
       drawn)

for words in (('--html', page, '--csv'), ('--svg', 'cost', '--md'),
              ('--json', '--html', page), ('--svg', 'matrix', '--matrix'),
              ('--svg', 'pie'), ('--html', path('no/folder.html'))):
    done = board(*words)
    tap.ok(done.returncode != 0 and tap.clear_error(done) is None,
           'refused: %s' % ' '.join(w[-9:] for w in words), done.stderr)

tap.run('record', '--db', path('b.db'), 'x', 'y', 'a')
tap.run('undo', '--db', path('b.db'))
done = board('--html', '-', db='b.db')
tap.ok(done.returncode == 0 and b'No vote has been rated yet' in done.stdout,
       'a page without votes says so', done.stderr)
done = board('--svg', 'intervals', db='b.db')
tap.ok(done.returncode == 2 and tap.clear_error(done) is None,
       'a plot without votes is refused')

# What one answer took: nobody's, before there are answers that say it.
done = board('--per-answer', '--csv')
tap.ok(all(row.endswith(b',,,0,0,0') for row in done.stdout.splitlines()[1:]),
       '--per-answer has none of votes made elsewhere', done)
with open(path('s.json'), 'w') as f:
    f.write('{"answers": [{"prompt": "one", "text": "1", "cost": 0.002},'
            ' {"prompt": "two", "text": "2", "cost": 0.004}, {"text": "3"}]}')
with open(path('arena.json'), 'w') as f:
    f.write('{"models": [%s]}' % ','.join(
        '{"name": "%s", "backend": "replay", "id": "%s", "script": "s.json"}' %
        (n, n) for n in 'xy'))
with open(path('p.txt'), 'w') as f:
    f.write('one\ntwo\nthree\n')
words = ('--db', path('c.db'), '--config', path('arena.json'))
tap.run('eval', path('p.txt'), '--run', 'r', *words)
tap.run('vote', 'r', '--plain', *words)
row = json.loads(board('--per-answer', '--json', db='c.db').stdout)['models'][0]
tap.ok(abs(row['cost_per_answer'] - 0.003) < 1e-9 and row['answers'] == 3 and
       row['answers_priced'] == 2 and row['answers_timed'] == 3 and
       row['seconds_per_answer'] >= 0, 'an answer without a price is left out',
       row)
tap.ok(b'the 4 whose cost is' in board('--per-answer', db='c.db').stdout,
       'which is said')
drawn = texts(board('--svg', 'price', db='c.db').stdout.decode())
tap.ok(any(t.startswith('price of an answer') for t in drawn),
       'a plot of it', drawn)

subprocess.run(['sh', '-c', 'umask 077; exec "$0" leaderboard --db "$1" '
                '--html "$2"', tap.arena, path('a.db'), path('own.html')],
               env=tap.env, check=True)
tap.ok(stat.S_IMODE(os.stat(path('own.html')).st_mode) == 0o600,
       'the umask holds')
tap.done()
