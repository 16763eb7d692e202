// RFC 9051 §7.5.2
#include "protocol/imap/structure_writer.h"

#include <gtest/gtest.h>

namespace tegami::imap {
namespace {

std::string envelope_of(std::string_view octets, EnabledSet enabled = {}) {
    return write_envelope(message::parse_structure(octets).envelope, enabled);
}

std::string structure_of(std::string_view octets, StructureForm form) {
    return write_structure(message::parse_structure(octets).root, form, {});
}

// The message of RFC 9051 §8's dialogue.
TEST(StructureWriter, EnvelopeOfTheStandard) {
    EXPECT_EQ(envelope_of("Date: Wed, 17 Jul 1996 02:23:25 -0700 (PDT)\r\n"
                          "From: Terry Gray <gray@cac.washington.edu>\r\n"
                          "Subject: IMAP4rev1 WG mtg summary and minutes\r\n"
                          "To: imap@cac.washington.edu\r\n"
                          "Cc: minutes@CNRI.Reston.VA.US, John Klensin <KLENSIN@MIT.EDU>\r\n"
                          "Message-ID: <B27397-0100000@cac.washington.edu>\r\n\r\n"),
              "(\"Wed, 17 Jul 1996 02:23:25 -0700 (PDT)\" \"IMAP4rev1 WG mtg summary and minutes\" "
              "((\"Terry Gray\" NIL \"gray\" \"cac.washington.edu\")) "
              "((\"Terry Gray\" NIL \"gray\" \"cac.washington.edu\")) "
              "((\"Terry Gray\" NIL \"gray\" \"cac.washington.edu\")) "
              "((NIL NIL \"imap\" \"cac.washington.edu\")) "
              "((NIL NIL \"minutes\" \"CNRI.Reston.VA.US\")(\"John Klensin\" NIL \"KLENSIN\" \"MIT.EDU\")) "
              "NIL NIL \"<B27397-0100000@cac.washington.edu>\")");
}

TEST(StructureWriter, EnvelopeOfOddMail) {
    EXPECT_EQ(envelope_of("X: y\r\n\r\n"), "(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)");
    EXPECT_EQ(envelope_of("To: Team: a@x.test, b@x.test;\r\nSubject:\r\n\r\n"),
              "(NIL \"\" NIL NIL NIL ((NIL NIL \"Team\" NIL)(NIL NIL \"a\" \"x.test\")(NIL NIL \"b\" \"x.test\")"
              "(NIL NIL NIL NIL)) NIL NIL NIL NIL)");
    // NIL for a host is a group's: an address without one has "".
    EXPECT_EQ(envelope_of("From: NAME\r\nSender: <NAME>\r\nTo: Cron Daemon\r\nCc: Hidden:;\r\n\r\n"),
              "(NIL NIL ((NIL NIL \"NAME\" \"\")) ((NIL NIL \"NAME\" \"\")) ((NIL NIL \"NAME\" \"\")) "
              "((\"Cron Daemon\" NIL \"\" \"\")) ((NIL NIL \"Hidden\" NIL)(NIL NIL NIL NIL)) NIL NIL NIL)");
    EXPECT_EQ(envelope_of("Subject: caf\xc3\xa9 \"x\"\r\n\r\n"),
              "(NIL {9}\r\ncaf\xc3\xa9 \"x\" NIL NIL NIL NIL NIL NIL NIL NIL)");
    EXPECT_EQ(envelope_of("Subject: caf\xc3\xa9\r\n\r\n", {Enabled::imap4rev2}),
              "(NIL \"caf\xc3\xa9\" NIL NIL NIL NIL NIL NIL NIL NIL)");
}

TEST(StructureWriter, SinglePart) {
    constexpr std::string_view kPlain = "Content-Type: text/plain; charset=utf-8; format=\"flowed\"\r\n"
                                        "Content-Transfer-Encoding: quoted-printable\r\n"
                                        "Content-ID: <x@y>\r\n"
                                        "Content-Description: words\r\n"
                                        "Content-Disposition: attachment; filename=\"a b.txt\"\r\n"
                                        "Content-Language: en, de\r\n"
                                        "Content-Location: here\r\n"
                                        "Content-MD5: abc\r\n"
                                        "\r\n"
                                        "one\r\ntwo\r\n";
    const std::string fields = "\"text\" \"plain\" (\"charset\" \"utf-8\" \"format\" \"flowed\") \"<x@y>\" \"words\" "
                               "\"QUOTED-PRINTABLE\" 10 2";
    EXPECT_EQ(structure_of(kPlain, StructureForm::body), "(" + fields + ")");
    EXPECT_EQ(structure_of(kPlain, StructureForm::body_structure),
              "(" + fields + " \"abc\" (\"attachment\" (\"filename\" \"a b.txt\")) (\"en\" \"de\") \"here\")");
}

TEST(StructureWriter, OddFieldsStayWellFormed) {
    EXPECT_EQ(
        structure_of("Content-Type: application/pdf; name; charset=\r\nContent-Description: \"\r\nContent-ID:\r\n\r\nx",
                     StructureForm::body_structure),
        "(\"application\" \"pdf\" (\"charset\" \"\") \"\" \"\\\"\" \"7BIT\" 1 NIL NIL NIL NIL)");
    EXPECT_EQ(structure_of("Content-Type: multipart/alternative; boundary\r\n\r\n--\r\n\r\nx", StructureForm::body),
              "(\"text\" \"plain\" NIL NIL NIL \"7BIT\" 7 2)");
    EXPECT_EQ(structure_of("Content-Type: message/rfc822\r\n\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n",
                           StructureForm::body),
              "(\"message\" \"rfc822\" NIL NIL NIL \"7BIT\" 45 (NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL) "
              "((\"text\" \"plain\" NIL NIL NIL \"7BIT\" 0 0) \"mixed\") 2)");
}

TEST(StructureWriter, PartsWithinParts) {
    constexpr std::string_view kMixed =
        "Content-Type: multipart/mixed; boundary=b\r\n"
        "\r\n"
        "--b\r\n\r\nhi\r\n"
        "--b\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\nAAAA\r\n"
        "--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: in\r\n\r\nx\r\ny\r\n"
        "--b--\r\n";
    const std::string inner_envelope = "(NIL \"in\" NIL NIL NIL NIL NIL NIL NIL NIL)";
    EXPECT_EQ(structure_of(kMixed, StructureForm::body),
              "((\"text\" \"plain\" NIL NIL NIL \"7BIT\" 2 0)"
              "(\"image\" \"png\" NIL NIL NIL \"BASE64\" 4)"
              "(\"message\" \"rfc822\" NIL NIL NIL \"7BIT\" 19 " +
                  inner_envelope + " (\"text\" \"plain\" NIL NIL NIL \"7BIT\" 4 1) 3) \"mixed\")");
    EXPECT_EQ(structure_of(kMixed, StructureForm::body_structure),
              "((\"text\" \"plain\" NIL NIL NIL \"7BIT\" 2 0 NIL NIL NIL NIL)"
              "(\"image\" \"png\" NIL NIL NIL \"BASE64\" 4 NIL NIL NIL NIL)"
              "(\"message\" \"rfc822\" NIL NIL NIL \"7BIT\" 19 " +
                  inner_envelope +
                  " (\"text\" \"plain\" NIL NIL NIL \"7BIT\" 4 1 NIL NIL NIL NIL) 3 NIL NIL NIL NIL) "
                  "\"mixed\" (\"boundary\" \"b\") NIL NIL NIL)");
}

} // namespace
} // namespace tegami::imap
