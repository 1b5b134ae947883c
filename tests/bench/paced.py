"""Starts paced_server.c for the benchmarks of remote models."""
import os
import subprocess


class Server:
    def __init__(self, program, **options):
        command = [program]
        for name, value in options.items():
            command += ["--" + name.replace("_", "-"), str(value)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE)
        self.port = int(self.process.stdout.readline())

    def model(self, name, **more):
        """A row of "models" in arena.json."""
        return dict(name=name, backend="openai", id=name,
                    base_url="http://127.0.0.1:%d/v1" % self.port, **more)

    def close(self):
        """Seconds of processor time that it took."""
        self.process.stdin.close()
        self.process.stdout.close()
        _, _, usage = os.wait4(self.process.pid, 0)
        self.process.returncode = 0
        return usage.ru_utime + usage.ru_stime
