"""Signed mail to and from a server that nobody here wrote, Postfix with OpenDKIM, directly and through a Tegami that passes it on."""
import base64
import pathlib
import pwd
import re
import shutil
import smtplib
import subprocess
import tempfile

import pytest
from conftest import PASSWORD, next_address
from support import letters, post
from support.nsd import Nsd
from support.postfix import Postfix
from support.processes import Process, wait_until
from support.tegami import Tegami

ALICE, CAROL = "alice@a.test", "carol@p.test"
TO_ALICE, TO_CAROL = "to-alice@f.test", "to-carol@f.test"  # aliases
PORT, MILTER_PORT = 20025, 20891
SIGNS = "k1._domainkey.p.test"


def key_records(server):
    """What a Tegami publishes of its keys, by name."""
    keys = server.json("dkim", "list", server.domain)["domains"][0]["keys"]
    return {f"{key['selector']}._domainkey.{server.domain}": key["text"] for key in keys}


def zone(domain, address, records):
    texts = ((name.removesuffix(f".{domain}"), " ".join(f'"{text[at:at + 255]}"' for at in range(0, len(text), 255)))
             for name, text in records.items() if name.endswith(f".{domain}"))
    return ["@ MX 10 mail", f"mail A {address}", '@ TXT "v=spf1 ip4:127.0.0.1 -all"', '_dmarc TXT "v=DMARC1; p=reject"',
            *(f"{name} TXT {text}" for name, text in texts)]


class Peer:
    """Postfix for p.test, with OpenDKIM: it signs what comes from the server's own address and looks at all else."""

    def __init__(self, address, keys, routes):
        self.address = address
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="tegami-postfix-"))
        self.folder.chmod(0o755)
        self.mail = self.folder / "mail"
        self.mail.mkdir()
        nobody = pwd.getpwnam("nobody")
        shutil.chown(self.mail, nobody.pw_uid, nobody.pw_gid)
        self.key = self.folder / "key.pem"
        subprocess.run(["openssl", "genrsa", "-out", self.key, "2048"], check=True, capture_output=True)
        public = subprocess.run(["openssl", "rsa", "-in", self.key, "-pubout", "-outform", "DER"], check=True, capture_output=True)
        self.record = f"v=DKIM1; k=rsa; p={base64.b64encode(public.stdout).decode()}"
        (self.folder / "keys").write_text("".join(f"{name} {text}\n" for name, text in {**keys, SIGNS: self.record}.items()))
        (self.folder / "opendkim.conf").write_text("".join(f"{key} {value}\n" for key, value in {
            "Syslog": "no", "UserID": "root", "RequireSafeKeys": "no", "Mode": "sv", "Domain": "p.test", "Selector": "k1",
            "KeyFile": self.key, "Canonicalization": "relaxed/simple", "InternalHosts": f"csl:{address}", "AuthservID": "mail.p.test",
            "AlwaysAddARHeader": "yes", "TestPublicKeys": self.folder / "keys", "Socket": f"inet:{MILTER_PORT}@{address}",
            "PidFile": self.folder / "opendkim.pid",
        }.items()))
        milter = f"inet:{address}:{MILTER_PORT}"
        self.postfix = Postfix(self.folder / "postfix", {
            "myhostname": "mail.p.test", "mydestination": "", "mynetworks": f"{address}/32", "virtual_mailbox_domains": "p.test",
            "virtual_mailbox_maps": "static:carol/", "virtual_mailbox_base": self.mail, "virtual_uid_maps": f"static:{nobody.pw_uid}",
            "virtual_gid_maps": f"static:{nobody.pw_gid}", "smtp_dns_support_level": "disabled", "smtpd_peername_lookup": "no",
            "smtpd_milters": milter, "milter_default_action": "tempfail",
            "transport_maps": "inline:{ " + ", ".join(f"{{ {domain} = smtp:[{to}]:{PORT} }}" for domain, to in routes.items()) + " }",
        }, [f"{address}:{PORT} inet n - n - - smtpd"])

    def start(self):
        self.opendkim = Process(["opendkim", "-f", "-x", self.folder / "opendkim.conf"], self.folder / "opendkim.log")
        self.opendkim.wait_for_port(self.address, MILTER_PORT)
        self.postfix.start(self.address, PORT)
        return self

    def submit(self, recipient, octets):
        with smtplib.SMTP(self.address, PORT, timeout=60, source_address=(self.address, 0)) as client:
            assert client.sendmail(CAROL, [recipient], octets) == {}

    def wait_for_copy(self, token):
        def found():
            files = [file.read_bytes() for file in (self.mail / "carol/new").glob("*")]
            return [octets for octets in files if token.encode() in octets]

        copy, = wait_until(found, f"{token} to reach {CAROL}")
        return copy

    def stop(self):
        self.postfix.stop()
        self.opendkim.child.kill()  # asked to end, it takes five seconds
        self.opendkim.child.wait(30)
        shutil.rmtree(self.folder)


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    folder = tmp_path_factory.mktemp("postfix-exchange")
    dns = Nsd(folder / "dns", {"test": []}, next_address()).start()
    settings = {"resolver.mode": '"servers"', "resolver.servers": f'["{dns.address}:{dns.port}"]', "relay.port": str(PORT)}
    a, f = [Tegami(folder / domain, domain, next_address(), settings).init().start() for domain in ("a.test", "f.test")]
    a.add_account(ALICE, PASSWORD)
    f.run("alias", "add", TO_ALICE, ALICE)
    f.run("alias", "add", TO_CAROL, CAROL)
    keys = key_records(a) | key_records(f)
    peer = Peer(next_address(), keys, {"a.test": a.address, "f.test": f.address}).start()
    keys[SIGNS] = peer.record
    dns.stop()
    dns.zones = {"test": []} | {domain: zone(domain, address, keys) for domain, address in
                                (("a.test", a.address), ("f.test", f.address), ("p.test", peer.address))}
    dns.start()
    for server in (a, f):
        server.run("dkim", "check", server.domain)
    yield a, f, peer
    peer.stop()
    for server in (a, f):
        assert server.stop() == 0, server.process.log()
    dns.stop()


def results_of(octets):
    """The Authentication-Results in a letter, unfolded, the newest first."""
    header = re.sub(rb"\r?\n[ \t]+", b" ", re.split(rb"\r?\n\r?\n", octets)[0]).decode()
    return re.findall(r"^Authentication-Results: (.*?)\r?$", header, re.M)


def test_what_opendkim_signs_is_genuine_here(world):
    a, f, peer = world
    octets, token = letters.plain(CAROL, ALICE)
    peer.submit(ALICE, octets)
    found, = results_of(post.wait_for_copy(a, ALICE, PASSWORD, token))
    for result in ("dkim=pass header.d=p.test", f"spf=pass smtp.mailfrom={CAROL}", "dmarc=pass (p=reject) header.from=p.test"):
        assert result in found, found


def test_it_is_so_too_when_it_was_passed_on(world):
    a, f, peer = world
    octets, token = letters.plain(CAROL, TO_ALICE)
    peer.submit(TO_ALICE, octets)
    arrived = post.wait_for_copy(a, ALICE, PASSWORD, token)
    assert re.match(rb"Return-Path: <SRS0=[a-z2-7]+=[a-z2-7]+=p\.test=carol@f\.test>\r\n", arrived)
    at_a, at_f = results_of(arrived)
    for found in (at_a, at_f):
        assert "dkim=pass header.d=p.test" in found and "dmarc=pass" in found, found
    assert "@f.test" in re.search(r"spf=pass smtp\.mailfrom=(\S+)", at_a)[1]
    assert "arc=pass (i=1) header.d=f.test" in at_a


def test_opendkim_finds_our_letters_genuine(world):
    a, f, peer = world
    octets, token = letters.plain(ALICE, CAROL)
    post.submit(a, ALICE, PASSWORD, [CAROL], octets)
    found = " ".join(results_of(peer.wait_for_copy(token)))
    assert found.count("dkim=pass") == 2 and found.count("header.d=a.test") == 2, found


def test_opendkim_finds_them_genuine_when_they_were_passed_on(world):
    a, f, peer = world
    octets, token = letters.plain(ALICE, TO_CAROL)
    post.submit(a, ALICE, PASSWORD, [TO_CAROL], octets)
    arrived = peer.wait_for_copy(token)
    assert re.search(rb"^Return-Path: <SRS0=[^>]+@f\.test>", arrived, re.M)
    assert b"\nARC-Seal: i=1;" in arrived.replace(b"\r", b"")
    found, at_f = results_of(arrived)
    assert found.startswith("mail.p.test;") and found.count("dkim=pass") == 2, found
    assert "dmarc=pass" in at_f
