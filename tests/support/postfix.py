"""Postfix as Debian ships it, in a folder of its own. Its daemons have users of their own, so they must be able to get there:
no folder above may be closed."""
import os
import pathlib
import shutil
import subprocess

from .processes import accepts_connections, wait_until

SHIPPED = pathlib.Path("/usr/share/postfix/master.cf.dist")


class Postfix:
    def __init__(self, folder, settings, services):
        """`settings` are those of main.cf, `services` lines of master.cf beside the usual ones, which take no mail."""
        self.folder = pathlib.Path(folder)
        self.config, self.queue, self.data = (self.folder / name for name in ("etc", "queue", "data"))
        for made in (self.config, self.queue, self.data):
            made.mkdir(parents=True)
        shutil.chown(self.data, "postfix")
        if os.path.exists("/etc/postfix/dynamicmaps.cf"):
            shutil.copy("/etc/postfix/dynamicmaps.cf", self.config)
        own = {"compatibility_level": "3.6", "queue_directory": self.queue, "data_directory": self.data,
               "maillog_file": self.folder / "log", "maillog_file_prefixes": self.folder, "inet_protocols": "ipv4"}
        (self.config / "main.cf").write_text("".join(f"{key} = {value}\n" for key, value in (own | settings).items()))
        lines = [line.split() for line in SHIPPED.read_text().splitlines() if line and not line.startswith(("#", " "))]
        usual = []
        for fields in lines:
            if fields[:2] == ["smtp", "inet"]:
                continue
            fields[4] = "n"  # no chroot: the sockets are elsewhere
            usual.append(" ".join(fields))
        if not any(service.startswith("postlog ") for service in usual):
            usual.append("postlog unix-dgram n - n - 1 postlogd")
        (self.config / "master.cf").write_text("\n".join(usual + services) + "\n")

    def start(self, address, port):
        """Returns when it listens there."""
        subprocess.run(["postfix", "-c", self.config, "start"], check=True, capture_output=True)
        pid_file = self.queue / "pid/master.pid"
        wait_until(lambda: pid_file.exists() and accepts_connections(address, port), "Postfix to listen")
        self.pid = int(pid_file.read_text())
        return self

    def log(self):
        return (self.folder / "log").read_text(errors="replace")

    def waiting(self):
        """Messages in the queue."""
        return sum(1 for name in ("incoming", "active", "deferred", "maildrop")
                   for _, _, files in os.walk(self.queue / name) for _ in files)

    def stop(self):
        subprocess.run(["postfix", "-c", self.config, "stop"], check=True, capture_output=True)
