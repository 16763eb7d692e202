"""Backup and restore of the program as shipped, seen from outside: by its command line and by IMAP."""
import collections
import hashlib
import imaplib
import os
import random
import re
import smtplib
import stat
import subprocess
import threading
import time

import pytest
from conftest import PASSWORD, next_address
from support.processes import ROOT, wait_until
from support.small_disk import SmallDisk
from support.tegami import PROGRAM, Tegami

ANNA, BOB = "anna@example.test", "bob@example.test"
Message = collections.namedtuple("Message", "flags date octets")


def letter(number, size=20_000):
    """A message that no other is equal to and that does not shrink."""
    text = random.Random(number).randbytes(size // 2).hex()
    lines = "\r\n".join(text[at:at + 76] for at in range(0, len(text), 76))
    return (f"From: sender@elsewhere.test\r\nTo: {ANNA}\r\nSubject: letter {number}\r\n"
            f"Message-ID: <{number}@elsewhere.test>\r\n\r\n{lines}\r\n").encode()


def login(server, user=ANNA):
    client = imaplib.IMAP4_SSL(server.address, server.imaps, ssl_context=server.trust(), timeout=30)
    client.login(user, PASSWORD)
    return client


def append(client, mailbox, number, flags=None, size=20_000):
    date = f'"{1 + number % 28:02d}-Jan-2020 10:11:12 +0000"'
    assert client.append(mailbox, flags, date, letter(number, size))[0] == "OK"


def read(server, mailbox="INBOX", user=ANNA):
    """All messages of a mailbox, sorted."""
    client = login(server, user)
    assert client.select(f'"{mailbox}"', readonly=True)[0] == "OK"
    messages = []
    _, rows = client.uid("FETCH", "1:*", "(FLAGS INTERNALDATE BODY.PEEK[])")
    for row in rows:
        if not isinstance(row, tuple):
            continue
        head, octets = row
        flags = re.search(rb"FLAGS \(([^)]*)\)", head)[1].split()
        date = re.search(rb'INTERNALDATE "([^"]*)"', head)[1]
        messages.append(Message(tuple(sorted(set(flags) - {rb"\Recent"})), date, octets))
    client.logout()
    return sorted(messages)


def delete(client, mailbox, uids):
    client.select(mailbox)
    client.uid("STORE", uids, "+FLAGS", r"(\Deleted)")
    client.expunge()


def complaint(server, *arguments, status=1):
    result = server.run(*arguments, check=False)
    assert result.returncode == status, result
    lines = result.stderr.splitlines()
    assert len(lines) == 1 and lines[0].startswith("tegami: "), result
    return lines[0].removeprefix("tegami: ")


def digests(folder):
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in folder.rglob("*") if path.is_file()}


def make_server(folder, address=None, **settings):
    one = Tegami(folder, "example.test", address or next_address(), **settings).init().start()
    for user in (ANNA, BOB):
        one.add_account(user, PASSWORD)
    return one


@pytest.fixture
def server(tmp_path):
    one = make_server(tmp_path / "server")
    yield one
    assert one.stop() == 0, one.process.log()


@pytest.fixture
def store(tmp_path):
    return tmp_path / "backup"


def sound(server):
    assert server.json("verify", "--blobs")["sound"] is True


def test_a_second_backup_copies_only_what_is_new(server, store):
    client = login(server)
    for number in range(40):
        append(client, "INBOX", number)
    # The words of these letters are new, too, until they are in the index.
    wait_until(lambda: server.json("index", "status", ANNA)["accounts"][0]["waiting"] == 0, "the word index")
    first = server.json("backup", store)
    assert stat.S_IMODE(store.stat().st_mode) == 0o700
    assert first["accounts"] == 2 and first["damage"] == [] and first["bytes_written"] >= 40 * 20_000
    segment = store / "segments/0000000000000001.seg"
    octets = segment.read_bytes()
    written = segment.stat().st_mtime_ns
    again = server.json("backup", store)
    assert again["bytes_written"] < 30_000
    assert segment.stat().st_mtime_ns == written
    append(client, "INBOX", 100)
    append(client, "INBOX", 101, size=300)
    third = server.json("backup", store)
    assert 20_000 < third["bytes_written"] < 60_000
    assert segment.read_bytes().startswith(octets) and segment.stat().st_size > len(octets)
    points = server.json("backup", "list", store)["points"]
    assert [point["point"] for point in points] == [one["point"] for one in (first, again, third)]
    assert all(point["accounts"] == 2 for point in points)
    assert third["point"] in server.run("backup", "list", store).stdout
    assert server.json("backup", "verify", store)["sound"] is True
    kept = server.json("backup", store, "--keep", "1")
    assert kept["removed"] == [one["point"] for one in (first, again, third)]
    assert [point["point"] for point in server.json("backup", "list", store)["points"]] == [kept["point"]]
    assert len(list((store / "database/private").iterdir())) == 1
    assert server.json("backup", "verify", store)["sound"] is True


def test_one_message_into_a_running_server(server, store):
    client = login(server)
    for number in range(6):
        append(client, "INBOX", number, flags=rf"(\Seen \Answered $Work{number})")
    before = read(server)
    server.run("backup", store)
    delete(client, "INBOX", "2,4")
    append(client, "INBOX", 50)  # newer than the backup
    server.run("restore", store, "--account", ANNA, "--message", "<1@elsewhere.test>")
    after = read(server)
    assert set(before) - set(after) == {one for one in before if b"letter 3\r" in one.octets}
    assert len(after) == 6
    # The brackets are not needed, and again adds nothing.
    again = server.json("restore", store, "--account", ANNA, "--message", "1@elsewhere.test", "--mailbox", "inbox")
    assert [(box["restored"], box["already_there"]) for box in again["accounts"][0]["mailboxes"]] == [(0, 1)]
    assert "nothing was missing" in server.run("restore", store, "--account", ANNA, "--message", "1@elsewhere.test").stdout
    assert read(server) == after
    # A session that is open sees it come.
    client.select("INBOX")
    server.run("restore", store, "--account", ANNA, "--message", "3@elsewhere.test")
    client.noop()
    assert client.untagged_responses["EXISTS"][-1] == b"7"
    assert set(before) < set(read(server))
    sound(server)


def test_a_mailbox_that_was_removed(server, store):
    client = login(server)
    for name in ("Work", "Work/2020", "Private"):
        client.create(name)
        client.subscribe(name)
        for number in range(3):
            append(client, name, 10 * len(name) + number, flags=r"(\Flagged)")
    before = read(server, "Work/2020")
    point = server.json("backup", store)["point"]
    for name in ("Work/2020", "Work", "Private"):
        client.delete(name)
    server.run("backup", store)  # the latest no longer has them
    assert "has no mailbox Work/2020" in complaint(server, "restore", store, "--account", ANNA, "--mailbox", "Work/2020")
    text = server.run("restore", store, "--account", ANNA, "--mailbox", "Work/2020", "--point", point).stdout
    assert text == f"{ANNA} Work/2020: 3 of 3 messages restored, 0 there already\n"
    assert read(server, "Work/2020") == before
    assert client.select("Private")[0] == "NO"
    assert b'"/" Work/2020' in b" ".join(client.lsub()[1])
    sound(server)


def test_an_account_keeps_what_it_has_and_gets_what_it_lacks(server, store):
    client = login(server)
    for number in range(300):  # also in pages, not only single records
        append(client, "INBOX", number, size=500)
    server.run("backup", store)
    delete(client, "INBOX", "100:250")
    client.select("INBOX")
    client.uid("STORE", "1:50", "+FLAGS", r"(\Seen)")
    client.create("Elsewhere")
    client.uid("COPY", "60", "Elsewhere")
    append(client, "INBOX", 1000)
    here = read(server)
    done = server.json("restore", store, "--account", ANNA)["accounts"][0]
    assert (done["restored"], done["already_there"], done["problems"]) == (151, 149, [])
    after = read(server)
    assert set(here) < set(after) and len(after) == 301
    done = server.json("restore", store, "--account", ANNA)["accounts"][0]
    assert (done["restored"], done["already_there"]) == (0, 300)
    assert read(server) == after
    assert len(read(server, "Elsewhere")) == 1
    sound(server)


def test_an_account_that_is_gone_comes_back_with_its_password(server, store):
    append(login(server), "Archive", 1)
    server.run("backup", store)
    server.run("account", "remove", ANNA)
    done = server.run("restore", store, "--all-accounts").stdout
    assert f"account {ANNA} made again, with the password it had" in done
    assert [one.octets for one in read(server, "Archive")] == [letter(1)]
    assert [account["address"] for account in server.json("account", "list")["accounts"]] == [ANNA, BOB]
    sound(server)


def test_into_a_server_that_has_none_of_the_octets(server, store, tmp_path):
    client = login(server)
    for number in range(20):
        append(client, "INBOX", number, size=300 if number % 2 else 3_000_000 if number == 10 else 20_000)
    server.run("backup", store)
    expected = read(server)
    other = Tegami(tmp_path / "other", "elsewhere.test", next_address()).init().start()
    try:
        first = other.json("restore", store, "--all-accounts")["accounts"]
        assert [(one["account"], one["account_made"], one["restored"]) for one in first] == \
            [(ANNA, True, 20), (BOB, True, 0)]
        assert read(other) == expected
        again = other.json("restore", store, "--account", ANNA)["accounts"][0]
        assert (again["restored"], again["already_there"]) == (0, 20)
        # Long after everybody has forgotten: the octets keep their names.
        assert other.stop() == 0
        other.start()
        assert other.json("restore", store, "--account", ANNA)["accounts"][0]["restored"] == 0
        assert read(other) == expected
        sound(other)
    finally:
        assert other.stop() == 0


def test_a_whole_server_of_the_backup_alone(server, store, tmp_path):
    client = login(server)
    client.create("Work")
    for number in range(10):
        append(client, "INBOX", number, flags=r"(\Seen)")
        append(client, "Work", 100 + number, size=400)
    server.run("alias", "add", "sales@example.test", ANNA)
    server.run("backup", store)
    expected = {name: read(server, name) for name in ("INBOX", "Work")}
    validity = client.status("INBOX", "(UIDVALIDITY UIDNEXT)")[1]
    append(client, "INBOX", 500)  # this one is lost, and its UID was seen
    client.logout()
    assert server.stop() == 0
    original, moved = server.folder, tmp_path / "moved"
    original.rename(tmp_path / "gone")  # another machine
    lonely = tmp_path / "carried"
    store.rename(lonely)
    whole = tmp_path / "new"
    try:
        result = subprocess.run([str(server.program), "restore", str(lonely), "--to", str(whole)],
                                capture_output=True, text=True, timeout=120, cwd=tmp_path)
        assert result.returncode == 0, result.stderr
        assert f"tegami serve --config {whole}/tegami.toml" in result.stdout
        assert stat.S_IMODE((whole / "data").stat().st_mode) == 0o700
        for key in ("key.pem", "next-key.pem"):  # the TLSA records in the DNS stay right
            restored, kept = whole / "data/tls" / key, tmp_path / "gone/data/tls" / key
            assert restored.read_bytes() == kept.read_bytes() and stat.S_IMODE(restored.stat().st_mode) == 0o600
        other = Tegami(whole, "example.test", server.address)
        sound(other)
        other.start()
        assert {name: read(other, name) for name in expected} == expected
        now = login(other)
        # RFC 9051 §2.3.1.1: what the client has seen under the old numbers means nothing now.
        assert now.status("INBOX", "(UIDVALIDITY UIDNEXT)")[1] != validity
        append(now, "INBOX", 600)
        assert now.status("Work", "(MESSAGES)")[1] == [b"Work (MESSAGES 10)"]
        assert other.json("alias", "list")["aliases"] == [{"address": "sales@example.test", "targets": [ANNA]}]
        # Its backups go into the same folder, and the old points stay.
        other.run("backup", lonely)
        assert other.json("backup", "verify", lonely)["sound"] is True
        sound(other)
        assert other.stop() == 0
        refused = subprocess.run([str(server.program), "restore", str(lonely), "--to", str(whole)],
                                 capture_output=True, text=True, timeout=60)
        assert refused.returncode == 1 and "not empty" in refused.stderr
        old = other.json("backup", "list", lonely)["points"][0]["point"]
        other.run("restore", lonely, "--to", moved, "--point", old)
        third = Tegami(moved, "example.test", server.address).start()
        assert {name: read(third, name) for name in expected} == expected
        sound(third)
        assert third.stop() == 0
    finally:
        (tmp_path / "gone").rename(original)
        server.start()


def test_under_load_a_point_has_all_that_was_acknowledged_before(server, store, tmp_path):
    acknowledged, stop, faults = [], threading.Event(), []

    def deliver(first):
        try:
            for number in range(first, first + 100_000):
                if stop.is_set():
                    break
                if number % 500 == 0:  # before the server's own limit for one connection
                    client = smtplib.SMTP(server.address, server.smtp, timeout=30)
                client.sendmail("sender@elsewhere.test", [ANNA], letter(number, 300 if number % 3 else 30_000))
                acknowledged.append(number)
            client.quit()
        except (OSError, smtplib.SMTPException) as error:
            faults.append(error)

    threads = [threading.Thread(target=deliver, args=(1_000_000 * number,)) for number in (1, 2)]
    for thread in threads:
        thread.start()
    points = []
    for _ in range(4):
        wait_until(lambda known=len(acknowledged): len(acknowledged) > known + 30 or faults, "deliveries")
        before = set(acknowledged)
        points.append((server.json("backup", store)["point"], before))
    stop.set()
    for thread in threads:
        thread.join()
    assert not faults
    assert server.json("backup", "verify", store)["sound"] is True
    for number, (point, before) in enumerate(points):
        whole = tmp_path / f"whole{number}"
        server.run("restore", store, "--to", whole, "--point", point)
        other = Tegami(whole, "example.test", server.address)
        sound(other)
        # Read without a listener of its own: into an account of a server on another address.
        other.config.write_text(other.config.read_text().replace(server.address, address := next_address()))
        other.address = address
        other.start()
        there = {int(re.search(rb"Message-ID: <(\d+)@", one.octets)[1]) for one in read(other)}
        assert other.stop() == 0
        assert before <= there <= set(acknowledged)


def test_a_backup_that_is_cut_short_leaves_the_others_and_is_gone_on_with(server, store):
    client = login(server)
    for number in range(5):
        append(client, "INBOX", number)
    point = server.json("backup", store)["point"]
    for number in range(100, 140):
        append(client, "INBOX", number, size=4_000_000)
    client.logout()
    rounds = 0
    for attempt in range(6):
        command = subprocess.Popen([str(server.program), "backup", str(store), "--config", str(server.config)],
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        segments = store / "segments"
        size = sum(file.stat().st_size for file in segments.iterdir())
        # In the middle of the copying, as far as one can aim.
        deadline = time.monotonic() + 0.02 * (attempt + 1)
        while command.poll() is None and time.monotonic() < deadline + 10:
            if time.monotonic() > deadline and sum(file.stat().st_size for file in segments.iterdir()) > size:
                break
        if attempt % 2:
            assert server.process.stop(5) == 0
        else:
            server.kill()
        done = command.wait(30) == 0
        lines = command.communicate()[1].splitlines()
        assert done or (command.returncode == 1 and len(lines) == 1 and lines[0].startswith("tegami: ")), lines
        server.start()
        points = [one["point"] for one in server.json("backup", "list", store)["points"]]
        assert points[0] == point and (done or len(points) <= 2)
        assert server.json("backup", "verify", store)["sound"] is True
        rounds += not done
        if done:
            break
    assert rounds > 0, "no backup was interrupted"
    server.run("restore", store, "--account", ANNA, "--point", point)
    done = server.json("backup", store)
    assert done["damage"] == [] and server.json("backup", "verify", store)["sound"] is True
    assert len(list((store / "database/private").iterdir())) == len(server.json("backup", "list", store)["points"])


def test_a_damaged_backup_is_told_and_gives_what_it_can(server, store, tmp_path):
    client = login(server)
    for number in range(10):
        append(client, "INBOX", number)
    server.run("backup", store)
    segment = store / "segments/0000000000000001.seg"
    octets = bytearray(segment.read_bytes())
    octets[100_000] ^= 1
    segment.write_bytes(octets)
    told = complaint_of_many(server, "backup", "verify", store)
    assert any("segment file 0000000000000001.seg is damaged" in line for line in told)
    # Everything else comes back, and what does not is named.
    delete(client, "INBOX", "1:*")
    other = Tegami(tmp_path / "other", "example.test", next_address()).init().start()
    try:
        named = {number: other.run("restore", store, "--account", ANNA, "--message", f"{number}@elsewhere.test", check=False)
                 for number in range(10)}
        assert sum(result.returncode for result in named.values()) == 1
        other.run("account", "remove", ANNA)
        result = other.run("restore", store, "--account", ANNA, check=False)
        assert result.returncode == 1
        assert "9 of 10 messages restored" in result.stdout and "did not come back" in result.stderr
        assert len(read(other)) == 9
        sound(other)
    finally:
        assert other.stop() == 0
    whole = other.run("restore", store, "--to", tmp_path / "whole", check=False)
    assert whole.returncode == 1 and "segment file 0000000000000001.seg is damaged" in whole.stderr
    table = next((store / "database/shared_checksum").iterdir())
    octets = bytearray(table.read_bytes())
    octets[len(octets) // 3] ^= 1
    table.write_bytes(octets)
    assert any("database is damaged" in line for line in complaint_of_many(server, "backup", "verify", store))
    refused = complaint(server, "restore", store, "--to", tmp_path / "none")
    assert "the database of the backup" in refused and "is damaged" in refused
    assert list((tmp_path / "none").iterdir()) == []


def complaint_of_many(server, *arguments):
    result = server.run(*arguments, check=False)
    assert result.returncode == 1, result
    return result.stderr.splitlines()


def test_damage_of_the_store_is_in_the_report_and_the_rest_in_the_backup(server, store):
    client = login(server)
    for number in range(10):
        append(client, "INBOX", number)
    segment = server.folder / "data/store/segments/0000000000000001.seg"
    with segment.open("r+b") as file:
        file.seek(100_000)
        octet = file.read(1)
        file.seek(100_000)
        file.write(bytes([octet[0] ^ 1]))
    told = complaint_of_many(server, "backup", store)
    assert "segment 0000000000000001 is damaged at" in told[0] and "the backup was made" in told[-1]
    assert "with damage of the store" in server.run("backup", "list", store).stdout
    assert server.json("backup", "verify", store)["sound"] is True


def test_a_full_account_says_how_much_came_back(server, store):
    client = login(server)
    for number in range(10):
        append(client, "INBOX", number)
    server.run("backup", store)
    server.run("account", "remove", ANNA)
    server.run("account", "add", ANNA, "--quota", "100KiB", "--password-stdin", stdin=PASSWORD + "\n")
    result = server.run("restore", store, "--account", ANNA, check=False)
    assert result.returncode == 1
    assert "its quota is full: 4 messages came back" in result.stderr
    assert len(read(server)) == 4
    sound(server)


def test_without_a_server_the_answers_are_the_same(server, store, tmp_path):
    append(login(server), "INBOX", 1)
    assert server.stop() == 0
    try:
        done = server.json("backup", store)
        assert done["accounts"] == 2
        server.run("account", "remove", ANNA)
        assert "1 of 1 message restored" in server.run("restore", store, "--account", ANNA).stdout
        sound(server)
    finally:
        server.start()
    assert [one.octets for one in read(server)] == [letter(1)]


def test_refusals_are_one_sentence(server, store, tmp_path):
    inside = server.folder / "data/backup"
    assert "must not lie in each other" in complaint(server, "backup", inside)
    assert not inside.exists()
    (link := tmp_path / "link").symlink_to(server.folder / "data")
    assert "must not lie in each other" in complaint(server, "backup", link / "backup")
    (tmp_path / "foreign").mkdir()
    (tmp_path / "foreign/letter").write_text("mine")
    assert "is not empty" in complaint(server, "backup", tmp_path / "foreign")
    assert [file.name for file in (tmp_path / "foreign").iterdir()] == ["letter"]
    assert "cannot be made" in complaint(server, "backup", tmp_path / "foreign/letter/x")
    assert "there is no folder" in complaint(server, "restore", store, "--account", ANNA)
    assert "is no folder of backups" in complaint(server, "backup", "list", tmp_path / "foreign")
    server.run("backup", store)
    assert "has no account nobody@example.test" in complaint(server, "restore", store, "--account", "nobody@example.test")
    assert "no message with this Message-ID" in complaint(server, "restore", store, "--account", ANNA, "--message", "x@y")
    assert "there is no backup of 2001" in complaint(server, "restore", store, "--account", ANNA, "--point", "2001")
    assert "say what to restore" in complaint(server, "restore", store, status=2)
    assert "need --account" in complaint(server, "restore", store, "--all-accounts", "--mailbox", "INBOX", status=2)
    assert "DIR" in complaint(server, "backup", status=2)
    assert "is not a mail address" in complaint(server, "restore", store, "--account", "anna", status=2)
    before = digests(store)
    server.run("restore", store, "--account", ANNA)
    server.run("restore", store, "--to", tmp_path / "new")
    server.run("backup", "verify", store)
    assert digests(store) == before  # reading changes nothing


def documented_commands():
    """The commands of the operations page's section on backups, each with the output that the page shows."""
    section = (ROOT / "docs/backup.md").read_text().split("## Backup and restore\n")[1].split("\n## ")[0]
    for block in re.findall(r"^```\n(.*?)^```$", section, re.M | re.S):
        for command in re.split(r"^\$ ", block, flags=re.M)[1:]:
            line, _, output = command.partition("\n")
            yield line, output


def without_figures(text):
    text = re.sub(r"\d{4}-\d\d-\d\dT\d{6}Z(-\d+)?", "POINT", text)
    return re.sub(r" +", " ", re.sub(r"[\d.]+ (B|[KMG]iB)\b", "SIZE", text)).strip()


def test_the_operations_page_says_what_happens(tmp_path):
    anna = "anna@example.org"
    one = Tegami(tmp_path / "server", "example.org", next_address()).init().start()
    for user in (anna, "bo@example.org"):
        one.add_account(user, PASSWORD)
    client = login(one, anna)
    client.create("Work/2026")
    append(client, "Work/2026", 1)
    client.append("INBOX", r"(\Seen \Flagged)", None, b"Message-ID: <rent-6@example.net>\r\nSubject: Rent\r\n\r\nHello\r\n")
    rent = read(one, user=anna)
    places = {"/mnt/backup/mail": str(tmp_path / "backup"), "/srv/tegami": str(tmp_path / "new"),
              "2026-11-24": time.strftime("%Y-", time.gmtime())}
    environment = {**os.environ, "TEGAMI_CONFIG": str(one.config), "PATH": f"{one.program.parent}:{os.environ['PATH']}"}
    seen = 0
    for command, output in documented_commands():
        if command.startswith("tegami serve"):
            continue
        if "--message" in command and read(one, user=anna) == rent:
            if seen == 0:
                delete(client, "INBOX", "1:*")
                assert read(one, user=anna) == []
            seen += 1
        for place, here in places.items():
            command, output = command.replace(place, here), output.replace(place, here)
        result = subprocess.run(command, shell=True, capture_output=True, text=True, timeout=60, env=environment)
        assert result.returncode == 0, (command, result.stderr)
        assert output == "" or without_figures(result.stdout) == without_figures(output), command
        assert read(one, user=anna) == rent
    assert seen == 2
    assert one.stop() == 0


def test_a_full_disk_ends_one_backup_and_no_other(tmp_path):
    disk = SmallDisk(tmp_path / "disk", "40m")
    one = Tegami(tmp_path / "server", "example.test", next_address(), program=disk.program).init().start()
    try:
        one.add_account(ANNA, PASSWORD)
        client = login(one)
        append(client, "INBOX", 1, size=10_000_000)
        before = read(one)
        store = disk.mount / "backup"
        point = one.json("backup", store)["point"]
        for number in range(2, 8):
            append(client, "INBOX", number, size=10_000_000)
        assert "No space left" in complaint(one, "backup", store)
        assert [row["point"] for row in one.json("backup", "list", store)["points"]] == [point]
        assert one.json("backup", "verify", store)["sound"] is True
        delete(client, "INBOX", "1")
        one.run("restore", store, "--account", ANNA)
        assert before[0] in read(one)
    finally:
        assert one.stop() == 0
        disk.end()


def test_a_folder_without_permission(tmp_path):
    program = PROGRAM
    if os.geteuid() == 0:  # root may write everywhere, unless it gives that up
        program = tmp_path / "tegami-modest"
        program.write_text(f'#!/bin/sh\nexec setpriv --bounding-set=-dac_override,-dac_read_search {PROGRAM} "$@"\n')
        program.chmod(0o755)
    server = make_server(tmp_path / "server", program=program)
    try:
        (tmp_path / "closed").mkdir(mode=0o500)
        assert "ermission denied" in complaint(server, "backup", tmp_path / "closed/backup")
    finally:
        assert server.stop() == 0
