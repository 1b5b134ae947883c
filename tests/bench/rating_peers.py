#!/usr/bin/env python3
"""Whole processes, from a CSV file on disk to a printed leaderboard.

usage: rating_peers.py ARENA MAKE_VOTES [--without-peers] [--quick]

Times `arena rate` beside arena-rank (sandwich intervals) and evalica (ratings
without intervals), both installed into a temporary folder with pip, on the
same made-up votes. Prints the median of several runs, the peak memory (which
this program's own 14 MiB are the floor of), and how many times as long each
peer takes; and checks that all agree on the ratings.

A thousand bootstrap rounds are asked of both peers too, and of evalica's fit
on the counts of distinct results, drawn anew for each round: what a user of it
would write to avoid copying the votes. A peer gets 120 s and 8 GiB for that.
"""
import json, os, resource, signal, subprocess, sys, tempfile, threading, time

LIMIT_S, LIMIT_BYTES = 120, 8 << 30

ARENA_RANK = """
import sys, pandas as pd
from arena_rank.models.bradley_terry import BradleyTerry
from arena_rank.utils.data_utils import PairDataset
d = PairDataset.from_pandas(pd.read_csv(sys.argv[1]))
r = BradleyTerry(n_competitors=len(d.competitors)).compute_ratings_and_cis(d)
for name, rating, low, high in zip(r["competitors"], r["ratings"],
                                   r["rating_lower"], r["rating_upper"]):
    print(name, float(rating), float(low), float(high), sep="\\t")
"""
EVALICA = """
import sys, math, pandas as pd, evalica
t = pd.read_csv(sys.argv[1])
w = t["winner"].map({"model_a": evalica.Winner.X, "model_b": evalica.Winner.Y,
                     "tie": evalica.Winner.Draw})
r = evalica.bradley_terry(t["model_a"], t["model_b"], w)
for name, score in r.scores.items():
    print(name, 400 * math.log10(score), sep="\\t")
"""
ARENA_RANK_BOOTSTRAP = ARENA_RANK.replace(
    "cis(d)", "cis(d, ci_method='bootstrap', num_bootstrap=1000)")
EVALICA_BOOTSTRAP = """
import sys, pandas as pd, evalica
t = pd.read_csv(sys.argv[1])
w = t["winner"].map({"model_a": evalica.Winner.X, "model_b": evalica.Winner.Y,
                     "tie": evalica.Winner.Draw})
r = evalica.bootstrap(evalica.bradley_terry, t["model_a"], t["model_b"], w,
                      n_resamples=1000, bootstrap_method="percentile",
                      random_state=1)
for name in r.result.scores.index:
    print(name, r.low[name], r.high[name], sep="\\t")
"""
EVALICA_ROUNDS = """
import sys, numpy, pandas as pd, evalica
t = pd.read_csv(sys.argv[1])
t = t.groupby(["model_a", "model_b", "winner"]).size().reset_index(name="n")
w = t["winner"].map({"model_a": evalica.Winner.X, "model_b": evalica.Winner.Y,
                     "tie": evalica.Winner.Draw}).tolist()
a, b, n = t["model_a"].tolist(), t["model_b"].tolist(), t["n"].to_numpy()
index = evalica.indexing(a, b)[2]
draws = numpy.random.default_rng(1).multinomial(n.sum(), n / n.sum(), 1000)
rounds = pd.DataFrame([
    400 * numpy.log10(evalica.bradley_terry(
        a, b, w, index=index, weights=d.astype(float)).scores)
    for d in draws])
print(rounds.sub(rounds.mean(axis=1), axis=0).quantile([0.025, 0.975]).T)
"""


def confine():
    """A process group of its own, and so much memory."""
    os.setpgrp()
    resource.setrlimit(resource.RLIMIT_AS, (LIMIT_BYTES, LIMIT_BYTES))


def bounded(command):
    """Seconds and peak MiB of one run, or why there is none."""
    start = time.perf_counter()
    with tempfile.TemporaryFile() as messages:
        p = subprocess.Popen(command, stdout=subprocess.DEVNULL,
                             stderr=messages, preexec_fn=confine)
        late = threading.Timer(LIMIT_S, os.killpg, (p.pid, signal.SIGKILL))
        late.start()
        _, status, usage = os.wait4(p.pid, 0)
        late.cancel()
        took = time.perf_counter() - start
        p.returncode = status
        if status == 0:
            return took, usage.ru_maxrss / 1024
        if took >= LIMIT_S:
            raise RuntimeError(f"not done after {LIMIT_S} s")
        messages.seek(0)
        text = messages.read().decode(errors="replace").strip()
    if "llocate" in text or "MemoryError" in text:
        raise RuntimeError(f"wants more than {LIMIT_BYTES >> 30} GiB")
    last = text.splitlines()[-1] if text else f"status {status}"
    raise RuntimeError(last)


def run(command, times):
    """Median seconds, peak MiB, and the output of the last run."""
    took, peak = [], 0
    with tempfile.TemporaryFile() as out:
        for _ in range(times):
            out.seek(0)
            out.truncate()
            start = time.perf_counter()
            p = subprocess.Popen(command, stdout=out,
                                 stderr=subprocess.DEVNULL)
            _, status, usage = os.wait4(p.pid, 0)
            took.append(time.perf_counter() - start)
            p.returncode = status
            if status != 0:
                raise RuntimeError(f"{command[0]}: status {status}")
            peak = max(peak, usage.ru_maxrss / 1024)
        out.seek(0)
        text = out.read().decode()
    return sorted(took)[len(took) // 2], peak, text


def ratings(text):
    """{name: rating}, with their mean at 0, of tab-separated lines."""
    rows = dict((f[0], float(f[1])) for f in
                (line.split("\t") for line in text.splitlines()))
    mean = sum(rows.values()) / len(rows)
    return {name: rating - mean for name, rating in rows.items()}


def install(folder):
    """A python with both peers, or None where pip cannot bring them."""
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    python = os.path.join(folder, "bin", "python")
    p = subprocess.run([python, "-m", "pip", "install", "-q", "arena-rank",
                        "evalica"])
    return python if p.returncode == 0 else None


def compare(name, arena, python, csv, times):
    ours, peak, _ = run([arena, "rate", csv], times)
    print(f"{name:12} arena       {ours * 1000:9.1f} ms {peak:7.1f} MiB")
    if python is None:
        return
    text = run([arena, "rate", "--json", csv], 1)[2]
    mine = {m["name"]: m["rating"] for m in json.loads(text)["models"]}
    mean = sum(mine.values()) / len(mine)
    for peer, code in (("arena-rank", ARENA_RANK), ("evalica", EVALICA)):
        try:
            took, peak, text = run([python, "-c", code, csv], 3)
        except RuntimeError as e:
            print(f"{name:12} {peer:11} {e}")
            continue
        theirs = ratings(text)
        off = max(abs(mine[m] - mean - r) for m, r in theirs.items())
        print(f"{name:12} {peer:11} {took * 1000:9.1f} ms {peak:7.1f} MiB "
              f"{took / ours:7.1f} times as long; ratings differ by "
              f"{off:.4f} points at most")


def compare_rounds(name, arena, python, csv):
    ours, peak, _ = run([arena, "rate", "--ci", "bootstrap", "--rounds",
                         "1000", csv], 5)
    print(f"{name:12} arena, 1000 bootstrap rounds {ours * 1000:9.1f} ms "
          f"{peak:7.1f} MiB")
    if python is None:
        return
    for peer, code in (("arena-rank", ARENA_RANK_BOOTSTRAP),
                       ("evalica", EVALICA_BOOTSTRAP),
                       ("evalica's fit on counts", EVALICA_ROUNDS)):
        try:
            took, peak = bounded([python, "-c", code, csv])
        except RuntimeError as e:
            print(f"{name:12} {peer}, 1000 bootstrap rounds: {e}", flush=True)
            continue
        print(f"{name:12} {peer}, 1000 bootstrap rounds {took * 1000:9.1f} ms "
              f"{peak:7.1f} MiB {took / ours:7.1f} times as long", flush=True)


def main():
    arena, make = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
    quick = "--quick" in sys.argv
    with tempfile.TemporaryDirectory(prefix="arena-bench.") as folder:
        python = None
        if "--without-peers" not in sys.argv:
            python = install(os.path.join(folder, "peers"))
        sizes = [(10**4, 20), (10**5, 100), (10**6, 100), (10**7, 300)]
        for votes, models in sizes[:3] if quick else sizes:
            csv = os.path.join(folder, "votes.csv")
            with open(csv, "wb") as out:
                subprocess.run([make, str(votes), str(models)], stdout=out,
                               check=True)
            name = f"{votes:.0e}x{models}".replace("e+0", "e")
            compare(name, arena, python, csv, 5 if votes > 10**6 else 9)
            if votes == 10**6:
                compare_rounds(name, arena, python, csv)
            if votes == max(s[0] for s in (sizes[:3] if quick else sizes)):
                took, peak, _ = run([arena, "rate", "--method", "elo", csv],
                                    5)
                print(f"{name:12} arena, elo in file order "
                      f"{took * 1000:9.1f} ms {peak:7.1f} MiB "
                      f"({votes / took / 1e6:.1f} million votes/s)")


main()
