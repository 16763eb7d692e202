"""Signed mail through a server that passes it on: alice@a.test writes to team@f.test, an alias that leads to bob@b.test. In the
night after, each server tells the others what it has seen."""
import re
import time

import pytest
from conftest import PASSWORD, next_address
from support import letters, post
from support.clock import Clock
from support.nsd import Nsd
from support.processes import wait_until
from support.tegami import Tegami

DOMAINS = ("a.test", "f.test", "b.test")
ALICE, TEAM, BOB = "alice@a.test", "team@f.test", "bob@b.test"


def zone_of(server):
    """What the domain publishes: where it is, who sends for it (all here send from 127.0.0.1), its keys, and where reports go."""
    keys = server.json("dkim", "list", server.domain)["domains"][0]["keys"]
    return [
        "@ MX 10 mail", f"mail A {server.address}", '@ TXT "v=spf1 ip4:127.0.0.1 -all"',
        f'_dmarc TXT "v=DMARC1; p=reject; rua=mailto:dmarc-reports@{server.domain}"',
        f'_smtp._tls TXT "v=TLSRPTv1; rua=mailto:tls-reports@{server.domain}"',
        *(f"{key['selector']}._domainkey TXT " + " ".join(f'"{key["text"][at:at + 255]}"' for at in range(0, len(key["text"]), 255))
          for key in keys),
    ]


@pytest.fixture(scope="module")
def servers(tmp_path_factory):
    folder = tmp_path_factory.mktemp("exchange")
    dns = Nsd(folder / "dns", {domain: [] for domain in DOMAINS}, next_address()).start()
    settings = {"resolver.mode": '"servers"', "resolver.servers": f'["{dns.address}:{dns.port}"]', "relay.port": "20025"}
    all_of_them = [Tegami(folder / domain, domain, next_address(), settings).init() for domain in DOMAINS]
    for server in all_of_them:
        server.clock = Clock(server.folder / "data")
        server.start(env=server.clock.environment())
    a, f, b = all_of_them
    a.add_account(ALICE, PASSWORD)
    b.add_account(BOB, PASSWORD)
    f.run("alias", "add", TEAM, BOB)
    dns.stop()
    dns.zones = {"test": []} | {server.domain: zone_of(server) for server in all_of_them}
    dns.start()
    for server in all_of_them:
        server.run("dkim", "check", server.domain)
    yield all_of_them
    for server in all_of_them:
        assert server.stop() == 0, server.process.log()
        Clock.tidy_up(server.process)
    dns.stop()


def results_of(octets):
    """The Authentication-Results in a letter, unfolded, the newest first."""
    header = re.sub(rb"\r\n[ \t]+", b" ", octets.split(b"\r\n\r\n")[0]).decode()
    return re.findall(r"^Authentication-Results: (.*)$", header, re.M)


def test_a_letter_that_is_passed_on_keeps_its_signatures_and_is_sealed(servers):
    a, f, b = servers
    octets, token = letters.plain(ALICE, TEAM)
    post.submit(a, ALICE, PASSWORD, [TEAM], octets)
    arrived = post.wait_for_copy(b, BOB, PASSWORD, token)
    assert re.match(rb"Return-Path: <SRS0=[a-z2-7]+=[a-z2-7]+=a\.test=alice@f\.test>\r\n", arrived)
    at_b, at_f = results_of(arrived)
    for found, server in ((at_b, b), (at_f, f)):
        assert found.startswith(f"mail.{server.domain};"), found
        assert found.count("dkim=pass header.d=a.test") == 2, found
        assert "dmarc=pass (p=reject) header.from=a.test" in found
    assert "spf=pass smtp.mailfrom=alice@a.test;" in at_f and "arc=none" in at_f
    assert "@f.test" in re.search(r"spf=pass smtp\.mailfrom=(\S+)", at_b)[1]
    assert "arc=pass (i=1) header.d=f.test" in at_b
    assert letters.without_trace(arrived).endswith(octets)


def test_a_report_about_it_finds_its_way_back(servers):
    """bob's server takes no more mail for him; alice hears of it."""
    a, f, b = servers
    f.run("alias", "add", "gone@f.test", "nobody@b.test")
    octets, token = letters.plain(ALICE, "gone@f.test")
    post.submit(a, ALICE, PASSWORD, ["gone@f.test"], octets)
    report = wait_until(lambda: [one for one in post.copies(a, ALICE, PASSWORD, token) if b"multipart/report" in one], "a report")[0]
    assert b"nobody@b.test" in report
    assert "dkim=pass header.d=f.test" in results_of(report)[0]
    assert "dmarc=pass" in results_of(report)[0]


def test_a_letter_in_her_name_from_elsewhere_is_refused(servers):
    a, f, b = servers
    octets, token = letters.plain(ALICE, BOB)
    changed = octets.replace(b"From: ", b"X-Note: x\r\nFrom: ", 1)
    with pytest.raises(Exception, match="5.7.26"):
        post.deliver(b, "eve@elsewhere.test", [BOB], changed)
    words = "\n".join(line for event in b.json("trace", f"<{token}@a.test>")["events"] for line in event["details"])
    assert "a.test asks that such messages be refused" in words


SPREAD = 4 * 3600  # over which the reports of a day go out


def test_after_midnight_each_server_reports_to_the_others(servers):
    a, f, b = servers
    octets, token = letters.plain(ALICE, TEAM)
    post.submit(a, ALICE, PASSWORD, [TEAM], octets)
    post.wait_for_copy(b, BOB, PASSWORD, token)
    with pytest.raises(Exception, match="5.7.26"):
        post.deliver(b, "eve@elsewhere.test", [BOB], letters.plain(ALICE, BOB)[0])
    post.wait_for_empty_queue(*servers)
    # The last of today is written down, then it is tomorrow.
    for wait in (120, 86400 - int(time.time()) % 86400 + SPREAD):
        for server in servers:
            server.clock.put_forward(wait)

    def reported(server, kind):
        for each in servers:
            each.clock.put_forward(60)
        found = server.json(kind, "reports", server.domain)["domains"][0]
        return found | {"proven": sorted(one["proven"] or "" for one in found["reporters"])}

    wait_until(lambda: reported(a, "dmarc")["proven"] == ["b.test", "f.test"], "reports of both about letters from a.test")
    found = reported(a, "dmarc")
    assert found["passed"] >= 2 and found["failed"] >= 1 and found["rejected"] == found["failed"], found
    wait_until(lambda: reported(f, "tls")["proven"] == ["a.test"], "a report about TLS at f.test")
    found = reported(f, "tls")
    assert found["succeeded"] >= 1 and found["failed"] == 0, found
