"""Starting and ending the programs a test needs; every wait is for a condition and has an end."""
import contextlib
import pathlib
import socket
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]


class Failed(Exception):
    """A program or a condition did not do what the test needs; the text says which."""


def wait_until(condition, what, seconds=30.0):
    """Returns the first true value of condition(), looking often; raises Failed naming `what` after `seconds`.

    `what` is a text, or a function that returns one when the wait is over: it can say what is there instead."""
    end = time.monotonic() + seconds
    pause = 0.005
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise Failed(f"waited {seconds:g} s for {what() if callable(what) else what}")
        time.sleep(pause)
        pause = min(pause * 1.5, 0.2)


def accepts_connections(address, port):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with contextlib.closing(socket.socket(family, socket.SOCK_STREAM)) as probe:
        probe.settimeout(1)
        return probe.connect_ex((address, port)) == 0


class Process:
    """A child process with its output in a file; ended by terminate, then by kill."""

    def __init__(self, arguments, log_path, **options):
        self.arguments = [str(argument) for argument in arguments]
        self.log_path = pathlib.Path(log_path)
        with self.log_path.open("ab") as log:
            self.child = subprocess.Popen(
                self.arguments, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, **options
            )

    def log(self):
        return self.log_path.read_text(errors="replace")

    def running(self):
        return self.child.poll() is None

    def wait_for_port(self, address, port, seconds=30.0):
        def ready():
            if not self.running():
                raise Failed(f"{self.arguments[0]} ended with status {self.child.returncode}:\n{self.log()}")
            return accepts_connections(address, port)

        wait_until(ready, f"{self.arguments[0]} to listen on {address} port {port}", seconds)

    def stop(self, seconds=20.0):
        """Asks to end and waits; returns the exit status."""
        if self.running():
            self.child.terminate()
            try:
                self.child.wait(seconds)
            except subprocess.TimeoutExpired:
                self.child.kill()
                self.child.wait(10)
        return self.child.returncode

    def kill(self):
        """Ends the process at once, as a power cut would."""
        if self.running():
            self.child.kill()
        self.child.wait(10)
