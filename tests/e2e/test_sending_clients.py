"""Programs that send: each hands in a letter by submission, and the letter is in the mailbox byte for byte."""
import smtplib
import subprocess

import pytest
from conftest import PASSWORD
from support import letters
from support.clients import ImapClient
from support.processes import wait_until

ALICE, BOB = "alice@example.test", "bob@example.test"


def find_in_inbox(server, user, token):
    """The octets of the message with this token in its header, once it is there."""
    with ImapClient(server.address, server.imaps, server.trust()) as client:
        client.login(user, PASSWORD)

        def found():
            client.select("INBOX")
            _, data = client.search(None, "HEADER", "Message-ID", token)
            return data[0].split()

        numbers = wait_until(found, f"the letter {token} in INBOX of {user}")
        assert len(numbers) == 1
        _, data = client.fetch(numbers[0].decode(), "(BODY.PEEK[])")
        return data[0][1]


def run(arguments, **options):
    result = subprocess.run(list(map(str, arguments)), capture_output=True, timeout=60, **options)
    assert result.returncode == 0, (result.stdout + result.stderr).decode(errors="replace")
    return result


@pytest.fixture
def letter():
    return letters.plain(ALICE, BOB)


def test_smtplib_over_starttls_and_over_tls(server):
    for make, port in ((smtplib.SMTP, server.submission), (smtplib.SMTP_SSL, server.submissions)):
        octets, token = letters.plain(ALICE, BOB)
        options = {"context": server.trust()} if make is smtplib.SMTP_SSL else {}
        with make(server.address, port, timeout=30, **options) as client:
            if make is smtplib.SMTP:
                client.starttls(context=server.trust())
            client.login(ALICE, PASSWORD)
            client.sendmail(ALICE, [BOB], octets)
        assert letters.without_trace(find_in_inbox(server, BOB, token)) == octets


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN", "SCRAM-SHA-256"])
def test_swaks_with_each_mechanism(server, letter, tmp_path, mechanism):
    octets, token = letter
    (tmp_path / "letter").write_bytes(octets)
    if mechanism == "SCRAM-SHA-256":
        from support.scram import submit_with_scram

        submit_with_scram(server, ALICE, PASSWORD, BOB, octets)
    else:
        run(["swaks", "--server", server.address, "--port", server.submission, "--tls", "--auth", mechanism,
             "--auth-user", ALICE, "--auth-password", PASSWORD, "--from", ALICE, "--to", BOB,
             "--data", f"@{tmp_path / 'letter'}"])
    assert token.encode() in find_in_inbox(server, BOB, token)


def test_curl(server, letter, tmp_path):
    octets, token = letter
    (tmp_path / "letter").write_bytes(octets)
    run(["curl", "-sS", f"smtps://{server.address}:{server.submissions}", "--cacert", server.certificate(), "-k",
         "--user", f"{ALICE}:{PASSWORD}", "--mail-from", ALICE, "--mail-rcpt", BOB, "--upload-file", tmp_path / "letter"])
    assert letters.without_trace(find_in_inbox(server, BOB, token)) == octets


def test_msmtp(server, letter, tmp_path):
    octets, token = letter
    config = tmp_path / "msmtprc"
    config.write_text(
        f"account default\nhost {server.address}\nport {server.submission}\nauth on\nuser {ALICE}\n"
        f"passwordeval cat {tmp_path / 'password'}\ntls on\ntls_starttls on\ntls_certcheck off\nfrom {ALICE}\n"
    )
    config.chmod(0o600)
    (tmp_path / "password").write_text(PASSWORD)
    run(["msmtp", "-C", config, BOB], input=octets.replace(b"\r\n", b"\n"))
    assert letters.without_trace(find_in_inbox(server, BOB, token)) == octets


def test_mutt_in_batch_mode(server, tmp_path):
    secret = tmp_path / "muttrc"
    secret.write_text(
        f'set from="{ALICE}"\nset use_from=yes\nset smtp_url="smtps://alice%40example.test@{server.address}:{server.submissions}/"\n'
        f'set smtp_pass="{PASSWORD}"\nset ssl_verify_host=no\nset ssl_verify_dates=no\n'
        f'set certificate_file="{server.certificate()}"\nset copy=no\nset charset=utf-8\nset send_charset="us-ascii:iso-2022-jp:utf-8"\n'
    )
    body = "梅の花が咲きました。\n"
    run(["mutt", "-n", "-F", secret, "-s", "手紙 from mutt", "--", BOB], input=body.encode(),
        env={"HOME": str(tmp_path), "LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin", "TERM": "dumb"})
    with ImapClient(server.address, server.imaps, server.trust()) as client:
        client.login(BOB, PASSWORD)

        def found():
            client.select("INBOX")
            _, data = client.search(None, "SUBJECT", '"from mutt"')
            return data[0].split()

        numbers = wait_until(found, "mutt's letter")
        assert client.fetch_text(numbers[0].decode()) == body


def test_a_sender_cannot_use_an_address_that_is_not_theirs(server, letter):
    with smtplib.SMTP_SSL(server.address, server.submissions, context=server.trust(), timeout=30) as client:
        client.login(ALICE, PASSWORD)
        code, text = client.mail(BOB)
        if code == 250:
            code, text = client.rcpt(BOB)
        assert code in (550, 553), text


def test_nothing_without_a_password(server, letter):
    with smtplib.SMTP(server.address, server.submission, timeout=30) as client:
        client.starttls(context=server.trust())
        client.ehlo()
        code, _ = client.mail(ALICE)
        assert code == 530


def test_no_password_without_tls(server):
    with smtplib.SMTP(server.address, server.submission, timeout=30) as client:
        client.ehlo()
        assert "auth" not in client.esmtp_features
        code, _ = client.docmd("AUTH", "PLAIN AGFsaWNlAHB3")
        assert code in (503, 530, 538, 502)


def test_strangers_deliver_here_but_nowhere_else(server, letter):
    octets, token = letter
    with smtplib.SMTP(server.address, server.smtp, timeout=30) as client:
        client.sendmail("stranger@elsewhere.test", [BOB], octets)
        client.mail("stranger@elsewhere.test")
        code, text = client.rcpt("someone@elsewhere.test")
        assert code == 550 and b"5.7.1" in text
        code, text = client.rcpt("nobody@example.test")
        assert code == 550 and b"5.1.1" in text
        code, _ = client.rcpt("bob+folder@example.test")
        assert code == 250
    assert letters.without_trace(find_in_inbox(server, BOB, token)) == octets


def test_japanese_letters_arrive_byte_for_byte(server):
    for octets in (letters.iso_2022_jp(ALICE, BOB), letters.utf_8(ALICE, BOB)):
        message_id = octets.split(b"Message-ID: ")[1].split(b"\r\n")[0].decode()
        with smtplib.SMTP_SSL(server.address, server.submissions, context=server.trust(), timeout=30) as client:
            client.login(ALICE, PASSWORD)
            client.sendmail(ALICE, [BOB], octets, mail_options=["BODY=8BITMIME"])
        assert letters.without_trace(find_in_inbox(server, BOB, message_id)) == octets
        shown = server.run("trace", message_id).stdout
        assert "日本語の件名" in shown
