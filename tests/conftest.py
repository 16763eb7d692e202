"""Fixtures for tests of the program as shipped. Every test file gets loopback addresses of its own."""
import itertools
import os
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from support.nsd import Nsd  # noqa: E402
from support.tegami import Tegami  # noqa: E402

# Two test runs at once (two checkouts) do not meet: the second octet comes from the process that was started. Nor do the
# workers of one run: each has its own part of the third octet.
_WORKER = os.environ.get("PYTEST_XDIST_WORKER")
_NETWORK = 10 + (os.getppid() if _WORKER else os.getpid()) % 200
_ADDRESSES_OF_WORKER = 4000
_numbers = itertools.count(1 + _ADDRESSES_OF_WORKER * int((_WORKER or "gw0").removeprefix("gw")))

os.environ["LC_ALL"] = "C.UTF-8"  # the command line speaks English to the tests, whoever runs them

PASSWORD = "correct horse battery staple"
JAPANESE_PASSWORD = "正しい馬 電池 staple"  # of umeko; Python's own clients can only say ASCII ones


def pytest_configure(config):
    config.addinivalue_line("markers", "alone: measures times, and does not run beside other tests")


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_runtest_makereport(item):
    """In CI a test that skips itself fails: what it would prove is promised."""
    report = (yield).get_result()
    if report.skipped and not hasattr(report, "wasxfail") and os.environ.get("CI"):
        report.outcome, report.longrepr = "failed", f"skipped, which CI does not allow: {report.longrepr[-1]}"


def next_address():
    number = next(_numbers)
    return f"127.{_NETWORK}.{number // 250}.{number % 250 + 1}"


@pytest.fixture
def address():
    return next_address()


@pytest.fixture(scope="module")
def server(tmp_path_factory, request):
    """One running server for example.test with alice, bob and umeko; shared by a file's tests.

    The file may have SETTINGS, keys of tegami.toml with their values."""
    settings = getattr(request.module, "SETTINGS", {})
    one = Tegami(tmp_path_factory.mktemp("server"), "example.test", next_address(), settings).init().start()
    for name in ("alice", "bob"):
        one.add_account(f"{name}@example.test", PASSWORD)
    one.add_account("umeko@example.test", JAPANESE_PASSWORD)
    yield one
    assert one.stop() == 0, one.process.log()


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    """Servers a.test (alice) and b.test (bob, carol), each the other's MX, with a name server between them.

    Mail for any domain under peer.test goes to `a.peer_address`, where a test may put a server of its own."""
    folder = tmp_path_factory.mktemp("pair")
    dns, address_a, address_b, address_peer = (next_address() for _ in range(4))
    nsd = Nsd(
        folder / "dns",
        {
            "a.test": ["@ MX 10 mx", f"mx A {address_a}"],
            "b.test": ["@ MX 10 mx", f"mx A {address_b}"],
            "null.test": ["@ MX 0 ."],
            "peer.test": ["* MX 10 mx", f"mx A {address_peer}"],
        },
        dns,
    ).start()
    servers = []
    for domain, own in (("a.test", address_a), ("b.test", address_b)):
        settings = {
            "resolver.mode": '"servers"',
            "resolver.servers": f'["{dns}:{nsd.port}"]',
            "relay.port": "20025",
            "queue.first_retry": '"1h"',
        }
        servers.append(Tegami(folder / domain, domain, own, settings).init().start())
    a, b = servers
    a.add_account("alice@a.test", PASSWORD)
    for name in ("bob", "carol"):
        b.add_account(f"{name}@b.test", PASSWORD)
    a.peer_address = address_peer
    yield a, b
    for one in servers:
        assert one.stop() == 0, one.process.log()
    nsd.stop()
