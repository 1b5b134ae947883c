#!/usr/bin/env python3
"""Writes splits.json: how the `tokenizers` package (of Python's package index)
cuts texts into words, for test_tokenizer to compare with.

The definitions below are the pre_tokenizer parts of the tokenizer.json files
that the models ship; the texts were made up here.
usage: make_splits.py > splits.json
"""
import json
from tokenizers import Regex, pre_tokenizers as pre

CONTRACTIONS = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)"


def cl100k(digits):
    return (CONTRACTIONS + r"|[^\r\n\p{L}\p{N}]?\p{L}+|" + digits +
            r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")


def o200k(suffix, digits):
    upper, lower = r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]", r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"
    return (r"[^\r\n\p{L}\p{N}]?" + upper + "*" + lower + "+" + suffix +
            r"|[^\r\n\p{L}\p{N}]?" + upper + "+" + lower + "*" + suffix + "|" + digits +
            r"| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+")


# As MiniCPM5, Jais 2, EXAONE MoE, … have them.
LETTERS = r"[^\r\n\p{L}\p{N}]?\p{L}+"
BLANKS = r"\s*[\r\n]+|\s+(?!\S)|\s+"
JAIS2 = cl100k(r"\p{N}{1,3}").replace(r"|\s+(?!\S)|\s+", "".join(
    r"|\s{%s}(?!\S)" % n for n in "512 256 128 64 32 16 8 4 1,2".split()) +
    r"|\s{1}")
QWEN35 = (CONTRACTIONS + r"|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}"
          r"| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|" + BLANKS)
SEED = (CONTRACTIONS + "|" + LETTERS + r"|\p{N}{1}| ?[^\s\p{L}\p{N}\r\n]+|" +
        BLANKS)
BAILING = (r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}"
           r"| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+")
EXAONE = (CONTRACTIONS + r"|[^\r\n\p{L}\p{N}]?"
          r"(?:\p{L}\p{M}*(?: \p{L}\p{M}*)*)+|\p{N}"
          r"| ?[^\s\p{L}\p{N}]+[\r\n/]?|\s*[\r\n]|\s+(?!\S)|\s+")
BLOOM = " ?[^(\\s|[.,!?…。，、।۔،])]+"


def split(*patterns):
    return [pre.Split(Regex(p), 'isolated') for p in patterns]


GPT2 = [pre.ByteLevel(add_prefix_space=False, use_regex=True)]
FAMILIES = {
    'gpt-2': GPT2,
    'smollm': [pre.Digits(individual_digits=True)] + GPT2,
    'llama-bpe': split(cl100k(r"\p{N}{1,3}")),
    'qwen2': split(cl100k(r"\p{N}")),
    'tekken': split(o200k('', r"\p{N}")),
    'gpt-4o': split(o200k(CONTRACTIONS + '?', r"\p{N}{1,3}")),
    'deepseek-coder': split(r"[\r\n]", r"\s?\p{L}+", r"\s?\p{P}+",
                            '[一-龥ࠀ-一가-\ud7ff]+') +
                      [pre.Digits(individual_digits=True)],
    'minicpm5': split(r"\p{N}{1,3}", cl100k(r"\p{N}+")),
    'laguna': split(r"[^\n]+|[\n]+", cl100k(r"\p{N}")),
    'ufakzeka': split(cl100k(r"\p{N}")[len(CONTRACTIONS) + 1:]),
    'jais-2': split(JAIS2),
    'qwen35': split(QWEN35),
    'seed-coder': split(SEED),
    'bailingmoe': split(BAILING),
    'exaone-moe': split(EXAONE),
    'superbpe': split(r"\p{N}+", r"(?=(\d{3})+(?!\d))"),
    'youtu': split("[가-힣ㄱ-ㆎ]+|[！…“”‘’—：；，、-〿︰-﹏]+|[ㄅ-ㄯ]+"
                   "|[一-龥぀-ゟ゠-ヿ]+",
                   o200k(CONTRACTIONS + '?', r"\p{N}")),
    'bloom': split(BLOOM),
    'viking': split(BLOOM) + [pre.Digits(individual_digits=True)],
    'deepseek-v3': split(r"\p{N}{1,3}", '[一-龥぀-ゟ゠-ヿ]+',
                         r"""[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+"""
                         r"""|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+"""
                         r"""| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"""),
}
TEXTS = [
    "Hello, world!", " lead  two   three \t tab\n\n  next\r\n\r\nend  ",
    "I'm we'll DON'T they'Ve 'twas O'Neil's it’s", "x1 22 333 4444 55555 3.14159 1,000",
    "１２３ ½ Ⅳ ①", "camelCase HTTPServer snake_case ABCdefGHI été ÉTÉ ǅungla",
    "naïve Straße Привет мир 你好，世界 こんにちは カタカナ 안녕 مرحبا नमस्ते สวัสดี",
    "for (int i=0;i<n;++i){ a[i]+=b[i]/2; } // done\n\tx\n", "<|im_start|> </s> a/b/c \\n $x^2$ #tag @me ~~",
    "e\u0301 z\u0351\u032b 👩\u200d👧 🇫🇷 …—“”", "   ", "\n", " \n \n\n x", "a\u00a0b\u2003c\u3000d\u200be",
    "!!!???\n\n...", "end/\n/\r\nslash", "one\u0085two\u2028three",
    "１２３４５６７ 1234567½89 x" + 9 * " " + "y" + 70 * " ", "한국어 ㄱㄴ 一二ㄅㄆ！…“q”、。 a b c",
]


def words(stages, text):
    # ByteLevel writes its alphabet; only where it cuts matters here.
    seq = pre.Sequence(stages)
    return [text[a:b] for _, (a, b) in seq.pre_tokenize_str(text)]


out = {name: [] for name in FAMILIES}
for name, stages in FAMILIES.items():
    for text in TEXTS:
        cut = words(stages, text)
        assert ''.join(cut) == text, (name, text, cut)
        out[name].append(cut)
lines = (f'"{name}": [\n' + ',\n'.join(map(json.dumps, cuts)) + ']' for name, cuts in out.items())
print('{' + ',\n'.join(lines) + '}')
