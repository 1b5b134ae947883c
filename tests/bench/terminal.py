"""A program on a pseudo-terminal, and how long it takes to show things."""
import fcntl
import os
import pty
import select
import shutil
import signal
import struct
import sys
import termios
import time

WAIT_S = 60


def schedstat(pid):
    """Of its first thread: ns on a core, and ns of waiting for one."""
    with open('/proc/%d/task/%d/schedstat' % (pid, pid)) as f:
        return [int(n) for n in f.read().split()[:2]]


class Terminal:
    """A program of 24 rows and 80 columns, whose home is a folder."""

    def __init__(self, folder, *words):
        self.began = time.monotonic()
        self.n_bytes = 0  # that it has sent
        state = os.path.join(folder, 'state')  # nothing was left there
        shutil.rmtree(state, ignore_errors=True)
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ.update(TERM='xterm-256color', LC_ALL='C.UTF-8',
                              HOME=folder, XDG_STATE_HOME=state,
                              COLORFGBG='15;0')
            os.execv(words[0], words)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ,
                    struct.pack('HHHH', 24, 80, 0, 0))

    def read(self, until):
        """What it has sent by then; nothing ends this program."""
        if not select.select([self.fd], [], [], until - time.monotonic())[0]:
            return b''
        got = os.read(self.fd, 65536)
        self.n_bytes += len(got)
        return got

    def wait(self, text):
        """Milliseconds until the program has sent the bytes."""
        seen, end = b'', time.monotonic() + WAIT_S
        while text not in seen:
            got = self.read(end)
            if not got:
                sys.exit('terminal.py: %r did not come; last: %r' %
                         (text, seen[-300:]))
            seen += got
        return 1000 * (time.monotonic() - self.began)

    def press(self, keys, text):
        self.began = time.monotonic()
        os.write(self.fd, keys)
        return self.wait(text)

    def spent_s(self):
        """Processor time of its first thread, the UI's."""
        return schedstat(self.pid)[0] / 1e9

    def waited_ms(self):
        """How long that thread and ours have waited for a core."""
        return (schedstat(self.pid)[1] + schedstat(os.getpid())[1]) / 1e6

    def close(self):
        os.kill(self.pid, signal.SIGTERM)
        os.waitpid(self.pid, 0)
        os.close(self.fd)


def tell(what, times):
    times.sort()
    print('%-34s median %6.1f ms  99%% %6.1f ms  (%d times)' %
          (what, times[len(times) // 2], times[(99 * (len(times) - 1)) // 100],
           len(times)))
