"""A real authority that gives certificates by itself (pebble, ACME) on a loopback address."""
import json
import os
import pathlib
import ssl
import urllib.request

from .processes import Process, wait_until


class Pebble:
    """`host` is its name, which `dns` (address and port) leads to `address`; it checks names at these ports."""

    def __init__(self, folder, authority, host, address, dns, http_port, tls_port):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.address, self.host, self.dns, self.authority = address, host, dns, authority
        self.port, self.management = 14000, 15000
        certificate = authority.issue(host, "localhost")
        self.settings = {
            "listenAddress": f"{address}:{self.port}", "managementListenAddress": f"{address}:{self.management}",
            "certificate": str(certificate.path), "privateKey": str(certificate.key),
            "httpPort": http_port, "tlsPort": tls_port, "ocspResponderURL": "", "externalAccountBindingRequired": False}
        self.directory = f"https://{host}:{self.port}/dir"
        self.process = None

    def start(self, **environment):
        """Begins anew: it remembers nothing, and signs with new keys."""
        (self.folder / "pebble.json").write_text(json.dumps({"pebble": self.settings}))
        self.process = Process(["pebble", "-config", self.folder / "pebble.json", "-dnsserver", self.dns],
                               self.folder / "pebble.log",
                               env=os.environ | {"PEBBLE_VA_NOSLEEP": "1", "PEBBLE_AUTHZREUSE": "0"} | environment)
        for port in (self.port, self.management):
            self.process.wait_for_port(self.address, port)
        self.roots = self.folder / "roots.pem"
        self.roots.write_text(wait_until(lambda: self.manage("roots/0"), "pebble's own certificate"))
        return self

    def demand_accounts(self, secrets):
        """From its next start on it knows these customers alone: their names, with secrets in base64url."""
        self.settings |= {"externalAccountBindingRequired": True, "externalAccountMACKeys": secrets}

    def manage(self, path):
        context = ssl.create_default_context(cafile=str(self.authority.path))
        context.check_hostname = False
        with urllib.request.urlopen(f"https://{self.address}:{self.management}/{path}", context=context, timeout=10) as answer:
            return answer.read().decode()

    def stop(self):
        if self.process:
            self.process.stop()
