#!/usr/bin/env python3
"""Brings a real server for tests/servers/servers, compiled once into the cache
folder, outside of the source tree; minutes.  Prints the program's path.  If it
cannot be had, says why on stderr and prints nothing.

usage: bring.py llama-server|ollama

ARENA_TEST_LLAMA_SERVER and ARENA_TEST_OLLAMA name programs that are there.
llama-server comes out of the sources that the package llama-cpp-python carries.
Ollama is a Go module, which leaves out C++ headers of others that it includes;
the same package has them.
"""
import glob
import os
import shutil
import subprocess
import sys
import tarfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "bench"))
from peers import LLAMA_CPP, Missing, need_compilers

OLLAMA = "github.com/ollama/ollama@v0.17.4"
GIVEN = {"llama-server": "ARENA_TEST_LLAMA_SERVER",
         "ollama": "ARENA_TEST_OLLAMA"}
cache = os.path.join(os.environ.get("XDG_CACHE_HOME") or
                     os.path.expanduser("~/.cache"), "arena", "servers")


def run(what, command, **more):
    """Runs a step; its words go to a log."""
    log_path = os.path.join(cache, what + ".log")
    began = time.monotonic()
    print(f"{what}: {command[0]}, details in {log_path}", file=sys.stderr,
          flush=True)
    with open(log_path, "a", encoding="utf-8") as log:
        if subprocess.run(command, stdin=subprocess.DEVNULL, stdout=log,
                          stderr=log, **more).returncode != 0:
            raise Missing(f"{command[0]} failed, see {log_path}")
    print(f"{what}: done in {time.monotonic() - began:.0f} s",
          file=sys.stderr, flush=True)


def sources():
    """The folder of llama.cpp in the package."""
    pattern = os.path.join(cache, "llama_cpp_python-*", "vendor", "llama.cpp")
    if not glob.glob(pattern):
        run("llama-server", [
            sys.executable, "-m", "pip", "download", "--no-deps", "-d", cache,
            "--no-binary", LLAMA_CPP.package.split("==")[0],
            LLAMA_CPP.package])
        for path in glob.glob(os.path.join(cache, "llama_cpp_python-*.tar.gz")):
            with tarfile.open(path) as tar:
                tar.extractall(cache)
            os.unlink(path)
    return glob.glob(pattern)[0]


def llama_server():
    folder = os.path.join(cache, "llama-server")
    program = os.path.join(folder, "bin", "llama-server")
    if os.path.exists(program):
        return program
    need_compilers()
    if not shutil.which("cmake"):
        raise Missing("there is no cmake to build it with")
    options = {"BUILD_SHARED_LIBS": "OFF", "CMAKE_BUILD_TYPE": "Release",
               "LLAMA_BUILD_TESTS": "OFF", "LLAMA_BUILD_EXAMPLES": "OFF",
               "LLAMA_BUILD_APP": "OFF", "LLAMA_BUILD_UI": "OFF",
               "LLAMA_USE_PREBUILT_UI": "OFF", "LLAMA_OPENSSL": "OFF"}
    run("llama-server", ["cmake", "-S", sources(), "-B", folder] +
        [f"-D{name}={value}" for name, value in options.items()])
    run("llama-server", ["cmake", "--build", folder, "--target",
                         "llama-server", "-j", str(os.cpu_count() or 1)])
    return program


def ollama():
    program = os.path.join(cache, "bin", "ollama")
    if os.path.exists(program):
        return program
    need_compilers()
    if not shutil.which("go"):
        raise Missing("there is no go to build it with")
    flags = "-O2 -I" + os.path.join(sources(), "vendor")
    run("ollama", ["go", "install", OLLAMA], cwd=cache,
        env=dict(os.environ, GOPATH=os.path.join(cache, "go"),
                 GOBIN=os.path.join(cache, "bin"), GOFLAGS="-modcacherw",
                 CGO_CFLAGS=flags, CGO_CXXFLAGS=flags))
    return program


what = sys.argv[1]
given = os.environ.get(GIVEN[what])
try:
    os.makedirs(cache, exist_ok=True)
    print(given or {"llama-server": llama_server, "ollama": ollama}[what]())
except (Missing, OSError) as e:
    print(f"{what} IS LEFT OUT: {e}", file=sys.stderr)
