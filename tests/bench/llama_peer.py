"""Bring llama.cpp as the package llama-cpp-python carries it: compiled once for
this processor, into a folder below the cache folder, outside of the source
tree.  Says on stderr what it does; it takes minutes.

usage: llama_peer.py        prints which Python has it

ARENA_BENCH_PYTHON names another Python that has it already.
"""
import os
import re
import shutil
import subprocess
import sys
import time
import venv

PACKAGE = "llama-cpp-python==0.3.36"
OFFLINE = re.compile(r"NewConnectionError|Name or service not known|"
                     r"Temporary failure in name resolution|"
                     r"ProxyError|ReadTimeoutError|No matching distribution")


class Missing(Exception):
    """Why there is no llama.cpp here, and what to do."""


def say(text):
    print("llama.cpp:", text, file=sys.stderr, flush=True)


def has_peer(python):
    return subprocess.run([python, "-c", "import llama_cpp"],
                          capture_output=True).returncode == 0


def need_compilers():
    for variable, program, package in (("CC", "cc", "gcc"),
                                       ("CXX", "c++", "g++")):
        if not shutil.which(os.environ.get(variable, program).split()[0]):
            raise Missing(f"there is no {program} to compile it with; "
                          f"install {package}, or name one in {variable}")


def make_python(folder):
    say(f"a Python of its own in {folder}")
    try:
        venv.create(folder, with_pip=True, clear=True)
    except (subprocess.CalledProcessError, OSError) as e:
        raise Missing("Python cannot make an environment (Debian's package "
                      f"python3-venv, and room on the disk): {e}") from e


def build(python, log_path):
    """pip's output goes to the log; how far it is, to the terminal."""
    env = dict(os.environ, PYTHONUNBUFFERED="1")
    env.setdefault("CMAKE_BUILD_PARALLEL_LEVEL", str(os.cpu_count() or 1))
    env["CMAKE_ARGS"] = env.get("CMAKE_ARGS", "") + " -DLLAVA_BUILD=OFF"
    command = [python, "-m", "pip", "install", "-v", "--no-input",
               "--disable-pip-version-check", "--retries", "2",
               "--timeout", "20", PACKAGE]
    began = told = time.monotonic()
    say(f"downloading and compiling {PACKAGE}, some minutes; details in "
        f"{log_path}")
    with open(log_path, "w", buffering=1) as log, subprocess.Popen(
            command, env=env, stdin=subprocess.DEVNULL, text=True,
            errors="replace", stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT) as p:
        for line in p.stdout:
            log.write(line)
            at = re.match(r"\s*\[\s*(\d+/\d+|\d+%)\]", line)
            if at and time.monotonic() - told > 10:
                told = time.monotonic()
                say(f"compiling, {at[1]} after {told - began:.0f} s")
    if p.returncode == 0:
        say(f"compiled in {time.monotonic() - began:.0f} s")
        return
    with open(log_path) as log:
        text = log.read()
    if OFFLINE.search(text):
        raise Missing("the package registry gave no answer, or not this "
                      f"package; see {log_path}")
    last = [line for line in text.splitlines() if line.strip()][-1:]
    raise Missing(f"pip failed: {' '.join(last)}; see {log_path}")


def llama_python():
    """A Python with llama.cpp in it, or Missing."""
    given = os.environ.get("ARENA_BENCH_PYTHON")
    if given:
        if not shutil.which(given) or not has_peer(given):
            raise Missing(f"ARENA_BENCH_PYTHON: {given} has no llama_cpp")
        return given
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    folder = os.path.join(cache, "arena", "bench",
                          PACKAGE.replace("==", "-"))
    python = os.path.join(folder, "bin", "python")
    if os.path.exists(python) and has_peer(python):
        return python
    need_compilers()
    make_python(folder)
    build(python, os.path.join(folder, "install.log"))
    if not has_peer(python):
        raise Missing(f"it was installed, but {python} cannot import it")
    return python


if __name__ == "__main__":
    try:
        print(llama_python())
    except Missing as e:
        sys.exit(f"llama.cpp: {e}")
