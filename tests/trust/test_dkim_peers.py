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
# What nobody should send, but somebody does. A server sees none of it with a bare CR or LF: those become line ends first.
ODD = {
    "no body": HEADER,
    "no end of the header": HEADER[:-2],
    "no last line end": HEADER + b"\r\nno end",
    "space at the end": HEADER + b"\r\nx\r\n \t",
    "bare CR": HEADER + b"\r\nbare\rCR \r x\r\n",
    "CR at the end": HEADER + b"\r\nbare\r\nCR\r",
    "CR CR LF": HEADER + b"\r\nbare\r\r\nx\r\n",
    "bare LF": HEADER + b"\r\nbare\nLF \n x\r\n",
    "LF alone": HEADER + b"\r\na \nb\n\n",
    "NUL": HEADER + b"\r\nN\0UL \0 \r\n\0\r\n",
    "controls": HEADER + b"\r\n\x01\x0b\x0c \x7f \x0c\r\n",
    "tabs": HEADER + b"\r\na\t \tb\t\r\n\t\r\n\tc\r\n",
    "folded with tabs": HEADER + b"Cc:\r\n\tc@c.test,\r\n\t \td@d.test\t\r\n\r\nx\r\n",
    "folded to nothing": HEADER + b"Cc:\r\n \r\nReply-To:\r\n\r\nx\r\n",
    "space before the colon": HEADER + b"Cc : c@c.test\r\n\r\nx\r\n",
    "latin-1": HEADER + b"Cc: \xe9t\xe9 <c@c.test>\r\n\r\n\xe9t\xe9 \xe9\r\n",
    "long lines": HEADER + b"Cc: " + b"c" * 1200 + b"@c.test\r\n\r\n" + b"x" * 998 + b"\r\n" + b"y " * 600 + b"\r\n",
    "bare CR in the header": HEADER + b"Cc: a\rb@c.test\r\n\r\nx\r\n",
    "bare LF in the header": HEADER + b"Cc: a@c.test,\n b@c.test\r\n\r\nx\r\n",
    "NUL in the header": HEADER + b"Cc: a\0b@c.test\r\n\r\nx\r\n",
}
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

    def files(self, messages):
        return [self.file(f"message.{number}", message) for number, message in enumerate(messages)]

    def we_sign(self, messages):
        fields = run(PEER, "sign", "a.test", "r", self.key(RSA), "e", self.key(ED25519), "--", *self.files(messages))
        return [field + message for field, message in zip(fields.split(b"\0"), messages)]

    def we_verify(self, messages):
        zone = (word for item in self.zone.items() for word in item)
        lines = run(PEER, "verify", *zone, "--", *self.files(messages)).decode().splitlines()
        return [line.split() for line in lines]


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    with open(BUILD / "CMakeCache.txt", "rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two builds in one folder would disturb each other
        run("cmake", "--build", BUILD, "--target", "dkim_peer", timeout=600)
    return World(tmp_path_factory.mktemp("dkim"))


SIMPLE, RELAXED = FORMS[:2], FORMS[2:]  # by the header
SIMPLE_BODY, RELAXED_BODY = FORMS[::2], FORMS[1::2]


class OpenDkim:
    # Its test mode reads lines as the C library does, and its milter leaves out the space that a value begins with.
    unreadable = {"no last line end", "CR at the end", "NUL"}
    otherwise = {
        "bare CR": RELAXED_BODY,  # for it a CR is space
        "bare CR in the header": RELAXED,
        "bare LF": FORMS,  # its test mode makes it CRLF
        "LF alone": FORMS,
        "bare LF in the header": SIMPLE,
        "NUL in the header": FORMS,
        "folded with tabs": SIMPLE,
        "folded to nothing": SIMPLE,
    }

    # Its Ed25519 signatures over simple headers do not verify anywhere, nor by itself.
    def key_names(self, form):
        return (RSA,) if form.startswith("simple/") else (RSA, ED25519)

    def run(self, world, messages, settings):
        settings = {"Syslog": "no", "UserID": "root", "RequireSafeKeys": "no", **settings}
        configuration = world.file("opendkim.conf", "".join(f"{key} {value}\n" for key, value in settings.items()).encode())
        words = run("opendkim", "-x", configuration, "-t", ",".join(map(str, world.files(messages))), "-vv")
        return words.decode("utf-8", "replace")

    def sign(self, world, letters):
        fields = [None] * len(letters)
        for form, name in {(form, name): None for _, form, name in letters}:
            places = [place for place, letter in enumerate(letters) if letter[1:] == (form, name)]
            words = self.run(world, [letters[place][0] for place in places], {
                "Mode": "s", "Domain": "a.test", "Selector": name[0], "Canonicalization": form, "KeyFile": world.key(name),
                "SignatureAlgorithm": "rsa-sha256" if name == RSA else "ed25519-sha256",
            })
            values = re.findall(r"hname='DKIM-Signature' hvalue='(.*?)'", words, re.DOTALL)
            for place, value in zip(places, values, strict=True):
                fields[place] = b"DKIM-Signature: " + value.replace("\n", "\r\n").encode() + b"\r\n"
        return fields

    def verify(self, world, messages):
        words = self.run(world, messages, {"Mode": "v", "TestPublicKeys": world.zone_file})
        return [re.findall(r"^\s*dkim=(\w+)", part, re.MULTILINE)
                for part in re.split(r"hname='Authentication-Results'", words)[1:]]


class Dkimpy:
    unreadable = {"space before the colon"}
    otherwise = {
        "bare LF": FORMS,  # it makes it CRLF
        "LF alone": FORMS,
        "bare LF in the header": SIMPLE,
        "space at the end": RELAXED_BODY,  # it takes the line, of which nothing is left, for one that is not empty
    }

    def key_names(self, form):
        return (RSA, ED25519)

    def sign(self, world, letters):
        return list(self.signed(world, letters))

    def signed(self, world, letters):
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
    unreadable = set()
    otherwise = {
        "no last line end": SIMPLE_BODY,  # it adds none
        "space at the end": SIMPLE_BODY,
        "CR at the end": SIMPLE_BODY,
        "LF alone": SIMPLE_BODY,
        "bare LF in the header": RELAXED,
    }

    def key_names(self, form):
        return (RSA,)

    def sign(self, world, letters):
        key = world.file("pkcs1", run("openssl", "rsa", "-in", world.key(RSA), "-traditional"))
        files = world.files([message for message, _, _ in letters])
        pairs = [word for (_, form, _), path in zip(letters, files) for word in (form, path)]
        return [field + b"\r\n" for field in run("perl", MAIL_DKIM, "sign", key, *pairs).split(b"\0")[:-1]]

    def verify(self, world, messages):
        lines = run("perl", MAIL_DKIM, "verify", world.zone_file, *world.files(messages)).decode().splitlines()
        # The second signature is of a kind that it does not know.
        return [line.replace("invalid", line.split()[0]).split() for line in lines]


PEERS = pytest.mark.parametrize("peer", [OpenDkim(), Dkimpy(), MailDkim()], ids=lambda peer: type(peer).__name__)


@PEERS
def test_what_others_sign_we_verify(world, peer):
    letters = [(message, form, name) for message in MESSAGES for form in FORMS for name in peer.key_names(form)]
    letters.append((LARGE, "relaxed/relaxed", RSA))
    fields = list(peer.sign(world, letters))
    assert len(fields) == len(letters)
    verdicts = world.we_verify([field + message for field, (message, _, _) in zip(fields, letters)])
    for verdict, field, (message, form, name) in zip(verdicts, fields, letters, strict=True):
        assert verdict == ["pass"], (form, name, field, message[:1000])
    changed = [field + message.replace(*change) for field, (message, _, _) in zip(fields, letters[:len(FORMS)])
               for change in ((b"another", b"other"), (b"lines", b"words"))]
    assert world.we_verify(changed) == [["fail"]] * len(changed)


@PEERS
def test_what_we_sign_others_verify(world, peer):
    messages = world.we_sign([*MESSAGES, LARGE])
    changed = messages[0].replace(b"another", b"other")
    verdicts = list(peer.verify(world, [*messages, changed]))
    assert verdicts == [["pass", "pass"]] * len(messages) + [["fail", "fail"]]


@PEERS
def test_odd_messages_are_read_as_others_do_or_as_rfc_6376_says(world, peer):
    """Where the others disagree, most of them disagree with each other, too: docs/interoperability.md says who is right."""
    odd = {name: message for name, message in ODD.items() if name not in peer.unreadable}
    letters = [(message, form, key) for message in odd.values() for form in FORMS for key in peer.key_names(form)]
    names = [name for name, message in odd.items() for form in FORMS for _ in peer.key_names(form)]
    fields = peer.sign(world, letters)
    verdicts = world.we_verify([field + message for field, (message, _, _) in zip(fields, letters)])
    for name, (_, form, key), verdict in zip(names, letters, verdicts, strict=True):
        assert verdict == ["fail" if form in peer.otherwise.get(name, ()) else "pass"], (name, form, key)
    # We sign relaxed/relaxed.
    verdicts = peer.verify(world, world.we_sign(list(odd.values())))
    for name, verdict in zip(odd, verdicts, strict=True):
        assert verdict == ["fail" if FORMS[-1] in peer.otherwise.get(name, ()) else "pass"] * 2, name
