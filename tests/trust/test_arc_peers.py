"""ARC with the implementations of others: chains with sets of ours and theirs in turn validate here and there. They know RSA
only."""
import re

import dkim
import pytest

from test_dkim_peers import MAIL_DKIM, MESSAGES, PEER, RSA, run, world  # noqa: F401 (a fixture)


class We:
    def seal(self, world, messages, status):
        return [run(PEER, "seal", "a.test", "r", world.key(RSA), status, stdin=message) for message in messages]

    def validate(self, world, messages):
        return [run(PEER, "validate", RSA, world.zone[RSA], stdin=message).decode().split()[0] for message in messages]


class Dkimpy:
    def seal(self, world, messages, status):
        key = world.key(RSA).read_bytes()
        return [b"".join(dkim.arc_sign(message, b"r", b"a.test", key, b"mx.a.test")) for message in messages]

    def validate(self, world, messages):
        def records(name, timeout):
            return world.zone[name.decode().rstrip(".")].encode()

        # It has no word for a chain that an earlier one has ended.
        return [(dkim.arc_verify(message, dnsfunc=records)[0] or b"fail").decode() for message in messages]


class MailDkim:
    def files(self, world, messages):
        return [world.file(f"chain.{number}", message) for number, message in enumerate(messages)]

    def seal(self, world, messages, status):
        key = world.file("pkcs1", run("openssl", "rsa", "-in", world.key(RSA), "-traditional"))
        return run("perl", MAIL_DKIM, "seal", key, status, *self.files(world, messages)).split(b"\0")[:-1]

    def validate(self, world, messages):
        return run("perl", MAIL_DKIM, "validate", world.zone_file, *self.files(world, messages)).decode().split()


PEERS = pytest.mark.parametrize("peer", [Dkimpy(), MailDkim()], ids=lambda peer: type(peer).__name__)


def sealed(world, sealer, messages, status):
    """With what others take the results from: it stands on top, once, as a server that receives leaves it."""
    found = b"Authentication-Results: mx.a.test; arc=" + status.encode() + b";\r\n\tspf=pass smtp.mailfrom=ann@a.test\r\n"
    messages = [found + re.sub(rb"(?m)^Authentication-Results: .*\n\t.*\n", b"", message) for message in messages]
    fields = sealer.seal(world, messages, status)
    assert len(fields) == len(messages)
    return [field + message for field, message in zip(fields, messages)]


@PEERS
@pytest.mark.parametrize("we_begin", [True, False])
def test_a_chain_of_both_validates_everywhere(world, peer, we_begin):  # noqa: F811
    sealers = [We(), peer] if we_begin else [peer, We()]
    chains = MESSAGES
    for status, sealer in zip(("none", "pass", "pass"), (*sealers, *sealers)):
        chains = sealed(world, sealer, chains, status)
        for validator in (We(), peer):
            assert validator.validate(world, chains) == ["pass"] * len(chains), (validator, chains[0])


@PEERS
def test_what_breaks_a_chain_breaks_it_everywhere(world, peer):  # noqa: F811
    chains = [sealed(world, sealer, MESSAGES[:1], "none")[0] for sealer in (We(), peer)]
    chains = [sealed(world, sealer, [chain], "pass")[0] for sealer, chain in zip((peer, We()), chains)]
    broken = [chain.replace(*change) for chain in chains for change in (
        (b"another", b"other"),
        (b"two  ", b"three"),
        (b"smtp.mailfrom=ann@a.test", b"smtp.mailfrom=eve@a.test"),
        (b"cv=none", b"cv=pass"),
        (b"ARC-Seal: i=1", b"ARC-Seal: i=3"),
    )]
    assert not set(broken) & set(chains)
    for validator in (We(), peer):
        assert validator.validate(world, chains) == ["pass", "pass"]
        assert validator.validate(world, broken) == ["fail"] * len(broken)
    for sealer in (We(), peer):
        ended = sealed(world, sealer, broken[:1], "fail")
        assert [validator.validate(world, ended) for validator in (We(), peer)] == [["fail"], ["fail"]]
