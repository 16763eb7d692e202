"""A few damage rounds; scripts/damage-rounds runs as many as wanted."""
import random
import shutil

import damage
import pytest
from conftest import next_address

# Each kind of file and each damage once, in pairs that differ.
ROUNDS = [("sst", "flip"), ("sst", "zero"), ("sst", "cut"), ("log", "flip"), ("log", "cut"), ("log", "remove"),
          ("MANIFEST", "flip"), ("CURRENT", "remove"), ("seg", "flip"), ("seg", "zero"), ("seg", "cut"), ("seg", "remove")]


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    server, expected = damage.make_store(tmp_path_factory.mktemp("damage") / "server", next_address(), seed=5, count=25)
    assert len(expected) > 200
    return server, expected


@pytest.mark.parametrize("kind,how", ROUNDS)
def test_damage(store, kind, how):
    seed = random.randrange(1_000_000)
    server, expected = store
    outcome = damage.run_round(server, expected, random.Random(seed), kind, how)
    assert outcome is not None
    assert outcome.faults == [], f"seed {seed}: {outcome.place}"
    assert not outcome.silent, f"seed {seed}: {outcome.place}"


def test_a_whole_store_is_not_changed_by_repair(store):
    server, expected = store
    shutil.rmtree(server.folder / "data")
    shutil.copytree(server.folder / "whole", server.folder / "data")
    assert "Nothing is damaged" in server.run("repair").stdout
    assert not (server.folder / "data/salvage").exists()
    report = server.json("repair")
    assert not report["changed"] and report["accounts"] == []
    server.start()
    refused = server.run("repair", check=False)
    assert refused.returncode == 1 and "stop the server" in refused.stderr
    assert sorted(map(repr, damage.read_all(server).messages)) == sorted(map(repr, expected))
    assert server.stop() == 0


def test_without_its_database_the_mail_in_segments_becomes_files(store):
    server, expected = store
    shutil.rmtree(server.folder / "data")
    shutil.copytree(server.folder / "whole", server.folder / "data")
    shutil.rmtree(server.folder / "data/store/db")
    report = server.json("repair")
    assert report["losses_unknown"]
    files = list((server.folder / "data/salvage").glob("*/unclaimed/*.eml"))
    assert len(files) == report["unclaimed"] > 50
    digests = {damage.digest(file.read_bytes()) for file in files}
    assert digests & {one.digest for one in expected}
    large = {one.digest for one in expected if one.size > 20_000}
    assert large <= digests
    server.add_account(damage.USERS[0], damage.PASSWORD)
    server.start()
    assert server.stop() == 0
