// One's own mail: what was deleted and comes back, and a mailbox as a file.
#include "service/webd/account_fixture.h"

#include <gmock/gmock.h>

namespace tegami::webd {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST_F(AccountRoutesTest, WhatWasDeletedIsToldAndPutBack) {
    const Page page{.cookie = cookie_of(sign_in("anna"))};
    const Page bob{.cookie = cookie_of(sign_in("bob"))};
    add_letter(anna_, "From: =?utf-8?q?J=C3=B6rg?= <j@c.test>\r\nSubject: =?utf-8?b?5qKF?=\r\n\r\nx\r\n");
    add_letter(anna_, "Subject: second\r\n\r\nx\r\n");
    const store::AccountPtr mail = account(anna_);
    const auto deleted = [&](const Page& who) {
        return object_in(send(who, "GET", "/account/deleted")).at("letters").as_array();
    };
    EXPECT_EQ(send(page, "GET", "/account/deleted").body, R"({"letters":[],"days":14})");
    ASSERT_TRUE(run(mail->expunge(inbox(mail), UidSet{1, 2}, store::Account::Expunge::forced)));
    json::array letters = deleted(page);
    ASSERT_EQ(letters.size(), 2U);
    EXPECT_EQ(letters[0].at("subject"), "梅");
    EXPECT_EQ(letters[0].at("from"), (json::object{{"name", "Jörg"}, {"email", "j@c.test"}}));
    EXPECT_EQ(letters[0].at("mailbox"), "INBOX");
    EXPECT_EQ(letters[0].at("draft"), false);
    EXPECT_EQ(letters[0].at("received"), letters[0].at("deleted"));
    EXPECT_FALSE(letters[1].as_object().contains("from"));
    EXPECT_TRUE(deleted(bob).empty());

    const std::string wanted = fmt::format(R"({{"letters":["{}"]}})", letters[0].at("id").as_string().c_str());
    const std::string gone =
        fmt::format(R"({{"back":0,"left":[{{"id":"{}","error":"gone"}}]}})", letters[0].at("id").as_string().c_str());
    EXPECT_EQ(send(bob, "POST", "/account/undelete", wanted).body, gone) << "it is not his";
    EXPECT_EQ(send(page, "POST", "/account/undelete", wanted).body, R"({"back":1,"left":[]})");
    EXPECT_EQ(send(page, "POST", "/account/undelete", wanted).body, gone) << "it is back already";
    EXPECT_EQ(mail->mailboxes()->find("INBOX")->messages, 1U);
    letters = deleted(page);
    ASSERT_EQ(letters.size(), 1U);
    EXPECT_EQ(letters[0].at("subject"), "second");
    std::string too_many = R"({"letters":["1.1.1.1")";
    for (int at = 0; at < 250; ++at)
        too_many += R"(,"1.1.1.1")";
    for (const std::string& octets :
         {std::string("{}"), std::string(R"({"letters":[]})"), std::string(R"({"letters":["1.2.3"]})"),
          std::string(R"({"letters":["1.2.3.x"]})"), std::string(R"({"letters":["1.1.1.1"],"more":"x"})"),
          too_many + "]}"})
        EXPECT_EQ(refused(send(page, "POST", "/account/undelete", octets)), R"(400 {"error":"malformed"})") << octets;
    EXPECT_EQ(refused(send(page, "GET", "/account/deleted?from=!")), R"(400 {"error":"malformed"})");
    pass(std::chrono::days(15));
    EXPECT_TRUE(deleted(page).empty()) << "nothing is kept for longer";
}

TEST_F(AccountRoutesTest, AMailboxIsTakenAwayAsAFile) {
    const Page page{.cookie = cookie_of(sign_in("anna"))};
    add_letter(anna_, "Subject: first\r\n\r\nFrom here\r\n>From there\r\n");
    add_letter(anna_, "Subject: long\r\n\r\n" + std::string(300'000, 'x') + "\r\nFrom the end");
    const auto take = [&](const Page& who, std::string_view mailbox) {
        return send(who, "GET", fmt::format("/account/export?mailbox={}", mailbox));
    };
    const auto taken = take(page, "inbox");
    EXPECT_EQ(taken.status, 200U);
    EXPECT_EQ(taken.fields.find("Content-Type"), "application/mbox");
    EXPECT_EQ(taken.fields.find("Content-Disposition"),
              "attachment; filename=\"INBOX.mbox\"; filename*=UTF-8''INBOX.mbox");
    std::size_t largest = 0;
    std::string octets;
    for (;;) {
        const std::string piece = run(taken.stream->read()).value();
        if (piece.empty()) break;
        largest = std::max(largest, piece.size());
        octets += piece;
    }
    EXPECT_LT(largest, 300'000U) << "in pieces";
    EXPECT_THAT(octets, StartsWith("From tegami@localhost "));
    EXPECT_THAT(
        octets,
        HasSubstr("\nStatus: O\nX-Status: F\nX-Keywords: \nSubject: first\n\n>From here\n>>From there\n\nFrom "));
    EXPECT_THAT(octets, EndsWith("x\n>From the end\n\n"));

    const store::AccountPtr mail = account(anna_);
    EXPECT_TRUE(run(mail->create_mailbox("Work/.\xE6\xA2\x85\"\\:")));
    EXPECT_EQ(take(page, "Work%2F.%E6%A2%85%22%5C%3A").fields.find("Content-Disposition"),
              "attachment; filename=\"____.mbox\"; filename*=UTF-8''%E6%A2%85%22.mbox");
    EXPECT_EQ(refused(take(page, "None")), R"(404 {"error":"not-found"})");
    EXPECT_EQ(refused(take({.cookie = cookie_of(sign_in("bob"))}, "Work")), R"(404 {"error":"not-found"})");
    EXPECT_EQ(refused(send(page, "GET", "/account/export")), R"(400 {"error":"malformed"})");
}

} // namespace
} // namespace tegami::webd
