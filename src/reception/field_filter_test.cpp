// Fields that a message may not bring along: RFC 5322 §3.6.3, RFC 5321 §4.4, RFC 8601 §5.
#include "reception/field_filter.h"

#include "testing/splits.h"

#include <gtest/gtest.h>

namespace tegami::reception {
namespace {

std::string filtered(Role role, const std::vector<std::string_view>& pieces) {
    FieldFilter filter(fields_left_out(role), "mail.b.test");
    std::string out;
    for (const std::string_view piece : pieces)
        out += filter.pass(std::string(piece));
    return out + filter.finish();
}

struct Case {
    std::string header;
    std::string submitted; ///< what stays of a user's header
    std::string received;  ///< and of a stranger's
};

const std::vector<Case> kCases{
    {"Bcc: carol@b.test\r\n", "", "Bcc: carol@b.test\r\n"},
    {"bcc:carol@b.test\r\n", "", "bcc:carol@b.test\r\n"},
    {"BCC \t : carol@b.test\r\n", "", "BCC \t : carol@b.test\r\n"},
    {"Bcc: carol@b.test,\r\n dave@b.test,\r\n\teve@b.test\r\nTo: x\r\n", "To: x\r\n",
     "Bcc: carol@b.test,\r\n dave@b.test,\r\n\teve@b.test\r\nTo: x\r\n"},
    {"Bcc\r\n : carol@b.test\r\nTo: x\r\n", "To: x\r\n", "Bcc\r\n : carol@b.test\r\nTo: x\r\n"},
    {"Bcc:\r\nTo: x\r\nbCC: y\r\nBcc: z\r\n", "To: x\r\n", "Bcc:\r\nTo: x\r\nbCC: y\r\nBcc: z\r\n"},
    {"Resent-Bcc: carol@b.test\r\nResent-To: bob@b.test\r\n", "Resent-To: bob@b.test\r\n",
     "Resent-Bcc: carol@b.test\r\nResent-To: bob@b.test\r\n"},
    {"resent-bcc :\r\n carol@b.test\r\n", "", "resent-bcc :\r\n carol@b.test\r\n"},
    {"Return-Path: <eve@c.test>\r\nSubject: x\r\n", "Subject: x\r\n", "Subject: x\r\n"},
    {"RETURN-PATH:<a@b>\r\nreturn-path : <c@d>\r\n\t(folded)\r\nSubject: x\r\n", "Subject: x\r\n", "Subject: x\r\n"},
    {"BIMI-Location: v=BIMI1;\r\n l=https://c.test/x.svg\r\nbimi-indicator: PHN2\r\nBIMI-Logo-Preference : avp=x\r\n"
     "BIMI-Selector: v=BIMI1; s=a\r\n",
     "BIMI-Selector: v=BIMI1; s=a\r\n", "BIMI-Selector: v=BIMI1; s=a\r\n"},
    // What only looks like them stays.
    {"X-Bcc: a\r\nBcc-To: b\r\nBccx: c\r\nBc: d\r\nBcc\r\nB cc: e\r\n",
     "X-Bcc: a\r\nBcc-To: b\r\nBccx: c\r\nBc: d\r\nBcc\r\nB cc: e\r\n",
     "X-Bcc: a\r\nBcc-To: b\r\nBccx: c\r\nBc: d\r\nBcc\r\nB cc: e\r\n"},
    {"Subject: a\r\n Bcc: b\r\n Return-Path: c\r\n", "Subject: a\r\n Bcc: b\r\n Return-Path: c\r\n",
     "Subject: a\r\n Bcc: b\r\n Return-Path: c\r\n"},
    {" Bcc: x\r\n", " Bcc: x\r\n", " Bcc: x\r\n"},
    // What marks a message in an mbox file, where it stands first; what only looks like it stays.
    {"From root@sun.test Thu Nov 26 09:00:00 2026\r\nFrom: cron\r\nBcc: y\r\n", "From: cron\r\n",
     "From: cron\r\nBcc: y\r\n"},
    {">From a Thu Nov 26\r\n>From b Thu Nov 26 remote from c\r\n folded\r\nTo: x\r\n", "To: x\r\n", "To: x\r\n"},
    {"To: x\r\nFrom a Thu Nov 26\r\n", "To: x\r\nFrom a Thu Nov 26\r\n", "To: x\r\nFrom a Thu Nov 26\r\n"},
    {"from a Thu Nov 26\r\n", "from a Thu Nov 26\r\n", "from a Thu Nov 26\r\n"},
    {">Fro: a\r\nFrom b\r\n", ">Fro: a\r\nFrom b\r\n", ">Fro: a\r\nFrom b\r\n"},
    {" a\r\nFrom b\r\n", " a\r\nFrom b\r\n", " a\r\nFrom b\r\n"},
    {"F\r\nFrom b\r\n", "F\r\nFrom b\r\n", "F\r\nFrom b\r\n"},
    {"", "", ""},
};

TEST(FieldFilter, LeavesOutTheFieldsInEverySpellingAndNothingElse) {
    for (const Case& each : kCases) {
        const std::string rest = "\r\nBcc: text\r\nReturn-Path: text\r\n .\r\n";
        testing::for_every_split(each.header + rest, [&](const std::vector<std::string_view>& pieces) {
            EXPECT_EQ(filtered(Role::submission, pieces), each.submitted + rest);
            EXPECT_EQ(filtered(Role::mx, pieces), each.received + rest);
        });
        testing::for_every_split(each.header, [&](const std::vector<std::string_view>& pieces) {
            EXPECT_EQ(filtered(Role::submission, pieces), each.submitted) << "without a body";
        });
    }
}

TEST(FieldFilter, LeavesOutResultsInOurNameAndKeepsThoseOfOthers) {
    struct Row {
        std::string field;
        bool stays;
    };

    const std::vector<Row> rows{
        {"Authentication-Results: mail.b.test; spf=pass\r\n", false},
        {"authentication-results:MAIL.B.test;none\r\n", false},
        {"Authentication-Results : mail.b.test 1; none\r\n", false},
        {"Authentication-Results:\r\n (we (really) are)\r\n mail.b.test\r\n ; dkim=pass\r\n", false},
        {"Authentication-Results: \"mail.b.test\"; spf=pass\r\n", false},
        {"Authentication-Results: (); mail.b.test; spf=pass\r\n", true},
        {"Authentication-Results: mail.b.test\r\n", false},
        {"Authentication-Results: " + std::string(5000, ' ') + "mail.b.test; spf=pass\r\n", false},
        {"Authentication-Results: mail.c.test; spf=pass smtp.helo=mail.b.test\r\n", true},
        {"Authentication-Results: mail.b.test.c.test; spf=pass\r\n", true},
        {"Authentication-Results: xmail.b.test; (\r\n mail.b.test; spf=pass\r\n", true},
        {"Authentication-Results:\r\n", true},
        {"ARC-Authentication-Results: i=1; mail.b.test; spf=pass\r\n", true},
        {"X-Authentication-Results: mail.b.test; spf=pass\r\n", true},
    };
    for (const Row& row : rows) {
        const std::string rest = "To: x\r\n\r\nAuthentication-Results: mail.b.test; none\r\n";
        const auto check = [&](const std::vector<std::string_view>& pieces) {
            EXPECT_EQ(filtered(Role::mx, pieces), (row.stays ? row.field : "") + rest) << row.field;
        };
        if (row.field.size() < 1000)
            testing::for_every_split(row.field + rest, check);
        else
            check({row.field, rest});
        // At the end of a message without a body, and without the last line end.
        const std::string alone = row.field.substr(0, row.field.size() - 2);
        EXPECT_EQ(filtered(Role::submission, {alone}), row.stays ? alone : "") << row.field;
    }
}

TEST(FieldFilter, HoldsBackABoundedBeginning) {
    const std::string spaces(100'000, ' ');
    FieldFilter filter(fields_left_out(Role::submission), "mail.b.test");
    EXPECT_EQ(filter.pass("Bcc" + spaces), "");
    EXPECT_EQ(filter.pass(": carol@b.test\r\nTo: x\r\n\r\n"), "To: x\r\n\r\n");
    FieldFilter other(fields_left_out(Role::submission), "mail.b.test");
    EXPECT_EQ(other.pass("Bcd" + spaces).size(), 3 + spaces.size()) << "nothing of it waits";
}

} // namespace
} // namespace tegami::reception
