"""The web face in Chromium, on the program as shipped: one server and one browser (web/browser), driven by Node's own runner; and a
JMAP client of others beside it."""
from conftest import PASSWORD, next_address
from support import letters, post
from support.browser import run_in_browser

HOSTILE = "=?utf-8?q?=3Cimg_src=3Dx_onerror=3Dalert=281=29=3E=E2=80=AEgpj=2Eexe?="


def in_browser(server, file, **more):
    result = run_in_browser(server, "--test", "--test-timeout=150000", "--test-reporter=spec", f"browser/{file}", **more)
    assert result.returncode == 0, result.stdout + result.stderr


def test_a_person_reads_writes_and_orders_mail(server):
    in_browser(server, "web_mail.test.mjs")


def test_a_jmap_client_of_others_finds_all_it_needs(server):
    result = run_in_browser(server, "browser/jmap_jam.mjs", NODE_EXTRA_CA_CERTS=str(server.certificate()))
    assert result.returncode == 0, result.stdout + result.stderr


def test_an_administrators_day(server):
    server.run("account", "role", "alice@example.test", "--set", "administrator")
    server.run("account", "role", "bob@example.test", "--set", "auditor")
    nowhere = f"[{next_address()}]"  # nobody listens there: the letter waits
    octets, _ = letters.plain("alice@example.test", f"kai@{nowhere}", HOSTILE)
    post.submit(server, "alice@example.test", PASSWORD, [f"kai@{nowhere}"], octets)
    in_browser(server, "administration.test.mjs", TEGAMI_NOWHERE=nowhere)
