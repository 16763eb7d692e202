"""Reports about TLS to our servers (RFC 8460): brought by SMTP, read by the server, summed up on the command line."""
import email.policy
import gzip
import json
import smtplib
import time
from email.message import EmailMessage

import pytest
from conftest import next_address
from support.authentication import resolver_settings
from support.nsd import Nsd
from support.processes import wait_until
from support.signing import Signer
from support.tegami import Tegami

REPORTS = "tls-reports@example.test"
YESTERDAY = time.strftime("%Y-%m-%d", time.gmtime(time.time() - 86400))


def report(domain="example.test"):
    return gzip.compress(json.dumps({
        "organization-name": "Good Mail", "contact-info": "tls@good.test", "report-id": "1",
        "date-range": {"start-datetime": f"{YESTERDAY}T00:00:00Z", "end-datetime": f"{YESTERDAY}T23:59:59Z"},
        "policies": [{
            "policy": {"policy-type": "sts", "policy-domain": domain, "mx-host": ["mail.example.test"]},
            "summary": {"total-successful-session-count": 40, "total-failure-session-count": 2},
            "failure-details": [{"result-type": "certificate-expired", "receiving-mx-hostname": "mail.example.test",
                                 "failed-session-count": 2}]}]}).encode())


def letter(octets):
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "tls@good.test", REPORTS, "Report Domain: example.test"
    message.set_content("A report.")
    message.add_attachment(octets, maintype="application", subtype="tlsrpt+gzip", filename="r.json.gz")
    return message.as_bytes(policy=email.policy.SMTP)


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls-reports")
    signer = Signer(folder, "good.test")
    nsd = Nsd(folder / "dns", {"test": [f's1._domainkey.good TXT "{signer.record}"', "good A 127.0.0.1"]},
              next_address()).start()
    server = Tegami(folder / "mail", "example.test", next_address(), resolver_settings(nsd)).init().start()
    yield server, signer
    assert server.stop() == 0, server.process.log()
    nsd.stop()
    assert server.run("verify").returncode == 0


def bring(server, octets, words):
    """Waits until the letter's journey has the words."""
    with smtplib.SMTP(server.address, server.smtp, "mail.good.test", timeout=60) as session:
        session.ehlo()
        session.mail("tls@good.test")
        session.rcpt(REPORTS)
        code, reply = session.data(octets)
    assert code == 250, reply
    journey = reply.decode().split()[-1]
    wait_until(lambda: words in server.run("trace", journey, check=False).stdout, words)


def test_a_signed_report_is_summed_up(world):
    server, signer = world
    bring(server, letter(report()), "its letter has no good signature (DKIM)")
    bring(server, signer.sign(letter(report("elsewhere.test"))), "which is no domain of this server")
    bring(server, signer.sign(letter(gzip.compress(b"[" * 1000))), "it is not well-formed JSON")
    bring(server, signer.sign(letter(report())), "read the report about example.test")
    found = server.json("tls", "reports", "example.test", "--days", "2")["domains"][0]
    assert (found["reports"], found["succeeded"], found["failed"]) == (1, 40, 2)
    assert found["failures"] == [{"type": "certificate-expired", "host": "mail.example.test", "reason": "", "sessions": 2}]
    assert found["reporters"] == [{"organization": "Good Mail", "proven": "good.test", "reports": 1, "sessions": 42}]
    said = server.run("tls", "reports").stdout
    for words in ("2 connections failed at mail.example.test: certificate-expired", "the certificate has expired",
                  "reported by Good Mail (1 report, 42 connections; signed by good.test)", "No reports were sent to others."):
        assert words in said, said
    assert server.run("tls", "reports", "elsewhere.test", check=False).returncode == 1
    doctor = server.run("doctor", check=False).stdout
    assert "others report connections that could not be encrypted as promised (2 of 42)" in doctor and "the certificate has expired" in doctor
