"""DKIM with the implementations of others: what they sign we verify, and what we sign they verify. OpenDKIM and dkimpy know
RSA and Ed25519, Mail::DKIM RSA only."""
import base64
import fcntl
import pathlib
import re
import subprocess

import dkim
import pytest

from support.processes import ROOT

BUILD = ROOT / "build/release"
PEER = BUILD / "tests/trust/dkim_peer"
MAIL_DKIM = pathlib.Path(__file__).with_name("mail_dkim.pl")
RSA, ED25519 = "r._domainkey.a.test", "e._domainkey.a.test"

HEADER = (
    b"From: Ann <ann@a.test>\r\nTo: b@b.test,\r\n\tc@c.test\r\nSubject: two  \r\n  lines \r\n"
    b"Date: Thu, 26 Nov 2026 12:00:00 +0000\r\n"
)
MESSAGES = [
    HEADER + b"\r\nOne  line \r\n\r\nanother\r\n",
    HEADER + b"\r\n",
    HEADER + b"\r\nblank lines at the end\r\n\r\n\r\n\r\n",
    HEADER + b"\r\n\r\n\r\n",
    HEADER + b"\r\n \r\n\t\r\n",
    HEADER + b"\r\n.\r\n..\r\n.dot\r\n",
    HEADER + b"\r\n  begins \t with\t\r\n\t\r\nends  \r\n",
    HEADER + "X-Name: 手紙\r\n\r\n手紙  手紙 \r\n".encode() + b"\xff\xfe\r\n",
    b"X-Two: 1\r\nX-Two: 2\r\n" + HEADER + b"X-Two: 3\r\nCc: d@d.test\r\n\r\nfields of one name\r\n",
    HEADER + b"\r\n" + b"x" * 3000 + b"  " + b"y" * 3000 + b"\r\n",
    HEADER + b"\r\n" + b"A line  of many. \r\n\r\n" * 1_000,
]
LARGE = HEADER + b"\r\n" + b"A line  of very many, and of some length so that they are no more than these. \r\n" * 131_072  # 10 MiB
FORMS = ("simple/simple", "simple/relaxed", "relaxed/simple", "relaxed/relaxed")


def run(*command, stdin=b"", timeout=60):
    done = subprocess.run([str(word) for word in command], input=stdin, capture_output=True, timeout=timeout)
    assert done.returncode == 0, (command[:2], done.stdout, done.stderr)
    return done.stdout


class World:
    """The files of a key of each type, and the zone with both."""

    def __init__(self, folder):
        self.folder = folder
        self.zone = {}
        for name, kind in ((RSA, "rsa"), (ED25519, "ed25519")):
            path = self.key(name)
            path.write_bytes(run(PEER, "generate", kind))
            path.chmod(0o600)
            self.zone[name] = run(PEER, "record", path).decode().strip()
        self.zone_file = self.file("zone", "".join(f"{name} {text}\n" for name, text in self.zone.items()).encode())

    def key(self, name):
        return self.folder / f"{name[0]}.pem"

    def file(self, name, octets):
        path = self.folder / name
        path.write_bytes(octets)
        return path

    def we_sign(self, message):
        return run(PEER, "sign", "a.test", "r", self.key(RSA), "e", self.key(ED25519), stdin=message) + message

    def we_verify(self, message):
        return run(PEER, "verify", *(word for item in self.zone.items() for word in item), stdin=message).decode().split()


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    with open(BUILD / "CMakeCache.txt", "rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two builds in one folder would disturb each other
        run("cmake", "--build", BUILD, "--target", "dkim_peer", timeout=600)
    return World(tmp_path_factory.mktemp("dkim"))


class OpenDkim:
    # Its Ed25519 signatures over simple headers do not verify anywhere, nor by itself.
    def key_names(self, form):
        return (RSA,) if form.startswith("simple/") else (RSA, ED25519)

    def run(self, world, message, settings):
        settings = {"Syslog": "no", "UserID": "root", "RequireSafeKeys": "no", **settings}
        configuration = world.file("opendkim.conf", "".join(f"{key} {value}\n" for key, value in settings.items()).encode())
        words = run("opendkim", "-x", configuration, "-t", world.file("message", message), "-vv")
        return words.decode("utf-8", "replace")

    def sign(self, world, letters):
        for message, form, name in letters:
            words = self.run(world, message, {
                "Mode": "s", "Domain": "a.test", "Selector": name[0], "Canonicalization": form, "KeyFile": world.key(name),
                "SignatureAlgorithm": "rsa-sha256" if name == RSA else "ed25519-sha256",
            })
            value = re.search(r"hname='DKIM-Signature' hvalue='(.*?)'", words, re.DOTALL).group(1)
            yield b"DKIM-Signature: " + value.replace("\n", "\r\n").encode() + b"\r\n"

    def verify(self, world, messages):
        for message in messages:
            words = self.run(world, message, {"Mode": "v", "TestPublicKeys": world.zone_file})
            yield re.findall(r"^\s*dkim=(\w+)", words, re.MULTILINE)


class Dkimpy:
    def key_names(self, form):
        return (RSA, ED25519)

    def sign(self, world, letters):
        # The seed in base64 is the end of PKCS #8.
        seed = base64.b64encode(run("openssl", "pkey", "-in", world.key(ED25519), "-outform", "DER")[-32:])
        for message, form, name in letters:
            key, algorithm = (world.key(RSA).read_bytes(), b"rsa-sha256") if name == RSA else (seed, b"ed25519-sha256")
            yield dkim.sign(message, name[0].encode(), b"a.test", key, signature_algorithm=algorithm,
                            canonicalize=tuple(form.encode().split(b"/")))

    def verify(self, world, messages):
        def records(name, timeout):
            return world.zone[name.decode().rstrip(".")].encode()

        def verdict(message, number):
            try:
                return "pass" if dkim.DKIM(message).verify(number, dnsfunc=records) else "fail"
            except dkim.ValidationError:
                return "fail"

        return [[verdict(message, number) for number in (0, 1)] for message in messages]


class MailDkim:
    def key_names(self, form):
        return (RSA,)

    def files(self, world, messages):
        return [world.file(f"message.{number}", message) for number, message in enumerate(messages)]

    def sign(self, world, letters):
        key = world.file("pkcs1", run("openssl", "rsa", "-in", world.key(RSA), "-traditional"))
        files = self.files(world, [message for message, _, _ in letters])
        pairs = [word for (_, form, _), path in zip(letters, files) for word in (form, path)]
        return [field + b"\r\n" for field in run("perl", MAIL_DKIM, "sign", key, *pairs).split(b"\0")[:-1]]

    def verify(self, world, messages):
        lines = run("perl", MAIL_DKIM, "verify", world.zone_file, *self.files(world, messages)).decode().splitlines()
        # The second signature is of a kind that it does not know.
        return [line.replace("invalid", line.split()[0]).split() for line in lines]


PEERS = pytest.mark.parametrize("peer", [OpenDkim(), Dkimpy(), MailDkim()], ids=lambda peer: type(peer).__name__)


@PEERS
def test_what_others_sign_we_verify(world, peer):
    letters = [(message, form, name) for message in MESSAGES for form in FORMS for name in peer.key_names(form)]
    letters.append((LARGE, "relaxed/relaxed", RSA))
    fields = list(peer.sign(world, letters))
    assert len(fields) == len(letters)
    for field, (message, form, name) in zip(fields, letters):
        assert world.we_verify(field + message) == ["pass"], (form, name, field, message[:1000])
    for field, (message, form, name) in zip(fields, letters[:len(FORMS)]):
        assert world.we_verify(field + message.replace(b"another", b"other")) == ["fail"]
        assert world.we_verify(field + message.replace(b"lines", b"words")) == ["fail"]


@PEERS
def test_what_we_sign_others_verify(world, peer):
    messages = [world.we_sign(message) for message in [*MESSAGES, LARGE]]
    changed = messages[0].replace(b"another", b"other")
    verdicts = list(peer.verify(world, [*messages, changed]))
    assert verdicts == [["pass", "pass"]] * len(messages) + [["fail", "fail"]]
