"""The web mail in Chromium, on the program as shipped: one server and one browser (web/browser), driven by Node's own runner."""
from support.browser import run_in_browser


def test_a_person_reads_writes_and_orders_mail(server):
    result = run_in_browser(server, "--test", "--test-timeout=60000", "--test-reporter=spec", "browser/web_mail.test.mjs")
    assert result.returncode == 0, result.stdout + result.stderr
