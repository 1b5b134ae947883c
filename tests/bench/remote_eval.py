#!/usr/bin/env python3
"""How much of a server's speed `arena eval -j N` uses: a server that writes a
token every 50 ms is asked for N answers at once.  Prints throughput beside the
ideal (N tokens every 50 ms, nothing in between), and what it costs: processor
time of the arena and of the server as shares of one core, and peak memory.

    remote_eval.py ARENA PACED_SERVER [-j 1,8,64,256] [-r ROUNDS] [-t TOKENS]
"""
import argparse
import json
import os
import shutil
import subprocess
import tempfile
import time

from paced import Server

TOKEN_MS = 50

parser = argparse.ArgumentParser()
parser.add_argument("arena")
parser.add_argument("server")
parser.add_argument("-j", default="1,8,64,256")
parser.add_argument("-r", type=int, default=4, help="answers of each place")
parser.add_argument("-t", type=int, default=100, help="tokens of an answer")
args = parser.parse_args()


def measure(n_jobs):
    folder = tempfile.mkdtemp(prefix="arena-bench.")
    server = Server(os.path.abspath(args.server), token_ms=TOKEN_MS,
                    tokens=args.t)
    n_answers = 2 * ((n_jobs * args.r + 1) // 2)  # battles have two
    try:
        with open(os.path.join(folder, "arena.json"), "w") as f:
            json.dump({"models": [server.model("first"),
                                  server.model("second", temperature=1)]}, f)
        with open(os.path.join(folder, "p.txt"), "w") as f:
            f.writelines("question %d\n" % i for i in range(n_answers // 2))
        began = time.monotonic()
        process = subprocess.Popen(
            [args.arena, "--config", os.path.join(folder, "arena.json"),
             "--db", os.path.join(folder, "arena.db"), "eval", "--json",
             "-j", str(n_jobs), os.path.join(folder, "p.txt")],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            env=dict(os.environ, XDG_STATE_HOME=folder))
        end = json.loads(process.stdout.read())
        _, status, usage = os.wait4(process.pid, 0)
        spent = time.monotonic() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        assert process.returncode == 0 and end["made"] == n_answers, end
        assert end["tokens"] == n_answers * args.t, end
    finally:
        served = server.close()
        shutil.rmtree(folder)
    ideal = n_jobs * 1000 / TOKEN_MS
    speed = n_answers * args.t / spent
    cpu = usage.ru_utime + usage.ru_stime
    print("%4d %8d %10.1f %10.1f %8.1f%% %8.1f%% %8.1f%% %9.1f" % (
        n_jobs, n_answers, speed, ideal, 100 * speed / ideal,
        100 * cpu / spent, 100 * served / spent, usage.ru_maxrss / 1024),
        flush=True)


print("%d tokens an answer, a token every %d ms; of one core" %
      (args.t, TOKEN_MS))
print("  -j  answers    tokens/s      ideal    share    arena   server"
      "  peak MiB")
for n in args.j.split(","):
    measure(int(n))
