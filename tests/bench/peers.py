"""The engines that arena's is measured beside.  Each is a Python package, brought
once into a folder below the cache folder, outside of the source tree, and runs
in processes of its own.  Says on stderr what it does; compiling takes minutes.

usage: peers.py        prints which Python has llama.cpp

ARENA_BENCH_PYTHON names another Python that has llama.cpp already.
"""
import collections
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import venv

# program: what measures, its words before WEIGHTS and THREADS.  without_amx: how
# to compile one that uses no AMX; None: it cannot be.
Kind = collections.namedtuple(
    "Kind", "name package module program compiled without_amx given")


def cmake_without_amx():
    """For this processor, as far as it has what ggml has a switch for."""
    with open("/proc/cpuinfo", encoding="ascii", errors="replace") as f:
        flags = re.search(r"^flags\s*:(.*)$", f.read(), re.M)
    flags = flags[1].split() if flags else []
    switches = {"avx512f": "GGML_AVX512", "avx512_vnni": "GGML_AVX512_VNNI",
                "avx512vbmi": "GGML_AVX512_VBMI",
                "avx512_bf16": "GGML_AVX512_BF16"}
    return " ".join(["-DGGML_NATIVE=OFF"] +
                    [f"-D{name}=ON" for flag, name in switches.items()
                     if flag in flags])


LLAMA_CPP = Kind("llama.cpp", "llama-cpp-python==0.3.36", "llama_cpp",
                 ["peer_llama.py", "llama_cpp"], True, cmake_without_amx,
                 "ARENA_BENCH_PYTHON")
KINDS = [
    LLAMA_CPP,
    Kind("ik_llama.cpp", "ik-llama-cpp-python==0.1.5", "ik_llama_cpp",
         ["peer_llama.py", "ik_llama_cpp"], True, None, None),
    Kind("OpenVINO", "openvino-genai==2026.4.1.0", "openvino_genai",
         ["peer_openvino.py"], False, None, None),
]

OFFLINE = re.compile(r"NewConnectionError|Name or service not known|"
                     r"Temporary failure in name resolution|"
                     r"ProxyError|ReadTimeoutError|No matching distribution")


class Missing(Exception):
    """Why there is no such engine here, and what to do."""


class Died(Exception):
    """A process of an engine ended; signal: by which, or None."""

    def __init__(self, why, by=None):
        super().__init__(why)
        self.signal = by


# --- bringing --------------------------------------------------------------

def say(kind, text):
    print(f"{kind.name}: {text}", file=sys.stderr, flush=True)


def has_module(python, kind):
    return subprocess.run([python, "-c", f"import {kind.module}"],
                          capture_output=True).returncode == 0


def need_compilers():
    for variable, program, package in (("CC", "cc", "gcc"),
                                       ("CXX", "c++", "g++")):
        if not shutil.which(os.environ.get(variable, program).split()[0]):
            raise Missing(f"there is no {program} to compile it with; "
                          f"install {package}, or name one in {variable}")


def make_python(kind, folder):
    say(kind, f"a Python of its own in {folder}")
    try:
        venv.create(folder, with_pip=True, clear=True)
    except (subprocess.CalledProcessError, OSError) as e:
        raise Missing("Python cannot make an environment (Debian's package "
                      f"python3-venv, and room on the disk): {e}") from e


def install(kind, python, log_path, cmake_args):
    """pip's output goes to the log; how far it is, to the terminal."""
    env = dict(os.environ, PYTHONUNBUFFERED="1")
    env.setdefault("CMAKE_BUILD_PARALLEL_LEVEL", str(os.cpu_count() or 1))
    here = os.path.dirname(os.path.abspath(__file__))
    leave_out = ("-DLLAVA_BUILD=OFF -DCMAKE_PROJECT_llama_cpp_INCLUDE=" +
                 shlex.quote(os.path.join(here, "peer_llama.cmake")))
    env["CMAKE_ARGS"] = (f"{env.get('CMAKE_ARGS', '')} {leave_out} "
                         f"{cmake_args}")
    command = [python, "-m", "pip", "install", "-v", "--no-input",
               "--disable-pip-version-check", "--retries", "2",
               "--timeout", "20", kind.package]
    if cmake_args:  # not the package that was compiled with other ones
        command.insert(-1, "--no-cache-dir")
    began = told = time.monotonic()
    say(kind, f"bringing {kind.package}, some minutes if it is compiled; "
              f"details in {log_path}")
    with open(log_path, "w", buffering=1) as log, subprocess.Popen(
            command, env=env, stdin=subprocess.DEVNULL, text=True,
            errors="replace", stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT) as p:
        for line in p.stdout:
            log.write(line)
            at = re.match(r"\s*\[\s*(\d+/\d+|\d+%)\]", line)
            if at and time.monotonic() - told > 10:
                told = time.monotonic()
                say(kind, f"compiling, {at[1]} after {told - began:.0f} s")
    if p.returncode == 0:
        say(kind, f"there after {time.monotonic() - began:.0f} s")
        return
    with open(log_path) as log:
        text = log.read()
    if OFFLINE.search(text):
        raise Missing("the package registry gave no answer, or not this "
                      f"package; see {log_path}")
    last = [line for line in text.splitlines() if line.strip()][-1:]
    raise Missing(f"pip failed: {' '.join(last)}; see {log_path}")


def python_with(kind, without_amx=False):
    """A Python with the package in it, or Missing."""
    given = kind.given and not without_amx and os.environ.get(kind.given)
    if given:
        if not shutil.which(given) or not has_module(given, kind):
            raise Missing(f"{kind.given}: {given} has no {kind.module}")
        return given
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    name = kind.package.replace("==", "-") + "-no-amx" * without_amx
    folder = os.path.join(cache, "arena", "bench", name)
    python = os.path.join(folder, "bin", "python")
    if os.path.exists(python) and has_module(python, kind):
        return python
    if kind.compiled:
        need_compilers()
    make_python(kind, folder)
    install(kind, python, os.path.join(folder, "install.log"),
            kind.without_amx() if without_amx else "")
    if not has_module(python, kind):
        raise Missing(f"it was installed, but {python} cannot import it")
    return python


# --- processes -------------------------------------------------------------

class Process:
    """One that has loaded a file, or Died."""

    def __init__(self, kind, python, path, n_threads):
        here = os.path.dirname(os.path.abspath(__file__))
        self.errors = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            [python, os.path.join(here, kind.program[0]), *kind.program[1:],
             path, str(n_threads)], text=True, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=self.errors)
        self.answer("ready")

    def answer(self, wanted=None):
        """The next line: the word that is wanted, or a number."""
        line = self.process.stdout.readline().strip()
        try:
            return line == wanted or float(line)
        except ValueError:
            self.process.kill()
        code = self.process.wait()
        if line:
            raise Died(f"says \"{line[:60]}\"")
        if code < 0:
            raise Died(f"ended by {signal.Signals(-code).name}", -code)
        raise Died(f"ended with exit status {code}: {self.last_error()}")

    def last_error(self):
        self.errors.seek(0)
        lines = self.errors.read().decode("utf-8", "replace").split("\n")
        return ([line.strip() for line in lines if line.strip()] or ["?"])[-1]

    def measure(self, *work):
        try:
            print(*work, file=self.process.stdin, flush=True)
        except BrokenPipeError:
            pass  # the answer tells why
        return self.answer()

    def close(self):
        try:
            self.process.stdin.close()
        except BrokenPipeError:
            pass
        self.process.wait()
        self.errors.close()


if __name__ == "__main__":
    try:
        print(python_with(LLAMA_CPP))
    except Missing as e:
        sys.exit(f"llama.cpp: {e}")
