// One connection to another server, played by a script on the simulated network; broken at every step in turn.
#include "async/task_group.h"
#include "async/virtual_time.h"
#include "net/simulated_network.h"
#include "relay/connection.h"
#include "store/engine/memory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tegami::relay {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

const IpAddress kUs = IpAddress::parse("192.0.2.1").value();
const IpAddress kThem = IpAddress::parse("192.0.2.2").value();

/// One turn of the server: what it waits for (the end of the client's octets; empty: nothing), then what it says.
struct Turn {
    std::string after;
    std::string says;
};

enum class End { close, silence };

/// Plays the turns, then closes or says nothing more; `heard` is all that came.
async::Awaitable<> play(net::Listener* listener, async::Timers* timers, std::vector<Turn> turns, End end,
                        std::string* heard) {
    const async::Executor executor = co_await boost::asio::this_coro::executor;
    auto stream = co_await listener->accept(executor);
    if (!stream) co_return;
    for (const Turn& turn : turns) {
        while (!heard->ends_with(turn.after)) {
            std::string octets(4096, '\0');
            const auto got = co_await (*stream)->read_some(octets.data(), octets.size());
            if (!got) co_return;
            heard->append(octets, 0, *got);
        }
        const auto written = co_await (*stream)->write_all(turn.says);
        if (!written) co_return;
    }
    if (end == End::silence) co_await async::sleep(timers, std::chrono::hours(2));
}

const std::vector<Turn> kGoodServer{
    {"", "220 mail.b.test ready\r\n"}, {"EHLO mail.a.test\r\n", "250-mail.b.test\r\n250 SIZE 1000000\r\n"},
    {"\r\n", "250 2.1.0 sender\r\n"},  {"RCPT TO:<bob@b.test>\r\n", "250 2.1.5 recipient\r\n"},
    {"DATA\r\n", "354 go on\r\n"},     {"\r\n.\r\n", "250 2.0.0 taken\r\n"}};

class ConnectionTest : public ::testing::Test {
protected:
    ConnectionTest() {
        listener_ = network_.host(kThem).listen({kThem, 25}, time_.executor()).value();
        const auto blob = engine_.new_blob();
        const auto put = time_.run(blob->append("Return-Path: <a@a.test>\r\nSubject: x\r\n\r\n.dot\r\n"));
        EXPECT_TRUE(put.has_value());
        letter_.blob = time_.run(blob->finish("card", {})).value();
        letter_.content_from = 25;
        letter_.envelope.reverse_path = message::parse_email_address("a@a.test").value();
        letter_.envelope.recipients = {message::parse_email_address("bob@b.test").value()};
    }

    ~ConnectionTest() override {
        tasks_.cancel();
        time_.run(tasks_.join());
    }

    void serve(std::vector<Turn> turns, End end = End::close) {
        tasks_.spawn("server", play(listener_.get(), &time_, std::move(turns), end, &heard_));
    }

    auto open() { return time_.run(Connection::open(&dependencies_, target_, {})); }

    async::VirtualTime time_{3};
    net::SimulatedNetwork network_{&time_};
    store::MemoryEngine engine_;
    store::Store store_{&engine_, &time_};
    ConnectionDependencies dependencies_{
        .network = network_.host(kUs), .store = store_, .timers = time_, .tls = nullptr, .host_name = "mail.a.test"};
    Target target_{.host = "mail.b.test", .endpoint = {kThem, 25}};
    Letter letter_;
    std::string heard_;
    std::unique_ptr<net::Listener> listener_;
    async::TaskGroup tasks_{time_.executor(), [](std::string_view, std::string_view reason) { FAIL() << reason; }};
};

TEST_F(ConnectionTest, SendsTheMessageWithoutItsFrontAndKeepsTheDialogue) {
    serve(kGoodServer);
    const auto connection = open();
    ASSERT_TRUE(connection.has_value());
    EXPECT_TRUE((*connection)->reusable());
    const auto results = time_.run((*connection)->send(letter_));
    ASSERT_EQ(results.size(), 1U);
    EXPECT_EQ(results.front().outcome, smtp::Outcome::delivered);
    EXPECT_THAT(heard_, HasSubstr("DATA\r\nSubject: x\r\n\r\n..dot\r\n.\r\n"));
    EXPECT_TRUE((*connection)->reusable());
    EXPECT_THAT((*connection)->take_dialogue(),
                ElementsAre("S: 220 mail.b.test ready", "C: EHLO mail.a.test", "S: 250-mail.b.test",
                            "S: 250 SIZE 1000000", HasSubstr("C: MAIL FROM:<a@a.test>"), "S: 250 2.1.0 sender",
                            "C: RCPT TO:<bob@b.test>", "S: 250 2.1.5 recipient", "C: DATA", "S: 354 go on",
                            "C: (the message)", "S: 250 2.0.0 taken"));
    EXPECT_TRUE((*connection)->take_dialogue().empty());
}

TEST_F(ConnectionTest, RefusedRecipientLeavesTheConnectionUsable) {
    auto turns = kGoodServer;
    turns.resize(4);
    turns[3].says = "550 5.1.1 no such user\r\n";
    turns.push_back({"RSET\r\n", "250 2.0.0 reset\r\n"});
    serve(turns);
    const auto connection = open();
    ASSERT_TRUE(connection.has_value());
    const auto results = time_.run((*connection)->send(letter_));
    ASSERT_EQ(results.size(), 1U);
    EXPECT_EQ(results.front().outcome, smtp::Outcome::permanent);
    EXPECT_EQ(smtp::to_string(results.front().status), "5.1.1");
    EXPECT_TRUE((*connection)->reusable());
}

TEST_F(ConnectionTest, NobodyListens) {
    target_.endpoint.port = 26;
    const auto connection = open();
    ASSERT_FALSE(connection.has_value());
    EXPECT_EQ(connection.error().outcome, smtp::Outcome::temporary);
    EXPECT_EQ(connection.error().stage, smtp::Stage::connect);
    EXPECT_THAT(connection.error().text, HasSubstr("did not answer at 192.0.2.2:26: "));
}

TEST_F(ConnectionTest, GreetingThatRefusesIsPassedOn) {
    serve({{"", "554 5.7.1 not you\r\n"}}, End::silence);
    const auto connection = open();
    ASSERT_FALSE(connection.has_value());
    EXPECT_EQ(connection.error().outcome, smtp::Outcome::permanent);
    EXPECT_EQ(connection.error().reply->code, 554);
}

TEST_F(ConnectionTest, UnreadableBodyIsOurFaultAndTemporary) {
    serve(kGoodServer);
    const auto connection = open();
    ASSERT_TRUE(connection.has_value());
    engine_.fail(store::MemoryEngine::Call::blob_read, 1, store::ErrorCode::unavailable);
    const auto results = time_.run((*connection)->send(letter_));
    ASSERT_EQ(results.size(), 1U);
    EXPECT_EQ(results.front().outcome, smtp::Outcome::temporary);
    // Nothing of what the store says about it, such as paths: a report carries this to strangers.
    EXPECT_THAT(results.front().text, HasSubstr("the sending server cannot read it now"));
    EXPECT_THAT(results.front().text, Not(HasSubstr("injected")));
    EXPECT_FALSE((*connection)->reusable());
    EXPECT_FALSE(heard_.ends_with("\r\n.\r\n")) << "half a message must not end like a whole one";
}

TEST_F(ConnectionTest, DamagedBodyNeverGetsBetter) {
    serve(kGoodServer);
    const auto connection = open();
    ASSERT_TRUE(connection.has_value());
    engine_.damage(letter_.blob.id);
    const auto results = time_.run((*connection)->send(letter_));
    ASSERT_EQ(results.size(), 1U);
    EXPECT_EQ(results.front().outcome, smtp::Outcome::permanent);
    EXPECT_THAT(results.front().text, HasSubstr("damaged on the sending server's disk"));
    EXPECT_FALSE(heard_.ends_with("\r\n.\r\n"));
}

/// Whatever step the server leaves at, in whichever way, every recipient has a temporary result in bounded time.
TEST_F(ConnectionTest, ServerThatLeavesAtAnyStep) {
    for (const End end : {End::close, End::silence}) {
        for (std::size_t step = 0; step < kGoodServer.size(); ++step) {
            SCOPED_TRACE("step " + std::to_string(step) + (end == End::close ? " closed" : " silent"));
            heard_.clear();
            const Instant began = time_.instant();
            const auto last = kGoodServer.begin() + static_cast<std::ptrdiff_t>(step);
            std::vector<Turn> turns(kGoodServer.begin(), last);
            // It still hears what it leaves without an answer.
            turns.push_back({kGoodServer[step].after, ""});
            serve(turns, end);
            const auto connection = open();
            if (step < 2) {
                ASSERT_FALSE(connection.has_value());
                EXPECT_EQ(connection.error().outcome, smtp::Outcome::temporary);
            } else {
                ASSERT_TRUE(connection.has_value());
                const auto results = time_.run((*connection)->send(letter_));
                ASSERT_EQ(results.size(), 1U);
                EXPECT_EQ(results.front().outcome, smtp::Outcome::temporary);
                EXPECT_EQ(results.front().uncertain, step == 5) << "only between the end and its answer";
                EXPECT_FALSE((*connection)->reusable());
            }
            EXPECT_LT(time_.instant() - began, std::chrono::minutes(15));
            time_.run_for(std::chrono::hours(3)); // the silent server ends
        }
    }
}

/// Says one octet every two minutes.
async::Awaitable<> drip(net::Listener* listener, async::Timers* timers, std::string before, std::string octet) {
    const async::Executor executor = co_await boost::asio::this_coro::executor;
    auto stream = co_await listener->accept(executor);
    if (!stream) co_return;
    auto written = co_await (*stream)->write_all(std::move(before));
    while (written) {
        co_await async::sleep(timers, std::chrono::minutes(2));
        written = co_await (*stream)->write_all(octet);
    }
}

/// RFC 5321 §4.5.3.2 gives a server minutes for a reply, not for each octet or line of it.
TEST_F(ConnectionTest, AReplyThatDripsIsNotWaitedFor) {
    for (const std::string& before : {"", "220", "220-", "220 x\r\n250-", "220 x\r\n250-x\r\n"}) {
        for (const std::string& octet : {"x", "250-x\r\n"}) {
            SCOPED_TRACE(before + "|" + octet);
            tasks_.spawn("server", drip(listener_.get(), &time_, before, octet));
            const Instant began = time_.instant();
            const auto connection = open();
            ASSERT_FALSE(connection.has_value());
            EXPECT_EQ(connection.error().outcome, smtp::Outcome::temporary);
            EXPECT_LE(time_.instant() - began, std::chrono::minutes(11)) << "the greeting and EHLO";
            time_.run_for(std::chrono::minutes(5));
        }
    }
}

TEST_F(ConnectionTest, AReplyWithoutEndIsBounded) {
    for (const std::string& line :
         {"250-" + std::string(5000, 'x'), std::string("250-x\r\n"), std::string(1000, '2')}) {
        std::string endless = "220 x\r\n";
        while (endless.size() < 200'000)
            endless += line;
        serve({{"", endless}}, End::silence);
        const Instant began = time_.instant();
        const auto connection = open();
        ASSERT_FALSE(connection.has_value());
        EXPECT_THAT(connection.error().text, HasSubstr("not an SMTP reply"));
        EXPECT_LE(time_.instant() - began, std::chrono::minutes(1));
        time_.run_for(std::chrono::hours(3));
    }
}

TEST_F(ConnectionTest, DialogueIsBounded) {
    auto turns = kGoodServer;
    std::string many;
    for (int i = 0; i < 40; ++i)
        many += "250-" + std::string(300, 'x') + "\r\n";
    turns[1].says = many + "250 SIZE\r\n";
    serve(turns);
    const auto connection = open();
    ASSERT_TRUE(connection.has_value());
    const auto lines = (*connection)->take_dialogue();
    EXPECT_LE(lines.size(), kDialogueLinesMax);
    for (const std::string& line : lines)
        EXPECT_LE(line.size(), kDialogueLineBytesMax + 10);
}

} // namespace
} // namespace tegami::relay
