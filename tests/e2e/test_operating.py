"""What an operator is told of a running server: `tegami status`, and what Prometheus fetches. Both say the same."""
import contextlib
import imaplib
import json
import re
import smtplib
import time
import urllib.error
import urllib.request

import pytest
from conftest import PASSWORD, next_address
from support import letters, post
from support.processes import ROOT, wait_until

METRICS = next_address()
SETTINGS = {"listen.metrics.address": f'"{METRICS}"', "listen.metrics.port": "29464"}
ALICE = "alice@example.test"


def fetch(path="/metrics"):
    with urllib.request.urlopen(f"http://{METRICS}:29464{path}", timeout=30) as answer:
        assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
        return answer.read().decode()


def scrape():
    """Name with labels → value; every line is one of the text format, and each family has its help and its type."""
    samples, types = {}, {}
    for line in fetch().splitlines():
        if about := re.fullmatch(r"# (HELP|TYPE) (tegami_[a-z_]+) (\S.*)", line):
            if about[1] == "TYPE":
                types[about[2]] = about[3]
            continue
        found = re.fullmatch(r'((tegami_[a-z_]+)(?:\{[a-z]+="[^"\\]*"\})?) (\d+(?:\.\d+)?(?:e[+-]\d+)?)', line)
        assert found, line
        family = re.sub("_(bucket|sum|count)$", "", found[2]) if found[2] not in types else found[2]
        assert (types[family] == "counter") == found[2].endswith("_total"), line
        samples[found[1]] = float(found[3])
    return samples


def test_what_happens_is_counted(server):
    before = scrape()
    octets, token = letters.plain("bob@far.test", ALICE)
    post.deliver(server, "bob@far.test", [ALICE], octets)
    post.submit(server, ALICE, PASSWORD, [ALICE], letters.plain(ALICE, ALICE)[0])
    post.wait_for_copy(server, ALICE, PASSWORD, token)
    with smtplib.SMTP(server.address, server.smtp, timeout=60) as client:
        client.ehlo("far.test")
        client.mail("bob@far.test")
        assert client.rcpt("nobody@example.test")[0] == 550
        during = scrape()
    with imaplib.IMAP4_SSL(server.address, server.imaps, ssl_context=server.trust(), timeout=60) as client:
        with contextlib.suppress(imaplib.IMAP4.error):
            client.login(ALICE, "wrong")
    assert during['tegami_connections{service="smtp"}'] == before['tegami_connections{service="smtp"}'] + 1
    after = scrape()
    for name, more in {
        'tegami_messages_received_total{from="servers"}': 1,
        'tegami_messages_received_total{from="users"}': 1,
        "tegami_messages_delivered_total": 2,
        'tegami_messages_rejected_total{status="5.1.1"}': 1,
        'tegami_logins_total{outcome="wrong-credentials"}': 1,
        'tegami_connections_accepted_total{service="smtp"}': 2,
    }.items():
        assert after[name] - before.get(name, 0) == more, name
    assert after['tegami_logins_total{outcome="succeeded"}'] > before['tegami_logins_total{outcome="succeeded"}']
    commits = after["tegami_commit_duration_seconds_count"]
    assert commits > before["tegami_commit_duration_seconds_count"]
    assert after['tegami_commit_duration_seconds_bucket{le="+Inf"}'] == commits
    assert 0 < after["tegami_commit_duration_seconds_sum"] < 60 * commits


def test_status_and_metrics_say_the_same(server, tmp_path):
    server.run("backup", server.folder.parent / "backup")
    status, now = server.json("status"), scrape()
    assert status["last_backup"]["folder"] == str(server.folder.parent / "backup")
    assert abs(now["tegami_last_backup_timestamp_seconds"] - time.time()) < 60
    assert now["tegami_connections_max"] == status["connections_max"]
    assert now["tegami_memory_budget_bytes"] == status["memory_budget"]
    (certificate,) = status["certificates"]
    ends = now[f'tegami_certificate_expiry_timestamp_seconds{{name="{certificate["name"]}"}}']
    assert certificate["days_left"] == (ends - time.time()) // 86400
    assert now["tegami_warnings"] == len(status["warnings"])
    wait_until(lambda: server.json("status")["store_bytes"] > 10_000, "the size of the store")
    shown = server.run("status").stdout
    assert "last backup" in shown and f"{certificate['name']}: {certificate['days_left']} days left" in shown


def test_the_page_and_the_dashboard_name_what_there_is():
    families = set(re.findall(r"^# TYPE (\S+)", fetch(), re.MULTILINE))
    page = set(re.findall(r"^\| (`tegami_.*?) \|", (ROOT / "docs/metrics.md").read_text(), re.MULTILINE))
    assert {name for row in page for name in re.findall(r"tegami_\w+", row)} == families
    board = json.loads((ROOT / "packaging/grafana/tegami.json").read_text())
    asked = {re.sub("_(bucket|sum|count)$", "", name) for panel in board["panels"] for target in panel["targets"]
             for name in re.findall(r"tegami_\w+", target["expr"])}
    assert asked and asked <= families


def test_nothing_else_is_served_there():
    for path in ("/", "/status", "/.well-known/mta-sts.txt"):
        with pytest.raises(urllib.error.HTTPError) as refused:
            fetch(path)
        assert refused.value.code == 404
