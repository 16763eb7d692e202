"""The web face in Chromium, on the program as shipped: one server, driven by Node's own runner, with a browser for each of its files
(web/browser); and a JMAP client of others beside it."""
from conftest import PASSWORD, next_address
from support import letters, post
from support.browser import run_in_browser

HOSTILE = "=?utf-8?q?=3Cimg_src=3Dx_onerror=3Dalert=281=29=3E=E2=80=AEgpj=2Eexe?="


def in_browser(server, *files, **more):
    run_in_browser(server, "--test", "--test-force-exit", "--test-timeout=240000", "--test-reporter=spec",
                   *(f"browser/{file}" for file in files), **more)


def test_a_person_reads_writes_and_orders_mail_and_hostile_letters_change_nothing(server):
    server.add_account("pia@example.test", PASSWORD)  # whose second factor comes and goes
    in_browser(server, "web_mail.test.mjs", "writing.test.mjs", "offline.test.mjs", "hostile.test.mjs")


def test_a_jmap_client_of_others_finds_all_it_needs(server):
    run_in_browser(server, "browser/jmap_jam.mjs", NODE_EXTRA_CA_CERTS=str(server.certificate()))


def test_an_administrators_day(server):
    server.run("account", "role", "alice@example.test", "--set", "administrator")
    server.run("account", "role", "bob@example.test", "--set", "auditor")
    nowhere = f"[{next_address()}]"  # nobody listens there: the letter waits
    octets, _ = letters.plain("alice@example.test", f"kai@{nowhere}", HOSTILE)
    post.submit(server, "alice@example.test", PASSWORD, [f"kai@{nowhere}"], octets)
    in_browser(server, "administration.test.mjs", TEGAMI_NOWHERE=nowhere)
