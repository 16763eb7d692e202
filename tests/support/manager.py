"""A service manager as systemd is one, for one service: hears what it says of itself (sd_notify) and keeps its sockets."""
import array
import os
import socket
import threading

from .processes import wait_until

FIRST_KEPT = 100  # numbers that the program cannot have of its own when it starts


class Manager:
    """`name` is the address of its socket: a path, or a name without one behind an @."""

    def __init__(self, name, watchdog=None):
        self.name, self.watchdog = name, watchdog
        self.heard = []  # lines, in the order they came
        self.kept = {}  # name → open file
        self.lock = threading.Lock()
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind("\0" + name[1:] if name.startswith("@") else name)
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        while True:
            text, control, _, _ = self.socket.recvmsg(65536, 1024)
            files = array.array("i")
            for level, kind, data in control:
                assert (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS)
                files.frombytes(data)
            lines = dict(line.split("=", 1) for line in text.decode().splitlines())
            with self.lock:
                self.heard += text.decode().splitlines()
                if "FDSTORE" in lines:
                    (file,) = files
                    if lines["FDNAME"] in self.kept:
                        os.close(file)
                    else:
                        self.kept[lines["FDNAME"]] = file
                if "FDSTOREREMOVE" in lines:
                    os.close(self.kept.pop(lines["FDNAME"]))

    def count(self, line):
        with self.lock:
            return self.heard.count(line)

    def wait_for(self, line, count=1):
        wait_until(lambda: self.count(line) >= count, f"{line} from the server")

    def start(self, server, *options):
        """Starts the server as its service, with what is kept; returns when it says that it is ready."""
        ready = self.count("READY=1")
        environment = {**os.environ, "NOTIFY_SOCKET": self.name, "FDSTORE": "256"}
        if self.watchdog:
            environment["WATCHDOG_USEC"] = str(int(self.watchdog * 1e6))
        with self.lock:
            kept = dict(self.kept)
        numbers = [os.dup2(file, FIRST_KEPT + at) for at, file in enumerate(kept.values())]
        moves = "".join(f"exec {3 + at}<&{number} {number}<&-; " for at, number in enumerate(numbers))
        if kept:
            environment |= {"LISTEN_FDS": str(len(kept)), "LISTEN_FDNAMES": ":".join(kept)}
        before = ("bash", "-c", f'{moves}LISTEN_PID=$$ exec "$@"', "bash")
        server.start(*options, before=before, env=environment, pass_fds=numbers)
        for number in numbers:
            os.close(number)
        self.wait_for("READY=1", ready + 1)
