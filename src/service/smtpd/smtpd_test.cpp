// The SMTP server over a simulated network: whole dialogues, time-outs, clients that leave, and a store that fails.
#include "service/smtpd/smtpd.h"

#include "base/base64.h"
#include "net/simulated_resolver.h"
#include "testing/mail_world.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tegami::smtpd {
namespace {

using tegami::testing::Texts;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

/// Sends `octets` once the server is quiet; what the next single read brings.
async::Awaitable<std::string> first_read_after(net::Network* network, const Clock* clock, net::Endpoint server,
                                               std::string octets) {
    auto stream = co_await network->connect(server, {});
    std::string greeting;
    const bool open = co_await testing::listen_until_quiet(stream->get(), clock, &greeting);
    EXPECT_TRUE(open);
    (*stream)->set_deadline(Instant::max());
    const auto written = co_await (*stream)->write_all(std::move(octets));
    EXPECT_TRUE(written.has_value());
    std::string buffer(8192, '\0');
    const auto got = co_await (*stream)->read_some(buffer.data(), buffer.size());
    buffer.resize(got.value_or(0));
    co_return buffer;
}

class SmtpdTest : public testing::ServerWorld {
protected:
    SmtpdTest() : bob_(add_account("bob@b.test")), reception_(directory_->lookup(), store_, return_paths_, time_) {
        serve(25, {.role = reception::Role::mx, .tls = TlsMode::none});
        serve(587, {.role = reception::Role::submission, .tls = TlsMode::none, .password_without_tls = true});
        serve(588, {.role = reception::Role::submission, .tls = TlsMode::none});
    }

    ~SmtpdTest() override { stop(); }

    void serve(std::uint16_t port, Listener settings) {
        listen(port, [this, settings](std::unique_ptr<net::Stream> stream) {
            return smtpd::serve(&service_, settings_, settings, std::move(stream), admitted_);
        });
    }

    Texts say(std::uint16_t port, Texts sends) { return talk_to(port, std::move(sends)); }

    std::vector<std::string> bobs_mail() {
        const auto bob = account(bob_);
        const auto inbox = bob->mailboxes()->find(store::Role::inbox);
        const auto view = run(bob->open(inbox->id)).value()->view();
        std::vector<std::string> mail;
        for (std::uint32_t at = 0; at < view->size(); ++at) {
            std::vector<store::EmailId> ids{view->at(at).email};
            const auto rows = run(bob->emails(ids)).value();
            mail.push_back(run(store_.read_blob(rows.front()->blob.id, 0, rows.front()->blob.size)).value());
        }
        return mail;
    }

    store::AccountId bob_;
    store::Queue queue_{&engine_, &time_};
    MemoryBudget memory_{64u << 20};
    delivery::Delivery delivery_{store_, queue_, journeys_, time_, {}, [] {}};
    srs::Rewriter return_paths_{"secret", *message::Domain::parse("b.test")};
    reception::Reception reception_;
    net::SimulatedResolver resolver_{&time_};
    dkim::KeyCache sender_keys_;
    signing::Signatures signatures_{directory_->signing_keys(), workers_, time_};
    Dependencies service_{*authenticator_, reception_, delivery_,    store_,      journeys_, tls_,           memory_,
                          workers_,        resolver_,  sender_keys_, signatures_, time_,     time_.random(), log_};
    std::shared_ptr<const Settings> settings_ =
        std::make_shared<const Settings>(Settings{.host_name = "mail.b.test",
                                                  .default_domain = message::Domain::parse("b.test").value(),
                                                  .message_bytes_max = 100'000,
                                                  .trusted_networks = {}});
    bool admitted_ = true;
};

const Texts kDialogue{"EHLO mail.a.test\r\n",
                      "MAIL FROM:<alice@a.test>\r\n",
                      "RCPT TO:<bob@b.test>\r\n",
                      "DATA\r\n",
                      "Subject: hi\r\n\r\n..dot\r\n.\r\n",
                      "QUIT\r\n"};

TEST_F(SmtpdTest, under_memory_pressure_a_message_is_put_off_and_the_session_goes_on) {
    memory_.set_pressed(true);
    const std::string envelope = "MAIL FROM:<a@a.test>\r\nRCPT TO:<bob@b.test>\r\nDATA\r\n";
    const Texts answers = say(25, {"EHLO a.test\r\n", envelope, "RSET\r\n"});
    EXPECT_THAT(answers[2], HasSubstr("452 4.3.1"));
    EXPECT_THAT(answers[3], StartsWith("250"));
    memory_.set_pressed(false);
    EXPECT_THAT(say(25, {"EHLO a.test\r\n", envelope})[2], HasSubstr("354"));
}

// RFC 2920 §3.2: the answers to a group of commands go out together.
TEST_F(SmtpdTest, a_pipelined_group_is_answered_in_one_piece) {
    const std::string heard = run(first_read_after(
        &client(), &time_, {kServer, 25}, "EHLO a.test\r\nMAIL FROM:<a@a.test>\r\nRCPT TO:<bob@b.test>\r\nDATA\r\n"));
    EXPECT_THAT(heard, AllOf(StartsWith("250-"), HasSubstr("250 2.1.0"), HasSubstr("250 2.1.5"), HasSubstr("354 ")));
}

TEST_F(SmtpdTest, ANewPasswordEndsTheSessions) {
    using namespace std::string_literals;
    auto stream = run(network_.host(kClient).connect({kServer, 587}, {})).value();
    const std::string login = "AUTH PLAIN " + base64::encode("\0bob@b.test\0builder77"s) + "\r\n";
    EXPECT_TRUE(run(stream->write_all("EHLO phone\r\n" + login)).has_value());
    std::string heard;
    EXPECT_TRUE(run(testing::listen_until_quiet(stream.get(), &time_, &heard)));
    ASSERT_THAT(heard, HasSubstr("235 "));
    heard.clear();
    EXPECT_TRUE(
        run(directory_->administration().set_password(message::parse_email_address("bob@b.test").value(), "another")));
    EXPECT_FALSE(run(testing::listen_until_quiet(stream.get(), &time_, &heard)));
    EXPECT_THAT(heard, StartsWith("421 4.7.0"));
}

TEST_F(SmtpdTest, TakesAMessageForAUser) {
    EXPECT_THAT(say(25, kDialogue),
                ElementsAre(StartsWith("220 mail.b.test"), AllOf(StartsWith("250-mail.b.test"), Not(HasSubstr("AUTH"))),
                            StartsWith("250 2.1.0"), StartsWith("250 2.1.5"), StartsWith("354 "),
                            StartsWith("250 2.0.0"), AllOf(StartsWith("221 2.0.0"), EndsWith("(closed)"))));
    EXPECT_THAT(bobs_mail(),
                ElementsAre(AllOf(StartsWith("Return-Path: <alice@a.test>\r\nAuthentication-Results: mail.b.test;\r\n"),
                                  HasSubstr("\r\nReceived: from mail.a.test ([192.0.2.1])\r\n\tby mail.b.test"),
                                  HasSubstr("for <bob@b.test>;"), EndsWith("\r\nSubject: hi\r\n\r\n.dot\r\n"))));
}

// RFC 9990: what came in a domain's name is counted once it is decided; reports about reports are not made.
TEST_F(SmtpdTest, WhatStrangersBringIsCountedForTheReportToItsDomain) {
    store::Tally tally(&engine_, &time_, &log_);
    reporting::DmarcCounter counter(tally);
    service_.dmarc_counter = &counter;
    for (const std::string policy : {"none", "reject"})
        resolver_.add("_dmarc." + policy + ".test", "TXT", "\"v=DMARC1; p=" + policy + "; rua=mailto:r@a.test\"");
    resolver_.add("_dmarc.quiet.test", "TXT", "\"v=DMARC1; p=reject\"");
    const auto bring = [&](const std::string& author, const std::string& to) {
        say(25, {"EHLO a.test\r\n", "MAIL FROM:<x@" + author + ">\r\n", "RCPT TO:<" + to + ">\r\n", "DATA\r\n",
                 "From: x@" + author + "\r\n\r\nhi\r\n.\r\n"});
    };
    for (const std::string author : {"none.test", "none.test", "reject.test", "quiet.test", "silent.test"})
        bring(author, "bob@b.test");
    bring("none.test", "dmarc-reports@b.test");
    run(tally.flush()).value();
    const auto day = std::chrono::floor<std::chrono::days>(time_.now());
    std::vector<std::string> counted;
    for (const store::TallySum& sum : run(tally.sums(store::TallyKind::dmarc, day, "")).value())
        for (const store::TallyRow& row : run(tally.rows(sum.place, "")).value().rows)
            counted.push_back(sum.place.domain + " " + std::to_string(row.count));
    EXPECT_THAT(counted, ElementsAre("none.test 2", "reject.test 1"));
}

TEST_F(SmtpdTest, BlindCopiesAndForeignReturnPathsAreNotHandedOn) {
    using namespace std::string_literals;
    const std::string header =
        "Return-path : <eve@c.test>\r\nFrom: bob@b.test\r\nBcc: carol@c.test,\r\n dave@c.test\r\nTo: x@c.test\r\n";
    const Texts letter{"MAIL FROM:<bob@b.test>\r\nRCPT TO:<bob@b.test>\r\nDATA\r\n", header + "\r\nBcc: text\r\n.\r\n"};
    say(25, {"EHLO a.test\r\n", letter[0], letter[1]});
    say(587,
        {"EHLO a.test\r\nAUTH PLAIN " + base64::encode("\0bob@b.test\0builder77"s) + "\r\n", letter[0], letter[1]});
    const std::vector<std::string> mail = bobs_mail();
    ASSERT_EQ(mail.size(), 2U);
    EXPECT_THAT(
        mail[0],
        EndsWith("\r\nFrom: bob@b.test\r\nBcc: carol@c.test,\r\n dave@c.test\r\nTo: x@c.test\r\n\r\nBcc: text\r\n"));
    EXPECT_THAT(mail[1], EndsWith("\r\nFrom: bob@b.test\r\nTo: x@c.test\r\n\r\nBcc: text\r\n"));
    for (const std::string& each : mail)
        EXPECT_THAT(each, AllOf(StartsWith("Return-Path: <bob@b.test>\r\n"), Not(HasSubstr("eve"))));
}

/// RFC 5321 §4.5.3.2 gives a client minutes for a command, not for each octet of it.
TEST_F(SmtpdTest, OctetsThatDripDoNotHoldAPlace) {
    const std::string envelope = "EHLO a.test\r\nMAIL FROM:<a@a.test>\r\nRCPT TO:<bob@b.test>\r\n";
    const Texts beginnings{"",
                           "EHLO a.test\r\n",
                           envelope,
                           envelope + "DATA\r\n",
                           envelope + "DATA\r\n" + std::string(200'000, 'x'),
                           std::string(5000, 'x')};
    for (const std::string& beginning : beginnings) {
        Texts drip{beginning};
        drip.resize(30, "x"); // one octet a minute
        const Instant began = time_.instant();
        const Texts answers = say(25, std::move(drip));
        std::string all;
        for (const std::string& answer : answers)
            all += answer;
        EXPECT_THAT(all, EndsWith("421 4.4.2 mail.b.test This took too long\r\n(closed)")) << beginning.substr(0, 80);
        EXPECT_LE(time_.instant() - began, std::chrono::minutes(16));
    }
}

TEST_F(SmtpdTest, CommandsOneByOneHaveTheirTimeEach) {
    Texts slow;
    for (int round = 0; round < 10; ++round) {
        slow.insert(slow.end(), {"NO", "OP\r\nNO", "OP\r\n"});
    }
    const Texts answers = say(25, std::move(slow));
    EXPECT_THAT(answers.back(), StartsWith("250 2.0.0"));
}

TEST_F(SmtpdTest, TakesAPipelinedTransactionInOnePiece) {
    std::string all;
    for (const std::string& line : kDialogue)
        all += line;
    const Texts answers = say(25, {all});
    EXPECT_THAT(answers.back(), AllOf(HasSubstr("\r\n354 "), HasSubstr("\r\n250 2.0.0"), HasSubstr("\r\n221 ")));
    EXPECT_EQ(bobs_mail().size(), 1U);
}

/// Scanners and old scripts say all they have to say before they listen.
TEST_F(SmtpdTest, AClientThatDoesNotWaitForTheGreetingIsHeard) {
    auto stream = run(network_.host(kClient).connect({kServer, 25}, {})).value();
    std::string all;
    for (const std::string& line : kDialogue)
        all += line;
    EXPECT_TRUE(run(stream->write_all(std::move(all))).has_value());
    std::string heard;
    EXPECT_FALSE(run(testing::listen_until_quiet(stream.get(), &time_, &heard)));
    EXPECT_THAT(heard, AllOf(StartsWith("220 mail.b.test"), HasSubstr("\r\n250 2.0.0"), HasSubstr("\r\n221 ")));
    EXPECT_EQ(bobs_mail().size(), 1U);
}

TEST_F(SmtpdTest, DevicesWithOddNamesAndAddressesOfCarriersSend) {
    for (const std::string& name : {"m\u00fcller-pc", "localhost.(none)", "m\xfcller"}) {
        for (const std::string& greeting : {"EHLO ", "HELO "}) {
            const Texts answers = say(25, {greeting + name + "\r\n", "MAIL FROM:<taro.@carrier.test>\r\n",
                                           "RCPT TO:<bob@b.test>\r\n", "DATA\r\n", "\r\n.\r\n"});
            EXPECT_THAT(answers.back(), StartsWith("250 2.0.0")) << name;
        }
    }
    const std::vector<std::string> mail = bobs_mail();
    ASSERT_EQ(mail.size(), 6U);
    EXPECT_THAT(mail[0],
                StartsWith("Return-Path: <\"taro.\"@carrier.test>\r\nAuthentication-Results: mail.b.test;\r\n"));
    EXPECT_THAT(mail[0],
                AllOf(HasSubstr("smtp.helo=xn--mller-pc-65a;"), HasSubstr("\r\nReceived: from xn--mller-pc-65a (")));
    EXPECT_THAT(mail[2], HasSubstr("Received: from localhost.?none? ("));
    EXPECT_THAT(mail[4], HasSubstr("Received: from m?xfcller ("));
}

TEST_F(SmtpdTest, StrangersMayNotRelay) {
    const Texts answers = say(25, {"EHLO x.test\r\n", "MAIL FROM:<a@a.test>\r\n", "RCPT TO:<c@c.test>\r\n",
                                   "RCPT TO:<no@b.test>\r\n", "DATA\r\n"});
    EXPECT_THAT(answers[3], StartsWith("550 5.7.1"));
    EXPECT_THAT(answers[4], StartsWith("550 5.1.1"));
    EXPECT_THAT(answers[5], AnyOf(StartsWith("503 "), StartsWith("554 ")));
}

TEST_F(SmtpdTest, SubmissionAsksForALoginAndAddsWhatIsMissing) {
    using namespace std::string_literals;
    const std::string login = "AUTH PLAIN " + base64::encode("\0bob@b.test\0builder77"s) + "\r\n";
    const Texts refused = say(587, {"EHLO phone\r\n", "MAIL FROM:<bob@b.test>\r\n"});
    EXPECT_THAT(refused.back(), StartsWith("530 5.7.0"));
    const Texts answers = say(587, {"EHLO phone\r\n", login, "MAIL FROM:<bob@b.test>\r\n", "RCPT TO:<c@c.test>\r\n",
                                    "RCPT TO:<bob@b.test>\r\n", "DATA\r\n", "Subject: x\r\n\r\ny\r\n.\r\n"});
    EXPECT_THAT(answers[2], StartsWith("235 2.7.0"));
    EXPECT_THAT(answers.back(), StartsWith("250 2.0.0"));
    EXPECT_THAT(bobs_mail(), ElementsAre(AllOf(HasSubstr("\r\nDate: "), HasSubstr("\r\nMessage-ID: <"),
                                               HasSubstr("\r\nFrom: "), Not(HasSubstr("192.0.2.1")))));
    EXPECT_EQ(run(queue_.list(store::QueueId(), 10)).value().messages.size(), 1U);
}

TEST_F(SmtpdTest, WhatLeavesIsSignedByUsersAndSealedForStrangers) {
    using namespace std::string_literals;
    const auto key = dkim::PrivateKey::generate(dkim::KeyType::rsa);
    EXPECT_TRUE(run(directory_->signing_keys().put({{.domain = message::Domain::parse("b.test").value(),
                                                     .selector = "k1",
                                                     .algorithm = "rsa",
                                                     .private_key = key.pem(),
                                                     .record = key.record(),
                                                     .state = directory::SigningKeyState::signing,
                                                     .since = {}}})));
    EXPECT_TRUE(run(directory_->administration().add_alias(
        {.address = testing::address("team@b.test"), .targets = {testing::address("x@c.test")}})));
    const Texts letter{"RCPT TO:<team@b.test>\r\n", "DATA\r\n", "From: bob@b.test\r\nSubject: x\r\n\r\ny\r\n.\r\n"};
    const auto sent = [&](std::uint16_t port, Texts greeting) {
        greeting.insert(greeting.end(), letter.begin(), letter.end());
        EXPECT_THAT(say(port, std::move(greeting)).back(), StartsWith("250 2.0.0"));
        return run(queue_.list(store::QueueId(), 10)).value().messages.back().message;
    };
    const std::string login = "AUTH PLAIN " + base64::encode("\0bob@b.test\0builder77"s) + "\r\n";
    const store::QueueMessage users = sent(587, {"EHLO x\r\n", login, "MAIL FROM:<bob@b.test>\r\n"});
    EXPECT_THAT(users.prefix, AllOf(StartsWith("DKIM-Signature: v=1; a=rsa-sha256;"), HasSubstr("d=b.test; s=k1;")));
    EXPECT_FALSE(users.passed_on);
    const store::QueueMessage strangers = sent(25, {"EHLO x\r\n", "MAIL FROM:<a@a.test>\r\n"});
    EXPECT_THAT(strangers.prefix,
                AllOf(StartsWith("ARC-Seal: i=1;"), HasSubstr("\r\nARC-Authentication-Results: i=1; mail.b.test;"),
                      Not(HasSubstr("DKIM-Signature"))));
    EXPECT_TRUE(strangers.passed_on);
}

TEST_F(SmtpdTest, AUserCannotWriteAsSomebodyElse) {
    using namespace std::string_literals;
    const std::string login = "AUTH PLAIN " + base64::encode("\0bob@b.test\0builder77"s) + "\r\n";
    EXPECT_THAT(say(587, {"EHLO x\r\n", login, "MAIL FROM:<eve@b.test>\r\n"}).back(), StartsWith("550 5.7.1"));
    EXPECT_THAT(say(587, {"EHLO x\r\n", login, "MAIL FROM:<bob@b.test>\r\n", "RCPT TO:<bob@b.test>\r\n", "DATA\r\n",
                          "From: eve@b.test\r\n\r\ny\r\n.\r\n"})
                    .back(),
                StartsWith("550 5.7.1"));
    EXPECT_TRUE(bobs_mail().empty());
}

/// RFC 4616 §2: the first name is whom the login is for.
TEST_F(SmtpdTest, ALoginMayNameItsUserTwiceAndNobodyElse) {
    const auto logged_in = [this](std::string whom, std::string who) {
        const std::string text = std::move(whom) + '\0' + std::move(who) + '\0' + "builder77";
        return say(587, {"EHLO x\r\n", "AUTH PLAIN " + base64::encode(text) + "\r\n"}).back().substr(0, 3);
    };
    for (const char* const same : {"", "bob@b.test", "BOB@B.Test", "bob"})
        EXPECT_EQ(logged_in(same, same[0] == '\0' ? "Bob@b.test" : same), "235") << same;
    EXPECT_EQ(logged_in("Bob@B.test", "bob"), "235");
    for (const char* const other : {"eve@b.test", "bob@c.test", "root", "*"})
        EXPECT_EQ(logged_in(other, "bob@b.test"), "535") << other;
}

TEST_F(SmtpdTest, WrongPasswordsAndPasswordsInTheClear) {
    using namespace std::string_literals;
    const std::string wrong = "AUTH PLAIN " + base64::encode("\0bob@b.test\0wrong"s) + "\r\n";
    EXPECT_THAT(say(587, {"EHLO x\r\n", wrong}).back(), StartsWith("535 5.7.8"));
    const Texts clear = say(588, {"EHLO x\r\n", "AUTH PLAIN " + base64::encode("\0bob@b.test\0builder77"s) + "\r\n"});
    EXPECT_THAT(clear[1], Not(HasSubstr("AUTH")));
    EXPECT_THAT(clear[2], StartsWith("5"));
}

TEST_F(SmtpdTest, TooManyConnections) {
    admitted_ = false;
    EXPECT_THAT(say(25, {}), ElementsAre(AllOf(StartsWith("421 4.7.0"), EndsWith("(closed)"))));
}

TEST_F(SmtpdTest, MessageTooLargeIsRefusedAndTheSessionGoesOn) {
    Texts sends(kDialogue.begin(), kDialogue.begin() + 4);
    sends.push_back(std::string(200'000, 'x') + "\r\n.\r\n");
    sends.push_back("NOOP\r\n");
    // Lines of that length are refused too; either way nothing is stored.
    const Texts answers = say(25, sends);
    EXPECT_THAT(answers[5], StartsWith("5"));
    EXPECT_THAT(answers[6], StartsWith("250 "));
    EXPECT_TRUE(bobs_mail().empty());
}

TEST_F(SmtpdTest, SilentClientIsToldAndLetGo) {
    for (const std::string octets :
         {"", "EHLO x\r\n", "EHLO x\r\nMAIL FROM:<a@a.test>\r\nRCPT TO:<bob@b.test>\r\nDATA\r\nhalf"}) {
        const Instant began = time_.instant();
        const std::string heard = run(testing::wait_for_end(&client(), {kServer, 25}, octets));
        EXPECT_THAT(heard, HasSubstr("421 4.4.2")) << octets;
        // RFC 5321 §4.5.3.2.7
        EXPECT_GE(time_.instant() - began, std::chrono::minutes(3));
        EXPECT_LE(time_.instant() - began, std::chrono::minutes(15));
    }
    EXPECT_TRUE(bobs_mail().empty());
}

TEST_F(SmtpdTest, ClientThatLeavesAtAnyOctetStoresNothingOrOneMessage) {
    std::string all;
    for (const std::string& line : kDialogue)
        all += line;
    const std::size_t end_of_message = all.find("\r\n.\r\n") + 5;
    std::size_t expected = 0;
    for (std::size_t cut = 1; cut < all.size(); ++cut) {
        // talk() closes its side when its texts are said.
        const Texts answers = say(25, {all.substr(0, cut)});
        if (cut >= end_of_message) ++expected;
        ASSERT_EQ(bobs_mail().size(), expected) << "after " << cut << " octets";
    }
    time_.run_for(std::chrono::minutes(20));
    EXPECT_EQ(connections(), 0U) << "no connection is left behind";
    engine_.collect();
    EXPECT_EQ(engine_.blob_count(), expected) << "abandoned messages leave no octets";
}

TEST_F(SmtpdTest, StoreThatFailsAtAnyStepNeverLosesWhatWasAcknowledged) {
    std::size_t stored = 0;
    std::size_t refused = 0;
    for (std::uint64_t nth = 1; nth <= 40; ++nth) {
        SCOPED_TRACE("call " + std::to_string(nth));
        engine_.fail(store::MemoryEngine::Call::any, nth, store::ErrorCode::no_space);
        const Texts answers = say(25, kDialogue);
        engine_.clear_failures();
        const auto trouble = std::ranges::find_if(
            answers, [](const std::string& answer) { return !answer.starts_with('2') && !answer.starts_with("354"); });
        const bool acknowledged = trouble == answers.end();
        if (!acknowledged) EXPECT_THAT(*trouble, StartsWith("4")) << "our fault is never permanent";
        ++(acknowledged ? stored : refused);
        ASSERT_EQ(bobs_mail().size(), stored);
    }
    EXPECT_GT(stored, 0U);
    EXPECT_GT(refused, 0U);
}

} // namespace
} // namespace tegami::smtpd
