"""Certificates by themselves from a real authority (pebble) that rejects a quarter of all nonces: by each challenge, for each
name its own, renewed under open connections, and kept where the authority fails."""
import base64
import hashlib
import imaplib
import json
import re
import socket
import ssl
import subprocess

import pytest

from conftest import next_address
from support.certificates import Authority
from support.knot import Knot
from support.pebble import Pebble
from support.processes import wait_until
from support.tegami import Tegami

SECRET = base64.b64encode(b"0123456789abcdef0123456789abcdef").decode()


class World:
    """A server for a.test, the name server of its zone, which it may change, and an authority."""

    def __init__(self, folder):
        address, dns, ca = next_address(), next_address(), next_address()
        self.knot = Knot(folder / "dns", {"a.test": [f"mail A {address}", f"mta-sts A {address}", f"autoconfig A {address}", f"imap A {address}",
                                                    f"elsewhere A {next_address()}"],
                                          "ca.test": [f"acme A {ca}"]}, dns, SECRET).start()
        secret = folder / "secret"
        secret.write_text(SECRET)
        secret.chmod(0o600)
        authority = Authority(folder / "authority")
        server = f"{dns}:{self.knot.port}"
        self.server = Tegami(folder / "server", "a.test", address, {
            "resolver.mode": '"servers"', "resolver.servers": f'["{server}"]',
            "dns_update.server": f'"{server}"', "dns_update.key_name": '"tegami"', "dns_update.secret_file": f'"{secret}"',
            "listen.http.address": f'"{address}"', "listen.http.port": "20080",
            "acme.terms_agreed": "true", "acme.authorities": f'"{authority.path}"', "acme.contact": '"postmaster@a.test"',
        }).init()
        self.pebble = Pebble(folder / "pebble", authority, "acme.ca.test", ca, server, 20080, self.server.https)
        self.server.set("acme.directory", f'"{self.pebble.directory}"')
        self.pebble.start(PEBBLE_WFE_NONCEREJECT="25")
        self.server.start()

    def stop(self):
        self.server.stop()
        self.pebble.stop()
        self.knot.stop()

    def restart(self, **settings):
        assert self.server.stop() == 0
        for name, value in settings.items():
            self.server.set(f"acme.{name}", value)
        self.server.start()

    def shown(self, name):
        """The certificate that a client gets who asks for the name and trusts pebble; nothing if it cannot."""
        context = ssl.create_default_context(cafile=str(self.pebble.roots))
        try:
            with socket.create_connection((self.server.address, self.server.https), timeout=10) as plain:
                with context.wrap_socket(plain, server_hostname=name) as stream:
                    return stream.getpeercert(binary_form=True)
        except ssl.SSLCertVerificationError:
            return None

    def renew(self, *name):
        result = self.server.run("certificate", "renew", *name, "--json", check=False)
        return result.returncode, result.stdout + result.stderr

    def tlsa(self):
        """The keys that the DNS has announced."""
        return {record.split()[3].lower() for record in self.knot.ask("_25._tcp.mail.a.test", "TLSA")}


def key_hash(certificate):
    spki = subprocess.run(["openssl", "x509", "-inform", "der", "-noout", "-pubkey"], input=certificate, check=True,
                          capture_output=True, timeout=20).stdout.decode().split("-----")[2]
    return hashlib.sha256(base64.b64decode(spki)).hexdigest()


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    one = World(tmp_path_factory.mktemp("acme"))
    yield one
    one.stop()


def test_each_name_gets_its_certificate_through_port_80(world):
    first = wait_until(lambda: world.shown("mail.a.test"), "a certificate for the host")
    other = wait_until(lambda: world.shown("mta-sts.a.test"), "a certificate for the policy")
    assert first != other
    wait_until(lambda: world.shown("autoconfig.a.test"), "a certificate where mail programs ask")
    wait_until(lambda: key_hash(first) in world.tlsa(), "the key in the DNS")
    status = world.server.json("certificate", "status")["certificates"]
    assert {each["name"] for each in status} == {"mail.a.test", "mta-sts.a.test", "autoconfig.a.test"}
    assert all(each["origin"] == world.pebble.directory and not each["problem"] for each in status), status
    assert re.search(r"^ +valid +\d{4}-\d\d-\d\d to \d{4}", world.server.run("certificate", "status").stdout, re.M)
    assert "certificate renewed names=mail.a.test " in world.server.process.log()


def test_renewed_under_an_open_connection(world):
    before = world.shown("mail.a.test")
    context = ssl.create_default_context(cafile=str(world.pebble.roots))
    context.check_hostname = False
    with imaplib.IMAP4_SSL(world.server.address, world.server.imaps, ssl_context=context) as client:
        status, said = world.renew("mail.a.test")
        assert status == 0, said
        assert client.noop()[0] == "OK"
    after = world.shown("mail.a.test")
    assert after and after != before
    assert key_hash(after) in world.tlsa()


def test_an_authority_that_is_away_changes_nothing(world):
    before = world.shown("mail.a.test")
    world.pebble.stop()
    status, said = world.renew("mail.a.test")
    assert status == 1 and "the authority did not answer" in said, said
    assert world.shown("mail.a.test") == before
    status = world.server.run("certificate", "status", "--json", check=False)
    assert status.returncode == 1 and "the authority did not answer" in json.loads(status.stdout)["certificates"][0]["problem"]
    assert "certificate not renewed names=mail.a.test" in world.server.process.log()
    world.pebble.start(PEBBLE_WFE_NONCEREJECT="25")
    status, said = world.renew()
    assert status == 0, said
    assert world.shown("mail.a.test") and world.shown("mta-sts.a.test")


def test_a_name_that_leads_elsewhere(world):
    before = world.shown("mail.a.test")
    world.restart(names='["elsewhere.a.test"]')
    wait_until(lambda: "elsewhere.a.test: the authority could not connect to this name" in world.server.process.log(), "its words")
    assert world.shown("mail.a.test") == before
    assert not world.shown("elsewhere.a.test")


def test_through_port_443_as_a_customer(world):
    secret = base64.urlsafe_b64encode(b"secret of 32 octets, as is usual").decode().rstrip("=")
    file = world.server.folder / "external-account"
    file.write_text(secret + "\n")
    file.chmod(0o600)
    world.pebble.stop()
    world.pebble.demand_accounts({"kid-1": secret})
    world.pebble.start(PEBBLE_WFE_NONCEREJECT="25")
    world.restart(names='["imap.a.test"]', challenge='"tls-alpn-01"')
    wait_until(lambda: "set acme.external_account" in world.server.process.log(), "a word about the account")
    world.restart(external_account='"kid-1"', external_account_file=f'"{file}"')
    wait_until(lambda: world.shown("imap.a.test"), "a certificate with another name")
    assert world.shown("mail.a.test") == world.shown("imap.a.test")


def test_through_the_dns(world):
    world.restart(names='["*.a.test", "a.test"]', challenge='"dns-01"')
    wait_until(lambda: world.shown("any.a.test"), "a certificate with a wildcard")
    assert world.shown("a.test") == world.shown("any.a.test")
    wait_until(lambda: not world.knot.ask("_acme-challenge.a.test", "TXT"), "the proofs to go")
