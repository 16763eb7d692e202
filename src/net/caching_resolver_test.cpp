// What the cache in front of the resolver remembers, for how long, and how much of it.
#include "async/context_pool.h"
#include "async/virtual_time.h"
#include "net/caching_resolver.h"
#include "net/simulated_resolver.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <gmock/gmock.h>

#include <atomic>
#include <future>

namespace tegami::net::testing {
namespace {

using std::chrono::seconds;

/// Answers everything at once, and counts.
class Source final : public Resolver {
public:
    explicit Source(DnsAnswer given) : answer(std::move(given)) {}

    async::Awaitable<DnsAnswer> query(dns::Name, dns::Type) override {
        ++asked;
        co_return answer;
    }

    DnsAnswer answer;
    std::atomic<int> asked = 0;
};

DnsAnswer answer_of(DnsStatus status, std::uint32_t ttl_seconds, std::string text = "v=spf1 -all") {
    DnsAnswer answer{.status = status, .secure = true, .ttl_seconds = ttl_seconds, .text = "TXT"};
    if (status == DnsStatus::no_error)
        answer.records.push_back({.name = dns::Name::parse("a.test").value(),
                                  .type = dns::Type::txt,
                                  .ttl_seconds = ttl_seconds,
                                  .data = dns::TxtData{{std::move(text)}}});
    return answer;
}

class CachingResolverTest : public ::testing::Test {
protected:
    void begin(DnsAnswer answer, std::size_t bytes_max = kRememberedBytesMax) {
        auto made = std::make_unique<Source>(std::move(answer));
        source = made.get();
        resolver.emplace(std::move(made), &time, bytes_max);
    }

    DnsAnswer ask(std::string_view name, dns::Type type = dns::Type::txt) {
        return time.run(resolver->query(dns::Name::parse(name).value(), type));
    }

    async::VirtualTime time{1};
    Source* source = nullptr;
    std::optional<CachingResolver> resolver;
};

TEST_F(CachingResolverTest, RemembersAnAnswerForItsTtl) {
    begin(answer_of(DnsStatus::no_error, 60));
    const DnsAnswer first = ask("a.test");
    time.run_for(seconds(59));
    const DnsAnswer again = ask("A.TEST");
    EXPECT_EQ(source->asked, 1);
    EXPECT_EQ(again.records, first.records);
    EXPECT_TRUE(again.secure);
    EXPECT_EQ(again.text, first.text);
    EXPECT_EQ(again.ttl_seconds, 1U);
    EXPECT_TRUE(resolver->remembered(dns::Name::parse("a.test").value(), dns::Type::txt));
    time.run_for(seconds(1));
    EXPECT_FALSE(resolver->remembered(dns::Name::parse("a.test").value(), dns::Type::txt));
    ask("a.test");
    EXPECT_EQ(source->asked, 2);
    ask("a.test", dns::Type::mx);
    ask("b.test");
    EXPECT_EQ(source->asked, 4);
}

TEST_F(CachingResolverTest, RemembersThatThereIsNothing) {
    for (const DnsStatus status : {DnsStatus::no_data, DnsStatus::name_does_not_exist}) {
        begin(answer_of(status, 60));
        ask("a.test");
        EXPECT_EQ(ask("a.test").status, status);
        EXPECT_EQ(source->asked, 1);
    }
}

TEST_F(CachingResolverTest, RemembersAFailureForAMoment) {
    for (const DnsStatus status : {DnsStatus::server_failure, DnsStatus::timed_out, DnsStatus::bogus}) {
        begin(answer_of(status, 60));
        ask("a.test");
        EXPECT_EQ(ask("a.test").status, status);
        EXPECT_EQ(source->asked, 1);
        time.run_for(kFailureTime);
        ask("a.test");
        EXPECT_EQ(source->asked, 2);
    }
}

TEST_F(CachingResolverTest, DoesNotRememberWhatHoldsForNoTime) {
    begin(answer_of(DnsStatus::no_error, 0));
    ask("a.test");
    ask("a.test");
    EXPECT_EQ(source->asked, 2);
}

TEST_F(CachingResolverTest, ForgetsAfterAnHourWhateverTheTtl) {
    begin(answer_of(DnsStatus::no_error, 1'000'000));
    ask("a.test");
    time.run_for(kRememberedTime);
    ask("a.test");
    EXPECT_EQ(source->asked, 2);
}

TEST_F(CachingResolverTest, TakesNoMoreRoomThanItIsGiven) {
    constexpr int kNames = 4000;
    const std::string text(1000, 'x');
    begin(answer_of(DnsStatus::no_error, 3600, text), 1U << 20);
    for (int i = 0; i < kNames; ++i) {
        ask("n" + std::to_string(i) + ".test");
        ask("often.test");
    }
    EXPECT_LE(source->asked, kNames + 40); // what is asked often stays
    int there = 0;
    for (int i = 0; i < kNames; ++i)
        there +=
            resolver->remembered(dns::Name::parse("n" + std::to_string(i) + ".test").value(), dns::Type::txt) ? 1 : 0;
    EXPECT_GT(there, 100);
    EXPECT_LT(there * text.size(), 1U << 20);
    source->answer = answer_of(DnsStatus::no_error, 3600, std::string(1U << 20, 'x'));
    ask("large.test");
    EXPECT_FALSE(resolver->remembered(dns::Name::parse("large.test").value(), dns::Type::txt));
}

async::Awaitable<> ask_often(CachingResolver* resolver, int seed) {
    for (int i = 0; i < 500; ++i) {
        const auto name = dns::Name::parse("n" + std::to_string((i * seed) % 97) + ".test");
        const DnsAnswer answer = co_await resolver->query(*name, dns::Type::txt);
        EXPECT_EQ(answer.records.size(), 1U);
    }
}

TEST(CachingResolverThreads, MayBeAskedFromAll) {
    async::RealTimers timers;
    CachingResolver resolver(std::make_unique<Source>(answer_of(DnsStatus::no_error, 60)), &timers, 64U << 10);
    async::ContextPool contexts(3, [](std::string_view reason) { ADD_FAILURE() << reason; });
    std::vector<std::future<void>> asking;
    for (int i = 0; i < 6; ++i)
        asking.push_back(boost::asio::co_spawn(contexts.executor(static_cast<std::size_t>(i) % 3),
                                               ask_often(&resolver, 1 + i), boost::asio::use_future));
    for (std::future<void>& each : asking)
        each.get();
    contexts.release();
    contexts.join();
}

} // namespace
} // namespace tegami::net::testing
