"""tap: for test programs in Python, as tests/tap.sh is for those in shell.

    import sys; sys.path.insert(0, 'tests')
    import tap
    tap.ok(tap.run('version').returncode == 0, 'version succeeds')
    tap.done()

Tests start in the source tree.  tap.scratch is an empty folder that goes away
at the end, and all user's folders (XDG) lie in it.
"""
import atexit
import os
import shutil
import subprocess
import sys
import tempfile

arena = os.environ.get('ARENA') or os.path.abspath('build/release/arena')
long_test = os.environ.get('ARENA_TEST_LONG') == '1'
scratch = tempfile.mkdtemp(prefix='arena-tap.')
atexit.register(shutil.rmtree, scratch, ignore_errors=True)
env = dict(os.environ, HOME=scratch)
for kind in ('CONFIG', 'DATA', 'STATE', 'CACHE'):
    env['XDG_%s_HOME' % kind] = os.path.join(scratch, kind.lower())

_n = _failed = 0


def ok(true, name, *why):
    """One test; `why` is printed where it failed."""
    global _n, _failed
    _n += 1
    print('%sok %d - %s' % ('' if true else 'not ', _n, name))
    if not true:
        _failed += 1
        for line in why:
            print('# ' + str(line).replace('\n', '\n# '))
    sys.stdout.flush()
    return true


def skip(name, why):
    global _n
    _n += 1
    print('ok %d - %s # SKIP %s' % (_n, name, why))


def done():
    print('1..%d' % _n)
    sys.exit(_failed > 0)


def run(*words, timeout=60, **more):
    """Runs arena to its end; stdout and stderr are bytes."""
    return subprocess.run([arena, *words], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          env=env, timeout=timeout, **more)


def start(*words, **more):
    """Starts arena; the caller waits for it."""
    return subprocess.Popen([arena, *words], stdin=subprocess.DEVNULL,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            env=env, **more)


def clear_error(result):
    """None where a failed run says why as it should; else what is wrong."""
    text = result.stderr
    if result.returncode < 0:
        return 'ended by signal %d' % -result.returncode
    if b'Sanitizer' in text or b'runtime error' in text:
        return text.decode('utf-8', 'replace')[:2000]
    if result.returncode == 0:
        return None
    if not text.startswith(b'arena: ') or text.count(b'\n') != 1:
        return 'not one line: %r' % text[:400]
    if len(text.decode('utf-8', 'replace')) > 312: # "arena: " and a cut's dots
        return 'too long: %d' % len(text)
    if any(c < 32 for c in text[:-1]):
        return 'control bytes: %r' % text
    return None
