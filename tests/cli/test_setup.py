"""From nothing to a server that sends and receives: `tegami setup`, then `tegami doctor`, with NSD as the Internet's DNS."""
import json
import re
import smtplib
import subprocess
import threading

import pytest

from conftest import PASSWORD, next_address
from support.certificates import Authority
from support.nsd import Nsd
from support.pebble import Pebble
from support.peer import Peer
from support.processes import wait_until
from support.tegami import PORT_OFFSET, PROGRAM, Tegami

# By which others would reach the server; nobody does.
PUBLIC = "203.0.113.9"
REVERSE = "113.0.203.in-addr.arpa"
BLOCKED = "9.113.0.203.zen.spamhaus.org. A 127.0.0.2"


class World:
    """A name server that also plays the large provider by which setup tries the way out, and one server."""

    def __init__(self, folder):
        self.address, self.dns, self.provider = next_address(), next_address(), next_address()
        probe = ["@ MX 5 mx", f"mx A {self.provider}"]
        zones = {"a.test": [], "c.test": [], "ca.test": [], REVERSE: [], "gmail.com": probe, "zen.spamhaus.org": []}
        self.nsd = Nsd(folder / "dns", zones, self.dns).start()
        self.server = Tegami(folder / "server", "a.test", self.address)
        self.password = folder / "password"
        self.password.write_text(PASSWORD + "\n")
        self.password.chmod(0o600)

    def setup(self, *options, answers=None, folder=None):
        words = ["setup", folder or self.server.folder, "--address", PUBLIC, *options]
        return subprocess.run([str(PROGRAM), *map(str, words)], input=answers, capture_output=True, text=True, timeout=120)

    def fresh(self):
        return ["--listen", self.address, "--port-offset", PORT_OFFSET, "--resolver", f"{self.dns}:{self.nsd.port}"]

    def stop(self):
        if self.server.process:
            assert self.server.stop() == 0, self.server.process.log()
        self.nsd.stop()


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    one = World(tmp_path_factory.mktemp("setup"))
    yield one
    one.stop()


def test_without_a_question(world):
    asked = ["--yes", "--domain", "a.test", "--account", "anna", "--password-file", world.password]
    done = world.setup(*asked, *world.fresh(), "--acme-directory", "https://ca.test/dir", "--agree-to-terms")
    assert (done.returncode, done.stderr) == (0, ""), done
    for words in (rf"FAULT +{PUBLIC}: it has no name in the DNS", r"FAULT +outgoing port 25: is closed \(mx\.gmail\.com at ",
                  rf"ok +ports: .*\b{PORT_OFFSET + 25}\b", "domain a.test added", "account anna@a.test added",
                  r"MX +a\.test +10 mail\.a\.test", r"a\.test\. .*MX 10 mail\.a\.test\.",
                  "Start the server: tegami serve --config "):
        assert re.search(f"^{words}", done.stdout, re.M), (words, done.stdout)
    text = world.server.config.read_text()
    for line in ('host_name = "mail.a.test"', 'directory = "https://ca.test/dir"', "terms_agreed = true",
                 'contact = "postmaster@a.test"', "[listen.http]", f"port = {PORT_OFFSET + 80}"):
        assert line in text.splitlines(), line
    assert world.server.run("account", "list").stdout.startswith("anna@a.test ")
    # Typed again it changes nothing.
    again = world.setup("--yes")
    assert (again.returncode, again.stderr) == (0, ""), again
    assert world.server.config.read_text() == text and not re.search(r" (added|written)\b[.,]?( with keys.*)?$", again.stdout, re.M)


def test_what_it_asks_and_a_closed_port(world, tmp_path):
    answers = "b.test\nmx.b.test\nbo\nno\nsmtp.provider.test:465\n\n"
    done = world.setup(*world.fresh(), "--wait", 0, answers=answers, folder=tmp_path / "asked")
    assert done.returncode == 0, done
    assert "Through which other server shall it go" in done.stdout
    assert "is not needed: mail goes through smtp.provider.test" in done.stdout
    assert "account bo@b.test added" in done.stdout and "password: " in done.stdout
    text = (tmp_path / "asked/tegami.toml").read_text()
    for line in ('host_name = "mx.b.test"', 'host = "smtp.provider.test"', "port = 465", 'tls = "implicit"'):
        assert line in text.splitlines(), line
    assert '\ndirectory = "' not in text


def test_an_authority_gives_the_certificate(world, tmp_path):
    server, ca = Tegami(tmp_path / "server", "c.test", next_address()), next_address()
    world.nsd.change_zone("c.test", [f"mail A {server.address}"])
    world.nsd.change_zone("ca.test", [f"acme A {ca}"])
    authority = Authority(tmp_path / "authority")
    pebble = Pebble(tmp_path / "pebble", authority, "acme.ca.test", ca, f"{world.dns}:{world.nsd.port}",
                    PORT_OFFSET + 80, server.https).start()
    try:
        done = world.setup("--json", "--domain", "c.test", "--account", "cleo", "--resolver", f"{world.dns}:{world.nsd.port}",
                           "--listen", server.address, "--port-offset", PORT_OFFSET, "--acme-directory", pebble.directory,
                           "--acme-authorities", authority.path, "--agree-to-terms", folder=server.folder)
        assert done.returncode == 0 and "account cleo@c.test added" in done.stderr, done
        told = json.loads(done.stdout)
        assert (told["domain"], told["account"], told["runs"]) == ("c.test", "cleo@c.test", False), told
        assert told["password"] and told["machine"]["findings"] and told["records_missing"] is None
        assert {"MX", "TXT"} <= {record["type"] for record in told["records"]} and told["zone"]
        server.start()
        wait_until(lambda: server.json("certificate", "status")["certificates"][0]["origin"] == pebble.directory,
                   "a certificate from pebble", 40)
        assert server.stop() == 0, server.process.log()
    finally:
        pebble.stop()


@pytest.mark.parametrize("options, complaint", [
    (["--yes"], "--domain is needed, for nobody answers"),
    (["--yes", "--domain", "a b"], "--domain: a b is not a domain such as example.org"),
    (["--yes", "--domain", "c.test"], "--account is needed, for nobody answers"),
    (["--acme-directory", "https://ca.test/dir"], "--agree-to-terms"),
    (["--smarthost", "127.0.0.1"], "--smarthost: 127.0.0.1 is not HOST or HOST:PORT"),
    (["--address", "x"], "--address: x is not an IP address"),
])
def test_wrong_use(world, tmp_path, options, complaint):
    done = world.setup(*options, folder=tmp_path / "none")
    assert done.returncode == 2 and complaint in done.stderr, done
    assert not (tmp_path / "none").exists()


def test_it_waits_for_the_records_and_a_letter_and_the_doctor_agrees(world):
    server = world.server
    text = "\n".join(line for line in server.config.read_text().splitlines() if not line.startswith("directory = "))
    server.config.write_text(text + "\n")
    blocked = "550 5.7.1 Unfortunately, part of your network is on our block list (S3140)."
    with Peer(world.provider, PORT_OFFSET + 25, RCPT=lambda *_: blocked):
        server.set("relay.port", PORT_OFFSET + 25)
        server.start()
        server.run("domain", "set", "a.test", "--mta-sts", "none")
        lines = server.run("dns", "records", "a.test", "--address", PUBLIC, "--format", "zone").stdout.splitlines()
        elsewhere = [line.removeprefix("; in another zone: ") for line in lines if line.startswith("; in another zone: ")]
        said = {}
        waiting = threading.Thread(target=lambda: said.update(done=world.setup("--yes", "--wait", 1)))
        waiting.start()
        world.nsd.change_zone("a.test", [line for line in lines if not line.startswith(";")])
        world.nsd.change_zone(REVERSE, elsewhere)

        def send():
            with smtplib.SMTP(world.address, server.smtp, timeout=30) as client:
                client.sendmail("carl@elsewhere.test", ["anna@a.test"], "From: carl@elsewhere.test\r\nSubject: first\r\n\r\nHello.\r\n")
            waiting.join(3)
            return not waiting.is_alive()

        wait_until(send, "setup to see a letter", 60)
        done = said["done"]
        assert (done.returncode, done.stderr) == (0, ""), done
        assert "outgoing port 25: is open (mx.gmail.com at " in done.stdout
        assert "The DNS has all that mail needs." in done.stdout and "It has arrived." in done.stdout
        # The doctor sees the same, and what came since.
        fine = json.loads(server.run("doctor", "--address", PUBLIC, "--json").stdout)
        about = {finding["about"]: finding for finding in fine["findings"]}
        assert not fine["mail_suffers"], fine
        # Whoever asks for the settings gets nowhere: the address is nobody's.
        assert about["DNS of a.test"]["words"].startswith("all that mail needs is there; 1 more record would do good")
        assert about["certificate mail.a.test"]["weight"] == "good"
        assert about["server"]["words"].startswith("runs since")
        world.nsd.change_zone("zen.spamhaus.org", [BLOCKED])
        world.nsd.change_zone("a.test", [line for line in lines if not line.startswith(";") and " MX " not in line])
        with smtplib.SMTP(world.address, server.submission, timeout=30) as client:
            client.starttls(context=server.trust())
            client.login("anna@a.test", PASSWORD)
            client.sendmail("anna@a.test", ["dora@gmail.com"], "From: anna@a.test\r\nSubject: out\r\n\r\nHello.\r\n")
        wait_until(lambda: "S3140" in server.run("trace", "anna@a.test").stdout, "the refusal to be told")
        ill = server.run("doctor", "--address", PUBLIC, check=False)
        assert ill.returncode == 1
        assert "Microsoft refuses mail because the network around this server's address is on its block list." in ill.stdout, ill
        assert re.search(rf"^FAULT +{PUBLIC}: it is on the list of Spamhaus", ill.stdout, re.M), ill
        assert re.search(r"^FAULT +DNS of a\.test: .* missing or wrong \(a\.test MX", ill.stdout, re.M), ill
    assert server.stop() == 0
    server.process = None
    dead = server.run("doctor", "--address", PUBLIC, check=False)
    assert dead.returncode == 1 and re.search(r"^FAULT +server: it does not run", dead.stdout, re.M), dead
