"""A real primary DNS server (Knot) on a loopback address whose zones can be changed with a key (RFC 2136, TSIG)."""
import pathlib
import subprocess

from .processes import Process


class Knot:
    """`zones` maps a zone name to its record lines, without SOA and NS; the key `tegami` may change them."""

    def __init__(self, folder, zones, address, secret, port=25353):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True)
        self.address, self.port, self.zones = address, port, zones
        (self.folder / "knot.conf").write_text(f"""server:
  listen: {address}@{port}
  rundir: "{self.folder}"
  udp-workers: 1
  tcp-workers: 1
  background-workers: 1
database:
  storage: "{self.folder}/db"
log:
  - target: stderr
    any: info
key:
  - id: tegami
    algorithm: hmac-sha256
    secret: {secret}
acl:
  - id: updates
    key: tegami
    action: update
template:
  - id: default
    storage: "{self.folder}"
    file: "%s.zone"
    zonefile-sync: -1
    journal-content: none
    acl: updates
zone:
""" + "".join(f"  - domain: {name}\n" for name in zones))
        self.process = None

    def start(self):
        """Serves the zones as they were given, whatever was changed before."""
        for name, lines in self.zones.items():
            (self.folder / f"{name}.zone").write_text(
                f"$ORIGIN {name}.\n$TTL 60\n@ SOA ns hostmaster 1 3600 600 86400 60\n@ NS ns\nns A {self.address}\n"
                + "\n".join(lines) + "\n")
        # The path of a UNIX socket is short.
        self.process = Process(["/usr/sbin/knotd", "-c", "knot.conf", "-s", "knot.sock"], self.folder / "knot.log",
                               cwd=self.folder)
        self.process.wait_for_port(self.address, self.port)
        return self

    def ask(self, name, kind):
        """The data of the records that it has, as text, sorted."""
        found = subprocess.run(["drill", "-p", str(self.port), f"@{self.address}", name, kind], capture_output=True, text=True,
                               timeout=20)
        lines = [line.split(None, 4) for line in found.stdout.splitlines() if line and not line.startswith(";")]
        return sorted(line[4] for line in lines if line[0].rstrip(".").lower() == name.lower() and line[3] == kind)

    def stop(self):
        if self.process:
            self.process.stop()
