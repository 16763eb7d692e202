"""DKIM with the implementations of others: what they sign we verify, and what we sign they verify. OpenDKIM and dkimpy know
RSA and Ed25519, Mail::DKIM RSA only."""
import base64
import fcntl
import re
import subprocess

import dkim
import pytest

from support.processes import ROOT

BUILD = ROOT / "build/release"
PEER = BUILD / "tests/trust/dkim_peer"
RSA, ED25519 = "r._domainkey.a.test", "e._domainkey.a.test"
BOTH = (RSA, ED25519)

HEADER = (
    b"From: Ann <ann@a.test>\r\nTo: b@b.test,\r\n\tc@c.test\r\nSubject: two  \r\n  lines \r\n"
    b"Date: Thu, 26 Nov 2026 12:00:00 +0000\r\n"
)
MESSAGES = {
    "plain": HEADER + b"\r\nOne  line \r\n\r\nanother\r\n",
    "no body": HEADER + b"\r\n",
    "blank lines at the end": HEADER + b"\r\nbody\r\n\r\n\r\n\r\n",
    "only blank lines": HEADER + b"\r\n\r\n\r\n",
    "only spaces": HEADER + b"\r\n \r\n\t\r\n",
    "dots": HEADER + b"\r\n.\r\n..\r\n.dot\r\n",
    "spaces": HEADER + b"\r\n  begins \t with\t\r\n\t\r\nends  \r\n",
    "8 bit": HEADER + "X-Name: 手紙\r\n\r\n手紙  手紙 \r\n".encode() + b"\xff\xfe\r\n",
    "fields of one name": b"X-Two: 1\r\nX-Two: 2\r\n" + HEADER + b"X-Two: 3\r\nCc: d@d.test\r\n\r\nbody\r\n",
    "long lines": HEADER + b"\r\n" + b"x" * 3000 + b"  " + b"y" * 3000 + b"\r\n",
    "long": HEADER + b"\r\n" + b"A line  of many. \r\n\r\n" * 20_000,
}
FORMS = ("simple/simple", "simple/relaxed", "relaxed/simple", "relaxed/relaxed")

MAIL_DKIM_VERIFIES = r"""
use strict; use warnings; use Mail::DKIM::Verifier; use Net::DNS;
my %zone = @ARGV;
no warnings 'redefine';
*Mail::DKIM::DNS::query = sub {
    my ($name) = @_;
    return () unless $zone{$name};
    return (Net::DNS::RR->new(name => $name, type => 'TXT', txtdata => $zone{$name}));
};
binmode STDIN;
my $message = do { local $/; <STDIN> };
my $verifier = Mail::DKIM::Verifier->new;
$verifier->PRINT($message);
$verifier->CLOSE;
print $_->result, "\n" for $verifier->signatures;
"""


def run(*command, stdin=b""):
    done = subprocess.run([str(word) for word in command], input=stdin, capture_output=True, timeout=60)
    assert done.returncode == 0, (command[:2], done.stdout, done.stderr)
    return done.stdout


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    """The files of a key of each type, and the zone with both."""
    with open(BUILD / "CMakeCache.txt", "rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two builds in one folder would disturb each other
        subprocess.run(["cmake", "--build", BUILD, "--target", "dkim_peer"], check=True, capture_output=True, timeout=600)
    folder = tmp_path_factory.mktemp("keys")
    zone = {}
    for name, kind in ((RSA, "rsa"), (ED25519, "ed25519")):
        path = folder / kind
        path.write_bytes(run(PEER, "generate", kind))
        path.chmod(0o600)
        zone[name] = run(PEER, "record", path).decode().strip()
    (folder / "pkcs1").write_bytes(run("openssl", "rsa", "-in", folder / "rsa", "-traditional"))
    (folder / "zone").write_text("".join(f"{name} {record}\n" for name, record in zone.items()))
    keys.folder, keys.zone = folder, zone
    return keys


def ours_verify(keys, message):
    zone = [word for item in keys.zone.items() for word in item]
    return run(PEER, "verify", *zone, stdin=message).decode().split()


def opendkim(keys, message, mode, **settings):
    """Its words about a message in a file; `settings` go into its configuration."""
    path = keys.folder / "message.eml"
    path.write_bytes(message)
    settings = {"Mode": mode, "Syslog": "no", "UserID": "root", "RequireSafeKeys": "no", **settings}
    configuration = keys.folder / "opendkim.conf"
    configuration.write_text("".join(f"{name} {value}\n" for name, value in settings.items()))
    return run("opendkim", "-x", configuration, "-t", path, "-vv").decode("utf-8", "replace")


def opendkim_signs(keys, message, form, name):
    words = opendkim(keys, message, "s", Domain="a.test", Selector=name[0], Canonicalization=form,
                     KeyFile=keys.folder / ("rsa" if name == RSA else "ed25519"),
                     SignatureAlgorithm="rsa-sha256" if name == RSA else "ed25519-sha256")
    value = re.search(r"hname='DKIM-Signature' hvalue='(.*?)'", words, re.DOTALL).group(1)
    return b"DKIM-Signature: " + value.replace("\n", "\r\n").encode() + b"\r\n"


def dkimpy_signs(keys, message, form, name):
    key = (keys.folder / "rsa").read_bytes()
    if name == ED25519:  # the seed in base64 is the end of PKCS #8
        key = run("openssl", "pkey", "-in", keys.folder / "ed25519", "-outform", "DER")[-32:]
        key = base64.b64encode(key)
    return dkim.sign(message, name[0].encode(), b"a.test", key, canonicalize=tuple(form.encode().split(b"/")),
                     signature_algorithm=b"rsa-sha256" if name == RSA else b"ed25519-sha256")


def mail_dkim_signs(keys, message, form, name):
    return run("dkimproxy-sign", "--binary", "--method", form, "--selector", name[0], "--domain", "a.test",
               "--key", keys.folder / "pkcs1", stdin=message).rstrip(b"\r\n") + b"\r\n"


# With the names of the keys it knows, and how many forms each message is signed in (Perl takes its time to start).
SIGNERS = {
    "OpenDKIM": (opendkim_signs, BOTH, 4),
    "dkimpy": (dkimpy_signs, BOTH, 4),
    "Mail::DKIM": (mail_dkim_signs, (RSA,), 1),
}


@pytest.mark.parametrize("peer", SIGNERS)
def test_what_others_sign_we_verify(keys, peer):
    sign, names, forms = SIGNERS[peer]
    for turn, (what, message) in enumerate(MESSAGES.items()):
        for number in range(turn, turn + forms):
            form = FORMS[number % len(FORMS)]
            name = names[(number // 2 + turn) % len(names)]
            if sign is opendkim_signs and form.startswith("simple/"):
                name = RSA  # its Ed25519 signatures over simple headers do not verify anywhere, nor by itself
            field = sign(keys, message, form, name)
            assert ours_verify(keys, field + message) == ["pass"], (what, form, name, field)
    field = sign(keys, MESSAGES["plain"], "relaxed/relaxed", RSA)
    assert ours_verify(keys, field + MESSAGES["plain"].replace(b"another", b"other")) == ["fail"]
    assert ours_verify(keys, field + MESSAGES["plain"].replace(b"lines", b"words")) == ["fail"]


def opendkim_verifies(keys, message):
    words = opendkim(keys, message, "v", TestPublicKeys=keys.folder / "zone")
    return re.findall(r"^\s*dkim=(\w+)", words, re.MULTILINE)


def dkimpy_verifies(keys, message):
    def records(name, timeout=5):
        return keys.zone[name.decode().rstrip(".")].encode()

    def verdict(number):
        try:
            return "pass" if dkim.DKIM(message).verify(number, dnsfunc=records) else "fail"
        except dkim.ValidationError:
            return "fail"

    return [verdict(number) for number in (0, 1)]


def mail_dkim_verifies(keys, message):
    zone = [word for item in keys.zone.items() for word in item]
    return run("perl", "-e", MAIL_DKIM_VERIFIES, *zone, stdin=message).decode().split()


VERIFIERS = {
    "OpenDKIM": (opendkim_verifies, ["pass", "pass"], ["fail", "fail"]),
    "dkimpy": (dkimpy_verifies, ["pass", "pass"], ["fail", "fail"]),
    "Mail::DKIM": (mail_dkim_verifies, ["pass", "invalid"], ["fail", "invalid"]),
}


@pytest.mark.parametrize("peer", VERIFIERS)
def test_what_we_sign_others_verify(keys, peer):
    verify, good, bad = VERIFIERS[peer]
    for what, message in MESSAGES.items():
        fields = run(PEER, "sign", "a.test", "r", keys.folder / "rsa", "e", keys.folder / "ed25519", stdin=message)
        assert verify(keys, fields + message) == good, (what, fields)
    changed = fields + message.replace(b"many", b"several", 1)
    assert verify(keys, changed) == bad
