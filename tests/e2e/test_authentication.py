"""Who really sent it: letters from outside under SPF, DKIM and DMARC, with a name server on loopback."""
import email
import email.policy
import smtplib

import pytest
from conftest import PASSWORD, next_address
from support import letters, post
from support.authentication import FORGER, GOOD_CLIENT, ZONES, resolver_settings
from support.nsd import Nsd
from support.processes import wait_until
from support.tegami import Tegami

ALICE = "alice@example.test"
FORGED_FIELDS = ("Authentication-Results: mail.example.test; spf=pass; dmarc=pass\r\n"
                 "BIMI-Location: v=BIMI1; l=https://evil.test/logo.svg\r\nBIMI-Indicator: PHN2Zz4=\r\n")


@pytest.fixture(scope="module")
def guarded(tmp_path_factory):
    folder = tmp_path_factory.mktemp("authentication")
    nsd = Nsd(folder / "dns", ZONES, next_address()).start()
    server = Tegami(folder / "mail", "example.test", next_address(), resolver_settings(nsd)).init().start()
    server.add_account(ALICE, PASSWORD)
    yield server
    assert server.stop() == 0, server.process.log()
    nsd.stop()


def bring(server, client, sender, octets):
    """As the server at the address `client` would."""
    with smtplib.SMTP(server.address, server.smtp, "mail.good.test", timeout=60, source_address=(client, 0)) as session:
        assert session.sendmail(sender, [ALICE], octets) == {}


def told(server, what, language):
    """What `tegami trace` says, when it knows of the checks."""
    heads = {"en": "It was checked who really sent it.", "ja": "本当の差出人を確かめました。"}

    def asked():
        said = server.run("trace", what, "--lang", language, check=False).stdout
        return said if heads[language] in said else None

    return wait_until(asked, f"the journey of {what}")


def test_a_forged_letter_is_refused_and_the_journey_says_why(guarded):
    octets, token = letters.plain("hana@good.test", ALICE)
    with pytest.raises(smtplib.SMTPDataError) as refused:
        bring(guarded, FORGER, "hana@good.test", octets)
    assert refused.value.smtp_code == 550 and refused.value.smtp_error.startswith(b"5.7.26 ")
    english = told(guarded, f"{token}@good.test", "en")
    for line in (f"      SPF failed: {FORGER} is not in the list of mail servers that good.test publishes.",
                 "      DKIM says nothing: the message carries no signature.",
                 "      DMARC failed: the message says that it is from good.test, but neither SPF nor DKIM shows that.",
                 "good.test asks that such messages be refused.", "The message was turned away: 550 5.7.26 "):
        assert line in english, english
    japanese = told(guarded, f"{token}@good.test", "ja")
    for line in (f"      SPF 検査に合格しませんでした：{FORGER} は、good.test が公開している送信サーバーの一覧に載っていません。",
                 "      DMARC 検査に合格しませんでした：差出人のドメインは good.test となっていますが、",
                 "good.test は、そのようなメールを断るよう求めています。", "メールを断りました：550 5.7.26 "):
        assert line in japanese, japanese
    assert post.copies(guarded, ALICE, PASSWORD, token) == []
    event = next(one for one in guarded.json("trace", f"{token}@good.test")["events"] if one["kind"] == "checked")
    assert any(text.startswith("SPF") for text in event["details"]) and ["dmarc.policy", "reject"] in event["fields"]
    assert " mail checked " in guarded.process.log() and "spf=fail spf.identity=mailfrom" in guarded.process.log()


def test_a_suspicious_letter_lands_in_junk(guarded):
    octets, token = letters.plain("hana@quarantine.test", ALICE)
    bring(guarded, FORGER, "hana@quarantine.test", octets)
    assert len([one for one in post.messages(guarded, ALICE, PASSWORD, "Junk") if token.encode() in one]) == 1
    assert post.copies(guarded, ALICE, PASSWORD, token) == []
    assert "quarantine.test asks that such messages be put aside as suspicious." in \
        told(guarded, f"{token}@quarantine.test", "en")


def test_a_genuine_letter_arrives_and_says_so(guarded):
    bring(guarded, GOOD_CLIENT, "hana@good.test", FORGED_FIELDS.encode() + letters.SIGNED)
    octets = post.wait_for_copy(guarded, ALICE, PASSWORD, "garden-1@good.test")
    message = email.message_from_bytes(octets, policy=email.policy.default)
    fields = message.get_all("Authentication-Results")
    # What a stranger wrote in our name is gone; ours are the only ones.
    assert [" ".join(field.split()) for field in message.get_all("BIMI-Location")] == [
        "v=BIMI1; l=https://good.test/logo.svg;"]
    assert message["BIMI-Indicator"] is None
    assert len(fields) == 1
    results = " ".join(fields[0].split())
    assert results.startswith("mail.example.test; ")
    for result in ("dkim=pass header.d=good.test", "spf=pass smtp.mailfrom=hana@good.test", "dmarc=pass (p=reject)",
                   f"iprev=permerror policy.iprev={GOOD_CLIENT}"):
        assert result in results, results
    assert "DMARC passed: good.test, the domain of the author, stands behind the message. SPF and DKIM show it." in \
        told(guarded, "garden-1@good.test", "en")


def test_a_genuine_letter_that_was_passed_on_still_has_its_signature(guarded):
    bring(guarded, FORGER, "list@silent.test", letters.SIGNED.replace(b"\r\nFrom:", b"\r\nX-Passed-On: yes\r\nFrom:", 1))
    octets = post.wait_for_copy(guarded, ALICE, PASSWORD, "X-Passed-On")
    assert b"dmarc=pass" in octets and b"spf=none" in octets


def test_what_spf_found_has_a_field_of_its_own_on_request(guarded):
    guarded.config.write_text(guarded.config.read_text().replace("received_spf = false", "received_spf = true"))
    assert guarded.json("reload")["applied"] == ["received_spf"]
    octets, token = letters.plain("hana@quarantine.test", ALICE)
    bring(guarded, FORGER, "hana@quarantine.test", octets)
    letter, = [one for one in post.messages(guarded, ALICE, PASSWORD, "Junk") if token.encode() in one]
    message = email.message_from_bytes(letter, policy=email.policy.default)
    assert message["Received-SPF"].startswith("fail"), message["Received-SPF"]
    assert message.keys().index("Received-SPF") < message.keys().index("Received")
