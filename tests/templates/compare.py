#!/usr/bin/env python3
"""Compares our rendering of published chat templates with jinja2's.

    compare.py RENDER FOLDER [TEMPLATE...]

RENDER is the program of tests/templates/render.c, FOLDER is for what is brought
here: jinja2 in an environment of its own, and the templates that the source of
the package llama-cpp-python carries (vendor/llama.cpp/models/templates).  With
TEMPLATEs, files of one's own are compared instead.

jinja2 is set up as transformers does it (utils/chat_template_utils.py).  Every
template writes four conversations and RANDOM random ones (default 100), with
thinking on and off if it has a switch for it.  Exit status: 0 all equal, or
nothing to be had from the registry; 1 otherwise.
"""
import datetime
import json
import os
import random
import subprocess
import sys
import tarfile

PACKAGE = "llama-cpp-python"
INSIDE = "/vendor/llama.cpp/models/templates/"
NOW = 1750000000  # what strftime_now says, in UTC
SEED = 20240726


# --- what is brought -------------------------------------------------------

def skip(why):
    print("skipped: " + why)
    sys.exit(0)


# What pip says if the registry cannot be reached, or does not have it.
NOT_THERE = ["No matching distribution", "Temporary failure", "timed out",
             "Connection", "connection", "Max retries", "HTTP error"]


def pip(python, *arguments):
    done = subprocess.run([python, "-m", "pip", *arguments],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True)
    if done.returncode == 0:
        return
    if any(sign in done.stdout for sign in NOT_THERE):
        skip("the package registry does not answer: pip " +
             " ".join(arguments))
    sys.exit(done.stdout)


def bring(folder):
    """The Python of an environment that has jinja2."""
    venv = os.path.join(folder, "venv")
    python = os.path.join(venv, "bin", "python")
    if not os.path.exists(os.path.join(venv, "ready")):
        subprocess.run([sys.executable, "-m", "venv", venv], check=True)
        # scikit-build-core only so that pip can read the package's name.
        pip(python, "install", "-q", "jinja2>=3.1.6", "scikit-build-core")
        open(os.path.join(venv, "ready"), "w").close()
    return python


def bring_templates(folder, python):
    into = os.path.join(folder, "templates")
    if os.path.isdir(into):
        return into
    pip(python, "download", "-q", "--no-deps", "--no-build-isolation",
        "--no-binary", PACKAGE, "-d", folder, PACKAGE)
    packages = [f for f in os.listdir(folder) if f.endswith(".tar.gz")]
    os.makedirs(into + ".part", exist_ok=True)
    with tarfile.open(os.path.join(folder, sorted(packages)[-1])) as tar:
        for member in tar:
            name = os.path.basename(member.name)
            if member.isfile() and INSIDE in member.name and \
                    name.endswith(".jinja"):
                with open(os.path.join(into + ".part", name), "wb") as f:
                    f.write(tar.extractfile(member).read())
    os.rename(into + ".part", into)
    return into


# --- jinja2 as transformers sets it up -------------------------------------

def environment():
    import jinja2
    import jinja2.ext
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    class Generation(jinja2.ext.Extension):
        tags = {"generation"}

        def parse(self, parser):
            line = next(parser.stream).lineno
            body = parser.parse_statements(["name:endgeneration"],
                                           drop_needle=True)
            call = self.call_method("_write", [])
            return jinja2.nodes.CallBlock(call, [], [], body).set_lineno(line)

        def _write(self, caller):
            return caller()

    def raise_exception(message):
        raise jinja2.exceptions.TemplateError(message)

    def tojson(x, ensure_ascii=False, indent=None, separators=None,
               sort_keys=False):
        return json.dumps(x, ensure_ascii=ensure_ascii, indent=indent,
                          separators=separators, sort_keys=sort_keys)

    now = datetime.datetime.fromtimestamp(NOW, datetime.timezone.utc)
    env = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True,
        extensions=[Generation, jinja2.ext.loopcontrols])
    env.filters["tojson"] = tojson
    env.globals["raise_exception"] = raise_exception
    env.globals["strftime_now"] = now.replace(tzinfo=None).strftime
    return env


# --- conversations ---------------------------------------------------------

FOUR = [
    [["user", "Hi\nthere"]],
    [["system", "Be {terse} and \"kind\"."], ["user", "What's 1 < 2?"]],
    [["user", " Hi "], ["assistant", "Hello."], ["user", "Bye"]],
    [["system", "Be terse."], ["user", "One"],
     ["assistant", "<think>\nhm, 1\n</think>\n\nTwo"], ["user", "Three"]],
]

BITS = ["", " ", "\n", "\n\n", "\t", "a", "Hello", "1 < 2", "'", '"', "\\", "\\n",
        "{{ x }}", "{% if %}", "{#", "}}", "<|im_end|>", "<|im_start|>", "</s>",
        "<s>", "<think>", "</think>", "<think>\n", "\n</think>\n\n", "[INST]",
        "[/INST]", "<|eot_id|>", "<end_of_turn>", "<|end|>", "/no_think",
        "/think", "é", "ß", "日本語", "Ω≈ç", "🙂👩‍👩‍👧", "\u00a0", "\u2028",
        "\u200b", "I", "İ", "ς", "<tool_call>", "<|channel|>", "&amp;", "%s",
        "%", "$", "None", "true", "[]", "{}", "0", "-1", "\r", "\x7f", "##",
        "Reasoning: high", "<|user|>", "<|assistant|>", "<\uff5cUser\uff5c>"]


def random_text(rng):
    kind = rng.random()
    if kind < 0.05:
        return ""
    if kind < 0.1:
        return "".join(chr(rng.choice([rng.randrange(0x20, 0x7f),
                                       rng.randrange(0xa0, 0xd800),
                                       rng.randrange(0x10000, 0x20000)]))
                       for _ in range(rng.randrange(400)))
    return "".join(rng.choice(BITS) for _ in range(rng.randrange(1, 12)))


def random_talk(rng):
    talk = []
    if rng.random() < 0.5:
        talk.append(["system", random_text(rng)])
    for _ in range(rng.randrange(4)):
        talk += [["user", random_text(rng)], ["assistant", random_text(rng)]]
    if rng.random() < 0.95 or not talk:
        talk.append(["user", random_text(rng)])
    return talk


# What a template is offered, until jinja2 can render it: no tools, or None as
# transformers has it, or what one documents; contents as text or as parts.
WAYS = [({}, False), ({"tools": None}, False), ({}, True),
        ({"tools": None}, True),
        ({"functions": "[]", "datetime": "2025-06-15"}, False)]

SWITCHES = ["enable_thinking", "thinking"]


def cases(text, n_random):
    """(talk, variables, with a generation prompt) for one template."""
    rng = random.Random(SEED)
    switches = [s for s in SWITCHES if s in text]
    modes = [{}] + [{s: on for s in switches} for on in (True, False)
                    if switches]
    for talk in FOUR:
        for variables in modes:
            yield talk, variables, True
    for _ in range(n_random):
        yield random_talk(rng), rng.choice(modes), rng.random() < 0.8


# --- comparing -------------------------------------------------------------

def by_jinja(template, talk, variables, prompt, in_parts):
    messages = [{"role": role,
                 "content": [{"type": "text", "text": text}] if in_parts
                 else text} for role, text in talk]
    try:
        return template.render(messages=messages, bos_token="<s>",
                               eos_token="</s>",
                               add_generation_prompt=prompt, **variables), None
    except Exception as e:  # whatever a template can bring about
        return None, "%s: %s" % (type(e).__name__, e)


class Ours:
    def __init__(self, program):
        self.child = subprocess.Popen([program], stdin=subprocess.PIPE,
                                      stdout=subprocess.PIPE)

    def render(self, path, talk, variables, prompt, in_parts):
        request = {"template": path, "messages": talk, "clock": NOW,
                   "variables": variables, "prompt": prompt,
                   "in_parts": in_parts}
        self.child.stdin.write(json.dumps(request).encode() + b"\n")
        self.child.stdin.flush()
        answer = self.child.stdout.readline()
        if not answer:
            return None, "the program ended"
        answer = json.loads(answer)
        return answer.get("text"), answer.get("error")


def compare(env, ours, path, n_random):
    """[equal, refused by both, different, refused by us], what jinja2 says if it
    cannot, and the first difference."""
    counts, first = [0, 0, 0, 0], None
    with open(path, encoding="utf-8") as f:
        text = f.read()
    try:
        template = env.from_string(text)
    except Exception as e:
        return None, "%s: %s" % (type(e).__name__, e), None
    for talk, variables, prompt in cases(text, n_random):
        for more, in_parts in WAYS:
            given = {**variables, **more}
            want, why = by_jinja(template, talk, given, prompt, in_parts)
            if want is not None:
                break
        if want is None:
            given, in_parts = variables, False
        got, error = ours.render(path, talk, given, prompt, in_parts)
        kind = 3 if got is None else 2
        if got == want:
            kind = 0 if got is not None else 1
        counts[kind] += 1
        if kind > 1 and first is None:
            first = (talk, given, prompt, in_parts, want, why, got, error)
    return counts, None, first


def show(first):
    talk, variables, prompt, in_parts, want, why, got, error = first
    print("    messages: %s%s" % (json.dumps(talk)[:600],
                                  " in parts" if in_parts else ""))
    print("    variables: %s, generation prompt: %s" % (variables, prompt))
    if want is not None and got is not None:
        n = len(os.path.commonprefix([want, got]))
        want, got = (want[max(0, n - 40):n + 80], got[max(0, n - 40):n + 80])
    print("    jinja2: %r" % (why if want is None else want))
    print("    ours:   %r" % (error if got is None else got))


def main():
    render, folder, files = sys.argv[1], sys.argv[2], sys.argv[3:]
    os.makedirs(folder, exist_ok=True)
    venv = os.path.join(folder, "venv")
    if os.path.realpath(sys.prefix) != os.path.realpath(venv):
        python = bring(folder)
        os.execv(python, [python] + sys.argv)
    if not files:
        templates = bring_templates(folder, sys.executable)
        files = [os.path.join(templates, f)
                 for f in sorted(os.listdir(templates))]
    n_random = int(os.environ.get("RANDOM_TALKS", "100"))
    env, ours = environment(), Ours(render)
    sums, bad, out = [0, 0, 0, 0], [], 0
    print("%-52s %6s %6s %6s %6s" % ("template", "equal", "both no", "differ",
                                      "refuse"))
    for path in files:
        name = os.path.basename(path)
        counts, why, first = compare(env, ours, path, n_random)
        if counts is not None and counts[0] == counts[2] == counts[3] == 0:
            counts, why = None, "in every conversation"
        if counts is None:
            out += 1
            print("%-52s left out: jinja2 refuses it: %s" % (name, why))
            continue
        print("%-52s %6d %6d %6d %6d" % (name, *counts))
        sums = [a + b for a, b in zip(sums, counts)]
        if first:
            bad.append(name)
            show(first)
    print("%-52s %6d %6d %6d %6d" % ("all", *sums))
    print("%d templates, %d left out" % (len(files), out))
    print("%d passed, %d failed" % (len(files) - out - len(bad), len(bad)))
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
