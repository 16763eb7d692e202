"""The web mail in Chromium, on the program as shipped: one server and one browser (web/browser), driven by Node's own runner; and a
JMAP client of others beside it."""
from support.browser import run_in_browser


def test_a_person_reads_writes_and_orders_mail(server):
    result = run_in_browser(server, "--test", "--test-timeout=60000", "--test-reporter=spec", "browser/web_mail.test.mjs")
    assert result.returncode == 0, result.stdout + result.stderr


def test_a_jmap_client_of_others_finds_all_it_needs(server):
    result = run_in_browser(server, "browser/jmap_jam.mjs", NODE_EXTRA_CA_CERTS=str(server.certificate()))
    assert result.returncode == 0, result.stdout + result.stderr
