// The POP3 server over a simulated network: whole dialogues, time-outs, clients that leave, and a store that fails.
#include "service/pop3d/pop3d.h"

#include "base/base64.h"
#include "testing/mail_world.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tegami::pop3d {
namespace {

using tegami::testing::Texts;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

async::Awaitable<> hang_up_after(async::Timers* timers, net::Stream* stream, Duration pause) {
    co_await async::sleep(timers, pause);
    stream->close();
}

class Pop3dTest : public testing::ServerWorld {
protected:
    Pop3dTest() : account_(account(add_account("bob@b.test"))) {
        inbox_ = account_->mailboxes()->find(store::Role::inbox)->id;
        serve(110, {.tls = TlsMode::none, .password_without_tls = true});
        serve(111, {.tls = TlsMode::none});
        put("Subject: one\r\n\r\n.dot\r\nsecond line\r\n");
        put("Subject: two\r\n\r\nbody\r\n");
    }

    ~Pop3dTest() override { stop(); }

    void serve(std::uint16_t port, Listener settings) {
        listen(port, [this, settings](std::unique_ptr<net::Stream> stream) {
            return pop3d::serve(&service_, "mail.b.test", settings, std::move(stream), admitted_);
        });
    }

    void put(std::string octets) {
        const auto blob = store_.new_blob();
        EXPECT_TRUE(run(blob->append(std::move(octets))).has_value());
        store::NewMessage message{.blob = run(blob->finish("card", {})).value(),
                                  .placements = {{.mailbox = inbox_, .flags = {}, .keywords = {}}},
                                  .internal_date = time_.now(),
                                  .thread = {}};
        std::vector<store::NewMessage> messages;
        messages.push_back(std::move(message));
        EXPECT_TRUE(run(account_->append(std::move(messages))).has_value());
    }

    Texts say(Texts sends, std::uint16_t port = 110) { return talk_to(port, std::move(sends)); }

    store::ViewPtr inbox() { return run(account_->open(inbox_)).value()->view(); }

    /// Messages in INBOX that count as read.
    std::size_t seen() {
        const store::ViewPtr view = inbox();
        std::size_t count = 0;
        for (std::uint32_t at = 0; at < view->size(); ++at)
            count += view->at(at).flags.has(store::Flag::seen) ? 1 : 0;
        return count;
    }

    store::AccountPtr account_;
    store::MailboxId inbox_;
    MaildropLocks locks_;
    MemoryBudget memory_{64U << 20};
    Dependencies service_{*authenticator_, store_, journeys_, locks_, tls_, memory_, time_, time_.random(), log_};
    bool admitted_ = true;
};

const std::string kLogin = "USER bob@b.test\r\nPASS builder77\r\n";

TEST_F(Pop3dTest, ListsRetrievesAndShowsTops) {
    const Texts answers =
        say({kLogin, "STAT\r\n", "LIST\r\n", "UIDL 2\r\n", "RETR 1\r\n", "TOP 1 1\r\n", "RETR 3\r\n", "QUIT\r\n"});
    EXPECT_THAT(answers,
                ElementsAre(StartsWith("+OK"), AllOf(StartsWith("+OK"), HasSubstr("\r\n+OK")),
                            StartsWith("+OK 2 57\r\n"), EndsWith("\r\n1 35\r\n2 22\r\n.\r\n"), StartsWith("+OK 2 "),
                            EndsWith("\r\nSubject: one\r\n\r\n..dot\r\nsecond line\r\n.\r\n"),
                            EndsWith("\r\nSubject: one\r\n\r\n..dot\r\n.\r\n"), StartsWith("-ERR"),
                            AllOf(StartsWith("+OK"), EndsWith("(closed)"))));
    EXPECT_EQ(inbox()->size(), 2U);
    EXPECT_EQ(seen(), 1U) << "what was retrieved whole is read";
}

/// Many are read at once where the client takes one after the other; each is the one that was asked for.
TEST_F(Pop3dTest, GivesEachMessageInWhateverOrder) {
    for (int number = 3; number <= 80; ++number)
        put("Subject: " + std::to_string(number) + "\r\n\r\nbody\r\n");
    std::string commands;
    std::vector<int> order;
    for (int number = 3; number <= 80; ++number)
        order.push_back(number);
    for (const int number : {5, 6, 40, 7, 8, 80, 3, 3, 4})
        order.push_back(number);
    for (const int number : order)
        commands += "RETR " + std::to_string(number) + "\r\n";
    const Texts answers = say({kLogin, commands + "QUIT\r\n"});
    std::string all;
    for (const std::string& answer : answers)
        all += answer;
    std::size_t at = 0;
    for (const int number : order) {
        at = all.find("Subject: ", at);
        ASSERT_NE(at, std::string::npos);
        EXPECT_EQ(all.substr(at, all.find('\r', at) - at), "Subject: " + std::to_string(number));
        ++at;
    }
    EXPECT_EQ(all.find("Subject: ", at), std::string::npos);
}

TEST_F(Pop3dTest, ListsALargeMaildropInTurns) {
    constexpr std::uint64_t kMessages = 2 << 14;
    for (int times = 0; times < 14; ++times)
        EXPECT_TRUE(run(account_->copy(inbox_, UidSet::all(), inbox_)).has_value());
    const std::uint64_t before = time_.handlers_run();
    const Texts answers = say({kLogin, "LIST\r\n", "UIDL\r\n"});
    // Each turn that ends is two handlers or more: of the listing at login, and of both answers.
    EXPECT_GE(time_.handlers_run() - before, 2 * (kMessages / 1024 + 2 * kMessages / 512));
    EXPECT_THAT(answers.at(2), EndsWith("\r\n32767 35\r\n32768 22\r\n.\r\n"));
    EXPECT_THAT(answers.at(3), EndsWith(".32768\r\n.\r\n"));
}

TEST_F(Pop3dTest, AMaildropThatTheBudgetHasNoRoomForIsRefused) {
    MemoryBudget::Charge others(&memory_);
    ASSERT_TRUE(others.resize(memory_.bytes_max() * 3 / 4));
    memory_.set_pressed(true);
    EXPECT_THAT(say({kLogin}).back(), HasSubstr("-ERR [SYS/TEMP]"));
    memory_.set_pressed(false);
    EXPECT_THAT(say({kLogin, "STAT\r\n"}).back(), StartsWith("+OK 2 "));
}

TEST_F(Pop3dTest, ARemovedAccountEndsItsSessionAndDeletesNothing) {
    auto stream = run(network_.host(kClient).connect({kServer, 110}, {})).value();
    EXPECT_TRUE(run(stream->write_all(kLogin + "DELE 1\r\n")).has_value());
    std::string heard;
    EXPECT_TRUE(run(testing::listen_until_quiet(stream.get(), &time_, &heard)));
    heard.clear();
    EXPECT_TRUE(run(directory_->administration().remove_account(message::parse_email_address("bob@b.test").value())));
    EXPECT_FALSE(run(testing::listen_until_quiet(stream.get(), &time_, &heard)));
    EXPECT_THAT(heard, StartsWith("-ERR [SYS/TEMP] the account has changed"));
    EXPECT_TRUE(
        run(directory_->administration().restore_account(message::parse_email_address("bob@b.test").value(), {})));
    EXPECT_THAT(say({kLogin, "STAT\r\n"}).back(), StartsWith("+OK 2 "));
}

TEST_F(Pop3dTest, DeletesAtQuitOnly) {
    const Texts left = say({kLogin, "DELE 1\r\n", "STAT\r\n"});
    EXPECT_THAT(left.back(), StartsWith("+OK 1 "));
    time_.run_for(std::chrono::minutes(1));
    EXPECT_EQ(inbox()->size(), 2U) << "left without QUIT";
    say({kLogin + "DELE 1\r\nDELE 2\r\nRSET\r\nDELE 2\r\nQUIT\r\n"});
    ASSERT_EQ(inbox()->size(), 1U);
    EXPECT_EQ(inbox()->at(0).uid, store::Uid(1));
}

TEST_F(Pop3dTest, UidsStayWhenOthersGo) {
    const std::string before = say({kLogin, "UIDL 2\r\n"}).back();
    say({kLogin + "DELE 1\r\nQUIT\r\n"});
    const std::string after = say({kLogin, "UIDL 1\r\n"}).back();
    EXPECT_EQ(before.substr(6), after.substr(6));
}

TEST_F(Pop3dTest, AUidIsNeverGivenTwice) {
    const std::string newest = say({kLogin, "UIDL 2\r\n"}).back();
    say({kLogin + "DELE 2\r\nQUIT\r\n"});
    put("Subject: three\r\n\r\nbody\r\n");
    const std::string after = say({kLogin, "UIDL 2\r\n"}).back();
    EXPECT_THAT(after, StartsWith("+OK 2 "));
    EXPECT_NE(newest, after);
}

TEST_F(Pop3dTest, WhatOthersDeletedMeanwhileIsMissedByNobody) {
    auto stream = run(client().connect({kServer, 110}, {})).value();
    std::string heard;
    EXPECT_TRUE(run(stream->write_all(kLogin)).has_value());
    run(testing::listen_until_quiet(stream.get(), &time_, &heard));
    UidSet first;
    first.add(store::Uid(1));
    EXPECT_TRUE(run(account_->expunge(inbox_, first, store::Account::Expunge::forced)).has_value());
    heard.clear();
    stream->set_deadline(Instant::max());
    EXPECT_TRUE(
        run(stream->write_all(std::string("RETR 1\r\nTOP 1 0\r\nRETR 2\r\nDELE 1\r\nDELE 2\r\nQUIT\r\n"))).has_value());
    run(testing::listen_until_quiet(stream.get(), &time_, &heard));
    EXPECT_THAT(heard, AllOf(StartsWith("+OK 35 octets\r\nSubject: one\r\n"), HasSubstr("\r\n+OK 22 octets\r\n"),
                             Not(HasSubstr("-ERR")), EndsWith("+OK Goodbye\r\n(closed)")));
    EXPECT_EQ(inbox()->size(), 0U);
}

TEST_F(Pop3dTest, TheAddressIsTakenInAnyCase) {
    EXPECT_THAT(say({"USER Bob@B.Test\r\nPASS builder77\r\n", "STAT\r\n"}).back(), StartsWith("+OK 2 "));
}

TEST_F(Pop3dTest, TopLeavesAMessageUnread) {
    EXPECT_THAT(say({kLogin, "TOP 1 99999999\r\n", "QUIT\r\n"}).at(2), EndsWith("..dot\r\nsecond line\r\n.\r\n"));
    EXPECT_EQ(seen(), 0U);
}

TEST_F(Pop3dTest, OneSessionAtATimeHasTheMaildrop) {
    auto first = run(client().connect({kServer, 110}, {})).value();
    EXPECT_TRUE(run(first->write_all(kLogin)).has_value());
    std::string heard;
    run(testing::listen_until_quiet(first.get(), &time_, &heard));
    EXPECT_THAT(say({kLogin}).back(), HasSubstr("-ERR [IN-USE]"));
    first->close();
    time_.run_for(std::chrono::seconds(5));
    EXPECT_THAT(say({kLogin, "STAT\r\n"}).back(), StartsWith("+OK 2 "));
}

TEST_F(Pop3dTest, ALoginRightAfterABrokenConnectionIsLetWait) {
    auto held = run(client().connect({kServer, 110}, {})).value();
    EXPECT_TRUE(run(held->write_all(kLogin)).has_value());
    std::string heard;
    run(testing::listen_until_quiet(held.get(), &time_, &heard));
    // The old session ends while the new one's login already waits.
    tasks_.spawn("hang up", hang_up_after(&time_, held.get(), std::chrono::seconds(1)));
    EXPECT_THAT(say({kLogin, "STAT\r\n"}).back(), StartsWith("+OK 2 "));
}

TEST_F(Pop3dTest, TheMaildropIsFreeOnceQuitIsAnswered) {
    auto first = run(client().connect({kServer, 110}, {})).value();
    EXPECT_TRUE(run(first->write_all(kLogin + "RETR 1\r\nQUIT\r\n")).has_value());
    // The connection is not closed by its client yet (RFC 1939 §6: the lock goes before the connection).
    time_.run_for(std::chrono::milliseconds(500));
    EXPECT_EQ(seen(), 1U);
    EXPECT_THAT(say({kLogin}).back(), HasSubstr("\r\n+OK"));
}

TEST_F(Pop3dTest, WrongPasswordsAndPasswordsInTheClear) {
    EXPECT_THAT(say({"USER bob@b.test\r\nPASS wrong\r\n"}).back(), HasSubstr("-ERR [AUTH]"));
    EXPECT_THAT(say({"USER nobody@b.test\r\nPASS wrong\r\n"}).back(), HasSubstr("-ERR [AUTH]"));
    EXPECT_THAT(say({"USER bob@b.test\r\n"}, 111).back(), StartsWith("-ERR"));
    EXPECT_THAT(say({"CAPA\r\n"}, 111).back(), Not(HasSubstr("USER")));
}

TEST_F(Pop3dTest, LogsInByAuthWithInitialResponse) {
    using namespace std::string_literals;
    const std::string response = base64::encode("\0bob@b.test\0builder77"s);
    EXPECT_THAT(say({"AUTH PLAIN " + response + "\r\n", "STAT\r\n"}).back(), StartsWith("+OK 2 "));
    EXPECT_THAT(say({"AUTH PLAIN\r\n", response + "\r\n", "STAT\r\n"}).back(), StartsWith("+OK 2 "));
}

TEST_F(Pop3dTest, TooManyConnections) {
    admitted_ = false;
    EXPECT_THAT(say({}), ElementsAre(AllOf(StartsWith("-ERR [SYS/TEMP]"), EndsWith("(closed)"))));
}

TEST_F(Pop3dTest, SilentClientIsLetGoAndItsDeletionsForgotten) {
    for (const std::string& octets : {std::string(), kLogin + "DELE 1\r\n"}) {
        const Instant began = time_.instant();
        run(testing::wait_for_end(&client(), {kServer, 110}, octets));
        // RFC 1939 §3: at least ten minutes once logged in.
        if (!octets.empty()) EXPECT_GE(time_.instant() - began, std::chrono::minutes(10));
        EXPECT_LE(time_.instant() - began, std::chrono::minutes(40));
    }
    EXPECT_EQ(inbox()->size(), 2U);
    EXPECT_THAT(say({kLogin, "STAT\r\n"}).back(), StartsWith("+OK 2 ")) << "the maildrop is free again";
}

TEST_F(Pop3dTest, OctetsThatDripDoNotHoldAPlace) {
    for (const std::string& beginning :
         {std::string(), std::string("USER bob@b.test\r\n"), kLogin, std::string(5000, 'x')}) {
        Texts drip{beginning};
        drip.resize(30, "x"); // one octet a minute
        const Instant began = time_.instant();
        EXPECT_THAT(say(std::move(drip)), Contains(EndsWith("(closed)")));
        EXPECT_LE(time_.instant() - began, std::chrono::minutes(10));
    }
}

TEST_F(Pop3dTest, ClientThatLeavesAtAnyOctetDeletesNothingBeforeQuit) {
    const std::string all = kLogin + "RETR 1\r\nDELE 1\r\nQUIT\r\n";
    for (std::size_t cut = 0; cut < all.size(); ++cut) {
        say({all.substr(0, cut)});
        ASSERT_EQ(inbox()->size(), 2U) << "after " << cut << " octets";
    }
    time_.run_for(std::chrono::minutes(20));
    EXPECT_EQ(connections(), 0U) << "no connection is left behind";
    say({all});
    EXPECT_EQ(inbox()->size(), 1U);
}

TEST_F(Pop3dTest, StoreThatFailsAtAnyStepNeverDeletesWhatItDidNotConfirm) {
    for (std::uint64_t nth = 1; nth <= 25; ++nth) {
        SCOPED_TRACE("call " + std::to_string(nth));
        const std::uint32_t before = inbox()->size();
        engine_.fail(store::MemoryEngine::Call::any, nth, store::ErrorCode::unavailable);
        const Texts answers = say({kLogin, "RETR 1\r\n", "DELE 1\r\n", "QUIT\r\n"});
        engine_.clear_failures();
        const bool deleted = answers.size() == 5 && answers[3].starts_with("+OK") && answers[4].starts_with("+OK");
        ASSERT_EQ(inbox()->size(), before - (deleted ? 1 : 0));
        put("Subject: more\r\n\r\nbody\r\n");
    }
}

} // namespace
} // namespace tegami::pop3d
