"""The web mail in Chromium, on the program as shipped: one server, driven by Node's own runner, with a browser for each of its files
(web/browser); and a JMAP client of others beside it."""
from support.browser import run_in_browser


def test_a_person_reads_writes_and_orders_mail_and_hostile_letters_change_nothing(server):
    run_in_browser(server, "--test", "--test-force-exit", "--test-timeout=240000", "--test-reporter=spec",
                   "browser/web_mail.test.mjs", "browser/writing.test.mjs", "browser/hostile.test.mjs")


def test_a_jmap_client_of_others_finds_all_it_needs(server):
    run_in_browser(server, "browser/jmap_jam.mjs", NODE_EXTRA_CA_CERTS=str(server.certificate()))
