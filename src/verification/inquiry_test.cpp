#include "verification/inquiry.h"

#include "async/virtual_time.h"
#include "net/simulated_resolver.h"

#include <gtest/gtest.h>

#include <string>

namespace tegami::verification {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// A server that answers TXT questions late, or never.
class SlowResolver final : public net::Resolver {
public:
    SlowResolver(async::Timers* timers, Duration latency) : timers_(timers), latency_(latency) {}

    async::Awaitable<net::DnsAnswer> query(dns::Name, dns::Type) override {
        ++asked;
        co_await async::sleep(timers_, latency_);
        net::DnsAnswer answer;
        answer.status = net::DnsStatus::name_does_not_exist;
        co_return answer;
    }

    std::size_t asked = 0;

private:
    async::Timers* timers_;
    Duration latency_;
};

trust::OpenQuestions questions(std::size_t count, std::size_t from = 0) {
    trust::OpenQuestions open;
    for (std::size_t i = from; i < from + count; ++i)
        open.push_back({.name = *dns::Name::parse("n" + std::to_string(i) + ".test"), .type = dns::Type::txt});
    return open;
}

trust::AnswerKind kind(const Inquiry& inquiry, std::size_t number) {
    const trust::Question asked = questions(1, number).front();
    return (*inquiry.answers().find(asked.name, asked.type))->kind;
}

TEST(Inquiry, AsksEachQuestionOnceAndAllAtTheSameTime) {
    async::VirtualTime time(1);
    SlowResolver resolver(&time, milliseconds(100));
    Inquiry inquiry(resolver, time);
    const Instant start = time.instant();
    time.run(inquiry.ask(questions(10)));
    time.run(inquiry.ask(questions(12)));
    EXPECT_EQ(time.instant() - start, milliseconds(200));
    EXPECT_EQ(resolver.asked, 12U);
    EXPECT_EQ(kind(inquiry, 11), trust::AnswerKind::no_name);
}

TEST(Inquiry, EndsWhateverNameServersDo) {
    async::VirtualTime time(1);
    SlowResolver silent(&time, std::chrono::hours(1));
    Inquiry inquiry(silent, time);
    const Instant start = time.instant();
    time.run(inquiry.ask(questions(3)));
    EXPECT_EQ(time.instant() - start, kAskingTimeMax);
    EXPECT_EQ(kind(inquiry, 2), trust::AnswerKind::failure);
    time.run(inquiry.ask(questions(3, 3)));
    EXPECT_EQ(time.instant() - start, kAskingTimeMax) << "no time is left";
    EXPECT_EQ(silent.asked, 3U);
    EXPECT_EQ(kind(inquiry, 5), trust::AnswerKind::failure);
}

TEST(Inquiry, EndsHoweverMuchIsAsked) {
    async::VirtualTime time(1);
    SlowResolver resolver(&time, milliseconds(1));
    Inquiry inquiry(resolver, time);
    time.run(inquiry.ask(questions(kQuestionsMax - 1)));
    time.run(inquiry.ask(questions(50, 1000)));
    EXPECT_EQ(resolver.asked, kQuestionsMax);
    EXPECT_EQ(kind(inquiry, 1000), trust::AnswerKind::no_name);
    EXPECT_EQ(kind(inquiry, 1049), trust::AnswerKind::failure);
}

TEST(Inquiry, SettlesAVerdict) {
    async::VirtualTime time(1);
    net::SimulatedResolver resolver(&time);
    resolver.add("a.test", "MX", "10 mail.a.test");
    resolver.add("mail.a.test", "A", "192.0.2.1");
    resolver.set_secure("a.test", true);
    resolver.fail("broken.test", net::DnsStatus::bogus);
    Inquiry inquiry(resolver, time);
    const trust::Evaluator<std::string> evaluate =
        [](const trust::DnsAnswers& answers) -> trust::Evaluation<std::string> {
        TRY(const trust::Answer* mx, answers.find(*dns::Name::parse("a.test"), dns::Type::mx));
        const dns::Name host = std::get<dns::MxData>(mx->records.at(0).data).exchange;
        TRY(const trust::Answer* address, answers.find(host, dns::Type::a));
        TRY(const trust::Answer* broken, answers.find(*dns::Name::parse("broken.test"), dns::Type::a));
        EXPECT_TRUE(mx->secure);
        EXPECT_FALSE(address->secure);
        EXPECT_EQ(broken->kind, trust::AnswerKind::failure);
        return dns::to_string(address->records.at(0).data);
    };
    EXPECT_EQ(time.run(inquiry.settle(evaluate)), "192.0.2.1");
}

} // namespace
} // namespace tegami::verification
