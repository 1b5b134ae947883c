#!/usr/bin/env python3
"""Writes tests/templates/cases.jsonl: templates of our own, one for each thing
the language has, and what jinja2 makes of them.

    make_cases.py > tests/templates/cases.jsonl

It needs jinja2 (of `make test-templates`: build/templates/venv/bin/python).
The first line are the variables.  Then a case a line: [template, text], or
[template, null, part of our error] for one that jinja2 refuses, too.
"""
import json
import sys

from compare import environment  # noqa: E402

V = {"n": 3, "f": 2.5, "s": "a,b", "t": " x y ", "l": [3, 1, 2], "d": {"b": 1, "a": [1, None]},
     "yes": True, "no": False, "nil": None, "e": "", "u": "Straße ΑΣ ﬁ é",
     "people": [{"name": "Bo", "age": 3, "x": {"y": 1}}, {"name": "al", "age": 2, "x": {"y": 2}},
                {"name": "Cy", "x": {}}],
     "q": "it's \"q\" \\ \n\t\x01\x7f\u00a0\u200b🙂"}

TEXT = """
{{ 'a' }}|{{ "b" }}|{{ 'it''s' }}|{{ 'a' "b" 'c' }}
{{ 'a\\nb\\t\\\\ \\' \\" \\x41 \\u00e9 \\U0001F642 \\101 \\q' }}
{{ 1 }} {{ 1_000 }} {{ 0x1F }} {{ 0o17 }} {{ 0b101 }} {{ 1.5 }} {{ 1e3 }} {{ 1.5e-7 }} {{ 2_0.5 }}
{{ true }} {{ True }} {{ false }} {{ False }} {{ none }} {{ None }}
{{ [] }} {{ [1, 'a', none,] }} {{ (1,) }} {{ () }} {{ (1, 2) }} {{ 1, 2 }} {{ {} }} {{ {'a': 1, 2: [3],} }}
{{ {'a': {'b': {}}} }}
{{ 1e16 }} {{ 1e15 }} {{ 123456789012345.0 }} {{ 0.0001 }} {{ 0.00001 }} {{ 1.0 }} {{ 0.1 + 0.2 }} {{ -0.0 }} {{ 1e300 * 1e300 }}
{{ 7 + 2 }} {{ 7 - 2 }} {{ 7 * 2 }} {{ 7 / 2 }} {{ 7 // 2 }} {{ -7 // 2 }} {{ 7 % 3 }} {{ -7 % 3 }} {{ 7 % -3 }} {{ 2 ** 10 }} {{ 2 ** -1 }} {{ 2 ** 3 ** 2 }}
{{ 934577 / 212167 }} {{ -1 / 3 }} {{ 7.5 // 2 }} {{ -7.5 // 2 }} {{ 7.5 % 2 }} {{ -7.5 % 2 }} {{ 7.5 % -2 }} {{ 6.0 / 4 }} {{ 4 / 2 }} {{ 2 ** 0.5 }}
{{ true + true }} {{ -true }} {{ +5 }} {{ - -5 }} {{ -f }} {{ -n ** 2 }} {{ 2 - -2 }} {{ 1 + 2 * 3 - 4 }} {{ (1 + 2) * 3 }}
{{ 'a' + 'b' }} {{ 'ab' * 3 }} {{ 2 * 'ab' }} {{ 'x' * -1 }} {{ [1] + [2] }} {{ [1, 2] * 2 }} {{ (1,) + (2,) }}
{{ 1 ~ 'a' ~ 2.0 ~ none ~ true ~ missing ~ [1] }}
{{ 1 == 1.0 }} {{ true == 1 }} {{ 'a' == 'a' }} {{ 1 != '1' }} {{ [1, 2] == [1, 2.0] }} {{ {'a': 1} == {'a': 1} }} {{ (1,) == [1] }} {{ none == none }} {{ missing == absent }} {{ missing == none }}
{{ 1 < 2 <= 2 }} {{ 3 > 2 > 2 }} {{ 'a' < 'b' }} {{ 'B' < 'a' }} {{ [1, 2] < [1, 3] }} {{ (1,) < (1, 0) }} {{ 2 >= 1.5 }}
{{ 1 in [1, 2] }} {{ 3 not in [1, 2] }} {{ 'b' in 'abc' }} {{ '' in '' }} {{ 'a' in d }} {{ 1 in (1,) }} {{ 1 in missing }} {{ 2 in range(3) }} {{ 'a' in d.keys() }}
{{ 1 and 2 }} {{ 0 and 2 }} {{ 0 or '' }} {{ '' or 'x' or 'y' }} {{ not 1 }} {{ not not e }} {{ not 1 == 2 }} {{ 1 and 0 or 3 }} {{ yes and not no }}
{{ 'a' if yes else 'b' }} {{ 'a' if no }}| {{ 'a' if no else 'b' if no else 'c' }} {{ ('a' if no) is undefined }}
{{ d.a }} {{ d['b'] }} {{ d.zz }}| {{ d['zz'] is undefined }} {{ d.items is callable }} {{ l.0 }} {{ l[-1] }} {{ l[9] }}| {{ s[0] }} {{ s[-1] }} {{ s[9] }}| {{ u[4] }} {{ l[true] }}
{{ l[1:] }} {{ l[:-1] }} {{ l[::-1] }} {{ l[::2] }} {{ l[-2:] }} {{ l[5:] }} {{ l[2:0:-1] }} {{ (1, 2, 3)[1:] }} {{ u[1:5] }} {{ u[::-1] }} {{ u[-3:-1] }} {{ s[:] }} {{ 'abcdef'[::3] }} {{ 'abcdef'[4:1:-2] }} {{ u[::2] }}
{{ people[0].x.y }} {{ people[0]['x']['y'] }} {{ people.0.name }} {{ people[-1].x.y }}|
{% if n == 3 %}a{% elif n == 2 %}b{% else %}c{% endif %}{% if n == 2 %}a{% elif n == 3 %}b{% else %}c{% endif %}{% if no %}a{% else %}c{% endif %}{% if no %}x{% endif %}
{% if missing %}a{% endif %}{% if e %}b{% endif %}{% if 0.0 %}c{% endif %}{% if [] %}d{% endif %}{% if {} %}e{% endif %}{% if ' ' %}f{% endif %}{% if nil %}g{% endif %}{% if [0] %}h{% endif %}
{% for x in l %}{{ x }}{{ loop.index }}{{ loop.index0 }}{{ loop.revindex }}{{ loop.revindex0 }}{{ loop.first }}{{ loop.last }}{{ loop.length }}{{ loop.depth }}{{ loop.depth0 }};{% endfor %}
{% for x in l %}{{ loop.previtem }}<{{ x }}>{{ loop.nextitem }} {{ loop.previtem is defined }} {{ loop.nextitem is defined }};{% endfor %}
{% for x in [] %}a{% else %}none{% endfor %}{% for x in l %}{{ x }}{% else %}none{% endfor %}{% for x in missing %}{% else %}u{% endfor %}
{% for x in l if x > 1 %}{{ loop.index }}{{ x }}{{ loop.last }}{{ loop.length }} {% endfor %}{% for x in l if x > 9 %}a{% else %}none{% endfor %}
{% for x in l if x is odd %}{{ x }}{{ loop.nextitem }}{% endfor %}
{% for x in l %}{% break %}{% else %}a{% endfor %}{% for x in l %}{% continue %}{% else %}b{% endfor %}{% for x in l %}{{ x }}{% if x == 1 %}{% break %}{% endif %}{% else %}c{% endfor %}{% for x in l %}{% if x == 3 %}{% continue %}{% endif %}{{ x }}{% else %}d{% endfor %}
{% for x in l %}{% set q %}{% if x == 1 %}{% break %}{% endif %}{{ x }}{% endset %}[{{ q }}]{% endfor %}{% for x in l %}{% filter upper %}a{% if x == 1 %}{% continue %}{% endif %}{{ x }}{% endfilter %};{% endfor %}
{{ people.0.name }}{{ d.a.0 }}{{ [[1, 2], [3]].0.1 }}{{ 0.1 }}{{ [0.5].0 }}
{% for k, v in d.items() %}{{ k }}={{ v }};{% endfor %}{% for k in d %}{{ k }}{% endfor %}{% for c in 'héy' %}{{ c }}.{% endfor %}{% for a, (b, c) in [(1, (2, 3))] %}{{ a }}{{ b }}{{ c }}{% endfor %}
{% for x in range(10) %}{% if x == 2 %}{% continue %}{% endif %}{% if x == 5 %}{% break %}{% endif %}{{ x }}{% endfor %}
{% for x in l %}{% for y in l %}{{ loop.index }}{{ x }}{{ y }}{% if y == 1 %}{% break %}{% endif %}{% endfor %};{% endfor %}
{% for x in l %}{{ loop.cycle('a', 'b') }}{{ loop.changed(x > 1) }}{% endfor %}
{% for x in [1, [2, [3]]] recursive %}{% if x is number %}{{ x }}d{{ loop.depth }}{% else %}({{ loop(x) }}){% endif %}{% endfor %}
{% set outer = 1 %}{% for x in l %}{{ outer }}{% set outer = x %}{{ outer }}{% endfor %}{{ outer }}
{% set ns = namespace(a=1, b=[]) %}{% for x in l %}{% set ns.a = ns.a + x %}{% set ns.b = ns.b + [x] %}{% endfor %}{{ ns.a }}{{ ns.b }}{{ ns.c is defined }}{{ ns['a'] }}
{% set ns = namespace({'a': 1}, b=2) %}{{ ns.a }}{{ ns.b }}{% set ns.a, ns.b = 5, 6 %}{{ ns.a }}{{ ns.b }}
{% set a, b = 1, [2] %}{{ a }}{{ b }}{% set (c, d2) = 'xy' %}{{ c }}{{ d2 }}{% set z = 1, %}{{ z }}
{% set x %}a {{ n }} b{% set inner = 1 %}{% endset %}[{{ x }}]{{ inner is defined }}{% set y | upper | replace('A', '-') %}a{{ n }}c{% endset %}{{ y }}
{% if yes %}{% set v1 = 1 %}{% endif %}{{ v1 }}{% with w = 1, x = n %}{{ w }}{{ x }}{% set w = 5 %}{{ w }}{% endwith %}{{ w is defined }}
{% macro m(a, b=2, c='x' ~ b) %}{{ a }}-{{ b }}-{{ c }};{% endmacro %}{{ m(1) }}{{ m(1, 3) }}{{ m(c=5, a=1) }}{{ m() }}{{ m(1) | upper }}{{ m(*[7, 8]) }}{{ m(**{'a': 9}) }}
{% macro m() %}{{ varargs }}{{ kwargs }}{% endmacro %}{{ m(1, 2, k=3) }}{{ m() }}
{% macro m(x) %}{% if x > 0 %}{{ x }}{{ m(x - 1) }}{% endif %}{% endmacro %}{{ m(5) }}
{% set g = 1 %}{% macro m() %}{{ g }}{{ n }}{% set g = 7 %}{{ g }}{% endmacro %}{{ m() }}{% set g = 2 %}{{ m() }}{{ g }}
{% macro m(t) %}[{{ caller(t) }}|{{ caller() }}]{% endmacro %}{% call(x) m(5) %}body {{ x }}{% endcall %}{% macro p() %}{{ caller() }}{% endmacro %}{% call p() %}{{ n }}{% endcall %}
{% for x in l %}{% macro m() %}{{ x }}{% endmacro %}{{ m() }}{% endfor %}
{% filter upper %}a{{ n }}b{% endfilter %}{% filter replace('a', 'b') | trim %} aca {% endfilter %}
{% generation %}x{{ n }}{% set gg = 1 %}{% endgeneration %}{{ gg is defined }}
{% raw %}{{ n }} {% if %} {# x #}{% endraw %}{{ n }}{%- raw -%}  a  {%- endraw -%}  b
{# comment #}a{#- b -#} c {# {{ n }} {% if %} #}d
{% print n %}{% print 1, 2 %}
a {{- n -}} b  {%- if yes -%}  c  {%- endif -%}  d {{ n }}
{{ dict(a=1, b=2) }} {{ dict([('a', 1)]) }} {{ dict({'x': 1}, y=2) }} {{ range(3) | list }} {{ range(1, 4) | list }} {{ range(5, 0, -2) | list }} {{ range(3)[1] }} {{ range(0) | length }}
{% set j = joiner() %}{{ j() }}a{{ j() }}b{{ j() }}{% set k = joiner('|') %}{{ k() }}{{ k() }}
{{ strftime_now('%Y-%m-%d %H:%M:%S %j %y %I %p %a %A %b %B %e %F %T %D %R %-d %-m %% %u %w %h %c %x %X') }}
{{ -5 | abs }} {{ -2.5 | abs }} {{ true | abs }} {{ -3 | abs + 1 }}
{{ d | attr('items') is callable }} {{ d | attr('a') is undefined }} {{ 'x' | attr('upper') is defined }}
{{ [1, 2, 3, 4, 5] | batch(2) | list }} {{ [1, 2, 3] | batch(2, 'x') | list }}
{{ 'hELLO wORLD' | capitalize }} {{ u | capitalize }} {{ 'ßa' | capitalize }} {{ 'ǆa' | capitalize }} {{ e | capitalize }}|
[{{ 'ab' | center(7) }}] [{{ 'abc' | center(6) }}] [{{ 'ab' | center(1) }}]
{{ missing | default('x') }} {{ missing | d }}| {{ e | default('x') }}| {{ e | default('x', true) }} {{ nil | default('x') }} {{ no | default('x', boolean=true) }} {{ d.zz | default(d.b) }}
{{ d | dictsort }} {{ {'B': 2, 'a': 3, 'C': 1} | dictsort }} {{ {'B': 2, 'a': 3} | dictsort(true) }} {{ {'B': 2, 'a': 3} | dictsort(by='value') }} {{ {'B': 2, 'a': 3} | dictsort(reverse=true) }}
{{ '<a href="x">\\'&' | e }} {{ '<' | escape }} {{ ('<' | e) + '<' }} {{ '<' + ('<' | safe) }} {{ ('<' | safe) ~ '<' }} {{ ('<' | e) | e }} {{ ('<' | safe) is escaped }}
{{ l | first }} {{ s | first }} {{ d | first }} {{ [] | first is undefined }} {{ l | last }} {{ s | last }} {{ d | last }} {{ [] | last is undefined }}
{{ '1.5' | float }} {{ 'x' | float }} {{ 'x' | float(7) }} {{ 3 | float }} {{ ' 1e3 ' | float }} {{ nil | float }} {{ 'inf' | float }} {{ '1_0.5' | float }}
{{ '42' | int }} {{ '4.9' | int }} {{ 'x' | int }} {{ 'x' | int(-1) }} {{ 3.9 | int }} {{ -3.9 | int }} {{ ' 7 ' | int }} {{ '0x1A' | int(0, 16) }} {{ '1A' | int(base=16) }} {{ '101' | int(0, 2) }} {{ true | int }} {{ nil | int }} {{ [] | int(5) }} {{ '1_0' | int }} {{ '-8' | int }} {{ '1__0' | int }}
{{ '%s-%d-%05.2f|%5s|%-5s|%x|%X|%%|%r|%+d|%3d|%03d' | format('a', 3, 2.5, 'b', 'c', 255, 255, 'q', 5, 7, 8) }} {{ '%s' % 'a' }} {{ '%s %s' % (1, [2]) }} {{ '%.2f' % 3.14159 }} {{ '%i' % 3.9 }} {{ '%.2s' % 'abc' }} {{ '%s' % d }} {{ '% d' % 4 }} {{ '%5.1f|' % -2.25 }} {{ '%06d' % -42 }}
{{ 'a\\nb\\n\\nc' | indent }} {{ 'a\\nb' | indent(2, true) }} {{ 'a\\n\\nb' | indent(2, blank=true) }} {{ 'a\\nb' | indent('> ') }} {{ e | indent(first=true) }}|{{ 'a\\n' | indent(1) }}|
{{ d | items | list }} {{ missing | items | list }} {% for k, v in d | items %}{{ k }}{{ v }}{% endfor %}
{{ l | join }} {{ l | join(', ') }} {{ people | join('-', attribute='name') }} {{ [] | join(',') }}| {{ [1, none, 'a', 2.0] | join(' ') }} {{ 'abc' | join('.') }} {{ d | join('+') }} {{ [missing, 1] | join('-') }}
{{ l | length }} {{ s | length }} {{ u | length }} {{ d | length }} {{ missing | length }} {{ l | count }} {{ d.items() | length }} {{ '🙂' | length }}
{{ 'abc' | list }} {{ d | list }} {{ (1, 2) | list }} {{ d.values() | list }} {{ d.items() | list }}
{{ 'AbC' | lower }} {{ u | lower }} {{ 'ΑΣ ΑΣΑ Σ ΑΣ.' | lower }} {{ 'İI' | lower }} {{ 5 | lower }} {{ none | upper }}
{{ 'abc ß ﬁ ŉ ᾳ ǆ' | upper }} {{ u | upper }}
{{ people | map(attribute='name') | list }} {{ people | map(attribute='age', default=0) | list }} {{ people | map(attribute='x.y') | list }} {{ ['a', 'b'] | map('upper') | join }} {{ ['a,b', 'c'] | map('replace', ',', ';') | list }} {{ [[1, 2], [3]] | map('first') | list }} {{ [[1, 2], [3, 4]] | map(attribute=1) | list }} {{ [] | map('upper') | list }}
{{ l | max }} {{ l | min }} {{ ['b', 'A', 'c'] | min }} {{ ['b', 'A'] | max(true) }} {{ people[:2] | max(attribute='age') }} {{ [] | max is undefined }}
{{ l | reject('odd') | list }} {{ l | reject('equalto', 1) | list }} {{ [0, 1, ''] | reject | list }} {{ l | select('odd') | list }} {{ l | select('in', [1, 2]) | list }} {{ [0, 1, '', 'a'] | select | list }} {{ l | select('>', 1) | list }} {{ l | select('divisibleby', 3) | list }}
{{ people | selectattr('age') | map(attribute='name') | list }} {{ people | selectattr('age', 'defined') | list | length }} {{ people | selectattr('age', 'equalto', 3) | list | length }} {{ people | rejectattr('name', 'eq', 'Bo') | map(attribute='name') | join(',') }} {{ people | rejectattr('age') | list | length }} {{ people | selectattr('x.y', 'gt', 1) | list | length if no else 'skip' }}
{{ 'aaa' | replace('a', 'b') }} {{ 'aaa' | replace('a', 'b', 2) }} {{ 'abc' | replace('', '-') }} {{ 'abc' | replace('', '-', 2) }} {{ 121 | replace(1, 'x') }} {{ 'héé' | replace('é', 'e') }} {{ '' | replace('', 'x') }} {{ 'aXbX' | replace('X', '') }}
{{ l | reverse | list }} {{ 'héy' | reverse }} {{ d | reverse | list }} {{ (1, 2) | reverse | list }} {{ (l | map('string')) | reverse }}
{{ 2.5 | round }} {{ 3.5 | round }} {{ 2.675 | round(2) }} {{ 7 | round }} {{ 2.1 | round(0, 'ceil') }} {{ 2.19 | round(1, 'floor') }} {{ 1234.5678 | round(2) }} {{ -2.5 | round }} {{ 2.5 | round | int }}
{{ ('<b>' | safe) }} {{ 5 | safe }} {{ n | string + '!' }} {{ d | string }} {{ nil | string }} {{ missing | string }}|
{{ l | sort }} {{ l | sort(reverse=true) }} {{ ['b', 'A', 'c'] | sort }} {{ ['b', 'A', 'c'] | sort(case_sensitive=true) }} {{ people[:2] | sort(attribute='age') | map(attribute='name') | list }} {{ [[2, 'a'], [1, 'b'], [2, 'c']] | sort(attribute=0) }} {{ [[2, 'a'], [1, 'b'], [2, 'c']] | sort(true, attribute='0') }} {{ 'hello' | sort | join }}
{{ l | sum }} {{ people[:2] | sum(attribute='age') }} {{ l | sum(start=10) }} {{ [1.5, 2] | sum }} {{ [] | sum }}
{{ 'hello wORLD foo-bar (baz) it\\'s' | title }} {{ u | title }} {{ 'a1b ßx' | title }}
{{ d | tojson }} {{ q | tojson }} {{ q | tojson(ensure_ascii=true) }} {{ [1, 2.0, none, true, 'x'] | tojson }} {{ {} | tojson }} {{ [] | tojson }} {{ {1: 2, none: 3, true: 4, 1.5: 5} | tojson }} {{ (1, 2) | tojson }} {{ 'é' | tojson }} {{ 1e400 | tojson }}
{{ d | tojson(indent=2) }} {{ {'a': {}, 'b': [], 'c': [[1]]} | tojson(indent=1) }} {{ d | tojson(separators=(',', ':')) }} {{ d | tojson(sort_keys=true) }} {{ d | tojson(indent='--') }} {{ d | tojson(true, none, [',', '=']) }} {{ d | tojson(indent=0) }} {{ d | tojson(indent=2, separators=('; ', ' = ')) }}
[{{ t | trim }}] [{{ 'xxaxx' | trim('x') }}] [{{ 'xyaxy' | trim('yx') }}] [{{ '\\u00a0\\u2003a\\u3000' | trim }}] [{{ 5 | trim }}] [{{ missing | trim }}] [{{ '\\x1ca\\x85' | trim }}]
{{ 'foo bar baz qux' | truncate(9) }} {{ 'foo bar baz qux' | truncate(9, true) }} {{ 'foo bar baz qux' | truncate(11) }} {{ 'foo bar baz qux' | truncate(9, false, '..', 0) }} {{ 'abcdefghij' | truncate(5, leeway=0) }}
{{ [1, 2, 1, 'a', 'A', 'b'] | unique | list }} {{ ['a', 'A'] | unique(true) | list }} {{ people | unique(attribute='name') | list | length }}
{{ 'a b/c?d=é&' | urlencode }} {{ 'one two, three_four é5' | wordcount }}
{{ n is defined }} {{ missing is defined }} {{ missing is undefined }} {{ d.zz is defined }} {{ n is not defined }} {{ nil is none }} {{ n is none }} {{ missing is none }}
{{ yes is boolean }} {{ 1 is boolean }} {{ yes is true }} {{ 1 is true }} {{ no is false }} {{ 0 is false }} {{ n is integer }} {{ yes is integer }} {{ f is float }} {{ n is float }} {{ n is number }} {{ yes is number }} {{ s is number }}
{{ s is string }} {{ n is string }} {{ d is mapping }} {{ l is mapping }} {{ namespace() is mapping }} {{ l is sequence }} {{ s is sequence }} {{ d is sequence }} {{ n is sequence }} {{ (1,) is sequence }} {{ d.items() is sequence }} {{ range(2) is sequence }} {{ missing is sequence }} {{ (l | map('string')) is sequence }}
{{ l is iterable }} {{ s is iterable }} {{ d is iterable }} {{ n is iterable }} {{ missing is iterable }} {{ nil is iterable }} {{ d.keys() is iterable }} {{ (l | map('string')) is iterable }}
{{ range is callable }} {{ n is callable }} {{ 'abc' is lower }} {{ 'aBc' is lower }} {{ 'ABC' is upper }} {{ '' is upper }} {{ 3 is odd }} {{ 3 is even }} {{ 4 is even }} {{ 6 is divisibleby 3 }} {{ 6 is divisibleby(4) }}
{{ 1 is eq 1 }} {{ 1 is equalto(2) }} {{ 1 is ne 2 }} {{ 1 is lt 2 }} {{ 1 is lessthan 1 }} {{ 1 is le 1 }} {{ 2 is gt 1 }} {{ 2 is greaterthan 2 }} {{ 2 is ge 2 }} {{ 1 is in [1] }} {{ 1 is not in [1] }} {{ none is sameas none }} {{ l is sameas l }} {{ [1] is sameas [1] }}
{{ 'upper' is filter }} {{ 'nix' is filter }} {{ 'odd' is test }} {{ 'nix' is test }}
{{ n is defined and s is string or no }} {{ n is divisibleby 3 and yes }} {{ n is eq 3 if yes else 0 }} {{ l[0] is eq l[0] }} {{ not n is none }}
{{ 'aBC'.capitalize() }} {{ 'ab'.center(5, '*') }} {{ 'banana'.count('an') }} {{ 'aaa'.count('') }} {{ 'banana'.count('a', 2) }} {{ 'abc'.endswith('bc') }} {{ 'abc'.endswith(('x', 'c')) }} {{ 'abc'.endswith('b', 0, 2) }} {{ 'abc'.startswith('bc', 1) }} {{ 'abc'.startswith('a') }} {{ 'abc'.startswith(('x', 'y')) }} {{ 'abc'.startswith('') }} {{ 'abc'.startswith('', 4) }}
{{ 'héllo'.find('l') }} {{ 'hello'.find('z') }} {{ 'hello'.find('l', 3) }} {{ 'hello'.rfind('l') }} {{ 'hello'.index('e') }} {{ 'hello'.rindex('l') }} {{ 'hello'.find('l', -2) }} {{ 'hello'.find('') }} {{ 'hello'.rfind('') }} {{ 'hello'.find('h', 1, 3) }}
{{ '{} {} {{x}}'.format(1, 'a') }} {{ '{1}{0}'.format('a', 'b') }} {{ '{x}-{y}'.format(x=1, y=[2]) }}
{{ 'ab1'.isalnum() }} {{ 'ab'.isalpha() }} {{ 'é'.isalpha() }} {{ '12'.isdigit() }} {{ '²'.isdigit() }} {{ '½'.isalnum() }} {{ ''.isdigit() }} {{ '1'.isdecimal() }} {{ '²'.isdecimal() }} {{ 'ab'.islower() }} {{ 'AB'.isupper() }} {{ 'A1'.isupper() }} {{ '1'.isupper() }} {{ ' \\n'.isspace() }} {{ ''.isspace() }} {{ 'ªⅷ'.islower() }}
{{ ','.join(['a', 'b']) }} {{ ''.join('abc') }} {{ '-'.join(d) }} [{{ 'ab'.ljust(4) }}] [{{ 'ab'.rjust(4, '.') }}] {{ 'AB'.lower() }} {{ 'ab'.upper() }} {{ 'they\\'re x1y'.title() }} {{ 'aBß'.swapcase() }} {{ '-42'.zfill(6) }} {{ '7'.zfill(3) }}
[{{ t.strip() }}] [{{ t.lstrip() }}] [{{ t.rstrip() }}] [{{ 'xax'.strip('x') }}] [{{ 'xax'.lstrip('x') }}] [{{ 'xax'.rstrip('x') }}] [{{ 'éaé'.strip('é') }}] [{{ 'a\\n'.strip('\\n') }}] [{{ t.strip(none) }}] [{{ 'abc'.strip('') }}]
{{ 'a-b-c'.partition('-') }} {{ 'a-b-c'.rpartition('-') }} {{ 'abc'.partition('-') }} {{ 'abc'.rpartition('-') }} {{ 'abc'.removeprefix('a') }} {{ 'abc'.removesuffix('c') }} {{ 'abc'.removeprefix('x') }}
{{ 'aXbXc'.replace('X', '-') }} {{ 'aXbXc'.replace('X', '-', 1) }} {{ 'abc'.replace('', '.') }} {{ 'abc'.replace('b', '') }}
{{ 'a,b,,c'.split(',') }} {{ 'a,b,c'.split(',', 1) }} {{ ' a  b c '.split() }} {{ ' a  b c '.split(none, 1) }} {{ 'a,b,c'.rsplit(',', 1) }} {{ ' a  b c '.rsplit(none, 1) }} {{ ' a  b '.rsplit() }} {{ ''.split(',') }} {{ ''.split() }} {{ 'a</think>b</think>c'.split('</think>')[-1] }} {{ 'abc'.split('x') }} {{ 'a,b'.split(sep=',', maxsplit=0) }}
{{ 'a\\nb\\r\\nc\\rd\\n'.splitlines() }} {{ 'a\\nb'.splitlines(true) }} {{ ''.splitlines() }} {{ 'a\\n\\nb'.splitlines() }}
{{ d.get('a') }} {{ d.get('zz') }} {{ d.get('zz', 5) }} {{ d.keys() | list }} {{ d.values() | list }} {{ d.items() | list }} {{ d.copy() }} {{ [1, 2, 1].count(1) }} {{ [1, 2].index(2) }} {{ (1, 2).index(2) }} {{ l.copy() }}
{{ d['items'] is defined }} {{ {'items': 1}['items'] }} {{ {'items': 1}.items is callable }} {{ {'get': 2}.get('get') }}
{{ l.append is defined }} {{ d.pop is defined }} {{ d.update is defined }} {{ s.__class__ is defined }}
{{ q }} {{ [q] }} {{ ['it\\'s'] }} {{ ['"'] }} {{ ['é🙂'] }} {{ [1.0, 1e20, none, true] }} {{ {'a': missing} }}
{{ (l | map('string')) | list }}{% set g = l | map('string') %}{% for x in g %}{{ x }}{% endfor %}{% for x in g %}again{% endfor %}{{ g is defined }}{% if g %}y{% endif %}
{{ ('a' if missing else 'b') ~ (missing or 'c') }}{{ missing ~ 'x' }}{{ missing | upper }}|{{ [missing] | first is undefined }}
{{ 1 if missing is undefined else missing.x }} {{ missing is defined and missing.x }} {{ d.zz.yy if d.zz is defined else 'no' }}
{{ n|string|length + 1 }} {{ (n + 1)|string }} {{ -n|abs }} {{ 'a' 'b'|upper }} {{ 'x'.upper()|lower }} {{ [1, 2]|map('string')|join(',')|upper }} {{ d.a|length if d.a else 0 }} {{ 'a,b'.split(',')[1].upper() }} {{ {'a': [1, {'b': 'c'}]}['a'][1].b }}
{%- set x = [] %}{% for i in range(3) %}{% set x = x + [i] %}{% endfor %}{{ x }}
{% set loop_messages = l[1:] %}{% set system_message = '' %}{% for m in loop_messages %}{{ m }}{{ system_message }}{% endfor %}
"""

BLOCKS = [
    "  {% if yes %}\n  a\n  {% endif %}\n  b\n",
    "\n\n{% if yes %}\n\n{{ n }}\n{% endif %}\n\n",
    "a\n    {%+ if yes %}\n  x\n{%+ endif +%}\n  y",
    "a {# c #}\n  {# d #}\n  b",
    "{% for x in l %}\n  - {{ x }}\n{% endfor %}\nend",
    "{{ n }}\n{{ n }}\n\n",
    "a  {{- n }}  \n  {{ n -}}  \n b",
    "\t{%- if yes %}\n\t x\n\t{%- endif %}\n\tz",
    "x\r\ny\rz\r\n{{ 'a\r\nb' }}",
    "  {% raw %}\n  {{ a }}\n  {% endraw %}\n  b",
    "a{% if yes -%}\n\n  b\n\n{%- endif %}\n\nc",
    "{%- macro m(x) -%}\n  {{ x }}\n{%- endmacro -%}\n{{ m(1) }}{{ m(2) }}",
    "{% set x = 1 %}\n{% set y = 2 %}\n{{ x }}{{ y }}\n",
    "{#- a -#}\n\n{{ 'x' }}{#+ b +#}\n\n c",
    "  {{ n }}\n  {% set a = 1 %} {{ a }}\n",
    "{%if yes%}a{%else%}b{%endif%}{{n}}{{-n-}}",
    "{{ {'a': '}}'}['a'] }}{{ '%}' }}{{ \"{{\" }}",
    "{% if '%}' == '%}' %}a{% endif %}",
    "{ {a} } {% raw %}{%{% endraw %} {%- raw %} x {% endraw -%} y",
    "", "\n", "\n\n", "just text", "{{ '' }}", "{", "a{", "}}", "%}", "#}",
]

ERRORS = [
    ("{{ missing.x }}", "'missing' is undefined"),
    ("a\n{{ n }}\n{{ d.zz.yy }}", "line 3: 'zz' is undefined"),
    ("{{ missing + 1 }}", "'missing' is undefined"),
    ("{{ 'a' + missing }}", "'missing' is undefined"),
    ("{{ missing < 1 }}", "'missing' is undefined"),
    ("{{ missing() }}", "'missing' is called but undefined"),
    ("{{ n() }}", "a int cannot be called"),
    ("{{ n.foo.bar }}", "'foo' is undefined"),
    ("{{ 'a' + 1 }}", "+ cannot be used on a str and a int"),
    ("{{ [] + () }}", "+ cannot be used on a list and a tuple"),
    ("{{ nil + 1 }}", "+ cannot be used on a None and a int"),
    ("{{ 'a' - 'b' }}", "- cannot be used"),
    ("{{ -'a' }}", "- cannot be used"),
    ("{{ 1 / 0 }}", "division by zero"),
    ("{{ 1 % 0 }}", "division by zero"),
    ("{{ 1 // 0.0 }}", "division by zero"),
    ("{{ 1 < 'a' }}", "a int and a str have no order"),
    ("{{ nil < nil }}", "have no order"),
    ("{{ 1 in 5 }}", "a int is not iterable"),
    ("{{ 1 in 'a' }}", "only a str can be in a str"),
    ("{% for x in 5 %}{% endfor %}", "a int is not iterable"),
    ("{% for x in nil %}{% endfor %}", "a None is not iterable"),
    ("{% for a, b in [(1, 2, 3)] %}{% endfor %}", "3 values cannot be set to 2 names"),
    ("{{ n | length }}", "a int has no length"),
    ("{{ l | map('string') | length }}", "a generator has no length"),
    ("{{ n[1:] }}", "a int cannot be sliced"),
    ("{{ s[::0] }}", "step of 0"),
    ("{{ {[1]: 2} }}", "a list cannot be a key"),
    ("{{ n | nix }}", "the filter 'nix' is not known"),
    ("{{ n is nix }}", "the test 'nix' is not known"),
    ("{{ raise_exception('no ' + s) }}", "it refuses: no a,b"),
    ("{% set d.x = 1 %}", "only of a namespace"),
    ("{{ l.append(1) }}", "'append' is called but undefined"),
    ("{{ d.update({}) }}", "'update' is called but undefined"),
    ("{{ s.__class__.__mro__ }}", "'__class__' is undefined"),
    ("{{ range(1000000) }}", "range() is longer than"),
    ("{{ range(1, 5, 0) }}", "step of 0"),
    ("{{ 'a'.split('') }}", "a separator is empty"),
    ("{{ 'a'.index('b') }}", "is not there"),
    ("{{ [1].index(2) }}", "is not there"),
    ("{{ 'a'.replace(1, 2) }}", "a str is needed, not a int"),
    ("{{ 'a'.startswith(1) }}", "a str is needed"),
    ("{{ ','.join([1]) }}", "a str is needed"),
    ("{{ 'a'.center() }}", "center() needs the argument width"),
    ("{{ 'a'.upper(1) }}", "upper() does not take these arguments"),
    ("{{ l | join(x=1) }}", "join() does not take these arguments: x"),
    ("{{ 'a' | replace('a') }}", "replace() needs the argument new"),
    ("{{ missing | tojson }}", "cannot be JSON"),
    ("{{ range | tojson }}", "cannot be JSON"),
    ("{{ {(1,): 2} | tojson }}", "cannot be a key"),
    ("{% macro m(a) %}{% endmacro %}{{ m(1, 2) }}", "takes no more than 1 arguments"),
    ("{% macro m(a) %}{% endmacro %}{{ m(b=2) }}", "has no parameter 'b'"),
    ("{% macro m(a) %}{% endmacro %}{{ m(1, a=2) }}", "two values for the parameter 'a'"),
    ("{% macro m(x) %}{{ m(x) }}{% endmacro %}{{ m(1) }}", "is nested deeper than 64"),
    ("{% for x in l %}{{ loop(x) }}{% endfor %}", "not recursive"),
    ("{{ '%s %s' % 'a' }}", "more values than it gets"),
    ("{{ '%s' % ('a', 'b') }}", "more values than it needs"),
    ("{{ '%d' % 'a' }}", "not supported for a str"),
    ("{{ '{} {}'.format(1) }}", "is not supported, or has no value"),
    ("{{ '{'.format(1) }}", "a brace has no partner"),
    ("{{ n | dictsort }}", "dictsort needs a dict"),
    ("{{ n | items | list }}", "items needs a dict"),
    ("{{ [1, 'a'] | sort }}", "have no order"),
    ("{{ s | abs }}", "abs needs a number"),
    ("{{ missing | int }}", "is no number"),
    ("{{ dict(1) }}", "is not iterable"),
    ("{{ dict([1]) }}", "is not iterable"),
    ("{{ 1", "is not closed with }}"),
    ("{{ 1 }", "unexpected '}'"),
    ("{% if x", "is not closed with %}"),
    ("a\n{% if yes %}\nb", "{% endif %} is missing"),
    ("{% for x in l %}", "{% endfor %} is missing"),
    ("{% endif %}", "\"endif\" is not expected here"),
    ("{% if yes %}{% endfor %}", "\"endfor\" is not expected here"),
    ("{% nix %}", "the statement {% nix %} is not supported"),
    ("{% do l.append(1) %}", "the statement {% do %} is not supported"),
    ("{{ }}", "}} is not expected here"),
    ("{{ 1 2 }}", "}} is missing before \"2\""),
    ("{{ (1 }}", "'}'"),
    ("{{ [1, }}", "'}'"),
    ("{{ 'abc }}", "a string is not closed"),
    ("{{ a ? b }}", "unexpected character '?'"),
    ("{{ a.5b }}", "\"b\""),
    ("{{ a. }}", "a name is missing before }}"),
    ("{{ a | }}", "a name is missing before }}"),
    ("{{ a is }}", "a name is missing before }}"),
    ("{% set 5 = 1 %}", "a name is missing before \"5\""),
    ("{% set true = 1 %}", "\"true\" is not expected here"),
    ("{% for x l %}{% endfor %}", "\"l\" is not expected here"),
    ("{# a", "a comment is not closed"),
    ("{% raw %} a", "is not closed"),
    ("{% break %}", "stands outside of a loop"),
    ("{% call n %}{% endcall %}", "needs a call"),
    ("{{ '\\xg' }}", "broken escape \\x"),
    ("{{ '\\ud800' | upper }}{{ nix.nix }}", "escape"),
    ("{{ 010 }}", "no number"),
    ("{{ f(a=1, a=2) }}", "two values for the argument 'a'"),
]

# What we do not do though jinja2 may: said, not done otherwise.
OURS_ALONE = [
    ("{{ l | map('string') }}", "a generator cannot be written as text"),
    ("{{ d.items() }}", "a view cannot be written as text"),
    ("{{ s.upper }}", "a function cannot be written as text"),
    ("{{ 99999999999999999999 }}", "no number that is supported"),
    ("{{ 9223372036854775807 + 1 }}", "larger than 64 bits"),
    ("{{ 2 ** 64 }}", "larger than 64 bits"),
    ("{{ -9223372036854775807 - 2 }}", "larger than 64 bits"),
    ("{{ 4611686018427387904 * 2 }}", "larger than 64 bits"),
    ("{{ 'a'.encode() }}", "str.encode is not supported"),
    ("{% include 'x' %}", "{% include %} is not supported"),
    ("{% import 'x' as y %}", "{% import %} is not supported"),
    ("{% extends 'x' %}", "{% extends %} is not supported"),
    ("{% block x %}{% endblock %}", "{% block %} is not supported"),
    ("{{ strftime_now('%Z') }}", "%Z is not supported"),
    ("{{ '%(a)s' % {'a': 1} }}", "%(name) is not supported"),
    ("{{ '{:>5}'.format(1) }}", "is not supported"),
    ("{{ '\\N{DIGIT ONE}' }}", "not supported"),
    ("{% set r = range(2000) %}{% for i in r %}{{ -1 in r }}{% endfor %}",
     "more than 1000000 steps"),
    ("{{ 'a' * 20000000 }}", "too long"),
    ("{{ 'a' * 2000000 }}", "writes more than 1 MiB"),
    ("{% set ns = namespace(x=['a']) %}{% for i in range(60) %}{% set ns.x = ns.x + ns.x %}"
     "{% endfor %}", "needs more than 16 MiB of memory"),
    ("{{ " + "(" * 70 + "1" + ")" * 70 + " }}", "nested deeper than 64"),
    ("{{ " + "not " * 70 + "1 }}", "nested deeper than 64"),
    ("{{ " + "-" * 70 + "1 }}", "nested deeper than 64"),
    ("{% if yes %}" * 70 + "{% endif %}" * 70, "nested deeper than 64"),
    ("{{ " + "[" * 70 + "]" * 70 + " }}", "nested deeper than 64"),
]


def render(env, template):
    try:
        return env.from_string(template).render(**json.loads(json.dumps(V))), None
    except Exception as e:
        return None, e


def main():
    env = environment()
    rows = []
    for template in TEXT.strip("\n").split("\n") + BLOCKS:
        text, error = render(env, template)
        if error is not None:
            sys.exit("jinja2 refuses %s: %r" % (template, error))
        rows.append([template, text])
    for template, part in ERRORS:
        text, error = render(env, template)
        if error is None:
            sys.exit("jinja2 renders %s: %r" % (template, text))
        rows.append([template, None, part])
    rows += [[template, None, part] for template, part in OURS_ALONE]
    print(json.dumps(V))
    for row in rows:
        print(json.dumps(row))


main()
