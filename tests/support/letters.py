"""Letters to send, as octets with CRLF line ends, and ways to find them again."""
import secrets


def plain(sender, recipient, subject="A letter", body="Hello.\r\n", extra=""):
    """A message and the token in its Message-ID."""
    token = secrets.token_hex(8)
    text = (
        f"From: {sender}\r\nTo: {recipient}\r\nSubject: {subject}\r\nMessage-ID: <{token}@{sender.split('@')[1]}>\r\n"
        f"Date: Sun, 22 Nov 2026 10:00:00 +0900\r\n{extra}\r\n{body}"
    )
    return text.encode(), token


def iso_2022_jp(sender, recipient):
    """As a Japanese mail program of the year 2000 wrote it."""
    subject = "=?ISO-2022-JP?B?GyRCRnxLXDhsJE43b0w+GyhC?="  # 日本語の件名
    head = (
        f"From: {sender}\r\nTo: {recipient}\r\nSubject: {subject}\r\nMessage-ID: <{secrets.token_hex(8)}@jis.test>\r\n"
        "Date: Sun, 22 Nov 2026 10:00:00 +0900\r\nMIME-Version: 1.0\r\n"
        "Content-Type: text/plain; charset=ISO-2022-JP\r\nContent-Transfer-Encoding: 7bit\r\n\r\n"
    )
    return head.encode() + "拝啓\r\n梅の花が咲きました。\r\n".encode("iso-2022-jp")


def utf_8(sender, recipient):
    """UTF-8 in the body (8BITMIME), encoded words in the header."""
    head = (
        f"From: {sender}\r\nTo: {recipient}\r\nSubject: =?UTF-8?B?5pel5pys6Kqe44Gu5Lu25ZCN?=\r\n"
        f"Message-ID: <{secrets.token_hex(8)}@utf8.test>\r\nDate: Sun, 22 Nov 2026 10:00:00 +0900\r\nMIME-Version: 1.0\r\n"
        "Content-Type: text/plain; charset=UTF-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    )
    return head.encode() + "拝啓\r\n梅の花が咲きました。\r\n".encode()


def without_trace(octets):
    """The message without the fields that servers put in front."""
    lines = octets.split(b"\r\n")
    while lines and lines[0].lower().startswith((b"return-path:", b"received:", b"authentication-results:")):
        lines.pop(0)
        while lines and lines[0].startswith((b" ", b"\t")):
            lines.pop(0)
    return b"\r\n".join(lines)


# A letter that good.test has signed (Ed25519, no end of validity), and the key as it is published.
SIGNED = (
    "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed; d=good.test;\r\n"
    " i=@good.test; q=dns/txt; s=k1; t=1700000000; h=from : to : subject :\r\n"
    " date : message-id; bh=2SIQ1yc2PRr+3Rey20Ba9VNtWK0gtEb/mTln3U/4zsg=;\r\n"
    " b=KIiUQT7Z/NBsY6kykk189lrepIW6jFd0XWAExvn9Tk/X+qYNAU7S6FMnagRwFaRHJBllP\r\n"
    " 51HT4ZbBibl1yjKBA==\r\n"
    "From: Hana <hana@good.test>\r\nTo: alice@example.test\r\nSubject: The garden\r\nMessage-ID: <garden-1@good.test>\r\n"
    "Date: Thu, 26 Nov 2026 10:00:00 +0900\r\n\r\nThe plum trees are in blossom.\r\nCome and see them.\r\n"
).encode()
SIGNED_KEY = "v=DKIM1; k=ed25519; p=Stxmm8a+GIjgwU8OTCcoTYTAumbLeJFIY8S/zs8L3Eo="
