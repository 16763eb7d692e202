"""Reports about mail in our domains' names: brought by SMTP, read by the server, summed up on the command line."""
import email.policy
import gzip
import io
import smtplib
import time
import zipfile
from email.message import EmailMessage

import pytest
from conftest import PASSWORD, next_address
from support import letters, post
from support.authentication import FORGER, GOOD_CLIENT, ZONES, resolver_settings
from support.nsd import Nsd
from support.processes import wait_until
from support.tegami import Tegami

ALICE = "alice@example.test"
REPORTS = "dmarc-reports@example.test"
DAY = 86400
YESTERDAY = int(time.time()) // DAY * DAY - DAY

RECORD = """<record><row><source_ip>{source}</source_ip><count>{count}</count><policy_evaluated>
<disposition>{disposition}</disposition><dkim>{dkim}</dkim><spf>{spf}</spf></policy_evaluated></row>
<identifiers><header_from>example.test</header_from></identifiers><auth_results/></record>"""


def feedback(report_id, domain="example.test", organization="Good Mail"):
    """Three letters that passed, and two forged ones."""
    good = RECORD.format(source="192.0.2.1", count=3, disposition="none", dkim="pass", spf="pass")
    forged = RECORD.format(source="203.0.113.9", count=2, disposition="reject", dkim="fail", spf="fail")
    return f"""<?xml version="1.0"?><feedback><report_metadata><org_name>{organization}</org_name>
<email>r@good.test</email><report_id>{report_id}</report_id><date_range><begin>{YESTERDAY}</begin>
<end>{YESTERDAY + DAY - 1}</end></date_range></report_metadata><policy_published><domain>{domain}</domain><p>none</p>
</policy_published>{good}{forged}</feedback>""".encode()


def zipped(octets, name="report.xml"):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, octets)
    return out.getvalue()


def letter(octets, kind, name):
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "r@silent.test", REPORTS, "Report Domain: example.test"
    message.set_content("A report.")
    message.add_attachment(octets, maintype="application", subtype=kind, filename=name)
    return message.as_bytes(policy=email.policy.SMTP)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("reports")
    nsd = Nsd(folder / "dns", ZONES, next_address()).start()
    server = Tegami(folder / "mail", "example.test", next_address(), resolver_settings(nsd)).init().start()
    server.add_account(ALICE, PASSWORD)
    yield server
    assert server.stop() == 0, server.process.log()
    nsd.stop()
    # What was counted of the letters is in the store by now, and whole.
    assert server.run("verify").returncode == 0


def bring(server, octets, recipients=(REPORTS,), client=GOOD_CLIENT):
    """Returns the journey of the letter."""
    with smtplib.SMTP(server.address, server.smtp, "mail.good.test", timeout=60, source_address=(client, 0)) as session:
        session.ehlo()
        session.mail("r@silent.test")
        for recipient in recipients:
            assert session.rcpt(recipient)[0] == 250
        code, reply = session.data(octets)
    assert code == 250, reply
    return reply.decode().split()[-1]


def told(server, journey, words):
    def asked():
        said = server.run("trace", journey, check=False).stdout
        return words in said

    wait_until(asked, words)


def sums(server, *arguments):
    answer = server.json("dmarc", "reports", *arguments)
    return next(one for one in answer["domains"] if one["domain"] == "example.test")


def test_reports_are_read_and_summed_up(server):
    assert sums(server)["reports"] == 0
    journey = bring(server, letter(gzip.compress(feedback("1")), "gzip", "good.test!example.test!1!2.xml.gz"))
    told(server, journey, "The server read the report about example.test that is in it.")
    bring(server, letter(zipped(feedback("2")), "zip", "good.test!example.test!1!2.zip"))
    again = bring(server, letter(zipped(feedback("2")), "zip", "good.test!example.test!1!2.zip"))
    told(server, again, "had come before; it counts once.")
    found = sums(server, "example.test", "--days", "2")
    assert {name: found[name] for name in ("reports", "letters", "passed", "failed", "rejected")} == \
        {"reports": 2, "letters": 10, "passed": 6, "failed": 4, "rejected": 4}
    assert [(one["address"], one["letters"], one["failed"]) for one in found["hosts"]] == \
        [("192.0.2.1", 6, 0), ("203.0.113.9", 4, 4)]
    assert [(one["organization"], one["proven"], one["reports"]) for one in found["reporters"]] == [("Good Mail", None, 2)]
    said = server.run("dmarc", "reports").stdout
    for words in ("example.test: 10 letters in 2 reports: 6 passed, 4 failed", "203.0.113.9", "SPF does not fit",
                  "reported by Good Mail (2 reports, 10 letters; nobody proved who sent it)",
                  "No reports were sent to others."):
        assert words in said, said
    doctor = server.run("doctor", "--address", "192.0.2.1", check=False).stdout
    assert "DMARC of example.test: others report letters in its name from other servers that failed (4), most (4) from 203.0.113.9" in doctor


def test_what_is_no_report_ends_well(server):
    before = sums(server)["reports"]
    bomb = zipped(b"<feedback>" + b" " * (64 << 20))
    for octets, kind, name, words in [
            (bomb, "zip", "bomb.zip", "it is too large"),
            (gzip.compress(feedback("3"))[:-9], "gzip", "cut.xml.gz", "the archive is damaged"),
            (gzip.compress(b"<!DOCTYPE x [<!ENTITY y 'z'>]><feedback/>"), "gzip", "dtd.xml.gz", "it has a document type"),
            (gzip.compress(feedback("4", "elsewhere.test")), "gzip", "other.xml.gz", "which is no domain of this server"),
            (b"hello", "octet-stream", "hello.bin", "there is no report in it")]:
        told(server, bring(server, letter(octets, kind, name)), words)
    assert sums(server)["reports"] == before


def test_a_letter_to_people_too_reaches_them(server):
    octets, token = letters.plain("r@silent.test", ALICE)
    bring(server, octets, (ALICE, REPORTS, "tls-reports@example.test"), FORGER)
    post.wait_for_copy(server, ALICE, PASSWORD, token)


def test_the_command_says_what_is_wrong_with_its_arguments(server):
    assert server.run("dmarc", "reports", "elsewhere.test", check=False).returncode == 1
    assert server.run("dmarc", "reports", "--days", "91", check=False).returncode == 2
