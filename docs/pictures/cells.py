"""A terminal's screen as SVG: what `tmux capture-pane -e` prints, cell by cell.

Knows the colours and attributes that the arena sends (ECMA-48 SGR; the 256
colours are xterm's).  A character stands in its cell whatever font shows it."""
import re
import unicodedata
from xml.sax.saxutils import escape

CELL, LINE, SIZE, PAD = 8.4, 17, 14, 12  # px; SIZE is that of the font
PAPER, INK = '#16191d', '#d7dade'
BASIC = ['#1c1f24', '#e06c75', '#98c379', '#e5c07b', '#61afef', '#c678dd',
         '#56b6c2', '#d7dade', '#5c6370', '#ef8891', '#b5e08f', '#f2d59a',
         '#87c5f7', '#d79be8', '#7ed0da', '#ffffff']
FONT = "'DejaVu Sans Mono',Menlo,Consolas,monospace"


def color(n):
    """One of the 256 (xterm's 256colres.h)."""
    if n < 16:
        return BASIC[n]
    if n >= 232:
        return '#' + '%02x' % (8 + 10 * (n - 232)) * 3
    levels = (0, 95, 135, 175, 215, 255)
    n -= 16
    return '#%02x%02x%02x' % (levels[n // 36], levels[n // 6 % 6],
                              levels[n % 6])


class Pen:
    ON = {1: 'bold', 2: 'dim', 3: 'italic', 4: 'under', 7: 'reverse'}
    OFF = {22: ('bold', 'dim'), 23: ('italic',), 24: ('under',),
           27: ('reverse',)}

    def __init__(self):
        self.reset()

    def reset(self):
        self.ink = self.paper = None
        for name in self.ON.values():
            setattr(self, name, False)

    def set(self, codes):
        numbers = [int(c or 0) for c in re.split('[;:]', codes)]
        while numbers:
            n = numbers.pop(0)
            if n == 0:
                self.reset()
            elif n in self.ON:
                setattr(self, self.ON[n], True)
            elif n in self.OFF:
                for name in self.OFF[n]:
                    setattr(self, name, False)
            elif n in (38, 48):
                by_number = numbers.pop(0) == 5
                value = (color(numbers.pop(0)) if by_number else
                         '#%02x%02x%02x' % tuple(numbers[:3]))
                if not by_number:
                    del numbers[:3]
                setattr(self, 'ink' if n == 38 else 'paper', value)
            elif 30 <= n <= 39:
                self.ink = None if n == 39 else color(n - 30)
            elif 40 <= n <= 49:
                self.paper = None if n == 49 else color(n - 40)
            elif 90 <= n <= 97:
                self.ink = color(n - 82)

    def look(self):
        ink, paper = self.ink or INK, self.paper
        if self.reverse:
            ink, paper = paper or PAPER, ink
        return ink, paper, self.bold, self.dim, self.italic, self.under


def columns_of(c):
    if unicodedata.category(c) in ('Mn', 'Me', 'Cf'):
        return 0
    return 2 if unicodedata.east_asian_width(c) in 'WF' else 1


def runs(line, pen):
    """Pieces of one look: [column, columns, text, look]."""
    column, out = 0, []
    for part in re.split('(\x1b\\[[0-9;:]*m)', line):
        if part.startswith('\x1b['):
            pen.set(part[2:-1])
            continue
        for c in part:
            n = columns_of(c)
            if n == 0 and out:
                out[-1][2] += c
            elif (out and n == 1 and out[-1][3] == pen.look() and
                  out[-1][1] == len(out[-1][2])):
                out[-1][1] += 1
                out[-1][2] += c
            else:
                out.append([column, n, c, pen.look()])
            column += n
    return out


def draw_line(line, pen):
    """The line as SVG, with its left upper corner at 0, 0."""
    out = []
    for column, n, text, look in runs(line, pen):
        ink, paper, bold, dim, italic, under = look
        x, wide = '%g' % round(column * CELL, 1), '%g' % round(n * CELL, 1)
        if paper:
            out.append('<rect x="%s" width="%s" height="%d" fill="%s"/>' %
                       (x, wide, LINE, paper))
        if not text.strip():
            continue
        style = '' if ink == INK else ' fill="%s"' % ink
        style += ' font-weight="bold"' if bold else ''
        style += ' font-style="italic"' if italic else ''
        style += ' text-decoration="underline"' if under else ''
        style += ' opacity=".6"' if dim else ''
        out.append('<text x="%s" y="13" textLength="%s"%s>%s</text>' %
                   (x, wide, style,
                    escape(text.replace(' ', '\u00a0'))))  # kept as it is
    return ''.join(out)


def frame(columns, rows, inside, style=''):
    w, h = 2 * PAD + columns * CELL, 2 * PAD + rows * LINE
    return ('<svg xmlns="http://www.w3.org/2000/svg" '
            'xmlns:xlink="http://www.w3.org/1999/xlink" '
            'viewBox="0 0 %g %g" width="%g" height="%g">%s'
            '<rect width="100%%" height="100%%" rx="6" fill="%s"/>'
            '<g font-family="%s" font-size="%d" fill="%s" '
            'transform="translate(%d %d)">\n%s</g></svg>\n' %
            (w, h, w, h, style, PAPER, FONT, SIZE, INK, PAD, PAD, inside))


def drawn_lines(screen, rows):
    pen = Pen()
    return [draw_line(line, pen) for line in screen.split('\n')[:rows]]


def picture(screen, columns, rows):
    """One screen."""
    lines = enumerate(drawn_lines(screen, rows))
    return frame(columns, rows, ''.join(
        '<g transform="translate(0 %d)">%s</g>\n' % (y * LINE, line)
        for y, line in lines if line))


def film(shots, columns, rows):
    """Screens as (seconds that it stands, screen), over and over.  A line that
    stands on several of them is drawn once."""
    total = sum(seconds for seconds, _ in shots)
    names, shown, style, at = {}, [], [], 0.0
    for i, (seconds, screen) in enumerate(shots):
        uses = ''
        for y, line in enumerate(drawn_lines(screen, rows)):
            if line:
                name = names.setdefault(line, 'l%d' % len(names))
                uses += '<use xlink:href="#%s" y="%d"/>' % (name, y * LINE)
        shown.append('<g class="s" style="animation-name:f%d">%s</g>\n' %
                     (i, uses))
        begin, end = 100 * at / total, 100 * (at + seconds) / total
        style.append('@keyframes f%d{0%%{visibility:%s}%.2f%%{visibility:'
                     'visible}%.2f%%{visibility:hidden}}' %
                     (i, 'hidden' if i else 'visible', begin, end))
        at += seconds
    css = ('<style>.s{visibility:hidden;animation:%.1fs step-end infinite}%s'
           '</style>' % (total, ''.join(style)))
    lines = ''.join('<g id="%s">%s</g>\n' % (name, line)
                    for line, name in names.items())
    return frame(columns, rows, '<defs>\n%s</defs>\n%s' %
                 (lines, ''.join(shown)), css)
