"""Thunderbird as the README tells its user to set it up, and nothing more: it trusts the server's authority, takes the values of
scripts/run on its account page, or finds them itself, reads what came by SMTP, and sends.

The one step without a click is the choice of the file ca.pem: the chooser is the desktop's, not Thunderbird's."""
import email
import email.policy
import smtplib

import pytest
from conftest import JAPANESE_PASSWORD, PASSWORD
from support.clients import ImapClient
from support.processes import wait_until
from support.thunderbird import Thunderbird

ALICE, BOB, CAROL, UMEKO = (f"{name}@example.test" for name in ("alice", "bob", "carol", "umeko"))
SUBJECT = "梅の花が咲きました — ご覧ください, plum blossoms №1"
TEXT = "庭の梅が満開です。\n.\n①②③ 髙橋"

# What the lists of the account page call them.
IMAP, POP3 = "1", "2"
STARTTLS, TLS = "2", "3"
NORMAL_PASSWORD = "3"


@pytest.fixture(scope="module")
def thunderbird(server, tmp_path_factory):
    """With alice's account by IMAP and TLS, set up on the page with which a new Thunderbird begins."""
    one = Thunderbird(tmp_path_factory.mktemp("thunderbird"), server.address, server.https)
    try:
        one.wait("return document.querySelector('account-hub-container')?.shadowRoot?.querySelector('account-hub-email');")
        fill_incoming(one, server, ALICE, IMAP, TLS, server.imaps)
        fill_outgoing(one, server, ALICE, TLS, server.submissions)
        # It does not know the authority yet, says so in these words, and asks nothing.
        one.on_page("return words(page).includes('failed to find the settings');")
        trust(one, server.folder / "data/tls/ca.pem")
        one.on_page("return click('forward');")
        fill_outgoing(one, server, ALICE, TLS, server.submissions)
        finish(one, PASSWORD)
        yield one
    finally:
        one.close()


def trust(thunderbird, path):
    """Settings > Privacy & Security > Manage Certificates > Authorities > Import, from the question on."""
    thunderbird.run(
        """const file = Cc["@mozilla.org/file/local;1"].createInstance(Ci.nsIFile);
           file.initWithPath(arguments[0]);
           const certificates = Cc["@mozilla.org/security/x509certdb;1"].getService(Ci.nsIX509CertDB);
           window.imported = false;
           window.setTimeout(() => {
               certificates.importCertsFromFile(file, Ci.nsIX509Cert.CA_CERT);
               window.imported = true;
           });""", str(path))
    thunderbird.wait(
        """const asks = Services.wm.getMostRecentWindow(null);
           const box = asks.document.getElementById("trustSSL");
           if (!box || asks.document.readyState != "complete") return false;
           box.click();
           asks.document.querySelector("dialog").getButton("accept").click();
           return box.checked;""")
    thunderbird.wait("return window.imported;")


def fill_incoming(thunderbird, server, address, protocol, security, port):
    thunderbird.on_page("return field('email') != null;")
    thunderbird.on_page("fill(arguments[0]); return click('manualConfiguration');", {"realName": "Somebody", "email": address})
    thunderbird.on_page("return field('incomingHostname') != null;")
    thunderbird.on_page("fill(arguments[0]); return click('forward');",
                        {"incomingProtocol": protocol, "incomingHostname": server.address, "incomingConnectionSecurity": security,
                         "incomingPort": port, "incomingAuthMethod": NORMAL_PASSWORD, "incomingUsername": address})


def fill_outgoing(thunderbird, server, address, security, port):
    thunderbird.on_page("return field('outgoingHostname') != null;")
    thunderbird.on_page("fill(arguments[0]); return click('custom');",  # Test
                        {"outgoingHostname": server.address, "outgoingConnectionSecurity": security, "outgoingPort": port,
                         "outgoingAuthMethod": NORMAL_PASSWORD, "outgoingUsername": address})


def finish(thunderbird, password):
    thunderbird.on_page("return !field('custom').disabled && click('forward');")
    give_password(thunderbird, password)


def give_password(thunderbird, password):
    thunderbird.on_page("return field('password') != null;")
    thunderbird.on_page("fill({password: arguments[0]}); return click('forward');", password)
    thunderbird.on_page("return field('emailAddedSuccessSubview') != null && click('forward');")


def read(thunderbird, address):
    """Looks for new mail in an account, opens the one letter of its Inbox, and returns the subject over the text."""
    thunderbird.wait(
        """const pane = document.getElementById("tabmail").currentAbout3Pane;
           const account = pane?.MailServices.accounts.accounts.find(each => each.defaultIdentity?.email == arguments[0]);
           const inbox = account?.incomingServer.rootFolder.getFolderWithFlags(Ci.nsMsgFolderFlags.Inbox);
           if (!inbox) return false;
           if (pane.gFolder != inbox) {
               pane.displayFolder(inbox.URI);
               GetMessagesForInboxOnServer(account.incomingServer);
           }
           if (pane.gDBView?.rowCount != 1) return false;
           pane.threadTree.selectedIndex = 0;
           return true;""", address)
    return thunderbird.wait(
        """const message = document.getElementById("tabmail").currentAboutMessage;
           const text = message?.getMessagePaneBrowser()?.contentDocument?.body?.innerText;
           return text?.includes("①") && message.document.getElementById("expandedsubjectBox").textContent;""")


def send(thunderbird, sender, recipient):
    thunderbird.run(
        """const {MailServices} = ChromeUtils.importESModule("resource:///modules/MailServices.sys.mjs");
           MailServices.compose.OpenComposeWindow(null, null, null, Ci.nsIMsgCompType.New, Ci.nsIMsgCompFormat.PlainText,
               MailServices.accounts.allIdentities.find(each => each.email == arguments[0]), null, null);""", sender)
    window = 'const writes = Services.wm.getMostRecentWindow("msgcompose");'
    thunderbird.wait(window + "return writes?.gMsgCompose?.editor && writes.document.readyState == 'complete';")
    thunderbird.run(
        window + """
        for (const [id, value] of [["toAddrInput", arguments[0]], ["msgSubject", arguments[1]]]) {
            const line = writes.document.getElementById(id);
            line.value = value;
            line.dispatchEvent(new Event("input", {bubbles: true}));
        }
        writes.gMsgCompose.editor.QueryInterface(Ci.nsIEditorMailSupport).insertTextWithQuotations(arguments[2]);""",
        recipient, SUBJECT, TEXT)
    thunderbird.wait(window + """
        const button = writes.document.getElementById("button-send");
        if (button.disabled) return false;
        button.click();
        return true;""")


def deliver(server, recipient):
    letter = email.message.EmailMessage(policy=email.policy.SMTP)
    letter["From"], letter["To"], letter["Subject"] = "carol@elsewhere.test", recipient, SUBJECT
    letter.set_content(TEXT)
    with smtplib.SMTP(server.address, server.smtp, timeout=30) as client:
        client.send_message(letter)


def the_letter(server, address, mailbox, sender):
    """The octets of the one letter of a sender that comes to a mailbox."""
    with ImapClient(server.address, server.imaps, server.trust()) as client:
        client.login(address, PASSWORD)
        wait_until(lambda: client.select(mailbox), mailbox)  # Thunderbird may make it first
        found = wait_until(lambda: client.noop() and client.search(None, "FROM", sender)[1][0].split(),
                           f"the letter of {sender} in {mailbox} of {address}")
        assert len(found) == 1
        return client.fetch(found[0].decode(), "(BODY.PEEK[])")[1][0][1]


def text_of(letter):
    return letter.get_content().rstrip("\r\n").replace("\r\n", "\n")


def test_reads_what_came_by_smtp_and_marks_it_read(server, thunderbird):
    deliver(server, ALICE)
    with ImapClient(server.address, server.imaps, server.trust()) as client:
        client.login(ALICE, PASSWORD)
        wait_until(lambda: client.select("INBOX") and client.exists == 1, "the letter")
        assert "\\Seen" not in client.flags(1)
        assert read(thunderbird, ALICE).endswith(SUBJECT)
        wait_until(lambda: client.noop() and "\\Seen" in client.flags(1), "\\Seen")


def test_sends_octet_for_octet(server, thunderbird):
    send(thunderbird, ALICE, BOB)
    arrived = the_letter(server, BOB, "INBOX", ALICE)
    assert arrived.endswith(the_letter(server, ALICE, "Sent", ALICE)), "what it has sent is what it keeps, below our own fields"
    letter = email.message_from_bytes(arrived, policy=email.policy.default)
    assert (letter["User-Agent"], letter["Subject"], text_of(letter)) == ("Mozilla Thunderbird", SUBJECT, TEXT)


def test_the_other_values_of_scripts_run(server, thunderbird):
    """POP3 and submission, both with STARTTLS, and a password beyond ASCII."""
    deliver(server, UMEKO)
    thunderbird.run("window.openAccountHub();")
    fill_incoming(thunderbird, server, UMEKO, POP3, STARTTLS, server.pop3)
    fill_outgoing(thunderbird, server, UMEKO, STARTTLS, server.submission)
    finish(thunderbird, JAPANESE_PASSWORD)
    assert read(thunderbird, UMEKO).endswith(SUBJECT)
    send(thunderbird, UMEKO, BOB)
    letter = email.message_from_bytes(the_letter(server, BOB, "INBOX", UMEKO), policy=email.policy.default)
    assert (letter["Subject"], text_of(letter)) == (SUBJECT, TEXT)


def test_finds_its_settings_by_name_address_and_password_alone(server, thunderbird):
    server.add_account(CAROL, PASSWORD)
    deliver(server, CAROL)
    thunderbird.run("window.openAccountHub();")
    thunderbird.on_page("return field('email') != null;")
    thunderbird.on_page("fill(arguments[0]); return click('forward');", {"realName": "Carol", "email": CAROL})
    thunderbird.on_page("return field('emailConfigFoundSubview') != null && click('forward');")
    give_password(thunderbird, PASSWORD)
    incoming, outgoing = thunderbird.run(
        """const {MailServices} = ChromeUtils.importESModule("resource:///modules/MailServices.sys.mjs");
           const account = MailServices.accounts.accounts.find(each => each.defaultIdentity?.email == arguments[0]);
           const receives = account.incomingServer;
           const sends = MailServices.outgoingServer.getServerByIdentity(account.defaultIdentity);
           return [[receives.serverURI, receives.port, receives.socketType], [sends.serverURI.spec, sends.socketType]];""", CAROL)
    user = CAROL.replace("@", "%40")
    assert incoming == [f"imap://{user}@mail.example.test", server.imaps, int(TLS)]
    assert outgoing == [f"smtp://{user}@mail.example.test:{server.submissions}/", int(TLS)]
    assert read(thunderbird, CAROL).endswith(SUBJECT)
    send(thunderbird, CAROL, BOB)
    letter = email.message_from_bytes(the_letter(server, BOB, "INBOX", CAROL), policy=email.policy.default)
    assert (letter["From"], letter["Subject"], text_of(letter)) == (f"Carol <{CAROL}>", SUBJECT, TEXT)
