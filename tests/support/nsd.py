"""A real authoritative DNS server (NSD) on a loopback address, with the zones a test writes."""
import pathlib
import signal
import socket
import struct
import subprocess

from .processes import Process, wait_until


class Nsd:
    def __init__(self, folder, zones, address="127.0.1.53", port=25353, signed=(), ttl=60):
        """`zones` maps a zone name to its record lines, without SOA and NS; those in `signed` get keys of their own."""
        self.address = address
        self.port = port
        self.zones = {name: list(lines) for name, lines in zones.items()}
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.process = None
        self.ttl = ttl
        self.serial = 0
        self.keys = {name: self.run("ldns-keygen", "-a", "ECDSAP256SHA256", "-k", name).strip() for name in signed}
        self.trust_anchor = self.folder / "trust-anchor"
        self.trust_anchor.write_text("".join((self.folder / f"{key}.key").read_text() for key in self.keys.values()))

    def run(self, *arguments):
        return subprocess.run(arguments, cwd=self.folder, check=True, capture_output=True, text=True, timeout=30).stdout

    def write_zone(self, name):
        self.serial += 1
        soa = f"@ SOA ns hostmaster {self.serial} 3600 600 86400 {self.ttl}"
        text = f"$ORIGIN {name}.\n$TTL {self.ttl}\n{soa}\n@ NS ns\nns A {self.address}\n"
        file = self.folder / f"{name}.zone"
        file.write_text(text + "\n".join(self.zones[name]) + "\n")
        if name in self.keys:
            self.run("ldns-signzone", "-f", file.name, file.name, self.keys[name])

    def change_zone(self, name, lines, forge=lambda text: text):
        """New records for a zone; `forge` may change its file after it was signed. Returns when nothing else is served."""
        self.zones[name] = list(lines)
        self.write_zone(name)
        file = self.folder / f"{name}.zone"
        file.write_text(forge(file.read_text()))
        before = self.answering_processes()
        self.process.child.send_signal(signal.SIGHUP)
        wait_until(lambda: self.served_serial(name) == self.serial, f"NSD to serve the new zone {name}")
        # A process that answers from the old zone shares the socket until it is told to end.
        wait_until(lambda: not before & self.answering_processes(), f"NSD to serve nothing but the new zone {name}")

    def answering_processes(self):
        """Those of NSD that have no children."""

        def leaves(pid):
            try:
                children = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
            except FileNotFoundError:  # ended meanwhile
                return set()
            return set().union(*map(leaves, children)) if children else {pid}

        return leaves(str(self.process.child.pid))

    def start(self):
        for name in self.zones:
            self.write_zone(name)
        zones = "".join(f'zone:\n  name: "{name}"\n  zonefile: "{name}.zone"\n' for name in self.zones)
        config = self.folder / "nsd.conf"
        config.write_text(
            f"""server:
  ip-address: {self.address}@{self.port}
  server-count: 1
  username: ""
  chroot: ""
  zonesdir: "{self.folder}"
  database: ""
  pidfile: "{self.folder}/nsd.pid"
  xfrdfile: "{self.folder}/xfrd.state"
  zonelistfile: "{self.folder}/zone.list"
  xfrdir: "{self.folder}"
  logfile: "{self.folder}/nsd-log"
  rrl-ratelimit: 0
  hide-version: yes
remote-control:
  control-enable: no
{zones}"""
        )
        self.process = Process(["/usr/sbin/nsd", "-d", "-c", config], self.folder / "nsd.out")
        wait_until(self.answers, "NSD to answer", 20)
        return self

    def answers(self):
        """True if a question for the first zone's SOA is answered without error."""
        return self.soa(next(iter(self.zones))) is not None

    def served_serial(self, name):
        reply = self.soa(name)
        # The numbers of the one record in the answer end with it: serial, four times, and what follows are NS and A.
        return int.from_bytes(reply[self.end_of_soa(reply) - 20 :][:4], "big") if reply else None

    @staticmethod
    def end_of_soa(reply):
        """Where the first record of the answer ends; its name is a pointer."""
        at = 12
        while reply[at]:
            at += 1 + reply[at]
        at += 5 + 10
        return at + 2 + int.from_bytes(reply[at : at + 2], "big")

    def soa(self, name):
        labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0"
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
            asker.settimeout(0.5)
            asker.sendto(struct.pack("!6H", 7, 0, 1, 0, 0, 0) + labels + struct.pack("!2H", 6, 1), (self.address, self.port))
            try:
                reply = asker.recv(512)
            except OSError:
                return None
        return reply if len(reply) > 12 and reply[3] & 15 == 0 else None

    def stop(self):
        if self.process:
            self.process.stop()
