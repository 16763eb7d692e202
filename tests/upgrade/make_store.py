#!/usr/bin/env python3
"""Makes the fixture: make_store.py PROGRAM OUTPUT.tar.xz, with the program of the release whose store it is to be."""
import json
import pathlib
import random
import sys
import tarfile
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE)]

from look import ANNA, BEN, PASSWORD, everything, login  # noqa: E402
from support.letters import plain, utf_8  # noqa: E402
from support.post import deliver  # noqa: E402
from support.tegami import Tegami  # noqa: E402

DOMAIN, ADDRESS = "upgrade.test", "127.0.73.1"
DATE = '" 3-Oct-2026 10:20:30 +0900"'
MANY = 1100  # more than a page of messages


def noise():
    """A body that does not compress: such messages lie in a segment."""
    source = random.Random(1)
    return b"".join(source.randbytes(30).hex().encode() + b"\r\n" for _ in range(600))


def is_wanted(entry):
    """The server makes a new certificate, and nobody reads the logs."""
    parts = entry.name.split("/")
    return None if "tls" in parts or parts[-1].startswith("LOG") or parts[-1] == "serve.log" else entry


def fill(server):
    for user in (ANNA, BEN):
        server.add_account(user, PASSWORD)
    server.run("alias", "add", f"team@{DOMAIN}", ANNA, BEN)
    for number in range(20):
        deliver(server, "friend@elsewhere.test", [f"team@{DOMAIN}"], plain("friend@elsewhere.test", ANNA)[0])
    client = login(server, ANNA)
    client.create("Big")
    octets = plain("friend@elsewhere.test", ANNA)[0]
    for number in range(MANY):
        client.append("Big", r"(\Seen)" if number % 3 else "", DATE, octets)
    client.append("Archive", "", DATE, utf_8("friend@elsewhere.test", ANNA) + noise())
    client.select("Big")
    client.uid("STORE", "1:1050", "+FLAGS", r"(\Flagged $Work)")
    for uid in range(5, 1000, 100):
        client.uid("STORE", str(uid), "-FLAGS", r"(\Seen)")
    client.uid("COPY", "10:20", "Archive")
    client.uid("MOVE", "30:40", "Trash")
    client.uid("STORE", "100:110", "+FLAGS", r"(\Deleted)")
    client.expunge()
    client.select("INBOX")
    client.uid("STORE", "3,5", "+FLAGS", r"(\Deleted)")
    client.expunge()
    client.create("Old")
    client.append("Old", "", DATE, octets)
    client.delete("Old")
    client.logout()
    login(server, BEN).logout()


def main():
    program, output = sys.argv[1:]
    with tempfile.TemporaryDirectory(prefix="tegami-upgrade-") as name:
        folder = pathlib.Path(name) / "server"
        server = Tegami(folder, DOMAIN, ADDRESS, program=program).init().start()
        try:
            fill(server)
            (folder / "seen.json").write_text(json.dumps(everything(server)))
        finally:
            status = server.stop()
        if status != 0:
            sys.exit("the server did not stop well")
        with tarfile.open(output, "w:xz", preset=9) as archive:
            archive.add(folder, "server", filter=is_wanted)


if __name__ == "__main__":
    main()
