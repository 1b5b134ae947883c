#!/usr/bin/env python3
"""Makes the unigram vocabularies, and how the sentencepiece package cuts texts
by them, for test_unigram to compare with.

usage: make_unigram.py [FOLDER]       (FOLDER: tests/engine/models beside this)

Needs the Python packages sentencepiece, protobuf and gguf.  The words and texts were made
up here.  With FOLDER given and "nfkc" after it, a vocabulary with the whole
table of Unicode's NFKC is made as well; it is too large to be committed.
"""
import io
import json
import os
import random
import sys
import tempfile

import gguf
import sentencepiece as spm
from sentencepiece import sentencepiece_model_pb2 as pb

SEED = 20261124
WORDS = """arena model answer answers answering vote voter voted blind blindly
side sides left right better worse tie both bad prompt prompts run running runs
rate rating ratings strong stronger strongest weak weaker small smaller number
numbers language languages naïve café Straße über été привет мир こんにちは 世界
token tokens tokenize tokenizer piece pieces score scores likely unlikely""".split()

# What is rewritten, in the form that the trainer reads: from, to.
RULES = [("\uFB01", "fi"), ("\u00BD", "1/2"), ("\u3000", " "), ("\t", " "),
         ("\n", " "), ("A", "a"), ("AB", "xyz"), ("\u00C5", "a\u030A"),
         ("e\u0301", "é"), ("\u00B4", " \u0301"), ("\u200B", ""),
         ("\uFDFA", "a long one with blanks")]

TEXTS = [
    "a strong answer", "The stronger  model   answers better.", " both bad ",
    "    ", "", "x", "tokenizer tokens tokenizing", "voters' ratings: 12, 345",
    "ﬁne ½ ＡＢ ABABA\tcafé cafe\u0301 Å", "世界こんにちは 日本 мир 🙂🙃 мы",
    "▁literal▁blank▁", "a\u3000b\u200B\u200Bc \u3000 d", "´x ´ ´´",
    "ﷺ twice ﷺ", "line\none\r\ntwo\n\n", "<s> </s> <unk> <0x41>", "ääääää",
    "answersanswersanswers", "runningrunsrun", "\u0301\u0301", "ÅÅABA",
]


def sentences():
    r = random.Random(SEED)
    for _ in range(2000):
        yield " ".join(r.choice(WORDS) for _ in range(r.randint(3, 12)))


def train(name, size, **options):
    model = io.BytesIO()
    with tempfile.TemporaryDirectory() as tmp:
        rules = os.path.join(tmp, "rules.tsv")
        with open(rules, "w") as f:
            for a, b in RULES:
                f.write(" ".join(f"{ord(c):X}" for c in a) + "\t" +
                        " ".join(f"{ord(c):X}" for c in b) + "\n")
        if "normalization_rule_name" not in options:
            options["normalization_rule_tsv"] = rules
        spm.SentencePieceTrainer.train(
            sentence_iterator=sentences(), model_writer=model,
            model_type="unigram", vocab_size=size, num_threads=1,
            character_coverage=0.98, minloglevel=2, **options)
    return model.getvalue()


def write_gguf(path, blob):
    m = pb.ModelProto()
    m.ParseFromString(blob)
    w = gguf.GGUFWriter(path, "t5")
    w.add_tokenizer_model("t5")
    w.add_token_list([p.piece.encode() for p in m.pieces])
    w.add_token_scores([p.score for p in m.pieces])
    w.add_token_types([p.type for p in m.pieces])
    w.add_unk_token_id(m.trainer_spec.unk_id)
    w.add_bos_token_id(m.trainer_spec.bos_id)
    w.add_eos_token_id(m.trainer_spec.eos_id)
    w.add_add_bos_token(False)
    w.add_add_eos_token(False)
    n = m.normalizer_spec
    w.add_add_space_prefix(n.add_dummy_prefix)
    w.add_remove_extra_whitespaces(n.remove_extra_whitespaces)
    if n.precompiled_charsmap:
        w.add_precompiled_charsmap(n.precompiled_charsmap)
    w.write_header_to_file()
    w.write_kv_data_to_file()
    w.write_tensors_to_file()
    w.close()


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    folder = sys.argv[1] if len(sys.argv) > 1 else os.path.join(here, "models")
    models = {
        "unigram-bytes": train("b", 348, byte_fallback=True),
        "unigram-unknown": train("u", 90, remove_extra_whitespaces=False),
        "unigram-bare": train("n", 344, byte_fallback=True,
                              normalization_rule_name="identity",
                              add_dummy_prefix=False,
                              remove_extra_whitespaces=False),
    }
    if sys.argv[2:] == ["nfkc"]:
        models["unigram-nfkc"] = train("k", 90,
                                       normalization_rule_name="nmt_nfkc_cf")
    out = {}
    for name, blob in models.items():
        write_gguf(os.path.join(folder, name + ".gguf"), blob)
        sp = spm.SentencePieceProcessor(model_proto=blob)
        out[name] = [[t, sp.encode(t)] for t in TEXTS]
    rows = ",\n".join(f'"{k}": [\n' + ",\n".join(
        " " + json.dumps(x, ensure_ascii=False) for x in v) + "]"
        for k, v in out.items())
    with open(os.path.join(folder, "unigram.json"), "w") as f:
        f.write('{"source": "tests/engine/make_unigram.py; ids by the '
                'sentencepiece package",\n"models": {\n%s}}\n' % rows)


main()
