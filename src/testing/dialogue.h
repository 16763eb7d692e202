// A client of a line protocol over a network, as tests need one: it speaks when the server has become quiet.
#pragma once

#include "base/clock.h"
#include "net/network.h"

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace tegami::testing {

using Texts = std::vector<std::string>;

/// How long a server must say nothing before it counts as waiting for the client.
inline constexpr auto kQuiet = std::chrono::minutes(1);

/// Adds to `heard` until nothing has come for a while; false, with "(closed)" added, once the connection is gone.
inline async::Awaitable<bool> listen_until_quiet(net::Stream* stream, const Clock* clock, std::string* heard) {
    for (;;) {
        stream->set_deadline(clock->instant() + kQuiet);
        std::string octets(8192, '\0');
        const auto got = co_await stream->read_some(octets.data(), octets.size());
        if (!got && got.error() == net::IoError::timed_out) co_return true;
        if (!got) {
            *heard += "(closed)";
            co_return false;
        }
        heard->append(octets, 0, *got);
    }
}

/// Sends each text when the server has become quiet; what it said first and after each of them.
inline async::Awaitable<Texts> talk(net::Network* network, const Clock* clock, net::Endpoint server, Texts sends) {
    auto stream = co_await network->connect(server, {});
    Texts answers(1);
    bool open = co_await listen_until_quiet(stream->get(), clock, &answers.back());
    for (std::string& octets : sends) {
        answers.emplace_back();
        if (!open) continue;
        (*stream)->set_deadline(Instant::max());
        const auto written = co_await (*stream)->write_all(std::move(octets));
        open = written.has_value();
        if (open) open = co_await listen_until_quiet(stream->get(), clock, &answers.back());
    }
    co_return answers;
}

/// Sends `octets` and waits until the server hangs up; all it said.
inline async::Awaitable<std::string> wait_for_end(net::Network* network, net::Endpoint server, std::string octets) {
    auto stream = co_await network->connect(server, {});
    const auto written = co_await (*stream)->write_all(std::move(octets));
    EXPECT_TRUE(written.has_value());
    std::string heard;
    for (;;) {
        std::string buffer(8192, '\0');
        const auto got = co_await (*stream)->read_some(buffer.data(), buffer.size());
        if (!got) co_return heard;
        heard.append(buffer, 0, *got);
    }
}

} // namespace tegami::testing
