#!/usr/bin/env python3
"""Writes chats.json: conversations as the models' own chat programs write them,
for test_chat to compare the formats of data/templates with.

usage: make_chats.py FOLDER > chats.json

Needs the Python package jinja2, and FOLDER with the programs: llama.cpp's
models/templates, which has them as published.  The programs themselves are not
kept here, only what they write.  The conversations were made up.
"""
import json
import os
import sys

from jinja2.sandbox import ImmutableSandboxedEnvironment

# The program, and the format that must write the same.
PROGRAMS = {
    "Qwen-Qwen2.5-7B-Instruct": "chatml",
    "MiMo-VL": "chatml",
    "LFM2-8B-A1B": "chatml",
    "Qwen-Qwen3-0.6B": "qwen3",
    "HuggingFaceTB-SmolLM3-3B": "smollm3-undated",
    "mistralai-Mistral-Nemo-Instruct-2407": "mistral-v3-tekken",
    "unsloth-mistral-Devstral-Small-2507": "mistral-v7-tekken",
    "meta-llama-Llama-3.1-8B-Instruct": "llama3.1",
    "microsoft-Phi-3.5-mini-instruct": "phi3",
    "google-gemma-2-2b-it": "gemma",
    "ibm-granite-granite-3.3-2B-Instruct": "granite",
    "ibm-granite-granite-4.0": "granite",
    "ibm-granite-granite-4.1": "granite",
}
SYSTEM = {"role": "system", "content": "Be terse."}
TALK = [{"role": "user", "content": "Hi\nthere"},
        {"role": "assistant", "content": "Hello."},
        {"role": "user", "content": "  1 < 2  "}]
NO_SYSTEM = {"gemma"}  # its program refuses one


def main():
    env = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True)
    env.filters["tojson"] = json.dumps
    rows = []
    for name, row in PROGRAMS.items():
        with open(os.path.join(sys.argv[1], name + ".jinja")) as f:
            program = env.from_string(f.read())
        for talk in ([SYSTEM] + TALK[:1], [SYSTEM] + TALK, TALK):
            # Without a system text each file has its own.
            if (talk[0] is SYSTEM) == (row in NO_SYSTEM):
                continue
            for thinking in (True, False):
                text = program.render(
                    messages=talk, bos_token="<s>", eos_token="</s>",
                    add_generation_prompt=True, enable_thinking=thinking)
                rows.append([row, name, thinking,
                             [[m["role"], m["content"]] for m in talk],
                             text.removeprefix("<s>")])
    print("[" + ",\n ".join(json.dumps(r, ensure_ascii=False) for r in rows) +
          "]")


main()
