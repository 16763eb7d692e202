"""Records are published at a real name server that takes changes (Knot) with a key; what people wrote there stays."""
import base64
import json
import os
import pathlib
import re

import pytest

from conftest import next_address
from support import clock
from support.knot import Knot
from support.processes import wait_until
from support.tegami import Tegami

ADDRESS = "203.0.113.7"
SECRET = base64.b64encode(b"0123456789abcdef0123456789abcdef").decode()
OTHER_SECRET = base64.b64encode(b"another secret").decode()
PROOF = '"proof=1"'
DMARC = '"v=DMARC1; p=non; aspf=x"'


class World:
    """A server for a.test, and the primary name server, which it also asks."""

    def __init__(self, folder):
        address, dns = next_address(), next_address()
        self.knot = Knot(folder / "dns", {
            "a.test": [f"@ TXT {PROOF}", f"_dmarc TXT {DMARC}", '_smtp._tls TXT "v=TLSRPTv1"', "_imaps._tcp SRV 0 1 993 old.a.test."],
            "c.test": []}, dns, SECRET).start()
        server = f'"{dns}:{self.knot.port}"'
        self.secret_file = folder / "secret"
        self.write_secret(SECRET)
        self.server = Tegami(folder / "server", "a.test", address, {
            "resolver.mode": '"servers"', "resolver.servers": f"[{server}]",
            "dns_update.server": server, "dns_update.key_name": '"tegami"', "dns_update.secret_file": f'"{self.secret_file}"',
        }).init().start()

    def write_secret(self, secret, mode=0o600):
        self.secret_file.write_text(secret + "\n")
        self.secret_file.chmod(mode)

    def stop(self):
        self.server.stop()
        self.knot.stop()

    def publish(self, *more, domain="a.test", address=ADDRESS):
        result = self.server.run("dns", "publish", domain, "--address", address, *more, check=False)
        return result.returncode, result.stdout + result.stderr

    def keys(self, state):
        keys = self.server.json("dkim", "list", "a.test")["domains"][0]["keys"]
        return {key["name"]: key["text"] for key in keys if key["state"] == state}

    def published(self, name):
        """The joined text that Knot has at a name."""
        return ["".join(re.findall(r'"([^"]*)"', text)) for text in self.knot.ask(name, "TXT")]


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    one = World(tmp_path_factory.mktemp("publish"))
    yield one
    one.stop()


def test_keys_are_published_when_they_are_made_and_sign_when_they_are_seen(world):
    def all_published():
        made = world.keys("announced") | world.keys("signing")
        return len(made) == 2 and all(world.published(name) == [text] for name, text in made.items())
    wait_until(all_published, "both keys of a.test in the DNS")
    assert re.match(r"a\.test: signs with \d+-ed25519, \d+-rsa\n", world.server.run("dkim", "check", "a.test").stdout)


def test_what_would_be_done_is_said_first(world):
    status, said = world.publish("--dry-run")
    assert status == 0, said
    assert re.search(r"^would add +a\.test MX\n +now +10 mail\.a\.test$", said, re.M), said
    assert re.search(r"^would replace +_imaps\._tcp\.a\.test SRV: it leads mail programs elsewhere", said, re.M)
    assert world.knot.ask("a.test", "MX") == []


def test_what_is_missing_comes_and_what_people_wrote_stays(world):
    status, said = world.publish()
    assert status == 0, said
    assert world.knot.ask("a.test", "MX") == ["10 mail.a.test."]
    assert world.knot.ask("mail.a.test", "A") == [ADDRESS]
    assert world.knot.ask("a.test", "TXT") == [PROOF, '"v=spf1 mx ~all"']
    assert world.knot.ask("_smtp._tls.a.test", "TXT") == ['"v=TLSRPTv1; rua=mailto:tls-reports@a.test"']
    assert world.knot.ask("_imaps._tcp.a.test", "SRV") == [f"0 1 {world.server.imaps} mail.a.test."]
    assert len(world.knot.ask("_25._tcp.mail.a.test", "TLSA")) == 2  # the key of now and the next one
    assert re.search(r"^left alone +7\.113\.0\.203\.in-addr\.arpa PTR: the name server \S+ has no zone that holds it", said, re.M), said
    checked = json.loads(world.server.run("dns", "check", "a.test", "--address", ADDRESS, "--json", check=False).stdout)
    assert {r["name"] for r in checked["records"] if r["state"] != "right"} <= \
        {"7.113.0.203.in-addr.arpa", "_dmarc.a.test", "autoconfig.a.test", "mta-sts.a.test"}  # no authority has signed the certificate
    again = json.loads(world.publish("--json")[1])
    assert not again["failed"] and {r["outcome"] for r in again["records"]} <= {"right", "left"}
    assert world.knot.ask("_dmarc.a.test", "TXT") == [DMARC]


def test_an_exchanger_of_others_is_named_and_left(world):
    """The address that counts is another one: the host's record says otherwise."""
    status, said = world.publish(address="203.0.113.8")
    assert status == 0
    assert "mail.a.test A: somebody wrote it, and it is not ours to change: mail.a.test leads to 203.0.113.7" in said
    assert world.knot.ask("mail.a.test", "A") == [ADDRESS]


def test_successors_come_by_themselves(world):
    old = world.keys("signing")
    world.server.run("dkim", "rotate", "a.test")
    new = world.keys("announced")
    assert len(new) == 2 and all(world.published(name) == [text] for name, text in new.items())
    world.server.run("dkim", "check", "a.test")
    assert (world.keys("signing"), world.keys("retired")) == (new, old)
    assert all(world.published(name) == [text] for name, text in old.items()), "letters under way"


def test_zones_of_others(world):
    world.server.run("domain", "add", "b.test")
    status, said = world.publish(domain="b.test")
    assert status == 1 and re.search(r"the name server \S+ has no zone that holds b\.test", said), said
    assert "not published" not in world.server.process.log()


@pytest.mark.parametrize("secret, mode, words", [
    (OTHER_SECRET, 0o600, "has another secret for the key tegami (BADSIG)"),
    (SECRET, 0o644, "everybody on this machine may read it"),
    ("no base64!", 0o600, "must hold nothing but the secret in base64"),
])
def test_a_secret_that_does_not_fit(world, secret, mode, words):
    world.server.run("domain", "add", "c.test", check=False)
    world.write_secret(secret, mode)
    status, said = world.publish(domain="c.test")
    world.write_secret(SECRET)
    assert status == 1 and words in said, said
    assert world.knot.ask("c.test", "MX") == []
    assert SECRET not in world.server.process.log() + said


def test_a_key_that_may_not_do_all(world):
    world.knot.stop()
    config = world.knot.folder / "knot.conf"
    whole = config.read_text()
    config.write_text(whole.replace("action: update\n", "action: update\n    update-type: [TXT]\n"))
    world.knot.start()
    status, said = world.publish()
    world.knot.stop()
    config.write_text(whole)
    world.knot.start()
    assert status == 1
    assert re.search(r"^FAILED +a\.test MX: the name server \S+ does not know the key tegami with hmac-sha256, or does not let it change this", said, re.M), said
    assert re.search(r"^added +a\.test TXT$", said, re.M), said


def offline(world, *settings, **environment):
    """What `dns publish` says without a server, with other settings and another environment."""
    if world.server.process.running():
        assert world.server.stop() == 0
    before = world.server.config.read_text()
    for name, value in settings:
        world.server.set(name, value)
    os.environ.update(environment)
    try:
        return world.publish()
    finally:
        world.server.config.write_text(before)
        for name in environment:
            del os.environ[name]


@pytest.mark.parametrize("settings, words", [
    ([("dns_update.key_name", '"stranger"')], "does not know the key stranger with hmac-sha256, or does not let it change this (BADKEY)"),
    ([("dns_update.server", '"127.0.0.1:1"')], "the name server 127.0.0.1:1 did not answer"),
])
def test_without_a_server_and_with_wrong_settings(world, settings, words):
    status, said = offline(world, *settings)
    assert status == 1 and words in said, said


def test_a_clock_that_is_wrong(world):
    status, said = offline(world, LD_PRELOAD=str(clock.LIBRARY), FAKETIME="+1h", DONT_FAKE_MONOTONIC="1")
    assert status == 1 and "the clocks differ too much: it is " in said and "(BADTIME)" in said, said
    status, said = offline(world)
    assert status == 0, said
