"""Runs a command on a terminal of its own and answers its questions.

    answer.py QUESTION ANSWER [QUESTION ANSWER]... -- COMMAND...

Each ANSWER is typed once its QUESTION has appeared.  Prints what the terminal
received; exits as the command does.
"""
import os
import pty
import sys


def main():
    split = sys.argv.index("--")
    pairs = sys.argv[1:split]
    waiting = list(zip(pairs[::2], pairs[1::2]))
    pid, fd = pty.fork()
    if pid == 0:
        os.execvp(sys.argv[split + 1], sys.argv[split + 1:])
    seen = b""
    while True:
        try:
            piece = os.read(fd, 4096)
        except OSError:  # the other side is gone
            break
        if not piece:
            break
        sys.stdout.buffer.write(piece)
        seen += piece
        if waiting and waiting[0][0].encode() in seen:
            os.write(fd, waiting.pop(0)[1].encode() + b"\n")
            seen = b""
    _, status = os.waitpid(pid, 0)
    sys.exit(os.waitstatus_to_exitcode(status))


main()
