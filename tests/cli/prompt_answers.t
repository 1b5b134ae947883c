#!/usr/bin/env python3
"""The prompt sets of data/prompts: what of their references can be computed is
computed here, from the words of the prompts; and they are spelt with care
(prompts.t has the rest of their form)."""
import datetime
import glob
import itertools
import json
import math
import re
import sys

sys.path.insert(0, 'tests')
import tap

prompts, faults, purposes = {}, [], {}
for name in sorted(glob.glob('data/prompts/*.jsonl')):
    for line in open(name, encoding='utf-8'):
        o = json.loads(line)
        if 'purpose' in o:
            purposes[o['purpose']] = listed = []
            continue
        listed.append(o)
        turns = o.get('turns') or [o['prompt']]
        text = '\n'.join(turns)
        reference = o.get('reference')
        for what, wrong in (
                ('a word twice', re.search(r'\b([a-z]+) \1\b', text) and
                 'gulo' not in text),
                ('a quote that is not closed', text.count('"') % 2),
                ('signs from outside of ASCII', any(
                    ord(c) > 127 and not c.isalpha() for c in text)),
                ('not as many references as turns', o.get('turns') and
                 reference and len(reference) != len(turns))):
            if wrong:
                faults.append((o['id'], what))
        prompts[o['id']] = o
tap.ok(len(prompts) == 290 and not faults, 'no slip of the pen in them',
       len(prompts), *faults)

for purpose, listed in purposes.items():
    pairs = {o.get('pair') for o in listed}
    count = len(listed) if pairs == {None} else len(pairs)
    turns = sum('turns' in o for o in listed)
    named = {o['category'] for o in listed}
    tap.ok(': %d ' % count in purpose and
           (turns == 0 or '%d of them' % turns in purpose) and
           ('(' not in purpose or all(c in purpose for c in named)) and
           (', each with one' not in purpose or
            all(c in purpose for c in named)) and
           ('seven categories' not in purpose or len(named) == 7) and
           ('eight categories' not in purpose or len(named) == 8),
           'the header is true: ' + purpose[:40], count, turns, *named)


def quoted(name):
    return re.search('"(.*?)"', prompts[name]['prompt']).group(1)


def steps(n):
    return 0 if n == 1 else 1 + steps(3 * n + 1 if n % 2 else n // 2)


def squares(n, times):
    for _ in range(times):
        n = sum(int(c) ** 2 for c in str(n))
    return n


def ring(n, k):
    left, at = list(range(1, n + 1)), 0
    while len(left) > 1:
        at = (at + k - 1) % len(left)
        left.pop(at)
    return left[0]


def trip():
    roads = {frozenset(x[:2]): int(x[2]) for x in
             re.findall(r'([PQRS]) to ([PQRS]) (\d+)',
                        prompts['logic-07']['prompt'])}
    return min(sum(roads[frozenset(p)] for p in zip('P' + ''.join(w),
                                                    ''.join(w) + 'P'))
               for w in itertools.permutations('QRS'))


def stack():
    left = []
    for n in re.findall(r'push (\d+)|pop', prompts['logic-03']['prompt']):
        left.append(int(n)) if n else left.pop()
    return sum(left)


def apart(n, k, is_ring):
    return sum(all(y - x > 1 for x, y in zip(c, c[1:])) and
               not (is_ring and c[-1] - c[0] == n - 1)
               for c in itertools.combinations(range(n), k))


def robot():
    at, facing = 0, 1j
    for n, turn in re.findall(r'(\d+) steps?|turns (right|left)',
                              prompts['logic-02']['prompt']):
        if n:
            at += int(n) * facing
        else:
            facing *= -1j if turn == 'right' else 1j
    return int(at.imag)


def knight(start, goal):
    """The fewest moves on a board of eight by eight."""
    seen, moves = {start}, 0
    while goal not in seen:
        moves += 1
        seen |= {(x + dx, y + dy) for x, y in seen
                 for dx, dy in itertools.product((-2, -1, 1, 2), repeat=2)
                 if abs(dx) != abs(dy) and 0 <= x + dx < 8 and 0 <= y + dy < 8}
    return moves


def only(found):
    """The one thing found, or all of them if there are more."""
    found = sorted(set(found))
    return found[0] if len(found) == 1 else str(found)


def chairs():
    for row in itertools.permutations(['Ada', 'Bo', 'Cy', 'Dee', 'Eli']):
        at = row.index
        if (at('Cy') == 0 and at('Dee') == 1 and
                at('Bo') < at('Ada') < at('Eli')):
            yield row[3]


def drawers():
    """Where exactly one of the labels is true."""
    labels = re.findall(r'"The key is (not )?in (.*?)\."',
                        prompts['logic-06']['prompt'])
    for key in 'ABCD':
        if sum((key in named.split(' or ')) != bool(no)
               for no, named in labels) == 1:
            yield key


words = {
    'mini-03': 17 * 6, 'mini-07': (31 - 7) // 2,
    'letters-01': quoted('letters-01').lower().count('e'),
    'letters-02': quoted('letters-02').lower().count('t'),
    'letters-03': re.sub('[aeiou]', '', quoted('letters-03')[::-1]),
    'letters-04': sorted(re.search(r'fourth\? (.*?)\. Think',
                                   prompts['letters-04']['prompt']).group(1)
                         .split(', '))[3],
    'letters-05': ''.join(chr((ord(c) - ord('A') - 5) % 26 + ord('a'))
                          for c in 'QNEFWI'),
    'letters-06': len(set(itertools.permutations('BALLOON'))),
    'letters-07': sum(len(w.strip('.')) == 5
                      for w in quoted('letters-07').split()),
    'letters-08': ''.join(w[-1] for w in quoted('letters-08').split()),
    'numbers-01': 47 * 83 - 29 * 61, 'numbers-02': 100 % 7,
    'numbers-03': sum('7' in str(i) for i in range(1, 501)),
    'numbers-04': next(i for i in range(11, 999)
                       if i % 4 == i % 5 == i % 6 == 3),
    'numbers-05': steps(11), 'numbers-06': squares(4, 19),
    'numbers-07': pow(7, 2026, 10),
    'numbers-08': next(n for n in range(10, 100)
                       if n == 4 * sum(map(int, str(n))) and
                       int(str(n)[::-1]) == n + 36),
    'numbers-09': sum(5 * a + 10 * b + 20 * c == 60 for a in range(13)
                      for b in range(7) for c in range(4)),
    'counting-01': math.comb(4, 2) * math.comb(5, 2),
    'counting-02': sum(sum(c) == 14
                       for c in itertools.combinations(range(10), 4)),
    'counting-03': math.comb(8, 4) - math.comb(4, 2) ** 2,
    'counting-04': math.comb(9, 2) - 1, 'counting-05': 5 + 4 + 2,
    'counting-06': 43 - 1, 'counting-07': ring(12, 3),
    'counting-08': math.ceil(math.log(80, 3)),
    'time-01': (datetime.date(2026, 11, 25) +
                datetime.timedelta(days=200)).strftime('%A'),
    'time-02': abs((3 + 40 / 60) * 30 - 40 * 6),
    'time-03': (datetime.date(2026, 11, 5) - datetime.date(2026, 3, 17)).days,
    'time-04': next(d for d in range(1, 99) if 3 * (d - 1) + 4.5 >= 20),
    'time-05': (180 + 420) / 30 * 3.6,
    'time-06': next(x for x in range(99) if 6 + x / 2 == 0.3 * (30 + x)),
    'time-07': next(3 * s for s in range(99) if 3 * s + 12 == 2 * (s + 12)),
    'time-08': 6 * 60 // math.lcm(18, 24),
    'logic-01': next(b + g for b in range(9) for g in range(1, 9)
                     if b - 1 == g and b == 3 * (g - 1)),
    'logic-02': robot(), 'logic-04': knight((0, 0), (1, 1)),
    'logic-05': only(chairs()), 'logic-06': only(drawers()),
    'logic-03': stack(), 'logic-07': trip(),
    'science-14': next(n for n in range(100, 999)
                       if all(n % k for k in range(2, n))),
    'daily-02': 1944, 'daily-05': 24 * 60,
    'reasoning-02': -(8 * 60 - 370) % 25,
    ('reasoning-05', 0): (24 - 18) / (3 - 2),
    ('reasoning-05', 1): 60 * (18 / 2 - 24 / 3),
    ('reasoning-10', 0): apart(7, 3, False),
    ('reasoning-10', 1): apart(7, 3, True),
    ('math-01', 0): 84 / 0.7, ('math-01', 1): 84 / 0.7 - 84 * 1.3,
    'math-02': 7 + 12,
    ('math-03', 0): sum(range(7, 201, 7)),
    ('math-03', 1): sum(n for n in range(201) if n % 7 == 0 or n % 11 == 0),
    'math-04': 1 / (1 / 6 + 1 / 9), ('math-05', 0): math.hypot(20, 21),
    ('math-05', 1): (20 + 21 - 29) / 2,
    'math-06': sum(a + b >= 9 for a in range(1, 7) for b in range(1, 7)) / 36,
    ('math-07', 0): 1, ('math-07', 1): math.exp(-1 / 3),
    'math-08': len(re.search('0*$', str(math.factorial(60))).group()),
    ('math-09', 0): 2000 * 1.03 ** 5,
    ('math-09', 1): next(n for n in range(99) if 2000 * 1.03 ** n > 3000),
    ('coding-08', 1): next(n for n in range(99)
                           if math.comb(n + 1, (n + 1) // 2) >= 2 ** 64),
    'extraction-02': 240 - 40 + 2 * 9 + 58,
    ('extraction-03', 1): (34 - 31) + (58 - 52),
    ('extraction-06', 0): 15 * 20, ('extraction-06', 1): 15 * 20 / 3,
    'extraction-09': 1911 + 9, ('stem-06', 0): 20 ** 2 / 20,
    ('stem-06', 1): 2 * 20 / 10,
}


def is_computed(reference, computed):
    """As exactly as the reference is written."""
    if isinstance(computed, str):
        return computed == reference
    try:
        written = float(reference)
    except ValueError:
        return False
    places = len(reference.partition('.')[2])
    return (abs(computed - written) <= 0.5 * 10 ** -places + 1e-9 and
            (places > 0 or abs(computed - round(computed)) < 1e-9))


wrong = []
for name, computed in words.items():
    name, turn = name if isinstance(name, tuple) else (name, None)
    reference = prompts[name]['reference']
    reference = reference if turn is None else reference[turn]
    if not is_computed(reference, computed):
        wrong.append('%s: %s, computed %s' % (name, reference, computed))
tap.ok(not wrong, '%d references are what is computed' % len(words), *wrong)
tap.done()
