"""A real authoritative DNS server (NSD) on a loopback address, with the zones a test writes."""
import pathlib

from .processes import Process, wait_until
import socket
import struct


class Nsd:
    def __init__(self, folder, zones, address="127.0.1.53", port=25353):
        """`zones` maps a zone name to its record lines, without SOA and NS."""
        self.address = address
        self.port = port
        self.zones = {name: list(lines) for name, lines in zones.items()}
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.process = None

    def write_zone(self, name):
        text = f"$ORIGIN {name}.\n$TTL 60\n@ SOA ns hostmaster 1 3600 600 86400 60\n@ NS ns\nns A {self.address}\n"
        (self.folder / f"{name}.zone").write_text(text + "\n".join(self.zones[name]) + "\n")

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
        name = next(iter(self.zones))
        labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0"
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
            asker.settimeout(0.5)
            asker.sendto(struct.pack("!6H", 7, 0, 1, 0, 0, 0) + labels + struct.pack("!2H", 6, 1), (self.address, self.port))
            try:
                reply = asker.recv(512)
            except OSError:
                return False
        return len(reply) > 12 and reply[3] & 15 == 0

    def stop(self):
        if self.process:
            self.process.stop()
