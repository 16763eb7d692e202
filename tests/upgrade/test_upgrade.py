"""A store of a schema that this program does not read is refused and not touched; README.md says where it comes from."""
import hashlib
import pathlib
import tarfile

import pytest

from support.tegami import Tegami

HERE = pathlib.Path(__file__).resolve().parent
ADDRESS = "127.0.73.1"  # as in the store's configuration


@pytest.fixture
def server(tmp_path):
    with tarfile.open(HERE / "store-schema-1.tar.xz") as archive:
        archive.extractall(tmp_path, filter="data")
    return Tegami(tmp_path / "server", "upgrade.test", ADDRESS)


def mail_files(server):
    """Message octets and rows; RocksDB's own log of what it did and a lock are nobody's mail."""
    store = server.folder / "data" / "store"
    return {path.relative_to(store): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in store.rglob("*") if path.suffix in (".sst", ".seg")}


@pytest.mark.parametrize("command", [("serve",), ("account", "list"), ("verify",)], ids=" ".join)
def test_a_store_that_is_too_old_is_refused(server, command):
    before = mail_files(server)
    assert before
    refused = server.run(*command, check=False)
    assert refused.returncode == 1
    assert "older program" in refused.stderr
    assert "schema is 1" in refused.stderr
    assert mail_files(server) == before
