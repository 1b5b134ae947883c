#!/usr/bin/env python3
"""The report in a real browser: what it shows, light, dark, on a phone and
printed; that nothing of it runs or asks anybody; and its pictures, in the
folder $PICTURES."""
import http.server
import json
import os
import re
import shutil
import struct
import subprocess
import sys
import threading
import zlib

sys.path.insert(0, 'tests')
import tap

browser = shutil.which('chromium') or shutil.which('chromium-browser')
if browser is None:
    print('1..0 # SKIP there is no Chromium')
    sys.exit(0)
pictures = os.path.abspath(os.environ.get('PICTURES') or tap.scratch)
BROWSER_S = 120  # a start takes seconds; a busy machine is slow


def path(name):
    return os.path.join(tap.scratch, name)


def chromium(*words):
    """Runs it on what the words say; what it prints."""
    done = subprocess.run(
        [browser, '--headless', '--no-sandbox', '--disable-gpu',
         '--no-first-run', '--hide-scrollbars', '--disable-dev-shm-usage',
         '--allow-file-access-from-files', '--virtual-time-budget=4000',
         '--user-data-dir=' + path('profile'), *words],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, env=tap.env, timeout=BROWSER_S)
    return done.stdout.decode('utf-8', 'replace')


# --- a server that nobody may ask -------------------------------------------

asked = []


class Spy(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        asked.append(self.path)
        self.send_error(404)

    def log_message(self, *words):
        pass


spy = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Spy)
threading.Thread(target=spy.serve_forever, daemon=True).start()
there = 'http://127.0.0.1:%d' % spy.server_port

# --- a leaderboard with hostile names ---------------------------------------

hostile = [
    '</title></svg><script>document.title="owned"</script>',
    '"><img src=%s/a onerror="document.title=1">' % there,
    '<style>@import "%s/b";</style>' % there,
    "' onload='alert(1)",
    '&amp; &lt;b&gt;',
    'evil \u202egnp.exe',
]
names = ['plain-7b', 'a-name-that-is-very-long-' * 4 + 'end'] + hostile
for i in range(60):
    a, b = names[i % len(names)], names[(i * 3 + 1) % len(names)]
    if a == b:
        b = names[(i + 1) % len(names)]
    won = 'a' if names.index(a) < names.index(b) else ('b', 'tie')[i % 2]
    tap.run('record', '--db', path('a.db'), '--', a, b, won)
made = tap.run('leaderboard', '--db', path('a.db'), '--html', path('r.html'))
tap.ok(made.returncode == 0, 'a report is written', made.stderr)

# --- what a reader meets ----------------------------------------------------

# A page around it measures it at a width, and writes down what it found.
PROBE = '''<!DOCTYPE html><meta charset="utf-8"><pre id="found"></pre>
<iframe src="r.html" width="%d" height="900"></iframe><script>
document.querySelector('iframe').onload = function () {
  var d = this.contentDocument, w = this.contentWindow, out = [];
  d.querySelectorAll('svg').forEach(function (svg) {
    var box = svg.viewBox.baseVal;
    svg.querySelectorAll('text').forEach(function (t) {
      var b = t.getBBox();
      if (b.x < 0 || b.y < 0 || b.x + b.width > box.width ||
          b.y + b.height > box.height) out.push(t.lastChild.textContent);
    });
  });
  var style = w.getComputedStyle(d.body);
  document.querySelector('#found').textContent = JSON.stringify({
    title: d.title, outside: out, sideways: d.documentElement.scrollWidth,
    scripts: d.scripts.length, images: d.images.length,
    styles: d.querySelectorAll('style').length,
    headings: [].map.call(d.querySelectorAll('h2'), h => h.textContent),
    cells: [].map.call(d.querySelectorAll('td:nth-child(2)'),
                       c => c.textContent),
    points: d.querySelectorAll('#intervals circle').length,
    squares: d.querySelectorAll('#matrix rect').length,
    courses: d.querySelectorAll('#history polyline').length,
    paper: style.backgroundColor, ink: style.color });
};</script>'''


def probe(width, *words):
    with open(path('probe.html'), 'w') as f:
        f.write(PROBE % width)
    dom = chromium(*words, '--dump-dom', 'file://' + path('probe.html'))
    found = re.search(r'<pre id="found">(.*?)</pre>', dom, re.S)
    text = found.group(1) if found else ''
    for mark, char in (('&lt;', '<'), ('&gt;', '>'), ('&quot;', '"'),
                       ('&amp;', '&')):
        text = text.replace(mark, char)
    return json.loads(text) if text else {}


seen = probe(1100)
tap.ok(seen.get('title') == 'Leaderboard', 'the page opens, and keeps its title',
       seen)
tap.ok(seen.get('scripts') == 0 and seen.get('images') == 0 and
       seen.get('styles') == 1, 'no name became an element', seen)
shown = set(seen.get('cells', []))
tap.ok(all(name in shown for name in names if '\u202e' not in name),
       'every name is shown as it is written', shown)
tap.ok('evil <U+202E>gnp.exe' in shown, 'but for what would turn text around')
tap.ok(seen.get('headings') == ['Ratings with 95% intervals', 'Head to head',
                                'Running ratings over the votes'],
       'what is known is drawn, and nothing else', seen.get('headings'))
tap.ok(seen.get('points') == len(names), 'a point a model',
       seen.get('points'))
tap.ok(seen.get('courses') == len(names), 'a course a model',
       seen.get('courses'))
tap.ok(0 < seen.get('squares', 0) <= len(names) * (len(names) - 1),
       'a square a pair that met', seen.get('squares'))
tap.ok(seen.get('outside') == [], 'all words are inside of their pictures',
       seen.get('outside'))
tap.ok(seen.get('paper') == 'rgb(255, 255, 255)', 'by day it is white', seen)

phone = probe(360)
tap.ok(phone.get('sideways') == 360,
       'on a phone only what is wide scrolls sideways', phone.get('sideways'))

dark = probe(1100, '--blink-settings=preferredColorScheme=0')
tap.ok(dark.get('paper') == 'rgb(21, 24, 28)', 'by night it is dark',
       dark.get('paper'))

# --- its pictures -----------------------------------------------------------


def picture(name, size, *words):
    file = os.path.join(pictures, name)
    chromium(*words, '--window-size=' + size, '--screenshot=' + file,
             'file://' + path('r.html'))
    return file


def pixels(file):
    """The colours of a PNG of 8 bits: {(r, g, b): how many}."""
    with open(file, 'rb') as f:
        data = f.read()
    at, body, counts = 8, b'', {}
    while at < len(data):
        n, kind = struct.unpack('>I4s', data[at:at + 8])
        if kind == b'IHDR':
            width, height, _, color = struct.unpack('>IIBB',
                                                    data[at + 8:at + 18])
        if kind == b'IDAT':
            body += data[at + 8:at + 8 + n]
        at += n + 12
    step = {2: 3, 6: 4}[color]
    raw, before = zlib.decompress(body), bytearray(width * step)
    for y in range(height):
        start = y * (width * step + 1)
        kind, row = raw[start], bytearray(raw[start + 1:start + 1 +
                                              width * step])
        for x in range(len(row)):
            left = row[x - step] if x >= step else 0
            up, corner = before[x], before[x - step] if x >= step else 0
            guess = left + up - corner
            near = min((abs(guess - left), 0, left), (abs(guess - up), 1, up),
                       (abs(guess - corner), 2, corner))[2]
            row[x] = (row[x] + (0, left, up, (left + up) // 2, near)[kind]
                      ) & 255
        before = row
        for x in range(0, len(row), step):
            rgb = tuple(row[x:x + 3])
            counts[rgb] = counts.get(rgb, 0) + 1
    return counts


found = pixels(picture('report.png', '900,1600'))
common = max(found, key=found.get)
tap.ok(common == (255, 255, 255), 'the picture is mostly white', common)
tap.ok(found.get((0, 114, 178), 0) > 50, 'with blue intervals',
       found.get((0, 114, 178)))
found = pixels(picture('report-dark.png', '900,1600',
                       '--blink-settings=preferredColorScheme=0'))
tap.ok(max(found, key=found.get) == (21, 24, 28), 'the dark one is dark')
picture('report-phone.png', '420,1600')

printed = path('r.pdf')
chromium('--print-to-pdf=' + printed, 'file://' + path('r.html'))
with open(printed, 'rb') as f:
    tap.ok(f.read(5) == b'%PDF-', 'it can be printed')

tap.ok(asked == [], 'nobody was asked for anything', asked)
tap.done()
