"""Mail moves in and out: a Maildir as Dovecot leaves it, mbox and EML files are imported into a running server and read by
IMAP; what is exported and imported into another account is the same. The same again without a server. An account of Dovecot
and one of another Tegami is taken by IMAP."""
import imaplib
import json
import os
import pathlib
import re
import shutil
import ssl
import tempfile

import pytest

from conftest import PASSWORD, next_address
from support.certificates import Authority
from support.clients import ImapClient
from support.dovecot import ADMIN, Dovecot
from support.letters import plain
from support.tegami import Tegami

DATE = 1_600_000_000
KANJI = "&ZeVnLIqe-"  # 日本語


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    one = Tegami(tmp_path_factory.mktemp("transfer"), "transfer.test", next_address()).init().start()
    yield one
    assert one.json("verify")["findings"] == []
    assert one.stop() == 0, one.process.log()


def letter(number, size=300):
    head = f"From: a@b.test\nSubject: letter {number}\nMessage-ID: <{number}@b.test>\nStatus: of the letter\n\n"
    return (head + "From the start\n>From x\n" + f"line {number}\n" * (size // 10)).encode()


def mailboxes(server, user):
    """For each mailbox, its messages (flags, date, octets) in order; and what is subscribed."""
    client = ImapClient(server.address, server.imaps, server.trust())
    client.login(user, PASSWORD)
    names = [re.search(rb'"?([^" ]+)"?$', row)[1].decode() for row in client.list()[1]]
    found = {}
    for name in names:
        assert client.select(f'"{name}"', readonly=True)
        rows = client.uid("FETCH", "1:*", "(FLAGS INTERNALDATE BODY.PEEK[])")[1] if client.exists else []
        found[name] = [(sorted(set(re.search(rb"FLAGS \(([^)]*)\)", row[0])[1].split()) - {rb"\Recent"}),
                        re.search(rb'INTERNALDATE "([^"]*)"', row[0])[1], row[1]) for row in rows if isinstance(row, tuple)]
    subscribed = sorted(row.split()[-1] for row in client.lsub()[1])
    client.logout()
    return found, subscribed


def put(folder, name, octets, date):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(octets)
    os.utime(folder / name, (date, date))


def maildir(root):
    """As Dovecot and Courier leave it, with 600 messages in a folder, a large one, and what no mail server can take."""
    put(root / "cur", f"{DATE}.M1P1.host,S=300:2,FSa", letter(1), DATE)
    put(root / "cur", f"{DATE + 1}.M2P1.host:2,RTDb", letter(2, 6_000_000), DATE + 60)
    put(root / "new", f"{DATE + 2}.M3P1.host", letter(3), DATE + 120)
    put(root / "cur", f"{DATE + 3}.M4P1.host:2,", letter(4), DATE + 180)
    (root / "dovecot-keywords").write_text("0 $Forwarded\n1 Work\n")
    (root / "dovecot-uidlist").write_text(f"3 V1 N9 Gx\n1 :{DATE + 3}.M4P1.host\n2 :{DATE}.M1P1.host,S=300\n"
                                          f"7 :{DATE + 1}.M2P1.host\n")
    (root / "subscriptions").write_text(f"V\t2\n\nINBOX\nSent\nProjects\t{KANJI}\n")
    for number in range(100, 700):
        put(root / f".Projects.{KANJI}" / "cur", f"{DATE + number}.M.host:2,S", letter(number), DATE + number)
    for copy in "ab":  # one message twice is two messages
        put(root / ".Sent" / "cur", f"{DATE}.{copy}.host:2,S", letter(9), DATE)
    put(root / ".Empty" / "new", "nothing", b"", DATE)
    put(root / ".Empty" / "new", "nul", b"A: b\n\n\0\n", DATE)
    (root / "..bad" / "cur").mkdir(parents=True)


def summary(result):
    return json.loads(result.stdout.splitlines()[-1])


def accounts(server, *names):
    for name in names:
        server.add_account(f"{name}@transfer.test", PASSWORD)
    return [f"{name}@transfer.test" for name in names]


def test_from_dovecot_and_out_again(server, tmp_path):
    anna, bob, carl = accounts(server, "anna", "bob", "carl")
    maildir(tmp_path / "Maildir")
    done = server.run("import", anna, tmp_path / "Maildir", "--json", check=False)
    assert done.returncode == 1  # three could not be taken
    assert summary(done) == {"event": "done", "taken": 606, "already_there": 0, "left": 3}
    left = [event["source"] for event in map(json.loads, done.stdout.splitlines()) if event["event"] == "left"]
    assert [os.path.basename(each.split(":")[0]) for each in left] == ["..bad", "nothing", "nul"], left

    first, subscribed = mailboxes(server, anna)
    inbox = first["INBOX"]
    order = [re.search(rb"letter (\d+)", octets)[1] for _, _, octets in inbox]
    assert order == [b"4", b"1", b"2", b"3"], "as dovecot-uidlist has it, then what is new"
    assert inbox[1][0] == [rb"$Forwarded", rb"\Flagged", rb"\Seen"]
    assert inbox[2][0] == sorted([rb"Work", rb"\Answered", rb"\Deleted", rb"\Draft"])
    assert inbox[1][1] == b"13-Sep-2020 12:26:40 +0000" and inbox[3][1] == b"13-Sep-2020 12:28:40 +0000"
    assert inbox[2][2] == letter(2, 6_000_000).replace(b"\n", b"\r\n")
    assert len(first[f"Projects/{KANJI}"]) == 600 and len(first["Sent"]) == 2
    assert b"Empty" not in b" ".join(subscribed) and any(KANJI.encode() in name for name in subscribed)

    # Once more: nothing is added twice, and what was missing comes.
    put(tmp_path / "Maildir" / "new", "later", letter(5), DATE)
    again = server.run("import", anna, tmp_path / "Maildir", "--json", check=False)
    assert summary(again) == {"event": "done", "taken": 1, "already_there": 606, "left": 3}
    first, subscribed = mailboxes(server, anna)

    for other, form in ((bob, "maildir"), (carl, "mbox")):
        server.run("export", anna, tmp_path / form, "--format", form)
        assert "not empty" in server.run("export", anna, tmp_path / form, check=False).stderr
        done = server.run("import", other, tmp_path / form)
        assert done.stdout == f"{other}: 607 messages taken, 0 there already.\n"
        assert mailboxes(server, other) == (first, subscribed)


def test_files_of_one_and_many_messages(server, tmp_path):
    (dora,) = accounts(server, "dora")
    received = b"Received: from x by y; Thu, 1 Oct 2020 10:00:00 +0900\nDate: Wed, 30 Sep 2020 10:00:00 +0000\n"
    put(tmp_path / "mail" / "Old", "1.eml", received + letter(1), DATE)
    put(tmp_path / "mail", "notes.txt", b"no mail", DATE)
    put(tmp_path / "mail" / "Inbox.sbd", "Lists", b"From - Thu Oct  1 01:00:00 2020\nStatus: RO\nA: b\n\nx\n", DATE)
    assert server.run("import", dora, tmp_path / "mail").stdout == f"{dora}: 2 messages taken, 0 there already.\n"
    server.run("import", dora, tmp_path / "mail" / "Old" / "1.eml", "--mailbox", "Archive/One")
    found, _ = mailboxes(server, dora)
    assert [(flags, date) for flags, date, _ in found["Old"]] == [([], b" 1-Oct-2020 01:00:00 +0000")]
    assert found["INBOX/Lists"] == [([rb"\Seen"], b" 1-Oct-2020 01:00:00 +0000", b"A: b\r\n\r\nx\r\n")]
    assert found["Archive/One"] == found["Old"]
    (tmp_path / "none").mkdir()
    assert "there is no mail in" in server.run("import", dora, tmp_path / "none", check=False).stderr
    assert "there is no account" in server.run("import", "x@transfer.test", tmp_path / "mail", check=False).stderr


def test_over_quota_takes_what_fits_and_without_a_server(server, tmp_path):
    (emil,) = accounts(server, "emil")
    server.run("account", "set", emil, "--quota", "20KiB")
    for number in range(5):
        put(tmp_path / "cur", f"{number}.x:2,S", plain(emil, emil, f"subject {number}", "x\n" * 3000)[0], DATE)
    done = server.run("import", emil, tmp_path, check=False)
    assert done.returncode == 1 and "the quota of the account is used up" in done.stderr, done
    taken = int(re.search(r"(\d) message", done.stdout)[1])
    assert 0 < taken < 5
    server.run("account", "set", emil, "--quota", "1MiB")
    assert server.stop() == 0
    done = server.run("import", emil, tmp_path)
    assert done.stdout == f"{emil}: {counted(5 - taken)} taken, {taken} there already.\n"
    server.run("export", emil, tmp_path / "out")
    assert len(list((tmp_path / "out" / "cur").iterdir())) == 5
    server.start()
    assert len(mailboxes(server, emil)[0]["INBOX"]) == 5


def counted(number):
    return f"{number} message" + ("" if number == 1 else "s")


@pytest.fixture(scope="module")
def dovecot():
    """With a Maildir for anna, which has a prefix, levels, a Sent of another name, keywords and subscriptions; and fred."""
    address = next_address()
    folder = pathlib.Path(tempfile.mkdtemp())  # pytest's own ones are closed to Dovecot's users
    folder.chmod(0o755)
    authority = Authority(folder / "authority")
    passwords = {"anna@old.test": PASSWORD, "fred": "pass word"}
    one = Dovecot(folder / "server", address, authority.issue("old.test", f"IP:{address}"), passwords)
    one.authority = authority
    root = one.mail / "anna@old.test"
    put(root / "cur", f"{DATE}.M1P1.host:2,FSa", letter(1), DATE)
    put(root / "cur", f"{DATE + 1}.M2P1.host:2,RTDb", letter(2, 6_000_000), DATE + 60)
    put(root / "cur", f"{DATE + 2}.M3P1.host:2,", b"", DATE)
    (root / "dovecot-keywords").write_text("0 $Forwarded\n1 Work\n")
    for number in range(100, 700):
        put(root / f".Projects.{KANJI}" / "cur", f"{DATE + number}.M.host:2,S", letter(number), DATE + number)
    for copy in "ab":
        put(root / ".Gesendet" / "cur", f"{DATE}.{copy}.host:2,S", letter(9), DATE)
    (root / "subscriptions").write_text(f"V\t2\n\nINBOX\nGesendet\nProjects\t{KANJI}\n")
    put(one.mail / "fred" / "cur", f"{DATE}.M1P1.host:2,S", letter(20), DATE)
    one.start()
    yield one
    one.stop()
    shutil.rmtree(folder)


def imap_options(dovecot, port):
    return "--imap", f"{dovecot.address}:{port}", "--ca", dovecot.authority.path, "--json"


def secret(path, text):
    path.write_text(text)
    path.chmod(0o600)
    return path


def test_from_dovecot_by_imap_and_from_tegami(server, dovecot, tmp_path):
    (gina,) = accounts(server, "gina")
    password = secret(tmp_path / "password", PASSWORD + "\n")
    command = ("import", gina, *imap_options(dovecot, dovecot.imaps), "--user", "anna@old.test", "--password-file", password)
    done = server.run(*command, check=False)
    assert summary(done) == {"event": "done", "taken": 604, "already_there": 0, "left": 1}, done
    assert '"reason":"it is empty"' in done.stdout
    first, subscribed = mailboxes(server, gina)
    assert [len(first[name]) for name in ("INBOX", "Sent", f"Projects/{KANJI}")] == [2, 2, 600]
    assert first["INBOX"][0][0] == [rb"$Forwarded", rb"\Flagged", rb"\Seen"]
    assert first["INBOX"][1][0] == sorted([rb"Work", rb"\Answered", rb"\Deleted", rb"\Draft"])
    assert first["INBOX"][0][1] == b"13-Sep-2020 12:26:40 +0000"
    assert first["INBOX"][1][2] == letter(2, 6_000_000).replace(b"\n", b"\r\n")
    assert any(KANJI.encode() in name for name in subscribed) and b"INBOX" in b" ".join(subscribed)

    # Once more, with STARTTLS: what is new comes, and nothing else.
    client = imaplib.IMAP4_SSL(dovecot.address, dovecot.imaps,
                               ssl_context=ssl.create_default_context(cafile=dovecot.authority.path))
    client.login("anna@old.test", PASSWORD)
    assert client.append("INBOX", r"(\Flagged)", None, letter(5).replace(b"\n", b"\r\n"))[0] == "OK"
    client.logout()
    again = ("import", gina, *imap_options(dovecot, dovecot.imap), "--starttls", *command[-4:])
    assert summary(server.run(*again, check=False)) == {"event": "done", "taken": 1, "already_there": 604, "left": 1}

    # Who is not who it says, or does not let us in.
    for wrong, reason in (((*command[:4], "--ca", server.certificate(), *command[-4:]), "certificate"),
                          ((*command[:-1], secret(tmp_path / "wrong", "wrong")), "does not let anna@old.test in")):
        done = server.run(*wrong, check=False)
        assert done.returncode == 1 and reason in done.stdout + done.stderr, done

    # Tegami as the other server: UTF-8 names, SCRAM.
    (hugo,) = accounts(server, "hugo")
    done = server.run("import", hugo, "--imap", f"{server.address}:{server.imaps}", "--ca", server.certificate(), "--user", gina,
                      "--password-file", password, check=False)
    assert done.stdout == f"{hugo}: 605 messages taken, 0 there already.\n", done
    assert mailboxes(server, hugo) == mailboxes(server, gina)


def test_many_accounts_by_imap(server, dovecot, tmp_path):
    ida, jan = accounts(server, "ida", "jan")
    # The administrator's password for all; a line that is wrong keeps no other out.
    lines = secret(tmp_path / "accounts", f"# moves\n{ida} anna@old.test\n{jan}\tfred\nnobody@transfer.test fred\n")
    password = secret(tmp_path / "password", PASSWORD)
    done = server.run("import", *imap_options(dovecot, dovecot.imaps), "--accounts", lines, "--admin", ADMIN,
                      "--password-file", password, check=False)
    assert done.returncode == 1 and "there is no account nobody@transfer.test" in done.stderr
    ends = {event["account"]: event for event in map(json.loads, done.stdout.splitlines()) if event["event"] == "done"}
    assert ends[jan]["taken"] == 1 and ends[ida]["taken"] >= 604 and len(ends) == 2, ends
    # Each with its own.
    lines = secret(tmp_path / "own", f"{ida} anna@old.test file:{password}\n{jan} fred pass word\n")
    done = server.run("import", *imap_options(dovecot, dovecot.imaps), "--accounts", lines, "--parallel", 2, check=False)
    ends = {event["account"]: event for event in map(json.loads, done.stdout.splitlines()) if event["event"] == "done"}
    assert [ends[each]["taken"] for each in (ida, jan)] == [0, 0] and ends[jan]["already_there"] == 1, ends
