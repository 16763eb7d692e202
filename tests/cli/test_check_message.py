"""tegami check-message: who really sent a message, with a name server on loopback and no server running."""
import json

import pytest
from conftest import next_address
from support import letters
from support.authentication import FORGER, NAMED_CLIENT, ZONES, resolver_settings
from support.nsd import Nsd
from support.tegami import Tegami

SIGNED = letters.SIGNED.decode()
UNSIGNED = SIGNED[SIGNED.index("From:"):]
GOOD = ("--ip", NAMED_CLIENT, "--helo", "mail.good.test", "--from", "hana@good.test")


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("check-message")
    nsd = Nsd(folder / "dns", ZONES, next_address()).start()
    yield Tegami(folder / "mail", "example.test", next_address(), resolver_settings(nsd)).init()
    nsd.stop()


def check(installed, message, *options):
    answer = json.loads(installed.run("check-message", *options, "--json", "--lang", "en", stdin=message).stdout)
    return {result["method"]: result for result in answer["results"]}, answer["authentication_results"]


def test_a_genuine_message_passes_everything(installed):
    results, field = check(installed, SIGNED, *GOOD)
    assert {name: result["result"] for name, result in results.items()} == {
        "spf": "pass", "dkim": "pass", "dmarc": "pass", "bimi": "pass", "iprev": "pass"}
    assert results["dmarc"]["reason"] == "aligned" and ["by", "dkim"] in results["dmarc"]["fields"]
    assert field.startswith("Authentication-Results: mail.example.test; dkim=pass header.d=good.test header.s=k1")
    assert "bimi=pass header.d=good.test header.selector=default policy.authority=none; " in field
    assert "spf=pass smtp.mailfrom=hana@good.test; " in field and field.endswith(f"iprev=pass policy.iprev={NAMED_CLIENT}")


@pytest.mark.parametrize(("message", "options", "expected"), [
    (UNSIGNED, ("--ip", FORGER, "--helo", "x.test", "--from", "hana@good.test"), [
        f"SPF failed: {FORGER} is not in the list of mail servers that good.test publishes.",
        "DKIM says nothing: the message carries no signature.",
        "DMARC failed: the message says that it is from good.test, but neither SPF nor DKIM shows that.",
        "good.test asks that such messages be refused.", f"Reverse DNS could not be checked: {FORGER} has no name."]),
    (SIGNED.replace("plum", "cherry"), GOOD, ["DKIM failed: the text is not what good.test signed.", "SPF shows it."]),
    (SIGNED.replace("garden\r", "gate\r"), GOOD, ["DKIM failed: the signature of good.test does not fit the header"]),
    (SIGNED.replace("s=k1", "s=k2"), GOOD, ["good.test does not publish the key “k2” that the message is signed with"]),
    (UNSIGNED, ("--ip", FORGER, "--from", "<a@broken.test>"), [
        "SPF could not be checked: the list of mail servers that broken.test publishes has a mistake at “ip4:127.0.0.x”"]),
    (UNSIGNED, ("--ip", FORGER, "--from", "a@silent.test"), ["SPF says nothing: silent.test does not publish"]),
    # Without --from the message's own Return-Path counts, and without that the name of --helo.
    ("Return-Path: <a@broken.test>\r\n" + UNSIGNED, ("--ip", FORGER), ["that broken.test publishes has a mistake"]),
    (UNSIGNED, ("--ip", FORGER, "--helo", "good.test"), ["SPF of the server's own name failed: "]),
    (UNSIGNED, ("--ip", FORGER, "--helo", "\x1b[31mred", "--from", "<>"), ["“\\x1b[31mred” is no name"]),
])
def test_says_in_plain_words_why(installed, message, options, expected):
    said = installed.run("check-message", *options, "--lang", "en", stdin=message).stdout
    for part in expected:
        assert part in said, said


def test_says_it_in_japanese(installed):
    said = installed.run("check-message", *GOOD, "--lang", "ja", stdin=SIGNED).stdout
    assert f"SPF 検査に合格しました：{NAMED_CLIENT} は、good.test が公開している送信サーバーの一覧に載っています。" in said
    assert "（SPF と DKIM による確認）" in said


def test_line_ends_of_a_file_do_not_matter(installed):
    results, _ = check(installed, SIGNED.replace("\r\n", "\n"), *GOOD)
    assert results["dkim"]["result"] == "pass"


def test_without_a_client_it_says_what_can_be_said(installed):
    results, field = check(installed, SIGNED)
    assert {name: result["result"] for name, result in results.items()} == {"dkim": "pass", "dmarc": "pass", "bimi": "pass"}
    assert "spf=" not in field and "iprev=" not in field
    results, field = check(installed, UNSIGNED)
    assert set(results) == {"dkim"} and "dmarc" not in field and "bimi" not in field
    said = installed.run("check-message", "--lang", "en", stdin=UNSIGNED).stdout
    assert "Without --ip nothing is known of the server" in said and "DMARC cannot be told" in said


def fails(installed, status, *options, message=UNSIGNED):
    result = installed.run("check-message", *options, stdin=message, check=False)
    assert (result.returncode, result.stdout) == (status, ""), result
    assert len(result.stderr.splitlines()) == 1
    return result.stderr


def test_wrong_use(installed):
    assert "--ip: localhost is not an IP address" in fails(installed, 2, "--ip", "localhost")
    assert "--from: nobody is no address" in fails(installed, 2, "--ip", FORGER, "--from", "nobody")
    assert "--helo is of no use without --ip" in fails(installed, 2, "--helo", "x.test")
    assert "no message" in fails(installed, 1, message="")


def test_a_message_beyond_the_limit_is_not_read(installed):
    installed.set("limits.message_size", '"1MiB"')
    assert "larger than 1048576 octets" in fails(installed, 1, message="x" * (1 << 20) + "y")
