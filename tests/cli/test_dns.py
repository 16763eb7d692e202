"""What a domain needs in the DNS, published on a name server of our own as the command line prints it, then broken bit by bit."""
import json
import re

import pytest

from conftest import next_address
from support.nsd import Nsd
from support.tegami import Tegami

# Nobody connects to it: only the DNS is asked for it.
ADDRESS = "203.0.113.7"
REVERSE = "113.0.203.in-addr.arpa"


class World:
    """A server for a.test, and the name server that it asks."""

    def __init__(self, folder):
        address, dns = next_address(), next_address()
        self.nsd = Nsd(folder / "dns", {"a.test": [], REVERSE: []}, dns).start()
        settings = {"resolver.mode": '"servers"', "resolver.servers": f'["{dns}:{self.nsd.port}"]'}
        self.server = Tegami(folder / "server", "a.test", address, settings).init().start()
        # Nobody could fetch a policy; tests/e2e/test_tls_policy.py has one.
        self.server.run("domain", "set", "a.test", "--mta-sts", "none")

    def stop(self):
        assert self.server.stop() == 0, self.server.process.log()
        self.nsd.stop()

    def records(self):
        """Lines for the zones a.test and REVERSE, as `dns records` prints them."""
        lines = self.server.run("dns", "records", "a.test", "--address", ADDRESS, "--format", "zone").stdout.splitlines()
        elsewhere = [line.removeprefix("; in another zone: ") for line in lines if line.startswith("; in another zone: ")]
        return [line for line in lines if not line.startswith(";")], elsewhere

    def publish(self, records, reverse):
        self.nsd.stop()
        self.nsd.zones = {"a.test": records, REVERSE: reverse}
        self.nsd.start()

    def check(self, *more):
        """Exit status and the findings of `dns check`."""
        result = self.server.run("dns", "check", "a.test", "--address", ADDRESS, *more, check=False)
        assert result.stderr == ""
        return result.returncode, result.stdout


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    one = World(tmp_path_factory.mktemp("dns"))
    yield one
    one.stop()


def test_nothing_is_published_yet(world):
    status, said = world.check()
    assert status == 1
    for kind in ("a.test MX", "mail.a.test A", "a.test TXT", f"{REVERSE} PTR", "-rsa._domainkey.a.test TXT"):
        assert re.search(rf"^FAULT: missing  \S*{re.escape(kind)}: ", said, re.M), (kind, said)
    assert re.search(r"^missing +_dmarc\.a\.test TXT: publish it: without it, anybody can write in your name", said, re.M)
    assert said.splitlines()[-1] == "Mail of a.test suffers: 5 faults to mend."
    keys = world.server.run("dkim", "check", check=False)
    assert keys.returncode == 1
    assert "No key signs yet" in world.server.run("dkim", "rotate", "a.test").stdout
    assert re.match(r"a\.test: no key signs; not seen in the DNS yet: \d+-ed25519, \d+-rsa\nPublish:\n", keys.stdout)


def test_what_is_printed_is_right_when_it_is_published(world):
    world.publish(*world.records())
    status, said = world.check()
    assert (status, "FAULT" in said) == (0, False), said
    # The certificate of this server is of its own making: mail programs cannot fetch their settings.
    assert said.splitlines()[-1] == "a.test has all that mail needs; 1 more DNS record would do good."
    found = json.loads(world.check("--json")[1])
    assert [record["name"] for record in found["records"] if record["state"] != "right"] == ["autoconfig.a.test"]
    assert {record["type"] for record in found["records"]} == {"MX", "A", "PTR", "TXT", "TLSA", "SRV", "CNAME"}
    assert re.fullmatch(r"a\.test: signs with \d+-ed25519, \d+-rsa\n", world.server.run("dkim", "check", "a.test").stdout)
    # Without an address, that of the DNS counts.
    assert world.server.run("dns", "check", "a.test").stdout == said


@pytest.mark.parametrize("missing, status, words", [
    (r"a\.test\. .* MX", 1, "FAULT: missing  a.test MX: publish it"),
    (r"mail\.a\.test\. .* A ", 1, "FAULT: missing  mail.a.test A: publish it"),
    (r".*arpa\. .* PTR", 1, "arpa PTR: {address} has no name: have whoever gave you the address set mail.a.test"),
    (r"a\.test\. .* TXT", 1, "FAULT: missing  a.test TXT: publish it"),
    (r".*-rsa\._domainkey", 1, "-rsa._domainkey.a.test TXT: publish it"),
    (r".*-ed25519\._domainkey", 0, "-ed25519._domainkey.a.test TXT: publish it"),
    (r"_dmarc", 0, "_dmarc.a.test TXT: publish it"),
    (r"_25", 0, "_25._tcp.mail.a.test TLSA: if the zone is signed"),
    (r"_imaps", 0, "_imaps._tcp.a.test SRV: publish it"),
])
def test_what_is_taken_away_is_missed(world, missing, status, words):
    records, reverse = ([line for line in lines if not re.match(missing, line)] for lines in world.records())
    world.publish(records, reverse)
    found, said = world.check()
    assert words.format(address=ADDRESS) in said
    assert found == status, said


@pytest.mark.parametrize("records, status, words", [
    (["a.test. TXT \"v=spf1 -all\""], 1, "FAULT: wrong  a.test TXT: there are 2 SPF records"),
    (["a.test. MX 5 mx.a.test."], 0, "a.test MX: mail goes to mx.a.test first"),
    (["_25._tcp.mail.a.test. TLSA 3 1 1 00"], 0, "has all that mail needs; 1 more DNS record would do good."),
    (["_dmarc.a.test. TXT \"v=DMARC1; p=reject\""], 0, "there are 2 DMARC records"),
])
def test_what_is_there_besides(world, records, status, words):
    ours, reverse = world.records()
    world.publish([*ours, *records], reverse)
    found, said = world.check()
    assert words in said
    assert found == status, said


def test_keys_change_without_a_gap(world):
    world.publish(*world.records())
    assert "signs with" in world.server.run("dkim", "check").stdout
    old = {key["selector"] for key in world.server.json("dkim", "list", "a.test")["domains"][0]["keys"]}
    rotated = world.server.run("dkim", "rotate", "a.test").stdout
    assert rotated.startswith("Publish:\n") and rotated.count("v=DKIM1") == 2
    keys = world.server.json("dkim", "list", "a.test")["domains"][0]["keys"]
    assert {key["selector"] for key in keys if key["state"] == "signing"} == old
    world.publish(*world.records())
    world.server.run("dkim", "check")
    keys = world.server.json("dkim", "list", "a.test")["domains"][0]["keys"]
    assert {key["selector"] for key in keys if key["state"] == "retired"} == old
    assert len([key for key in keys if key["state"] == "signing"]) == 2
    status, said = world.check()
    assert status == 0 and said.count("_domainkey.a.test TXT") == 4, said
