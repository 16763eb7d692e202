"""A server is replaced by its successor, and nobody who connects meanwhile is refused: its sockets are kept, by the service
manager or by a small process of ours. What it says to a service manager is heard by a test that plays one.

TEGAMI_RESTARTS says how often it is restarted under load; scripts/package --check does so 20 times under systemd.
"""
import contextlib
import http.client
import json
import os
import socket
import threading

import pytest
from conftest import PASSWORD, next_address
from support.load import Load
from support.manager import Manager
from support.processes import wait_until
from support.tegami import Tegami

RESTARTS = int(os.environ.get("TEGAMI_RESTARTS", "3"))
ALICE = "alice@example.test"


@pytest.fixture
def server(tmp_path):
    one = Tegami(tmp_path / "server", "example.test", next_address()).init()
    one.add_account(ALICE, PASSWORD)
    yield one
    one.stop()


def test_restarts_under_load_refuse_nobody_and_lose_nothing(server):
    server.start("--restartable")
    load = Load(server, ALICE, PASSWORD)

    def restart():
        assert server.run("restart").stdout.startswith("Restarted: process ")

    seconds = load.restart_under_it(restart, RESTARTS)
    print(f"{RESTARTS} restarts of {min(seconds):.2f} to {max(seconds):.2f} s; {load.end()}")
    assert server.stop() == 0
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((server.address, server.smtp), timeout=5)


def test_what_a_service_manager_hears(server, tmp_path):
    manager = Manager(str(tmp_path / "notify"), watchdog=0.4)
    manager.start(server)
    manager.wait_for("WATCHDOG=1", 3)
    manager.wait_for("STATUS=Serving 0 connections.")
    before = manager.count("READY=1")
    server.run("reload")
    manager.wait_for("RELOADING=1")
    manager.wait_for("READY=1", before + 1)
    assert sum(line.startswith("MONOTONIC_USEC=") for line in manager.heard) == 1
    assert server.stop() == 0
    assert manager.count("STOPPING=1") == 1


def test_a_service_manager_keeps_the_sockets(server, tmp_path):
    manager = Manager(f"@{tmp_path}")
    manager.start(server)
    names = set(manager.kept)
    assert f"tegami-{server.address}_{server.smtp}" in names and len(names) == len(server.json("status")["listening"])
    assert server.stop() == 0
    # Nobody is there, and nobody is refused.
    with contextlib.closing(socket.create_connection((server.address, server.smtp), timeout=30)) as client:
        manager.start(server)
        assert client.recv(100).startswith(b"220 ")
    # One that wants a successor says so by its status; whoever asked for it waits for that one.
    old = server.process
    asked = threading.Thread(target=lambda: said.append(server.run("restart").stdout), daemon=True)
    said = []
    asked.start()
    assert old.child.wait(30) == 75
    manager.start(server)
    asked.join(30)
    assert said == [f"Restarted: process {server.process.child.pid} serves now.\n"]
    # A socket that is configured no more is given back.
    text = server.config.read_text()
    server.config.write_text(text.replace("[listen.pop3s]", "[listen.http]").replace(
        f"port = {server.pop3s}\ntls = \"implicit\"", f"port = {server.offset + 80}"))
    assert server.stop() == 0
    manager.start(server)
    assert set(manager.kept) == names - {f"tegami-{server.address}_{server.pop3s}"} | {
        f"tegami-{server.address}_{server.offset + 80}"}


def test_a_server_that_stops_says_so_to_its_clients(server):
    """RFC 5321 §3.8, RFC 9051 §7.1.5; whoever is in the middle of a letter hears it as well."""
    server.start()
    said = {}
    with contextlib.ExitStack() as open_ones:
        clients = {}
        for name, port in (("smtp", server.smtp), ("letter", server.smtp), ("pop3", server.pop3), ("imap", server.imap)):
            client = open_ones.enter_context(socket.create_connection((server.address, port), timeout=30))
            clients[name] = client.makefile("rwb")
            clients[name].readline()
        for line in ("EHLO x.test", "MAIL FROM:<x@x.test>", f"RCPT TO:<{ALICE}>", "DATA"):
            clients["letter"].write(line.encode() + b"\r\n")
            clients["letter"].flush()
            while clients["letter"].readline()[3:4] == b"-":
                pass
        clients["letter"].write(b"Subject: half")
        clients["letter"].flush()
        assert server.stop() == 0
        said = {name: client.readlines() for name, client in clients.items()}
    farewell = b"421 4.3.2 mail.example.test is closing, please try again in a moment\r\n"
    assert said == {"smtp": [farewell], "letter": [farewell], "imap": [b"* BYE The server is closing\r\n"],
                    "pop3": [b"-ERR [SYS/TEMP] the server is closing, please try again in a moment\r\n"]}


def test_a_server_that_nobody_starts_again_does_not_end(server):
    server.start()
    refused = server.run("restart", check=False)
    assert refused.returncode == 1 and "nobody would start this server again" in refused.stderr
    assert server.json("status")["process"] == server.process.child.pid


def test_no_restart_with_a_configuration_that_has_faults(server):
    server.start("--restartable")
    before = server.json("status")["process"]
    sound = server.config.read_text()
    server.set("limits.recipients", "7")
    refused = server.run("restart", check=False)
    assert refused.returncode == 1 and "limits.recipients" in refused.stderr
    server.config.write_text(sound)
    # Nor for a port that the successor could not have.
    with socket.create_server((server.address, server.offset + 80)):
        server.config.write_text(f'{sound}\n[listen.http]\naddress = "{server.address}"\nport = {server.offset + 80}\n')
        refused = server.run("restart", check=False)
        assert refused.returncode == 1 and "another program listens there" in refused.stderr
    assert server.json("status")["process"] == before
    server.config.write_text(sound)
    restart_over_https(server, before)


def restart_over_https(server, before):
    """Whoever asks for it hears that it is done, from the one that ends."""
    server.run("account", "role", ALICE, "--set", "administrator")
    token = server.run("account", "app-password", "add", ALICE, "Restarts", "--protocol", "api").stdout.split()[-1]

    def ask(operation):
        connection = http.client.HTTPSConnection(server.address, server.https, context=server.trust(), timeout=30)
        connection.request("POST", f"/api/{operation}", "{}",
                           {"Authorization": f"Bearer {token}", "Content-Type": "application/json"})
        with contextlib.closing(connection):
            return json.load(connection.getresponse())

    def successor():
        with contextlib.suppress(OSError):  # the one that ends may have taken the connection
            return ask("status")["process"] != before

    assert ask("restart") == {"problems": []}
    wait_until(successor, "the successor")
