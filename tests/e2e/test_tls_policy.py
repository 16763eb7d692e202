"""TLS that cannot be taken away: what other domains promise about their servers, in zones that NSD serves and ldns signed.

RFC 7672 (DANE). Mail for whose way a promise is not kept waits; nothing of it is said in the clear."""
import pytest
from conftest import PASSWORD, next_address
from support import letters, post
from support.certificates import Authority
from support.nsd import Nsd
from support.peer import Peer
from support.processes import wait_until
from support.tegami import Tegami

ALICE = "alice@a.test"
PORT = 20025
ZONE = "signed.test"


class World:
    """alice@a.test, and domains under signed.test, each with a server `mx` of its own."""

    def __init__(self, folder):
        self.authority = Authority(folder / "ca")
        self.other_authority = Authority(folder / "other-ca", "Somebody else")
        self.records = {}
        self.peers = {}
        self.dns = Nsd(folder / "dns", {ZONE: [], "plain.test": []}, next_address(), signed=[ZONE], ttl=1).start()
        settings = {
            "resolver.mode": '"servers"',
            "resolver.servers": f'["{self.dns.address}:{self.dns.port}"]',
            "resolver.trust_anchor": f'"{self.dns.trust_anchor}"',
            "relay.port": str(PORT),
            "queue.first_retry": '"1h"',
        }
        self.server = Tegami(folder / "a", "a.test", next_address(), settings).init().start()
        self.server.add_account(ALICE, PASSWORD)

    def domain(self, name, tls=None, tlsa=(), zone=ZONE):
        """A domain, its server and TLSA records for it."""
        address = next_address()
        self.peers[name] = Peer(address, PORT, tls=tls)
        self.records[name] = zone, [f"{name} MX 10 mx.{name}", f"mx.{name} A {address}"]
        self.publish(name, *tlsa)
        return self.peers[name]

    def publish(self, name, *tlsa, forge=lambda text: text):
        """Replaces the TLSA records of the domain's server."""
        zone, lines = self.records[name]
        kept = [line for line in lines if " TLSA " not in line]
        self.records[name] = zone, kept + [f"_{PORT}._tcp.mx.{name} TLSA {record}" for record in tlsa]
        self.dns.change_zone(zone, [line for of, lines in self.records.values() if of == zone for line in lines], forge)

    def send(self, name, zone=ZONE):
        octets, token = letters.plain(ALICE, f"bob@{name}.{zone}")
        post.submit(self.server, ALICE, PASSWORD, [f"bob@{name}.{zone}"], octets)
        return token

    def arrives(self, name, zone=ZONE):
        """Sends a letter and waits until the domain's server has it; returns its trace in words."""
        before = len(self.peers[name].messages)
        token = self.send(name, zone)
        wait_until(lambda: len(self.peers[name].messages) == before + 1, f"a letter to reach {name}")
        post.wait_for_empty_queue(self.server)
        return self.trace(token)

    def waits(self, name, *words):
        """Sends a letter that must wait, with these words in its trace."""
        peer = self.peers[name]
        before = len(peer.messages)
        token = self.send(name)
        (entry,) = post.wait_for_deferred(self.server)
        assert len(peer.messages) == before and not any(line.upper().startswith("MAIL") for line in peer.lines)
        trace = self.trace(token)
        for word in words:
            assert word in trace, trace
        return entry

    def waits_until(self, name, change):
        """The one letter that waits is delivered after the change."""
        change()
        peer = self.peers[name]

        def delivered():
            self.server.run("queue", "retry", "--all")
            return len(peer.messages) == 1

        wait_until(delivered, f"the letter to reach {name}")
        post.wait_for_empty_queue(self.server)

    def trace(self, token):
        return self.server.run("trace", f"<{token}@a.test>", "--lang", "en").stdout

    def stop(self):
        assert self.server.stop() == 0, self.server.process.log()
        self.dns.stop()
        for peer in self.peers.values():
            peer.__exit__()


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
    assert "as DANE asks" in world.arrives("valid")


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
    assert "as DANE asks" in world.arrives("rollover")


def test_dane_forged_records_stop_the_mail(world, certificate):
    peer = world.domain("forged", certificate.context)
    published = certificate.tlsa().split()[-1]
    world.publish("forged", certificate.tlsa(), forge=lambda text: text.replace(published, published[::-1]))
    world.waits("forged", "its TLSA records cannot be looked up or are forged")
    assert peer.connections == 0
    world.publish("forged")


def test_dane_without_records_or_signatures_nothing_is_promised(world, certificate):
    world.domain("nothing")
    assert "without encryption" in world.arrives("nothing")
    world.domain("unsigned", None, [certificate.tlsa()], zone="plain.test")
    assert "without encryption" in world.arrives("unsigned", "plain.test")
