"""Takes one file out of a wheel (which is a zip).  Only standard library.

    unpack.py WHEEL MEMBER SIZE OUT    append a member of SIZE bytes to OUT
    unpack.py WHEEL MEMBER text OUT    write a member as plain text to OUT

Nothing but OUT is written.  Whatever is wrong ends it with one line.
"""
import html.parser
import os
import re
import shutil
import sys
import zipfile

TEXT_MAX_BYTES = 4 << 20


class Text(html.parser.HTMLParser):
    """The words of a page: of its <article>, where it has one."""

    BREAKS = {"p", "li", "div", "br", "tr", "h1", "h2", "h3", "h4"}

    def __init__(self):
        super().__init__()
        self.hidden = 0
        self.inside = False
        self.all, self.article = [], []

    def put(self, words):
        self.all.append(words)
        if self.inside:
            self.article.append(words)

    def handle_starttag(self, tag, attrs):
        self.hidden += tag in ("script", "style")
        if tag == "article":
            self.inside = True
        if tag in self.BREAKS:
            self.put("\n")

    def handle_endtag(self, tag):
        self.hidden -= tag in ("script", "style")
        if tag == "article":
            self.inside = False

    def handle_data(self, data):
        if not self.hidden:
            self.put(data)

    def result(self):
        text = "".join(self.article or self.all)
        text = re.sub(r"[ \t]+", " ", text)
        return re.sub(r"\n\s*\n", "\n\n", text).strip() + "\n"


def main(wheel, member, size, out):
    with zipfile.ZipFile(wheel) as archive:
        entry = archive.getinfo(member)
        if size == "text":
            if entry.file_size > TEXT_MAX_BYTES:
                raise ValueError(f"{member} is too large for a text")
            text = archive.read(entry).decode("utf-8", "replace")
            if member.endswith((".html", ".htm")):
                page = Text()
                page.feed(text)
                text = page.result()
            with open(out, "w", encoding="utf-8") as target:
                target.write(text)
            return
        if entry.file_size != int(size):
            raise ValueError(f"{member} has {entry.file_size} bytes")
        with archive.open(entry) as source, open(out, "ab") as target:
            shutil.copyfileobj(source, target, 1 << 20)
            target.flush()
            os.fsync(target.fileno())


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except KeyError:
        sys.exit(f"there is no {sys.argv[2]} in the wheel")
    except Exception as error:  # one line, whatever it is
        sys.exit(str(error) or type(error).__name__)
