"""The layer and the model of the power cut, tested by themselves: what was synced is always there, what was not is
sometimes lost. Small programs run on the layer; each cut starts from the folder as they left it."""
import os
import pathlib
import random
import shutil
import subprocess
import sys

import pytest

from crash import power_cut
from crash.power_cut import Disk, Fault
from crash.rounds import LAYER, build

CUTS = 200


@pytest.fixture
def run(tmp_path):
    """Runs lines of Python on the layer, in `folder`; then the process ends without a word."""
    build()
    folder = tmp_path / "folder"
    folder.mkdir()

    def run_lines(lines, disk, check=True):
        trace = tmp_path / "trace"
        trace.unlink(missing_ok=True)
        program = f"import os\nfrom os import *\nchdir('/')\nd = {str(folder)!r}\n{lines}\n_exit(0)"
        environment = {"LD_PRELOAD": str(LAYER), "CRASH_LAYER_ROOT": str(folder), "CRASH_LAYER_TRACE": str(trace)}
        done = subprocess.run(["/usr/bin/python3", "-c", program], env=environment, capture_output=True, text=True,
                              timeout=60)
        if check:
            assert done.returncode == 0, done.stderr
        disk.replay(trace)
        return done

    run_lines.folder = folder
    return run_lines


def outcomes(run, lines, before=None, look=None):
    """The set of what `look` finds after each of many power cuts."""
    folder = run.folder
    found = set()
    saved = folder.parent / "saved"
    if before:
        before(folder)
    shutil.copytree(folder, saved)
    disk = Disk(folder)
    run(lines, disk)
    crashed = folder.parent / "crashed"
    for seed in range(CUTS):
        if crashed.exists():
            shutil.rmtree(crashed)
        copied = copy_of(disk, crashed)
        copied.cut_power(random.Random(seed))
        found.add(look(crashed))
    return found


def copy_of(disk, folder):
    """The same disk in another place, to be cut on its own."""
    import copy

    shutil.copytree(disk.root, folder)
    other = copy.deepcopy(disk)
    other.root = folder
    return other


def content(folder, name="f"):
    path = folder / name
    return path.read_bytes() if path.exists() else None


WRITE = "f = open(d + '/f', O_RDWR | O_CREAT, 0o600)\nwrite(f, b'a' * 100)\n"
SYNC_BOTH = "fsync(f)\nfsync(open(d, O_RDONLY))\n"


def test_what_was_synced_is_always_there(run):
    assert outcomes(run, WRITE + SYNC_BOTH, look=content) == {b"a" * 100}


def test_what_was_not_synced_is_sometimes_lost(run):
    found = outcomes(run, WRITE, look=content)
    assert found >= {None, b"", b"a" * 100}


def test_a_name_needs_its_directory(run):
    assert outcomes(run, WRITE + "fsync(f)", look=content) == {None, b"a" * 100}


def test_a_synced_name_does_not_save_the_content(run):
    found = outcomes(run, WRITE + "fsync(open(d, O_RDONLY))", look=content)
    assert b"" in found and b"a" * 100 in found and None not in found


def test_the_size_may_come_without_the_octets(run):
    found = outcomes(run, WRITE + "fsync(open(d, O_RDONLY))", look=content)
    assert any(octets.count(0) for octets in found)


def test_sectors_are_lost_and_torn_on_their_own(run):
    lines = WRITE + SYNC_BOTH + "pwrite(f, b'b' * 2048, 0)\n"
    found = outcomes(run, lines, look=content)
    assert b"a" * 100 in found and b"b" * 2048 in found
    later = [octets for octets in found if octets[:100] == b"a" * 100 and octets[1024:1536] == b"b" * 512]
    assert later, "no later sector came without the first"
    for octets in found:
        for begin in range(0, len(octets), 512):
            assert set(octets[begin : begin + 512]) <= {ord("a"), ord("b"), 0}


def test_a_sector_holds_one_of_its_states(run):
    """Two writes in one sector: the second cannot be there without the first."""
    lines = WRITE + SYNC_BOTH + "pwrite(f, b'b' * 10, 100)\npwrite(f, b'c' * 10, 110)\n"
    found = {octets.rstrip(b"\0") for octets in outcomes(run, lines, look=content)}
    assert found == {b"a" * 100, b"a" * 100 + b"b" * 10, b"a" * 100 + b"b" * 10 + b"c" * 10}


def test_a_rename_happens_as_a_whole(run):
    lines = "f = open(d + '/new', O_RDWR | O_CREAT, 0o600)\nwrite(f, b'new')\nfsync(f)\nrename(d + '/new', d + '/f')"
    found = outcomes(run, lines, before=lambda folder: (folder / "f").write_bytes(b"old"),
                     look=lambda folder: (content(folder), content(folder, "new")))
    assert found == {(b"old", None), (b"old", b"new"), (b"new", None)}


def test_a_removed_file_may_come_back(run):
    found = outcomes(run, "unlink(d + '/f')", before=lambda folder: (folder / "f").write_bytes(b"old"), look=content)
    assert found == {None, b"old"}


def test_names_come_in_order(run):
    lines = "\n".join(f"f = open(d + '/{name}', O_RDWR | O_CREAT, 0o600)" for name in "abc")
    found = outcomes(run, lines, look=lambda folder: "".join(sorted(path.name for path in folder.iterdir())))
    assert found == {"", "a", "ab", "abc"}


def test_a_new_directory_is_lost_with_all_that_is_in_it(run):
    lines = (
        "mkdir(d + '/x')\nf = open(d + '/x/f', O_RDWR | O_CREAT, 0o600)\nwrite(f, b'1')\nfsync(f)\n"
        "fsync(open(d + '/x', O_RDONLY))"
    )
    found = outcomes(run, lines, look=lambda folder: content(folder, "x/f") if (folder / "x").exists() else "no folder")
    assert found == {"no folder", b"1"}


def test_a_shorter_size_needs_a_sync_too(run):
    lines = WRITE + SYNC_BOTH + "ftruncate(f, 10)\n"
    assert outcomes(run, lines, look=content) == {b"a" * 100, b"a" * 10}

def test_what_a_killed_process_left_may_still_be_lost(run):
    """kill -9 makes nothing safe: the next process reads it from the cache, and then comes the power cut."""
    disk = Disk(run.folder)
    run(WRITE, disk)
    run("f = open(d + '/f', O_RDWR)\nassert read(f, 200) == b'a' * 100", disk)
    crashed = run.folder.parent / "crashed"
    found = set()
    for seed in range(CUTS):
        copy_of(disk, crashed).cut_power(random.Random(seed))
        found.add(content(crashed))
        shutil.rmtree(crashed)
    assert None in found


def test_a_later_process_can_sync_what_an_earlier_one_wrote(run):
    disk = Disk(run.folder)
    run(WRITE, disk)
    run("f = open(d + '/f', O_RDONLY)\n" + SYNC_BOTH, disk)
    for seed in range(CUTS):
        disk.cut_power(random.Random(seed))
        assert content(run.folder) == b"a" * 100


def test_a_write_behind_the_layer_is_noticed(run):
    disk = Disk(run.folder)
    run(WRITE, disk)
    (run.folder / "f").write_bytes(b"b" * 100)
    with pytest.raises(Fault):
        run("", disk)


@pytest.mark.parametrize(("lines", "words"), [
    ("import ctypes\nctypes.CDLL(None).mmap(None, 4096, 3, 1, f, 0)", "a file written through a mapping"),
    ("dup(f)", "a copied descriptor"),
    ("link(d + '/f', d + '/g')", "a hard link"),
    ("posix_fallocate(f, 0, 4096)", "fallocate that changes a file"),
])
def test_what_the_layer_does_not_understand_ends_the_program(run, lines, words):
    done = run(WRITE + lines, Disk(run.folder), check=False)
    assert done.returncode < 0 and f"crash layer: {words}" in done.stderr


def test_a_model_that_loses_synced_octets_would_fail(run, monkeypatch):
    """The tests above can fail: with a sync that covers nothing the first of them does."""
    monkeypatch.setattr(power_cut.File, "sync", lambda file, began: None)
    assert outcomes(run, WRITE + SYNC_BOTH, look=content) != {b"a" * 100}
