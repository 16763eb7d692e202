// The relay between a queue on the memory engine and servers on the simulated network that hang, break, refuse or lie.
#pragma once

#include "base/address_reach.h"
#include "message/card.h"
#include "net/simulated_resolver.h"
#include "relay/acceptor_fixture.h"
#include "relay/relay.h"
#include "testing/mail_world.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <stdexcept>

namespace tegami::relay {

inline const IpAddress kOurAddress = IpAddress::parse("192.0.2.1").value();
inline constexpr std::string_view kReturnPath = "Return-Path: <alice@a.test>\r\n";

/// Answers as the table says, but never for some names, and breaks once for others.
class TestResolver final : public net::Resolver {
public:
    explicit TestResolver(async::VirtualTime* time) : table(time), time_(time) {}

    async::Awaitable<net::DnsAnswer> query(dns::Name name, dns::Type type) override {
        if (breaking == name.to_string()) {
            breaking.clear();
            throw std::runtime_error("made to break");
        }
        if (hanging == name.to_string()) co_await async::sleep(time_, std::chrono::hours(1));
        co_return co_await table.query(std::move(name), type);
    }

    net::SimulatedResolver table;
    std::string hanging;
    std::string breaking;

private:
    async::VirtualTime* time_;
};

/// A server of other people: takes what comes, says 550 to nobody@, hangs where it is told to, or says what the test
/// wants.
class Sink {
public:
    enum class Hangs { never, at_greeting, before_the_last_reply };

    Sink(async::VirtualTime* time, net::SimulatedNetwork* network, std::string_view at)
        : go_on(time->executor()), time_(*time), acceptor_(*time, *network, {IpAddress::parse(at).value(), 25},
                                                           [this](auto stream) { return serve(stream); }) {}

    Hangs hangs = Hangs::never;
    std::string greeting = "220 sink";
    std::map<std::string, std::string> answers;       ///< by how commands begin; "." is the end of the message
    std::size_t answers_max = SIZE_MAX;               ///< of one connection, then it breaks
    std::shared_ptr<const net::TlsServerContext> tls; ///< offered, if there is one
    bool tls_from_the_start = false;
    async::Event go_on;
    std::vector<std::string> taken;    ///< messages
    std::vector<std::string> commands; ///< of all connections
    std::size_t bodies = 0;            ///< ends of messages that came
    std::size_t connections = 0;

private:
    async::Awaitable<> serve(std::shared_ptr<net::Stream> stream) {
        ++connections;
        if (hangs == Hangs::at_greeting) co_await async::sleep(&time_, std::chrono::hours(24));
        bool secure = tls_from_the_start;
        if (secure) {
            const auto begun = co_await stream->start_tls(tls);
            if (!begun) co_return;
        }
        const auto greeted = co_await stream->write_all(greeting + "\r\n");
        if (!greeted) co_return;
        std::string heard;
        bool in_data = false;
        std::size_t answered = 0;
        for (;;) {
            std::string octets(8192, '\0');
            const auto got = co_await stream->read_some(octets.data(), octets.size());
            if (!got) co_return;
            heard.append(octets, 0, *got);
            std::string replies;
            if (tls && !secure && heard.starts_with("EHLO ") && heard.ends_with("\r\n")) {
                commands.push_back(std::exchange(heard, {}));
                replies = "250-sink\r\n250 STARTTLS\r\n";
            }
            const bool starts_tls = tls && heard == "STARTTLS\r\n";
            for (;;) {
                const std::string end = in_data ? "\r\n.\r\n" : "\r\n";
                const std::size_t at = heard.find(end);
                if (at == std::string::npos) break;
                const std::string word = heard.substr(0, at);
                heard.erase(0, at + end.size());
                if (answered++ == answers_max) co_return;
                if (in_data) {
                    ++bodies;
                    if (hangs == Hangs::before_the_last_reply) co_await go_on.wait();
                } else {
                    commands.push_back(word);
                }
                const std::string reply = answer_to(in_data ? "." : word);
                if (in_data && reply.starts_with('2')) taken.push_back(word);
                in_data = !in_data && reply.starts_with("354");
                replies += reply + "\r\n";
            }
            const auto written = co_await stream->write_all(std::move(replies));
            if (!written) co_return;
            if (!starts_tls) continue;
            const auto started = co_await stream->start_tls(tls);
            if (!started) co_return;
            secure = true;
        }
    }

    std::string answer_to(std::string_view word) const {
        for (const auto& [beginning, reply] : answers)
            if (word.starts_with(beginning)) return reply;
        if (word.starts_with("STARTTLS")) return "220 go";
        if (word.starts_with("AUTH")) return "235 2.7.0 welcome";
        if (word.starts_with("DATA")) return "354 go on";
        if (word.starts_with("RCPT TO:<nobody@")) return "550 5.1.1 no such user";
        if (word.starts_with("QUIT")) return "221 bye";
        return "250 2.0.0 ok";
    }

    async::VirtualTime& time_;
    Acceptor acceptor_;
};

class RelayTest : public testing::MailWorld {
protected:
    explicit RelayTest(std::shared_ptr<const net::TlsClientContext> tls = nullptr)
        : MailWorld("a.test"), alice_(add_account("alice@a.test")), tls_(std::move(tls)) {
        delivery_.emplace(store_, queue_, journeys_, time_, delivery::DeliveryOptions{}, [this] { relay_->wake(); });
        start({.host_name = "mail.a.test", .retry = {}});
    }

    void start(RelayOptions options) {
        options.policy_reach = [](const IpAddress& address) { return reach_of(address) != Reach::inside; };
        relay_.emplace(Dependencies{.store = store_,
                                    .queue = queue_,
                                    .journeys = journeys_,
                                    .directory = directory_->lookup(),
                                    .delivery = *delivery_,
                                    .signatures = signatures_,
                                    .return_paths = return_paths_,
                                    .network = network_.host(kOurAddress),
                                    .resolver = resolver_,
                                    .tls = tls_,
                                    .timers = time_,
                                    .random = time_.random(),
                                    .log = log_,
                                    .tls_counter = &tls_counter_},
                       std::move(options), time_.executor());
        tasks_.spawn("relay", relay_->run());
    }

    /// With other options.
    void start_again(RelayOptions options) {
        run(relay_->stop());
        time_.run_for(std::chrono::seconds(1));
        start(std::move(options));
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
        return blob_of("Subject: " + std::string(subject) + "\r\n\r\nbody\r\n");
    }

    store::BlobRef blob_of(std::string_view content) {
        const auto writer = engine_.new_blob();
        std::string octets = std::string(kReturnPath) + std::string(content);
        std::string card = message::encode_card(message::make_card(message::parse_structure(octets)));
        EXPECT_TRUE(run(writer->append(std::move(octets))).has_value());
        return run(writer->finish(std::move(card), "")).value();
    }

    store::QueuedMessage message_to(const std::vector<std::string>& to, std::string_view subject = "x") {
        std::vector<store::QueueRecipient> recipients;
        for (const std::string& each : to)
            recipients.push_back({.address = testing::address(each)});
        store::QueuedMessage queued{.message = {.reverse_path = testing::address("alice@a.test"),
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
    TestResolver resolver_{&time_};
    store::Queue queue_{&engine_, &time_};
    store::AccountId alice_;
    srs::Rewriter return_paths_{"secret", *message::Domain::parse("a.test")};
    signing::Signatures signatures_{directory_->signing_keys(), workers_, time_};
    store::Tally tally_{&engine_, &time_, &log_};
    reporting::TlsCounter tls_counter_{tally_};
    std::shared_ptr<const net::TlsClientContext> tls_;
    std::optional<delivery::Delivery> delivery_;
    std::optional<Relay> relay_;
    bool stopped_ = false;
    async::TaskGroup tasks_{time_.executor(), [](std::string_view, std::string_view reason) { FAIL() << reason; }};
};

} // namespace tegami::relay
