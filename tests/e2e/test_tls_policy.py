"""TLS that cannot be taken away: what other domains promise about their servers, in zones that NSD serves and ldns signed, and in
policies that a web server has.

RFC 7672 (DANE), RFC 8461 (MTA-STS). Mail for whose way a promise is not kept waits; nothing of it is said in the clear."""
import json
import os
import shutil
import time

import pytest
from conftest import PASSWORD, next_address
from support import letters, post
from support.certificates import Authority
from support.nsd import Nsd
from support.peer import Peer
from support.policy_server import PolicyServer
from support.processes import wait_until
from support.tegami import Tegami

ALICE = "alice@a.test"
PORT = 20025
POLICY_PORT = 20443
ZONE = "signed.test"


class World:
    """alice@a.test, and domains under signed.test, each with a server `mx` of its own."""

    def __init__(self, folder):
        self.authority = Authority(folder / "ca")
        self.other_authority = Authority(folder / "other-ca", "Somebody else")
        self.records = {}
        self.peers = {}
        self.policies = []
        self.dns = Nsd(folder / "dns", {ZONE: [], "plain.test": []}, next_address(), signed=[ZONE], ttl=1).start()
        settings = {
            "resolver.mode": '"servers"',
            "resolver.servers": f'["{self.dns.address}:{self.dns.port}"]',
            "resolver.trust_anchor": f'"{self.dns.trust_anchor}"',
            "relay.port": str(PORT),
            "relay.policy_port": str(POLICY_PORT),
            "queue.first_retry": '"1h"',
        }
        self.server = Tegami(folder / "a", "a.test", next_address(), settings).init()
        self.start()
        self.server.add_account(ALICE, PASSWORD)

    def start(self):
        os.environ["SSL_CERT_FILE"] = str(self.authority.path)  # the only authority there is, for Tegami
        self.server.start()
        del os.environ["SSL_CERT_FILE"]

    def domain(self, name, tls=None, tlsa=(), zone=ZONE):
        """A domain, its server and TLSA records for it."""
        address = next_address()
        self.peers[name] = Peer(address, PORT, tls=tls)
        self.records[name] = zone, [f"{name} MX 10 mx.{name}", f"mx.{name} A {address}"]
        self.publish(name, *tlsa)
        return self.peers[name]

    def publish(self, name, *tlsa, forge=lambda text: text):
        """Replaces the TLSA records of the domain's server."""
        self.replace(name, " TLSA ", [f"_{PORT}._tcp.mx.{name} TLSA {record}" for record in tlsa], forge)

    def replace(self, name, kind, lines, forge=lambda text: text):
        zone, before = self.records[name]
        self.records[name] = zone, [line for line in before if kind not in line] + lines
        self.dns.change_zone(zone, [line for of, lines in self.records.values() if of == zone for line in lines], forge)

    def announce(self, name, identity):
        """The record that the domain has a policy with this id."""
        self.replace(name, " TXT ", [f'_mta-sts.{name} TXT "v=STSv1; id={identity};"'])

    def policy(self, name, mode, tls=None, max_age=86400):
        """A web server with a policy of the domain, announced with id 1."""
        address = next_address()
        tls = tls or self.authority.issue(f"mta-sts.{name}.plain.test").context
        self.policies.append(PolicyServer(address, POLICY_PORT, tls, policy_text(name, mode, max_age)))
        zone, lines = self.records[name]
        self.records[name] = zone, lines + [f"mta-sts.{name} A {address}"]
        self.announce(name, 1)
        return self.policies[-1]

    def send(self, name, zone=ZONE):
        octets, token = letters.plain(ALICE, f"bob@{name}.{zone}")
        post.submit(self.server, ALICE, PASSWORD, [f"bob@{name}.{zone}"], octets)
        return token

    def arrives(self, name, *words, zone=ZONE):
        """Sends a letter and waits until the domain's server has it, and its trace these words."""
        before = len(self.peers[name].messages)
        token = self.send(name, zone)
        wait_until(lambda: len(self.peers[name].messages) == before + 1, f"a letter to reach {name}")
        post.wait_for_empty_queue(self.server)
        self.wait_for_trace(token, words)

    def waits(self, name, *words, zone=ZONE):
        """Sends a letter that must wait, with these words in its trace."""
        peer = self.peers[name]
        before = len(peer.messages), sum(line.upper().startswith("MAIL") for line in peer.lines)
        token = self.send(name, zone)
        (entry,) = post.wait_for_deferred(self.server)
        assert before == (len(peer.messages), sum(line.upper().startswith("MAIL") for line in peer.lines))
        self.wait_for_trace(token, words)
        return entry

    def waits_until(self, name, change):
        """The one letter that waits is delivered after the change."""
        change()
        peer = self.peers[name]
        before = len(peer.messages)

        def delivered():
            self.server.run("queue", "retry", "--all")
            return len(peer.messages) == before + 1

        wait_until(delivered, f"the letter to reach {name}")
        post.wait_for_empty_queue(self.server)

    def wait_for_trace(self, token, words):
        """Events are written a little later than they happen."""

        def missing():
            found = self.server.run("trace", f"<{token}@a.test>", "--lang", "en", check=False).stdout
            return [word for word in words if word not in found]

        wait_until(lambda: missing() == [], f"{words} in the trace")

    def stop(self):
        assert self.server.stop() == 0, self.server.process.log()
        self.dns.stop()
        for peer in self.peers.values():
            peer.__exit__()
        for policies in self.policies:
            policies.stop()


def policy_text(name, mode, max_age=86400):
    return f"version: STSv1\r\nmode: {mode}\r\nmx: mx.{name}.plain.test\r\nmax_age: {max_age}\r\n"


@pytest.fixture(scope="module")
def the_world(tmp_path_factory):
    one = World(tmp_path_factory.mktemp("world"))
    yield one
    one.stop()


@pytest.fixture
def world(the_world):
    yield the_world
    the_world.server.run("queue", "remove", "--all")


@pytest.fixture
def certificate(world):
    return world.authority.issue("server.test")


def test_dane_takes_the_published_key_by_any_name(world, certificate):
    world.domain("valid", certificate.context, [certificate.tlsa()])
    world.arrives("valid", "as DANE asks")


def test_dane_a_server_that_hides_starttls_gets_nothing_until_it_shows_it(world, certificate):
    peer = world.domain("hides", None, [certificate.tlsa()])
    entry = world.waits("hides", "does not offer TLS (STARTTLS)", "Its domain promises TLS (DANE)", "was passed over")
    assert post.recipients(entry)[0]["last_reply"].startswith("4.7.10 mx.hides.signed.test")
    world.waits_until("hides", lambda: setattr(peer, "tls", certificate.context))


def test_dane_another_key_waits_until_it_is_published(world, certificate):
    other = world.authority.issue("server.test")
    world.domain("changed", other.context, [certificate.tlsa()])
    world.waits("changed", "the certificate is not the one that the DNS publishes (TLSA)")
    world.waits_until("changed", lambda: world.publish("changed", certificate.tlsa(), other.tlsa()))


def test_dane_during_a_rollover_both_keys_are_good(world, certificate):
    following = world.authority.issue("server.test")
    peer = world.domain("rollover", certificate.context, [certificate.tlsa(), following.tlsa()])
    world.arrives("rollover")
    peer.tls = following.context
    world.arrives("rollover", "as DANE asks")


def test_dane_forged_records_stop_the_mail(world, certificate):
    peer = world.domain("forged", certificate.context)
    published = certificate.tlsa().split()[-1]
    world.publish("forged", certificate.tlsa(), forge=lambda text: text.replace(published, published[::-1]))
    world.waits("forged", "its TLSA records cannot be looked up or are forged")
    assert peer.connections == 0
    world.publish("forged")


def test_dane_without_records_or_signatures_nothing_is_promised(world, certificate):
    world.domain("nothing")
    world.arrives("nothing", "without encryption")
    world.domain("unsigned", None, [certificate.tlsa()], zone="plain.test")
    world.arrives("unsigned", "without encryption", zone="plain.test")


PLAIN = "plain.test"
SERVED = "served.plain.test"


class Served:
    """Another Tegami with a domain under plain.test, whose policy it serves itself."""

    def __init__(self, world, folder):
        self.world = world
        self.address = next_address()
        world.records[SERVED] = PLAIN, []
        certificate = world.authority.issue(f"mail.{SERVED}", f"mta-sts.{SERVED}")
        settings = {
            "resolver.mode": '"servers"',
            "resolver.servers": f'["{world.dns.address}:{world.dns.port}"]',
            "relay.policy_port": str(POLICY_PORT),
            "tls.certificate": f'"{certificate.path}"',
            "tls.key": f'"{certificate.key}"',
        }
        self.server = Tegami(folder / "served", SERVED, self.address, settings).init()
        self.start()
        self.server.add_account(f"bob@{SERVED}", PASSWORD)

    def start(self):
        os.environ["SSL_CERT_FILE"] = str(self.world.authority.path)
        self.server.start()
        del os.environ["SSL_CERT_FILE"]

    def publish(self):
        """What `dns records` says about where mail goes and about MTA-STS."""
        lines = self.server.run("dns", "records", SERVED, "--address", self.address, "--format", "zone").stdout.splitlines()
        kinds = (f"{SERVED}. 3600 MX", f"mail.{SERVED}. 3600 A", "_mta-sts.", "mta-sts.")
        kept = [line for line in lines if " IN " in line and line.replace(" IN ", " ").startswith(kinds)]
        assert len(kept) == 4, lines
        self.world.records[SERVED] = PLAIN, kept
        self.world.replace(SERVED, " TLSA ", [])

    def show(self, certificate):
        """Another certificate; connections that began with the one before end. Returns what the reload warned of."""
        for setting, file in (("tls.certificate", certificate.path), ("tls.key", certificate.key)):
            # A running server reads no folder that was not in its configuration when it started.
            self.server.set(setting, f'"{shutil.copy(file, self.server.folder)}"')
        warnings = self.server.run("reload").stderr
        assert self.server.stop() == 0, self.server.process.log()
        self.start()
        return warnings

    def says(self):
        """Of each record of MTA-STS whether it is right, and the words."""
        found = json.loads(self.server.run("dns", "check", SERVED, "--json", check=False).stdout)["records"]
        return {r["type"]: (r["state"], r["words"]) for r in found if "mta-sts" in (r["name"] or "")}


@pytest.fixture(scope="module")
def served(the_world, tmp_path_factory):
    one = Served(the_world, tmp_path_factory.mktemp("served"))
    yield one
    assert one.server.stop() == 0, one.server.process.log()


def sts_domain(world, name, mode, mail_tls, **options):
    """A domain in a zone that is not signed, with a policy, and its mail server."""
    peer = world.domain(name, mail_tls, zone=PLAIN)
    return peer, world.policy(name, mode, **options)


def test_mta_sts_takes_a_server_that_the_authority_proves(world):
    good = world.authority.issue("mx.good.plain.test")
    _, policies = sts_domain(world, "good", "enforce", good.context)
    world.arrives("good", "as MTA-STS asks", zone=PLAIN)
    assert policies.requests == [("mta-sts.good.plain.test", "/.well-known/mta-sts.txt")]


@pytest.mark.parametrize(
    "case, words",
    [
        ("no-tls", "does not offer TLS (STARTTLS)"),
        ("other-name", "the certificate is for another name"),
        ("other-authority", "no authority that this server trusts has signed the certificate"),
    ],
)
def test_mta_sts_enforced_a_server_that_is_not_proven_gets_nothing(world, case, words):
    tls = {
        "no-tls": lambda: None,
        "other-name": lambda: world.authority.issue("mx.elsewhere.test").context,
        "other-authority": lambda: world.other_authority.issue(f"mx.{case}.plain.test").context,
    }[case]()
    peer, _ = sts_domain(world, case, "enforce", tls)
    world.waits(case, words, "Its domain promises TLS (MTA-STS)", zone=PLAIN)
    good = world.authority.issue(f"mx.{case}.plain.test")
    world.waits_until(case, lambda: setattr(peer, "tls", good.context))


def test_mta_sts_testing_holds_nothing_up_and_says_what_would_have_failed(world):
    sts_domain(world, "tested", "testing", None)
    world.arrives("tested", "that would forbid this: there is no TLS", zone=PLAIN)


def test_mta_sts_another_id_brings_the_policy_of_now(world):
    _, policies = sts_domain(world, "renewed", "enforce", None)
    world.waits("renewed", "does not offer TLS", zone=PLAIN)
    policies.policy = policy_text("renewed", "none")
    world.waits_until("renewed", lambda: world.announce("renewed", 2))


def test_mta_sts_a_kept_policy_counts_until_it_expires(world):
    peer, policies = sts_domain(world, "expired", "enforce", None, max_age=4)
    begin = time.monotonic()
    world.waits("expired", "does not offer TLS", zone=PLAIN)
    world.replace("expired", " TXT ", [])
    world.waits_until("expired", lambda: None)
    assert time.monotonic() - begin >= 4 and len(peer.messages) == 1 and len(policies.requests) == 1


def test_mta_sts_a_policy_outlives_a_restart(world):
    """RFC 8461 §10.2: somebody on the way hides the record and the policy, takes TLS away, and waits for a restart."""
    good = world.authority.issue("mx.restarted.plain.test").context
    peer, policies = sts_domain(world, "restarted", "enforce", good)
    world.arrives("restarted", "as MTA-STS asks", zone=PLAIN)
    world.replace("restarted", " TXT ", [])
    policies.stop()
    peer.tls = None
    assert world.server.stop() == 0, world.server.process.log()
    world.start()
    world.waits("restarted", "does not offer TLS", zone=PLAIN)


def test_mta_sts_a_policy_server_with_a_wrong_certificate_has_no_policy(world):
    wrong = world.other_authority.issue("mta-sts.wrong.plain.test").context
    _, policies = sts_domain(world, "wrong", "enforce", None, tls=wrong)
    world.arrives("wrong", "without encryption", zone=PLAIN)
    assert policies.requests == []
    wait_until(lambda: "(MTA-STS) cannot be fetched" in world.server.process.log(), "the reason in the log")


def test_mta_sts_between_two_of_us(world, served):
    said = served.server.run("domain", "set", SERVED, "--mta-sts", "enforce").stdout
    served.publish()
    assert f'Publish: _mta-sts.{SERVED} TXT "v=STSv1; id=' in said
    assert served.says() == {"TXT": ("right", ""), "CNAME": ("right", "")}
    octets, token = letters.plain(ALICE, f"bob@{SERVED}")
    post.submit(world.server, ALICE, PASSWORD, [f"bob@{SERVED}"], octets)
    post.wait_for_empty_queue(world.server)
    world.wait_for_trace(token, ["as MTA-STS asks"])

    # Its certificate is of somebody else: the policy that is known forbids it.
    warned = served.show(world.other_authority.issue(f"mail.{SERVED}"))
    assert "has another key, which no TLSA record has announced" in warned
    assert f"does not name mta-sts.{SERVED}" in warned
    state, words = served.says()["CNAME"]
    assert state == "wrong" and "other servers cannot fetch the policy (at " in words, words
    post.submit(world.server, ALICE, PASSWORD, [f"bob@{SERVED}"], octets)
    post.wait_for_deferred(world.server)
    world.wait_for_trace(token, ["no authority that this server trusts has signed the certificate"])

    served.show(world.authority.issue(f"mail.{SERVED}", f"mta-sts.{SERVED}"))
    wait_until(lambda: world.server.run("queue", "retry", "--all") and not post.queue(world.server), "the letter to go")
    said = served.server.run("domain", "set", SERVED, "--mta-sts", "none").stdout
    assert "for up to 14 days" in said
    assert served.says()["TXT"][0] == "wrong"
    served.server.run("domain", "set", SERVED, "--mta-sts", "enforce")
