// The cast of every test here: alice at a.test and bob at b.test, each with a mail program of her or his own.
#pragma once

#include "simulation/client.h"
#include "simulation/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tegami::simulation {

struct TwoServers {
    explicit TwoServers(std::uint64_t seed, ServerCertificates certificates = {})
        : world(seed), a(&world, "a.test", "192.0.2.1", certificates), b(&world, "b.test", "192.0.2.2", certificates) {
        a.add_account("alice@a.test", "wonderland");
        b.add_account("bob@b.test", "builder77");
    }

    ~TwoServers() { EXPECT_THAT(world.problems, ::testing::IsEmpty()); }

    net::Network& client() { return world.network.host(client_address()); }

    SubmissionResult alice_writes(std::vector<std::string> to, std::string_view subject) {
        return world.run(submit(&client(), &world.time, letter(std::move(to), subject)));
    }

    Submission letter(std::vector<std::string> to, std::string_view subject) const {
        const std::string name(subject);
        return {.server = {a.address(), kSubmissionPort},
                .user = "alice@a.test",
                .password = "wonderland",
                .from = "alice@a.test",
                .to = std::move(to),
                .message = "From: alice@a.test\r\nSubject: " + name + "\r\nMessage-ID: <" + name +
                           "@client.test>\r\n\r\nHello from Alice.\r\n"};
    }

    std::vector<std::string> alice_fetches(bool remove = false) {
        return fetch_from(a, "alice@a.test", "wonderland", remove);
    }

    std::vector<std::string> bob_fetches(bool remove = false) {
        return fetch_from(b, "bob@b.test", "builder77", remove);
    }

    /// Messages that wait at A.
    std::size_t queued_at_a() {
        return world.run(a.queue().list(store::QueueId(), store::kQueuePageMax)).value().messages.size();
    }

    static IpAddress client_address() { return IpAddress::parse("198.51.100.7").value(); }

    Simulation world;
    SimulatedServer a;
    SimulatedServer b;

private:
    std::vector<std::string> fetch_from(const SimulatedServer& server, std::string user, std::string password,
                                        bool remove) {
        auto messages = world.run(
            fetch(&client(), &world.time, {server.address(), kPop3Port}, std::move(user), std::move(password), remove));
        EXPECT_TRUE(messages.has_value()) << "the POP3 session failed";
        return messages.value_or(std::vector<std::string>{});
    }
};

/// Events of this kind.
inline std::size_t count_events(const std::vector<store::JourneyEvent>& events, std::string_view kind) {
    return static_cast<std::size_t>(std::ranges::count(events, kind, &store::JourneyEvent::kind));
}

} // namespace tegami::simulation
