"""A full disk: new mail is put off with 452, nothing acknowledged is lost, and the service goes on when there is space.

The data directory is a small memory file system in a mount namespace of its own, so nothing is left behind. It is larger
than the space that the server leaves free for deleting mail (128 MiB).
"""
import collections
import smtplib

import pytest
from conftest import PASSWORD, next_address
from support import letters, post
from support.processes import wait_until
from support.small_disk import SmallDisk
from support.tegami import Tegami

ALICE, BOB = "alice@small.test", "bob@small.test"
STRANGER = "stranger@elsewhere.test"


@pytest.fixture
def small(tmp_path):
    folder = tmp_path / "server"
    disk = SmallDisk(folder / "data", "320m")
    one = Tegami(folder, "small.test", next_address(), program=disk.program).init()
    one.certificate = lambda: disk.inside(folder / "data/tls/certificate.pem")
    one.start()
    for user in (ALICE, BOB):
        one.add_account(user, PASSWORD)
    yield one, disk
    status, log = one.stop(), one.process.log()
    disk.end()
    assert status == 0, log


def try_to_deliver(server, recipients, size):
    """Returns the token of an acknowledged letter and "", or "" and the refusal in words."""
    octets, token = letters.plain(STRANGER, recipients[0], body=("x" * 76 + "\r\n") * (size // 78 + 1))
    try:
        post.deliver(server, STRANGER, recipients, octets)
    except smtplib.SMTPResponseException as error:
        return "", f"{error.smtp_code} {error.smtp_error.decode()}"
    return token, ""


def test_a_full_disk_and_what_comes_after(small):
    server, disk = small
    acknowledged = {ALICE: set(), BOB: set()}

    def deliver(recipients, size):
        token, refusal = try_to_deliver(server, recipients, size)
        for user in recipients if token else ():
            acknowledged[user].add(token)
        return refusal

    for number in range(10):
        assert deliver([ALICE, BOB] if number % 2 else [ALICE], 20_000) == ""
    disk.fill()
    for size in (200, 20_000, 3_000_000):
        for recipients in ([ALICE], [ALICE, BOB]):
            refusal = deliver(recipients, size)
            assert refusal == "" or refusal.startswith("452 4.3.1"), refusal
    # Small ones may still find room in files that are there; large ones cannot.
    assert deliver([BOB], 5_000_000).startswith("452 4.3.1")

    # What is there can be read all the time, and nothing that was refused is among it.
    for user in (ALICE, BOB):
        assert post.tokens(server, user, PASSWORD) <= collections.Counter(acknowledged[user])

    disk.free()
    wait_until(lambda: deliver([BOB], 20_000) == "", "mail to be taken again", 60)
    for recipients in ([ALICE], [ALICE, BOB]):
        assert deliver(recipients, 20_000) == ""
    assert server.run("verify", "--blobs").returncode == 0
    assert server.stop() == 0
    server.start()
    # A copy that found no space after its message was in the queue comes from there.
    server.run("queue", "retry", "--all")
    post.wait_for_empty_queue(server)
    for user in (ALICE, BOB):
        assert post.tokens(server, user, PASSWORD) == collections.Counter(acknowledged[user])
    assert server.run("verify", "--blobs").returncode == 0


def test_a_start_without_space_says_so(small):
    server, disk = small
    token, _ = try_to_deliver(server, [ALICE], 20_000)
    assert server.stop() == 0
    disk.fill()
    refused = server.run("serve", check=False)
    assert refused.returncode == 1 and "No space" in refused.stderr
    disk.free()
    server.start()
    assert post.tokens(server, ALICE, PASSWORD) == {token: 1}
