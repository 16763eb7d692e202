"""Programs that fetch: POP3 and IMAP clients nobody here wrote get each letter byte for byte."""
import imaplib
import mailbox
import poplib
import re
import smtplib
import subprocess

import pytest
from conftest import JAPANESE_PASSWORD, PASSWORD
from support import letters
from support.processes import wait_until

ALICE, BOB = "alice@example.test", "bob@example.test"


@pytest.fixture
def account(server, request):
    """A fresh account with two letters in INBOX; returns (address, octets of the letters)."""
    address = request.node.name.replace("_", "-").replace("[", "-").replace("]", "") + "@example.test"
    server.add_account(address, PASSWORD)
    sent = []
    with smtplib.SMTP(server.address, server.smtp, timeout=30) as client:
        for make in (letters.iso_2022_jp, letters.utf_8):
            octets = make("stranger@elsewhere.test", address)
            client.sendmail("stranger@elsewhere.test", [address], octets, mail_options=["BODY=8BITMIME"])
            sent.append(octets)
    yield address, sent
    server.run("account", "remove", address)


def run(arguments, **options):
    result = subprocess.run(list(map(str, arguments)), capture_output=True, timeout=60, **options)
    assert result.returncode == 0, (result.stdout + result.stderr).decode(errors="replace")
    return result


def same_letters(found, sent):
    """Compares without trace fields and without regard to CRLF or LF, which mail folders on disk do not keep."""
    normal = lambda octets: letters.without_trace(octets.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")).rstrip()  # noqa: E731
    assert sorted(map(normal, found)) == sorted(map(normal, sent))


def read_maildir(folder):
    return [message.read_bytes() for part in ("new", "cur") for message in (folder / part).iterdir()]


def make_maildir(folder):
    for part in ("", "new", "cur", "tmp"):
        (folder / part).mkdir(exist_ok=True)
    return folder


def private(path, text):
    path.write_text(text)
    path.chmod(0o600)
    return path


def open_maildrop(server, address):
    """Logs in, as soon as the server has noticed the end of the session before."""

    def logged_in():
        client = poplib.POP3_SSL(server.address, server.pop3s, context=server.trust(), timeout=30)
        client.user(address)
        try:
            client.pass_(PASSWORD)
        except poplib.error_proto as error:
            client.close()
            assert b"[IN-USE]" in error.args[0]
            return None
        return client

    return wait_until(logged_in, "the maildrop to be free")


def test_poplib(server, account):
    address, sent = account
    client = open_maildrop(server, address)
    assert client.stat()[0] == 2
    uids = [line.split()[1] for line in client.uidl()[1]]
    assert len(set(uids)) == 2
    same_letters([b"\r\n".join(client.retr(number)[1]) + b"\r\n" for number in (1, 2)], sent)
    client.dele(1)
    client.close()  # without QUIT nothing is deleted
    client = open_maildrop(server, address)
    assert [line.split()[1] for line in client.uidl()[1]] == uids
    client.dele(1)
    client.quit()
    client = poplib.POP3(server.address, server.pop3, timeout=30)
    client.stls(context=server.trust())
    client.user(address)
    client.pass_(PASSWORD)
    assert [line.split()[1] for line in client.uidl()[1]] == uids[1:]
    client.quit()


def test_imaplib(server, account):
    address, sent = account
    with imaplib.IMAP4_SSL(server.address, server.imaps, ssl_context=server.trust(), timeout=30) as client:
        client.login(address, PASSWORD)
        assert client.select("INBOX") == ("OK", [b"2"])
        _, data = client.fetch("1:*", "(UID FLAGS BODY.PEEK[])")
        same_letters([item[1] for item in data if isinstance(item, tuple)], sent)
        _, data = client.search("UTF-8", "SUBJECT", '"日本語"'.encode())
        assert data[0].split() == [b"1", b"2"]


def test_curl_pop3_and_imap(server, account):
    address, sent = account
    common = ["curl", "-sSk", "--user", f"{address}:{PASSWORD}"]
    pop = [run([*common, f"pop3s://{server.address}:{server.pop3s}/{number}"]).stdout for number in (1, 2)]
    same_letters(pop, sent)
    imap = [run([*common, f"imaps://{server.address}:{server.imaps}/INBOX;MAILINDEX={number}"]).stdout for number in (1, 2)]
    same_letters(imap, sent)


def test_fetchmail(server, account, tmp_path):
    address, sent = account
    config = private(
        tmp_path / "fetchmailrc",
        f'poll {server.address} protocol pop3 port {server.pop3s}\n  user "{address}" password "{PASSWORD}" ssl no sslcertck\n'
        f'  mda "cat >> {tmp_path}/out; echo ---- >> {tmp_path}/out"\n',
    )
    run(["fetchmail", "-f", config, "--pidfile", tmp_path / "pid", "-i", tmp_path / "ids", "--invisible", "--norewrite",
         "--nosoftbounce"], env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "USER": "root",
                                 "FETCHMAILHOME": str(tmp_path)})
    found = [part for part in (tmp_path / "out").read_bytes().split(b"----\n") if part]
    same_letters(found, sent)


def test_getmail(server, account, tmp_path):
    address, sent = account
    (tmp_path / "mail").mkdir()
    private(  # getmail writes no mail folder as root, but hands letters to a program
        tmp_path / "getmailrc",
        f"[retriever]\ntype = SimplePOP3SSLRetriever\nserver = {server.address}\nport = {server.pop3s}\nusername = {address}\n"
        f"password = {PASSWORD}\n[destination]\ntype = MDA_external\npath = /bin/sh\n"
        f"arguments = ('-c', 'cat > {tmp_path}/mail/$$')\nallow_root_commands = true\n[options]\ndelete = true\n"
        "delivered_to = false\nreceived = false\n",
    )
    run(["/usr/bin/getmail", "--getmaildir", tmp_path, "--rcfile", tmp_path / "getmailrc"],
        env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"})
    same_letters([letter.read_bytes() for letter in (tmp_path / "mail").iterdir()], sent)


def test_mpop(server, account, tmp_path):
    address, sent = account
    make_maildir(tmp_path / "mail")
    private(tmp_path / "password", PASSWORD)
    config = private(
        tmp_path / "mpoprc",
        f"account default\nhost {server.address}\nport {server.pop3}\nuser {address}\npasswordeval cat {tmp_path}/password\n"
        f"tls on\ntls_starttls on\ntls_certcheck off\nauth on\ndelivery maildir {tmp_path}/mail\nkeep off\nreceived_header off\n"
        f"uidls_file {tmp_path}/uidls\n",
    )
    run(["mpop", "-C", config])
    same_letters(read_maildir(tmp_path / "mail"), sent)
    again = open_maildrop(server, address)
    assert again.stat()[0] == 0
    again.quit()


def test_mbsync_both_ways(server, account, tmp_path):
    address, sent = account
    private(tmp_path / "password", PASSWORD)
    (tmp_path / "mail").mkdir()
    config = private(
        tmp_path / "mbsyncrc",
        f"IMAPAccount one\nHost {server.address}\nPort {server.imaps}\nUser {address}\nPassCmd \"cat {tmp_path}/password\"\n"
        f"SSLType IMAPS\nCertificateFile {server.certificate()}\n\nIMAPStore far\nAccount one\n\nMaildirStore near\n"
        f"Path {tmp_path}/mail/\nInbox {tmp_path}/mail/INBOX\nSubFolders Verbatim\n\nChannel all\nFar :far:\nNear :near:\n"
        f"Patterns *\nCreate Both\nExpunge Both\nSyncState {tmp_path}/state/\n",
    )
    (tmp_path / "state").mkdir()
    sync = lambda: run(["mbsync", "-c", config, "-a"])  # noqa: E731
    sync()
    inbox = tmp_path / "mail/INBOX"
    # mbsync marks what it has copied with a field of its own.
    same_letters([re.sub(rb"X-TUID: .*\n", b"", letter) for letter in read_maildir(inbox)], sent)

    # A change on the device reaches the server: one letter is read and flagged, a new one is filed.
    first = next((inbox / "new").iterdir(), None) or next((inbox / "cur").iterdir())
    name = first.name.split(":2,")[0]
    first.rename(inbox / "cur" / f"{name}:2,FS")
    folder = mailbox.Maildir(tmp_path / "mail/Drafts")
    octets, token = letters.plain(address, BOB, subject="A draft")
    folder.add(octets.replace(b"\r\n", b"\n"))
    sync()
    with imaplib.IMAP4_SSL(server.address, server.imaps, ssl_context=server.trust(), timeout=30) as client:
        client.login(address, PASSWORD)
        client.select("INBOX")
        assert len(client.search(None, "SEEN", "FLAGGED")[1][0].split()) == 1
        client.select("Drafts")
        assert client.search(None, "HEADER", "Message-ID", token)[1][0].split() == [b"1"]
        # A change on the server reaches the device: the other letter is deleted there.
        client.select("INBOX")
        number = client.search(None, "UNSEEN")[1][0].split()[0]
        client.store(number, "+FLAGS", "\\Deleted")
        client.expunge()
    sync()
    assert len(read_maildir(inbox)) == 1


def test_a_password_in_japanese(server):
    login = ["curl", "-sSk", "--user", f"umeko@example.test:{JAPANESE_PASSWORD}"]
    run([*login, f"imaps://{server.address}:{server.imaps}/"])
    run([*login, f"pop3s://{server.address}:{server.pop3s}/"])
