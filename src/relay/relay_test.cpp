// The relay between a queue on the memory engine and servers on the simulated network that hang, break or lie.
#include "relay/relay.h"

#include "net/simulated_resolver.h"
#include "testing/mail_world.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

namespace tegami::relay {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::address;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

const IpAddress kOurAddress = IpAddress::parse("192.0.2.1").value();
constexpr std::string_view kReturnPath = "Return-Path: <alice@a.test>\r\n";

/// Answers as the table says, but never for some names, and breaks once for others.
class Resolver final : public net::Resolver {
public:
    explicit Resolver(async::VirtualTime* time) : table(time), time_(time) {}

    async::Awaitable<net::DnsAnswer> query(dns::Name name, dns::Type type) override {
        if (breaking == name.to_string()) {
            breaking.clear();
            throw std::runtime_error("made to break");
        }
        if (hanging == name.to_string()) co_await async::sleep(time_, hours(1));
        co_return co_await table.query(std::move(name), type);
    }

    net::SimulatedResolver table;
    std::string hanging;
    std::string breaking;

private:
    async::VirtualTime* time_;
};

/// A server of other people: takes what comes, says 550 to nobody@, or hangs where it is told to.
class Sink {
public:
    enum class Hangs { never, at_greeting, before_the_last_reply };

    Sink(async::VirtualTime* time, net::SimulatedNetwork* network, std::string_view at)
        : go_on(time->executor()), time_(*time),
          listener_(network->host(IpAddress::parse(at).value())
                        .listen({IpAddress::parse(at).value(), 25}, time->executor())
                        .value()),
          tasks_(time->executor(), [](std::string_view, std::string_view reason) { ADD_FAILURE() << reason; }) {
        tasks_.spawn("sink", accept());
    }

    ~Sink() {
        tasks_.cancel();
        time_.run(tasks_.join());
    }

    Sink(const Sink&) = delete;
    Sink& operator=(const Sink&) = delete;

    Hangs hangs = Hangs::never;
    async::Event go_on;
    std::vector<std::string> taken; ///< messages
    std::size_t bodies = 0;         ///< ends of messages that came
    std::size_t connections = 0;

private:
    async::Awaitable<> accept() {
        for (;;) {
            auto stream = co_await listener_->accept(time_.executor());
            if (!stream) co_return;
            ++connections;
            std::shared_ptr<net::Stream> shared = std::move(*stream);
            tasks_.spawn("connection", serve(shared));
        }
    }

    async::Awaitable<> serve(std::shared_ptr<net::Stream> stream) {
        if (hangs == Hangs::at_greeting) co_await async::sleep(&time_, hours(24));
        const auto greeted = co_await stream->write_all("220 sink\r\n");
        if (!greeted) co_return;
        std::string heard;
        bool in_data = false;
        for (;;) {
            std::string octets(8192, '\0');
            const auto got = co_await stream->read_some(octets.data(), octets.size());
            if (!got) co_return;
            heard.append(octets, 0, *got);
            std::string replies;
            for (;;) {
                const std::string end = in_data ? "\r\n.\r\n" : "\r\n";
                const std::size_t at = heard.find(end);
                if (at == std::string::npos) break;
                const std::string word = heard.substr(0, at);
                heard.erase(0, at + end.size());
                if (in_data) {
                    ++bodies;
                    if (hangs == Hangs::before_the_last_reply) co_await go_on.wait();
                    taken.push_back(word);
                }
                replies += in_data                                ? "250 2.0.0 taken\r\n"
                           : word.starts_with("DATA")             ? "354 go on\r\n"
                           : word.starts_with("RCPT TO:<nobody@") ? "550 5.1.1 no such user\r\n"
                           : word.starts_with("QUIT")             ? "221 bye\r\n"
                                                                  : "250 2.0.0 ok\r\n";
                in_data = !in_data && word.starts_with("DATA") && !replies.ends_with("550 5.1.1 no such user\r\n");
            }
            const auto written = co_await stream->write_all(std::move(replies));
            if (!written) co_return;
        }
    }

    async::VirtualTime& time_;
    std::unique_ptr<net::Listener> listener_;
    async::TaskGroup tasks_;
};

class RelayTest : public testing::MailWorld {
protected:
    RelayTest() : MailWorld("a.test"), alice_(add_account("alice@a.test")) {
        delivery_.emplace(store_, queue_, journeys_, time_, delivery::DeliveryOptions{}, [this] { relay_->wake(); });
        relay_.emplace(Dependencies{.store = store_,
                                    .queue = queue_,
                                    .journeys = journeys_,
                                    .directory = directory_->lookup(),
                                    .delivery = *delivery_,
                                    .network = network_.host(kOurAddress),
                                    .resolver = resolver_,
                                    .tls = nullptr,
                                    .timers = time_,
                                    .random = time_.random(),
                                    .log = log_},
                       RelayOptions{.host_name = "mail.a.test", .retry = {}}, time_.executor());
        tasks_.spawn("relay", relay_->run());
    }

    ~RelayTest() override {
        if (!stopped_) run(relay_->stop());
        tasks_.cancel();
        time_.run(tasks_.join());
    }

    std::unique_ptr<Sink> server(std::string_view domain, std::string_view at) {
        const std::string host = "mx." + std::string(domain);
        resolver_.table.add(domain, "MX", "10 " + host);
        resolver_.table.add(host, "A", at);
        return std::make_unique<Sink>(&time_, &network_, at);
    }

    store::BlobRef blob(std::string_view subject) {
        const auto writer = engine_.new_blob();
        std::string octets = std::string(kReturnPath) + "Subject: " + std::string(subject) + "\r\n\r\nbody\r\n";
        EXPECT_TRUE(run(writer->append(std::move(octets))).has_value());
        return run(writer->finish("card", "")).value();
    }

    store::QueuedMessage message_to(const std::vector<std::string>& to, std::string_view subject = "x") {
        std::vector<store::QueueRecipient> recipients;
        for (const std::string& each : to)
            recipients.push_back({.address = address(each)});
        store::QueuedMessage queued{.message = {.reverse_path = address("alice@a.test"),
                                                .blob = blob(subject),
                                                .content_from = kReturnPath.size(),
                                                .created = time_.now(),
                                                .expires = time_.now() + std::chrono::days(5)},
                                    .items = store::remote_items(std::move(recipients), time_.now())};
        return queued;
    }

    void send(const std::vector<std::string>& to, std::string_view subject = "x") { add(message_to(to, subject)); }

    void add(store::QueuedMessage message) {
        EXPECT_TRUE(run(queue_.add(std::move(message))).has_value());
        relay_->wake();
    }

    std::vector<store::QueuedMessage> queued() { return run(queue_.list(store::QueueId(), 100)).value().messages; }

    std::uint64_t alices_messages() { return run(store_.account(alice_)).value()->quota().messages; }

    net::SimulatedNetwork network_{&time_};
    Resolver resolver_{&time_};
    store::Queue queue_{&engine_, &time_};
    store::AccountId alice_;
    std::optional<delivery::Delivery> delivery_;
    std::optional<Relay> relay_;
    bool stopped_ = false;
    async::TaskGroup tasks_{time_.executor(), [](std::string_view, std::string_view reason) { FAIL() << reason; }};
};

TEST_F(RelayTest, WhatLeavesIsTheContentBehindItsPrefix) {
    const auto sink = server("b.test", "192.0.2.2");
    store::QueuedMessage message = message_to({"bob@b.test", "bill@b.test"});
    message.message.prefix = "DKIM-Signature: x\r\n";
    add(std::move(message));
    time_.run_for(seconds(5));
    EXPECT_THAT(sink->taken, ElementsAre("DKIM-Signature: x\r\nSubject: x\r\n\r\nbody"));
    EXPECT_THAT(queued(), IsEmpty());
}

/// F2: a destination that hangs holds up neither other destinations,
/// nor local copies, nor reports, whatever waits there.
TEST_F(RelayTest, ADestinationThatHangsDelaysNobodyElse) {
    const auto hanging = server("hangs.test", "192.0.2.2");
    hanging->hangs = Sink::Hangs::at_greeting;
    const auto other = server("b.test", "192.0.2.3");
    for (std::size_t i = 0; i < 3 * kRemoteSlots; ++i)
        EXPECT_TRUE(run(queue_.add(message_to({"x@hangs.test"}))).has_value());
    relay_->wake();
    time_.run_for(seconds(1));
    EXPECT_LE(hanging->connections, kPlacesMax);

    send({"bob@b.test"});
    send({"nobody@b.test"});
    store::QueuedMessage local = message_to({"alice@a.test"});
    local.items = {store::local_item(alice_, {.address = address("alice@a.test")}, time_.now())};
    add(std::move(local));
    time_.run_for(seconds(5));
    EXPECT_THAT(other->taken, SizeIs(1));
    EXPECT_EQ(alices_messages(), 2U) << "the local copy, and the report";
}

/// Fairness: what waits at many hanging destinations does not take the last slots from one that works.
TEST_F(RelayTest, ManyDestinationsThatHangDelayNobodyElse) {
    std::vector<std::unique_ptr<Sink>> hanging;
    for (int i = 0; i < 100; ++i) {
        const std::string domain = "h" + std::to_string(i) + ".test";
        hanging.push_back(server(domain, "198.51.100." + std::to_string(i + 1)));
        hanging.back()->hangs = Sink::Hangs::at_greeting;
        for (int letter = 0; letter < 8; ++letter)
            EXPECT_TRUE(run(queue_.add(message_to({"x@" + domain}))).has_value());
    }
    const auto other = server("z.test", "192.0.2.3");
    relay_->wake();
    time_.run_for(seconds(1));
    send({"bob@z.test"});
    time_.run_for(seconds(5));
    EXPECT_THAT(other->taken, SizeIs(1));
}

TEST_F(RelayTest, AnExceptionInADeliveryFreesItsPlaceAndTheItemIsTriedAgain) {
    const auto sink = server("b.test", "192.0.2.2");
    resolver_.breaking = "b.test";
    send({"bob@b.test"});
    time_.run_for(seconds(5));
    const std::vector<store::QueuedMessage> left = queued();
    ASSERT_THAT(left, SizeIs(1));
    const store::QueueRecipient& waiting = left[0].items[0].recipients[0];
    EXPECT_EQ(waiting.state, store::RecipientState::deferred);
    EXPECT_EQ(waiting.last_reply, "4.3.0 the sending server had a fault of its own") << "and not the exception's words";
    for (int i = 0; i < 5; ++i)
        send({"bob@b.test"});
    time_.run_for(seconds(5));
    EXPECT_THAT(sink->taken, SizeIs(5)) << "the place is free";
    time_.run_for(hours(1));
    EXPECT_THAT(sink->taken, SizeIs(6));
    EXPECT_THAT(queued(), IsEmpty());
}

TEST_F(RelayTest, AnOrderlyStopLetsABodyUnderWayEnd) {
    const auto sink = server("b.test", "192.0.2.2");
    sink->hangs = Sink::Hangs::before_the_last_reply;
    send({"bob@b.test"});
    time_.run_for(seconds(1));
    ASSERT_EQ(sink->bodies, 1U);
    async::TaskGroup stopping{time_.executor(), [](std::string_view, std::string_view reason) { FAIL() << reason; }};
    stopping.spawn("stop", relay_->stop());
    stopped_ = true;
    time_.run_for(seconds(2));
    EXPECT_EQ(stopping.running(), 1U) << "it waits";
    sink->go_on.set();
    time_.run_for(seconds(1));
    EXPECT_EQ(stopping.running(), 0U);
    EXPECT_THAT(queued(), IsEmpty()) << "the next start would send it again";
}

TEST_F(RelayTest, AnOrderlyStopDoesNotWaitForEver) {
    const auto sink = server("b.test", "192.0.2.2");
    sink->hangs = Sink::Hangs::before_the_last_reply;
    const auto other = server("hangs.test", "192.0.2.3");
    other->hangs = Sink::Hangs::at_greeting;
    send({"bob@b.test", "x@hangs.test"});
    time_.run_for(seconds(1));
    ASSERT_EQ(sink->bodies, 1U);
    const Instant begin = time_.instant();
    run(relay_->stop());
    stopped_ = true;
    EXPECT_LE(time_.instant() - begin, Duration(kStopTime));
    ASSERT_THAT(queued(), SizeIs(1));
    EXPECT_THAT(queued()[0].items, SizeIs(2)) << "it is sent again after the start";
}

TEST_F(RelayTest, ADeadNameServerBehindTheFirstExchangerDelaysNothing) {
    const auto sink = server("b.test", "192.0.2.2");
    resolver_.table.add("b.test", "MX", "20 mx.dead.test");
    resolver_.hanging = "mx.dead.test";
    send({"bob@b.test"});
    time_.run_for(seconds(5));
    EXPECT_THAT(sink->taken, SizeIs(1));
}

TEST_F(RelayTest, FailuresOfOneRoundAreOneReport) {
    const auto one = server("b.test", "192.0.2.2");
    const auto two = server("c.test", "192.0.2.3");
    const auto slow = server("d.test", "192.0.2.4");
    slow->hangs = Sink::Hangs::before_the_last_reply;
    send({"nobody@b.test", "nobody@c.test", "dora@d.test", "nobody@nowhere.test"});
    time_.run_for(seconds(10));
    EXPECT_EQ(alices_messages(), 0U) << "it waits for the others";
    slow->go_on.set();
    time_.run_for(seconds(10));
    EXPECT_EQ(alices_messages(), 1U);
    EXPECT_THAT(queued(), IsEmpty());
}

TEST_F(RelayTest, AReportWaitsForOthersOnlyAWhile) {
    const auto one = server("b.test", "192.0.2.2");
    const auto slow = server("d.test", "192.0.2.4");
    slow->hangs = Sink::Hangs::before_the_last_reply;
    send({"nobody@b.test", "dora@d.test"});
    time_.run_for(minutes(4));
    EXPECT_EQ(alices_messages(), 0U);
    ASSERT_EQ(slow->bodies, 1U);
    time_.run_for(minutes(2));
    EXPECT_EQ(alices_messages(), 1U);
    EXPECT_THAT(queued(), SizeIs(1)) << "what is under way stays";
}

} // namespace
} // namespace tegami::relay
