"""A store of the release before, forwards and back; README.md says where it comes from."""
import json
import os
import pathlib
import subprocess
import sys
import tarfile

import pytest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from look import ANNA, BEN, everything, everything_of, login  # noqa: E402
from support.post import deliver  # noqa: E402
from support.tegami import Tegami  # noqa: E402

ADDRESS = "127.0.73.1"  # as in the store's configuration


@pytest.fixture
def server(tmp_path):
    with tarfile.open(HERE / "store-schema-1.tar.xz") as archive:
        archive.extractall(tmp_path)
    one = Tegami(tmp_path / "server", "upgrade.test", ADDRESS)
    yield one
    if one.process and one.process.running():
        one.kill()


def before(server):
    return json.loads((server.folder / "seen.json").read_text())


def is_sound(server):
    return server.json("verify", "--blobs")["findings"] == []


def test_everything_is_there(server):
    server.start()
    assert everything(server) == before(server)
    assert is_sound(server)
    deliver(server, "friend@elsewhere.test", ["team@upgrade.test"], b"Subject: after\r\n\r\nHello.\r\n")
    for user in (ANNA, BEN):
        seen = everything(server)[user]["INBOX"]["messages"]
        assert seen[:-1] == before(server)[user]["INBOX"]["messages"]
        assert seen[-1][0] > max(uid for uid, *_ in seen[:-1])
    assert server.stop() == 0


def test_what_the_release_before_expunged_comes_back(server):
    # Times are as old as the fixture: longer than mail is kept by default.
    server.set("retention.expunged_days", "3650")
    server.start()
    server.run("account", "undelete", ANNA, "--mailbox", "INBOX")
    assert len(everything_of(server, ANNA)["INBOX"]["messages"]) == len(before(server)[ANNA]["INBOX"]["messages"]) + 2
    assert is_sound(server)
    assert server.stop() == 0


def change(server):
    """Leaves records behind that only this release writes."""
    client = login(server, ANNA)
    client.select("Big")
    client.uid("MOVE", "200:210", "Archive")
    client.uid("STORE", "300:305", "+FLAGS", r"(\Deleted)")
    client.expunge()
    client.create("Passing")
    client.append("Passing", "", None, b"Subject: p\r\n\r\np\r\n")
    client.delete("Passing")
    client.logout()
    deliver(server, "friend@elsewhere.test", [ANNA], b"Subject: new\r\n\r\nHello.\r\n")


def test_there_and_back(server):
    server.start()
    change(server)
    server.run("account", "remove", BEN)
    seen = everything_of(server, ANNA)
    assert server.stop() == 0

    refused = server.run("downgrade", check=False)
    assert refused.returncode == 1
    assert "ben@upgrade.test" in refused.stderr
    server.run("account", "undelete", BEN)

    assert int(server.json("downgrade")["records"]) > 0
    previous = os.environ.get("TEGAMI_PREVIOUS")
    if previous:
        old = Tegami(server.folder, "upgrade.test", ADDRESS, program=previous).start()
        assert everything_of(old, ANNA) == seen
        assert everything(old)[BEN] == before(server)[BEN]
        assert is_sound(old)
        deliver(old, "friend@elsewhere.test", ["team@upgrade.test"], b"Subject: old\r\n\r\nHello.\r\n")
        seen = everything_of(old, ANNA)
        assert old.stop() == 0
    assert int(server.json("downgrade")["records"]) == 0  # nothing of this release was left

    server.start()
    assert everything_of(server, ANNA) == seen
    assert is_sound(server)
    assert server.stop() == 0


def test_a_program_of_the_future_is_needed_for_a_store_of_the_future(server):
    # The previous release refuses this release's store, and touches nothing.
    previous = os.environ.get("TEGAMI_PREVIOUS")
    if not previous:
        pytest.skip("TEGAMI_PREVIOUS names no program of the release before")
    server.start()
    assert server.stop() == 0
    old = subprocess.run([previous, "verify", "--config", server.config], capture_output=True, text=True, timeout=60)
    assert old.returncode == 1
    assert "newer program" in old.stderr
