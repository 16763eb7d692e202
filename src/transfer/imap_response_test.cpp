// What other IMAP servers say, as Dovecot, Courier, Cyrus and Exchange spell it, however it is cut; and what our mailboxes are
// called after theirs (RFC 2342, RFC 6154).
#include "testing/splits.h"
#include "transfer/imap_mailboxes.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tegami::transfer {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::string describe(const ImapResponse& response) {
    struct Words {
        std::string operator()(const ImapOther&) const { return "other"; }

        std::string operator()(const ImapStatus& it) const {
            return fmt::format("{} {} {}", it.tag, static_cast<int>(it.kind), it.text);
        }

        std::string operator()(const ImapCapabilities& it) const {
            return fmt::format("can {}", fmt::join(it.names, ","));
        }

        std::string operator()(const ImapListed& it) const {
            return fmt::format("{} {} {} {}", it.is_subscription ? "lsub" : "list", fmt::join(it.attributes, ","),
                               it.delimiter == '\0' ? "none" : std::string(1, it.delimiter), it.name);
        }

        std::string operator()(const ImapNamespaces& it) const {
            return fmt::format("mine [{}] others [{}]", fmt::join(it.personal, ","), fmt::join(it.others, ","));
        }

        std::string operator()(const ImapMailboxStatus& it) const {
            return fmt::format("status {} {}", it.messages, it.bytes ? fmt::format("{}", *it.bytes) : "-");
        }

        std::string operator()(const ImapExists& it) const { return fmt::format("exists {}", it.messages); }

        std::string operator()(const ImapFetched& it) const {
            return fmt::format("{} {} [{}] {} {} <{}>{}{}", it.uid, it.marks.letters, fmt::join(it.marks.keywords, ","),
                               it.date ? fmt::format("{}", *it.date) : "-",
                               it.bytes ? fmt::format("{}", *it.bytes) : "-", it.header, it.has_body ? "body" : "",
                               it.body);
        }

        std::string operator()(const ImapContinuation& it) const { return "go on " + it.text; }
    };

    return std::visit(Words(), response);
}

std::vector<std::string> read(const std::vector<std::string_view>& pieces) {
    std::vector<std::string> all;
    ImapResponseReader reader;
    for (const std::string_view piece : pieces) {
        reader.feed(piece);
        for (;;) {
            const ImapResponseReader::Event event = reader.next();
            if (std::holds_alternative<ImapResponseReader::NeedMore>(event)) break;
            if (std::holds_alternative<ImapResponseReader::Malformed>(event)) {
                all.emplace_back("malformed");
                return all;
            }
            if (std::holds_alternative<ImapResponseReader::BodyBegin>(event)) all.emplace_back("octets ");
            if (const auto* const octets = std::get_if<ImapResponseReader::BodyOctets>(&event))
                all.back() += octets->octets;
            if (const auto* const response = std::get_if<ImapResponse>(&event)) all.push_back(describe(*response));
        }
    }
    return all;
}

TEST(ImapResponse, IsReadAsServersWriteIt) {
    struct Case {
        std::string_view octets;
        std::vector<std::string> events;
    };

    const Case cases[] = {
        {"* OK [CAPABILITY IMAP4rev1] ready {5}\r\na1 no [ALERT] \r\na2 BAD\r\n* BYE x\n* PREAUTH hello\r\n",
         {"* 0 [CAPABILITY IMAP4rev1] ready {5}", "a1 1 [ALERT] ", "a2 2 ", "* 3 x", "* 4 hello"}},
        {"+ \r\n+\r\n+ cj0x\r\n", {"go on ", "go on ", "go on cj0x"}},
        {"* CAPABILITY IMAP4rev1 sasl-ir  AUTH=PLAIN\r\n", {"can AUTH=PLAIN,IMAP4REV1,SASL-IR"}},
        {"* LIST (\\HasNoChildren \\Sent) \".\" INBOX.Sent\r\n* LIST () \"/\" \"a \\\"b\\\\\"\r\n* LIST () NIL x "
         "(y)\r\n"
         "* LIST (\\Noselect) \"\\\\\" {3}\r\na\"b\r\n* LSUB () \"/\" Work\r\n* LIST () \"/\" \"a\" (\"CHILDINFO\" "
         "(\"X\"))\r\n",
         {"list \\hasnochildren,\\sent . INBOX.Sent", "list  / a \"b\\", "list  none x (y)", "list \\noselect \\ a\"b",
          "lsub  / Work", "list  / a"}},
        {"* NAMESPACE ((\"INBOX.\" \".\")) NIL ((\"#shared.\" \".\")(\"#pub.\" \".\" \"X\" (\"a\" \"b\")))\r\n"
         "* NAMESPACE NIL NIL NIL\r\n* NAMESPACE ((\r\n",
         {"mine [INBOX.] others [#shared.,#pub.]", "mine [] others []", "other"}},
        {"* STATUS \"a b\" (MESSAGES 3 SIZE 900 X (1))\r\n* STATUS {1}\r\na (MESSAGES 7)\r\n* 18 EXISTS\r\n* 5 "
         "RECENT\r\n",
         {"other", "status 7 -", "exists 18", "other"}},
        {"* 2 FETCH (UID 7 FLAGS (\\Seen \\Recent $Forwarded a]b) INTERNALDATE \"17-Jul-1996 02:44:25 -0700\" "
         "RFC822.SIZE 44)\r\n",
         {"7 S [$Forwarded] 837596665 44 <>"}},
        {"* 2 FETCH (BODY[] {6}\r\nA: {1} UID 9 FLAGS (\\Draft))\r\n* 3 FETCH (UID 1 BODY[] {0}\r\n)\r\n",
         {"octets A: {1}", "9 D [] - - <>body", "octets ", "1  [] - - <>body"}},
        {"* 4 FETCH (UID 3 BODY[] NIL)\r\n* 4 FETCH (UID 3 BODY[] \"a\\\"b\" X (1 (2 \")\") {2}\r\n)) NIL))\r\n",
         {"3  [] - - <>body", "3  [] - - <>bodya\"b"}},
        {"* 5 FETCH (BODY[HEADER.FIELDS (DATE \"X-)\")] {7}\r\nDate: \n UID 4294967296)\r\n* 6 FETCH (FLAGS (\r\n* 6 "
         "FETCH (UID\r\n",
         {"0  [] - - <Date: \n>", "other", "other"}},
        {"* 1 FETCH (BODY[] {1}\r\nx BODY[] {1}\r\ny)\r\n", {"octets x", "malformed"}},
        {"* 1 FETCH (ENVELOPE {16777217}\r\n", {"malformed"}},
        {"* 1 FETCH (BODY[] {1099511627777}\r\n", {"malformed"}},
        {"* \r\n\r\nnonsense\r\n* LIST\r\n", {"other", "other", "other", "other"}},
    };
    for (const auto& each : cases)
        testing::for_every_split(each.octets, [&](const std::vector<std::string_view>& pieces) {
            EXPECT_EQ(read(pieces), each.events) << each.octets;
        });
    EXPECT_THAT(read({std::string(kImapResponseBytesMax + 1, 'x')}), ElementsAre("malformed"));
}

TEST(ImapResponse, WhatWeSay) {
    EXPECT_EQ(quoted_for_imap("a\"b\\c"), "\"a\\\"b\\\\c\"");
    EXPECT_EQ(quoted_for_imap("a\nb"), std::nullopt);
    EXPECT_EQ(print_imap_set({1, 2, 3, 5, 7, 8}), "1:3,5,7:8");
    EXPECT_EQ(print_imap_set({}), "");
}

std::vector<std::string> names(const ImapMailboxes& plan) {
    std::vector<std::string> all;
    for (const ImapMailbox& each : plan.mailboxes)
        all.push_back(each.wire_name + " -> " + each.mailbox + (each.is_view ? " (view)" : ""));
    return all;
}

TEST(ImapMailboxes, AreOursWithPrefixesLevelsAndUses) {
    const ImapNamespaces dotted{.personal = {"INBOX."}, .others = {"shared."}};
    const auto courier = plan_mailboxes({{{}, '.', "INBOX", false},
                                         {{"\\sent"}, '.', "INBOX.Gesendet", false},
                                         {{}, '.', "INBOX.Gesendet.2019", false},
                                         {{"\\noselect"}, '.', "INBOX.Lists", false},
                                         {{}, '.', "INBOX.Lists.&ZeVnLIqe-/x", false},
                                         {{}, '.', "INBOX.a..b", false},
                                         {{}, '.', "shared.all", false},
                                         {{}, '.', "INBOX.Gesendet", true},
                                         {{}, '.', "inbox", true}},
                                        dotted, false);
    EXPECT_THAT(names(courier),
                ElementsAre("INBOX -> INBOX", "INBOX.Gesendet -> Sent", "INBOX.Gesendet.2019 -> Sent/2019",
                            "INBOX.Lists.&ZeVnLIqe-/x -> Lists/日本語_x"));
    EXPECT_THAT(courier.subscribed, ElementsAre("Sent", "INBOX"));
    EXPECT_THAT(courier.passed_over, ElementsAre("shared.all"));
    EXPECT_THAT(courier.unnameable, ElementsAre("INBOX.a..b"));

    const auto google = plan_mailboxes({{{"\\all"}, '/', "[Gmail]/All Mail", false},
                                        {{"\\flagged"}, '/', "[Gmail]/Starred", false},
                                        {{"\\sent"}, '/', "[Gmail]/Sent Mail", false},
                                        {{"\\junk"}, '/', "[Gmail]/Spam", false},
                                        {{"\\subscribed"}, '/', "junk", false}},
                                       {}, false);
    EXPECT_THAT(names(google), ElementsAre("[Gmail]/Sent Mail -> Sent", "[Gmail]/Spam -> [Gmail]/Spam", "junk -> junk",
                                           "[Gmail]/All Mail -> [Gmail]/All Mail (view)"));
    EXPECT_THAT(google.subscribed, ElementsAre("junk"));
    EXPECT_THAT(google.passed_over, ElementsAre("[Gmail]/Starred"));

    EXPECT_THAT(names(plan_mailboxes({{{}, '/', "A&B/日本", false}}, {}, true)), ElementsAre("A&B/日本 -> A&B/日本"));
    EXPECT_THAT(names(plan_mailboxes({{{}, '\0', "a.b/c", false}}, {}, false)), ElementsAre("a.b/c -> a.b_c"));
    EXPECT_THAT(names(plan_mailboxes({{{}, '/', "caf\xe9", false}}, {}, false)),
                ElementsAre("caf\xe9 -> caf\xef\xbf\xbd"));
    EXPECT_THAT(names(plan_mailboxes({{{}, '/', "/", false}}, {}, false)), IsEmpty());
}

} // namespace
} // namespace tegami::transfer
