"""One Tegami server in a folder of its own, driven through its command line as an operator would."""
import json
import os
import pathlib
import re
import ssl
import subprocess

from .processes import ROOT, Failed, Process

PROGRAM = pathlib.Path(os.environ.get("TEGAMI", ROOT / "build/release/src/app/tegami"))
PORT_OFFSET = 20000


class Tegami:
    """`settings` maps "section.key" to the TOML text of its value."""

    def __init__(self, folder, domain, address="127.0.0.1", settings=None, program=None, offset=PORT_OFFSET):
        self.folder = pathlib.Path(folder)
        self.domain = domain
        self.address = address
        self.offset = offset
        self.settings = settings or {}
        self.program = pathlib.Path(program or PROGRAM)
        self.config = self.folder / "tegami.toml"
        self.process = None

    # Ports of the roles, as `init` writes them.
    smtp = property(lambda self: self.offset + 25)
    submission = property(lambda self: self.offset + 587)
    submissions = property(lambda self: self.offset + 465)
    pop3 = property(lambda self: self.offset + 110)
    pop3s = property(lambda self: self.offset + 995)
    imap = property(lambda self: self.offset + 143)
    imaps = property(lambda self: self.offset + 993)
    https = property(lambda self: self.offset + 443)

    def run(self, *arguments, stdin=None, check=True):
        """Runs `tegami ARGUMENTS --config …` and returns what it printed."""
        result = subprocess.run(
            [str(self.program), *map(str, arguments), "--config", str(self.config)],
            input=stdin, capture_output=True, text=True, timeout=120,
        )
        if check and result.returncode != 0:
            raise Failed(f"tegami {' '.join(map(str, arguments))} ended with {result.returncode}: {result.stderr}{result.stdout}")
        return result

    def json(self, *arguments):
        return json.loads(self.run(*arguments, "--json").stdout)

    def init(self):
        subprocess.run(
            [str(self.program), "init", str(self.folder), "--domain", self.domain, "--listen", self.address,
             "--port-offset", str(self.offset)],
            check=True, capture_output=True, text=True, timeout=60,
        )
        self.set("backup_directories", json.dumps([str(self.folder.resolve().parent)]))
        for name, value in self.settings.items():
            self.set(name, value)
        return self

    def set(self, name, value):
        """Sets one key of tegami.toml, written or commented out in its section."""
        section, _, key = name.rpartition(".")
        lines = self.config.read_text().splitlines()
        here = ""
        header = None
        for number, line in enumerate(lines):
            heading = re.match(r"\s*\[([\w.]+)\]", line)
            if heading:
                here = heading.group(1)
                if here == section:
                    header = number
            elif here == section and re.match(rf"#?\s*{re.escape(key)}\s*=", line):
                lines[number] = f"{key} = {value}"
                break
        else:
            if header is None:
                lines += [f"[{section}]", f"{key} = {value}"]
            else:
                lines.insert(header + 1, f"{key} = {value}")
        self.config.write_text("\n".join(lines) + "\n")

    def start(self, *options, before=(), **how):
        """`before` stands before the program; `how` is for the process."""
        arguments = [*before, self.program, "serve", *options, "--config", self.config]
        self.process = Process(arguments, self.folder / "serve.log", **how)
        for port in (self.smtp, self.submission, self.imap, self.pop3, self.https):
            self.process.wait_for_port(self.address, port)
        return self

    def stop(self):
        return self.process.stop() if self.process else 0

    def kill(self):
        self.process.kill()

    def add_account(self, address, password):
        self.run("account", "add", address, "--password-stdin", stdin=password + "\n")

    def trust(self):
        """A TLS context that trusts this server's own authority alone."""
        context = ssl.create_default_context(cafile=str(self.certificate()))
        context.check_hostname = False
        return context

    def certificate(self):
        """The server's own one, then the authority's."""
        return self.folder / "data/tls/certificate.pem"
